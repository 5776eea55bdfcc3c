"""How numbers are spelled."""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.numbers import (
    UNKNOWN,
    abridged,
    correlation,
    count_of,
    decimal,
    distance,
    equals_p,
    listed,
    percent,
    plain,
    points,
    probability,
    ratio,
    rounded,
    seconds,
    signed,
    significant,
)


@given(st.decimals(-10_000, 10_000, places=5), st.integers(0, 4))
def test_rounding_is_half_even_on_the_exact_value(value: Decimal, digits: int) -> None:
    expected = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
    # A result of 0 has no sign.
    assert decimal(Fraction(value), digits) == f"{expected or abs(expected)}"


@pytest.mark.parametrize(
    ("rate", "digits", "text"),
    [
        (Fraction(13, 16), 1, "81.2"),
        (Fraction(51, 80), 1, "63.8"),
        (Fraction(1, 3), 1, "33.3"),
        (Fraction(1), 1, "100.0"),
        (Fraction(0), 0, "0"),
        (Fraction(1, 8), 0, "12"),
        (Fraction(3, 8), 0, "38"),
        (None, 1, UNKNOWN),
    ],
)
def test_a_rate_in_percent(rate: Fraction | None, digits: int, text: str) -> None:
    assert percent(rate, digits) == text


@pytest.mark.parametrize(
    ("time_s", "number", "unit"),
    [
        (None, UNKNOWN, ""),
        (Fraction(0), "0", "s"),
        (Fraction(1, 3), "0.33", "s"),
        (Fraction(1), "1.0", "s"),
        (Fraction(99, 10), "9.9", "s"),
        (Fraction(10), "10", "s"),
        (Fraction(2073, 10), "207", "s"),
        (Fraction(19_999), "19,999", "s"),
        (Fraction(20_000), "5.6", "h"),
        (Fraction(10**9), "277777.8", "h"),
    ],
)
def test_a_duration_in_two_or_three_digits(
    time_s: Fraction | None, number: str, unit: str
) -> None:
    assert seconds(time_s) == (number, unit)


def test_a_change_has_a_true_minus_and_no_sign_where_nothing_changed() -> None:
    assert [signed(n) for n in (2, -6, 0)] == ["+2", "−6", "0"]
    assert [points(Fraction(n, 1000)) for n in (25, -125, 0)] == [
        "+2.5",
        "−12.5",
        "0.0",
    ]
    assert points(None) == UNKNOWN


def test_a_distance_has_no_sign_and_always_a_whole_part() -> None:
    found = [distance(n) for n in (Fraction(-62, 1000), Fraction(0), 0.025)]
    assert found == ["6.2", "0.0", "2.5"]
    assert points(-0.062) == "−6.2"


@given(st.integers(0, 30), st.integers(1, 10))
def test_many_names_are_cut_short_but_never_by_a_single_one(n: int, most: int) -> None:
    names = [f"n{i}" for i in range(n)]
    found = abridged(names, most)
    assert "1 more" not in found
    if n <= most + 1:
        assert found == names
    else:
        assert found == [*names[:most], f"{n - most} more"]


def test_a_count_agrees_with_its_noun() -> None:
    assert count_of(1, "task") == "1 task"
    assert count_of(0, "task") == "0 tasks"
    assert count_of(1360, "cell") == "1,360 cells"
    assert count_of(2, "harness", "harnesses") == "2 harnesses"


def test_names_are_listed_as_in_a_sentence() -> None:
    assert [listed(list("abc")[:n]) for n in range(4)] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert listed(["a", "b"], "or") == "a or b"


@given(st.fractions())
def test_data_files_carry_at_most_six_decimals(value: Fraction) -> None:
    number = plain(value)
    assert number is not None
    assert abs(Fraction(number) - value) <= Fraction(1, 1_000_000) + abs(value) / 2**50
    exact = Decimal(repr(number)).as_tuple().exponent
    assert isinstance(exact, int)
    assert -exact <= 6 or number == round(number, 6)
    assert f"{number}" != "-0.0"


def test_what_is_not_known_stays_unknown_in_data_files() -> None:
    assert plain(None) is None
    assert plain(Fraction(25, 20_000_000)) == 0.000001
    assert plain(Fraction(35, 20_000_000)) == 0.000002
    assert plain(Fraction(2, 3)) == 0.666667


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (Fraction(1), "1.00"),
        (Fraction(34, 100), "0.34"),
        (Fraction(49, 1000), "0.049"),
        (Fraction(1, 1000), "0.001"),
        (Fraction(1, 10**9), "< 0.001"),
    ],
)
def test_a_p_value_has_the_places_it_deserves(p: Fraction, text: str) -> None:
    assert probability(p) == text


def test_small_numbers_keep_their_digits() -> None:
    assert significant(Fraction(1, 2**40)) == 9.09495e-13
    assert significant(None) is None


def test_a_correlation_has_a_true_minus_and_no_negative_zero() -> None:
    assert correlation(-0.3049) == "−0.3"
    assert correlation(-0.04) == "0.0"
    assert correlation(1.0) == "1.0"


def test_a_rate_without_counts_beside_it_is_whole_below_a_hundred_trials() -> None:
    assert rounded(Fraction(15, 16), 16) == "94"
    assert rounded(Fraction(15, 16), 99.9) == "94"
    assert rounded(Fraction(15, 16), 100) == "93.8"
    assert rounded(None, 5) == UNKNOWN


def test_a_small_p_is_not_said_to_equal_a_bound() -> None:
    assert equals_p(Fraction(1, 5000)) == "p < 0.001"
    assert equals_p(0.034) == "p = 0.034"
    assert equals_p(Fraction(1, 32)) == "p = 0.031"
    assert equals_p(Fraction(1, 3)) == "p = 0.33"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.3e-05, "under 0.01"),
        (0.0123, "0.012"),
        (0.62, "0.62"),
        (1.54, "1.5"),
        (99.4, "99"),
        (23_000.0, "over 100"),
    ],
)
def test_a_ratio_past_a_hundredfold_says_only_that(value: float, text: str) -> None:
    assert ratio(value) == text
