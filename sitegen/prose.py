"""Markdown of the site's owner -> HTML."""

import html
import re
from xml.etree.ElementTree import Element

_HEADING = re.compile(r"h[1-6]")
_PASSED_OVER = re.compile(r"[\x00-\x20]")
"""What a browser does not read in the scheme of an address."""
_SCHEME = re.compile(r"([^/?#]*?):")
_SCHEMES = frozenset({"http", "https", "mailto"})


def markdown_html(text: str, *, top: int = 3) -> str:
    """Render Markdown with tables; markup in it is shown, not run.

    Its headings come under those of the page: the highest becomes one of the level
    `top`. A link may lead to a page of the site or of the web, and nowhere else.
    """
    # Slow to import, and most sites have no prose.
    import markdown  # noqa: PLC0415
    from markdown.treeprocessors import Treeprocessor  # noqa: PLC0415

    class _Settle(Treeprocessor):
        def run(self, root: Element) -> None:
            _sink(root, top)
            for element in root.iter():
                _disarm(element)

    reader = markdown.Markdown(
        extensions=["tables", "sane_lists"], output_format="html"
    )
    reader.preprocessors.deregister("html_block")
    reader.inlinePatterns.deregister("html")
    # After all others, of which the last puts escaped characters back.
    reader.treeprocessors.register(_Settle(reader), "settle", -1)
    return reader.convert(text)


def _sink(root: Element, top: int) -> None:
    headings = [e for e in root.iter() if _HEADING.fullmatch(e.tag)]
    highest = min((int(e.tag[1]) for e in headings), default=1)
    for element in headings:
        element.tag = f"h{min(int(element.tag[1]) - highest + top, 6)}"


def _disarm(element: Element) -> None:
    """Take an address away that runs something."""
    for name in ("href", "src"):
        address = _PASSED_OVER.sub("", html.unescape(element.get(name, "")))
        scheme = _SCHEME.match(address)
        if scheme and scheme[1].lower() not in _SCHEMES:
            element.set(name, "#")
