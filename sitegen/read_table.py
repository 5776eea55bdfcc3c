"""Tables of any format as tables of text: text stays as it is given.

`NA`, `None`, `007`, `1e5` and `Mar-25` are names; what a format calls null is empty.
"""

import gzip
import io
import json
import math
import re
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from harness_bench.errors import Problem, reason, shown
from harness_bench.schema import COLUMN_BY_NAME, OUTCOMES
from sitegen.csv_table import another_format, decode
from sitegen.raw_table import Origin, RawTable, unreadable
from sitegen.texts import Texts, TextsBuilder
from sitegen.usual_words import look_alikes, totals

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import yaml

FRAME = "frame"
"""What messages call a table that comes from memory."""

KEY = "key"
"""The column of the names that records stand under."""

_MOST_EXACT = 2**53
_Value = tuple[Origin, Any]
"""What stands in a file, and where."""


def read_raw(
    path: Path, *, name: str | None = None, asked: Collection[str] = ()
) -> RawTable:
    """The table that a file holds.

    Args:
        path: CSV, JSON, JSON lines or YAML, also with `.gz` or `.zst`; Parquet or
            Feather. What its name does not tell is CSV.
        name: What messages call it; its base name if not given.
        asked: Columns that are read, by dotted paths where records are nested; a path
            that leads through a list makes a row of each of its elements.

    Returns:
        All rows that can be told apart, and all problems; nothing is raised
        for a file that is missing or unreadable.
    """
    file = name or path.name
    try:
        data = path.read_bytes()
    except OSError as error:
        if path.is_dir():
            return unreadable(file, "is a folder, not a CSV file")
        return unreadable(file, f"cannot be read ({reason(error)})")
    except ValueError:  # a NUL in the path itself
        return unreadable(file, "cannot be the name of a file")
    *_, kind = ("", *(each.lower() for each in path.suffixes))
    if kind in _COMPRESSED:
        try:
            data = _COMPRESSED[kind](data)
        except (OSError, EOFError, zlib.error) as error:
            name_of = "gzip" if kind == ".gz" else "zstd"
            return unreadable(file, f"is not a complete {name_of} file ({error})")
        except ImportError:
            return unreadable(file, *WITHOUT_ARROW)
        kind = path.with_suffix("").suffix.lower()
    return _decoded(file, data, kind, asked)


def _decoded(file: str, data: bytes, kind: str, asked: Collection[str]) -> RawTable:
    if kind in _ARROW:
        return _of_arrow(file, data, _ARROW[kind], asked)
    if kind in _RECORDS:
        try:
            return _of_records(file, data, kind, asked)
        except RecursionError:
            return unreadable(file, "is nested too deeply")
    return decode(file, data)


def stem(name: str) -> str:
    """The name of a table's file without what tells its format."""
    kinds = {*_COMPRESSED, *_ARROW, *_RECORDS, ".csv"}
    while Path(name).suffix.lower() in kinds and Path(name).stem:
        name = Path(name).stem
    return name


def is_table(path: Path) -> bool:
    """Whether the name of a file is that of a table of results."""
    metadata = {"models", "harnesses", "tasks"}
    return path.is_file() and path.name != stem(path.name) not in metadata


def of_frame(
    frame: "pd.DataFrame", *, file: str = FRAME, asked: Collection[str] = ()
) -> RawTable:
    """A table in memory; its rows are counted from 1, and a named index is a column."""
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    series = [frame.iloc[:, place] for place in range(frame.shape[1])]
    columns = [
        [*each]
        if _is_deep(str(each.name), each.dropna().head(1), asked)
        else _of_series(each)
        for each in series
    ]
    return _numbered(file, map(str, frame.columns), columns, asked)


def _is_deep(name: str, some: Iterable[Any], asked: Collection[str]) -> bool:
    """Whether a column holds records, or lists of rows."""
    led = any(each.startswith(f"{name}.") for each in asked)
    return any(
        isinstance(each, dict)
        or (led and _holds(each))
        or _wrapped({name: each}, (), alone=False)
        for each in some
    )


def _numbered(
    file: str,
    header: Iterable[str],
    columns: Sequence[Texts | list[Any]],
    asked: Collection[str],
) -> RawTable:
    """A table without lines; what is no column of text holds records or lists."""
    names = tuple(name.strip() for name in header)
    texts = [each for each in columns if isinstance(each, Texts)]
    if len(texts) < len(columns):
        rows = (
            dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)
        )
        return _of_values(file, _rows(file, rows), [], asked)
    size = len(texts[0]) if texts else 0
    return RawTable(
        file=file,
        header=names,
        columns=dict(zip(names, texts, strict=True)),
        places=np.arange(1, size + 1, dtype=np.int32),
        has_lines=False,
        head_line=0,
    )


def _of_series(series: "pd.Series[Any]") -> Texts:
    import pandas as pd  # noqa: PLC0415 - slow, and not for text

    if series.dtype == object:
        series = series.map(text_of)
    elif str(series.dtype).lower() in ("float16", "float32"):
        series = series.astype(str).astype(float)  # as many digits as they are written
    codes, values = pd.factorize(series)
    words = [*map(text_of, values.tolist()), ""]
    return Texts(np.where(codes < 0, len(values), codes).astype(np.int32), words)


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
    import pandas as pd  # noqa: PLC0415 - as above

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


WITHOUT_ARROW = ("needs pyarrow", "pip install 'harness-bench[arrow]' brings it")


def unpacked(data: bytes) -> bytes:
    """What zstd has packed, in one frame or several.

    Raises:
        OSError: It is not whole.
        ImportError: pyarrow is not there.
    """
    import pyarrow as pa  # noqa: PLC0415 - an extra

    with pa.input_stream(io.BytesIO(data), compression="zstd") as stream:
        found: bytes = stream.read()
    return found


_COMPRESSED: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {".gz": gzip.decompress, ".zst": unpacked}
)


def _of_arrow(file: str, data: bytes, kind: str, asked: Collection[str]) -> RawTable:
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        from pyarrow import feather, parquet  # noqa: PLC0415 - as above
    except ImportError:
        return unreadable(file, *WITHOUT_ARROW)
    if other := another_format(data, meant=kind):
        return unreadable(file, *other)
    try:
        whole = (
            parquet.ParquetFile(io.BytesIO(data)).read()
            if kind == "Parquet"
            else feather.read_table(io.BytesIO(data))
        )
    except (pa.ArrowException, OSError, ValueError) as error:
        what = str(error).partition("\n")[0]
        return unreadable(file, f"cannot be read as what its name says ({what})")
    while any(map(pa.types.is_struct, whole.schema.types)):
        whole = whole.flatten()
    columns = [
        each.to_pylist()
        if _is_deep(name, each.drop_null()[:1].to_pylist(), asked)
        else _of_chunks(each)
        for name, each in zip(whole.column_names, whole.columns, strict=True)
    ]
    return _numbered(file, whole.column_names, columns, asked)


def _rows(file: str, values: Iterable[Any]) -> list[_Value]:
    """Values of a file without lines."""
    return [(Origin(file, 0, row), each) for row, each in enumerate(values, start=1)]


def _of_chunks(column: "pa.ChunkedArray") -> Texts:
    import pyarrow as pa  # noqa: PLC0415 - an extra

    if column.type in (pa.float16(), pa.float32()):
        column = column.cast(pa.float32()).cast(pa.string()).cast(pa.float64())
    try:
        coded = column.combine_chunks().dictionary_encode()
    except pa.ArrowNotImplementedError:  # lists
        return Texts.of([*map(text_of, column.to_pylist())])
    words = [*map(text_of, coded.dictionary.to_pylist()), ""]
    codes = coded.indices.fill_null(len(words) - 1).to_numpy(zero_copy_only=False)
    return Texts(codes.astype(np.int32), words)


_ARROW: Mapping[str, str] = MappingProxyType(
    {
        ".parquet": "Parquet",
        ".pq": "Parquet",
        ".feather": "Feather",
        ".arrow": "Feather",
    }
)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{shown(max(names, key=names.count))} is there twice")
    return found


_DECODER = json.JSONDecoder(
    # Numbers stay as they are written.
    parse_float=str,
    parse_int=str,
    parse_constant=lambda text: None if text == "NaN" else text,
    object_pairs_hook=_once,
)
_BETWEEN = re.compile(r"[\s,\[\]\ufeff]*")


def _of_json(file: str, text: str, problems: list[Problem]) -> Iterator[_Value]:
    """The values of a list, or of one line after the other, with their lines."""
    at, line, depth, any_yet = 0, 1, 0, False
    while True:
        between = _BETWEEN.match(text, at)
        skipped = between[0] if between else ""
        depth += skipped.count("[") - skipped.count("]")
        line, at = line + skipped.count("\n"), at + len(skipped)
        if at == len(text):
            break
        try:
            value, end = _DECODER.raw_decode(text, at)
        except ValueError as error:
            if isinstance(error, json.JSONDecodeError):
                line += text.count("\n", at, error.pos)
                at = error.pos
            what = f"is not valid JSON ({str(error).partition(': line')[0]})"
            problems.append(Origin(file, line).problem("malformed row", what))
            at = text.find("\n", at)
            if depth or at < 0 or not any_yet:
                return
            continue
        any_yet = True
        yield Origin(file, line), value
        line, at = line + text.count("\n", at, end), end
    if depth:
        what = "is not valid JSON (a list in it has no end)"
        problems.append(Origin(file, 0).problem("malformed row", what))


def _of_yaml(file: str, text: str, problems: list[Problem]) -> Iterator[_Value]:
    import yaml  # noqa: PLC0415 - a format of few

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Text stays text; `null`, `~`, `.nan` and nothing are none."""

        yaml_implicit_resolvers: ClassVar = {
            start: [each for each in found if each[0].endswith((":null", ":merge"))]
            for start, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    Loader.add_implicit_resolver(  # as in a frame
        "tag:yaml.org,2002:null", re.compile(r"\.(nan|NaN|NAN)$"), ["."]
    )

    loader, documents = None, []
    try:
        loader = Loader(text)
        while loader.check_node():
            node = loader.get_node()
            if _size_of(node, {}) > 10 * len(text) + _MANY:
                what = "its aliases repeat themselves without end"
                raise yaml.MarkedYAMLError(problem=what)
            documents.append(loader.construct_document(node))
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        said = getattr(error, "problem", None) or str(error).partition("\n")[0]
        what = f"is not valid YAML ({said})"
        problems.append(Origin(file, line).problem("malformed row", what))
        return
    values = (
        v for each in documents for v in (each if isinstance(each, list) else [each])
    )
    yield from _rows(file, values)


_MANY = 1_000_000


def _size_of(node: "yaml.Node", known: dict[int, float]) -> float:
    """How many nodes there are where each alias stands for all that it means.

    Raises:
        yaml.YAMLError: A name is there twice.
    """
    import yaml  # noqa: PLC0415 - as above

    if isinstance(node.value, str):
        return 1
    if id(node) not in known:
        known[id(node)] = math.inf  # one that holds itself
        parts = node.value
        if isinstance(node, yaml.MappingNode):
            names = [key.value for key, _ in parts if isinstance(key.value, str)]
            if len(set(names)) < len(names):
                what = f"{shown(max(names, key=names.count))} is there twice"
                raise yaml.MarkedYAMLError(problem=what, problem_mark=node.start_mark)
            parts = chain.from_iterable(parts)
        known[id(node)] = 1 + sum(_size_of(each, known) for each in parts)
    return known[id(node)]


def _of_records(file: str, data: bytes, kind: str, asked: Collection[str]) -> RawTable:
    name, values_of = _RECORDS[kind]
    other = another_format(data, meant=name)
    if other:
        return unreadable(file, *other)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"is not UTF-8 (byte {error.start + 1:,} is 0x{data[error.start]:02x})"
        return unreadable(file, what, "save it as UTF-8")
    problems: list[Problem] = []
    values = list(values_of(file, text, problems))
    return _of_values(file, values, problems, asked)


def _of_values(
    file: str, values: list[_Value], problems: list[Problem], asked: Collection[str]
) -> RawTable:
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
        values = _rows(file, (each for _, each in values))
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
    if (
        not isinstance(whole, dict)
        or not any(map(_holds, whole.values()))
        or _is_trial(whole)
    ):
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
    if apart and (by_row := _listed(whole)):
        return by_row
    if not alone:
        return []
    if {"columns", "data"} <= whole.keys():
        names, rows = map(_listed, (whole["columns"], whole["data"]))
    else:
        same = len({*map(len, parts.values())}) == 1
        names, rows = [*whole], [*zip(*parts.values(), strict=True)] if same else []
    return [dict(zip(map(text_of, names), _listed(row), strict=False)) for row in rows]


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


_RECORDS: Mapping[
    str, tuple[str, Callable[[str, str, list[Problem]], Iterator[_Value]]]
] = MappingProxyType(
    {
        ".json": ("JSON", _of_json),
        ".jsonl": ("JSON", _of_json),
        ".ndjson": ("JSON", _of_json),
        ".yaml": ("YAML", _of_yaml),
        ".yml": ("YAML", _of_yaml),
    }
)
