"""Runs for tests: settings, a runner in a process of its own, what it leaves."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
PRACTICE = ROOT / "tasks" / "practice"

SPEC = """\
[run]
name = "test"
packs = ["{packs}"]
seeds = {seeds}
jobs = {jobs}

[limits]
agent_s = 30
grader_s = 30
{limits}
{models}
[[harness]]
name = "mini"
"""


def write_spec(
    folder: Path,
    *,
    scripts: Sequence[str],
    seeds: int = 1,
    jobs: int = 1,
    limits: str = "",
    packs: Path = PRACTICE,
) -> Path:
    """A run.toml for scripted models in `mini`."""
    models = "".join(
        f'[[model]]\nname = "{script}"\nscript = "{script}"\n\n' for script in scripts
    )
    path = folder / "run.toml"
    path.write_text(
        SPEC.format(packs=packs, seeds=seeds, jobs=jobs, limits=limits, models=models)
    )
    return path


def runner_command(*words: str | Path) -> list[str]:
    """The command that starts the runner."""
    return [sys.executable, "-m", "runner", *map(str, words)]


def runner_environment(**more: str) -> dict[str, str]:
    """Its environment: this checkout, and what a test adds."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def run_command(
    *words: str | Path, cwd: Path, timeout: float = 90
) -> subprocess.CompletedProcess[str]:
    """Run the runner to its end."""
    return subprocess.run(
        runner_command(*words),
        cwd=cwd,
        env=runner_environment(),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def left_running(temporary: Path) -> list[int]:
    """Processes that have something of this folder mounted or as their own."""
    found = []
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        try:
            mounts = (process / "mountinfo").read_text()
            environment = (process / "environ").read_bytes()
        except OSError:
            continue
        if str(temporary) in mounts or str(temporary).encode() in environment:
            found.append(int(process.name))
    return found
