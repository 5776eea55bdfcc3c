"""Two sweeps are compared pair by pair, by one test across both."""

from fractions import Fraction

from harness_bench.schema import Record
from sitegen.keys import HarnessKey
from sitegen.policy import Policy
from sitegen.stats.across import Across, across
from sitegen.stats.counts import counts
from sitegen.stats.ranking import ranking
from sitegen.stats.trials import trials
from tests.records import grid

X, Y, Z = (HarnessKey(name) for name in "xyz")


def cells(**marks: str) -> list[Record]:
    return grid(
        {
            f"m/q/{harness}": {f"t{task}": mark for task, mark in enumerate(own)}
            for harness, own in marks.items()
        }
    )


def of(one: list[Record], other: list[Record]) -> Across[HarnessKey] | None:
    found = []
    for name, records in (("one", one), ("other", other)):
        own = trials(records, Policy())
        ranked = ranking(counts(own, own.combo), HarnessKey, Fraction(1, 2))
        found.append((name, ranked, own.task.labels))
    return across(*found)


def test_orders_are_counted_with_ties_and_a_turned_pair_is_shown() -> None:
    found = of(
        cells(x="+" * 12, y="-" * 12, z="+" * 12),
        cells(x="-" * 12, y="+" * 12, z="-" * 12),
    )
    assert found is not None
    assert (found.one, found.other, found.n_tasks) == ("one", "other", 12)
    assert (found.same, found.opposite, found.tied) == (0, 2, 1)
    assert found.changed == ((X, Y), (Y, Z))


def test_the_same_differences_have_not_changed() -> None:
    one = cells(x="+" * 12, y="-" * 12, z="+-" * 6)
    found = of(one, one)
    assert found is not None
    assert (found.same, found.opposite, found.tied) == (3, 0, 0)
    assert found.changed == ()


def test_sweeps_of_other_tasks_have_orders_but_no_test() -> None:
    other = grid({"m/q/x": {"u": "+", "v": "+"}, "m/q/y": {"u": "-", "v": "-"}})
    found = of(cells(x="++", y="--"), other)
    assert found is not None
    assert (found.same, found.n_tasks, found.changed) == (1, 0, ())


def test_one_shared_entity_makes_no_pair() -> None:
    assert of(cells(x="++", y="--"), cells(x="++", z="--")) is None
