"""`[policy] headline = "score"`: ranks and verdicts by mean score."""

from fractions import Fraction

import numpy as np
import pytest

from harness_bench.schema import Record, Status
from sitegen.build import build
from sitegen.keys import ComboKey, HarnessKey
from sitegen.policy import Policy
from sitegen.stats.results import Scope, results
from tests.records import data_of, grid, inputs, record, scope_of


def scored(cells: dict[str, list[list[float]]]) -> list[Record]:
    """By harness, of each task the scores of its trials; nothing else is told."""
    return [
        record(f"m//{harness}", f"t{task:02}", seed=seed, score=score)
        for harness, tasks in cells.items()
        for task, marks in enumerate(tasks)
        for seed, score in enumerate(marks)
    ]


def order(scope: Scope) -> list[tuple[str, int | None]]:
    return [(s.key.harness, s.rank) for s in scope.combos]


FEW = {"sure": [[0.9]] * 8, "bold": [[1.0], [1.0]] + [[0.0]] * 6}


def test_where_rows_have_only_scores_ranks_are_by_mean_score() -> None:
    found = scope_of(scored(FEW))
    assert order(found) == [("sure", 1), ("bold", 2)]
    assert [s.score for s in found.combos] == [Fraction(9, 10), Fraction(1, 4)]
    # By pass rate it would be the other way round.
    by_pass = scope_of(scored(FEW), headline="pass")
    assert order(by_pass) == [("bold", 1), ("sure", 2)]
    assert [s.score for s in by_pass.combos] == [None, None]


@pytest.mark.parametrize("outcome", [{"passed": True}, {"status": Status.FAIL}])
def test_where_a_row_says_pass_or_fail_ranks_are_by_pass_rate(
    outcome: dict[str, bool | Status],
) -> None:
    records = [*scored(FEW), record("m//bold", "t00", seed=9, score=1.0, **outcome)]
    assert order(scope_of(records))[0][0] == "bold"
    assert order(scope_of(records, headline="score"))[0][0] == "sure"


def test_a_trial_without_a_score_counts_by_whether_it_passed() -> None:
    records = [
        *grid({"m//a": {"t": "+", "u": "-"}}),
        *(record("m//b", t, score=0.6) for t in "tu"),
        record("m//b", "u", seed=1, status=Status.AGENT_TIMEOUT),
    ]
    found = {s.key.harness: s.score for s in scope_of(records, headline="score").combos}
    assert found == {"a": Fraction(1, 2), "b": Fraction(9, 20)}


def test_a_score_is_a_mean_over_cells_of_the_mean_over_trials() -> None:
    cells = {"a": [[0.2] * 9, [0.8]], "b": [[0.5], [0.5]]}
    found = scope_of(scored(cells))
    assert order(found) == [("a", 1), ("b", 1)]
    by_harness = {s.key: s.score for s in found.harnesses}
    assert by_harness[HarnessKey("a")] == Fraction(1, 2)


def test_scores_are_told_apart_by_the_joint_test() -> None:
    draw = np.random.default_rng(6)
    base = draw.uniform(0.2, 0.6, 12)
    cells = {
        name: [[float(round(x + more, 3))] for x in base]
        for name, more in (("a", 0.3), ("b", 0.01), ("c", 0.0))
    }
    found = scope_of(scored(cells))
    pairs = {(p.a.harness, p.b.harness): p for p in found.pairs if p.kind == "combo"}  # type: ignore[attr-defined]
    assert float(pairs["a", "c"].found.mean) == pytest.approx(0.3)
    assert pairs["a", "c"].separable
    assert pairs["a", "c"].found.seeds_needed is None
    assert {s.key.harness: s.tier for s in found.combos}["a"] == "a"


def test_scores_of_passes_and_failures_alone_rank_as_pass_rates_do() -> None:
    cells = {
        "a": [[1.0], [0.0], [1.0, 0.0], [1.0], [1.0], [1.0]],
        "b": [[0.0], [0.0], [1.0], [1.0], [0.0], [1.0]],
    }
    by_score, by_pass = (
        scope_of(scored(cells), headline=word) for word in ("score", "pass")
    )
    assert order(by_score) == order(by_pass)
    assert [s.score for s in by_score.combos] == [s.rate for s in by_pass.combos]
    assert [p.p for p in by_score.pairs] == [p.p for p in by_pass.pairs]
    assert [s.rank_range for s in by_score.combos] == [
        s.rank_range for s in by_pass.combos
    ]


def test_who_stands_apart_has_the_score_of_its_own_tasks() -> None:
    cells = {**FEW, "lone": [[0.4]]}
    found = {s.key: s for s in scope_of(scored(cells)).combos}
    lone = found[ComboKey("m", "", "lone")]
    assert (lone.rank, lone.score) == (None, Fraction(2, 5))


def test_a_task_that_was_not_run_counts_as_a_score_of_0() -> None:
    cells = {**FEW, "lone": [[0.8]]}
    found = scope_of(scored(cells), missing="fail")
    assert {s.key.harness: s.score for s in found.combos}["lone"] == Fraction(1, 10)


def test_the_frontier_stays_one_of_pass_rate_and_time() -> None:
    records = [
        record(f"m//{name}", f"t{i}", score=score, agent_time_s=seconds)
        for name, score, seconds in (("a", 1.0, 5.0), ("b", 0.5, 1.0))
        for i in range(4)
    ]
    found = results(records, Policy(headline="score"), default_sweep=None).all
    assert [place.rate for place in found.places] == [1, 0]


def test_the_board_shows_the_score_that_it_is_sorted_by() -> None:
    site = build(inputs(scored(FEW), cells=True))
    page = site["index.html"].decode()
    assert "Sorted by mean score" in page
    assert "%, score 0.90" in page
    assert b'"score": 0.9' in data_of(site)["data/combos.json"]
    plain = build(inputs(grid({"m//a": {"t": "+"}, "m//b": {"t": "-"}}), cells=True))
    assert ", score" not in plain["index.html"].decode()
