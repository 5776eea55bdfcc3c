"""Times are compared where both passed, for all pairs at once."""

from fractions import Fraction
from math import exp, log

import pytest

from harness_bench.schema import Record
from sitegen.keys import QuantKey
from sitegen.policy import Policy
from sitegen.stats.counts import counts
from sitegen.stats.ranking import ranking
from sitegen.stats.times import Times, times
from sitegen.stats.trials import trials
from tests.records import record

A, B, C = (QuantKey(name, "Q4") for name in "abc")


def of(records: list[Record]) -> Times[QuantKey]:
    own = trials(records, Policy())
    found = ranking(counts(own, own.combo), QuantKey, Fraction(1, 2))
    return times(own, QuantKey, found, sorted(found.keys))


def rows(
    model: str, seconds: list[float], passed: str = "", hardware: str | None = None
) -> list[Record]:
    marks = passed or "+" * len(seconds)
    return [
        record(
            f"{model}/Q4/h",
            f"t{task}",
            passed=mark == "+",
            agent_time_s=time,
            hardware=hardware,
        )
        for task, (time, mark) in enumerate(zip(seconds, marks, strict=True))
    ]


SLOW = [20.0 + task for task in range(12)]


def test_who_takes_twice_as_long_on_every_task_is_shown_to() -> None:
    found = of([*rows("a", [2 * x for x in SLOW]), *rows("b", SLOW), *rows("c", SLOW)])
    slower = found.of(A, B)
    assert slower is not None
    assert slower.ratio.value == pytest.approx(2)
    assert slower.ratio.n_tasks == 12
    assert slower.separable
    same = found.of(B, C)
    assert same is not None
    assert same.p == 1


def test_a_fast_failure_is_not_faster() -> None:
    fails = [1.0] * 6 + SLOW[6:]
    found = of([*rows("a", fails, "-" * 6 + "+" * 6), *rows("b", SLOW)])
    slower = found.of(A, B)
    assert slower is not None
    assert slower.ratio.value == pytest.approx(1)
    assert slower.ratio.n_tasks == 6


def test_the_other_way_round_it_is_the_inverse() -> None:
    times_of = [[30.0, 40, 9, 50], [20.0, 60, 8, 25]]
    found = of([*rows("a", times_of[0]), *rows("b", times_of[1])])
    one, other = found.of(A, B), found.of(B, A)
    assert one is not None
    assert other is not None
    wanted = sum(log(x / y) for x, y in zip(*times_of, strict=True)) / 4
    assert one.ratio.value == pytest.approx(exp(wanted))
    assert one.ratio.value * other.ratio.value == pytest.approx(1)
    assert one.p == other.p


def test_nothing_is_said_where_no_cell_was_passed_by_both() -> None:
    found = of([*rows("a", SLOW, "+-" * 6), *rows("b", SLOW, "-+" * 6)])
    assert found.of(A, B) is None
    assert found.of(A, A) is None
    assert found.of(A, C) is None


def test_trials_on_other_hardware_than_most_do_not_enter() -> None:
    fast = rows("b", [1.0] * 12, hardware="gpu")[:5]
    found = of([*rows("a", SLOW), *rows("b", SLOW), *rows("c", SLOW)[5:], *fast])
    slower = found.of(A, B)
    assert slower is not None
    assert slower.ratio.value == pytest.approx(1)
