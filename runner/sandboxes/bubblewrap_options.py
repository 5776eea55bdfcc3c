"""What bubblewrap is told: which namespaces, which mounts, which environment.

What is not mounted is not there. Of the machine itself that is `/usr` and a few files
of `/etc`, read-only.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from runner.limits import Limits
from runner.machine.memory import free_bytes
from runner.sandboxes import private, syscalls
from runner.sandboxes.memory_disk import MIB, MemoryDisk, in_memory
from runner.sandboxes.sandbox import Confined, Mount

# Not --die-with-parent: a runner that is killed in the middle of a start would leave
# bubblewrap's child behind, which then waits forever for its parent. The command ends
# with its standard input instead (`inside/first.py`).
NAMESPACES: Final = (
    "--unshare-user",
    "--unshare-ipc",
    "--unshare-pid",
    "--unshare-net",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--disable-userns",
    *("--uid", "1000"),
    *("--gid", "1000"),
    *("--hostname", "sandbox"),
    *("--cap-drop", "ALL"),
    "--new-session",
    "--as-pid-1",
    "--clearenv",
)
ENVIRONMENT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": "/home/agent",
        "LANG": "C.UTF-8",
    }
)
ETC: Final[Mapping[str, str]] = MappingProxyType(
    {
        "/etc/passwd": "agent:x:1000:1000::/home/agent:/bin/sh\n",
        "/etc/group": "agent:x:1000:\n",
        "/etc/hosts": "127.0.0.1 localhost sandbox\n::1 localhost\n",
        "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    }
)
"""Files that say nothing of the machine."""
ETC_SHARED: Final = (
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/localtime",
    # Not /etc/ssl: beside the certificates it holds private keys.
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/pki/ca-trust",
    "/etc/pki/tls/certs",
)
"""What programs under /usr need of /etc, where it exists."""
PROC_HIDDEN: Final = ("/proc/keys", "/proc/sched_debug", "/proc/timer_list")
"""Names of the machine's keys and processes, which no namespace confines."""


def options(
    confined: Confined, descriptors: ExitStack, *, disk: MemoryDisk | None = None
) -> tuple[int, list[int]]:
    """Bubblewrap's options.

    Returns:
        The descriptor to read them from, and all that it takes, that one too.
    """
    told = list(NAMESPACES)
    passed: list[int] = []

    def from_text(name: str, text: bytes) -> str:
        descriptor = os.memfd_create(name)
        descriptors.callback(os.close, descriptor)
        os.write(descriptor, text)
        os.lseek(descriptor, 0, os.SEEK_SET)
        passed.append(descriptor)
        return str(descriptor)

    for name, value in {**ENVIRONMENT, **confined.environment}.items():
        told += ["--setenv", name, value]
    told += _system(confined.limits)
    for target, text in ETC.items():
        descriptor = from_text("etc", text.encode())
        told += ["--perms", "0444", "--file", descriptor, target]
    shown = [Mount(source=Path("/usr"), target="/usr")]
    for mount in sorted(confined.mounts, key=lambda mount: mount.target):
        told += _mounted(mount, disk)
        shown.append(mount)
    for target in private.seen_through(shown):
        told += ["--perms", "0000", "--size", "4096", "--tmpfs", target]
        told += ["--remount-ro", target]
    for name in PROC_HIDDEN:
        if Path(name).exists():
            told += ["--ro-bind", os.devnull, name]
    # Without this, root inside and out could write the kernel's settings, and
    # everyone could fill memory through what bubblewrap made around the mounts.
    for target in ("/proc", "/dev", "/"):
        told += ["--remount-ro", target]
    if refusing := syscalls.filter_program():
        told += ["--seccomp", from_text("seccomp", refusing)]
    told += ["--chdir", confined.folder]
    listed = from_text("options", "".join(f"{word}\0" for word in told).encode())
    return int(listed), passed


def _mounted(mount: Mount, disk: MemoryDisk | None) -> Sequence[str]:
    if disk is not None and mount in disk.mounts:
        return ("--size", str(disk.size), "--tmpfs", mount.target)
    bind = "--bind" if mount.writable else "--ro-bind"
    return (bind, str(mount.source), mount.target)


def _system(limits: Limits) -> Sequence[str]:
    """What every sandbox has, whatever the command."""
    told = [*_of_machine(), "--proc", "/proc", "--dev", "/dev"]
    free = free_bytes()
    for target, mib in (
        ("/dev/shm", 256),  # noqa: S108 - of the sandbox
        ("/tmp", limits.disk_mb),  # noqa: S108 - of the sandbox
        ("/var/tmp", 64),  # noqa: S108 - of the sandbox
        ("/run", 16),
        ("/home/agent", 64),
    ):
        told += ["--size", str(in_memory(mib * MIB, free)), "--tmpfs", target]
    return told


@cache
def _of_machine() -> Sequence[str]:
    told = ["--ro-bind", "/usr", "/usr"]
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        path = Path("/", name)
        if path.is_symlink():
            told += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            told += ["--ro-bind", str(path), str(path)]
    told += ["--dir", "/etc"]
    for name in ETC_SHARED:
        told += ["--ro-bind-try", name, name]
    return told
