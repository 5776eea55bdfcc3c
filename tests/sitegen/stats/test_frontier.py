"""The Pareto frontier against its definition."""

from fractions import Fraction
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from sitegen.stats.frontier import frontier
from sitegen.stats.standings import Standing

Point = tuple[Fraction | None, Fraction | None]
"""Rate and mean time."""

few = st.integers(0, 4).map(lambda n: Fraction(n, 4))
points = st.lists(
    st.tuples(st.none() | few, st.none() | few.map(lambda x: x * 100)), max_size=12
)


def standing(index: int, point: Point) -> Standing:
    rate, time = point
    return Standing(
        key=("m", "q", f"{index}"),
        n_trials=4,
        n_cells=4,
        n_across=4,
        passed=int((rate or 0) * 4),
        rate=rate,
        interval=None,
        time_mean_s=time,
        missed=0,
    )


def on_it(found: list[Point]) -> list[int]:
    steps = frontier([standing(index, point) for index, point in enumerate(found)])
    return [int(step.standing.key[2]) for step in steps]


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
