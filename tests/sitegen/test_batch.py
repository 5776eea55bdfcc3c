"""A site that adds a few rows tells them to whoever has the one before."""

from pathlib import Path

import pytest

from harness_bench.schema import Record
from sitegen.batch import changed, few_changed, tellable
from sitegen.build import build
from sitegen.publish import publish
from sitegen.site import Site
from tests.records import grid, inputs


def site(*marks: str) -> Site:
    cells = {
        f"m{i}//h": dict(zip("abcdefghi", own, strict=False))
        for i, own in enumerate(marks)
    }
    records: list[Record] = grid(cells)
    return build(inputs(records, cells=False))


BEFORE = ["++--++", "+-+-+-"]


@pytest.mark.parametrize(
    ("after", "changed"),
    [
        (BEFORE, 0),
        (["++--+++", "+-+-+-"], 1),
        (["++--++", "+-+-++"], 1),
        (["++--++++", "+-+-+-++"], 4),
        (["++--++++", "+-+++-+++"], 0),
        (["++--++", "+-+-+-", "+-+-+-"], 0),
    ],
)
def test_fewer_trials_than_may_be_told_are_warned_of(
    tmp_path: Path, after: list[str], changed: int
) -> None:
    assert not few_changed(tmp_path / "none", site(*BEFORE), 5)
    publish(site(*BEFORE), tmp_path / "site")
    said = few_changed(tmp_path / "site", site(*after), 5)
    assert (f"only {changed} of the trials" in said) == bool(changed)
    assert bool(said) == bool(changed)


def test_a_combo_that_is_gone_has_changed_with_all_its_trials(tmp_path: Path) -> None:
    publish(site(*BEFORE, "+-+-+-"), tmp_path)
    assert "only 6" in few_changed(tmp_path, site(*BEFORE), 7)
    assert few_changed(tmp_path, site(*BEFORE), 6) == ""


def test_what_is_no_table_of_ours_is_compared_with_nothing(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for text in ("", "[]", '{"rows": [{}]}', '{"rows": 1}'):
        (tmp_path / "data" / "combos.json").write_text(text)
        assert few_changed(tmp_path, site(*BEFORE), 5) == ""


Who = tuple[str, ...]

A: Who = ("a",)
B: Who = ("b",)
C: Who = ("c",)


def test_of_each_the_fewest_trials_that_must_have_changed_are_known() -> None:
    before = {A: (6, 4), B: (6, 4)}
    assert changed(before, before) == {}
    assert changed(before, {A: (8, 5), B: (6, 1)}) == {A: 2, B: 3}
    assert changed(before, {A: (6, 4), C: (5, 0)}) == {B: 6, C: 5}


def test_a_change_of_few_trials_is_not_told_nor_what_would_tell_it() -> None:
    def told(*gained: int) -> set[Who]:
        before = dict.fromkeys((A, B, C), (10, 5))
        now = {key: (10 + n, 5) for key, n in zip((A, B, C), gained, strict=True)}
        return tellable(before, now, 5)

    assert told(0, 0, 0) == set()
    assert told(5, 0, 0) == {A}
    assert told(4, 0, 0) == set()
    # Who knows how much changed in all would know of the two trials of c.
    assert told(9, 6, 2) == {A}
    assert told(9, 3, 2) == {A}


def test_what_one_combo_lost_and_another_won_is_seen_by_task(tmp_path: Path) -> None:
    publish(site("+-", "-+", "+-", "-+", "++"), tmp_path)
    # No total of a combo changes, and two of a task do.
    said = few_changed(tmp_path, site("-+", "-+", "+-", "-+", "++"), 5)
    assert "only 2 of the trials" in said
