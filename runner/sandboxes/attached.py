"""A process of the machine that is ours to watch: its output is drained.

Its input is a socket of which we hold the other end, so that it can see us end. Not a
pipe: whoever finds one in /proc can open its other end.
"""

import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO

from runner.sandboxes.drain import Drain, drains_of


@dataclass(frozen=True, slots=True)
class Attached:
    """A process, with what connects it to us."""

    process: subprocess.Popen[bytes]
    lifeline: socket.socket
    drains: Sequence[Drain]

    def close(self) -> None:
        """Carry what was printed, and let go."""
        self.lifeline.close()
        for drain in self.drains:
            drain.close()


def attach(
    command: Sequence[str],
    *,
    output: BinaryIO,
    errors: BinaryIO,
    most: int,
    folder: str,
    environment: Mapping[str, str],
) -> Attached:
    """Start a process in a session of its own: a Ctrl-C is for the runner alone.

    Args:
        command: Program and arguments.
        output: Where its output goes.
        errors: Where its errors go; may be the same.
        most: Bytes that each may get.
        folder: Where it starts.
        environment: All of it.

    Raises:
        OSError: It cannot be started.
    """
    with ExitStack() as undone, ExitStack() as theirs:
        drains = drains_of(output, errors, most=most)
        for drain in drains:
            undone.callback(drain.close)
            theirs.callback(drain.no_more_writers)
        lifeline, stdin = socket.socketpair()
        undone.callback(lifeline.close)
        theirs.callback(stdin.close)
        process = subprocess.Popen(  # noqa: S603 - a sandbox runs what it is given
            command,
            cwd=folder,
            env=environment,
            stdin=stdin.fileno(),
            stdout=drains[0].into,
            stderr=drains[-1].into,
            start_new_session=True,
        )
        undone.pop_all()
    return Attached(process, lifeline, drains)
