"""One model and one harness in two variants: four combos, all the way to the CSV."""

import re
from pathlib import Path

import pytest

from sitegen.parsed import read
from tests.needs import needs
from tests.runs import run_command, write_small_task

pytestmark = pytest.mark.e2e

SPEC = """\
[run]
packs = ["pack"]
[limits]
agent_s = 30
[[model]]
name = "Qwen"
variant = "high"
script = "oracle"
[[model]]
name = "Qwen"
variant = "low"
script = "null"
temperature = 0.2
[[harness]]
name = "mini"
[[harness]]
name = "mini"
variant = "again"
"""


def run(folder: Path, *words: str) -> str:
    """What a command says."""
    ended = run_command(*words, cwd=folder)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout + ended.stderr


def test_variants_of_a_model_and_of_a_harness_are_combos_of_their_own(
    tmp_path: Path,
) -> None:
    needs("bwrap")
    write_small_task(tmp_path / "pack" / "t")
    (tmp_path / "run.toml").write_text(SPEC)

    run(tmp_path, "run", "run.toml", "--run", "out")

    cells = tmp_path / "out" / "cells.csv"
    assert [
        (r.model, r.harness, r.variant, r.passed) for r in read(cells.read_bytes())
    ] == [
        ("Qwen", "mini", "high", True),
        ("Qwen", "mini", "high + again", True),
        ("Qwen", "mini", "low", False),
        ("Qwen", "mini", "low + again", False),
    ]
    assert (tmp_path / "out" / "models.csv").read_text().count("Qwen") == 1
    before = cells.read_bytes()
    cells.unlink()
    run(tmp_path, "export", "out")
    assert cells.read_bytes() == before
    status = run(tmp_path, "status", "out")
    assert re.search(r"^Qwen low +mini again +1/1 ", status, re.MULTILINE)
    shown = run(tmp_path, "show", "out", "Qwen/mini low + again/t/0")
    assert re.search(r"^variant +low \+ again$", shown, re.MULTILINE)
    run(tmp_path, "regrade", "run.toml", "--run", "out")
    again = run(tmp_path, "run", "run.toml", "--run", "out", "--verify")
    assert "0 to run, 0 models to load" in again
