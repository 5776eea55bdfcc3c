"""How a number becomes text: once, in Python, from the exact fraction.

Rounding is half-even on the exact value (81.25 -> "81.2", 63.75 -> "63.8"), so
that a printed figure never depends on how a float happened to be stored.
"""

from __future__ import annotations

from fractions import Fraction

UNKNOWN = "–"
"""What is not measured. Never 0."""

_SECONDS_PER_HOUR = 3600
_THOUSAND_S = 1000
_LONG_S = 20_000
_HUNDREDFOLD = 100
_THOUSANDTH, _TENTH = Fraction(1, 1000), Fraction(1, 10)


def decimal(value: Fraction | float, digits: int) -> str:
    """The value with `digits` places after the point, rounded half-even."""
    over, under = value.as_integer_ratio()
    scaled, left = divmod(abs(over) * 10**digits, under)
    if left * 2 > under or (left * 2 == under and scaled % 2):
        scaled += 1
    sign = "-" if over < 0 and scaled else ""
    whole, rest = divmod(scaled, 10**digits)
    return f"{sign}{whole}.{rest:0{digits}d}" if digits else f"{sign}{whole}"


def percent(rate: Fraction | None, digits: int = 1) -> str:
    """A proportion in 0..1 as percent, without the sign: 13/16 -> "81.2"."""
    return UNKNOWN if rate is None else decimal(rate * 100, digits)


def rounded(rate: Fraction | None, n: float) -> str:
    """A proportion where no counts stand beside it: whole percent below 100 trials.

    Args:
        rate: The proportion.
        n: How many independent trials are behind it.
    """
    return percent(rate, 1 if n >= 100 else 0)  # noqa: PLR2004 - one in a hundred


def seconds(time_s: Fraction | None) -> tuple[str, str]:
    """A duration as (number, unit): ("207", "s"), ("8.4", "h") when very long."""
    if time_s is None:
        return UNKNOWN, ""
    if time_s >= _LONG_S:
        return decimal(time_s / _SECONDS_PER_HOUR, 1), "h"
    if 0 < time_s < 1:
        return decimal(time_s, 2), "s"
    if time_s >= _THOUSAND_S:
        return f"{round(time_s):,}", "s"
    tenths = 0 < time_s < 10  # noqa: PLR2004 - two digits
    return decimal(time_s, 1 if tenths else 0), "s"


def signed(count: int) -> str:
    """A change with its sign, with a true minus: "+2", "−6", "0"."""
    return f"+{count}" if count > 0 else f"−{-count}" if count < 0 else "0"


def rough(count: int) -> int:
    """A planned number to two significant digits: 397 -> 400."""
    return int(float(f"{count:.1e}"))


def points(delta: Fraction | float | None) -> str:
    """A difference of two proportions in percentage points, signed."""
    if delta is None:
        return UNKNOWN
    sign = "+" if delta > 0 else "−" if delta < 0 else ""
    return sign + distance(delta)


def distance(delta: Fraction | float) -> str:
    """How far two proportions lie apart, in percentage points: "6.2"."""
    return decimal(abs(Fraction(delta)) * 100, 1)


def count_of(count: int, singular: str, plural: str = "") -> str:
    """A count with its noun: "1 task", "16 tasks", "1,360 cells"."""
    noun = singular if count == 1 else plural or singular + "s"
    return f"{count:,} {noun}"


def listed(names: list[str], conjunction: str = "and") -> str:
    """Names as a phrase: "a", "a and b", "a, b and c"."""
    if len(names) <= 1:
        return "".join(names)
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"


def named_of(count: int, most: int) -> int:
    """How many things to name where the rest is counted; "1 more" is never said."""
    return count if count <= most + 1 else most


def abridged(names: list[str], most: int) -> list[str]:
    """The first names, and how many more there are: "a", "b", "12 more"."""
    named = named_of(len(names), most)
    rest = len(names) - named
    return [*names[:named], *([f"{rest:,} more"] if rest else [])]


def plain(value: Fraction | float | None) -> float | None:
    """A number as data files carry it: at most six places, half-even."""
    return None if value is None else float(decimal(value, 6))


def significant(value: Fraction | float | None) -> float | None:
    """A number that may be very small, as data files carry it."""
    return None if value is None else float(f"{float(value):.6g}")


def ratio(value: float) -> str:
    """How many times as much, "0.62" or "23"; past a hundredfold only that it is."""
    if round(value) >= _HUNDREDFOLD:
        return f"over {_HUNDREDFOLD}"
    return f"{value:.2g}" if value * _HUNDREDFOLD >= 1 else f"under {1 / _HUNDREDFOLD}"


def probability(p: Fraction | float | None) -> str:
    """A p value with as many places as it deserves: "0.34", "0.041", "< 0.001"."""
    if p is None:
        return UNKNOWN
    if p < _THOUSANDTH:
        return "< 0.001"
    return decimal(p, 3 if p < _TENTH else 2)


def equals_p(p: Fraction | float) -> str:
    """A p value in a sentence: "p = 0.34", "p < 0.001"."""
    said = probability(p)
    return f"p {said}" if said.startswith("<") else f"p = {said}"


def correlation(value: float) -> str:
    """A number from -1 to 1 with one place and a true minus, never "−0.0"."""
    return f"{round(value, 1) + 0.0:.1f}".replace("-", "−")
