"""What one field of a file may hold: its column, parsed and written.

A column is derived from a field of a dataclass (`schema.Record`), so that the
type, the parser and the documentation cannot disagree.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, DecimalException
from enum import StrEnum
from types import MappingProxyType, UnionType
from typing import Any, Literal, get_args

from harness_bench.errors import near_miss, shown

Value = str | int | float | bool | StrEnum | None
"""What one field of a record may hold."""

Group = Literal["identity", "outcome", "time", "usage", "integrity", "provenance"]
Kind = Literal["text", "integer", "number", "flag", "choice"]


BLANKS = " \t"
"""What is cut off both ends of a field, as spreadsheets and people leave it."""

LONGEST = 131_072
"""So many characters a name may have: the csv module reads no longer field."""

_FLAGS = {"0": False, "1": True, "false": False, "true": True}
NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,9})?")
"""A number as files spell it; `float` alone also takes `nan`, `1_000` and more."""
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_BREAKS = re.compile("[\n\r\x85\u2028\u2029]")
_MAX_INTEGER = 2**63 - 1
"""What a 64-bit integer holds; a larger count is a mistake."""
FAST_INTEGER_DIGITS = 18
"""Of so many digits, any number fits."""
_SCALE = 100
"""Up to here a largest number is the end of a scale, beyond it a guard."""


class FieldError(ValueError):
    """A field that its column does not allow.

    Args:
        sort: What is wrong in two or three words, the same for all such fields:
            a long list of problems is summed up by it.
        what: What is wrong, without the place.
        advice: What to do about it.
    """

    def __init__(self, sort: str, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.sort = sort
        self.what = what
        self.advice = advice


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of cells.csv."""

    name: str
    group: Group
    kind: Kind
    unit: str
    description: str
    allowed: tuple[str, ...]
    """The words that a `choice` may be; empty for other kinds."""
    high: float
    """The largest number allowed."""
    required: bool
    """Whether every row must fill it."""
    choices: Mapping[str, StrEnum]
    """The member that each allowed word stands for."""
    empty: Value
    """The value of an empty field."""

    @property
    def expected(self) -> str:
        """What the column takes, in words."""
        match self.kind:
            case "text":
                return "a name" if self.required else "text on one line"
            case "flag":
                return "0 or 1"
            case "choice":
                return f"one of {', '.join(self.allowed)}"
            case "integer":
                return "an integer >= 0"
            case "number":
                if self.high <= _SCALE:
                    return f"a finite number from 0 to {self.high:g}"
                return "a finite number >= 0"

    def parse(self, text: str) -> Value:
        """The value that a field holds.

        Takes what spreadsheets write: `1.0` for an integer or a flag, `TRUE`,
        blanks around it.

        Raises:
            FieldError: The column does not allow the text.
        """
        text = text.strip(BLANKS)
        if not text:
            if self.required:
                empty = f"empty {self.name}"
                raise FieldError(empty, f"{self.name} is empty", "every row needs one")
            return self.empty
        match self.kind:
            case "text":
                return self._name(text)
            case "flag":
                return self._flag(text)
            case "choice":
                if text not in self.choices:
                    raise self._error(
                        text,
                        f"unknown {self.name}",
                        near_miss(text, self.allowed),
                    )
                return self.choices[text]
            case "integer":
                return self._integer(text)
            case "number":
                return self._number(text)

    def _name(self, text: str) -> str:
        if len(text) > LONGEST:
            what = f"{self.name} has {len(text):,} characters"
            raise FieldError(f"long {self.name}", what, f"{LONGEST:,} are the most")
        if _UNPRINTABLE.search(text):
            has = "line break" if _BREAKS.search(text) else "control character"
            what = f"{self.name} is {shown(text)}, which has a {has}"
            raise FieldError(f"{has} in {self.name}", what)
        return text

    def _flag(self, text: str) -> bool:
        flag = _FLAGS.get(text.lower())
        if flag is not None:
            return flag
        # 1.0, as a spreadsheet writes a column that also has empty fields.
        if NUMBER.fullmatch(text) and float(text) in (0.0, 1.0):
            return float(text) == 1.0
        raise self._error(text, f"bad {self.name}")

    def _integer(self, text: str) -> int:
        if len(text) <= FAST_INTEGER_DIGITS and text.isascii() and text.isdigit():
            return int(text)
        if not NUMBER.fullmatch(text):
            raise self._error(text, f"bad {self.name}")
        try:
            number = Decimal(text)
        except DecimalException:
            raise self._error(text, f"bad {self.name}") from None
        # The range comes first: making an integer of 1e999999 takes for ever.
        if not 0 <= number <= _MAX_INTEGER or number != number.to_integral_value():
            limit = f", at most {_MAX_INTEGER:,}" if number > _MAX_INTEGER else ""
            raise self._error(text, f"bad {self.name}", limit)
        return int(number)

    def _number(self, text: str) -> float:
        # float() alone would also take `nan`, `1_000` and digits of any script.
        number = float(text) if NUMBER.fullmatch(text) else math.nan
        if 0 <= number <= self.high and number < math.inf:
            return number + 0.0  # -0.0 is written like 0.0
        if self.high < number < math.inf:
            limit = "" if self.high <= _SCALE else f", at most {self.high:,.0f}"
            raise self._error(text, f"{self.name} above {self.high:g}", limit)
        raise self._error(text, f"bad {self.name}")

    def _error(self, text: str, sort: str, hint: str = "") -> FieldError:
        return FieldError(
            sort, f"{self.name} is {shown(text)}, expected {self.expected}{hint}"
        )


def format_value(value: Value) -> str:
    """The text of a field, such that `Column.parse` gives the value back."""
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case float():
            return repr(value + 0.0)
        case _:
            return str(value)


def about(
    description: str,
    unit: str = "",
    *,
    group: Group = "identity",
    high: float = math.inf,
) -> dict[str, Any]:
    """The metadata of a field: what its type does not say about its column."""
    return {"description": description, "unit": unit, "group": group, "high": high}


def known(
    description: str,
    unit: str = "",
    *,
    group: Group = "identity",
    high: float = math.inf,
) -> Any:  # noqa: ANN401 - as `dataclasses.field`
    """A field whose column may be empty, which means that it is not known."""
    return field(
        default=None, metadata=about(description, unit, group=group, high=high)
    )


_KINDS: Mapping[type, Kind] = MappingProxyType(
    {str: "text", int: "integer", float: "number", bool: "flag"}
)


def column(
    name: str,
    type_: object,
    metadata: Mapping[str, Any],
    *,
    empty: Value,
    required: bool,
) -> Column:
    """The column that a field of a dataclass describes."""
    if not metadata:
        raise TypeError(f"the field {name} says nothing about its column")
    kind_of: Any = get_args(type_)[0] if isinstance(type_, UnionType) else type_
    choices = (
        {member.value: member for member in kind_of}
        if issubclass(kind_of, StrEnum)
        else {}
    )
    return Column(
        name=name,
        kind="choice" if choices else _KINDS[kind_of],
        allowed=tuple(choices),
        **metadata,
        required=required,
        choices=MappingProxyType(choices),
        empty=empty,
    )
