"""Who does nothing is ended; who waits for a model that reads its prompt is not."""

from pathlib import Path

import pytest

from harness_bench.schema import Status
from runner.run_folder.attempt import Attempt
from runner.run_folder.ledger import read_ledger
from tests.needs import needs
from tests.runs import (
    run_command,
    write_files,
    write_shell_harnesses,
    write_small_task,
)

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

IDLE_S = 1.0
SPEC = f"""\
[run]
packs = ["pack"]
[limits]
agent_s = 30
idle_s = {IDLE_S}
[[model]]
name = "m"
script = "oracle"
delay_s = {{delay_s}}
[[harness]]
name = "{{harness}}"
"""
HARNESSES = {
    "sleeper": "sleep 600",
    "sleepers": "sleep 600 & setsid sleep 600 & wait",
    "busy": f"""
        end=$(($(date +%s) + {3 * IDLE_S + 1:.0f}))
        while [ $(date +%s) -lt $end ]; do :; done; echo right > answer""",
}


def the_attempt(folder: Path, *, harness: str, delay_s: float = 0.0) -> Attempt:
    """The one attempt of a run with this harness and this model."""
    spec = SPEC.format(harness=harness, delay_s=delay_s)
    write_files(folder, {"run.toml": spec})
    write_small_task(folder / "pack" / "t")
    ended = run_command(
        *("run", "run.toml", "--run", "out"),
        cwd=folder,
        environment=write_shell_harnesses(folder, HARNESSES),
    )
    assert ended.returncode == 0, ended.stderr
    ((attempt,),) = read_ledger(folder / "out").by_trial.values()
    return attempt


@pytest.mark.parametrize("harness", ["sleeper", "sleepers"])
def test_a_harness_that_sleeps_is_ended_as_idle(tmp_path: Path, harness: str) -> None:
    needs("bwrap")

    record = the_attempt(tmp_path, harness=harness).record

    assert record.status is Status.AGENT_IDLE
    assert record.calls == 0
    assert IDLE_S <= (record.agent_time_s or 0) <= IDLE_S + 2


def test_a_model_that_reads_its_prompt_for_long_is_not_idle(tmp_path: Path) -> None:
    needs("bwrap")

    record = the_attempt(tmp_path, harness="mini", delay_s=3 * IDLE_S).record

    assert record.status is Status.PASS
    assert (record.agent_time_s or 0) > 3 * IDLE_S
    assert (record.model_time_s or 0) > 3 * IDLE_S


def test_a_harness_that_computes_without_a_call_is_not_idle(tmp_path: Path) -> None:
    needs("bwrap")

    record = the_attempt(tmp_path, harness="busy").record

    assert record.status is Status.PASS
    assert record.calls == 0
    assert (record.agent_time_s or 0) > 3 * IDLE_S
