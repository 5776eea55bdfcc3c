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
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from harness_bench.errors import Problem, reason, shown
from sitegen.csv_table import another_format, decode
from sitegen.nested import Value, is_deep, numbered, of_values, text_of
from sitegen.raw_table import Origin, RawTable, unreadable
from sitegen.texts import Texts

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    import yaml

FRAME = "frame"
"""What messages call a table that comes from memory."""


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
        if is_deep(str(each.name), each.dropna().head(1), asked)
        else _of_series(each)
        for each in series
    ]
    return _numbered(file, map(str, frame.columns), columns, asked)


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
        return of_values(file, numbered(file, rows), [], asked)
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
        if is_deep(name, each.drop_null()[:1].to_pylist(), asked)
        else _of_chunks(each)
        for name, each in zip(whole.column_names, whole.columns, strict=True)
    ]
    return _numbered(file, whole.column_names, columns, asked)


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


def _of_json(file: str, text: str, problems: list[Problem]) -> Iterator[Value]:
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


def _of_yaml(file: str, text: str, problems: list[Problem]) -> Iterator[Value]:
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
    yield from numbered(file, values)


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
    return of_values(file, values, problems, asked)


_RECORDS: Mapping[
    str, tuple[str, Callable[[str, str, list[Problem]], Iterator[Value]]]
] = MappingProxyType(
    {
        ".json": ("JSON", _of_json),
        ".jsonl": ("JSON", _of_json),
        ".ndjson": ("JSON", _of_json),
        ".yaml": ("YAML", _of_yaml),
        ".yml": ("YAML", _of_yaml),
    }
)
