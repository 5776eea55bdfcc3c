"""Runs for tests: settings, a runner in a process of its own, what it leaves."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from runner.run_folder.attempt import Attempt
from runner.run_folder.ledger import read_ledger

ROOT = Path(__file__).parents[1]
PRACTICE = ROOT / "tasks" / "practice"

SPEC = """\
[run]
name = "test"
packs = ["{packs}"]
tasks = {tasks}
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
    packs: Path | None = None,
) -> Path:
    """A run.toml for scripted models in `mini`."""
    models = "".join(
        f'[[model]]\nname = "{script}"\nscript = "{script}"\n\n' for script in scripts
    )
    path = folder / "run.toml"
    path.write_text(
        SPEC.format(
            packs=packs or PRACTICE,
            # Of the practice tasks three, which need no toolchain of their own.
            tasks=["*"] if packs else ["c1_*", "p1_*", "sql1_*"],
            seeds=seeds,
            jobs=jobs,
            limits=limits,
            models=models,
        )
    )
    return path


def runner_command(*words: str | Path) -> list[str]:
    """The command that starts the runner."""
    return [sys.executable, "-m", "runner", *map(str, words)]


def runner_environment(**more: str) -> dict[str, str]:
    """Its environment: this checkout, and what a test adds."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def run_command(
    *words: str | Path,
    cwd: Path,
    timeout: float = 90,
    environment: Mapping[str, str] | None = None,
    through: Sequence[str] = (),
) -> subprocess.CompletedProcess[str]:
    """Run the runner to its end, started by these words."""
    return subprocess.run(
        [*through, *runner_command(*words)],
        cwd=cwd,
        env=runner_environment(**(environment or {})),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


@contextmanager
def running(
    folder: Path, *through: str, words: Sequence[str] = (), **environment: str
) -> Iterator["subprocess.Popen[str]"]:
    """A run under way in `folder/out`, of `folder/run.toml`.

    Args:
        folder: Where it runs.
        through: What starts the runner, if it does not start itself.
        words: More words of its command.
        environment: What its environment has in addition.
    """
    with subprocess.Popen(
        [*through, *runner_command("run", "run.toml", "--run", "out", *words)],
        cwd=folder,
        env=runner_environment(**environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as runner:
        try:
            yield runner
        finally:
            runner.kill()


def ended(runner: "subprocess.Popen[str]", *, code: int, seconds: float = 100) -> str:
    """What it said until its end."""
    _, said = runner.communicate(timeout=seconds)
    assert runner.returncode == code, said
    return said


def wait_for(what: Callable[[], object], seconds: float = 30.0) -> None:
    """Until this is so, or fail."""
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def attempts_in(folder: Path) -> list[Attempt]:
    """All attempts of the run in `folder/out`, trial by trial."""
    found = read_ledger(folder / "out").by_trial.values()
    return [attempt for each in found for attempt in each]


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


JUDGED_BY_ONE_WORD = """\
echo 1..1 >&3
said=$(/opt/inside/candidate cat answer)
if [ "$said" = right ]; then echo ok 1 >&3; else echo not ok 1 >&3; fi
"""


def write_files(folder: Path, files: Mapping[str, str]) -> Path:
    """Files by relative path."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def write_small_task(folder: Path, tests: str = JUDGED_BY_ONE_WORD) -> Path:
    """A task that is solved by one word in a file."""
    return write_files(
        folder,
        {
            "task.toml": '[task]\ntitle = "T"\nlanguage = "sh"\ncategory = "c"\n',
            "instruction.md": "Write the right answer.\n",
            "starter/answer": "none\n",
            "tests/test.sh": tests,
            "solution/answer": "right\n",
            "wrong/other/answer": "wrong\n",
        },
    )


def write_shell_harnesses(folder: Path, scripts: Mapping[str, str]) -> dict[str, str]:
    """Harnesses that run a script each, and ask no model.

    Args:
        folder: Takes the plugin.
        scripts: Name of the harness -> what the shell runs in the workspace.

    Returns:
        The environment in which they are found.
    """
    code = [_SHELL_HARNESS]
    points = ["[harness_bench.harnesses]"]
    for place, (name, script) in enumerate(scripts.items()):
        code.append(f"class Harness{place}(Shell):\n    script = {script!r}\n")
        points.append(f"{name} = shell_harnesses:Harness{place}")
    write_files(
        folder / "plugins",
        {
            "shell_harnesses.py": "\n\n".join(code),
            "shell-1.dist-info/METADATA": (
                "Metadata-Version: 2.1\nName: shell\nVersion: 1\n"
            ),
            "shell-1.dist-info/entry_points.txt": "\n".join(points),
        },
    )
    known = runner_environment()["PYTHONPATH"]
    return {"PYTHONPATH": f"{folder / 'plugins'}:{known}"}


_SHELL_HARNESS = """\
from dataclasses import dataclass
from typing import ClassVar

from runner.harnesses.harness import Launch


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    script: ClassVar[str] = ""
    version: str = "1"

    def problems(self):
        return ()

    def launch(self, order):
        return Launch(command=("/bin/sh", "-c", self.script))
"""
