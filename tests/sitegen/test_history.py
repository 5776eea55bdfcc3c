"""How combos moved, as a site keeps and shows it."""

import csv
import io
from dataclasses import replace

import pytest

from harness_bench.errors import PublishError
from sitegen.batch import COMBOS
from sitegen.build import build
from sitegen.feed import Before
from sitegen.history import HISTORY
from sitegen.inputs import Inputs
from sitegen.records import Records
from sitegen.site import Site
from tests.records import record
from tests.sitegen.test_cards import small
from tests.sitegen.test_feed import DAYS, changed, closed, published
from tests.sites import page_text

PAGE = "history.html"


def rows(site: Site, over: str) -> list[tuple[str, ...]]:
    """Of the data file: when, which model and harness, how many passed, the verdict."""
    text = site[HISTORY.replace("json", "csv")].decode()
    names = ("at", "model", "harness", "passed", "n_trials", "moved")
    found = csv.DictReader(io.StringIO(text))
    return [tuple(r[name] for name in names) for r in found if r["over"] == over]


def test_each_publish_adds_the_combos_with_other_results() -> None:
    first = published(small())
    more = changed(small(), "new//pi", seeds=1)
    second = published(more, first, DAYS[1])
    both = changed(more, "small//pi", seeds=2)
    third = published(both, second, DAYS[2])

    assert len(rows(first, "publish")) == 4
    assert rows(third, "publish")[4:] == [
        ("2026-02-01", "new", "pi", "6", "6", ""),
        ("2026-03-01", "small", "pi", "14", "18", ""),
    ]
    assert PAGE not in second
    assert "small + pi 2026-01-01 2026-03-01 2 /6 14 /18 +44.4" in page_text(
        third, PAGE
    )
    # The same results tell nothing new, whenever they are built.
    assert published(both, third, "2027-01-01T00:00:00Z") == third


@pytest.mark.parametrize("path", [HISTORY, COMBOS])
@pytest.mark.parametrize(
    "kept",
    [
        b"\xff",
        b"[]",
        b"{}",
        b'{"rows": [1]}',
        b'{"rows": [{"over": "publish", "n": 1}]}',
        b'{"rows": [{"over": "publish", "model": "m"}]}',
    ],
)
def test_a_file_of_another_form_is_told_in_one_line(path: str, kept: bytes) -> None:
    first = {**published(small()), path: kept}
    with pytest.raises(PublishError) as told:
        published(changed(small(), "new//pi", seeds=1), first, DAYS[1])
    assert [str(each) for each in told.value.problems] == [
        f"{path}: another version wrote it; delete it to begin anew"
    ]


def swept(passes: dict[str, int], seeds: int = 2) -> Inputs:
    """A combo that passes so many of 16 tasks in each sweep, beside one as ever."""
    records = [
        record(combo, f"t{task:02}", seed=seed, sweep=sweep, passed=task < most)
        for sweep, count in passes.items()
        for combo, most in (("m//pi", count), ("n//pi", 8))
        for task in range(16)
        for seed in range(seeds)
    ]
    return replace(small(), records=Records.of(records))


def test_sweeps_have_a_verdict_where_chance_is_known() -> None:
    site = build(swept({"may": 3, "june": 3, "x": 15}))

    told = [row for row in rows(site, "sweep") if row[1] == "m"]
    assert [(row[0], row[-1]) for row in told] == [
        ("june", ""),
        ("may", "0"),
        ("x", "1"),
    ]
    assert "m + pi may x 6 /32 30 /32 +75.0 pt moved" in page_text(site, PAGE)
    assert "m + pi june may 6 /32 6 /32 0.0 pt not shown" in page_text(site, PAGE)


def test_a_shorter_sweep_than_the_one_before_has_no_verdict() -> None:
    longer, shorter = swept({"a": 3}, seeds=2), swept({"b": 15}, seeds=1)
    site = build(
        replace(longer, records=Records.of([*longer.records, *shorter.records]))
    )

    assert [row[-1] for row in rows(site, "sweep") if row[1] == "m"] == ["", ""]


def test_of_private_cells_there_is_no_history() -> None:
    first = published(closed(small()))
    site = published(closed(changed(small(), "small//pi", seeds=2)), first, DAYS[1])

    assert not [path for path in site if "history" in path]
    open_again = build(small(), before=Before(files={}, at=DAYS[2]))
    assert {row[0] for row in rows(open_again, "publish")} == {"2026-03-01"}
