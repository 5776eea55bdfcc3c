"""Shell commands in a sandbox, for tests."""

import asyncio
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from runner.limits import Limits
from runner.sandboxes.bubblewrap import Bubblewrap
from runner.sandboxes.sandbox import Confined, Exit, Mount, Sandboxed


def confined(
    script: str,
    workspace: Path,
    *,
    mounts: tuple[Mount, ...] = (),
    limits: Limits | None = None,
) -> Confined:
    return Confined(
        command=("/bin/sh", "-c", script),
        mounts=(Mount(source=workspace, target="/workspace", writable=True), *mounts),
        limits=limits or Limits(),
    )


@asynccontextmanager
async def running(what: Confined) -> AsyncIterator[Sandboxed]:
    """It runs inside the block, and is killed at its end."""
    with tempfile.TemporaryFile() as log:
        sandboxed = await Bubblewrap().start(what, output=log, errors=log)
        try:
            yield sandboxed
        finally:
            await sandboxed.kill()


async def printed(what: Confined) -> tuple[Exit, str]:
    """How it ends, and all that it prints."""
    with tempfile.TemporaryFile() as log:
        sandboxed = await Bubblewrap().start(what, output=log, errors=log)
        end = await asyncio.wait_for(sandboxed.wait(), 30)
        log.seek(0)
        return end, log.read().decode()


async def until(path: Path) -> None:
    """A command in a sandbox has made a file."""
    while not path.exists():  # noqa: ASYNC110, ASYNC240 - made by another process
        await asyncio.sleep(0.01)


def alive(mark: str) -> list[str]:
    """Command lines of the machine's processes that have a mark in them."""
    if not Path("/proc/self").exists():
        command = ["/bin/ps", "-A", "-ww", "-o", "command="]
        said = subprocess.run(command, capture_output=True, text=True, check=True)
        return [line for line in said.stdout.splitlines() if mark in line]
    lines = []
    for process in Path("/proc").iterdir():
        try:
            told = (process / "cmdline").read_bytes()
            line = told.replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it ended this moment
            continue
        if mark in line:
            lines.append(line)
    return lines
