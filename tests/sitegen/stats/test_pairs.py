"""Two entities on shared tasks, against counting by hand."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from sitegen.stats.pairs import MOST, Pair, pairs
from sitegen.stats.standings import standings
from tests.records import counts_of

Tasks = list[tuple[int, int]]

a_count = st.integers(0, 3).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
tables = st.integers(1, 5).flatmap(
    lambda n: st.lists(
        st.lists(a_count, min_size=n, max_size=n), min_size=1, max_size=4
    )
)


def found_in(groups: list[Tasks]) -> tuple[Pair, ...]:
    counts = counts_of({f"g{i}": tasks for i, tasks in enumerate(groups)})
    return pairs("model", counts, standings(counts))


@given(tables)
def test_pairs_are_what_counting_by_hand_gives(groups: list[Tasks]) -> None:
    by_name = {f"g{i}": tasks for i, tasks in enumerate(groups)}
    for pair in found_in(groups):
        both = [
            (Fraction(*a), Fraction(*b))
            for a, b in zip(by_name[pair.a[0]], by_name[pair.b[0]], strict=True)
            if a[1] and b[1]
        ]
        assert pair.n_tasks == len(both) > 0
        assert pair.wins == sum(a > b for a, b in both)
        assert pair.losses == sum(a < b for a, b in both)
        assert pair.ties == sum(a == b for a, b in both)
        assert pair.delta_rate == sum((a - b for a, b in both), Fraction(0)) / len(both)


@given(tables)
def test_every_two_that_share_a_task_are_paired_once(groups: list[Tasks]) -> None:
    sharing = {
        frozenset((f"g{i}", f"g{j}"))
        for i in range(len(groups))
        for j in range(i)
        if any(a and b for (_, a), (_, b) in zip(groups[i], groups[j], strict=True))
    }
    found = found_in(groups)
    assert {frozenset((p.a[0], p.b[0])) for p in found} == sharing
    assert len(found) == len(sharing)


@given(tables)
def test_seen_from_the_other_side_wins_are_losses(groups: list[Tasks]) -> None:
    counts = counts_of({f"g{i}": tasks for i, tasks in enumerate(groups)})
    order = standings(counts)
    there, back = pairs("model", counts, order), pairs("model", counts, order[::-1])
    turned = {
        (p.b, p.a): (p.n_tasks, p.losses, p.wins, p.ties, -p.delta_rate) for p in back
    }
    assert {
        (p.a, p.b): (p.n_tasks, p.wins, p.losses, p.ties, p.delta_rate) for p in there
    } == turned


def test_only_the_first_of_a_long_ranking_are_compared() -> None:
    found = found_in([[(i, 100)] for i in range(MOST + 5)])
    assert len(found) == MOST * (MOST - 1) // 2
    assert min(int(p.b[0][1:]) for p in found) == 5
