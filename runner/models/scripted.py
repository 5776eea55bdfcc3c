"""A model that acts out a script: a deterministic instrument for tests and demos.

It speaks the protocols of real servers and acts through whatever tools a harness
offers, but knows the tasks' solutions and has no mind of its own: what is measured
with it says something about the measuring, and nothing about any model.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import chain, cycle
from types import MappingProxyType
from typing import ClassVar, Final
from urllib.parse import quote

from aiohttp import web

from harness_bench.errors import ModelError, Problem, refused
from runner.models.model import Provenance
from runner.models.script import Script, next_turn
from runner.models.speech.chat import Chat
from runner.models.speech.messages import Messages
from runner.models.speech.responses import Responses
from runner.models.speech.speech import Reply, Speech, heard, tokens
from runner.proxy.question import WIRES
from runner.proxy.wire.loose import Table, dumped, parsed, table
from runner.tasks import Task

_VERSION = "1"
"""Changes when the same script would answer something else."""
_LARGEST_REQUEST = 256 * 1024**2
_LAST_WORDS_S = 0.1
_BEFORE_CRASH_S = 0.01
"""Lets what was written arrive."""
_SPEECHES: Final[Mapping[str, Speech]] = MappingProxyType(
    {
        "/v1/chat/completions": Chat(),
        "/v1/messages": Messages(),
        "/v1/responses": Responses(),
    }
)
_ERRORS: Final[Mapping[Script, tuple[int, str, str]]] = MappingProxyType(
    {
        Script.UNAVAILABLE: (503, "unavailable_error", "Loading model"),
        Script.REFUSE: (400, "invalid_request_error", "The script refuses."),
        Script.OVERFLOW: (
            400,
            "exceed_context_size_error",
            "the request exceeds the available context size",
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripted:
    """`[[model]]` with `script`."""

    is_hosted: ClassVar[bool] = False

    script: Script
    delay_s: float = 0.0
    """How long it thinks before each answer, in seconds."""
    workspace: str = "/workspace"
    """Where agents have the task's files."""

    def identity(self) -> Mapping[str, str]:
        """The script, and the version of scripts."""
        return {"script": self.script.value, "version": _VERSION}

    def problems(self) -> tuple[Problem, ...]:
        """None: it needs nothing of the machine."""
        if 0 <= self.delay_s < float("inf"):
            return ()
        what = f"delay_s is {self.delay_s}, expected a number of seconds, 0 or more"
        return (Problem("", what),)

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["ScriptedEndpoint"]:
        """Answers on a free port of 127.0.0.1 for the length of the block."""
        endpoint = ScriptedEndpoint(self)
        runner = web.AppRunner(
            endpoint.app(),
            access_log=None,
            handler_cancellation=True,
            shutdown_timeout=_LAST_WORDS_S,
        )
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            try:
                await site.start()
            except OSError as error:
                where = "scripted model: a port of 127.0.0.1"
                raise ModelError(refused(where, "opened", error)) from error
            endpoint.port = runner.addresses[0][1]
            yield endpoint
        finally:
            await runner.cleanup()


class ScriptedEndpoint:
    """A script that answers; what it does depends on the trial in the path."""

    provenance = Provenance(server_build=f"scripted {_VERSION}")

    def __init__(self, model: Scripted) -> None:
        self.port = 0
        self._model = model
        self._tasks: dict[tuple[str, str], Task] = {}

    def base_url(self, task: Task, seed: int) -> str:
        """An address of its own for each trial."""
        self._tasks[task.pack, task.name] = task
        path = "/".join(quote(part, safe="") for part in (task.pack, task.name))
        return f"http://127.0.0.1:{self.port}/{path}/{seed}"

    def headers(self, _path: str) -> Mapping[str, str]:
        """None: it has no key."""
        return {}

    async def ready(self) -> None:
        """At once: it ends with us."""

    def app(self) -> web.Application:
        """Its routes."""
        app = web.Application(client_max_size=_LARGEST_REQUEST)
        trial = "/{pack}/{task}/{seed:[0-9]+}"
        for path in _SPEECHES:
            app.router.add_post(f"{trial}{{path:{path}}}", self._answer)
        app.router.add_post(f"{trial}/v1/messages/count_tokens", self._count)
        app.router.add_get(f"{trial}/v1/models", self._models)
        return app

    async def _models(self, _: web.Request) -> web.Response:
        model = {"id": f"scripted-{self._model.script}", "object": "model"}
        return web.json_response({"object": "list", "data": [model]})

    async def _count(self, request: web.Request) -> web.Response:
        body = table(parsed(await request.read()))
        return web.json_response({"input_tokens": _tokens_in(Messages(), body)})

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        speech = _SPEECHES[path]
        task = self._tasks.get((request.match_info["pack"], request.match_info["task"]))
        body = table(parsed(await request.read()))
        if task is None or not body:
            return _error(path, 400, "invalid_request_error", "no trial, or no JSON")
        script = self._model.script
        if script is Script.HANG:
            await asyncio.Event().wait()
        await asyncio.sleep(self._model.delay_s)
        if script in _ERRORS:
            return _error(path, *_ERRORS[script])
        seed = int(request.match_info["seed"])
        reply = self._reply(path, body, task, seed)
        if body.get("stream") is True:
            events = speech.events(reply)
            if script is Script.FLOOD and reply.turn.use is None:
                # One that begins its middle, which is pieces of text, again and again.
                known = list(events)
                quarter = len(known) // 4
                events = chain(known[:quarter], cycle(known[quarter:-quarter]))
            return await self._stream(request, events)
        if script is Script.CRASH:
            return _broken_off(request, web.Response())
        return web.json_response(speech.whole(reply))

    async def _stream(
        self, request: web.Request, events: Iterator[bytes]
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for event in events:
            await response.write(event)
            if self._model.script is Script.CRASH:
                await asyncio.sleep(_BEFORE_CRASH_S)
                return _broken_off(request, response)
        await response.write_eof()
        return response

    def _reply(self, path: str, body: Table, task: Task, seed: int) -> Reply:
        conversation = heard(WIRES[path].name, body)
        turn = next_turn(
            self._model.script,
            conversation,
            task=task,
            seed=seed,
            workspace=self._model.workspace,
        )
        arguments = dumped(turn.use.arguments).decode() if turn.use else ""
        return Reply(
            turn=turn,
            number=conversation.tool_calls,
            tokens_in=_tokens_in(_SPEECHES[path], body),
            tokens_out=tokens(turn.text + arguments),
            request=body,
        )


def _tokens_in(speech: Speech, body: Table) -> int:
    return tokens(dumped([body.get(key) for key in speech.prompt]).decode())


def _broken_off(
    request: web.Request, response: web.StreamResponse
) -> web.StreamResponse:
    """Close the connection where it stands."""
    if request.transport is not None:
        request.transport.abort()
    return response


def _error(path: str, status: int, kind: str, message: str) -> web.Response:
    error = WIRES[path].refusal(status, kind, message)
    return web.json_response(error, status=status)
