"""Snapshots of what a site said on a day, kept for the posts of that day.

They lie in `pins/DAY/` beside the results and belong to the author: no build changes
or deletes one.
"""

import json
import re
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path

from harness_bench.errors import PostError, Problem, reason
from sitegen.published import CHARTS

PINS = "pins"
_ASIDE = ".new"
"""Behind the name of a snapshot that is not whole yet."""
_KEPT = re.compile(r"charts/.+\.(svg|js)|data/.+\.(json|csv)")
_LEFT_OUT = re.compile(r"data/(schema/.+|(.+/)?(cells|pairs)\.\w+)")
"""What no post quotes, and is most of the bytes."""


def snapshot(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What is kept of the files of a site: its tables, and its charts on main pages."""
    inside = {
        each["id"] for each in json.loads(files[CHARTS])["charts"] if "/" in each["id"]
    }
    return {
        path: content
        for path, content in files.items()
        if _KEPT.fullmatch(path)
        and not _LEFT_OUT.fullmatch(path)
        and not any(path.startswith(f"charts/{each}") for each in inside)
    }


def read_pins(
    folder: Path, days: Collection[str] | None = None
) -> dict[str, dict[str, bytes]]:
    """The snapshots of some days that are kept in a folder, or of all.

    Raises:
        PostError: One cannot be read.
    """
    found = {}
    for each in sorted(folder.glob("*/data/charts.json")):
        pin = each.parents[1]
        if (days is not None and pin.name not in days) or pin.suffix == _ASIDE:
            continue
        try:
            found[pin.name] = {
                path.relative_to(pin).as_posix(): path.read_bytes()
                for path in sorted(pin.rglob("*"))
                if path.is_file()
            }
        except OSError as error:
            where = str(error.filename or pin)
            raise PostError(
                Problem(where, f"cannot be read ({reason(error)})")
            ) from error
    return found


def keep(files: Mapping[str, bytes], folder: Path) -> bool:
    """Write a snapshot; whether it is new.

    Raises:
        PostError: Another one of that day is kept, or the disk refused.
    """
    kept = snapshot(files)
    if folder.exists():
        if read_pins(folder.parent, {folder.name}) == {folder.name: kept}:
            return False
        what = "holds another snapshot of this day, which posts may be bound to"
        raise PostError(
            Problem(str(folder), what, "--date gives this one another name")
        )
    aside = folder.with_name(f"{folder.name}{_ASIDE}")
    try:
        if aside.exists():  # of one that was killed
            shutil.rmtree(aside)
        for path, content in kept.items():
            (aside / path).parent.mkdir(parents=True, exist_ok=True)
            (aside / path).write_bytes(content)
        aside.replace(folder)
    except OSError as error:
        where = str(error.filename or folder)
        raise PostError(
            Problem(where, f"cannot be written ({reason(error)})")
        ) from error
    return True
