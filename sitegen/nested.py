"""Records as rows: what lies deeper, under names, or is written by columns.

Of what a file holds, `of_values` makes a table of text, whatever the format.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any

import numpy as np

from harness_bench.errors import Problem, shown
from harness_bench.schema import COLUMN_BY_NAME, OUTCOMES
from sitegen.raw_table import Origin, RawTable, unreadable
from sitegen.texts import TextsBuilder
from sitegen.usual_words import look_alikes, totals

KEY = "key"
"""The column of the names that records stand under."""

_MOST_EXACT = 2**53
Value = tuple[Origin, Any]
"""What stands in a file, and where."""


def of_values(
    file: str, values: list[Value], problems: list[Problem], asked: Collection[str]
) -> RawTable:
    """The table of what stands in a file, one value after the other.

    Args:
        file: What messages call it.
        values: Records, or what holds them.
        problems: What was wrong so far.
        asked: As of `read_raw`.
    """
    alone = len(values) == 1
    values = [
        (origin, each)
        for origin, value in values
        for each in _wrapped(value, asked, alone=alone) or [value]
    ]
    if values and not any(isinstance(value, dict) for _, value in values):
        what = f"holds {shown(text_of(values[0][1]))}, expected records with names"
        return unreadable(file, what)
    # Several on one line are told apart by their numbers.
    if len({origin.line for origin, _ in values}) < len(values):
        values = numbered(file, (each for _, each in values))
    rows: list[tuple[Origin, dict[str, str]]] = []
    for origin, value in values:
        if isinstance(value, dict):
            rows += [(origin, row) for row in _flat(value, asked)]
        else:
            what = f"is {shown(text_of(value))}, expected names with values"
            problems.append(origin.problem("no record", what))
    header = list(dict.fromkeys(name for _, row in rows for name in row))
    if not header and not problems:
        problems.append(Origin(file, 0).problem("empty file", "is empty"))
    columns = TextsBuilder(len(header))
    columns.add([row.get(name, "") for name in header] for _, row in rows)
    return RawTable(
        file=file,
        header=tuple(header),
        columns=dict(zip(header, columns.columns(), strict=True)),
        places=np.array([each.line or each.row for each, _ in rows], np.int32),
        has_lines=not rows or rows[0][0].line > 0,
        head_line=0,
        problems=problems,
    )


def _wrapped(whole: object, asked: Collection[str], *, alone: bool) -> list[Any]:
    """The records in what is no record itself: its trials, or what pandas writes.

    Each trial has also what is said of all of them.
    """
    if not isinstance(whole, dict) or not any(map(_holds, whole.values())):
        return []
    if alone and (rows := _tabled(whole)):
        return rows
    if _is_trial(whole):
        return []
    first = {path.partition(".")[0] for path in asked}
    apart = alone and first.union(COLUMN_BY_NAME).isdisjoint(whole)
    parts = {
        name: _listed(each) or _wrapped(each, (), alone=False)
        for name, each in whole.items()
        if name != "schema"  # of pandas
    }
    columns = parts.get("columns", [])
    if columns and all(isinstance(c, dict) and c.keys() >= _SERIES for c in columns):
        return _wrapped({c["name"]: c["values"] for c in columns}, (), alone=alone)
    of_records = [n for n, each in parts.items() if each and isinstance(each[0], dict)]
    of_trials = [n for n in of_records if _is_trial(_flat(parts[n][0], ())[0])]
    chosen = of_trials or (of_records if apart else [])
    if len(chosen) == 1 and chosen[0] not in first:
        around = _around(
            {n: v for n, v in whole.items() if n not in (*chosen, "schema")}
        )
        return [around | v if isinstance(v, dict) else v for v in parts[chosen[0]]]
    by_row = _listed(whole) if apart else []
    return by_row or (_by_column(parts) if alone else [])


def _by_column(columns: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    """The rows of columns that are as long as one another."""
    same = len({*map(len, columns.values())}) == 1
    rows = zip(*columns.values(), strict=True) if same else ()
    return [dict(zip(map(text_of, columns), row, strict=True)) for row in rows]


def _tabled(whole: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of a table written as names and lists of values, or with labels."""
    schema, data = whole.get("schema"), whole.get("data")
    if isinstance(schema, dict) and schema.get("primaryKey") == ["index"]:
        # What pandas counts rows by is no column.
        return [{n: v for n, v in row.items() if n != "index"} for row in data or ()]
    heads = [_listed(whole[name]) for name in _HEADS if name in whole]
    bodies = [_listed(whole[name]) for name in _BODIES if name in whole]
    if len(heads) == len(bodies) == 1:
        named = [h.get("name") if isinstance(h, dict) else h for h in heads[0]]
        names = [*map(text_of, named)]
        rows = [_listed(row) for row in bodies[0]]
        if {*map(len, rows)} == {len(names)} and all(names):
            return [dict(zip(names, row, strict=True)) for row in rows]
    labels = [*next(iter(whole.values()))] if _by_label(whole) else []
    return [
        {KEY: label, **{name: column[label] for name, column in whole.items()}}
        for label in labels
    ]


def _by_label(whole: Mapping[str, Any]) -> bool:
    """Whether each column says something of the same labels; no numbers from 0."""
    columns = list(whole.values())
    return (
        not COLUMN_BY_NAME.keys().isdisjoint(whole)
        and all(isinstance(column, dict) for column in columns)
        and all(column.keys() == columns[0].keys() for column in columns)
        and not any(_holds(value) for column in columns for value in column.values())
        and not _listed(columns[0])
        and len(columns) > 1
    )


_HEADS = ("columns", "fields", "header", "names")
_BODIES = ("data", "rows", "values")


_SERIES = {"name", "datatype", "values"}
"""What polars before 1.0 writes of each column."""


def _is_trial(record: Mapping[str, Any]) -> bool:
    """Whether it names its task, or has an outcome under a name."""
    names = _meant(tuple(n for n, v in record.items() if not _is_column(v)))
    return "task" in names or (KEY in names and not names.isdisjoint(OUTCOMES))


@lru_cache(maxsize=1024)
def _meant(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset([*names, *look_alikes(names, ())])


def _is_column(value: object) -> bool:
    return isinstance(value, list) or (isinstance(value, dict) and "0" in value)


def _holds(value: object) -> bool:
    return isinstance(value, dict | list | np.ndarray)


def _around(whole: Mapping[str, Any]) -> dict[str, str]:
    """What is true of each record within; what may be a total of them is not."""
    (said,) = _flat(whole, ())
    groups = ("outcome", "time", "usage")
    return {
        name: text
        for name, text in said.items()
        if not totals([name])
        and all(COLUMN_BY_NAME[n].group not in groups for n in look_alikes([name], ()))
    }


def _listed(value: object) -> list[Any]:
    """A list, or what is written for one.

    pandas writes each element by its number from 0; others write records by names,
    which become their `KEY`.
    """
    if not isinstance(value, dict):
        return [*value] if isinstance(value, list | tuple | np.ndarray) else []
    if list(value) == [*map(str, range(len(value)))]:
        return list(value.values())
    if rows := _deeper(value):
        return rows
    records = [
        (key, each)
        for key, found in value.items()
        for each in (found if isinstance(found, list) else [found])
    ]
    names = [{*each} for _, each in records if isinstance(each, dict)]
    if len(value) == 1 or not len(names) == len(records) > 0:
        return []
    common = set.intersection(*names)
    if "0" in common or not COLUMN_BY_NAME.keys().isdisjoint(value):  # columns
        return []
    alike = 2 * len(common) >= len(set.union(*names)) > 0
    return [{KEY: key} | each for key, each in records] if alike else []


def _deeper(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Trials under names under names: `KEY`, `KEY.KEY` and so on from without."""
    rows = []
    for key, found in value.items():
        within = _listed(found) if isinstance(found, dict) else []
        if not all(isinstance(each, dict) and KEY in each for each in within):
            return []
        if not within or _meant((*within[0],)).isdisjoint(OUTCOMES):
            return []
        for each in within:
            keys = [name for name in each if f"{name}.".startswith(f"{KEY}.")]
            inner = {f"{KEY}.{name}": each[name] for name in keys}
            own = {name: v for name, v in each.items() if name not in keys}
            rows.append({KEY: key} | inner | own)
    return rows if len(value) > 1 else []


def _flat(
    record: Mapping[str, Any], asked: Collection[str], inside: str = ""
) -> list[dict[str, str]]:
    """The rows of a record, with dotted names for what lies deeper.

    One, but for each element of a list that an asked path leads through.
    """
    rows: list[dict[str, str]] = [{}]
    for key, value in record.items():
        name = f"{inside}{key}".strip()
        if isinstance(value, dict):
            within = _flat(value, asked, f"{name}.")
        elif _holds(value) and any(each.startswith(f"{name}.") for each in asked):
            each = (one for one in value if isinstance(one, dict))
            within = [row for one in each for row in _flat(one, asked, f"{name}.")]
        else:
            within = [{name: text_of(value)}]
        rows = [row | more for row in rows for more in within]
    return rows


def is_deep(name: str, some: Iterable[Any], asked: Collection[str]) -> bool:
    """Whether a column holds records, or lists of rows."""
    led = any(each.startswith(f"{name}.") for each in asked)
    return any(
        isinstance(each, dict)
        or (led and _holds(each))
        or _wrapped({name: each}, (), alone=False)
        for each in some
    )


def numbered(file: str, values: Iterable[Any]) -> list[Value]:
    """Values of a file without lines."""
    return [(Origin(file, 0, row), each) for row, each in enumerate(values, start=1)]


def text_of(value: object) -> str:
    """A value as a CSV would have it; empty where it is none."""
    if isinstance(value, bytes):
        value = value.decode(errors="backslashreplace")
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list | np.ndarray):
        return json.dumps(value, ensure_ascii=False, default=_within)
    if isinstance(value, timedelta):
        value = value.total_seconds()
    import pandas as pd  # noqa: PLC0415 - slow, and not for text

    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return ""
    if isinstance(value, bool | np.bool_):
        return str(value).lower()
    # Where a column has gaps, pandas makes floats of its integers.
    if isinstance(value, float) and value.is_integer() and abs(value) < _MOST_EXACT:
        return str(int(value))
    return str(value)


def _within(value: Any) -> Any:  # noqa: ANN401 - of a frame
    return value.tolist() if isinstance(value, np.ndarray) else text_of(value)
