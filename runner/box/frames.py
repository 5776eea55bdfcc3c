"""Many streams over one pair of pipes: frames, and a window of credit for each stream.

    kind 1 byte · stream 4 bytes · length 4 bytes · that many bytes

A side that does not read holds up its own stream and no other: of each, at most
`WINDOW` bytes are under way. Ends and kinds are the same in both directions. The other
side is not believed: what breaks the rules ends the connection.
"""

import asyncio
import json
import os
import struct
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

WINDOW: Final = 1 << 18
"""Bytes of one stream and direction that nobody has read yet, at most."""
LONGEST: Final = 1 << 16
"""Bytes of one frame, at most."""
_MOST: Final = 4096
"""Streams at one time, at most."""
_HEAD: Final = struct.Struct(">BII")


class Kind(IntEnum):
    """What a frame does to its stream."""

    OPEN = 1
    """Begins it; says in JSON what it is for."""
    DATA = 2
    END = 3
    """No more data comes from this side."""
    CREDIT = 4
    """So many bytes more may be sent: a number of 4 bytes."""
    RESET = 5
    """Ends both directions at once."""


_KINDS: Final = frozenset(Kind)


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame."""

    kind: Kind
    stream: int
    data: bytes = b""

    def encoded(self) -> bytes:
        """As it goes over the pipe."""
        return _HEAD.pack(self.kind, self.stream, len(self.data)) + self.data


class FrameError(Exception):
    """The other side does not keep to the rules."""


class Decoder:
    """Takes bytes however they are split, and gives whole frames."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are whole now.

        Raises:
            FrameError: There is no such kind, or one is too long.
        """
        self._rest += data
        while len(self._rest) >= _HEAD.size:
            kind, stream, length = _HEAD.unpack_from(self._rest)
            if length > LONGEST or kind not in _KINDS:
                what = f"a frame of kind {kind} with {length} bytes"
                raise FrameError(what)
            end = _HEAD.size + length
            if len(self._rest) < end:
                return
            content = bytes(self._rest[_HEAD.size : end])
            del self._rest[:end]
            yield Frame(Kind(kind), stream, content)


class BrokenStreamError(ConnectionError):
    """The other side has reset the stream, or is gone."""


class Stream:
    """One stream; both sides may write and read.

    Args:
        send: Takes frames for the other side.
        number: Its number.
        about: What it is for.
    """

    def __init__(
        self, send: Callable[[Frame], None], number: int, about: Mapping[str, Any]
    ) -> None:
        self.about = about
        self._send, self._number = send, number
        self._credit, self._owed = WINDOW, 0
        self._unread = 0
        self._inbox: deque[bytes] = deque()
        self._changed = asyncio.Event()
        self._has_ended = self._is_broken = self._is_done = False

    @property
    def is_over(self) -> bool:
        """Whether neither side sends any more."""
        return self._is_broken or (self._has_ended and self._is_done)

    async def write(self, data: bytes) -> None:
        """Send it; waits while the other side does not read.

        Raises:
            BrokenStreamError: It does not want it, or is gone.
        """
        left = memoryview(data)
        while left:
            await self._until(lambda: self._credit > 0)
            part = left[: min(self._credit, LONGEST)]
            self._credit -= len(part)
            left = left[len(part) :]
            self._send(Frame(Kind.DATA, self._number, bytes(part)))

    def end(self) -> None:
        """Send no more."""
        if not (self._is_done or self._is_broken):
            self._is_done = True
            self._send(Frame(Kind.END, self._number))

    def reset(self) -> None:
        """End both directions, whatever is under way."""
        if not self.is_over:
            self._send(Frame(Kind.RESET, self._number))
            self.broken()

    async def read(self) -> bytes:
        """What comes next; empty: the other side sends no more.

        Raises:
            BrokenStreamError: It has reset the stream, or is gone.
        """
        await self._until(lambda: bool(self._inbox) or self._has_ended)
        if not self._inbox:
            return b""
        data = self._inbox.popleft()
        self._unread -= len(data)
        self._owed += len(data)
        if self._owed >= WINDOW // 4 and not self._has_ended:
            self._send(Frame(Kind.CREDIT, self._number, struct.pack(">I", self._owed)))
            self._owed = 0
        return data

    async def read_all(self, at_most: int) -> bytes:
        """Everything until the other side sends no more.

        Raises:
            BrokenStreamError: It has reset the stream, is gone, or sends more.
        """
        whole = bytearray()
        while data := await self.read():
            whole += data
            if len(whole) > at_most:
                self.reset()
                raise BrokenStreamError
        return bytes(whole)

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            if self._is_broken:
                raise BrokenStreamError
            self._changed.clear()
            await self._changed.wait()
        if self._is_broken:
            raise BrokenStreamError

    def take(self, frame: Frame) -> None:
        """Take a frame of this stream.

        Raises:
            FrameError: It is against the rules.
        """
        match frame.kind:
            case Kind.DATA:
                self._unread += len(frame.data)
                # What was read and not yet credited may not be sent again either.
                if self._has_ended or self._unread + self._owed > WINDOW:
                    raise FrameError("more data than there is credit for")
                self._inbox.append(frame.data)
            case Kind.END:
                self._has_ended = True
            case Kind.CREDIT:
                if len(frame.data) != struct.calcsize(">I"):
                    raise FrameError("a credit that is no number")
                self._credit += struct.unpack(">I", frame.data)[0]
                if self._credit > WINDOW:
                    raise FrameError("more credit than the window is wide")
            case _:
                self._is_broken = True
        self._changed.set()

    def broken(self) -> None:
        """The connection is gone."""
        self._is_broken = True
        self._changed.set()


class Channel:
    """All streams of one connection.

    Args:
        reader: Gives what the other side sends.
        writer: Takes what is for it.
        first: 0 or 1: the sides number their streams evenly and oddly.
        accept: Deals with a stream that the other side has opened; when it is
            cancelled or fails the stream is reset.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        first: int,
        accept: Callable[[Stream], Awaitable[None]],
    ) -> None:
        self._reader, self._writer = reader, writer
        self._next, self._accept = first, accept
        self._streams: dict[int, Stream] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._is_gone = False

    def open(self, **about: object) -> Stream:
        """A new stream.

        Raises:
            BrokenStreamError: The other side is gone.
        """
        if self._is_gone:
            raise BrokenStreamError
        number, self._next = self._next, self._next + 2
        stream = self._streams[number] = Stream(self._send, number, about)
        self._send(Frame(Kind.OPEN, number, json.dumps(about).encode()))
        return stream

    def close(self) -> None:
        """Hang up."""
        self._writer.close()

    async def run(self) -> None:
        """Read until the other side is gone; then every stream is broken.

        Raises:
            FrameError: It does not keep to the rules.
        """
        decoder = Decoder()
        try:
            while data := await self._reader.read(LONGEST):
                for frame in decoder.feed(data):
                    self._take(frame)
        except ConnectionError:
            pass
        finally:
            self._is_gone = True
            for stream in self._streams.values():
                stream.broken()
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _take(self, frame: Frame) -> None:
        if frame.kind is Kind.OPEN:
            self._opened(frame)
            return
        stream = self._streams.get(frame.stream)
        if stream is None:  # we have just ended it ourselves
            return
        stream.take(frame)
        if frame.kind is Kind.RESET and (task := self._tasks.get(frame.stream)):
            task.cancel()
        if stream.is_over and frame.stream not in self._tasks:
            del self._streams[frame.stream]

    def _opened(self, frame: Frame) -> None:
        is_ours = frame.stream % 2 == self._next % 2
        if is_ours or frame.stream in self._streams or len(self._streams) >= _MOST:
            raise FrameError("a stream that cannot be opened")
        try:
            about = json.loads(frame.data)
        except ValueError as error:
            raise FrameError("a stream that says not what it is for") from error
        if not isinstance(about, dict):
            raise FrameError("a stream that says not what it is for")
        stream = self._streams[frame.stream] = Stream(self._send, frame.stream, about)
        task = asyncio.ensure_future(self._serve(stream))
        self._tasks[frame.stream] = task
        task.add_done_callback(lambda _: self._forget(frame.stream))

    def _forget(self, number: int) -> None:
        self._tasks.pop(number, None)
        self._streams.pop(number, None)

    async def _serve(self, stream: Stream) -> None:
        try:
            await self._accept(stream)
            stream.end()
            while await stream.read():
                pass
        except BrokenStreamError:
            pass
        finally:
            stream.reset()

    def _send(self, frame: Frame) -> None:
        if not self._is_gone:
            self._writer.write(frame.encoded())
        stream = self._streams.get(frame.stream)
        is_last = frame.kind is Kind.RESET or (stream is not None and stream.is_over)
        if is_last and frame.stream not in self._tasks:
            self._streams.pop(frame.stream, None)


async def connect(
    read: int,
    write: int,
    *,
    first: int,
    accept: Callable[[Stream], Awaitable[None]],
) -> Channel:
    """The channel over two pipes.

    Args:
        read: Descriptor to read from; the channel has one of its own.
        write: Descriptor to write to; the channel has one of its own.
        first: See `Channel`.
        accept: See `Channel`.
    """
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader),
        os.fdopen(os.dup(read), "rb", buffering=0),
    )
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.streams.FlowControlMixin(loop=loop),
        os.fdopen(os.dup(write), "wb", buffering=0),
    )
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    return Channel(reader, writer, first=first, accept=accept)
