"""What is planted on the machine before the probes run: all that must not be found.

Each bait carries a random word of its own, so that what comes through is known.
Files can be read and folders entered by everyone: only the sandbox keeps them apart.
"""

import ctypes
import os
import secrets
import socket
import subprocess
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_KEY_CALLS: Final[Mapping[str, tuple[int, int]]] = {
    "x86_64": (248, 250),
    "aarch64": (217, 219),
}
"""Machine -> the numbers of `add_key` and `keyctl`."""
_SESSION_KEYRING, _UNLINK = -3, 9
_CREATE, _REMOVE = 0o1000, 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Baits:
    """What is planted, and where."""

    words: Mapping[str, str]
    """What a word marks -> the word."""
    grader: Path
    solution: Path
    other: Path
    """Another trial's workspace."""
    run: Path
    """A run folder, with a ledger."""
    repository: Path
    process: subprocess.Popen[bytes]
    """Has words in its arguments and environment, and the grader open."""
    tcp: socket.socket
    tcp6: socket.socket | None
    udp: socket.socket
    abstract: socket.socket
    unix: socket.socket
    shm_key: int
    """Of shared memory and a message queue (System V)."""

    def visitors(self) -> tuple[str, ...]:
        """Which listening sockets somebody has come to."""
        listening = {
            "TCP to this machine": self.tcp,
            "IPv6": self.tcp6,
            "abstract socket": self.abstract,
            "unix socket": self.unix,
        }
        found = [name for name, one in listening.items() if one and _visited(one)]
        with suppress(BlockingIOError):
            self.udp.recv(100)
            found.append("UDP")
        return tuple(found)

    def is_unharmed(self) -> bool:
        """Whether the process lives, and nobody debugs it."""
        if self.process.poll() is not None:
            return False
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return "\nTracerPid:\t0\n" in status


@contextmanager
def planted(folder: Path) -> Iterator[Baits]:
    """Baits, until the end of the block.

    Args:
        folder: Takes the files.
    """
    marks = ("the grader", "the solution", "another trial", "the run", "git")
    others = ("an environment", "arguments", "shared memory", "a key")
    words = {name: secrets.token_hex(12) for name in (*marks, *others)}
    grader, solution, other, run, repository = (
        _file(folder, name, words) for name in marks
    )
    _repository(repository, words["git"])
    shm_key = secrets.randbelow(1 << 30) + 1
    with ExitStack() as until:
        process = _process(grader / "test.sh", words)
        until.enter_context(process)
        until.callback(process.kill)
        until.enter_context(_system_v(shm_key, words["shared memory"]))
        until.enter_context(_key(words["a key"]))
        yield Baits(
            words=words,
            grader=grader,
            solution=solution,
            other=other,
            run=run,
            repository=repository,
            process=process,
            tcp=until.enter_context(_listening(socket.AF_INET, ("0.0.0.0", 0))),  # noqa: S104 - bait for every address
            tcp6=_optional(until, socket.AF_INET6, ("::1", 0)),
            udp=until.enter_context(_datagrams()),
            abstract=until.enter_context(
                _listening(socket.AF_UNIX, "\0" + secrets.token_hex(12))
            ),
            unix=until.enter_context(
                _listening(socket.AF_UNIX, str(folder / secrets.token_hex(4)))
            ),
            shm_key=shm_key,
        )


def _file(folder: Path, name: str, words: Mapping[str, str]) -> Path:
    """A folder with a marked name that holds a marked file."""
    own = folder / f"{secrets.token_hex(4)}-{words[name]}"
    own.mkdir()
    file = own / {"the grader": "test.sh", "the run": "ledger.jsonl"}.get(name, "file")
    file.write_text(f"# {words[name]}\n", encoding="utf-8")
    file.chmod(0o755)
    return own


def _repository(folder: Path, word: str) -> None:
    """A loose object and a remote, as git keeps them."""
    objects = folder / ".git" / "objects" / "aa"
    objects.mkdir(parents=True)
    (objects / ("0" * 38)).write_bytes(zlib.compress(f"blob 24\0{word}".encode()))
    config = f'[remote "origin"]\n\turl = /{word}\n'
    (folder / ".git" / "config").write_text(config, encoding="utf-8")


def _process(opened: Path, words: Mapping[str, str]) -> subprocess.Popen[bytes]:
    # It ends with its standard input, and so with the runner, however that ends.
    waits = "import sys; sys.stdin.read()"
    with opened.open("rb") as file:
        return subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-S", "-c", waits, words["arguments"]],
            env={**os.environ, "SECRET": words["an environment"]},
            stdin=subprocess.PIPE,
            pass_fds=[file.fileno()],
        )


def _listening(family: int, address: object) -> socket.socket:
    one = socket.socket(family, socket.SOCK_STREAM)
    one.bind(address)  # type: ignore[arg-type]  # of any family
    one.listen()
    one.settimeout(0)
    return one


def _optional(until: ExitStack, family: int, address: object) -> socket.socket | None:
    """The same; None where the machine knows no such addresses."""
    try:
        return until.enter_context(_listening(family, address))
    except OSError:
        return None


def _datagrams() -> socket.socket:
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind(("0.0.0.0", 0))  # noqa: S104 - bait for every address
    one.settimeout(0)
    return one


def _visited(listening: socket.socket) -> bool:
    try:
        visitor, _ = listening.accept()
    except BlockingIOError:
        return False
    visitor.close()
    return True


@contextmanager
def _system_v(key: int, word: str) -> Iterator[None]:
    """Shared memory and a message queue, where the machine has them."""
    libc = ctypes.CDLL(None)
    libc.shmat.restype = ctypes.c_void_p
    memory = libc.shmget(key, 4096, _CREATE | 0o666)
    queue = libc.msgget(key, _CREATE | 0o666)
    if memory != -1:
        place = libc.shmat(memory, None, 0)
        ctypes.memmove(place, word.encode(), len(word))
        libc.shmdt(ctypes.c_void_p(place))
    try:
        yield
    finally:
        libc.shmctl(memory, _REMOVE, None)
        libc.msgctl(queue, _REMOVE, None)


@contextmanager
def _key(word: str) -> Iterator[None]:
    """A key in the session's keyring, where the machine has them."""
    numbers = _KEY_CALLS.get(os.uname().machine)
    if numbers is None:
        yield
        return
    libc = ctypes.CDLL(None)
    add, control = numbers
    secret = word.encode()
    key = libc.syscall(add, b"user", secret, secret, len(secret), _SESSION_KEYRING)
    try:
        yield
    finally:
        libc.syscall(control, _UNLINK, key, _SESSION_KEYRING)
