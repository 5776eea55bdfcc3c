"""The same sweep on this machine alone, and on workers: the same rows."""

import os
import sys
from pathlib import Path

import pytest

from runner.engines.dask import Dask
from runner.engines.engine import Engine
from runner.run_folder.ledger import read_ledger
from tests.engines.sweeps import (
    crew_until_end,
    holds,
    loads,
    rows,
    run_alone,
    started,
    write_sweep,
)
from tests.runs import run_command, write_files

pytestmark = [pytest.mark.engines, pytest.mark.timeout(600)]


def test_it_is_an_engine(tmp_path: Path) -> None:
    engine: Engine = Dask(settings=tmp_path)
    assert engine.is_elsewhere


def test_workers_write_the_rows_of_one_machine(tmp_path: Path) -> None:
    settings = write_sweep(tmp_path, seeds=20)
    expected = run_alone(settings, seeds=20, run=20)
    assert len(expected) == 200
    before = 0
    for workers in ("2", "4"):
        run = tmp_path / workers
        words = ("run", settings, "--run", run, "--workers", workers)
        with started(*words, cwd=tmp_path) as process:
            crew = crew_until_end(process, run)
        holds(run, 200)
        assert rows(run) == expected
        assert len(read_ledger(run)) == 200
        assert loads(tmp_path) - before <= crew.orders["served"]
        before = loads(tmp_path)


SSH = """\
#!/bin/sh
shift 3
exec sh -c "$*"
"""
COMMAND = f"""\
#!/bin/sh
exec {sys.executable} -m runner "$@"
"""


def test_workers_are_started_on_other_machines(tmp_path: Path) -> None:
    settings = write_sweep(tmp_path, seeds=1)
    expected = run_alone(settings, seeds=1)
    programs = tmp_path / "bin"
    write_files(programs, {"ssh": SSH, "harness-bench": COMMAND})
    for program in programs.iterdir():
        program.chmod(0o755)
    many = run_command(
        *("run", settings, "--run", "many", "--ssh", "gpu1,gpu2"),
        cwd=tmp_path,
        timeout=600,
        environment={"PATH": f"{programs}:{os.environ['PATH']}"},
    )
    assert many.returncode == 0, many.stderr
    assert "worker gpu1: " in many.stderr
    assert "worker gpu2: " in many.stderr
    assert rows(tmp_path / "many") == expected
