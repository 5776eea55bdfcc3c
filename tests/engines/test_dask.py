"""The same sweep on this machine alone, and on workers: the same rows."""

from pathlib import Path

import pytest

from runner.engines.dask import Dask
from runner.engines.engine import Engine
from tests.engines.sweeps import holds, rows
from tests.runs import run_command, write_spec

pytestmark = [pytest.mark.engines, pytest.mark.timeout(600)]

SCRIPTS = ("oracle", "wrong", "null", "overflow")


def test_it_is_an_engine(tmp_path: Path) -> None:
    engine: Engine = Dask(settings=tmp_path)
    assert engine.is_elsewhere


@pytest.mark.parametrize("workers", [2, 4])
def test_workers_write_the_rows_of_one_machine(tmp_path: Path, workers: int) -> None:
    settings = write_spec(tmp_path, scripts=SCRIPTS, seeds=1)
    alone = run_command("run", settings, "--run", "alone", cwd=tmp_path, timeout=300)
    assert alone.returncode == 0, alone.stderr
    words = ("run", settings, "--run", "many", "--workers", str(workers))
    many = run_command(*words, cwd=tmp_path, timeout=300)
    assert many.returncode == 0, many.stderr
    holds(tmp_path / "many", 12)
    assert rows(tmp_path / "many") == rows(tmp_path / "alone")
