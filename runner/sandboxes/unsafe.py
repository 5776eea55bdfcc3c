"""No sandbox: commands run as the runner itself does, and can do what it can.

For machines that have none, when a person has asked for it by name. What is measured
with it can be forged, and every row says so.
"""

import os
from dataclasses import dataclass
from typing import BinaryIO, ClassVar

from harness_bench.errors import Problem
from runner.sandboxes.host_process import start
from runner.sandboxes.places import environment, in_place
from runner.sandboxes.sandbox import Confined, Sandboxed


@dataclass(frozen=True, slots=True)
class Unsafe:
    """Confines nothing."""

    name: ClassVar[str] = "unsafe"
    has_own_network: ClassVar[bool] = False
    """Another program may hold a port."""

    def problems(self) -> tuple[Problem, ...]:
        """None: it needs nothing."""
        return ()

    async def start(
        self, confined: Confined, *, output: BinaryIO, errors: BinaryIO
    ) -> Sandboxed:
        """Start a command, with real places in the place of mounts.

        Raises:
            SandboxError: It cannot be started.
        """
        moved = in_place(confined)
        return start(
            moved.command,
            environment(moved, os.environ.get("PATH", os.defpath)),
            folder=moved.folder,
            limits=moved.limits,
            output=output,
            errors=errors,
        )
