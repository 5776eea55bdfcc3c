"""What crawlers and shared links are told."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from html import unescape
from xml.etree import ElementTree as ET

import pytest

from sitegen.build import build
from sitegen.site import Site
from tests.sitegen.test_cards import BASE, small
from tests.sites import example_site, pages_of


def draw(svgs: Mapping[str, str]) -> dict[str, bytes]:
    return {path: svg.encode() for path, svg in svgs.items()}


@pytest.fixture(scope="module")
def site() -> Site:
    return build(small(title='A "bench" <1> {{ x }}'), draw=draw)


def said(page: bytes, name: str) -> str:
    found = re.search(
        rf'<meta (?:name|property)="{name}" content="([^"]*)">', page.decode()
    )
    return unescape(found[1]) if found else ""


def test_every_page_has_a_whole_sentence_as_its_description() -> None:
    for path in pages_of(example_site()):
        if path.startswith("embed/") or path == "404.html":
            continue
        told = said(example_site()[path], "description")
        assert told.endswith((".", "?")), (path, told)
        assert "…" not in told
        assert told == said(example_site()[path], "og:description")


def test_a_shared_page_shows_its_own_card_or_the_boards(site: Site) -> None:
    for path in pages_of(site):
        image = said(site[path], "og:image")
        if path.startswith("embed/") or path == "404.html":
            assert not image
        else:
            assert image.removeprefix(BASE) in site
    assert said(site["models/large.html"], "og:image").endswith(
        "cards/models/large.png"
    )
    assert said(site["data.html"], "og:image") == f"{BASE}cards/index.png"
    assert said(site["data.html"], "twitter:card") == "summary_large_image"


def test_without_cards_links_promise_no_picture() -> None:
    page = build(small())["index.html"]
    assert said(page, "og:image") == ""
    assert said(page, "twitter:card") == "summary"


def test_the_front_page_is_called_by_its_question(site: Site) -> None:
    assert said(site["index.html"], "og:title") == "Which model, in which harness?"
    assert (
        b"<title>Which model, in which harness? \xc2\xb7 A &#34;bench&#34;"
        in site["index.html"]
    )


def test_the_sitemap_lists_every_page_by_its_whole_address(site: Site) -> None:
    found = [
        element.text or ""
        for element in ET.fromstring(site["sitemap.xml"]).iter()  # noqa: S314 - our own
        if element.tag.endswith("loc")
    ]
    pages = {p for p in pages_of(site) if not p.startswith("embed/")} - {"404.html"}
    assert {each.removeprefix(BASE) or "index.html" for each in found} == pages
    assert f"Sitemap: {BASE}sitemap.xml" in site["robots.txt"].decode()


def test_the_data_set_names_files_that_are_there(site: Site) -> None:
    for path in ("index.html", "data.html"):
        (text,) = re.findall(
            r'<script type="application/ld\+json">(.*)</script>', site[path].decode()
        )
        assert "{{" not in text
        found = json.loads(text)
        assert found["@type"] == "Dataset"
        assert found["name"] == 'A "bench" <1> {{ x }}'
        assert 50 <= len(found["description"]) <= 5000
        for file in found["distribution"]:
            assert file["contentUrl"].removeprefix(BASE) in site


def test_without_an_address_no_absolute_link_is_made_up() -> None:
    inputs = small(base_url="")
    site = build(replace(inputs), draw=draw)
    assert not {"sitemap.xml", "robots.txt"} & site.keys()
    for path in pages_of(site):
        head = site[path].decode().split("</head>")[0]
        assert "http" not in head.replace("http-equiv", ""), path
        assert "ld+json" not in head
