"""What a model is to the runner: something that is started, answers, and is stopped."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

from harness_bench.errors import Problem
from runner.models.looked import Looked
from runner.models.prices import Prices
from runner.proxy.upstream import Upstream
from runner.proxy.wire.wire import ProtocolName
from runner.tasks import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What is known about what answers."""

    model_sha256: str | None = None
    server_build: str | None = None
    chat_template_sha256: str | None = None
    context_tokens: int | None = None
    """How many one conversation can really have."""
    served_as: str | None = None
    """What a server that was not started by us calls the model that answers."""
    tools: bool | None = None
    """Whether its template takes tools, where such a server says so."""
    hardware: str | None = None
    """None: this machine."""
    prices: Prices | None = None
    """None: nobody is paid for its answers."""


class Endpoint(Protocol):
    """A model that is ready."""

    @property
    def provenance(self) -> Provenance:
        """What is known about it."""

    def base_url(self, task: Task, seed: int, /) -> str:
        """Where it answers for a trial, without `/v1`: `http://127.0.0.1:8080`."""

    def headers(self, path: str, /) -> Mapping[str, str]:
        """What the proxy adds to each request to a path, a key for instance."""

    async def ready(self) -> None:
        """Wait until it can answer; asked before each attempt at a trial.

        Raises:
            ModelError: It does not come back.
        """


@runtime_checkable
class Answering(Protocol):
    """A model that says which protocols it answers; others are believed to answer."""

    @property
    def answers(self) -> tuple[ProtocolName, ...]:
        """Those in which a harness may speak to it."""


def spoken(protocol: str) -> tuple[ProtocolName, ...]:
    """What a server answers, by the setting `protocol`; empty: anything.

    Whether one of OpenAI's kind has the newer path as well, a test call tells.
    """
    openai: tuple[ProtocolName, ...] = ("openai", "responses")
    if protocol == "openai":
        return openai
    return ("anthropic",) if protocol == "anthropic" else (*openai, "anthropic")


@runtime_checkable
class Held(Protocol):
    """A model that the memory of this machine has to hold."""

    def tight(self) -> tuple[Problem, ...]:
        """That little is left beside it; asked where nothing is wrong with it."""
        ...


@runtime_checkable
class Weighed(Protocol):
    """An endpoint whose server runs on this machine and can be asked what it takes."""

    def peak_memory_bytes(self) -> int | None:
        """The most main memory that it has held; None: the system does not tell."""


@runtime_checkable
class Remote(Protocol):
    """A model whose server runs already, and so can be asked before a run."""

    def upstream(self) -> Upstream:
        """The way to it."""


@runtime_checkable
class Told(Remote, Protocol):
    """One whose server is not a vendor's: it is waited for, and tells of itself."""

    def settings_problems(self) -> tuple[Problem, ...]:
        """What no wait mends."""

    async def arrive(self, say: Callable[[str], None]) -> None:
        """Wait until it answers, and say why meanwhile.

        Raises:
            ModelError: It does not.
        """

    def look(self) -> Looked | None:
        """What it tells; None: nobody answers."""

    def notices(self, found: Looked) -> tuple[Problem, ...]:
        """What people should know of that."""


@runtime_checkable
class Lasting(Protocol):
    """An endpoint whose server is somebody else's to start and to change."""

    async def warm(self) -> None:
        """Wait until it answers a question, and not only that it is there.

        Raises:
            ModelError: It does not come back.
        """

    def changed(self) -> str:
        """What has become different since this was last asked; empty: nothing."""


@runtime_checkable
class Renewable(Protocol):
    """An endpoint whose server is ours to start anew."""

    async def renew(self) -> None:
        """End it and start another, which has kept nothing of what it was asked.

        Raises:
            ModelError: It does not start.
        """


class Model(Protocol):
    """A model with its server; what an entry point of `harness_bench.models` makes.

    The entry point names a frozen dataclass: its fields are the settings of a
    `[[model]]` table, beside those that all models share.

    One that does not answer every protocol also has `answers`; see `Answering`.
    """

    is_hosted: ClassVar[bool]
    """Whether tasks leave for a company's servers: their packs must allow it, and
    pages name the company: as the key `vendor` does, or else the attribute `host`."""

    def identity(self) -> Mapping[str, str]:
        """What decides about its answers: hashes, arguments. Part of a trial's id."""

    def problems(self) -> tuple[Problem, ...]:
        """Why it cannot be served on this machine, a line each; empty: it can."""

    def serve(self) -> AbstractAsyncContextManager[Endpoint]:
        """Start it, and stop it at the end of the block.

        Raises:
            ModelError: It does not start.
        """
