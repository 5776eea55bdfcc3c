"""Every command that the documentation shows is run, and says what is shown.

In a block of `console`, `$ ` begins a command. Lines under it are what it prints, on
both streams, in that order; `…` stands for anything, alone in a line for any lines.
`(exit code N)` says that it does not end with 0.
"""

import os
import re
import shlex
import subprocess
import sysconfig
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs.documents import NAMES, ROOT, Block, blocks

pytestmark = pytest.mark.e2e

NOT_RUN = {
    "make demo": "makes the environment that runs this test",
    "uvx --from . harness-bench demo": "asks registries",
    "pipx run --spec . harness-bench demo": "asks registries",
    "make test": "is this test",
    'export PATH="$PWD/.venv/bin:$PATH"': "the test sets it",
    "harness-bench serve cells.csv --open": "serves until it is stopped",
    "harness-bench serve cells.csv --templates look": "serves until it is stopped",
    "harness-bench serve runs/2026-11 --open": "serves until it is stopped",
    "pip install .": "the test makes the entry point itself: no registry is asked",
}
"""Command -> why the test leaves it out."""

CELLS = """\
model,harness,task,passed,agent_time_s
large-32b,pi,parse_dates,1,41.5
large-32b,pi,fix_leak,1,180.2
large-32b,pi,sort_stable,1,35.0
large-32b,pi,port_to_rust,0,600.0
large-32b,pi,sql_report,1,77.9
large-32b,pi,add_flag,1,62.0
large-32b,aider,parse_dates,1,29.0
large-32b,aider,fix_leak,0,126.1
large-32b,aider,sort_stable,1,24.5
large-32b,aider,port_to_rust,0,420.0
large-32b,aider,sql_report,1,54.5
large-32b,aider,add_flag,1,43.4
small-7b,pi,parse_dates,1,16.6
small-7b,pi,fix_leak,0,72.1
small-7b,pi,sort_stable,0,14.0
small-7b,pi,port_to_rust,0,240.0
small-7b,pi,sql_report,1,31.2
small-7b,pi,add_flag,0,24.8
"""
"""What `cells.csv` is to pages that do not say what is in it."""

_EXIT_CODE = re.compile(r"\(exit code (\d+)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A command with what the page shows of its output."""

    command: str
    output: tuple[str, ...]
    exit_code: int


def commands(block: Block) -> Iterator[Shown]:
    """The commands of a console block."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, *output = part.splitlines()
        code = _EXIT_CODE.fullmatch(output[-1]) if output else None
        yield Shown(
            command=command,
            output=tuple(output[:-1] if code else output),
            exit_code=int(code[1]) if code else 0,
        )


def pattern(shown: tuple[str, ...]) -> re.Pattern[str]:
    """What the lines of a page allow."""
    lines = [
        r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*?") + r"\n"
        for line in shown
    ]
    return re.compile("".join(lines))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a reader stands: examples, tasks, templates and real tables in reach."""
    for name in ("examples", "templates", "tests"):
        (tmp_path / name).symlink_to(ROOT / name)
    # A folder of its own: pages put tasks beside them.
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "practice").symlink_to(ROOT / "tasks" / "practice")
    (tmp_path / "cells.csv").write_text(CELLS, encoding="utf-8")
    return tmp_path


def save(block: Block, folder: Path) -> None:
    path = folder / block.file
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text(encoding="utf-8") if block.adds else ""
    path.write_text(before + block.text, encoding="utf-8")


def offer_charts(pyproject: Path) -> None:
    """What installing a package does that registry.py looks at."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    group, points = next(iter(project["entry-points"].items()))
    folder = pyproject.parent / "my_chart-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: my-chart\nVersion: 1\n"
    )
    lines = [f"[{group}]", *(f"{name} = {value}" for name, value in points.items())]
    (folder / "entry_points.txt").write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("name", NAMES)
def test_every_command_of_a_page_does_what_the_page_shows(
    name: str, folder: Path
) -> None:
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ["PATH"]])
    for block in blocks(ROOT / name):
        if block.file:
            save(block, folder)
        if "[project.entry-points" in block.text:
            (folder / "pyproject.toml").write_text(block.text, encoding="utf-8")
            offer_charts(folder / "pyproject.toml")
        if block.language != "console":
            continue
        for shown in commands(block):
            if shown.command in NOT_RUN:
                assert not shown.output, f"{shown.command}: nobody checks this output"
                continue
            done = subprocess.run(
                ["/bin/sh", "-c", shown.command],
                cwd=folder,
                env={**os.environ, "PATH": path, "PYTHONPATH": str(folder)},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            said = f"{name}: $ {shown.command}\n{done.stdout}"
            assert done.returncode == shown.exit_code, said
            if shown.output:
                assert pattern(shown.output).fullmatch(done.stdout), said


def test_no_command_is_left_out_that_no_page_shows() -> None:
    shown = {
        each.command
        for name in NAMES
        for block in blocks(ROOT / name)
        if block.language == "console"
        for each in commands(block)
    }
    assert set(NOT_RUN) <= shown


def test_commands_name_programs_that_a_reader_has() -> None:
    known = {
        "harness-bench",
        "make",
        "export",
        "jekyll",
        "pip",
        "pipx",
        "mkdir",
        "cp",
        "sed",
        "touch",
        "uvx",
        "python",
    }
    for name in NAMES:
        for block in blocks(ROOT / name):
            if block.language == "console":
                for shown in commands(block):
                    assert shlex.split(shown.command)[0] in known, shown.command
