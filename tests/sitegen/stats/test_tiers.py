"""Tiers share a letter exactly where nothing tells two entities apart."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sitegen.stats.tiers import tiers
from tests.records import grid, scope_of

Places = set[tuple[int, int]]


def pairs_of(n: int) -> st.SearchStrategy[Places]:
    every = list(combinations(range(n), 2))
    return st.sets(st.sampled_from(every)) if every else st.just(set())


graphs = st.integers(1, 9).flatmap(lambda n: st.tuples(st.just(n), pairs_of(n)))


def display(n: int, apart: set[tuple[int, int]]) -> list[str]:
    near = np.ones((n, n), dtype=np.bool_)
    for a, b in apart:
        near[a, b] = near[b, a] = False
    return tiers(near)


@given(graphs)
def test_two_share_a_letter_exactly_where_they_are_not_separable(
    graph: tuple[int, set[tuple[int, int]]],
) -> None:
    n, apart = graph
    letters = display(n, apart)
    for i, j in combinations(range(n), 2):
        assert bool(set(letters[i]) & set(letters[j])) == ((i, j) not in apart)
    assert all(letters)
    assert letters[0][0] == "a"


@given(graphs)
def test_no_letter_could_be_left_out(graph: tuple[int, set[tuple[int, int]]]) -> None:
    n, apart = graph
    letters = display(n, apart)
    for letter in set("".join(letters)):
        members = {i for i in range(n) if letter in letters[i]}
        others = [
            {i for i in range(n) if other in letters[i]}
            for other in set("".join(letters)) - {letter}
        ]
        assert not any(members <= other for other in others)


def test_a_chain_of_overlapping_neighbours() -> None:
    assert display(3, {(0, 2)}) == ["a", "ab", "b"]
    assert display(3, set()) == ["a", "a", "a"]
    assert display(3, {(0, 1), (0, 2), (1, 2)}) == ["a", "b", "c"]


def test_after_the_alphabet_come_numbers() -> None:
    everyone = set(combinations(range(60), 2))
    assert display(60, everyone)[51:54] == ["Z", "[53]", "[54]"]


def test_who_stands_apart_and_the_lone_have_no_tier() -> None:
    tasks = dict.fromkeys([f"t{i}" for i in range(8)], "+")
    cells = {
        "a//h": tasks,
        "b//h": dict.fromkeys(tasks, "-"),
        "c//h": dict(list(tasks.items())[:4]),
    }
    assert [(s.key.model, s.rank, s.tier) for s in scope_of(grid(cells)).combos] == [
        ("a", 1, "a"),
        ("b", 2, "b"),
        ("c", None, ""),
    ]
    (alone,) = scope_of(grid({"a//h": tasks})).combos
    assert (alone.rank, alone.rank_range, alone.tier) == (None, None, "")
