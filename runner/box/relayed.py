"""What stands inside the box for a model whose server is outside."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from harness_bench.errors import Problem
from runner.box.order import Far
from runner.models.looked import Looked
from runner.models.model import Provenance
from runner.proxy.upstream import Upstream
from runner.tasks import Task


class Link(Protocol):
    """The way to the outside."""

    def ask(self, what: str, number: int, **more: object) -> Any:  # noqa: ANN401
        """What a method of a model outside returns, or raises."""
        ...

    async def asked(self, what: str, number: int) -> Any:  # noqa: ANN401
        """The same; others go on meanwhile."""
        ...

    def serving(
        self, number: int
    ) -> AbstractAsyncContextManager[tuple[str, Provenance]]:
        """A model served outside for the length of the block: kind of its endpoint."""
        ...

    def url(self, number: int) -> str:
        """Where a model outside can be asked, inside."""
        ...


@dataclass(frozen=True, kw_only=True)
class Relayed:
    """A model outside; what it is asked is asked there."""

    link: Link
    far: Far

    @property
    def is_hosted(self) -> bool:
        """As the model says."""
        return self.far.is_hosted

    def identity(self) -> Mapping[str, str]:
        """As the model says."""
        return self.far.identity

    def problems(self) -> tuple[Problem, ...]:
        """As the model says now."""
        return tuple(self.link.ask("problems", self.far.number))

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["RelayedEndpoint"]:
        """Have it served outside for the length of the block."""
        async with self.link.serving(self.far.number) as (kind, provenance):
            yield _ENDPOINTS[kind](self.link, self.far.number, provenance)


class RelayedRemote(Relayed):
    """One whose server runs already."""

    @property
    def answers(self) -> tuple[str, ...]:
        """As the model says."""
        return self.far.answers or ("openai", "anthropic")

    def upstream(self) -> Upstream:
        """The way to it; its keys are added outside."""
        return Upstream(self.link.url(self.far.number))


class RelayedTold(RelayedRemote):
    """One that tells of itself."""

    def settings_problems(self) -> tuple[Problem, ...]:
        """As the model says."""
        return tuple(self.link.ask("settings_problems", self.far.number))

    async def arrive(self, say: Callable[[str], None] = lambda _: None) -> None:
        """Wait for it; why is said outside."""
        del say
        await self.link.asked("arrive", self.far.number)

    def look(self) -> Looked | None:
        """What it tells."""
        found: Looked | None = self.link.ask("look", self.far.number)
        return found

    def notices(self, found: Looked) -> tuple[Problem, ...]:
        """What people should know of that."""
        about = asdict(found)
        return tuple(self.link.ask("notices", self.far.number, found=about))


class RelayedEndpoint:
    """A model that is ready outside.

    Args:
        link: The way there.
        number: Of the model.
        provenance: What is known about it.
    """

    def __init__(self, link: Link, number: int, provenance: Provenance) -> None:
        self.provenance = provenance
        self._link, self._number = link, number

    def base_url(self, task: Task, seed: int) -> str:
        """The same for all trials."""
        del task, seed
        return self._link.url(self._number)

    def headers(self, path: str) -> Mapping[str, str]:
        """None: keys are added outside."""
        del path
        return {}

    async def ready(self) -> None:
        """Wait until it can answer."""
        self.provenance = await self._link.asked("ready", self._number)


class RelayedLasting(RelayedEndpoint):
    """One whose server is somebody else's."""

    async def warm(self) -> None:
        """Wait until it answers a question."""
        self.provenance = await self._link.asked("warm", self._number)

    def changed(self) -> str:
        """What has become different."""
        return str(self._link.ask("changed", self._number))


class RelayedOwn(RelayedEndpoint):
    """One whose server is ours, outside."""

    async def renew(self) -> None:
        """Have it started anew."""
        self.provenance = await self._link.asked("renew", self._number)

    def peak_memory_bytes(self) -> int | None:
        """The most main memory that it has held, outside."""
        found: int | None = self._link.ask("peak_memory_bytes", self._number)
        return found


def relayed(link: Link, far: Far) -> Relayed:
    """What stands for a model."""
    kinds = {"told": RelayedTold, "remote": RelayedRemote, "plain": Relayed}
    return kinds[far.kind](link=link, far=far)


_ENDPOINTS = {
    "lasting": RelayedLasting,
    "own": RelayedOwn,
    "plain": RelayedEndpoint,
}
"""By what the endpoint outside can do."""
