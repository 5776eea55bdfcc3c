"""The runner in the box: does what it is ordered, and speaks with the outside.

The command runs in the main thread as it would anywhere; a second thread holds the
connection. What the command says is passed on when what it speaks of is outside: a
trial that is told as finished is never lost.
"""

import asyncio
import importlib
import json
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from aiohttp import web

from harness_bench.errors import SandboxError
from runner.box.frames import (
    LONGEST,
    BrokenStreamError,
    Channel,
    FrameError,
    Stream,
    connect,
)
from runner.box.mirror import Watched
from runner.box.order import ORDER, unpack
from runner.box.pid_one import PLACE
from runner.box.relayed import relayed
from runner.models.model import Provenance

RUN: Final = Path(PLACE) / "run"
"""The run folder, inside."""
_LOOK_S: Final = 1.0
_LARGEST_REQUEST: Final = 1 << 28
_LARGEST_REPLY: Final = 1 << 26

Found = TypeVar("Found")


class Connection:
    """The thread that speaks with the outside.

    Args:
        read: Descriptor that brings frames.
        write: Descriptor that takes them.
        speaking: Descriptors whose content goes out, by the number they go to.
        run: The run folder; None: there is none.
    """

    def __init__(
        self, read: int, write: int, *, speaking: Mapping[int, int], run: Path | None
    ) -> None:
        self._files = (read, write)
        self._speaking = speaking
        self._watched = Watched(run) if run else None
        self._loop = asyncio.new_event_loop()
        self._channel: Channel
        self._port = 0
        self._pumps: list[asyncio.Task[None]] = []
        self._alone = asyncio.Lock()
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._main, daemon=True)
        self._thread.start()
        self._is_ready.wait()

    def ask(self, what: str, number: int, **more: object) -> Any:  # noqa: ANN401
        """See `Link.ask`."""
        return self._run(self._ask(what, number, **more)).result()

    async def asked(self, what: str, number: int) -> Any:  # noqa: ANN401
        """See `Link.asked`."""
        return await asyncio.wrap_future(self._run(self._ask(what, number)))

    def url(self, number: int) -> str:
        """See `Link.url`."""
        return f"http://127.0.0.1:{self._port}/{number}"

    @asynccontextmanager
    async def serving(self, number: int) -> AsyncIterator[tuple[str, Provenance]]:
        """See `Link.serving`."""
        stream, found = await asyncio.wrap_future(self._run(self._served(number)))
        try:
            yield found
        finally:
            await asyncio.wrap_future(self._run(_ended(stream)))

    def end(self, code: int) -> None:
        """Say how it ended, when all that was said before is outside."""
        self._run(self._end(code)).result()

    def _run(self, work: Coroutine[Any, Any, Found]) -> "Any":  # noqa: ANN401
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _main(self) -> None:
        asyncio.set_event_loop(self._loop)
        with suppress(FrameError):
            self._loop.run_until_complete(self._hold())
        os._exit(1)  # the outside is gone: so is the first process

    async def _hold(self) -> None:
        self._channel = await connect(*self._files, first=1, accept=self._told)
        runner = web.AppRunner(
            _app(self._answer), access_log=None, handler_cancellation=True
        )
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self._port = runner.addresses[0][1]
        self._pumps = [
            asyncio.ensure_future(self._pump(source, to))
            for to, source in self._speaking.items()
        ]
        looking = asyncio.ensure_future(self._look())
        self._is_ready.set()
        await self._channel.run()
        looking.cancel()

    async def _told(self, stream: Stream) -> None:
        """The outside passes signals on."""
        os.kill(os.getpid(), signal.Signals(stream.about["signal"]))

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            await self._sync()

    async def _sync(self) -> None:
        """Bring the run folder outside up to date."""
        if self._watched is None:
            return
        async with self._alone:
            for change in self._watched.changes():
                about = {"name": change.name, "start": change.start, "end": change.end}
                try:
                    file = (self._watched.root / change.name).open("rb")
                except FileNotFoundError:
                    continue
                stream = self._channel.open(what="file", **about)
                with file:
                    file.seek(change.start)
                    left = change.end - change.start
                    while left and (data := file.read(min(left, LONGEST))):
                        left -= len(data)
                        await stream.write(data)
                if left:
                    stream.reset()  # it was cut meanwhile
                    continue
                stream.end()
                await stream.read_all(0)
                self._watched.sent(change)

    async def _pump(self, source: int, to: int) -> None:
        reader = asyncio.StreamReader()
        await self._loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader),
            os.fdopen(source, "rb", buffering=0),
        )
        stream = self._channel.open(what="text", to=to)
        while data := await reader.read(LONGEST):
            await self._sync()
            await stream.write(data)
        stream.end()
        await stream.read_all(0)

    async def _end(self, code: int) -> None:
        await asyncio.gather(*self._pumps)
        await self._sync()
        stream = self._channel.open(what="exit", code=code)
        stream.end()
        with suppress(BrokenStreamError):
            await stream.read_all(0)

    async def _ask(self, what: str, number: int, **more: object) -> Any:  # noqa: ANN401
        stream = self._channel.open(what=what, model=number, **more)
        try:
            stream.end()
            return _opened(await stream.read_all(_LARGEST_REPLY))
        except BrokenStreamError as error:
            raise SandboxError("the box: the outside does not answer") from error
        finally:
            stream.reset()

    async def _served(self, number: int) -> tuple[Stream, tuple[str, Provenance]]:
        stream = self._channel.open(what="serve", model=number)
        try:
            found = _opened(bytes.fromhex((await _line(stream)).decode()))
        except BaseException:
            stream.reset()
            raise
        return stream, found

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        """Relay a call: the answer comes as the server gives it."""
        stream = self._channel.open(
            what="http",
            model=int(request.match_info["model"]),
            method=request.method,
            target=request.raw_path.removeprefix(f"/{request.match_info['model']}"),
            headers={
                name: value
                for name, value in request.headers.items()
                if name.lower() not in _OF_THE_WAY
            },
            has_body=request.can_read_body,
        )
        try:
            async for data in request.content.iter_chunked(LONGEST):
                await stream.write(data)
            stream.end()
            head = web.StreamResponse()
            first, _, rest = (await _line(stream)).partition(b"\n")
            status, _, pairs = first.decode().partition(" ")
            head.set_status(int(status))
            head.headers.update(json.loads(pairs))
            await head.prepare(request)
            if rest:
                await head.write(rest)
            while data := await stream.read():
                await head.write(data)
            await head.write_eof()
        except BrokenStreamError:
            # As the server's own connection broke, so does this one.
            if request.transport is not None:
                request.transport.abort()
            raise
        else:
            return head
        finally:
            stream.reset()


def _app(answer: Callable[[web.Request], Any]) -> web.Application:
    app = web.Application(client_max_size=_LARGEST_REQUEST)
    app.router.add_route("*", "/{model:[0-9]+}/{path:.*}", answer)
    return app


async def _line(stream: Stream) -> bytes:
    """The first line, and what has come behind it.

    Raises:
        BrokenStreamError: It ended before.
    """
    said = b""
    while b"\n" not in said:
        data = await stream.read()
        if not data:
            raise BrokenStreamError
        said += data
    return said


async def _ended(stream: Stream) -> None:
    """Have the other side end what it held for a stream; returns when it has."""
    stream.end()
    with suppress(BrokenStreamError):
        while await stream.read():
            pass


def _opened(reply: bytes) -> Any:  # noqa: ANN401 - what the outside returns
    """What a reply holds.

    Raises:
        BenchError: As it was raised outside.
    """
    is_error, value = pickle.loads(reply)  # noqa: S301 - from the outside, which is us
    if is_error:
        raise value
    return value


_OF_THE_WAY: Final = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "accept-encoding"}
)
"""Headers of one connection."""


def main(told: Callable[[Callable[[], object]], int]) -> None:
    """Do what the order says, and leave the process.

    Args:
        told: Calls what it is given, says its errors, and returns the exit code.
    """
    data = (Path(PLACE) / ORDER).read_bytes()
    read, write = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    speaking = {}
    for number in (1, 2):
        source, sink = os.pipe()
        os.dup2(sink, number)
        os.close(sink)
        speaking[number] = source
    run = RUN if RUN.is_dir() else None
    connection = Connection(read, write, speaking=speaking, run=run)
    order = unpack(data, lambda far: relayed(connection, far))
    try:
        code = told(lambda: _command(order.target)(**order.given))
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 0
    except Exception:  # noqa: BLE001 - a bug: its traceback goes outside, too
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    # Whoever still holds them, of what the command started, has nothing more to say.
    for number in (1, 2):
        os.dup2(nothing, number)
    connection.end(code)
    os._exit(code)


def _command(target: str) -> Callable[..., object]:
    """What a command does where it is."""
    module, _, name = target.partition(":")
    callback = getattr(importlib.import_module(module), name).callback
    found: Callable[..., object] = callback.__wrapped__
    return found
