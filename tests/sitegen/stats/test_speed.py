"""What answering was like, counted a second way."""

import random
import statistics
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness_bench.schema import Record, Status
from sitegen.keys import ComboKey, HarnessKey, Key, QuantKey
from sitegen.measures import CONTEXT, FIRST_TOKEN, SPEED
from sitegen.policy import Policy
from sitegen.stats.speed import Speed, one_hardware, speeds
from sitegen.stats.trials import trials
from tests.records import record, scope_of
from tests.strategies import tables

MILLION = 10**6

ROWS = st.lists(
    st.builds(
        record,
        st.sampled_from(["a/Q4/x", "a/Q8/x", "a/Q4/y", "b//x"]),
        st.sampled_from(["t", "u"]),
        tokens_per_s=st.none() | st.integers(0, 10**9).map(lambda n: n / 1000),
        first_token_s=st.none() | st.integers(0, 10**6).map(lambda n: n / 1000),
        context_peak=st.none() | st.integers(0, 10**6),
        calls=st.none() | st.integers(0, 1000),
        malformed_calls=st.none() | st.integers(0, 1000),
        hardware=st.sampled_from([None, "one", "two"]),
    ),
    min_size=1,
    max_size=30,
)


def found(records: Iterable[Record]) -> dict[Key, Speed]:
    return {each.key: each for each in speeds(trials(list(records), Policy()))}


def exact(value: float | None) -> Fraction:
    return Fraction(str(value or 0))


def middle(values: list[Fraction], *, is_one: bool) -> Fraction | None:
    return statistics.median(values) if values and is_one else None


KINDS: dict[type[Key], Callable[[Record], Key]] = {
    QuantKey: lambda r: QuantKey(r.model, r.quant),
    HarnessKey: lambda r: HarnessKey(r.harness),
    ComboKey: lambda r: ComboKey(r.model, r.quant, r.harness),
}


@given(ROWS)
def test_every_group_is_what_its_rows_say(records: list[Record]) -> None:
    ours = found(records)
    expected = set()
    for key_of in KINDS.values():
        for key in {key_of(each) for each in records}:
            own = [each for each in records if key_of(each) == key]
            speed = [exact(r.tokens_per_s) for r in own if r.tokens_per_s is not None]
            wait = [exact(r.first_token_s) for r in own if r.first_token_s is not None]
            peaks = [r.context_peak for r in own if r.context_peak is not None]
            both = [
                (r.malformed_calls, r.calls)
                for r in own
                if r.malformed_calls is not None and r.calls
            ]
            if not (speed or wait or peaks or both):
                continue
            expected.add(key)
            row = ours[key]
            hardware = {
                r.hardware
                for r in own
                if (r.tokens_per_s, r.first_token_s) != (None, None)
            }
            is_one = len(hardware) <= 1
            assert row.mixed == (not is_one)
            assert row.figures[SPEED].n_trials == len(speed)
            assert row.figures[SPEED].value == middle(speed, is_one=is_one)
            assert row.figures[FIRST_TOKEN].n_trials == len(wait)
            assert row.figures[FIRST_TOKEN].value == middle(wait, is_one=is_one)
            assert row.figures[CONTEXT].value == max(peaks, default=None)
            assert row.figures[CONTEXT].n_trials == len(peaks)
            assert row.n_calls == len(both)
            assert row.malformed == sum(bad for bad, _ in both)
            assert row.calls == sum(calls for _, calls in both)
    assert set(ours) == expected


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_not_seen(
    records: list[Record], draw: random.Random
) -> None:
    shuffled = draw.sample(records, len(records))
    assert found(shuffled) == found(records)


@given(ROWS)
@example(
    [
        record("a/Q4/x", "t", context_peak=0),
        record("a/Q8/x", "t", calls=0, malformed_calls=0),
    ]
)
def test_groups_of_each_kind_share_the_same_trials_out(records: list[Record]) -> None:
    totals = set()
    for kind in KINDS:
        rows = [each for key, each in found(records).items() if type(key) is kind]
        totals.add(
            (
                sum(each.malformed for each in rows),
                sum(each.calls for each in rows),
                sum(each.n_calls for each in rows),
                sum(each.figures[SPEED].n_trials for each in rows),
                max((each.figures[CONTEXT].value or 0 for each in rows), default=0),
            )
        )
    assert len(totals) == 1


@given(tables(name=st.sampled_from("abc"), max_size=6))
def test_no_record_breaks_the_counts(records: list[Record]) -> None:
    for each in found(records).values():
        for median in (each.figures[SPEED].value, each.figures[FIRST_TOKEN].value):
            assert median is None or 0 <= median <= 10**9
        assert each.calls >= 0


def test_only_measured_trials_count() -> None:
    lost = record(status=Status.INFRA_SERVER, tokens_per_s=1.0, context_peak=5)
    assert found([lost]) == {}
    row = found([lost, record(seed=1, tokens_per_s=9.0)])[ComboKey("m", "q", "h")]
    assert row.figures[SPEED].value == 9
    assert row.figures[CONTEXT].value is None


def test_hardware_that_is_not_recorded_is_one_kind_beside_those_that_are() -> None:
    def one(*hardware: str | None) -> bool:
        rows = [
            record(seed=seed, tokens_per_s=5.0, hardware=name)
            for seed, name in enumerate(hardware)
        ]
        # What was not timed does not matter.
        rows.append(record(seed=9, hardware="another", context_peak=1))
        same = one_hardware(trials(rows, Policy()))
        assert found(rows)[ComboKey("m", "q", "h")].mixed == (not same)
        return same

    assert one(None, None)
    assert one("a", "a")
    assert not one("a", "b")
    assert not one("a", None)


def test_malformed_calls_are_over_the_trials_that_tell_both() -> None:
    row = found(
        [
            record(seed=0, calls=40, malformed_calls=1),
            record(seed=1, calls=1000),
            record(seed=2, malformed_calls=7),
        ]
    )[HarnessKey("h")]
    assert (row.malformed, row.calls, row.n_calls) == (1, 40, 1)
    assert row.malformed_per_100 == Fraction(5, 2)


@pytest.mark.parametrize(
    "silent",
    [{"calls": 3}, {"malformed_calls": 3}, {"calls": 0, "malformed_calls": 0}],
)
def test_trials_that_tell_nothing_make_no_row(silent: dict[str, Any]) -> None:
    assert scope_of([record(tokens_out=5, hardware="a", **silent)]).speeds == ()
