"""All charts and tables of a site with the code that shows each elsewhere."""

from html import escape
from itertools import groupby

from sitegen.embed import Form, find, line, listed
from sitegen.page import Content, Page, PageType, Section
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


def gallery(site: Published) -> Page:
    """The page, whose pictures are those of the charts."""
    entries = listed(site, "iframe")
    sections = [
        Section(
            title=page or "Tables",
            anchor=f"from-{number}",
            html="".join(_entry(site, name, title) for name, title, _ in found),
        )
        for number, (page, found) in enumerate(groupby(entries, lambda each: each[2]))
    ]
    lead = words(
        "Each chart and table, and the code that shows it elsewhere: click to select. "
        "The command harness-bench embed --as value prints that of single numbers.",
        "" if site.about.get("base_url") else " Addresses begin where this site lies.",
    )
    return Page(
        path="gallery.html",
        title="Embed",
        description="Charts and tables with the code that shows them elsewhere.",
        content=Content(
            heading="Show it elsewhere", lead=(lead,), sections=tuple(sections)
        ),
    )


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
