"""What the search of every page looks through: the entities that have a page."""

from collections.abc import Iterable

from sitegen.escape import script_json
from sitegen.page import Page
from sitegen.parts import MORE

SEARCHED = "assets/pages.js"


def searched(pages: Iterable[Page]) -> bytes:
    """A script that names them, in the order of the site: kind, name, code, address.

    Pages that go on with a long table, or show one scope of an entity, are left out.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for page in pages:
        content = page.content
        goes_on = page.path.startswith(MORE)
        if content.kicker and content.kicker != "Board" and not goes_on:
            entry = [content.kicker, page.title, content.code, page.path]
            found.setdefault((content.kicker, page.title), entry)
    return f"harnessBench.pages({script_json(list(found.values()))});\n".encode()
