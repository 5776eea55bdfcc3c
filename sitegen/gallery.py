"""All charts and tables of a site with the code that shows each elsewhere."""

from collections.abc import Iterator
from html import escape
from itertools import groupby

from sitegen.embed import FORMS, find, line, listed
from sitegen.page import Content, Page, PageType, Section
from sitegen.published import Published
from sitegen.quotes import Quote, at
from sitegen.words import words

_SAID = {
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
            html="".join(_entries(site, [(name, title) for name, title, _ in found])),
        )
        for number, (page, found) in enumerate(groupby(entries, lambda each: each[2]))
    ]
    lead = words(
        "Each chart and table, and the code that shows it elsewhere: click to select. "
        "Of single numbers, `harness-bench embed --as value` prints it.",
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


def _entries(site: Published, found: list[tuple[str, str]]) -> Iterator[str]:
    for name, title in found:
        wanted = find(site, name)
        yield f"<h3>{escape(title)}</h3>"
        if wanted.name == "chart":
            chart, url = site.chart(name), at("").url
            wide, high = chart["narrow"]
            yield (
                f'<a href="{url(chart["embed"])}"><img class="thumb" loading="lazy" '
                f'src="{url(f"charts/{name}-narrow.svg")}" alt="{escape(title)}" '
                f'width="{wide}" height="{high}"></a>'
            )
        yield f"<details><summary>Code</summary>{_code(site, wanted)}</details>"


def _code(site: Published, wanted: Quote) -> str:
    """In every form but those that hold the whole of a table."""
    address = str(site.about.get("base_url", ""))
    forms = [form for form in FORMS[wanted.name] if form in _SAID]
    if wanted.name == "table":
        forms = [
            f
            for f in ("iframe", "jekyll")
            if f == "jekyll" or wanted.of in site.quotable
        ]
    return "".join(
        f"<p>{_SAID[form]}</p><pre><code>"
        f"{escape(line(site, wanted, form, base_url=address))}</code></pre>"
        for form in forms
    )


GALLERY = PageType(label="Data", href="data.html", pages=lambda _: ())
"""Its place in the navigation is that of the data."""
