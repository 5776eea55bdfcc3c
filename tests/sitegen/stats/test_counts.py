"""Means over cells, exactly, whatever the sizes."""

from fractions import Fraction

from sitegen.stats.counts import means, sums
from tests.records import ints


def test_each_cell_counts_once_however_often_it_ran() -> None:
    group, won, ran = ints([0, 0, 1]), ints([1, 3, 2]), ints([1, 9, 4])
    found = sums(group, won, ran, 3)
    assert found == [Fraction(1) + Fraction(1, 3), Fraction(1, 2), Fraction(0)]
    assert means(found, ints([2, 1, 0]), 1) == (Fraction(2, 3), Fraction(1, 2), None)


def test_a_cell_of_unknown_size_adds_nothing() -> None:
    assert sums(ints([0, 0]), ints([5, 7]), ints([0, 2]), 1) == [Fraction(7, 2)]


def test_steps_are_turned_into_units() -> None:
    assert means([Fraction(3_000_000)], ints([2]), 1_000_000) == (Fraction(3, 2),)
