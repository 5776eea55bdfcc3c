r"""What tests are written with: run the candidate's code, report each test.

    from grading import Report, candidate, equal

    with Report() as report:
        with report.test("counts no blank lines"):
            equal(candidate(["./count"], input="a\n\nb\n").out, "2\n")

The candidate's code runs in another sandbox, which holds the workspace and nothing of
the tests. What comes back is its exit code, what it printed, and nothing else.
"""

from __future__ import annotations

import os
import select
import socket
import sys
import time
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SOCKET = "HARNESS_BENCH_CANDIDATE_SOCKET"
"""Environment variable: where the sandbox of the candidate listens."""
TIMED_OUT = 124
"""Exit code of a command that was stopped at its time limit."""
GONE = 125
"""Exit code of a command whose sandbox is dead: its own doing."""
SAID_TOO_MUCH = 153
"""Exit code of a command that printed more than OUTPUT_LIMIT: 128 + SIGXFSZ."""
OUTPUT_LIMIT = 8 << 20
"""Bytes that a command may print on either stream."""
UNTIL = "HARNESS_BENCH_CANDIDATE_UNTIL"
"""Environment variable: the moment of the monotonic clock at which all commands of the
candidate must have ended, so that one that hangs cannot use up the tests' own time."""

_GRACE_S = 1.0
"""How long the other sandbox may take to say that a stopped command is dead."""
_REPORT_FD = 3


class Done:
    """How a command of the candidate ended.

    `exit` is 128 + N after signal N; see TIMED_OUT, GONE, SAID_TOO_MUCH.
    """

    def __init__(self, exit: int, raw: bytes, raw_errors: bytes) -> None:  # noqa: A002 - as people call it
        self.exit, self.raw, self.raw_errors = exit, raw, raw_errors

    @property
    def out(self) -> str:
        """Standard output as text; bytes that are no UTF-8 become U+FFFD."""
        return self.raw.decode("utf-8", errors="replace")

    @property
    def errors(self) -> str:
        """Standard error as text."""
        return self.raw_errors.decode("utf-8", errors="replace")


def candidate(
    argv: Sequence[str],
    *,
    input: str | bytes = b"",  # noqa: A002 - as in subprocess.run
    timeout: float = 10.0,
) -> Done:
    """Run a command in the candidate's sandbox, in its copy of the workspace.

    Args:
        argv: The command and its arguments; no shell.
        input: What it reads on standard input.
        timeout: Seconds until it is killed with all that it started.
    """
    out = bytearray()
    errors = bytearray()
    given = input.encode("utf-8") if isinstance(input, str) else input
    code = Call(argv, given, None, (out.extend, errors.extend)).run(timeout)
    return Done(code, bytes(out), bytes(errors))


def equal(found: object, expected: object) -> None:
    """Fail the test unless both are equal, and show both in the private log.

    Raises:
        AssertionError: They differ.
    """
    if found != expected:
        raise AssertionError(f"found    {found!r:.2000}\nexpected {expected!r:.2000}")


class Report:
    """Tells the supervisor of each test, as lines of the Test Anything Protocol.

    The plan comes last: tests that end early leave no whole report.
    """

    def __init__(self) -> None:
        self._number = 0

    def __enter__(self) -> Report:  # noqa: PYI034 - Self came with Python 3.11
        """Begin."""
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """Say how many tests there were, unless something else went wrong."""
        if kind is None:
            _write_all(_REPORT_FD, b"1..%d\n" % self._number)

    @contextmanager
    def test(self, name: str) -> Iterator[None]:
        """One test: it fails when the block raises anything.

        What the candidate printed can make any line of a test raise.
        """
        self._number += 1
        word = "ok"
        try:
            yield
        except Exception:  # noqa: BLE001 - see above
            word = "not ok"
            import traceback  # noqa: PLC0415 - takes as long as all the rest

            traceback.print_exc()
        safe = " ".join(name.split()).replace("#", "\\#")
        line = f"{word} {self._number} - {safe}\n"
        _write_all(_REPORT_FD, line.encode("utf-8"))


def answers(seconds: float) -> bool:
    """Whether the candidate's sandbox is there: it takes an empty command."""
    return Call((), b"", None, (_ignore, _ignore)).run(seconds) == 0


class Call:
    """One command in the other sandbox, and the three pipes to it.

    The command gets fresh pipes only: a file or pipe of the tests that crossed over
    could be read, or written to, there.

    Args:
        argv: The command.
        given: The beginning of its standard input.
        source: A file descriptor with the rest of it; None: there is no more.
        sinks: Take what it prints on standard output and standard error.
    """

    def __init__(
        self,
        argv: Sequence[str],
        given: bytes,
        source: int | None,
        sinks: tuple[Callable[[bytes], object], Callable[[bytes], object]],
    ) -> None:
        self._request = b"\0".join(os.fsencode(word) for word in argv)
        self._pending, self._source, self._sinks = memoryview(given), source, sinks
        self._answer = b""
        self._stopped: int | None = None

    def run(self, timeout: float) -> int:
        """Its exit code; see `Done`."""
        now = time.monotonic()
        self._deadline = min(now + timeout, float(os.environ.get(UNTIL, "inf")))
        if now >= self._deadline:
            return TIMED_OUT
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as self._server:
            self._server.settimeout(self._deadline - now)
            ends = self._pipes()
            try:
                self._server.connect(os.environ[SOCKET])
                message = len(self._request).to_bytes(4, "big") + self._request
                sent = socket.send_fds(self._server, [message], ends)
                if sent < len(message):
                    self._server.sendall(message[sent:])
            except OSError:
                self._close()
                return GONE
            finally:
                for end in ends:
                    os.close(end)
            try:
                return self._converse()
            finally:
                self._close()

    def _pipes(self) -> list[int]:
        """Make the pipes; returns the ends for the command."""
        self._stdin: int | None
        stdin, self._stdin = os.pipe()
        self._stdout, stdout = os.pipe()
        self._stderr, stderr = os.pipe()
        self._left = {self._stdout: OUTPUT_LIMIT, self._stderr: OUTPUT_LIMIT}
        for end in (self._stdin, self._stdout, self._stderr):
            os.set_blocking(end, False)
        return [stdin, stdout, stderr]

    def _converse(self) -> int:
        """Carry bytes both ways until the command has ended."""
        while not self._answer.endswith(b"\n"):
            rest = self._deadline - time.monotonic()
            if rest <= 0:
                if self._stopped is not None:  # it does not even say so
                    return self._stopped
                self._stop(TIMED_OUT)
                continue
            for fd in self._ready(rest):
                if not self._step(fd):
                    return GONE if self._stopped is None else self._stopped
        for fd in list(self._left):
            while fd in self._left and self._take(fd):
                pass
        if self._stopped is not None:
            return self._stopped
        # Whoever answered may be the candidate itself.
        digits = self._answer[:-1]
        return int(digits) if digits.isdigit() and len(digits) <= len("255") else GONE

    def _ready(self, seconds: float) -> list[int]:
        poll = select.poll()
        poll.register(self._server, select.POLLIN)
        for fd in self._left:
            poll.register(fd, select.POLLIN)
        if self._stdin is not None:
            if self._pending:
                poll.register(self._stdin, select.POLLOUT)
            elif self._source is not None:
                poll.register(self._source, select.POLLIN)
            else:
                self._close_stdin()
        return [fd for fd, _ in poll.poll(max(1, int(seconds * 1000)))]

    def _step(self, fd: int) -> bool:
        """Do what can be done; False: the other side has hung up."""
        if fd == self._server.fileno():
            try:
                said = self._server.recv(16)
            except OSError:
                said = b""
            self._answer += said
            return bool(said)
        if fd in self._left:
            self._take(fd)
        elif fd == self._stdin:
            try:
                self._pending = self._pending[os.write(fd, self._pending[:65536]) :]
            except BlockingIOError:
                pass
            except OSError:  # it does not read any more
                self._close_stdin()
        elif fd == self._source:
            self._pending = memoryview(os.read(fd, 65536))
            if not self._pending:
                self._source = None
        return True

    def _take(self, fd: int) -> bool:
        """Read once what the command printed; False: there is no more for now."""
        try:
            said = os.read(fd, 65536)
        except BlockingIOError:
            return False
        if not said:
            del self._left[fd]
            return False
        self._left[fd] -= len(said)
        if self._left[fd] < 0:
            del self._left[fd]
            self._stop(SAID_TOO_MUCH)
            return False
        self._sinks[0 if fd == self._stdout else 1](said)
        return True

    def _stop(self, code: int) -> None:
        """Have the command killed; hanging up says so."""
        if self._stopped is None:
            self._stopped = code
            self._deadline = time.monotonic() + _GRACE_S
            try:
                self._server.shutdown(socket.SHUT_WR)
            except OSError:  # the other side is gone already
                self._deadline = 0.0

    def _close_stdin(self) -> None:
        if self._stdin is not None:
            os.close(self._stdin)
            self._stdin = None

    def _close(self) -> None:
        self._close_stdin()
        os.close(self._stdout)
        os.close(self._stderr)


def main(argv: list[str]) -> int:
    """`candidate [-t SECONDS] COMMAND…`: run it with our own three streams."""
    timeout = 10.0
    if argv[:1] == ["-t"] and len(argv) > 1:
        timeout, argv = float(argv[1]), argv[2:]
    if not argv or argv[0].startswith("-"):
        sys.stderr.write("candidate: expected [-t SECONDS] COMMAND [ARGUMENT]…\n")
        return 2
    sinks = (lambda said: _write_all(1, said), lambda said: _write_all(2, said))
    return Call(argv, b"", 0, sinks).run(timeout)


def _write_all(fd: int, data: bytes) -> None:
    while data:
        data = data[os.write(fd, data) :]


def _ignore(_: bytes) -> None:
    pass
