"""The agent's first process: readiness, the way to the model, the harness's end."""

import asyncio
import signal
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import runner
from runner.sandboxes.bubblewrap import Bubblewrap
from runner.sandboxes.interpreter import interpreter
from runner.sandboxes.sandbox import Confined, Exit, Mount
from tests.needs import needs

pytestmark = pytest.mark.e2e

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Ended:
    """How a harness went."""

    exit: Exit
    printed: str
    requests: list[bytes] = field(default_factory=list)
    """What came over the socket: first lines, with bodies."""


def run(
    folder: Path, *harness: str, answer: Answer | None = None, agrees: bool = True
) -> Ended:
    """A harness in a sandbox, with a model of two kinds of answers at the socket.

    Args:
        folder: Empty.
        harness: Its command.
        answer: Answers what is not for the proxy itself; else the connection's end is.
        agrees: Whether the proxy says 200 to what is for itself.
    """
    needs("bwrap")
    return asyncio.run(_run(folder, harness, answer, agrees=agrees))


async def _run(
    folder: Path, harness: tuple[str, ...], answer: Answer | None, *, agrees: bool
) -> Ended:
    requests: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = await reader.readline()
        if b"/bench/" in line:
            head = await reader.readuntil(b"\r\n\r\n")
            length = head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]
            requests.append(line.strip() + b" " + await reader.readexactly(int(length)))
            writer.write(
                b"HTTP/1.1 200 OK\r\n\r\n" if agrees else b"HTTP/1.1 500 X\r\n\r\n"
            )
        else:
            requests.append(line.strip())
            if answer is not None:
                await answer(reader, writer)
        writer.close()
        await writer.wait_closed()

    workspace, model = folder / "workspace", folder / "model"
    workspace.mkdir()
    model.mkdir()
    socket = model / "model.sock"
    async with await asyncio.start_unix_server(serve, socket):
        with tempfile.TemporaryFile() as log:
            sandboxed = await Bubblewrap().start(
                _confined(workspace, model, harness), output=log, errors=log
            )
            end = await asyncio.wait_for(sandboxed.wait(), 30)
            log.seek(0)
            printed = log.read().decode()
    return Ended(exit=end, printed=printed, requests=requests)


def _confined(workspace: Path, model: Path, harness: tuple[str, ...]) -> Confined:
    python = interpreter()
    agent = ("/opt/inside/agent.py", "/run/model/model.sock", "8080")
    return Confined(
        command=(
            python.path,
            "-E",
            "-s",
            "-S",
            *agent,
            *harness,
        ),
        mounts=(
            Mount(source=workspace, target="/workspace", writable=True),
            Mount(source=model, target="/run/model"),
            Mount(
                source=Path(runner.__file__ or "").parent / "inside",
                target="/opt/inside",
            ),
            *python.mounts,
        ),
    )


def talks(code: str) -> tuple[str, ...]:
    """A harness that talks to port 8080 through `s`."""
    head = "import socket; s = socket.create_connection(('127.0.0.1', 8080))\n"
    return ("/usr/bin/python3", "-c", head + code)


def test_the_proxy_is_told_before_anything_else_that_the_harness_runs(
    tmp_path: Path,
) -> None:
    ended = run(tmp_path, *talks("s.sendall(b'GET /v1/models\\n'); print(s.recv(1))"))

    assert ended.exit == Exit(code=0)
    assert ended.requests == [b"GET /bench/ready HTTP/1.1 ", b"GET /v1/models"]


@pytest.mark.parametrize(
    ("script", "code"), [("exit 0", 0), ("exit 5", 5), ("kill -SEGV $$", 139)]
)
def test_it_ends_as_the_harness_ends(tmp_path: Path, script: str, code: int) -> None:
    assert run(tmp_path, "sh", "-c", script).exit == Exit(code=code)


def test_a_harness_that_is_not_there_is_told_and_ends_with_127(tmp_path: Path) -> None:
    ended = run(tmp_path, "no-such-harness", "x")

    assert ended.exit == Exit(code=127)
    why = b"no-such-harness: cannot be started: No such file or directory"
    assert ended.requests == [b"POST /bench/failed HTTP/1.1 " + why]


def test_without_a_proxy_that_agrees_no_harness_goes_on(tmp_path: Path) -> None:
    ended = run(tmp_path, "sleep", "60", agrees=False)

    assert ended.exit == Exit(code=125)
    assert "GET /bench/ready: answered b'HTTP/1.1 500 X" in ended.printed


def test_a_harness_has_an_empty_input_and_no_descriptor_of_ours(tmp_path: Path) -> None:
    ended = run(tmp_path, "sh", "-c", "readlink /proc/self/fd/0; ls /proc/$$/fd; wc -c")

    null, *descriptors, count = ended.printed.split()
    assert (null, descriptors, count) == ("/dev/null", ["0", "1", "2"], "0")


def test_orphans_are_buried(tmp_path: Path) -> None:
    script = """
        for i in 1 2 3 4 5; do (setsid sh -c 'true' &); done; sleep 0.5
        grep -l '^State:.Z' /proc/[0-9]*/status | wc -l"""

    assert run(tmp_path, "sh", "-c", script).printed.strip() == "0"


def test_it_is_not_ended_from_inside(tmp_path: Path) -> None:
    # At once: the first process is still about to go on from starting this.
    script = "i=1; while [ $i -le 64 ]; do kill -$i 1; i=$((i + 1)); done; exit 6"

    assert run(tmp_path, "sh", "-c", script).exit == Exit(code=6)


def test_what_it_ignores_the_harness_does_not(tmp_path: Path) -> None:
    ignored = run(tmp_path, "grep", "SigIgn", "/proc/self/status").printed

    mask = int(ignored.split()[1], 16)
    # Those that no program may use are the C library's own.
    assert {n for n in signal.valid_signals() if mask >> (n - 1) & 1} == set()


def test_it_is_not_debugged_from_inside(tmp_path: Path) -> None:
    code = """
import ctypes, os, time
time.sleep(0.5)
print(ctypes.CDLL(None).ptrace(16, 1, 0, 0))
try:
    print(os.readlink('/proc/1/fd/0'))
except PermissionError:
    print('refused')
"""

    printed = run(tmp_path, "/usr/bin/python3", "-c", code).printed

    assert printed.split() == ["-1", "refused"]


def test_parts_of_a_stream_come_through_one_by_one(tmp_path: Path) -> None:
    async def in_parts(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        for number in range(3):
            writer.write(f"{number}\n".encode())
            assert await reader.readline() == b"seen\n"

    code = """
s.sendall(b'GET /\\n')
for _ in range(3):
    print(s.recv(100)); s.sendall(b'seen\\n')
"""

    ended = run(tmp_path, *talks(code), answer=in_parts)

    assert ended.printed.split() == [r"b'0\n'", r"b'1\n'", r"b'2\n'"]


def test_an_answer_still_comes_after_the_request_has_ended(tmp_path: Path) -> None:
    async def counted(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(str(len(await reader.read())).encode())
        await writer.drain()

    code = """
s.sendall(b'GET /\\n' + b'x' * 3_000_000); s.shutdown(socket.SHUT_WR)
print(s.makefile().read())
"""

    assert run(tmp_path, *talks(code), answer=counted).printed.strip() == "3000000"


def test_many_connections_at_once_do_not_wait_for_each_other(tmp_path: Path) -> None:
    waiting: list[asyncio.Event] = []

    async def in_reverse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mine = asyncio.Event()
        waiting.append(mine)
        if len(waiting) == 20:
            waiting[-1].set()
        await mine.wait()
        place = waiting.index(mine)
        writer.write(b"%d " % place)
        await writer.drain()
        if place:
            waiting[place - 1].set()

    code = """
others = [socket.create_connection(('127.0.0.1', 8080)) for _ in range(19)]
for one in [s, *others]: one.sendall(b'GET /\\n')
print(sum(int(one.makefile().read()) for one in [s, *others]))
"""

    printed = run(tmp_path, *talks(code), answer=in_reverse).printed

    assert printed.strip() == str(sum(range(20)))
