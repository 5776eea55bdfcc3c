"""A run whose settings change: only what is new is run, and the rest is said."""

from pathlib import Path

import pytest

from runner.run_folder.ledger import read_ledger
from sitegen.parsed import read
from tests.needs import needs
from tests.runs import run_command, write_small_task

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SPEC = """\
[run]
packs = ["pack"]
seeds = {seeds}
[limits]
agent_s = {agent_s}
{models}
[[harness]]
name = "mini"
"""


def write_spec(
    folder: Path, *, models: str = "a", seeds: int = 1, agent_s: int = 30
) -> None:
    tables = "".join(
        f'[[model]]\nname = "{name}"\nscript = "oracle"\n' for name in models
    )
    text = SPEC.format(seeds=seeds, agent_s=agent_s, models=tables)
    (folder / "run.toml").write_text(text)


def run(folder: Path, *options: str, code: int = 0) -> str:
    """What a run says, loads of models included."""
    ended = run_command("run", "run.toml", "--run", "out", *options, cwd=folder)
    assert ended.returncode == code, ended.stderr
    return ended.stderr


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_only_what_is_new_is_run(tmp_path: Path) -> None:
    needs("bwrap")
    write_small_task(tmp_path / "pack" / "t")
    write_spec(tmp_path)
    run(tmp_path)

    write_spec(tmp_path, seeds=2)
    assert "2 trials, 1 already done, 1 to run, 1 model to load" in run(tmp_path)
    write_small_task(tmp_path / "pack" / "u")
    write_spec(tmp_path, seeds=2, models="ab")
    said = run(tmp_path, "--verify")

    assert "8 trials, 2 already done, 6 to run, 2 models to load" in said
    assert {len(each) for each in read_ledger(tmp_path / "out").by_trial.values()} == {
        1
    }
    assert len(read((tmp_path / "out" / "cells.csv").read_bytes())) == 8
    assert "8 already done, 0 to run, 0 models to load" in run(tmp_path)


def test_what_is_changed_is_run_anew_or_refused(tmp_path: Path) -> None:
    needs("bwrap")
    write_small_task(tmp_path / "pack" / "t")
    write_spec(tmp_path, seeds=2)
    refused = run(tmp_path, "--verify", code=1)
    assert refused.startswith("out/lock.json: cannot be read")
    assert not (tmp_path / "out").exists()
    run(tmp_path)

    write_spec(tmp_path, seeds=2, agent_s=29)
    before = contents(tmp_path / "out")
    refused = run(tmp_path, "--verify", code=1)
    assert refused == (
        "out/lock.json: task t limits agent_s was 30.0, is now 29.0;"
        " --verify allows no change since the run was started\n"
    )
    assert contents(tmp_path / "out") == before

    said = run(tmp_path)
    assert (
        "2 earlier attempts no longer count: model, harness, task or limits have"
        " changed" in said
    )
    assert len(read_ledger(tmp_path / "out").by_trial) == 4
    assert len(read((tmp_path / "out" / "cells.csv").read_bytes())) == 2
    assert "no longer count" not in run(tmp_path, "--verify")


def test_balanced_runs_first_seeds_first_and_says_what_it_costs(
    tmp_path: Path,
) -> None:
    needs("bwrap")
    write_small_task(tmp_path / "pack" / "t")
    write_spec(tmp_path, seeds=2, models="ab")
    planned = run_command("plan", "run.toml", "--balanced", cwd=tmp_path).stderr

    said = run(tmp_path, "--balanced")

    cost = "2 models to load 3 times in all, 1 more than without --balanced"
    assert f"4 trials of 2 cells, 4 to run, {cost}" in planned
    assert cost in said
    records = read((tmp_path / "out" / "cells.csv").read_bytes())
    order = sorted(records, key=lambda record: record.started_at or "")
    assert [(each.model, each.seed) for each in order] == [
        ("a", 0),
        ("b", 0),
        ("b", 1),
        ("a", 1),
    ]
