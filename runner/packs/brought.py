"""Tasks from elsewhere, in our form: what `harness-bench tasks import` writes."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness_bench.errors import Problem, TaskError, refused
from runner.pack_file import NAME
from runner.packs.canary import plant
from runner.tasks import read_packs

_LICENCES: Final = ("LICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE", "COPYING")
_UP: Final = 4
"""So many folders above a task, a licence of the whole collection is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A task in our form, before it is written."""

    name: str
    files: Mapping[str, bytes]
    """By path in its folder; programs begin with `#!`."""
    left: tuple[str, ...] = ()
    """What could not be taken, a line each: where and what."""
    toolchain: str = ""
    """Lines of pack.toml that its tests need."""


class Refused(Exception):  # noqa: N818 - said of a task, told with the others
    """A task cannot be taken at all; a line for each reason."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def write(pack: Path, found: Iterable[Brought]) -> list[Path]:
    """Write tasks into a pack; returns their folders.

    Raises:
        TaskError: One is there already, or a pack.toml lacks what they need; nothing
            was written then. Or what was written is no task.
    """
    tasks = list(found)
    there = [pack / each.name for each in tasks if (pack / each.name).exists()]
    problems = [Problem(str(path), "is there already") for path in there]
    wanted = "\n".join(sorted({each.toolchain for each in tasks if each.toolchain}))
    about = pack / NAME
    if wanted and about.exists() and wanted not in about.read_text(encoding="utf-8"):
        problems.append(Problem(str(about), f"add to it:\n{wanted}"))
    if problems:
        raise TaskError(*problems)
    try:
        for each in tasks:
            for name, content in each.files.items():
                path = pack / each.name / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                if content.startswith(b"#!"):
                    path.chmod(0o755)
        if wanted and not about.exists():
            about.write_text(wanted, encoding="utf-8")
    except OSError as error:
        raise TaskError(refused(pack, "written", error)) from error
    names = {each.name for each in tasks}
    for task in read_packs([pack]):
        if task.name in names:
            plant(task)
    return [pack / each.name for each in tasks]


def task_toml(
    about: Mapping[str, object],
    *,
    source: Mapping[str, object],
    limits: Mapping[str, object],
    in_process: bool = False,
) -> bytes:
    """A task.toml; what is empty is left out."""
    sections = {
        "task": about,
        "source": source,
        "limits": limits,
        "grader": {"in_process": in_process},
    }
    lines = []
    for name, values in sections.items():
        lines.append(f"[{name}]")
        lines += [
            f"{key} = {json.dumps(value, ensure_ascii=False)}"
            for key, value in values.items()
            if value
        ]
    return ("\n".join(lines) + "\n").encode()


def licence_of(folder: Path) -> str:
    """The first line of the licence of a task or of its collection."""
    for place in (folder, *folder.resolve().parents[:_UP]):
        for name in _LICENCES:
            if (place / name).is_file():
                text = (place / name).read_text(encoding="utf-8", errors="replace")
                return next(
                    (line.strip(" #") for line in text.splitlines() if line), ""
                )
    return "unknown"


def lies_in(folder: Path, name: str) -> bool:
    """Whether a name leads to something in a folder, and not out of it."""
    found = folder / name
    return found.exists() and found.resolve().is_relative_to(folder.resolve())


def files_in(folder: Path, below: str) -> dict[str, bytes]:
    """The files of a folder, by where they go."""
    return {
        f"{below}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }
