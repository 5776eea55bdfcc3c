"""Which commands there are in a sandbox."""

import tempfile
from collections.abc import Iterable
from typing import Final

from runner.sandboxes.sandbox import Confined, Sandbox

_MISSING: Final = 'for tool; do command -v "$tool" >/dev/null || echo "$tool"; done'


async def missing_tools(sandbox: Sandbox, tools: Iterable[str]) -> tuple[str, ...]:
    """The commands that are not there; what lies outside /usr is not seen inside.

    Raises:
        SandboxError: The sandbox cannot be started.
    """
    confined = Confined(command=("/bin/sh", "-c", _MISSING, "sh", *tools), folder="/")
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as errors:
        running = await sandbox.start(confined, output=said, errors=errors)
        try:
            await running.wait()
        finally:
            await running.kill()
        said.seek(0)
        return tuple(said.read().decode(errors="replace").split())
