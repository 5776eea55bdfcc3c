"""Starts an installed harness where it will run, to see that it does."""

import asyncio
import tempfile
from typing import BinaryIO

from harness_bench.errors import HarnessError, Problem, shown
from runner.harnesses.package import Package
from runner.sandboxes.interpreter import interpreter
from runner.sandboxes.sandbox import Confined, Exit, Sandbox


def check(package: Package, sandbox: Sandbox) -> None:
    """Let a harness tell its version, in a sandbox as in a trial.

    Raises:
        HarnessError: It is not installed, does not start, or is another version.
        SandboxError: There is no sandbox.
    """
    if problems := package.problems():
        raise HarnessError(*(each.within(package.name) for each in problems))
    with tempfile.TemporaryFile() as said:
        ended = asyncio.run(_ended(package, sandbox, said))
        said.seek(0)
        text = said.read().decode(errors="replace").strip()
    if ended != Exit(code=0) or package.version not in text:
        what = f"`--version` says {shown(text)} instead of {package.version}"
        raise HarnessError(Problem(package.name, what))


async def _ended(package: Package, sandbox: Sandbox, said: BinaryIO) -> Exit:
    confined = Confined(
        command=(*package.command, "--version"),
        mounts=(*interpreter().mounts, *package.mounts),
        folder="/home/agent",
    )
    return await (await sandbox.start(confined, output=said, errors=said)).wait()
