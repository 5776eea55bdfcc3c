"""pass^k and pass@k, against every subset and against what tau-bench printed."""

import json
from fractions import Fraction
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.stats.consistency import Consistency, consistency
from tests.records import REAL, TAU, computed, counts_of

outcomes = st.lists(st.booleans(), min_size=2, max_size=6)


def estimates(tasks: list[list[bool]]) -> dict[int, Consistency]:
    found = consistency(counts_of({"g": [(sum(task), len(task)) for task in tasks]}))
    return {estimate.k: estimate for estimate in found}


@given(st.lists(outcomes, min_size=1, max_size=5))
def test_both_are_the_share_of_all_subsets_of_k_trials(
    tasks: list[list[bool]],
) -> None:
    found = estimates(tasks)
    assert set(found) == set(range(1, min(len(task) for task in tasks) + 1))
    for k, estimate in found.items():
        every, some = Fraction(0), Fraction(0)
        for task in tasks:
            subsets = list(combinations(task, k))
            every += Fraction(sum(all(subset) for subset in subsets), len(subsets))
            some += Fraction(sum(any(subset) for subset in subsets), len(subsets))
        assert estimate.pass_hat_k == every / len(tasks)
        assert estimate.pass_at_k == some / len(tasks)
        assert estimate.n_tasks == len(tasks)


@given(st.lists(outcomes, min_size=1, max_size=5))
def test_more_trials_in_a_row_are_harder_and_more_chances_easier(
    tasks: list[list[bool]],
) -> None:
    found = list(estimates(tasks).values())
    for before, after in pairwise(found):
        assert after.pass_hat_k <= before.pass_hat_k
        assert after.pass_at_k >= before.pass_at_k
    assert found[0].pass_hat_k == found[0].pass_at_k


def test_tau_benchs_published_pass_hat_k_come_out_as_printed() -> None:
    printed = json.loads((REAL / "taubench_airline_gpt4o.expected.json").read_text())
    found = {c.k: c for c in computed(TAU).all.consistency}
    assert {
        f"pass^{k}": f"{float(c.pass_hat_k):.3f}" for k, c in found.items()
    } == printed["published"]
    assert {f"pass^{k}": float(c.pass_hat_k) for k, c in found.items()} == (
        pytest.approx(printed["derived"], abs=1e-12)
    )


def test_k_ends_where_one_task_has_no_more_trials_and_at_eight() -> None:
    assert set(estimates([[True] * 5, [False] * 3])) == {1, 2, 3}
    assert set(estimates([[True] * 30])) == set(range(1, 9))


def test_single_trials_tell_nothing_about_consistency() -> None:
    assert estimates([[True], [False, True]]) == {}
    assert consistency(counts_of({"g": [(0, 0)]})) == ()


def test_a_task_that_was_not_run_takes_no_part() -> None:
    found = consistency(counts_of({"g": [(2, 2), (0, 0)]}))
    assert [(c.n_tasks, c.pass_hat_k) for c in found] == [(1, Fraction(1))] * 2
