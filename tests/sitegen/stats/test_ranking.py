"""Ranks on common ground: re-running, partners and outsiders buy nothing."""

from fractions import Fraction
from typing import TypeAlias

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.keys import ComboKey, KeyT, QuantKey
from sitegen.policy import Policy
from sitegen.stats.counts import counts
from sitegen.stats.ranking import Ranking, ranking
from sitegen.stats.trials import trials
from tests.records import grid

Label: TypeAlias = tuple[str, str]
"""Model and harness."""
MOST = Fraction(9, 10)


def of(cells: dict[Label, list[list[int]]], kind: type[KeyT]) -> Ranking[KeyT]:
    """The ranking of combos, of models (at no quant) or of harnesses.

    Each combo has, for each task, the list of its trials: 1 passed, 0 failed.
    """
    outcome = {0: "-", 1: "+"}
    records = grid(
        {
            f"{model}//{harness}": {
                f"{task:02d}": "".join(outcome[each] for each in trials)
                for task, trials in enumerate(row)
                if trials
            }
            for (model, harness), row in cells.items()
        }
    )
    found = trials(records, Policy())
    return ranking(counts(found, found.combo), kind, MOST)


def once(outcomes: str) -> list[list[int]]:
    """One trial a task; "." for a task that was not run."""
    return [[] if mark == "." else [int(mark)] for mark in outcomes]


def test_running_passed_tasks_again_buys_no_rank() -> None:
    plain = once("0" * 8 + "1" * 8)
    again = [[0]] * 8 + [[1, 1, 1]] * 8
    found = of({("a", "x"): again, ("b", "x"): plain}, ComboKey)
    assert found.rates == (Fraction(1, 2), Fraction(1, 2))
    assert list(found.ranks().values()) == [1, 1]


def test_models_are_ranked_over_the_harnesses_that_all_of_them_met() -> None:
    strong, weak = once("1" * 12 + "0" * 4), once("1" * 4 + "0" * 12)
    cells = {("a", "pi"): strong, ("b", "pi"): strong}
    cells |= {("b", f"h{i}"): weak for i in range(4)}
    found = of(cells, QuantKey)
    assert len(found.partners) == 1
    assert list(found.ranks().values()) == [1, 1]


def test_models_each_in_a_harness_of_its_own_are_not_ranked() -> None:
    cells = {("a", "x"): once("11"), ("b", "y"): once("10"), ("c", "z"): once("00")}
    found = of(cells, QuantKey)
    assert found.ranks() == {}
    assert found.verdicts().p(QuantKey("a", ""), QuantKey("b", "")) is None


def test_the_only_complete_entry_does_not_lead_because_it_is_complete() -> None:
    cells = {("worst", "x"): once("1" + "0" * 29)}
    for index in range(12):
        marks = ["1"] * 30
        marks[index] = "."
        cells[f"m{index:02d}", "x"] = once("".join(marks))
    found = of(cells, ComboKey)
    ranks = found.ranks()
    assert ranks.get(ComboKey("worst", "", "x")) == len(ranks) > 1


def test_a_missing_trial_is_a_missing_task_and_not_a_missing_rank() -> None:
    cells = {("a", "x"): once("1" * 20), ("b", "x"): once("1" * 19 + ".")}
    found = of(cells, ComboKey)
    assert found.n_tasks == 19
    assert len(found.keys) == 2


outcomes = st.lists(
    st.lists(st.integers(0, 1), min_size=1, max_size=3), min_size=6, max_size=6
)


@given(st.lists(outcomes, min_size=2, max_size=4), st.integers(2, 5), st.integers(0, 5))
@settings(max_examples=30, deadline=None)
def test_repeating_the_trials_of_a_task_changes_no_rate_and_no_verdict(
    rows: list[list[list[int]]], times: int, task: int
) -> None:
    cells = {(f"m{i}", "x"): row for i, row in enumerate(rows)}
    repeated = {
        label: [trials * times if t == task else trials for t, trials in enumerate(row)]
        for label, row in cells.items()
    }
    before, after = of(cells, ComboKey), of(repeated, ComboKey)
    assert before.rates == after.rates
    assert np.array_equal(before.verdicts().test.p, after.verdicts().test.p)


@given(st.lists(outcomes, min_size=2, max_size=4), outcomes)
@settings(max_examples=30, deadline=None)
def test_an_entry_that_shares_nothing_changes_no_rank(
    rows: list[list[list[int]]], other: list[list[int]]
) -> None:
    empty: list[list[int]] = [[]] * 6
    cells = {(f"m{i}", "x"): row + empty for i, row in enumerate(rows)}
    more = cells | {("zz", "y"): empty + other}
    assert of(more, ComboKey).ranks() == of(cells, ComboKey).ranks()
    assert of(more, QuantKey).ranks() == of(cells, QuantKey).ranks()


def test_rates_too_fine_for_exact_sums_still_order_and_tie_exactly() -> None:
    sizes = [97, 89, 83, 79, 73, 71, 67, 61, 59, 53]
    row = [[1] * (n // 2) + [0] * (n - n // 2) for n in sizes]
    better = [[*task[:-1], 1] for task in row]
    found = of({("a", "x"): row, ("b", "x"): row, ("c", "x"): better}, ComboKey)
    assert list(found.ranks().values()) == [2, 2, 1]
    a, b, c = found.keys
    assert found.verdicts().apart(c, a)
    assert not found.verdicts().apart(a, b)
