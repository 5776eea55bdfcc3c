"""Page types and charts are found in one list, and what follows from them."""

import pkgutil
import re
from dataclasses import replace

import pytest

import sitegen.pages
from sitegen.build import build, chart_kinds
from sitegen.pages import PAGE_TYPES
from sitegen.posts import PAGES as POSTS
from tests.records import grid, inputs
from tests.sites import example_site


def entries(page: bytes) -> list[str]:
    """The labels of the navigation."""
    head, _, rest = page.decode().partition("</nav>")
    assert rest
    return re.findall(r"<li><a [^>]*>([^<]*)</a></li>", head)


def drawn(page: bytes) -> list[str]:
    """The charts of a page, in their order."""
    return re.findall(r'data-chart="([^"]*)"', page.decode())


def test_every_module_of_pages_is_in_the_list() -> None:
    modules = {found.name for found in pkgutil.iter_modules(sitegen.pages.__path__)}
    listed = {kind.pages.__module__.rpartition(".")[2] for kind in PAGE_TYPES}
    assert listed == modules


def test_the_navigation_has_an_entry_for_each_type_that_made_its_first_page() -> None:
    site = example_site()
    small = build(inputs(grid({"m//h": {"t": "+"}})))
    assert {"claims.html"} <= site.keys() - small.keys()
    for each in (site, small):
        made = [kind.label for kind in (*PAGE_TYPES, POSTS) if kind.href in each]
        assert entries(each["index.html"]) == list(dict.fromkeys(made))
    assert "Claims" in entries(site["index.html"])
    assert "Claims" not in entries(small["index.html"])


def test_the_analysis_page_shows_every_chart_once() -> None:
    found = drawn(example_site()["analysis.html"])
    assert sorted(found) == sorted(kind.id for kind in chart_kinds())


def test_a_chart_that_answers_no_question_stands_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kinds = chart_kinds()
    first = next(kind for kind in kinds if kind.question == "combos")
    more = replace(first, id="a_plugin", question=None)
    monkeypatch.setattr("sitegen.build.chart_kinds", lambda: (more, *kinds))
    site = build(inputs(grid({"m//h": {"t": "+"}, "n//h": {"t": "-"}}, agent_time_s=1)))
    found = drawn(site["analysis.html"])
    asked = [
        found.index(kind.id) for kind in kinds if kind.id in found and kind.question
    ]
    assert found.index(first.id) in asked
    assert found.index("a_plugin") > max(asked)
