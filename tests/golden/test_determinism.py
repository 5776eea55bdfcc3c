"""The same input gives the same bytes, wherever and however it is built."""

import csv
import gzip
import io
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
    setting = {
        "PYTHONHASHSEED": "0",
        "TZ": "UTC",
        "LC_ALL": "C",
        "OPENBLAS_NUM_THREADS": "2",
    }
    hashes = built(EXAMPLE, setting=setting)
    assert len(hashes) > 200
    return hashes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example's inputs in another folder, whose name is no plain word."""
    place = tmp_path / "another place, with ünïcode"
    shutil.copytree(EXAMPLE.parent, place)
    return place


def different(found: Hashes, wanted: Hashes) -> list[str]:
    """Files that are not the same in both."""
    return sorted(dict(found.items() ^ wanted.items()))


# A build of the example takes long, so each differs from the first in many things. If
# one of these tests fails, leave them out one after the other.


def test_the_environment_and_the_form_of_the_inputs_are_not_seen(
    reference: Hashes, folder: Path
) -> None:
    setting = {
        "PYTHONHASHSEED": "1",
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C.UTF-8",
        "PYTHONOPTIMIZE": "2",
        "COLUMNS": "40",
    }
    # The way the folder is named, the order of rows and columns, line ends, a byte
    # order mark, compression, the order of metadata and settings.
    with EXAMPLE.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    random.Random(1).shuffle(rows)  # noqa: S311 - no secret
    with io.StringIO(newline="") as text:
        csv.writer(text, lineterminator="\r\n").writerows(
            row[::-1] for row in (header, *rows)
        )
        content = text.getvalue().encode("utf-8-sig")
    packed = folder / f"{EXAMPLE.name}.gz"
    packed.write_bytes(gzip.compress(content, 1, mtime=1_700_000_000))
    (folder / EXAMPLE.name).unlink()
    turn_metadata_and_settings(folder)
    named = Path(folder.name, "..", folder.name, packed.name)
    found = built(named, cwd=folder.parent, setting=setting)
    assert different(found, reference) == []


def turn_metadata_and_settings(folder: Path) -> None:
    """Their last rows and tables first."""
    for name in ("models.csv", "harnesses.csv", "tasks.csv"):
        path = folder / name
        header, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text(header + "".join(reversed(rows)), encoding="utf-8")
    settings = folder / "site.toml"
    tables = settings.read_text(encoding="utf-8").split("\n\n")
    comment = [table for table in tables if table.startswith("#")]
    others = [table for table in tables if not table.startswith("#")]
    settings.write_text("\n\n".join([*comment, *reversed(others)]), encoding="utf-8")


def test_an_old_machine_and_rows_in_two_files_are_not_seen(
    reference: Hashes, folder: Path
) -> None:
    setting = {
        "PYTHONHASHSEED": "random",
        "TZ": "America/St_Johns",
        "LC_ALL": "C",
        # An old machine, whose text is ASCII unless a program says otherwise.
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "HOME": "/nonexistent",
        "OPENBLAS_NUM_THREADS": "1",
    }
    header, *rows = EXAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    parts = [folder / "one.csv", folder / "two.csv"]
    for path, some in zip(parts, (rows[1::2], rows[::2]), strict=True):
        path.write_text(header + "".join(some), encoding="utf-8")
    assert different(built(*parts, setting=setting), reference) == []


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
