"""What a feed tells of publishes, and what it keeps to itself."""

import re
from dataclasses import replace
from typing import Any

import pytest

from sitegen.build import build
from sitegen.config import Publish
from sitegen.feed import FEED, TAKEN_OVER, Before
from sitegen.inputs import Inputs
from sitegen.records import Records
from sitegen.site import Site
from tests.records import record
from tests.sitegen.test_cards import BASE, small

feedparser = pytest.importorskip("feedparser")

DAYS = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")


def published(inputs: Inputs, last: Site | None = None, day: str = DAYS[0]) -> Site:
    files = {path: last[path] for path in TAKEN_OVER if last and path in last}
    return build(inputs, before=Before(files=files, at=day))


def read(site: Site) -> Any:  # noqa: ANN401 - feedparser has no types
    found = feedparser.parse(site[FEED])
    assert not found.bozo, found.bozo_exception
    return found


def titles(site: Site) -> list[str]:
    return [entry.title for entry in read(site).entries]


def said(entry: Any) -> str:  # noqa: ANN401 - feedparser has no types
    return re.sub(r"<[^>]+>", "", entry.content[0].value)


def changed(inputs: Inputs, combo: str, *, seeds: int, passes: bool = True) -> Inputs:
    """With more trials of a combo, each cell so often again."""
    more = [
        record(combo, f"t{number}", seed=seed, passed=passes)
        for number in range(6)
        for seed in range(1, seeds + 1)
    ]
    return replace(inputs, records=Records.of((*inputs.records, *more)))


def closed(inputs: Inputs, min_cells: int = 5) -> Inputs:
    chosen = Publish(cells=False, min_cells=min_cells)
    return replace(inputs, settings=replace(inputs.settings, publish=chosen))


def test_the_first_publish_tells_of_the_first_results() -> None:
    site = published(small())
    assert titles(site) == ["First results: 4 combos on 6 tasks"]
    assert "4 combos of 2 models" in said(read(site).entries[0])
    assert b'type="application/atom+xml"' in site["index.html"]


def test_three_publishes_tell_what_is_new_and_what_moved() -> None:
    first = published(small())
    second = published(changed(small(), "new//pi", seeds=1), first, DAYS[1])
    both = changed(changed(small(), "new//pi", seeds=1), "small//pi", seeds=2)
    third = published(both, second, DAYS[2])
    assert titles(third) == [
        "1 combo with other results",
        "1 new combo",
        "First results: 4 combos on 6 tasks",
    ]
    newest, new, _ = read(third).entries
    assert "small + pi passed 14 of 18 trials, before 2 of 6" in said(newest)
    assert "its place was any from" in said(newest)
    assert " of 5." in said(newest)
    assert "new + pi passed 6 of 6 trials" in said(new)
    assert f'href="{BASE}combos/new--pi.html"' in new.content[0].value
    assert [entry.updated for entry in read(third).entries] == [*reversed(DAYS)]


def test_ids_are_stable_and_each_is_its_own() -> None:
    first = published(small())
    second = published(changed(small(), "new//pi", seeds=1), first, DAYS[1])
    back = published(small(), second, DAYS[2])
    again = published(changed(small(), "new//pi", seeds=1), back, DAYS[2])
    ids = [entry.id for entry in read(again).entries]
    assert len(set(ids)) == 4
    assert ids[2:] == [entry.id for entry in read(second).entries]
    assert titles(again) == ["1 new combo", "1 combo gone", *titles(second)]
    assert "new + pi" in said(read(again).entries[1])


def test_the_same_input_and_the_same_last_site_give_the_same_bytes() -> None:
    first = published(small())
    more = changed(small(), "new//pi", seeds=1)
    assert published(more, first, DAYS[1]) == published(more, first, DAYS[1])


def test_what_did_not_change_tells_nothing_whenever_it_is_built() -> None:
    first = published(small())
    assert published(small(), first, DAYS[2]) == first


def test_dates_never_go_back() -> None:
    first = published(small(), day=DAYS[1])
    second = published(changed(small(), "new//pi", seeds=1), first, DAYS[0])
    assert read(second).entries[0].updated == DAYS[1]


def test_with_private_cells_too_small_a_change_is_not_told() -> None:
    first = published(closed(small()))
    records = list(small().records)
    at = next(i for i, r in enumerate(records) if r.model == "small" and not r.passed)
    records[at] = record("small//pi", records[at].task, passed=True)
    one = replace(closed(small()), records=Records.of(records))
    assert titles(published(one, first, DAYS[1])) == titles(first)
    assert (
        len(titles(published(changed(closed(small()), "small//pi", seeds=1), first)))
        == 2
    )


def test_with_private_cells_no_total_of_then_stays_in_the_feed() -> None:
    open_site = published(small())
    first = published(closed(small()), open_site)
    assert titles(first) == []
    second = published(changed(closed(small()), "small//pi", seeds=1), first, DAYS[1])
    told = said(read(second).entries[0])
    assert "small + pi" in told
    assert not re.search(r"\d+ of \d+", told)


def test_without_an_address_links_are_relative() -> None:
    text = published(small(base_url=""))[FEED].decode()
    assert "https://example" not in text
    assert 'rel="self"' not in text


def test_names_cannot_leave_their_place() -> None:
    name = "</entry><script>alert(1)</script>&amp;"

    def named(seeds: int) -> Inputs:
        inputs = changed(small(), "new//pi", seeds=seeds)
        return replace(
            inputs,
            records=Records.of(
                replace(r, model=name) if r.model == "new" else r
                for r in inputs.records
            ),
        )

    second = published(named(1), published(small()), DAYS[1])
    third = published(named(2), second, DAYS[2])
    assert len(titles(third)) == 3
    assert "<script>" not in third[FEED].decode()
    shown = read(third).entries[1].content[0].value
    assert "&lt;/entry" in shown or "alert" not in shown
