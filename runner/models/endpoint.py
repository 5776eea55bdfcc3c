"""A model behind a server that runs already: looked at, waited for, not believed."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from http import HTTPStatus
from typing import ClassVar, Final, Literal
from urllib.parse import urlsplit

from harness_bench.errors import ModelError, Problem, shown
from runner.models import address
from runner.models.looked import UNREACHABLE, Looked, get, is_named, look, models_path
from runner.models.model import Provenance, spoken
from runner.proxy.question import Question, ask_until_loaded
from runner.proxy.upstream import Upstream
from runner.proxy.wire.wire import ProtocolName, Sampling, failure
from runner.tasks import Task

START_S: Final = 90.0
"""How long a server may take until it can be connected to."""
LOAD_S: Final = 3600.0
"""How long it may say that it loads the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedElsewhere:
    """`[[model]]` with `base_url`."""

    is_hosted: ClassVar[bool] = False

    base_url: str
    """Where it answers, without `/v1`: `http://127.0.0.1:8080`."""
    own_machine: bool = False
    """Whether it is yours though its address is on the internet: it is sent the
    instructions and files of your tasks, and no pack is asked for its leave."""
    protocol: Literal["", "openai", "anthropic", "both"] = ""
    """What it answers. Without it, a test call tells."""
    key_env: str = ""
    """The environment variable that holds the key which it wants."""
    name: str = ""

    def identity(self) -> Mapping[str, str]:
        """Nothing beside what is declared: not the address, nor what answers there."""
        return {}

    @property
    def answers(self) -> tuple[ProtocolName, ...]:
        """The protocols in which a harness may speak to it, as far as is said."""
        return spoken(self.protocol)

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the settings, or that nobody answers there."""
        if found := self.settings_problems():
            return found
        try:
            status, said = get(self.url, models_path(self.url), self.headers())
        except UNREACHABLE as error:
            return (_away(self.url, str(error)),)
        if status in _NO_LIST:
            return ()
        words = failure(said).error if isinstance(said, dict) else None
        what = f"answers {status}{f' ({words})' if words else ''}"
        advice = "see that key_env names its key"
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            advice = "wait until the model server is ready"
        return (Problem(f"{self.url}/v1/models", what, advice),)

    def settings_problems(self) -> tuple[Problem, ...]:
        """That the address is none or a stranger's, or that the key is missing."""
        place, given = address.split(self.url), shown(self.base_url)
        if place is None or not address.is_of_a_server(place):
            example = "http://127.0.0.1:8080"
            return (Problem("", f"base_url is {given}, expected one like {example}"),)
        if place.path.endswith("/v1"):
            return (Problem("", f"base_url is {given}", "leave out /v1"),)
        if self.key_env and not self._key:
            what = f"the variable {shown(self.key_env)} is not set"
            return (Problem("", what, "put the key in it"),)
        try:
            is_strange = not self.own_machine and address.is_on_the_internet(
                address.resolved(place)
            )
        except OSError as error:
            return (_away(self.url, str(error)),)
        if not is_strange:
            return ()
        advice = "set key_env if it is a vendor's, or own_machine = true if it is yours"
        return (Problem(self.url, "is on the internet", advice),)

    def look(self) -> Looked | None:
        """What the server tells of the model; None: nobody answers."""
        try:
            return look(self.url, self.name, self.headers())
        except UNREACHABLE:
            return None

    def notices(self, found: Looked) -> tuple[Problem, ...]:
        """What people should know of it before they believe a figure."""
        if not found.names or any(is_named(self.name, name) for name in found.names):
            return ()
        names = ", ".join(map(shown, found.names[:3]))
        what = f"lists {names} and no {shown(self.name)}"
        return (Problem(self.url, what, "see that it serves the model you name"),)

    def headers(self, _path: str = "") -> Mapping[str, str]:
        """The key, where it wants one, as each protocol sends it."""
        key = self._key
        return {"Authorization": f"Bearer {key}", "x-api-key": key} if key else {}

    @property
    def _key(self) -> str:
        return os.environ.get(self.key_env, "").strip() if self.key_env else ""

    def upstream(self) -> Upstream:
        """The way to it."""
        return Upstream(self.url, keys=self.headers)

    async def arrive(self, say: Callable[[str], None] = lambda _: None) -> None:
        """Wait until it has answered a first question: a model may be loaded for it.

        Raises:
            ModelError: It is not there, or does not end loading.
        """
        if problems := await asyncio.to_thread(self.settings_problems):
            raise ModelError(*problems)
        path = "/v1/messages" if self.protocol == "anthropic" else _CHAT
        question = Question(
            path=path, model=self.name, sampling=Sampling(output_tokens=1)
        )
        async with self.upstream() as upstream:
            said = await ask_until_loaded(
                upstream, question, start_s=START_S, load_s=LOAD_S, say=say
            )
        if not said.is_there:
            raise ModelError(_away(self.url, said.answer.error or ""))

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["ElsewhereEndpoint"]:
        """Wait until it answers: starting and stopping it is its owner's affair."""
        endpoint = ElsewhereEndpoint(self)
        await endpoint.warm()
        yield endpoint

    @property
    def url(self) -> str:
        """Its address."""
        return self.base_url.rstrip("/")


class ElsewhereEndpoint:
    """The server, as it was found when it was last asked."""

    def __init__(self, model: ServedElsewhere) -> None:
        place = urlsplit(model.url)
        self._model = model
        self._elsewhere = None if address.is_this_machine(place) else "another machine"
        self._changes: list[str] = []
        self._is_known = False
        self.provenance = Provenance(hardware=self._elsewhere)

    def base_url(self, _task: Task, _seed: int) -> str:
        """The same for all trials."""
        return self._model.url

    def headers(self, path: str) -> Mapping[str, str]:
        """Its key, where it wants one."""
        return self._model.headers(path)

    async def warm(self) -> None:
        """Wait for a first answer, and look who gives it."""
        await self._model.arrive()
        await self.ready()

    async def ready(self) -> None:
        """Look who is there now: it may have been restarted with something else."""
        found = await asyncio.to_thread(self._model.look)
        if found is None:
            await self._model.arrive()
            found = await asyncio.to_thread(self._model.look)
        if found is None:
            return
        now = Provenance(
            server_build=found.server_build,
            chat_template_sha256=found.chat_template_sha256,
            context_tokens=found.context_tokens,
            served_as=found.served_as,
            tools=found.tools,
            hardware=self._elsewhere,
        )
        for item in fields(Provenance) if self._is_known else ():
            was, is_now = getattr(self.provenance, item.name), getattr(now, item.name)
            if was != is_now:
                change = f"{item.name} was {shown(was)}, is now {shown(is_now)}"
                self._changes.append(change)
        self.provenance, self._is_known = now, True

    def changed(self) -> str:
        """What has become different since this was last asked."""
        told, self._changes = ", ".join(self._changes), []
        return told


def _away(url: str, words: str) -> Problem:
    return Problem(url, f"does not answer ({words})", "start the model server first")


_CHAT: Final = "/v1/chat/completions"
_NO_LIST: Final = {HTTPStatus.OK, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
"""Some servers have no list of their models."""
