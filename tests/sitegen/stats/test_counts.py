"""Means over cells, exactly, whatever the sizes."""

from dataclasses import fields
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from harness_bench.schema import Record, Status
from sitegen.policy import Policy
from sitegen.stats.counts import counts, counts_in, means, sums
from sitegen.stats.trials import trials
from tests.records import ints, record

SEEDS = st.tuples(
    st.sampled_from(["m//pi", "m//aider", "n/q4/pi", "n/q8/pi"]),
    st.sampled_from("abcd"),
    st.sampled_from([Status.PASS, Status.FAIL, Status.INFRA_SERVER]),
    st.sampled_from([None, 1.5, 90.0]),
    st.sampled_from([None, "gpu", "cpu"]),
)


def of_seeds(
    seeds: list[tuple[str, str, Status, float | None, str | None]],
) -> list[Record]:
    return [
        record(c, t, seed=seed, status=s, agent_time_s=time, hardware=where)
        for seed, (c, t, s, time, where) in enumerate(seeds)
    ]


def test_each_cell_counts_once_however_often_it_ran() -> None:
    group, won, ran = ints([0, 0, 1]), ints([1, 3, 2]), ints([1, 9, 4])
    found = sums(group, won, ran, 3)
    assert found == [Fraction(1) + Fraction(1, 3), Fraction(1, 2), Fraction(0)]
    assert means(found, ints([2, 1, 0]), 1) == (Fraction(2, 3), Fraction(1, 2), None)


def test_a_cell_of_unknown_size_adds_nothing() -> None:
    assert sums(ints([0, 0]), ints([5, 7]), ints([0, 2]), 1) == [Fraction(7, 2)]


def test_steps_are_turned_into_units() -> None:
    assert means([Fraction(3_000_000)], ints([2]), 1_000_000) == (Fraction(3, 2),)


@settings(max_examples=50)
@given(st.lists(SEEDS, min_size=1, max_size=40))
def test_what_is_counted_in_every_task_at_once_is_what_each_task_alone_gives(
    seeds: list[tuple[str, str, Status, float | None, str | None]],
) -> None:
    whole = trials(of_seeds(seeds), Policy())
    for name, across in (("quant", "combo"), ("combo", "task")):
        axis, clusters = getattr(whole, name), getattr(whole, across)
        found = counts_in(whole, whole.task, axis, clusters)
        assert [*found] == [*whole.task.labels]
        for code, task in enumerate(whole.task.labels):
            alone = whole.where((whole.task.codes == code) & whole.measured)
            of = counts(alone, getattr(alone, name), getattr(alone, across))
            for field in fields(of):
                one, other = (getattr(each, field.name) for each in (found[task], of))
                assert np.array_equal(one, other), field.name
