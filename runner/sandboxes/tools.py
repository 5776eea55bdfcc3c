"""Which commands there are in a sandbox, and what tasks lack of them."""

import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from runner.pack_file import Toolchain
from runner.sandboxes.sandbox import Confined, Sandbox
from runner.sandboxes.toolchains import is_unmade, tool_mounts, tool_path
from runner.tasks import Task

_FOUND: Final = """for tool; do
if command -v "$tool" >/dev/null; then
    echo "$tool $("$tool" --version 2>&1 </dev/null | head -n 1)"
fi
done"""
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)+")


async def lacking(
    sandbox: Sandbox, tasks: Iterable[Task]
) -> Mapping[str, tuple[str, ...]]:
    """Task -> what it needs and does not find, for those that lack anything.

    Raises:
        SandboxError: The sandbox cannot be started.
    """
    kinds: dict[tuple[Toolchain, ...], list[Task]] = {}
    for task in tasks:
        kinds.setdefault(task.toolchains, []).append(task)
    found = {}
    for toolchains, alike in kinds.items():
        tools = sorted({tool for task in alike for tool in task.tools})
        missing = await missing_tools(sandbox, tools, toolchains)
        for task in alike:
            lacks = tuple(
                each for each in missing if each not in tools or each in task.tools
            )
            if lacks:
                found[task.name] = lacks
    return found


async def missing_tools(
    sandbox: Sandbox, tools: Iterable[str], toolchains: Sequence[Toolchain] = ()
) -> tuple[str, ...]:
    """The commands that are not there, or are too old, and toolchains not yet made.

    What lies outside `/usr` is seen inside only where it is a toolchain.

    Raises:
        SandboxError: The sandbox cannot be started.
    """
    unmade = tuple(f"toolchain {one.name}" for one in toolchains if is_unmade(one))
    wanted = dict.fromkeys(tools, "")
    for each in toolchains:
        wanted |= dict(each.commands)
    said = await _versions(sandbox, wanted, toolchains)
    return unmade + tuple(
        f"{tool} {oldest}".rstrip()
        for tool, oldest in wanted.items()
        if tool not in said or _is_older(said[tool], oldest)
    )


async def _versions(
    sandbox: Sandbox, tools: Iterable[str], toolchains: Sequence[Toolchain]
) -> Mapping[str, str]:
    """What each command that is there says of its version."""
    confined = Confined(
        command=("/bin/sh", "-c", _FOUND, "sh", *tools),
        environment=tool_path(toolchains),
        mounts=tool_mounts(toolchains),
        folder="/",
    )
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as errors:
        running = await sandbox.start(confined, output=said, errors=errors)
        try:
            await running.wait()
        finally:
            await running.kill()
        said.seek(0)
        lines = said.read().decode(errors="replace").splitlines()
        return {tool: version for tool, _, version in (x.partition(" ") for x in lines)}


def _is_older(said: str, oldest: str) -> bool:
    if not oldest:
        return False
    number = _NUMBER.search(said)
    return number is None or _parts(number[0]) < _parts(oldest)


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
