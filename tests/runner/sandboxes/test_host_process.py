"""A command among the machine's own processes."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from harness_bench.errors import SandboxError
from runner.limits import Limits
from runner.sandboxes.host_process import start
from runner.sandboxes.sandbox import Exit


def ended(folder: Path, script: str, *, kill: bool = False) -> tuple[Exit, str]:
    """How a script ended, and what it said."""

    async def run() -> Exit:
        with (folder / "log").open("wb") as log:
            running = start(
                ("/bin/sh", "-c", script),
                {"PATH": os.defpath, "WORD": "a word"},
                folder=str(folder),
                limits=Limits(file_mb=1),
                output=log,
                errors=log,
            )
            if kill:
                await running.kill()
                await running.kill()
            found = await asyncio.wait_for(running.wait(), timeout=20)
            assert running.cpu_s() == 0.0
            return found

    return asyncio.run(run()), (folder / "log").read_text()


def test_it_has_its_folder_its_environment_and_nothing_of_ours(tmp_path: Path) -> None:
    found, said = ended(tmp_path, 'pwd; echo "$WORD"; echo "${HOME-none}" >&2')
    assert found == Exit(code=0)
    assert said.splitlines() == [str(tmp_path), "a word", "none"]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("exit 7", Exit(code=7)),
        ("kill -TERM $$", Exit(signal=signal.SIGTERM)),
        ("no-such-command", Exit(code=127)),
    ],
)
def test_it_ends_as_its_command_does(
    tmp_path: Path, script: str, expected: Exit
) -> None:
    assert ended(tmp_path, script)[0] == expected


def test_killed_it_ends_with_all_that_it_started(tmp_path: Path) -> None:
    script = f"(sleep 1; echo late > {tmp_path}/late) & sleep 99"
    assert ended(tmp_path, script, kill=True)[0] == Exit(signal=signal.SIGKILL)
    assert not (tmp_path / "late").exists()


def test_what_it_leaves_behind_is_ended_with_it(tmp_path: Path) -> None:
    script = "sleep 99 & echo $!"
    found, said = ended(tmp_path, script)
    assert found == Exit(code=0)
    with pytest.raises(ProcessLookupError):
        os.kill(int(said), 0)


def test_no_file_grows_beyond_its_limit(tmp_path: Path) -> None:
    script = "head -c 2000000 /dev/zero > big; echo done"
    assert ended(tmp_path, script)[1].splitlines()[-1] == "done"
    assert (tmp_path / "big").stat().st_size == 1 << 20


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    async def run() -> None:
        with (tmp_path / "log").open("wb") as log:
            start(
                ("/bin/true",),
                {},
                folder=str(tmp_path / "none"),
                limits=Limits(),
                output=log,
                errors=log,
            )

    with pytest.raises(SandboxError, match=r"sandbox: cannot be started .*/none"):
        asyncio.run(run())
