"""The Pareto frontier against its definition, and how surely a combo is on it."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness_bench.schema import Record
from sitegen.keys import ComboKey
from sitegen.policy import Policy
from sitegen.stats.counts import counts
from sitegen.stats.frontier import Place, frontier
from sitegen.stats.frontier import places as of_ranked
from sitegen.stats.ranking import ranking
from sitegen.stats.resampling import DRAWS, resampled
from sitegen.stats.standings import Standing
from sitegen.stats.trials import Trials, trials
from tests.records import EXAMPLE, read, record, scope_of

Point = tuple[Fraction | None, Fraction | None]
"""Rate and mean time."""

few = st.integers(0, 4).map(lambda n: Fraction(n, 4))
points = st.lists(
    st.tuples(st.none() | few, st.none() | few.map(lambda x: x * 100)), max_size=12
)


def places(own: Trials) -> tuple[Place, ...]:
    """With every combo that has enough of the shared tasks."""
    return of_ranked(own, ranking(counts(own, own.combo), ComboKey, Fraction(9, 10)))


def standing(index: int, point: Point) -> Standing[ComboKey]:
    rate, time = point
    return Standing(
        key=ComboKey("m", "q", f"{index}"),
        n_trials=4,
        n_cells=4,
        n_across=4,
        passed=int((rate or 0) * 4),
        rate=rate,
        interval=None,
        time_mean_s=time,
        missed=0,
        rank=1,
    )


def on_it(found: list[Point]) -> list[int]:
    steps = frontier([standing(index, point) for index, point in enumerate(found)])
    return [int(step.standing.key.harness) for step in steps]


def beats(a: Point, b: Point) -> bool:
    """At least as good and as fast, and one of the two strictly."""
    if a[0] is None or a[1] is None or b[0] is None or b[1] is None:
        return False
    return a[0] >= b[0] and a[1] <= b[1] and a != b


@given(points)
def test_who_stays_is_who_nobody_beats(found: list[Point]) -> None:
    expected = {
        index
        for index, point in enumerate(found)
        if point[0]
        and point[1] is not None
        and not any(beats(other, point) for other in found)
    }
    assert set(on_it(found)) == expected
    assert len(on_it(found)) == len(expected)


@given(points)
def test_it_runs_from_the_fastest_to_the_best(found: list[Point]) -> None:
    shown = [found[index] for index in on_it(found)]
    assert shown == sorted(shown, key=lambda point: (point[1], point[0]))
    assert [rate for rate, _ in shown] == sorted(
        rate for rate, _ in shown if rate is not None
    )


@given(points)
def test_only_the_order_of_times_matters(found: list[Point]) -> None:
    stretched: list[Point] = [
        (rate, None if time is None else time**3 + 5) for rate, time in found
    ]
    assert on_it(stretched) == on_it(found)


@given(points, st.randoms())
def test_the_order_of_combos_does_not_matter(
    found: list[Point], chance: Random
) -> None:
    standings = [standing(index, point) for index, point in enumerate(found)]
    before = frontier(standings)
    chance.shuffle(standings)
    assert frontier(standings) == before


def test_a_step_says_how_much_slower_it_is_than_the_one_before() -> None:
    steps = frontier(
        [
            standing(0, (Fraction(1), Fraction(600))),
            standing(1, (Fraction(1, 2), Fraction(100))),
            standing(2, (Fraction(3, 4), Fraction(150))),
        ]
    )
    assert [step.times_slower for step in steps] == [None, Fraction(3, 2), 4]


def test_who_gives_up_at_once_is_no_step() -> None:
    assert on_it([(Fraction(0), Fraction(1)), (Fraction(1), Fraction(9))]) == [1]
    assert on_it([(Fraction(0), Fraction(1))]) == []


def test_after_a_time_of_zero_no_ratio_is_claimed() -> None:
    steps = frontier(
        [
            standing(0, (Fraction(1, 2), Fraction(0))),
            standing(1, (Fraction(1), Fraction(5))),
        ]
    )
    assert [step.times_slower for step in steps] == [None, None]


def test_equals_in_both_stay_together_in_the_order_of_their_names() -> None:
    assert on_it([(Fraction(1), Fraction(5))] * 3) == [0, 1, 2]


def test_a_combo_that_stands_apart_takes_no_part() -> None:
    whole, part = standing(0, (Fraction(1, 2), Fraction(9))), (Fraction(1), Fraction(1))
    assert len(frontier([whole, standing(1, part)])) == 1
    apart = replace(standing(1, part), rank=None)
    assert [s.standing.key for s in frontier([whole, apart])] == [whole.key]


times = st.sampled_from([None, 0.0, 1.0, 2.5, 60.0])
tables = st.lists(
    st.lists(st.tuples(st.booleans(), times), min_size=3, max_size=3),
    min_size=2,
    max_size=5,
)


def records_of(table: Sequence[Sequence[tuple[bool, float | None]]]) -> list[Record]:
    """A combo a row, a task a column."""
    return [
        record(f"m/q/h{row}", f"t{task}", passed=passed, agent_time_s=time)
        for row, cells in enumerate(table)
        for task, (passed, time) in enumerate(cells)
    ]


def by_hand(
    table: Sequence[Sequence[tuple[bool, float | None]]], weights: Sequence[int]
) -> set[int]:
    """Who is on the frontier when task t counts weights[t] times."""
    found: dict[int, Point] = {}
    for row, cells in enumerate(table):
        drawn = [c for c, n in zip(cells, weights, strict=True) for _ in range(n)]
        known = [Fraction(time) for _, time in drawn if time is not None]
        if known:
            rate = Fraction(sum(passed for passed, _ in drawn), len(drawn))
            found[row] = (rate, sum(known, start=Fraction(0)) / len(known))
    return {
        row
        for row, point in found.items()
        if not any(beats(other, point) for other in found.values())
    }


@settings(max_examples=25, deadline=None)
@given(tables)
def test_chances_are_the_shares_of_draws_counted_by_hand(
    table: list[list[tuple[bool, float | None]]],
) -> None:
    found = places(trials(records_of(table), Policy()))
    draws: dict[tuple[int, ...], int] = {}
    for draw in resampled(3).tolist():
        draws[tuple(draw)] = draws.get(tuple(draw), 0) + 1
    often = dict.fromkeys(range(len(table)), 0)
    for weights, n in draws.items():
        for row in by_hand(table, weights):
            often[row] += n
    now = by_hand(table, (1, 1, 1))
    for place in found:
        row = int(place.key.harness.removeprefix("h"))
        assert place.chance == Fraction(often[row], DRAWS)
        assert place.on_frontier == (row in now)
    timed = {
        row for row, cells in enumerate(table) if any(t is not None for _, t in cells)
    }
    assert {int(p.key.harness.removeprefix("h")) for p in found} == timed


def test_a_lone_combo_has_no_frontier_for_it_is_ranked_among_nobody() -> None:
    alone = [record(task=t, agent_time_s=5.0) for t in "123"]
    assert places(trials(alone, Policy())) == ()
    assert scope_of(alone).frontier == ()


def test_running_a_task_again_moves_no_chance_and_no_mean() -> None:
    rows = [
        record(f"m/q/h{h}", f"t{t}", passed=(h * t) % 3 > 0, agent_time_s=10.0 * h + t)
        for h, t in product(range(1, 5), range(6))
    ]
    again = [
        replace(one, seed=seed)
        for one in rows
        for seed in range(4 if one.task == "t1" else 1)
    ]
    assert places(trials(again, Policy())) == places(trials(rows, Policy()))


def test_tokens_and_cost_have_frontiers_of_their_own() -> None:
    rows = [
        record(f"m/q/{h}", t, tokens_in=n, tokens_out=1, cost_usd=cost, passed=p)
        for (h, n, cost, p), t in product(
            [("a", 10, 0.5, True), ("b", 5, 0.7, True), ("c", 99, 0.9, False)], "12"
        )
    ]
    found = places(trials(rows, Policy()))
    on = {(p.measure.name, p.key.harness): p for p in found if p.on_frontier}
    assert set(on) == {("tokens", "b"), ("cost", "a")}
    assert on["tokens", "b"].mean == 6
    assert on["cost", "a"].mean == Fraction(1, 2)
    assert {p.chance for p in on.values()} == {1}


def test_stretching_every_time_leaves_every_chance_alone() -> None:
    def chances(scale: float) -> list[tuple[ComboKey, Fraction]]:
        rows = [
            record(f"m/q/h{h}", f"t{t}", passed=(h * t) % 3 > 0, agent_time_s=scale * h)
            for h, t in product(range(1, 6), range(7))
        ]
        return [(p.key, p.chance) for p in places(trials(rows, Policy()))]

    assert chances(1.0) == chances(1000.0)


def chance_of(found: Sequence[Place], *parts: str) -> Fraction:
    return next(place.chance for place in found if place.key == ComboKey(*parts))


def test_the_examples_perfect_combo_is_on_the_line_less_often_than_the_fast_one() -> (
    None
):
    inputs = read(EXAMPLE)
    found = places(trials(inputs.records, inputs.settings.policy))
    fast = chance_of(found, "gpt-oss-120b", "MXFP4", "pi")
    perfect = chance_of(found, "Qwen3.6-27B", "UD-Q4_K_XL", "pi")
    assert float(fast) == pytest.approx(0.99, abs=0.02)
    assert 0.25 < perfect < 0.5
