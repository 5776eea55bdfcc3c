"""The page with the code of everything that can be shown elsewhere."""

from html import unescape

from sitegen.gallery import gallery
from sitegen.published import Published
from tests.odd_names import built
from tests.sites import Document, broken_links, example_site


def test_every_chart_and_table_stands_there_with_its_code() -> None:
    site = example_site()
    pages = {path: site[path] for path in site if path.startswith("gallery")}
    page = b"".join(pages.values()).decode()
    published = Published(files=site)
    for chart in published.charts:
        assert f"https://example.org/bench/embed/{chart}.html" in page
        assert unescape(f'chart.html id="{chart}"') in unescape(page)
    for table in published.quotable:
        assert f"https://example.org/bench/embed/tables/{table}.html" in page
        assert f"embed/tables/{table}.html" in site
    assert "data/cells" not in page
    assert page.count('loading="lazy"') >= len(published.charts)
    assert "gallery-2.html" in Document(site["gallery.html"]).addresses
    assert broken_links(pages, site) == []
    assert 'href="gallery.html"' in site["data.html"].decode()


def test_names_stay_names_in_the_code() -> None:
    published = Published(files=built(models=('<i>"{{ x }}"', "</code>")))
    parts = [each.html for page in gallery(published) for each in page.content.sections]
    found = Document("".join(parts).encode())
    assert "<i>" not in "".join(parts)
    assert found.addresses
