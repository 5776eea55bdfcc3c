"""Success against budget."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_bench.schema import Record, Status
from sitegen.keys import HarnessKey
from sitegen.policy import Policy
from sitegen.stats.budgets import Curve, curves
from sitegen.stats.trials import trials
from tests.records import record

amounts = st.floats(0, 1e6, allow_nan=False).map(lambda x: round(x, 3))
rows = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from("123"), st.booleans(), amounts),
    min_size=1,
    max_size=20,
)


def records_of(found: list[tuple[str, str, bool, float]]) -> list[Record]:
    return [
        record(f"m/q/{h}", task, seed=seed, passed=passed, agent_time_s=time)
        for seed, (h, task, passed, time) in enumerate(found)
    ]


def mean_over_tasks(own: list[tuple[str, bool]]) -> Fraction:
    """Mean over tasks of the share of a task's trials."""
    tasks = {task for task, _ in own}
    shares = [[passed for other, passed in own if other == task] for task in tasks]
    return sum(
        (Fraction(sum(share), len(share)) for share in shares), start=Fraction(0)
    ) / len(tasks)


def of(records: list[Record]) -> tuple[Curve[HarnessKey], ...]:
    found = trials(records, Policy())
    return curves(found, found.harness)


@given(rows)
def test_a_point_counts_who_passed_within_the_budget(
    found: list[tuple[str, str, bool, float]],
) -> None:
    for curve in of(records_of(found)):
        own = [(k, p, t) for h, k, p, t in found if h == curve.key.harness]
        assert curve.n_trials == len(own)
        for point in curve.points:
            within = [
                (task, passed and Fraction(str(time)) <= point.budget)
                for task, passed, time in own
            ]
            assert point.passed == sum(passed for _, passed in within)
            assert point.rate == mean_over_tasks(within)


@given(rows)
def test_a_curve_never_falls_and_ends_at_the_pass_rate(
    found: list[tuple[str, str, bool, float]],
) -> None:
    for curve in of(records_of(found)):
        rates = [point.rate for point in curve.points]
        assert rates == sorted(rates)
        own = [(task, p) for h, task, p, _ in found if h == curve.key.harness]
        if rates:
            assert rates[-1] == mean_over_tasks(own)
        for point in curve.points:
            assert (point.interval is None) == (len(own) == 1)
            if point.interval is None:
                continue
            assert point.interval.low <= point.rate <= point.interval.high


@given(rows)
def test_every_curve_has_the_same_budgets_and_they_rise(
    found: list[tuple[str, str, bool, float]],
) -> None:
    budgets = [tuple(point.budget for point in c.points) for c in of(records_of(found))]
    assert len(set(budgets)) == 1
    assert list(budgets[0]) == sorted(set(budgets[0]))


def test_a_trial_that_was_stopped_counts_as_far_as_it_was_seen() -> None:
    def rates(*stopped_at: float) -> list[float]:
        records = [
            record(task="1", agent_time_s=10),
            record(task="2", agent_time_s=30),
            *(
                record(task="3", seed=i, agent_time_s=t, status=Status.AGENT_TIMEOUT)
                for i, t in enumerate(stopped_at)
            ),
        ]
        [curve] = of(records)
        assert [p.passed for p in curve.points] == [0, 1, 1, 1, 2]
        for point in curve.points:
            assert point.interval is not None
            assert point.interval.low <= point.rate <= point.interval.high
        return [float(p.rate) for p in curve.points]

    # Stopped after every pass: it did not pass within any of these budgets.
    assert rates(60) == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3, 2 / 3])
    # Stopped in between: of one that got as far, as much as of the others.
    assert rates(15) == pytest.approx([0, 1 / 3, 1 / 3, 1 / 3, 1])
    assert rates(5) == pytest.approx([0, 1 / 2, 1 / 2, 1 / 2, 1])


@pytest.mark.parametrize("status", [Status.AGENT_IDLE, Status.AGENT_BUDGET])
def test_a_stop_by_another_resource_is_a_failure_and_censors_nothing(
    status: Status,
) -> None:
    honest = [
        record(f"m/q/{h}", str(t), passed=t > 3, agent_time_s=9.0 + t)
        for h in "gh"
        for t in range(1, 7)
    ]
    hung = [
        record("m/q/h", r.task, status=status, agent_time_s=1.0)
        if r.harness == "h" and not r.passed
        else r
        for r in honest
    ]
    g, h = of(hung)
    assert [p.rate for p in h.points] == [p.rate for p in g.points]
    assert h.points[-1].rate == g.points[-1].rate == Fraction(1, 2)
    # What its own limit stops could have passed yet: nobody saw more than half fail.
    late = [
        record("m/q/h", r.task, status=Status.AGENT_TIMEOUT, agent_time_s=1.0)
        if r.harness == "h" and not r.passed
        else r
        for r in honest
    ]
    assert of(late)[1].points[-1].rate == 1


@given(rows, st.integers(2, 4))
def test_running_a_task_again_with_the_same_outcomes_moves_no_point(
    found: list[tuple[str, str, bool, float]], times: int
) -> None:
    again = [one for one in found for _ in range(times if one[1] == "1" else 1)]
    assert [[p.rate for p in c.points] for c in of(records_of(again))] == [
        [p.rate for p in c.points] for c in of(records_of(found))
    ]


def test_without_times_there_is_no_curve() -> None:
    assert of([record()]) == ()


def test_all_times_alike_make_one_step() -> None:
    [curve] = of([record(task=t, agent_time_s=60.0) for t in "123"])
    assert [(float(p.budget), p.passed) for p in curve.points] == [(50, 0), (70, 3)]


def test_what_took_nothing_decides_no_budget_and_is_within_all() -> None:
    assert [curve.points for curve in of([record(agent_time_s=0.0)])] == [()]
    [curve] = of([record(task=t, agent_time_s=60.0 * (t > "1")) for t in "123"])
    assert [(float(p.budget), p.passed) for p in curve.points] == [(50, 1), (70, 3)]
