"""A site that adds a few rows tells them to whoever has the one before."""

from pathlib import Path

import pytest

from harness_bench.schema import Record
from sitegen.batch import few_changed
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
