"""What an importer is: how one runner keeps its results, trial by trial."""

import json
import struct
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from harness_bench.errors import reason
from sitegen.read_table import unpacked

_MALFORMED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Left:
    """A record that says of no trial how it ended."""

    where: str
    """Path in the folder, and a name in the file where it has several."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A trial in our words."""

    where: str
    fields: Mapping[str, Any]
    """By column of cells.csv; None: unknown. A seed may be text."""
    because: str
    """What of the source tells how it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """A plugin of the kind `importers`."""

    runner: str
    """As its makers call it."""
    version: str
    """Of the release, or schema, whose files it was written for."""
    files: str
    """Which files it reads, for people."""
    read: Callable[[Path], Iterator[Trial | Left]]
    """From a folder to what it holds, in an order that depends on the paths alone."""


@dataclass(frozen=True, slots=True)
class Json:
    """A file that holds an object."""

    where: str
    path: Path
    whole: dict[str, Any]


def taken(
    where: str,
    make: Callable[..., Trial | Left | Iterator[Trial | Left]],
    *given: object,
) -> Iterator[Trial | Left]:
    """What a record holds, or a line where it is not as its runner writes them."""
    try:
        made = make(*given)
        yield from [made] if isinstance(made, Trial | Left) else [*made]
    except _MALFORMED:
        yield Left(where, "has a value in a form that its runner does not write")


def json_files(
    folder: Path, pattern: str, *, below: Path | None = None
) -> Iterator[Json | Left]:
    """The files of a name, at any depth, below a part of the folder if one is given."""
    for path in sorted((below or folder).rglob(pattern)):
        where = path.relative_to(folder).as_posix()
        try:
            whole = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            yield Left(where, f"cannot be read ({reason(error)})")
        except ValueError:
            yield Left(where, "is not valid JSON")
        else:
            if isinstance(whole, dict):
                yield Json(where, path, whole)
            else:
                yield Left(where, "holds no object")


def json_of(path: Path) -> dict[str, Any]:
    """The object in a file that may be absent; empty if it holds none."""
    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return whole if isinstance(whole, dict) else {}


def json_in_zip(data: bytes, packed: zipfile.ZipFile, name: str) -> dict[str, Any]:
    """The object in a file of a zip, also where zstd packs it, unknown to `zipfile`.

    Raises:
        KeyError, TypeError, ValueError, OSError: There is none.
        ImportError: zstd needs pyarrow.
    """
    info = packed.getinfo(name)
    if info.compress_type == _ZSTD:
        # The name and the extra field follow the 30 bytes of the local header.
        more = struct.unpack_from("<HH", data, info.header_offset + 26)
        start = info.header_offset + 30 + sum(more)
        text = unpacked(data[start : start + info.compress_size])
    else:
        text = packed.read(name)
    whole = json.loads(text)
    if not isinstance(whole, dict):
        raise TypeError(name)
    return whole


_ZSTD = 93


def part(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object inside a record; empty where there is none."""
    found = record.get(name)
    return found if isinstance(found, dict) else {}


def seconds(start: object, end: object) -> float | None:
    """Between two times in ISO 8601; None where they do not tell."""
    try:
        begun = datetime.fromisoformat(str(start))
        passed = (datetime.fromisoformat(str(end)) - begun).total_seconds()
    except (ValueError, TypeError):
        return None
    return passed if passed >= 0 else None
