"""System calls that no namespace confines, refused by a seccomp filter.

Keys of the kernel's keyrings are shared with whoever started the runner. `AF_VSOCK`
reaches the host of a virtual machine and knows no network namespace. io_uring would
open sockets past a filter. The rest is not needed by programs that solve tasks, and
has let many out of their namespaces. A process may set limits for itself and for no
other: a limit on processor time would kill the sandbox's first process, which no signal
from inside can. All else is allowed, ptrace too: debuggers and leak checkers need it,
and it reaches only what is in the same sandbox.

Source: seccomp(2), classic BPF; numbers from the kernel's tables for each machine.
"""

import os
import struct
from types import MappingProxyType
from typing import Final

_LOAD, _EQUAL, _ABOVE, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW: Final = 0x7FFF0000
_ERRNO: Final = 0x00050000
_EPERM, _ENOSYS, _EAFNOSUPPORT = 1, 38, 97
_NUMBER_AT, _MACHINE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
_FAMILIES: Final = (1, 2, 10, 16)
"""Sockets that may be made: unix, IPv4, IPv6, netlink; all are confined."""

# Calls of one number on every machine, being newer than their common table.
_EVERYWHERE: Final = (425, 426)
"""io_uring_setup, io_uring_enter."""
_MACHINES: Final = MappingProxyType(
    {"x86_64": (0xC000003E, 41, 302), "aarch64": (0xC00000B7, 198, 261)}
)
"""Machine -> its audit number, its `socket`, its `prlimit64`."""
_REFUSED: Final = MappingProxyType(
    {
        "add_key": (248, 217),
        "request_key": (249, 218),
        "keyctl": (250, 219),
        "bpf": (321, 280),
        "perf_event_open": (298, 241),
        "userfaultfd": (323, 282),
        "kexec_load": (246, 104),
        "kexec_file_load": (320, 294),
        "open_by_handle_at": (304, 265),
        "syslog": (103, 116),
    }
)
"""What is refused, in the order of these machines."""
_X32: Final = 0x40000000
"""Numbers from here on are x86-64's second table."""


def filter_program() -> bytes | None:
    """The filter for this machine; None: its numbers are not known here."""
    name = os.uname().machine
    if name not in _MACHINES:
        return None
    machine, socket, prlimit = _MACHINES[name]
    refused = [each[list(_MACHINES).index(name)] for each in _REFUSED.values()]
    steps = [
        _step(_LOAD, _MACHINE_AT),
        _step(_EQUAL, machine, yes=1),
        _refuse(_ENOSYS),
        _step(_LOAD, _NUMBER_AT),
        _step(_ABOVE, _X32, no=1),
        _refuse(_ENOSYS),
    ]
    for number in _EVERYWHERE:
        steps += [_step(_EQUAL, number, no=1), _refuse(_ENOSYS)]
    for number in refused:
        steps += [_step(_EQUAL, number, no=1), _refuse(_EPERM)]
    steps += [
        _step(_EQUAL, prlimit, no=4),
        _step(_LOAD, _FIRST_ARGUMENT_AT),
        _step(_EQUAL, 0, yes=1),  # itself
        _refuse(_EPERM),
        _step(_RETURN, _ALLOW),
    ]
    # A socket: past the tests of families, each of which jumps to the last step.
    steps += [_step(_EQUAL, socket, no=len(_FAMILIES) + 2)]
    steps += [_step(_LOAD, _FIRST_ARGUMENT_AT)]
    steps += [
        _step(_EQUAL, family, yes=len(_FAMILIES) - place)
        for place, family in enumerate(_FAMILIES)
    ]
    steps += [_refuse(_EAFNOSUPPORT), _step(_RETURN, _ALLOW)]
    return b"".join(steps)


def _step(code: int, value: int, *, yes: int = 0, no: int = 0) -> bytes:
    """One `struct sock_filter`; `yes` and `no` say how many steps to leave out."""
    return struct.pack("=HBBI", code, yes, no, value)


def _refuse(error: int) -> bytes:
    return _step(_RETURN, _ERRNO | error)
