"""What a shared link, a search engine and a reader of data sets are told of a site.

All of it needs the address of the site; without one nothing is made up.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from markupsafe import Markup

from sitegen.cards import card_path
from sitegen.escape import script_json, url_path, xml_text
from sitegen.keys import Key
from sitegen.page import Page
from sitegen.site_data import SiteData
from sitegen.view import data_folder

NO_ADDRESS = (
    "without [site] base_url shared links show no picture, and there is no sitemap"
)
_WITH_DATA = ("index.html", "data.html")
_FRONT = "index.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the head of a page says to those who do not read it."""

    title: str
    """Of a shared link."""
    url: str = ""
    """Its address; empty where that of the site is not known."""
    image: str = ""
    """That of the picture of a shared link; empty without one."""
    dataset: Markup | str = ""
    """JSON-LD about the data; only where they are shown."""


def head(page: Page, data: SiteData, base_url: str, drawn: Collection[str]) -> Head:
    """The head of a page.

    Args:
        page: Of the site.
        data: What it is made from.
        base_url: The address of the site with a last slash; empty: not known.
        drawn: Paths of the pictures that there are.
    """
    about = isinstance(page.shows, Key)
    image = next((p for p in (card_path(page), "cards/index.png") if p in drawn), "")
    title = page.title if about else page.content.heading
    if not base_url:
        return Head(title=title)
    return Head(
        title=title,
        url=address(base_url, page.path),
        image=address(base_url, image) if image else "",
        dataset=_dataset(data, base_url) if page.path in _WITH_DATA else "",
    )


def address(base_url: str, path: str) -> str:
    """Where a file of the site stands, percent-encoded."""
    return base_url + url_path("" if path == _FRONT else path)


def for_crawlers(paths: Iterable[str], base_url: str) -> dict[str, bytes]:
    """The list of all pages, and where it is; nothing without an address."""
    if not base_url:
        return {}
    urls = "".join(
        f"<url><loc>{xml_text(address(base_url, path))}</loc></url>\n"
        for path in sorted(paths)
    )
    sitemap = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{urls}</urlset>\n"
    )
    robots = f"User-agent: *\nAllow: /\nSitemap: {address(base_url, 'sitemap.xml')}\n"
    return {"sitemap.xml": sitemap.encode(), "robots.txt": robots.encode()}


def described(data: SiteData) -> dict[str, str]:
    """What the data are called, and what they hold."""
    site, size = data.settings.site, data.results.all.size
    return {
        "name": site.title,
        "description": (
            f"{site.question} Results of {size.combos} combos of language model and "
            f"coding harness on {size.tasks} tasks: pass rates with intervals, times, "
            "and which differences hold."
        ),
    }


def _dataset(data: SiteData, base_url: str) -> Markup:
    """The data files as a `Dataset` of schema.org."""
    files = [
        {
            "@type": "DataDownload",
            "name": file.title,
            "encodingFormat": kind,
            "contentUrl": address(base_url, f"{data_folder(None, data.names)}{name}"),
        }
        for file in data.files[None]
        for name, kind in (
            (f"{file.name}.csv", "text/csv"),
            (f"{file.name}.json", "application/json"),
        )
    ]
    found = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        **described(data),
        "url": address(base_url, "data.html"),
        "measurementTechnique": address(base_url, "methodology.html"),
        "isAccessibleForFree": True,
        "distribution": files,
    }
    # Safe: no string in it can end a script element.
    return Markup(script_json(found))  # noqa: S704
