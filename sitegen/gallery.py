"""All charts and tables of a site with the code that shows each elsewhere."""

from collections.abc import Iterator
from dataclasses import replace
from html import escape

from sitegen.embed import Form, find, line, listed
from sitegen.page import Content, Page, PageType, Section
from sitegen.parts import around
from sitegen.published import Published
from sitegen.quotes import at
from sitegen.words import words

_SAID: dict[Form, str] = {
    "iframe": "In a page: an iframe",
    "jekyll": "In a Jekyll post, after --target jekyll",
    "html": "In a page: inline",
    "img": "A picture",
    "markdown": "In Markdown",
}


_PAGE_CHARS = 200_000
"""Of entries on one page; the rest stand on the next."""


def gallery(site: Published) -> Iterator[Page]:
    """The pages, whose pictures are those of the charts."""
    parts: list[list[Section]] = [[]]
    filled = 0
    for name, title, page in listed(site, "iframe"):
        entry = _entry(site, name, title)
        if filled + len(entry) > _PAGE_CHARS:
            parts.append([])
            filled = 0
        filled += len(entry)
        here, heading = parts[-1], page or "Tables"
        if here and here[-1].title == heading:
            here[-1] = replace(here[-1], html=here[-1].html + entry)
        else:
            anchor = f"from-{len(here)}"
            here.append(Section(title=heading, anchor=anchor, html=entry))
    for number, sections in enumerate(parts):
        yield _page(site, sections, number, len(parts))


def _page(site: Published, sections: list[Section], number: int, n: int) -> Page:
    paths = [_path(each) for each in range(n)]
    lead = words(
        "Each chart and table, and the code that shows it elsewhere: click to select. "
        "The command harness-bench embed --as value prints that of single numbers.",
        "" if site.about.get("base_url") else " Addresses begin where this site lies.",
        *((f" Page {number + 1} of {n}. ", *around(paths, number)) if n > 1 else ()),
    )
    part = f", page {number + 1} of {n}" if number else ""
    return Page(
        path=paths[number],
        title=f"Embed{part}",
        description=f"Charts and tables with the code that shows them elsewhere{part}.",
        content=Content(
            heading="Show it elsewhere", lead=(lead,), sections=tuple(sections)
        ),
    )


def _path(number: int) -> str:
    return f"gallery-{number + 1}.html" if number else "gallery.html"


def _entry(site: Published, name: str, title: str) -> str:
    wanted, address = find(site, name), str(site.about.get("base_url", ""))
    picture = ""
    if wanted.name == "chart":
        chart, url = site.chart(name), at("").url
        wide, high = chart["narrow"]
        picture = (
            f'<a href="{url(chart["embed"])}"><img class="thumb" loading="lazy" '
            f'src="{url(f"charts/{name}-narrow.svg")}" alt="{escape(title)}" '
            f'width="{wide}" height="{high}"></a>'
        )
    code = "".join(
        f"<p>{said}</p><pre><code>"
        f"{escape(line(site, wanted, form, base_url=address))}</code></pre>"
        for form, said in _SAID.items()
        # In the others is the whole of a table.
        if picture or form in {"iframe", "jekyll"}
    )
    return (
        f"<h3>{escape(title)}</h3>{picture}"
        f"<details><summary>Code</summary>{code}</details>"
    )


GALLERY = PageType(label="Data", href="data.html", pages=lambda _: ())
"""Its place in the navigation is that of the data."""
