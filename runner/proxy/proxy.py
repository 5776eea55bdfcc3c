"""The only way from a sandbox to its model: forwards, meters, records, refuses.

A proxy serves one attempt on one UNIX socket. What streams through is passed on as it
comes; a copy is read on the way. The record of calls stays on this side.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import aiohttp
from aiohttp import web

from harness_bench.errors import Problem, RunError, refused
from runner.limits import Limits
from runner.proxy.budget import LONGEST_ANSWER, Asking
from runner.proxy.call_log import CallLog
from runner.proxy.exchange import Exchange
from runner.proxy.metering import Call, Meter, Outcome, Refusal, Usage
from runner.proxy.pass_through import acts_outside, passed, passed_headers
from runner.proxy.question import WIRES, Question, Said, ask
from runner.proxy.upstream import UPSTREAM_ERRORS, Asked, Reply, Upstream
from runner.proxy.wire.loose import Table, count
from runner.proxy.wire.wire import ANSWER_LENGTHS, AS_WRITTEN, Sampling, Wire
from runner.proxy.wire.written import Written, written

_PASSED_BACK = ("Content-Type", "Retry-After")
_WAIT_STEP_S = 0.5
_LARGEST_REQUEST: Final = 16 * 1024**2
"""In bytes: far above any context in words."""
_MOST_VALUES: Final = 250_000
"""In a request. Reading small values takes a hundred times as long as reading text, and
while one request is read, no neighbour's is."""
_LONG: Final = 1 << 20
"""In bytes: what is longer is counted, and read beside the event loop."""
_READ_AT_ONCE: Final = 2
"""Requests of one trial that are held in memory before they are understood."""
_LONGEST_REASON = 4096
_LAST_WORDS_S = 0.5


class Proxy:
    """Serves for the length of an `async with` block.

    Args:
        socket: Where to listen; anyone who can reach its folder can connect.
        upstream: The server that answers.
        limits: The budget: calls and tokens.
        log: Takes one JSON line a call; private.
        sampling: What each request asks for, whatever its harness wrote.
        model: The model that each request asks for; empty: as it was written.
    """

    def __init__(
        self,
        socket: Path,
        *,
        upstream: Upstream,
        limits: Limits,
        log: Path,
        sampling: Sampling = AS_WRITTEN,
        model: str = "",
    ) -> None:
        self.ready = asyncio.Event()
        """Set when the sandbox says that the harness starts now."""
        self.ready_at: float | None = None
        """The monotonic time of that."""
        self.start_failed: str | None = None
        """Why the harness could not be started, in the sandbox's words."""
        self.stopped = asyncio.Event()
        """Set when no further call is let through; `meter.stop` says why."""
        self.last_byte_at = time.monotonic()
        """The monotonic time of the last byte between harness and model."""
        self._socket, self._log_path = socket, log
        self.upstream = upstream
        """The way to the server."""
        self._sampling = sampling
        self._model, self._limits = model, limits
        self._reading = asyncio.Semaphore(_READ_AT_ONCE)
        self._has_seed = True
        """Whether every protocol that was spoken has one."""
        self._before: Table = {}
        """The latest request that may be passed on."""
        self._spoken = next(iter(WIRES))
        """Where the latest call went."""
        self.meter = Meter(limits)
        """What the calls add up to, and why no further one is let through."""
        self._pausing = 0
        self._gate = asyncio.Lock()
        """One waits for room at a time: who came first, goes first."""
        self._freed = asyncio.Event()
        self._started_at = self.last_byte_at
        self._exit = AsyncExitStack()
        self._under_way: set[asyncio.Task[object]] = set()
        self._asides = 0
        """Requests that were no calls of the model."""
        self._log: CallLog
        self._log_error: OSError | None = None

    @property
    def is_pausing(self) -> bool:
        """Whether each call under way waits for a server that is busy."""
        return 0 < self.meter.in_flight == self._pausing

    async def probe(self, model: str, *, within_s: float) -> Said | None:
        """Ask the server a small question of our own, past the meter and the log.

        Returns:
            What came of it, an error perhaps; None: nothing came in that time.
        """
        question = Question(path=self._spoken, model=model, sampling=self._sampling)
        return await ask(self.upstream, question, within_s=within_s)

    @property
    def sampling(self) -> str | None:
        """What each call so far asked for; None: there was no call, or none is set."""
        if not self.meter.calls:
            return None
        return self._sampling.text(has_seed=self._has_seed)

    def usage(self) -> Usage:
        """What was used until now; whole once the block has ended."""
        return self.meter.usage(self._now())

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            RunError: The socket cannot be made.
        """
        async with AsyncExitStack() as exit_:
            self._log_path.touch(mode=0o600)
            file = exit_.enter_context(self._log_path.open("ab", buffering=0))
            self._log = CallLog(file)
            await exit_.enter_async_context(self.upstream)
            runner = web.AppRunner(
                self._app(),
                access_log=None,
                # A harness that hangs up frees the model at once.
                handler_cancellation=True,
                shutdown_timeout=_LAST_WORDS_S,
                # A kilobyte would unpack to a megabyte.
                auto_decompress=False,
            )
            await runner.setup()
            exit_.push_async_callback(runner.cleanup)
            exit_.push_async_callback(self._hang_up)
            try:
                await web.UnixSite(runner, str(self._socket)).start()
            except OSError as error:  # a path of more than about 100 bytes, for one
                what = f"cannot be opened ({error})"
                advice = "set TMPDIR to a folder with a short path"
                raise RunError(Problem(str(self._socket), what, advice)) from error
            # The agent has another user id than we have.
            self._socket.chmod(0o666)
            self._exit = exit_.pop_all()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End what is under way.

        Raises:
            RunError: A call could not be written down.
        """
        await self._exit.aclose()
        if kind is None and self._log_error is not None:
            told = refused(self._log_path.name, "written", self._log_error)
            raise RunError(told) from self._log_error

    async def _hang_up(self) -> None:
        """End the calls under way: their harness is dead."""
        for task in self._under_way:
            task.cancel()
        if self._under_way:
            await asyncio.wait(self._under_way)

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=_LARGEST_REQUEST)
        for path in WIRES:
            app.router.add_post(path, self._call)
        app.router.add_post("/v1/messages/count_tokens", self._count_tokens)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/", _ok)
        app.router.add_get("/bench/ready", self._note_ready, allow_head=False)
        app.router.add_post("/bench/failed", self._note_failed)
        app.router.add_route("*", "/{path:.*}", self._closed)
        return app

    # What the sandbox's first process says.

    async def _note_ready(self, _: web.Request) -> web.Response:
        if self.ready_at is None:
            # The harness can say that it cannot be started; once it was, it lied.
            self.start_failed = None
            self.ready_at = time.monotonic()
            self.ready.set()
        return web.Response(text="ready\n")

    async def _note_failed(self, request: web.Request) -> web.Response:
        # Once the agent has had its say, it must not be able to call itself broken.
        if self.meter.calls or self.ready_at is not None:
            raise web.HTTPConflict(text="the harness has run\n")
        if self.start_failed is None:
            said = (await request.read())[:_LONGEST_REASON]
            self.start_failed = said.decode(errors="replace").strip()
        return web.Response(text="noted\n")

    # What the harness says.

    async def _models(self, request: web.Request) -> web.Response:
        """The one model, by our name for it: a server's list may show paths."""
        found = {"id": self._model or "model", "object": "model", "owned_by": "bench"}
        told = {"object": "list", "data": [found], "has_more": False}
        return self._aside(request, web.json_response(told))

    async def _count_tokens(self, request: web.Request) -> web.Response:
        """How long a prompt is: no call of the model, and no token of the budget."""
        wire = WIRES["/v1/messages"]
        if self._asides >= self._limits.calls:
            return _refusal(wire, *wire.spent, "too many are counted")
        asked = await self._asked_for(request, wire)
        if isinstance(asked, web.Response):
            return self._aside(request, asked)
        sent = asked.written.rewritten(self._sampling.shaped(asked.fields))
        try:
            said = await self.upstream.fetch(_asked(request, sent, asked.headers))
        except UPSTREAM_ERRORS as error:
            raise web.HTTPBadGateway(text=f"{error}\n") from error
        headers = _passed_headers(said.headers)
        answer = web.Response(status=said.status, body=said.body, headers=headers)
        return self._aside(request, answer)

    async def _closed(self, request: web.Request) -> web.Response:
        """Every other path: not open, and written down."""
        message = f"{request.path} is not open here; {', '.join(WIRES)} are"
        wire = WIRES[next(iter(WIRES))]
        return self._aside(request, _refusal(wire, 404, "not_found_error", message))

    def _aside(self, request: web.Request, answer: web.Response) -> web.Response:
        """Write down what was no call of the model, as far as the budget of calls goes.

        So an agent cannot fill the disk with it.
        """
        self._asides += 1
        if self._asides <= self._limits.calls:
            self._write(
                lambda: self._log.note(request.method, request.path, answer.status)
            )
        return answer

    async def _asked_for(
        self, request: web.Request, wire: Wire
    ) -> "_Asked | web.Response":
        """What a harness wants, or why it does not get it.

        A refusal is the harness's own fault: no server must be blamed for its answer.
        """
        if request.headers.get("Content-Encoding", "identity") != "identity":
            message = "a request must not be compressed"
            return _refusal(wire, 415, "invalid_request_error", message)
        async with self._reading:
            try:
                raw = await request.read()
            except web.HTTPRequestEntityTooLarge:
                most = _LARGEST_REQUEST // 1024**2
                message = f"the request is longer than {most} MiB"
                return _refusal(wire, 413, "request_too_large", message)
            found = (
                await asyncio.to_thread(_read, wire.name, raw, self._before)
                if len(raw) > _LONG
                else _read(wire.name, raw, self._before)
            )
        if isinstance(found, str):
            return _refusal(wire, 400, "invalid_request_error", found)
        self._before = found.fields
        body, headers = passed(wire.name, found.fields), passed_headers(request.headers)
        fields = body.fields | ({"model": self._model} if self._model else {})
        return _Asked(found, fields, headers.fields, body.dropped + headers.dropped)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        wire = WIRES[request.path]
        wanted = await self._asked_for(request, wire)
        if isinstance(wanted, web.Response):
            return self._aside(request, wanted)
        self.last_byte_at = time.monotonic()
        asked, hides_usage = wire.request(wanted.fields, self._sampling)
        sent = _asked(request, wanted.written.rewritten(asked), wanted.headers)
        names = (*ANSWER_LENGTHS, *self._sampling.rename.values())
        named = [tokens for name in names if (tokens := count(asked.get(name)))]
        longest = max(named, default=LONGEST_ANSWER)
        asking = Asking(size=len(sent.body or b""), answer=longest)
        if task := asyncio.current_task():  # it ends with us
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        async with self._gate:  # calls under way end first, if it does not fit beside
            while self.meter.must_wait(asking):
                self._freed.clear()
                await self._freed.wait()
        exchange = Exchange(
            wire,
            self._now(),
            asked,
            hides_usage=hides_usage,
            dropped=wanted.dropped,
        )
        number = self.meter.begin(exchange.started_s, asking)
        if number is None:
            return self._refuse(exchange)
        self._has_seed &= wire.has_seed
        self._spoken = request.path
        exchange.number = number
        try:
            return await self._exchange(exchange, request, sent)
        except Exception as error:  # a bug of ours is no doing of the agent
            exchange.fail(error)
            raise
        finally:
            call = exchange.call(number, self._now())
            self.meter.end(call)
            self._record(call)
            self._freed.set()

    def _refuse(self, exchange: Exchange) -> web.Response:
        exchange.outcome = Outcome.REFUSED
        self._record(exchange.call(None, self._now()))
        status, kind = exchange.wire.spent
        message = "The budget of this run is spent; no further call will be answered."
        if self.meter.stop is Refusal.UPSTREAM:
            status, kind, message = 503, "unavailable_error", "The server was given up."
        return _refusal(exchange.wire, status, kind, message)

    def _record(self, call: Call) -> None:
        """Write a call down, and tell if no other will be let through."""
        self._write(lambda: self._log.add(call))
        if self.meter.stop is not None:
            self.stopped.set()

    def _write(self, line: Callable[[], None]) -> None:
        try:
            line()
        except OSError as error:
            self._log_error = self._log_error or error

    async def _exchange(
        self, exchange: Exchange, request: web.Request, asked: Asked
    ) -> web.StreamResponse:
        async def pause(seconds: float) -> None:
            exchange.pauses += 1
            self._pausing += 1
            try:
                await self._wait(seconds)
            finally:
                self._pausing -= 1

        try:
            async with self.upstream.answering(asked, pause=pause) as answer:
                if not isinstance(answer, Reply):
                    return await self._answer(exchange, request, answer)
                self.last_byte_at = time.monotonic()
                exchange.open(answer.status, is_stream=False)
                exchange.take(answer.body, self._now())
                exchange.end()
                headers = _passed_headers(answer.headers)
                return web.Response(
                    status=answer.status, body=answer.body, headers=headers
                )
        except UPSTREAM_ERRORS as error:
            reason = exchange.fail(error)
            return _refusal(exchange.wire, 502, "server_error", reason)

    async def _wait(self, seconds: float) -> None:
        """Wait for the server, which is not silence: it has said so."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            await asyncio.sleep(min(left, _WAIT_STEP_S))
            self.last_byte_at = time.monotonic()

    async def _answer(
        self,
        exchange: Exchange,
        request: web.Request,
        answer: aiohttp.ClientResponse,
    ) -> web.StreamResponse:
        """Pass an answer on as it comes."""
        is_stream = answer.content_type == "text/event-stream"
        exchange.open(answer.status, is_stream=is_stream)
        response = web.StreamResponse(
            status=answer.status, headers=_passed_headers(answer.headers)
        )
        if not is_stream and "Content-Encoding" not in answer.headers:
            response.content_length = answer.content_length
        # A harness that has gone makes writing fail; that is its own affair.
        with suppress(ConnectionResetError):
            await response.prepare(request)
            await self._pass_on(exchange, answer, response)
            if exchange.is_whole:
                await response.write_eof()
            elif request.transport is not None:
                # Half an answer must not look like a whole one.
                request.transport.abort()
        return response

    async def _pass_on(
        self,
        exchange: Exchange,
        answer: aiohttp.ClientResponse,
        response: web.StreamResponse,
    ) -> None:
        while True:
            try:
                chunk = await answer.content.readany()
            except UPSTREAM_ERRORS as error:
                exchange.fail(error)
                return
            if not chunk:
                break
            self.last_byte_at = time.monotonic()
            if passed := exchange.take(chunk, self._now()):
                await response.write(passed)
            if self.meter.is_too_much(exchange.pieces, exchange.number):
                exchange.outcome = Outcome.CUT
                return
        if rest := exchange.end():
            await response.write(rest)

    def _now(self) -> float:
        return time.monotonic() - self._started_at


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request of the harness that may go to the server."""

    written: Written
    fields: Table
    headers: Table
    dropped: tuple[str, ...]


def _read(protocol: str, raw: bytes, before: Table) -> Written | str:
    """The object that a request is, or why it is not passed on."""
    is_crowded = len(raw) > _LONG and _values(raw) > _MOST_VALUES
    if is_crowded:  # without what stands in quotes, unless too much does
        bare = raw.replace(rb"\\", b"").replace(rb"\"", b"")
        if bare.count(b'"') <= _MOST_VALUES:
            is_crowded = _values(b"".join(bare.split(b'"')[::2])) > _MOST_VALUES
    if is_crowded:
        return f"the request holds more than {_MOST_VALUES:,} values"
    is_flat = len(raw) < _SHORT and raw.count(b"[") + raw.count(b"{") < _SPARE_FRAMES
    found = written(raw) if is_flat else _beneath(_SPARE_FRAMES, raw)
    if found is None:
        return "the body is no JSON object"
    if outside := acts_outside(protocol, found.fields, before=before):
        return f"{outside} acts outside of the sandbox, which is not allowed here"
    return found


def _values(raw: bytes) -> int:
    """About how many values a JSON text has; commas and brackets in texts count too."""
    return raw.count(b"[") + raw.count(b"{") + raw.count(b",")


_SPARE_FRAMES: Final = 200
_SHORT: Final = 1 << 15
"""In bytes: to count the brackets of what is longer takes as long as a deep stack."""


def _beneath(frames: int, raw: bytes) -> Written | None:
    """Read it from a deep stack: what is nested too deep to be written is not read."""
    return _beneath(frames - 1, raw) if frames else written(raw)


def _asked(request: web.Request, body: bytes, headers: Table) -> Asked:
    is_beta = request.query.get("beta") == "true"
    return Asked(
        method=request.method,
        path=request.path,
        target=request.path + ("?beta=true" if is_beta else ""),
        headers=headers,
        body=body,
    )


def _refusal(wire: Wire, status: int, kind: str, message: str) -> web.Response:
    return web.json_response(wire.refusal(status, kind, message), status=status)


def _passed_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in _PASSED_BACK if name in headers}


async def _ok(_: web.Request) -> web.Response:
    return web.Response()
