"""What a sandbox promises, whatever makes it.

A sandbox confines one command and everything that the command starts: it sees the
mounts that are listed and nothing else of the machine, it has no network, and when it
is killed nothing of it is left alive.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals
from typing import BinaryIO, Final, Protocol, cast, runtime_checkable

from harness_bench.errors import Problem
from harness_bench.registry import load
from runner.limits import Limits

HELD: Final = Path("/proc/self/fd")
"""Where Linux shows what this process holds open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A file or folder of the machine that the sandbox may see."""

    source: Path
    """Where it is on the machine."""
    target: str
    """Where the sandbox sees it; absolute."""
    writable: bool = False
    own: bool = False
    """Whether the sandbox may work on a copy of this folder: see `Holding`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confined:
    """A command and all that it may see."""

    command: tuple[str, ...]
    """The first process. It must end when its standard input ends: that is how it
    learns that the runner is gone, where the system has no better way."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """All of its environment, beside PATH, HOME and LANG."""
    mounts: tuple[Mount, ...] = ()
    folder: str = "/workspace"
    """Where the command starts."""
    ports: tuple[int, ...] = ()
    """TCP ports of 127.0.0.1 on which its programs talk to each other: nothing else of
    a network is there."""
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """How a command ended; one of the two is set."""

    code: int | None = None
    signal: Signals | None = None


class Sandboxed(Protocol):
    """A running command with everything it started."""

    async def wait(self) -> Exit:
        """How the command ended; returns when nothing of the sandbox is alive."""

    async def kill(self) -> None:
        """End everything at once; returns when nothing of the sandbox is alive."""

    def cpu_s(self) -> float:
        """Processor seconds that the living processes have used so far.

        It only tells work from idleness: what dead processes used may be missing.
        """


@runtime_checkable
class Listed(Protocol):
    """A running command whose processes Linux shows."""

    def processes(self) -> Sequence[Path]:
        """The folder of /proc of each that is alive."""


@runtime_checkable
class Holding(Protocol):
    """A running command that may work on copies of folders."""

    def folder(self, mount: Mount) -> Path:
        """Where what it works on is found, on the outside, until `release`."""

    def release(self) -> None:
        """Let go of the copies; nothing of the sandbox is alive."""


class Sandbox(Protocol):
    """A way to confine commands; an entry point of `harness_bench.sandboxes`."""

    @property
    def name(self) -> str:
        """What stands in the column `sandbox`."""

    @property
    def has_own_network(self) -> bool:
        """Whether every port of 127.0.0.1 is free in each sandbox."""

    def problems(self) -> tuple[Problem, ...]:
        """Why it cannot be used on this machine; empty: it can."""

    async def start(
        self, confined: Confined, *, output: BinaryIO, errors: BinaryIO
    ) -> Sandboxed:
        """Start a command.

        Its errors also get what the sandbox itself says.

        Raises:
            SandboxError: It cannot be started.
        """


def sandbox_named(name: str) -> Sandbox:
    """The sandbox that run.toml names.

    Raises:
        PluginError: There is no such entry point of `harness_bench.sandboxes`.
    """
    return cast("Callable[[], Sandbox]", load("sandboxes", name))()
