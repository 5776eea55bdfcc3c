"""The filter of system calls, run as the kernel runs it."""

import os
import struct
from types import SimpleNamespace

import pytest

from runner.sandboxes.syscalls import filter_program

ALLOWED = 0x7FFF0000
EPERM, ENOSYS, EAFNOSUPPORT = (0x00050000 | number for number in (1, 38, 97))
X86, ARM, OTHER = 0xC000003E, 0xC00000B7, 0x40000003


def answer(program: bytes, *, number: int, machine: int, argument: int = 0) -> int:
    """What a filter says of a call; see seccomp(2)."""
    data = {0: number, 4: machine, 16: argument}
    steps = list(struct.iter_unpack("=HBBI", program))
    register, place = 0, 0
    while True:
        code, yes, no, value = steps[place]
        place += 1
        if code == 0x06:
            return int(value)
        if code == 0x20:
            register = data[value]
        else:
            holds = register == value if code == 0x15 else register >= value
            place += yes if holds else no


def program_of(monkeypatch: pytest.MonkeyPatch, machine: str) -> bytes:
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(machine=machine))
    program = filter_program()
    assert program is not None
    return program


@pytest.mark.parametrize(
    ("machine", "audit", "refused", "socket", "prlimit"),
    [
        ("x86_64", X86, (248, 249, 250, 321, 298, 323, 246, 320, 304, 103), 41, 302),
        ("aarch64", ARM, (217, 218, 219, 280, 241, 282, 104, 294, 265, 116), 198, 261),
    ],
)
def test_what_no_namespace_confines_is_refused_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
    machine: str,
    audit: int,
    refused: tuple[int, ...],
    socket: int,
    prlimit: int,
) -> None:
    program = program_of(monkeypatch, machine)

    found = {
        number: answer(program, number=number, machine=audit) for number in range(600)
    }

    assert {n for n, said in found.items() if said == EPERM} == set(refused)
    assert {n for n, said in found.items() if said == ENOSYS} == {425, 426}
    assert {n for n, said in found.items() if said == EAFNOSUPPORT} == {socket}
    families = {
        family
        for family in range(64)
        if answer(program, number=socket, machine=audit, argument=family) == ALLOWED
    }
    assert families == {1, 2, 10, 16}
    for pid, said in ((0, ALLOWED), (1, EPERM), (4711, EPERM)):
        assert answer(program, number=prlimit, machine=audit, argument=pid) == said
    assert answer(program, number=0, machine=OTHER) == ENOSYS
    assert answer(program, number=0x40000000, machine=audit) == ENOSYS


def test_a_machine_of_other_numbers_has_no_filter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(machine="riscv64"))
    assert filter_program() is None
