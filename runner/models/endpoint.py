"""A model behind a server that runs already and speaks OpenAI's protocol."""

import asyncio
import http.client
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import SplitResult, urlsplit

from harness_bench.errors import ModelError, Problem, shown
from runner.models import address
from runner.models.model import Provenance
from runner.models.props import context_tokens
from runner.proxy.wire.loose import Table, parsed, table, text
from runner.tasks import Task

_ANSWER_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedElsewhere:
    """`[[model]]` with `base_url`."""

    is_hosted: ClassVar[bool] = False

    base_url: str
    """Where it answers, without `/v1`: `http://127.0.0.1:8080`."""
    own_machine: bool = False
    """Whether it is yours though its address is on the internet: it is sent the
    instructions and files of your tasks, and no pack is asked for its leave."""

    def identity(self) -> Mapping[str, str]:
        """The address: more is not known for sure."""
        return {"base_url": self._url}

    def problems(self) -> tuple[Problem, ...]:
        """That the address is none or a stranger's, or that nobody answers there."""
        place, given = address.split(self._url), shown(self.base_url)
        if place is None or not address.is_of_a_server(place):
            example = "http://127.0.0.1:8080"
            return (Problem("", f"base_url is {given}, expected one like {example}"),)
        if place.path.endswith("/v1"):
            return (Problem("", f"base_url is {given}", "leave out /v1"),)
        try:
            if not self.own_machine and address.is_on_the_internet(
                address.resolved(place)
            ):
                advice = (
                    "set key_env if it is a vendor's, or own_machine = true if it is"
                    " yours"
                )
                return (Problem(self._url, "is on the internet", advice),)
            status, _ = _get(place, "/v1/models")
        except (OSError, http.client.HTTPException) as error:
            what, advice = f"does not answer ({error})", "start the model server first"
            return (Problem(self._url, what, advice),)
        if status != http.client.OK:
            what, advice = f"answers {status}", "wait until the model server is ready"
            return (Problem(f"{self._url}/v1/models", what, advice),)
        return ()

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["ElsewhereEndpoint"]:
        """Only looks who is there: starting and stopping it is its owner's affair."""
        if problems := await asyncio.to_thread(self.problems):
            raise ModelError(*problems)
        found = await asyncio.to_thread(_provenance, urlsplit(self._url))
        yield ElsewhereEndpoint(self._url, found)

    @property
    def _url(self) -> str:
        return self.base_url.rstrip("/")


@dataclass(frozen=True, slots=True)
class ElsewhereEndpoint:
    """The server, as it was found."""

    url: str
    provenance: Provenance

    def base_url(self, task: Task, seed: int) -> str:
        """The same for all trials."""
        del task, seed
        return self.url

    def headers(self, path: str) -> Mapping[str, str]:
        """None: a server that wants a key is a hosted one."""
        del path
        return {}

    async def ready(self) -> None:
        """Nothing: starting it again is its owner's affair."""


def _get(place: SplitResult, path: str) -> tuple[int, Table]:
    kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
    host = place.hostname or ""
    connection = kinds[place.scheme](host, place.port, timeout=_ANSWER_S)
    with closing(connection):
        connection.request("GET", place.path + path)
        response = connection.getresponse()
        return response.status, table(parsed(response.read()))


def _provenance(place: SplitResult) -> Provenance:
    """What llama-server tells in `/props`; other servers tell nothing."""
    try:
        _, props = _get(place, "/props")
    except (OSError, http.client.HTTPException):
        props = {}
    return Provenance(
        server_build=text(props.get("build_info")) or None,
        context_tokens=context_tokens(props),
        hardware=None if address.is_this_machine(place) else "another machine",
    )
