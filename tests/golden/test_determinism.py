"""The same input gives the same bytes, wherever and however it is built."""

import csv
import gzip
import json
import locale
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.sites import EXAMPLE

HASHES = """
import hashlib, json, locale, pathlib, sys
try:
    locale.setlocale(locale.LC_ALL, "")
except locale.Error:
    pass
from sitegen.build import build
from sitegen.inputs import read_inputs
site = build(read_inputs([pathlib.Path(each) for each in sys.argv[1:]]))
json.dump({path: hashlib.sha256(content).hexdigest()
           for path, content in site.items()}, sys.stdout)
"""
"""A program that builds the CSVs it is given and prints a hash for each file.

It takes the locale from its environment, which Python by itself does in part only.
"""

Hashes = dict[str, str]


def built(
    *cells: Path, cwd: Path | None = None, setting: Mapping[str, str] | None = None
) -> Hashes:
    """A site's hashes, from a process of its own with these variables set."""
    done = subprocess.run(
        [sys.executable, "-c", HASHES, *cells],
        cwd=cwd,
        env={**os.environ, **(setting or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    hashes: Hashes = json.loads(done.stdout)
    return hashes


@pytest.fixture(scope="module")
def reference() -> Hashes:
    """The example where it lies."""
    hashes = built(EXAMPLE, setting={"PYTHONHASHSEED": "0", "TZ": "UTC", "LC_ALL": "C"})
    assert len(hashes) > 200
    return hashes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example's inputs in another folder, whose name is no plain word."""
    place = tmp_path / "another place, with ünïcode"
    shutil.copytree(EXAMPLE.parent, place)
    return place


def lines() -> tuple[str, list[str]]:
    """The header and the rows of the example."""
    header, *rows = EXAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    return header, rows


def different(found: Hashes, wanted: Hashes) -> list[str]:
    """Files that are not the same in both."""
    return sorted(dict(found.items() ^ wanted.items()))


@pytest.mark.parametrize(
    "setting",
    [
        {
            "PYTHONHASHSEED": "1",
            "TZ": "Pacific/Kiritimati",
            "LC_ALL": "C.UTF-8",
            "PYTHONOPTIMIZE": "2",
            "COLUMNS": "40",
        },
        {
            "PYTHONHASHSEED": "random",
            "TZ": "America/St_Johns",
            "LC_ALL": "C",
            # An old machine, whose text is ASCII unless a program says otherwise.
            "PYTHONUTF8": "0",
            "PYTHONCOERCECLOCALE": "0",
            "HOME": "/nonexistent",
            "OMP_NUM_THREADS": "1",
        },
    ],
    ids=["one", "another"],
)
def test_the_environment_is_not_seen(
    reference: Hashes, setting: dict[str, str]
) -> None:
    assert different(built(EXAMPLE, setting=setting), reference) == []


def test_other_languages_of_the_machine_are_not_seen(reference: Hashes) -> None:
    for name in filter(installed, ("de_DE.UTF-8", "tr_TR.UTF-8", "en_IN.UTF-8")):
        assert different(built(EXAMPLE, setting={"LC_ALL": name}), reference) == []


def installed(name: str) -> bool:
    """Whether the machine has a locale; most have the plain one only."""
    before = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, name)
    except locale.Error:
        return False
    locale.setlocale(locale.LC_ALL, before)
    return True


def test_the_folder_and_the_way_it_is_named_are_not_seen(
    reference: Hashes, folder: Path, tmp_path: Path
) -> None:
    assert different(built(folder / EXAMPLE.name), reference) == []
    named = Path(folder.name, "..", folder.name, EXAMPLE.name)
    assert different(built(named, cwd=tmp_path), reference) == []


def test_the_order_of_the_rows_is_not_seen(reference: Hashes, folder: Path) -> None:
    header, rows = lines()
    random.Random(1).shuffle(rows)  # noqa: S311 - no secret
    (folder / EXAMPLE.name).write_text(header + "".join(rows), encoding="utf-8")
    assert different(built(folder / EXAMPLE.name), reference) == []


def test_the_order_of_metadata_and_settings_is_not_seen(
    reference: Hashes, folder: Path
) -> None:
    for name in ("models.csv", "harnesses.csv", "tasks.csv"):
        path = folder / name
        header, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text(header + "".join(reversed(rows)), encoding="utf-8")
    settings = folder / "site.toml"
    tables = settings.read_text(encoding="utf-8").split("\n\n")
    comment = [table for table in tables if table.startswith("#")]
    others = [table for table in tables if not table.startswith("#")]
    settings.write_text("\n\n".join([*comment, *reversed(others)]), encoding="utf-8")
    assert different(built(folder / EXAMPLE.name), reference) == []


def test_the_order_of_the_columns_is_not_seen(reference: Hashes, folder: Path) -> None:
    with EXAMPLE.open(newline="", encoding="utf-8") as file:
        table = list(csv.reader(file))
    with (folder / EXAMPLE.name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(row[::-1] for row in table)
    assert different(built(folder / EXAMPLE.name), reference) == []


def test_line_ends_and_a_byte_order_mark_are_not_seen(
    reference: Hashes, folder: Path
) -> None:
    text = EXAMPLE.read_text(encoding="utf-8").replace("\n", "\r\n")
    (folder / EXAMPLE.name).write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert different(built(folder / EXAMPLE.name), reference) == []


def test_compression_is_not_seen(reference: Hashes, folder: Path) -> None:
    packed = folder / f"{EXAMPLE.name}.gz"
    packed.write_bytes(gzip.compress(EXAMPLE.read_bytes(), 1, mtime=1_700_000_000))
    assert different(built(packed), reference) == []


def test_rows_in_two_files_are_rows_in_one(reference: Hashes, folder: Path) -> None:
    header, rows = lines()
    parts = [folder / "one.csv", folder / "two.csv"]
    for path, some in zip(parts, (rows[1::2], rows[::2]), strict=True):
        path.write_text(header + "".join(some), encoding="utf-8")
    assert different(built(*parts), reference) == []
