"""Carries what a sandbox prints into a file that the sandbox cannot reach.

Who holds a file to write to can also empty it, or open it anew through
`/proc/self/fd` and read what stands there. Who holds a pipe can only add to it.
"""

import asyncio
import os
from typing import BinaryIO, Final

_PART: Final = 1 << 16


class Drain:
    """A pipe from a sandbox to a file.

    Args:
        sink: Where it all goes.
        most: Bytes that are carried. Then the pipe is closed, and who writes on gets
            SIGPIPE, as it would get SIGXFSZ from a file.
    """

    def __init__(self, sink: BinaryIO, *, most: int) -> None:
        self._sink = sink.fileno()
        self._left = most
        self._from, self.into = os.pipe()
        os.set_blocking(self._from, False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._from, self._carry)
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._first = b""

    @property
    def first(self) -> str:
        """The first words that came, for a message."""
        return self._first.decode(errors="replace")

    def no_more_writers(self) -> None:
        """Close our copy of the end that is written to; whoever got it goes on."""
        os.close(self.into)

    async def ended(self) -> None:
        """All is in the file.

        Raises:
            OSError: The file cannot be written.
        """
        await asyncio.shield(self._ended)

    def close(self) -> None:
        """Carry what is there, and nothing that comes later."""
        while not self._ended.done() and self._carry():
            pass
        if not self._ended.done():
            self._finish()

    def _carry(self) -> bool:
        """Carry a part; False: there is none now."""
        try:
            part = os.read(self._from, min(_PART, self._left))
            self._left -= len(part)
            self._first += part[: _PART - len(self._first)]
            _write(self._sink, part)
        except BlockingIOError:
            return False
        except OSError as error:
            self._finish(error)
            return False
        if not part or not self._left:
            self._finish()
        return True

    def _finish(self, error: OSError | None = None) -> None:
        self._loop.remove_reader(self._from)
        os.close(self._from)
        if error is None:
            self._ended.set_result(None)
        else:
            self._ended.set_exception(error)


def drains_of(output: BinaryIO, errors: BinaryIO, *, most: int) -> list[Drain]:
    """Of output and errors; one where both are the same: lines keep their order."""
    sinks = [output] if output.fileno() == errors.fileno() else [output, errors]
    return [Drain(sink, most=most) for sink in sinks]


def _write(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
