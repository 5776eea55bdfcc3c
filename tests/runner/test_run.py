"""What a run needs of its machine, where it is kept, and that it is alone."""

import re
import signal
import subprocess
from pathlib import Path

import pytest

from runner.plan import all_trials
from runner.run_folder.ledger import Ledger, read_ledger
from runner.spec import read_spec
from runner.tasks import read_packs
from sitegen.inputs import read_inputs
from tests.needs import needs
from tests.runner.specs import attempt
from tests.runs import (
    run_command,
    runner_command,
    runner_environment,
    write_small_task,
)

SPEC = """\
[run]
packs = ["pack"]
[[model]]
name = "m"
{model}
[[harness]]
name = "mini"
"""


def write_run(folder: Path, model: str = 'script = "oracle"') -> Path:
    write_small_task(folder / "pack" / "t")
    path = folder / "run.toml"
    path.write_text(SPEC.format(model=model))
    return path


def test_a_finished_run_needs_neither_its_server_nor_a_sandbox(tmp_path: Path) -> None:
    spec = read_spec(write_run(tmp_path, 'base_url = "http://127.0.0.1:9"'))
    (trial,) = all_trials(spec, read_packs(spec.run.packs))
    with Ledger(tmp_path / "out") as ledger:
        ledger.append(attempt(trial.id, harness="mini"))
    (tmp_path / "bin").mkdir()

    ended = run_command(
        *("run", "run.toml", "--run", "out"),
        cwd=tmp_path,
        environment={"PATH": str(tmp_path / "bin")},
    )

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "out\n"
    assert "1 trials, 1 already done, 0 to run, 0 models to load" in ended.stderr


def test_runs_are_kept_beside_their_settings_wherever_one_stands(
    tmp_path: Path,
) -> None:
    spec = read_spec(write_run(tmp_path / "bench"))
    (trial,) = all_trials(spec, read_packs(spec.run.packs))
    with Ledger(tmp_path / "runs" / "bench") as ledger:
        ledger.append(attempt(trial.id, harness="mini"))

    refused = run_command("run", "bench/run.toml", cwd=tmp_path)
    (tmp_path / "runs").rename(tmp_path / "bench" / "runs")
    ended = run_command("run", "bench/run.toml", cwd=tmp_path)

    assert refused.returncode == 1
    assert refused.stderr == (
        "runs/bench: holds this run, which is now kept in bench/runs/bench; move it"
        " there, or give --run runs/bench\n"
    )
    assert (ended.returncode, ended.stdout) == (0, "bench/runs/bench\n")


def test_every_command_tells_of_older_definitions_in_one_line(tmp_path: Path) -> None:
    spec = read_spec(write_run(tmp_path))
    (trial,) = all_trials(spec, read_packs(spec.run.packs))
    out = tmp_path / "out"
    with Ledger(out) as ledger:
        ledger.append(attempt(trial.id, harness="mini", folder="now"))
        ledger.append(attempt("a" * 16, harness="mini", folder="before"))
    line = (
        "1 earlier attempt under older definitions is left out;"
        " `export --all-definitions` shows all"
    )

    def said(*words: str) -> str:
        ended = run_command(*words, cwd=tmp_path)
        assert ended.returncode == 0, ended.stderr
        assert ended.stderr.count("earlier attempt") == 1
        assert line in ended.stderr
        return ended.stdout

    said("run", "run.toml", "--run", "out")
    said("plan", "run.toml", "--run", "out")
    said("status", "out")
    assert said("export", "out") == "out/cells.csv\n"
    assert said("export", "out", "--all-definitions") == "out/all-definitions.csv\n"
    assert read_inputs([out]).notices[0] == f"{out}/cells.csv: {line}"
    assert len(read_inputs([out]).records) == 1
    header, *rows = (out / "all-definitions.csv").read_text().splitlines()
    assert header.startswith("trial,sweep,model,")
    assert [row.split(",")[0] for row in rows] == sorted([trial.id, "a" * 16])


@pytest.mark.e2e
def test_what_is_left_to_do_needs_both(tmp_path: Path) -> None:
    write_run(tmp_path, 'base_url = "http://127.0.0.1:9"')
    (tmp_path / "bin").mkdir()

    ended = run_command(
        *("run", "run.toml", "--run", "out"),
        cwd=tmp_path,
        environment={"PATH": str(tmp_path / "bin")},
    )

    assert ended.returncode == 1
    sandbox, server = ended.stderr.splitlines()
    assert sandbox.startswith("bubblewrap: ")
    assert server.startswith("m: http://127.0.0.1:9: does not answer")
    assert not (tmp_path / "out").exists()


@pytest.mark.e2e
def test_a_run_asks_for_the_tools_of_those_tasks_only_that_it_runs(
    tmp_path: Path,
) -> None:
    needs("bwrap")
    write_run(tmp_path)
    other = write_small_task(tmp_path / "pack" / "other") / "task.toml"
    other.write_text(other.read_text() + 'tools = ["no-such-tool"]\n')
    only = ("run.toml", "--run", "out", "--only", "task=t")

    looked = run_command("doctor", *only, cwd=tmp_path)
    ended = run_command("run", *only, cwd=tmp_path)

    assert "no-such-tool" not in looked.stdout
    assert ended.returncode == 0, ended.stderr


@pytest.mark.e2e
@pytest.mark.slow
def test_a_second_runner_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    needs("bwrap")
    write_run(tmp_path, 'script = "oracle"\ndelay_s = 1')
    command = runner_command("run", "run.toml", "--run", "out")
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        env=runner_environment(),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    ) as first:
        assert first.stderr is not None
        for line in first.stderr:
            if "m: ready" in line:
                break

        # However slow the second one is, the first is there meanwhile.
        first.send_signal(signal.SIGSTOP)
        second = run_command("run", "run.toml", "--run", "out", cwd=tmp_path)
        first.send_signal(signal.SIGCONT)

        assert second.returncode == 1
        who = rf"out: another runner is using this folder \(process {first.pid}\)"
        assert re.fullmatch(rf"{who}; wait for it", second.stderr.splitlines()[-1])
        first.communicate(timeout=60)
        assert first.returncode == 0
    assert len(read_ledger(tmp_path / "out")) == 1
