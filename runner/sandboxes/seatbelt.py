"""macOS: `sandbox-exec`, whose profile every descendant inherits.

There are no mounts: what a command may read, write and connect to is allowed by its
real path, and all else refused. There are no namespaces of processes either: those of
the machine can be listed, and descendants are found and killed as well as can be
(`process_tree`).
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from harness_bench.errors import Problem, SandboxError
from runner.sandboxes import private
from runner.sandboxes.host_process import start
from runner.sandboxes.places import environment, in_place
from runner.sandboxes.sandbox import Confined, Mount, Sandboxed

_LONGEST_SOCKET: Final = 103
"""Bytes of a unix socket's path on macOS."""
_ROOM_FOR_SOCKET: Final = len("/candidate.sock")
_PATH: Final = "/usr/bin:/bin:/usr/sbin:/sbin"
_SYSTEM: Final = (
    *("/usr", "/bin", "/sbin", "/System", "/Library/Developer/CommandLineTools"),
    *("/Library/Preferences/Logging", "/private/etc/ssl", "/private/var/db/timezone"),
    *("/private/var/db/dyld", "/private/var/select", "/private/etc/localtime"),
)
"""What programs of the system need; nobody's own is in there."""
_DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
_SHOWN: Final = ("/usr/local",)
"""Below the system's folders, what belongs to people."""
_HEAD: Final = """\
(version 1)
(deny default)
(allow process-fork)
(allow process-exec)
(allow signal (target same-sandbox))
(allow process-info* (target same-sandbox))
(allow sysctl-read)
(allow file-read-metadata)
(allow file-ioctl (literal "/dev/null"))
"""


@dataclass(frozen=True, slots=True)
class Seatbelt:
    """Confines by `sandbox-exec`, which every macOS has."""

    @property
    def name(self) -> str:
        """What stands in the column `sandbox`."""
        return "seatbelt"

    @property
    def has_own_network(self) -> bool:
        """It has none: ports of 127.0.0.1 are the machine's."""
        return False

    def problems(self) -> tuple[Problem, ...]:
        """Why a sandbox that only runs `true` fails."""
        if sys.platform != "darwin":
            return (Problem(self.name, f"needs macOS, and this is {sys.platform}"),)
        program = shutil.which("sandbox-exec")
        if program is None:
            what = "sandbox-exec, which comes with macOS, is not on PATH"
            return (Problem(self.name, what),)
        tiny = Confined(command=("/usr/bin/true",), folder="/")
        said = subprocess.run(  # noqa: S603 - a fixed command
            [program, "-p", profile(tiny), *tiny.command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if said.returncode == 0:
            return ()
        why = " ".join(said.stderr.split()) or "ended without a word"
        return (Problem(self.name, why),)

    async def start(
        self, confined: Confined, *, output: BinaryIO, errors: BinaryIO
    ) -> Sandboxed:
        """Start a command under a profile of its own.

        Raises:
            SandboxError: It cannot be started, or a folder's path is too long for a
                socket in it.
        """
        _check_lengths(confined)
        real = replace(confined, mounts=tuple(map(_resolved, confined.mounts)))
        moved = in_place(real)
        return start(
            ("/usr/bin/sandbox-exec", "-p", profile(moved), *moved.command),
            {**environment(moved, _PATH), "TMPDIR": _home(moved)},
            folder=moved.folder,
            limits=moved.limits,
            output=output,
            errors=errors,
        )


def profile(confined: Confined) -> str:
    """What the command may do; all else is refused.

    Args:
        confined: With real places, as `in_place` has it.
    """
    return _HEAD + "".join(f"{rule}\n" for rule in _rules(confined))


def _rules(confined: Confined) -> Iterator[str]:
    for place in _SYSTEM:
        yield f"(allow file-read* (subpath {_quoted(place)}))"
    for place in _SHOWN:
        yield f"(deny file-read* (subpath {_quoted(place)}))"
    for place in _DEVICES:
        yield f"(allow file-read* file-write-data (literal {_quoted(place)}))"
    yield '(allow file-read* (literal "/"))'
    # The last rule that fits decides: what lies deeper comes later.
    places = [str(mount.source) for mount in confined.mounts]
    own = private.seen_through(
        Mount(source=mount.source, target=str(mount.source))
        for mount in confined.mounts
    )
    for place in sorted({*places, *own}, key=len):
        if place not in places:
            yield f"(deny file-read* (subpath {_quoted(place)}))"
        for mount in confined.mounts:
            if str(mount.source) == place:
                yield from _of_mount(mount)
    for port in confined.ports:
        here = _quoted(f"localhost:{port}")
        yield f"(allow network-bind network-inbound (local tcp {here}))"
        yield f"(allow network-outbound (remote tcp {here}))"


def _of_mount(mount: Mount) -> Iterator[str]:
    place = _quoted(str(mount.source))
    kind = "subpath" if mount.source.is_dir() else "literal"
    what = "file-read* file-write*" if mount.writable else "file-read*"
    yield f"(allow {what} ({kind} {place}))"
    if kind == "subpath":
        yield f"(allow network-outbound (remote unix-socket (subpath {place})))"
        if mount.writable:
            yield f"(allow network-bind (local unix-socket (subpath {place})))"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _resolved(mount: Mount) -> Mount:
    """The kernel compares paths behind links: /tmp is /private/tmp."""
    return replace(mount, source=mount.source.resolve())


def _home(confined: Confined) -> str:
    """A folder that it may write to, for temporary files."""
    writable = [mount.source for mount in confined.mounts if mount.writable]
    return str(writable[-1]) if writable else "/nonexistent"


def _check_lengths(confined: Confined) -> None:
    """Whether a socket in each mounted folder can have a path.

    Raises:
        SandboxError: It cannot.
    """
    for mount in confined.mounts:
        if not mount.target.startswith("/run/"):
            continue
        length = len(os.fsencode(Path(mount.source).resolve())) + _ROOM_FOR_SOCKET
        if length > _LONGEST_SOCKET:
            most = _LONGEST_SOCKET - _ROOM_FOR_SOCKET
            what = f"is too long for the path of a socket: {most} bytes at most"
            advice = "set TMPDIR to a shorter one, such as /tmp"
            raise SandboxError(Problem(str(mount.source), what, advice))
