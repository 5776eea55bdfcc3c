"""Amounts cut short by limits, against statsmodels and counting."""

from fractions import Fraction
from statistics import median as middle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from harness_bench.schema import Status
from sitegen.keys import ComboKey, HarnessKey, QuantKey
from sitegen.stats.spending import median
from sitegen.stats.survival import ended, solved
from tests.records import ints, record, scope_of

trials = st.lists(
    st.tuples(st.integers(1, 12), st.booleans(), st.booleans()), min_size=1, max_size=40
)

MICRO = 1_000_000


def arrays(found: list[tuple[int, bool, bool]]) -> tuple[np.ndarray, ...]:
    amounts, passed, stopped = (np.array(column) for column in zip(*found, strict=True))
    return amounts.astype(np.int64), passed, stopped & ~passed


@given(trials)
def test_what_ended_by_itself_is_kaplan_and_meiers(
    found: list[tuple[int, bool, bool]],
) -> None:
    amounts, _, stopped = arrays(found)
    ours = ended(amounts, stopped)
    if stopped.all():
        assert len(ours.amounts) == 0
        return
    theirs = SurvfuncRight(amounts, (~stopped).astype(int))
    for time, survives in zip(theirs.surv_times, theirs.surv_prob, strict=True):
        assert ours.at(int(time)) == pytest.approx(1 - survives, abs=1e-9)


@given(trials)
def test_what_was_solved_is_aalen_and_johansens(
    found: list[tuple[int, bool, bool]],
) -> None:
    amounts, passed, stopped = arrays(found)
    ours = solved(amounts, passed, stopped)
    if not passed.any():
        assert len(ours.amounts) == 0
        assert ours.at(99) == 0.0
        return
    kinds = np.where(passed, 1, np.where(stopped, 0, 2))
    with np.errstate(divide="ignore", invalid="ignore"):  # in its standard errors
        theirs = CumIncidenceRight(amounts, kinds)
    for time, share in zip(theirs.times, theirs.cinc[0], strict=True):
        assert ours.at(int(time)) == pytest.approx(share, abs=1e-9)


@given(trials)
def test_without_limits_it_is_the_share_that_passed_by_then(
    found: list[tuple[int, bool, bool]],
) -> None:
    amounts, passed, _ = arrays(found)
    ours = solved(amounts, passed, np.zeros(len(amounts), dtype=np.bool_))
    for amount in range(14):
        share = (passed & (amounts <= amount)).mean()
        assert ours.at(amount) == pytest.approx(share, abs=1e-12)


@given(trials)
def test_shares_rise_and_end_at_most_at_one(
    found: list[tuple[int, bool, bool]],
) -> None:
    amounts, passed, stopped = arrays(found)
    for curve in (ended(amounts, stopped), solved(amounts, passed, stopped)):
        assert (np.diff(curve.shares) > 0).all()
        assert (np.diff(curve.amounts) > 0).all()
        if len(curve.shares):
            assert 0 < curve.shares[-1] <= 1 + 1e-12


@given(st.lists(st.integers(0, 99), min_size=1, max_size=30))
def test_without_limits_the_median_is_the_middle_one(amounts: list[int]) -> None:
    found = median(
        ints([a * 1_000_000 for a in amounts]),
        np.zeros(len(amounts), dtype=np.bool_),
        np.arange(len(amounts)),
        MICRO,
    )
    assert found.value == middle(amounts)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.value <= found.high


def test_where_half_were_stopped_the_median_is_not_known() -> None:
    stopped = np.array([0, 0, 1, 1, 1], bool)
    found = median(ints([1, 2, 9, 9, 9]), stopped, np.arange(5), MICRO)
    assert (found.value, found.low, found.high) == (None, None, None)
    stopped[2] = False
    some = median(ints([1, 2, 3, 9, 9]), stopped, np.arange(5), MICRO)
    assert some.value == 3 / 1_000_000
    assert some.high is None


def test_tasks_are_the_clusters_of_the_interval() -> None:
    amounts = ints([n * 1_000_000 for n in range(1, 17) for _ in range(5)])
    nobody = np.zeros(80, dtype=np.bool_)
    clustered = median(amounts, nobody, np.repeat(np.arange(16), 5), MICRO)
    alone = median(amounts, nobody, np.arange(80), MICRO)
    assert clustered.value == alone.value == 8.5
    assert clustered.low is not None
    assert alone.low is not None
    assert clustered.low < alone.low


def test_spending_keeps_time_tokens_and_money_apart_and_counts_the_stopped() -> None:
    found = scope_of(
        [
            record(task="t1", agent_time_s=10.0, tokens_in=5, tokens_out=5),
            record(
                task="t2",
                agent_time_s=90.0,
                cost_usd=0.25,
                status=Status.AGENT_TIMEOUT,
            ),
            record(task="t3", agent_time_s=20.0),
        ]
    ).spending
    by_resource = {s.measure.name: s for s in found if isinstance(s.key, ComboKey)}
    time = by_resource["time"]
    assert time.mean.mean == 40
    assert (time.median.value, time.stopped) == (20.0, 1)
    assert time.median.high is None
    assert by_resource["tokens"].mean.mean == 10
    assert by_resource["cost"].mean.mean == Fraction(1, 4)
    assert {type(s.key) for s in found} == {QuantKey, HarnessKey, ComboKey}


def test_a_monotone_change_of_all_times_leaves_their_order_alone() -> None:
    times = {"a": [3.0, 9.0, 30.0], "b": [5.0, 5.0, 5.0], "c": [1.0, 80.0, 90.0]}

    def order(power: float) -> list[str]:
        records = [
            record(f"m//{name}", f"t{i}", agent_time_s=time**power)
            for name, values in times.items()
            for i, time in enumerate(values)
        ]
        found = [
            (s.median.value or 0, s.key.harness)
            for s in scope_of(records).spending
            if isinstance(s.key, HarnessKey)
        ]
        return [name for _, name in sorted(found)]

    assert order(1) == order(0.5) == order(2) == ["b", "a", "c"]
