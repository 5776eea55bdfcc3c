"""Comparing up to six combos: the page says what the data files say."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from sitegen.build import build
from sitegen.inputs import read_inputs
from sitegen.publish import publish
from tests.records import grid, inputs, with_publish
from tests.sites import EXAMPLE, NARROW, WIDE, example_site, served

pytestmark = pytest.mark.browser


def opened(browser: Browser, url: str, width: int = WIDE, **options: Any) -> Page:  # noqa: ANN401 - of a context
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    page = context.new_page()
    page.goto(url)
    return page


def data(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(example_site()[f"data/{name}.json"])[
        "rows"
    ]
    return found


def slug(row: dict[str, Any], side: str = "") -> str:
    parts = (row[f"{part}{side}"] for part in ("model", "quant", "harness"))
    return "--".join(filter(None, parts)).lower()


def cells(page: Page, section: str) -> list[list[str]]:
    rows = page.locator(f"section[aria-labelledby={section}] tbody tr")
    rows.first.wait_for()
    found: list[list[str]] = rows.evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent.trim()))"
    )
    return found


def test_a_comparison_says_what_the_data_say(
    browser: Browser, example_url: str
) -> None:
    pairs = [row for row in data("pairs") if row["kind"] == "combo"]
    chosen = random.Random(5).sample(pairs, 3)  # noqa: S311 - no secret
    for row in chosen:
        for a, b, sign in (("_a", "_b", 1), ("_b", "_a", -1)):
            url = f"{example_url}compare/index.html#{slug(row, a)},{slug(row, b)}"
            page = opened(browser, url)
            ((_, difference, interval, p, verdict, *_),) = cells(page, "pairs")
            shown = float(difference.replace("−", "-").replace("+", ""))
            assert shown == pytest.approx(sign * row["delta_rate"] * 100, abs=0.051)
            ends = [row["delta_low"], row["delta_high"]]
            if ends[0] is not None:
                texts = interval.replace("−", "-").replace("+", "").split(" to ")
                expected = sorted(sign * end * 100 for end in ends)
                assert [float(text) for text in texts] == pytest.approx(
                    expected, abs=0.51
                )
            assert float(p.lstrip("<>")) == pytest.approx(row["p"], abs=0.006)
            apart = "can be told apart" if row["separable"] else "cannot be told apart"
            assert verdict == apart
            assert apart in page.locator(".lead").inner_text()


def test_an_interval_that_misses_0_beside_chance_is_explained(
    browser: Browser, example_url: str
) -> None:
    known = [r for r in data("pairs") if r["kind"] == "combo" and not r["separable"]]
    known = [row for row in known if row["delta_low"] is not None]
    misses = next(row for row in known if row["delta_low"] * row["delta_high"] > 0)
    reaches = next(row for row in known if row["delta_low"] < 0 < row["delta_high"])
    for row, explained in ((misses, True), (reaches, False)):
        url = f"{example_url}compare/index.html#{slug(row, '_a')},{slug(row, '_b')}"
        section = opened(browser, url).locator("section[aria-labelledby=pairs]")
        section.wait_for()
        assert ("miss 0 by chance" in section.inner_text()) is explained


def test_the_tasks_of_a_comparison_are_those_of_the_cells(
    browser: Browser, example_url: str
) -> None:
    rows = data("cells")
    one, other = slug(rows[0]), slug(rows[-1])
    page = opened(browser, f"{example_url}compare/index.html#{one},{other}")
    page.locator("section[aria-labelledby=tasks]").wait_for()
    marks = page.locator(".marks td[class]:not(.muted)").evaluate_all(
        "all => all.map(e => ({p: 'passed', f: 'failed'})[e.className])"
    )
    order = [row["task"] for row in data("tasks")]
    rate = {(slug(row), row["task"]): row["rate"] for row in rows}
    expected = [
        "passed" if rate[who, task] == 1 else "failed"
        for task in order
        for who in (one, other)
    ]
    assert marks == expected
    parted = [task for task in order if rate[one, task] != rate[other, task]]
    assert page.locator("tr.picked").count() == len(parted)


def test_the_board_leads_to_a_comparison_and_back(
    browser: Browser, example_url: str
) -> None:
    page = opened(browser, example_url)
    for index in range(3):
        page.locator("[data-board] tbody input").nth(index).click()
    page.locator(".tray .go").click()
    expect(page.locator("h1")).to_have_text("3 combos compared")
    assert len(cells(page, "pairs")) == 3
    page.get_by_role("link", name="Choose others").click()
    expect(page.locator(".tray")).to_contain_text("3 chosen")


def test_an_unknown_combo_is_said_and_left_out(
    browser: Browser, example_url: str
) -> None:
    known = [slug(row) for row in data("combos")[:2]]
    page = opened(browser, f"{example_url}compare/index.html#{','.join(known)},nobody")
    expect(page.locator(".lead")).to_contain_text("Not compared: nobody")
    page.goto(f"{example_url}compare/index.html#nobody")
    expect(page.locator("h1")).to_have_text("Compare combos")
    expect(page.locator(".lead")).to_contain_text("press Compare")
    page.goto(f"{example_url}compare/index.html#{known[0]}")
    expect(page.locator(".lead")).to_contain_text("it takes two to compare")


def test_every_pair_of_the_example_is_there_with_its_difference(
    browser: Browser, example_url: str
) -> None:
    rows = data("combos")
    ids = [slug(rows[0]), slug(rows[-1])]
    page = opened(browser, f"{example_url}compare/index.html#{','.join(ids)}")
    (line,) = cells(page, "pairs")
    assert line[1] == f"+{100 * (rows[0]['rate'] - rows[-1]['rate']):.1f}"
    expect(page.locator("main")).not_to_contain_text("of the ranking")


def test_of_a_pair_that_is_not_published_the_verdict_is_that_of_the_tiers(
    browser: Browser, tmp_path: Path
) -> None:
    grids = {f"m{i:03}//h": dict.fromkeys("abc", "-" if i else "+") for i in range(102)}
    site = build(inputs(grid(grids)))
    publish(site, tmp_path / "site")
    rows = json.loads(site["data/combos.json"])["rows"]
    first, last = rows[0], rows[-1]
    with served(tmp_path / "site") as url:
        page = opened(browser, f"{url}compare/index.html#{slug(first)},{slug(last)}")
        (line,) = cells(page, "pairs")
        share = set(first["tier"]) & set(last["tier"])
        assert line[1] == "–"
        assert line[4] == ("cannot be told apart" if share else "can be told apart")
        expect(page.locator("main")).to_contain_text("for the first 100 of the ranking")


def test_private_cells_leave_totals_alone(browser: Browser, tmp_path: Path) -> None:
    site = build(with_publish(read_inputs([EXAMPLE]), cells=False))
    publish(site, tmp_path / "site")
    with served(tmp_path / "site") as url:
        ids = [slug(r) for r in json.loads(site["data/combos.json"])["rows"][:2]]
        page = opened(browser, f"{url}compare/index.html#{','.join(ids)}", NARROW)
        expect(page.locator(".lead")).to_contain_text("would give private cells away")
        expect(page.locator("main")).to_contain_text("private, and not shown")
        assert not page.locator("section[aria-labelledby=pairs]").count()
    own = site[f"compare/combos/{ids[0]}.js"].decode()
    assert '"tasks":{}' in own.replace("\\u007b", "{")
    assert '"pairs":{}' in own


def test_without_a_script_the_page_says_what_it_needs(
    browser: Browser, example_url: str
) -> None:
    page = opened(
        browser, f"{example_url}compare/index.html", java_script_enabled=False
    )
    expect(page.locator(".lead")).to_contain_text("pairs.csv")
