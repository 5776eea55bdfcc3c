"""Whatever the data: no NaN, no infinity, no claim where nothing is known."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from math import isfinite

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness_bench.schema import Record, Status
from sitegen.config import Publish
from sitegen.datafiles.tables import data_files
from sitegen.disclosure import publishable
from sitegen.kinds import Kind
from sitegen.measures import Measure
from sitegen.policy import Policy
from sitegen.stats.results import Results, results
from tests import strategies
from tests.records import grid, record

TASKS = [f"t{i}" for i in range(8)]


def everywhere(marks: str, **more: object) -> list[Record]:
    cells = {
        f"{model}/q/{harness}": dict.fromkeys(TASKS, marks)
        for model in "abc"
        for harness in "gh"
    }
    return grid(cells, **more)


CASES: dict[str, list[Record]] = {
    "one row": [record()],
    "one task": [record(f"m{i}//h", "t", passed=i > 1) for i in range(4)],
    "one model": grid({f"m//h{i}": dict.fromkeys(TASKS, "+-") for i in range(3)}),
    "all pass": everywhere("+"),
    "all fail": everywhere("---"),
    "one seed here, five there": [
        *grid({"a//h": dict.fromkeys(TASKS, "+")}),
        *grid({"b//h": dict.fromkeys(TASKS, "+-+--")}),
    ],
    "disjoint tasks": [
        *grid({"a//h": dict.fromkeys(TASKS[:4], "+-")}),
        *grid({"b//h": dict.fromkeys(TASKS[4:], "++")}),
    ],
    "constant times": everywhere("+-", agent_time_s=5.0),
    "times of zero": everywhere("+-", agent_time_s=0.0, tokens_in=0, tokens_out=0),
    "huge amounts": everywhere(
        "+-", tokens_in=2**63 - 1, tokens_out=2**63 - 1, cost_usd=1e300
    ),
    "everything stopped": [
        record(f"{m}//h", t, status=Status.AGENT_TIMEOUT, agent_time_s=9.0)
        for m in "ab"
        for t in TASKS
    ],
    "nothing measured": [record(status=Status.CANCELLED), record("n//h", task="u")],
    "one score": [record(task=t, score=0.5) for t in TASKS],
    "equal scores": [
        record(f"{m}//h", t, score=0.25, tokens_in=1, tokens_out=1)
        for m in "ab"
        for t in TASKS
    ],
    "grader read everywhere": everywhere("+", grader_access="read"),
}


def floats(found: object, path: str = "") -> Iterator[tuple[str, float]]:
    """Every float below a value, with where it is."""
    match found:
        case float() | np.floating():
            yield path, float(found)
        case None | str() | int() | Fraction() | Kind() | Measure():
            return
        case np.ndarray():
            yield from floats(found.tolist(), path)
        case Mapping():
            for key, value in found.items():
                yield from floats(value, f"{path}[{key!r}]")
        case tuple() | list() | set() | frozenset():
            for index, value in enumerate(found):
                yield from floats(value, f"{path}[{index}]")
        case _:
            assert is_dataclass(found), path
            for field in fields(found):
                yield from floats(getattr(found, field.name), f"{path}.{field.name}")


def check(found: Results) -> None:
    assert [path for path, number in floats(found) if not isfinite(number)] == []
    for scope in found.scopes:
        for file in data_files(scope, cells=True):
            assert b"NaN" not in file.json(None)  # json refuses NaN and infinity itself
        for standing in (*scope.combos, *scope.harnesses, *scope.model_quants):
            assert (standing.rate is None) == (standing.n_trials == 0)
            assert (standing.interval is None) == (standing.n_trials <= 1)
            if found.told is None:
                assert (standing.rank is None) == (standing.rank_range is None)
                assert (standing.rank is None) == (standing.tier == "")
            else:
                assert (standing.rank_range, standing.tier) == (None, "")
            if standing.rank_range is not None and standing.rank is not None:
                assert standing.rate is not None
                low, high = standing.rank_range
                assert low <= standing.rank <= high
        for pair in scope.pairs:
            assert 0 < pair.found.p <= 1
            assert 0 < pair.p <= 1
            if pair.found.interval is not None:
                assert pair.found.interval.low < pair.found.interval.high


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("cells", [True, False])
def test_no_number_is_claimed_that_the_data_do_not_give(
    case: str, *, cells: bool
) -> None:
    found = results(CASES[case], Policy(), default_sweep=None)
    check(publishable(found, Publish(cells=cells)))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    records=strategies.tables(name=st.sampled_from("abcd"), max_size=24),
    cells=st.booleans(),
)
def test_no_table_of_results_breaks_an_estimator(
    records: list[Record], *, cells: bool
) -> None:
    found = results(records, Policy(), default_sweep=None)
    check(publishable(found, Publish(cells=cells)))


def test_a_certain_looking_result_of_few_tasks_has_no_interval_of_its_difference() -> (
    None
):
    (pair,) = [
        pair
        for pair in results(
            grid({"a//h": {"t": "+"}, "b//h": {"t": "-"}}),
            Policy(),
            default_sweep=None,
        ).all.pairs
        if pair.kind == "combo"
    ]
    assert pair.found.interval is None
    assert pair.found.p == 1
    assert not pair.separable
