"""Linux with an engine for containers: Podman or Docker, and an image that has Python.

The image decides which programs there are; nothing of the machine's is in it. An engine
that runs as root and an agent that breaks out of its container is root on the machine:
prefer bubblewrap, or an engine without root.
"""

import asyncio
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from harness_bench.errors import Problem, SandboxError
from runner.sandboxes import private
from runner.sandboxes.attached import Attached, attach
from runner.sandboxes.places import HOME
from runner.sandboxes.process_tree import ProcessTree
from runner.sandboxes.sandbox import Confined, Exit, Mount, Sandboxed

ENGINES: Final = ("podman", "docker")
"""Programs that understand the same words; the first that works is taken."""
_MIB: Final = 1 << 20
_USERS_PROCESSES: Final = 16384
_ASK_S: Final = 20.0
_START_S: Final = 60.0
_LOOK_S: Final = 0.05
_ENGINES: Final = "install Podman or Docker, and see that it runs"
_REFUSED: Final = 125
"""Exit code of an engine that could not start a container."""


@dataclass(frozen=True, slots=True)
class Container:
    """Confines by `podman` or `docker`; `container:IMAGE` in run.toml."""

    image: str = ""
    """Its name, as the engine lists it; it is never fetched."""

    @property
    def name(self) -> str:
        """What stands in the column `sandbox`."""
        return "container"

    @property
    def has_own_network(self) -> bool:
        """It has: `--network none`."""
        return True

    def problems(self) -> tuple[Problem, ...]:
        """Why a container that only runs Python fails."""
        if sys.platform != "linux":
            what = f"needs Linux, and this is {sys.platform}"
            return (Problem("container", what),)
        if not self.image:
            advice = 'write sandbox = "container:IMAGE"'
            return (Problem("container", "no image is named", advice),)
        engine, why = _engine()
        if engine is None:
            return (Problem("container", why, _ENGINES),)
        tiny = Confined(command=("python3", "-c", ""), folder="/")
        said = _ask(options(engine, self.image, tiny, name=_fresh_name()))
        if said.returncode == 0:
            return ()
        advice = f"the image {self.image} has to be there and have python3"
        return (Problem("container", _last_line(said.stderr), advice),)

    async def start(
        self, confined: Confined, *, output: BinaryIO, errors: BinaryIO
    ) -> Sandboxed:
        """Start a command as the first process of a container.

        Raises:
            SandboxError: With what the engine said.
        """
        engine, why = await asyncio.to_thread(_engine)
        if engine is None:
            raise SandboxError(Problem("container", why, _ENGINES))
        name = _fresh_name()
        attached = attach(
            options(engine, self.image, confined, name=name),
            output=output,
            errors=errors,
            most=confined.limits.file_mb * _MIB,
        )
        with ExitStack() as undone:
            undone.callback(attached.close)
            undone.callback(_remove, engine, name, attached.process)
            first = await _first(engine, name, attached)
            undone.pop_all()
        tree = ProcessTree(first, secrets.token_hex(12))
        return _Contained(engine, name, attached, tree)


def options(engine: str, image: str, confined: Confined, *, name: str) -> list[str]:
    """The engine's command line."""
    limits = confined.limits
    user = f"{os.getuid()}:{os.getgid()}"
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": HOME,
        "LANG": "C.UTF-8",
        **confined.environment,
    }
    return [
        *(engine, "run", "--rm", "--interactive", "--name", name, "--pull", "never"),
        *("--network", "none", "--hostname", "sandbox", "--read-only"),
        *("--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
        *("--pids-limit", str(limits.processes), "--user", user),
        # Without root, the engine gives containers other users' numbers by itself.
        *(("--userns", "keep-id") if _is_rootless(engine) else ()),
        *("--ulimit", "core=0:0", "--ulimit", "nofile=1024:4096"),
        *("--ulimit", "fsize={0}:{0}".format(limits.file_mb * _MIB)),
        # Of a user on the whole machine; an engine's own default may be one that it
        # is not allowed to set.
        *("--ulimit", f"nproc={_USERS_PROCESSES}:{_USERS_PROCESSES}"),
        *("--log-driver", "none", "--entrypoint", "", "--workdir", confined.folder),
        *_mounts(confined),
        image,
        # What engines and images add to the environment is not given.
        *("env", "-i", *(f"{key}={value}" for key, value in environment.items())),
        *confined.command,
    ]


def _mounts(confined: Confined) -> Iterator[str]:
    targets = {mount.target for mount in confined.mounts}
    for target, mib in (
        ("/tmp", confined.limits.disk_mb),  # noqa: S108 - of the container
        ("/var/tmp", 64),  # noqa: S108 - of the container
        ("/run", 16),
        (HOME, 64),
    ):
        if target not in targets:
            yield from ("--tmpfs", f"{target}:rw,exec,mode=1777,size={mib}m")
    for mount in sorted(confined.mounts, key=lambda mount: mount.target):
        yield from ("--mount", _bind(mount))
    for target in private.seen_through(confined.mounts):
        yield from ("--tmpfs", f"{target}:ro,mode=0000,size=4k")


def _bind(mount: Mount) -> str:
    words = f"type=bind,source={mount.source},target={mount.target}"
    return words if mount.writable else f"{words},readonly"


class _Contained:
    """A command in its container."""

    def __init__(
        self, engine: str, name: str, attached: Attached, tree: ProcessTree
    ) -> None:
        self._engine = engine
        self._name = name
        self._attached = attached
        self._tree = tree
        self._killed = False
        self._end = asyncio.create_task(self._ended())

    async def wait(self) -> Exit:
        """How the command ended; returns when nothing of it is alive."""
        return await asyncio.shield(self._end)

    async def kill(self) -> None:
        """End everything at once; returns when nothing is alive."""
        if not self._end.done():
            self._killed = True
            await asyncio.to_thread(_kill, self._engine, self._name)
        await asyncio.shield(self._end)

    def cpu_s(self) -> float:
        """Processor seconds of all that live."""
        return 0.0 if self._end.done() else self._tree.cpu_s()

    def processes(self) -> list[Path]:
        """The folder of /proc of each that is alive; where there is none, it is not."""
        pids = [] if self._end.done() else self._tree.living()
        return [Path("/proc", str(pid)) for pid in pids]

    async def _ended(self) -> Exit:
        process = self._attached.process
        try:
            while process.poll() is None:  # noqa: ASYNC110 - a process
                await asyncio.sleep(_LOOK_S / 5)
            for drain in self._attached.drains:
                await drain.ended()
        finally:
            if process.poll() is None:
                _remove(self._engine, self._name, process)
            self._attached.close()
        if self._killed:
            return Exit(signal=signal.SIGKILL)
        return Exit(code=process.returncode)


def _fresh_name() -> str:
    return f"harness-bench-{secrets.token_hex(8)}"


def _engine() -> tuple[str | None, str]:
    """An engine that answers; else why there is none."""
    why = "neither podman nor docker is on PATH"
    for name in ENGINES:
        if path := shutil.which(name):
            said = _ask([path, "ps", "--quiet"])
            if said.returncode == 0:
                return path, ""
            why = f"{name}: {_last_line(said.stderr)}"
    return None, why


def _ask(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603 - the engine
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_ASK_S,
        )
    except subprocess.TimeoutExpired:
        said = f"does not answer for {_ASK_S:.0f} s"
        return subprocess.CompletedProcess(command, 1, "", said)


def _is_rootless(engine: str) -> bool:
    """Whether it is Podman without root, which asks for nothing else."""
    return engine.endswith("podman") and os.geteuid() != 0


async def _first(engine: str, name: str, attached: Attached) -> int:
    """The number outside of the container's first process; 0: it has ended already.

    Raises:
        SandboxError: The engine started none.
    """
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        ended = attached.process.poll()
        if ended is not None:
            attached.drains[-1].close()
            said = attached.drains[-1].first
            if ended == _REFUSED and said.startswith(("Error", "docker:")):
                raise SandboxError(Problem("container", _last_line(said)))
            return 0
        asked = [engine, "inspect", "--format", "{{.State.Pid}}", name]
        told = (await asyncio.to_thread(_ask, asked)).stdout.strip()
        if told.isdecimal() and int(told) > 0:
            return int(told)
        await asyncio.sleep(_LOOK_S)
    what = f"did not start within {_START_S:.0f} s (normally a few seconds)"
    raise SandboxError(Problem("container", what))


def _kill(engine: str, name: str) -> None:
    _ask([engine, "kill", "--signal", "KILL", name])


def _remove(engine: str, name: str, process: subprocess.Popen[bytes]) -> None:
    _ask([engine, "rm", "--force", name])
    process.kill()
    process.wait()


def _last_line(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "ended without a word"
