"""Docker or Podman: which is here, what it is asked, and how it starts a box.

Nothing of the machine is mounted, nothing is sent over a network, and what the box
wrote goes with it. A new process is never put into a running box: one that `exec` has
started lives on when we are killed, but the first process of a box does not.

Source:
    `docker run` and `podman run`, their manual pages.
"""

import secrets
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness_bench.errors import Problem, SandboxError, shown
from runner.box import pid_one

KNOWN: Final = ("docker", "podman")
LABEL: Final = "harness-bench"
_SECCOMP: Final = Path(__file__).with_name("seccomp.json")
_PATIENCE_S: Final = 60.0
_USER: Final = "1000:1000"
_LIMITS: Final = (
    *("--pids-limit", "8192"),
    *("--ulimit", "nofile=4096:4096"),
    *("--ulimit", "nproc=16384:16384"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A container engine."""

    name: str
    """`docker` or `podman`; also its command."""
    is_podman: bool
    """Podman may be installed under Docker's name."""

    def start(self, image: str, *, name: str) -> tuple[str, ...]:
        """The command that is a box as long as it runs.

        Args:
            image: Its id.
            name: Of the box.
        """
        unmasked = "unmask=ALL" if self.is_podman else "systempaths=unconfined"
        return (
            *(self.name, "run", "--rm", "--interactive", "--name", name),
            *("--label", LABEL),
            *("--pull", "never", "--network", "none", "--hostname", "box"),
            *("--user", _USER, "--cap-drop", "ALL", "--read-only"),
            *("--security-opt", "no-new-privileges"),
            *("--security-opt", f"seccomp={_SECCOMP}"),
            # bubblewrap mounts a /proc of its own, which a masked one forbids.
            *("--security-opt", unmasked),
            *("--security-opt", "apparmor=unconfined"),
            *("--log-driver", "none", *_LIMITS),
            *(("--http-proxy=false",) if self.is_podman else ()),
            *("--tmpfs", "/tmp:rw,exec,mode=1777,size=2g"),  # noqa: S108 - its own
            # Of the box alone, and gone with it; on the disk, not in memory.
            *("--volume", pid_one.PLACE),
            *("--workdir", "/", image),
            *("/usr/bin/python3", "-I", "-S", "-c"),
            Path(pid_one.__file__).read_text(encoding="utf-8"),
        )

    def asked(self, *arguments: str) -> str:
        """What the engine says.

        Raises:
            SandboxError: It is not there, or refuses.
        """
        try:
            found = subprocess.run(  # noqa: S603 - a known command
                (self.name, *arguments),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_PATIENCE_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SandboxError(Problem(self.name, f"does not answer ({error})")) from (
                error
            )
        if found.returncode:
            lines = [line for line in found.stderr.splitlines() if line.strip()]
            what = f"refuses: {shown(lines[-1] if lines else '')}"
            advice = "start it" if self.name == "docker" else "see that it runs"
            raise SandboxError(Problem(self.name, what, advice))
        return found.stdout.strip()

    def remove(self, name: str) -> None:
        """End a box at once, and remove what is left of it.

        Raises:
            SandboxError: It is not there, or the engine refuses.
        """
        # Podman would wait for a first process that no signal ends.
        at_once = ("--time", "0") if self.is_podman else ()
        self.asked("rm", "--force", *at_once, "--volumes", name)


def engine_named(name: str) -> Engine:
    """An engine that answers.

    Args:
        name: `docker`, `podman`, or `any`: the first that answers.

    Raises:
        SandboxError: There is none; with what to do.
    """
    found: list[Problem] = []
    for each in KNOWN if name == "any" else (name,):
        if shutil.which(each) is None:
            found.append(Problem(each, "is not on PATH", "install it"))
            continue
        engine = Engine(name=each, is_podman=each == "podman")
        try:
            said = engine.asked("version")
        except SandboxError as error:
            found += error.problems
            continue
        return Engine(name=each, is_podman="podman" in said.lower())
    raise SandboxError(*found)


def new_name() -> str:
    """A name for a box that no other has."""
    return f"harness-bench-{secrets.token_hex(6)}"


def missing(names: Sequence[str] = KNOWN) -> bool:
    """Whether no engine is installed."""
    return not any(shutil.which(each) for each in names)
