"""The same sweep on a real Slurm of two nodes, one of which is lost on the way."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from runner.models.served import free_port
from tests.engines.slurm import slurm
from tests.engines.sweeps import (
    crew_until_end,
    holds,
    kill,
    lines,
    loads,
    parents,
    processes,
    rows,
    run_alone,
    scheduler,
    started,
    until,
    write_sweep,
)
from tests.needs import needs
from tests.runs import ROOT, runner_command

pytestmark = [pytest.mark.engines, pytest.mark.timeout(1200)]

JOB = """\
#!/bin/sh
#SBATCH --array=1-2 --gres=slot:1 --requeue
export PYTHONPATH={root}
until {command} --name $SLURMD_NODENAME; do sleep 1; done
"""


def test_jobs_of_slurm_are_workers(tmp_path: Path) -> None:
    for tool in ("munged", "slurmctld", "slurmd"):
        needs(tool)
    settings = write_sweep(tmp_path, seeds=20)
    expected = run_alone(settings, seeds=20)
    assert len(expected) == 200
    run, port = tmp_path / "many", free_port()
    there = ("--scheduler", f"tcp://127.0.0.1:{port}")
    command = " ".join(runner_command("worker", settings, *there, "--wait", "5"))
    job = tmp_path / "job.sh"
    job.write_text(JOB.format(root=ROOT, command=command))
    with ExitStack() as left:
        it = left.enter_context(slurm(tmp_path / "slurm"))
        left.enter_context(scheduler(tmp_path, port))
        it.ask("sbatch", f"--output={tmp_path}/job-%a.log", str(job))
        words = ("run", settings, "--run", run, *there)
        leader = left.enter_context(started(*words, cwd=tmp_path))
        until(lambda: lines(run) > 6, "some trials", 300)

        kill(processes(f"worker {settings}", "--name n1"))  # the job goes on
        seen = lines(run)
        until(lambda: lines(run) > seen + 6, "work after a kill", 300)

        lost = processes(f"worker {settings}", "--name n2")
        script = parents(lost)
        kill([*processes("slurmd", "-N n2"), *parents(script), *script, *lost])
        it.node("n2")
        crew = crew_until_end(leader, run)
        until(lambda: "Restarts=1" in it.ask("scontrol", "show", "job"), "again", 300)
    holds(run, len(expected))
    assert rows(run) == expected
    assert loads(tmp_path) <= crew.orders["served"] + 2
    until(lambda: not processes(str(tmp_path / "served.gguf")), "servers end")
    until(lambda: not processes(f"worker {settings}"), "workers end")
