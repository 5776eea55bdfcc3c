"""Scopes, and the counts of a published data set."""

import json
from fractions import Fraction

import pytest

from sitegen.policy import Policy
from sitegen.stats.results import Results, results
from tests.records import CANAICODE, METR, REAL, TAU, computed, read, record


def of(*sweeps: str, default: str | None = None) -> Results:
    records = [record(sweep=sweep, seed=i) for i, sweep in enumerate(sweeps)]
    return results(records, Policy(), default_sweep=default)


def test_without_sweeps_all_trials_are_compared() -> None:
    found = of("", "")
    assert found.sweeps == ()
    assert found.main is found.all
    assert found.scopes == (found.all,)


def test_the_default_sweep_is_the_one_compared() -> None:
    assert of("a", "b", "b", default="a").main.sweep == "a"


def test_without_a_default_the_largest_sweep_is_compared_then_the_first_by_name() -> (
    None
):
    assert of("a", "b", "b").main.sweep == "b"
    assert of("b", "a").main.sweep == "a"


def test_rows_without_a_sweep_are_in_no_sweep_but_in_all_trials() -> None:
    found = of("", "a", "a")
    assert [scope.sweep for scope in found.scopes] == [None, "a"]
    assert [scope.size.rows for scope in found.scopes] == [3, 2]


def test_metr_counts_and_means_are_the_derived_ones() -> None:
    derived = json.loads((REAL / "metr_runs_2025_01.expected.json").read_text())
    models = {s.key.model: s for s in computed(METR).all.models}
    assert {name: (s.n_trials, s.passed) for name, s in models.items()} == {
        name: (line["n"], line["passed"]) for name, line in derived["derived"].items()
    }
    cells: dict[str, dict[tuple[str, str], list[bool]]] = {}
    for r in read(METR).records:
        if r.passed is not None:
            own = cells.setdefault(r.model, {})
            own.setdefault((r.harness, r.task), []).append(r.passed)
    for name, line in derived["derived"].items():
        own = cells[name]
        trials = [passed for cell in own.values() for passed in cell]
        assert sum(trials) / len(trials) == pytest.approx(line["mean"], abs=1e-15)
        # The rate is not that mean: a task weighs the same however often it ran.
        shares = [Fraction(sum(cell), len(cell)) for cell in own.values()]
        assert models[name].rate == sum(shares, start=Fraction(0)) / len(shares)
    assert computed(METR).all.size.rows == derived["rows"]


def test_the_three_published_data_sets_are_counted_whole() -> None:
    sizes = {path: computed(path).all.size for path in (CANAICODE, METR, TAU)}
    assert sizes[CANAICODE].rows == 22_584 - 28
    assert sizes[METR].rows == 7_059
    assert (sizes[TAU].rows, sizes[TAU].tasks, sizes[TAU].cells) == (200, 50, 50)
    assert {(s.most_trials_a_cell, s.fewest_trials_a_cell) for s in [sizes[TAU]]} == {
        (4, 4)
    }
