"""Runs commands in the candidate's sandbox for the tests in the sandbox next door.

    candidate_server.py SOCKET

A connection is a command: four bytes of length with three file descriptors attached,
then the words of the command with NUL between them; the answer is its exit code in a
line. A client that hangs up wants the command dead. When the last running command has
ended, everything that commands left behind is killed.

The candidate can harm this process, the socket and its own commands, and gains
nothing: what its code prints and how it exits is its own word in any case.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
from contextlib import suppress

import first

NOT_EXECUTABLE = 126
NOT_FOUND = 127


class Command:
    """A connection, and what it asked for."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(0)
        self.connection = connection
        self.received = b""
        self.streams: list[int] = []

    def receive(self) -> bool:
        """Take what has arrived; False: the client has hung up."""
        try:
            data, streams, _, _ = socket.recv_fds(self.connection, 65536, 3)
        except BlockingIOError:
            return True
        except OSError:
            return False
        for fd in streams:
            # Received descriptors would stay open in what we start.
            os.set_inheritable(fd, False)  # noqa: FBT003 - as the system has it
        self.streams += streams
        self.received += data
        return bool(data)

    def words(self) -> list[bytes] | None:
        """The command, once it is all there."""
        end = 4 + int.from_bytes(self.received[:4], "big")
        if len(self.received) < end or len(self.streams) < len((0, 1, 2)):
            return None
        return self.received[4:end].split(b"\0")

    def start(self, words: list[bytes], environment: dict[str, str]) -> int:
        """Start it in a session of its own, with the client's streams only.

        Returns:
            Its process id; minus an exit code when it cannot be started.
        """
        try:
            return os.posix_spawnp(
                words[0],
                words,
                environment,
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, fd, number)
                    for number, fd in enumerate(self.streams)
                ],
                setsid=True,
                setsigmask=[],
                setsigdef=first.SIGNALS,
            )
        except FileNotFoundError:
            return -NOT_FOUND
        except OSError:
            return -NOT_EXECUTABLE

    def answer(self, code: int) -> None:
        """Tell the client, if it still listens, and be done with it."""
        with suppress(OSError):
            self.connection.sendall(b"%d\n" % code)
        self.connection.close()

    def release(self) -> None:
        """Close our copies of the streams, so that the client sees their end."""
        for fd in self.streams:
            os.close(fd)
        self.streams = []


class Server:
    """Every connection and every command that runs."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._connected: dict[int, Command] = {}
        self._running: dict[int, Command] = {}
        self._environment = {
            name: os.environ[name]
            for name in ("PATH", "HOME", "LANG")
            if name in os.environ
        }

    def run(self) -> None:
        """Serve until the runner ends it."""
        wake = _child_signals()
        while True:
            poll = select.poll()
            for fd in (wake, self._listener.fileno(), *self._connected):
                poll.register(fd, select.POLLIN)
            for fd, _ in poll.poll():
                if fd == wake:
                    os.read(wake, 4096)
                elif fd == self._listener.fileno():
                    command = Command(self._listener.accept()[0])
                    self._connected[command.connection.fileno()] = command
                elif fd in self._connected:
                    self._hear(fd, self._connected[fd])
            self._reap()

    def _hear(self, fd: int, command: Command) -> None:
        if not command.receive():
            del self._connected[fd]
            self._drop(command)
        elif command.streams and (words := command.words()) is not None:
            started = command.start(words, self._environment) if words[0] else 0
            command.release()
            if started > 0:
                self._running[started] = command
            else:
                del self._connected[fd]
                command.answer(-started)

    def _drop(self, command: Command) -> None:
        """The client has hung up; it still waits to hear that all is dead."""
        for pid, running in self._running.items():
            if running is command:
                _kill_group(pid)
                return
        command.release()
        command.connection.close()

    def _reap(self) -> None:
        """Answer for commands that have ended, and bury orphans."""
        ended = []
        for pid, status in _dead():
            if command := self._running.pop(pid, None):
                _kill_group(pid)
                ended.append((command, os.waitstatus_to_exitcode(status)))
        if ended and not self._running:
            _kill_all()
        for command, code in ended:
            self._connected.pop(command.connection.fileno(), None)
            command.answer(code if code >= 0 else 128 - code)


def _dead() -> list[tuple[int, int]]:
    """Children that have ended, with their status."""
    found: list[tuple[int, int]] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        found.append((pid, status))


def _kill_group(pid: int) -> None:
    with suppress(OSError):  # nobody is left in it
        os.killpg(pid, signal.SIGKILL)


def _kill_all() -> None:
    """Kill everything else in the sandbox, where the sandbox has its own processes."""
    if os.getpid() != 1:
        return
    with suppress(OSError):  # nobody is left
        os.kill(-1, signal.SIGKILL)
        while True:
            os.waitpid(-1, 0)


def _child_signals() -> int:
    """A file descriptor that can be read when a child has ended."""
    wake, signalled = os.pipe()
    os.set_blocking(signalled, False)
    signal.set_wakeup_fd(signalled, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return wake


def main() -> None:
    """Listen before any command of the candidate can run."""
    first.keep_lifeline()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(sys.argv[1])
        listener.listen(64)
        Server(listener).run()


if __name__ == "__main__":
    main()
