"""The model that a worker has ready: it stays for the next trials of the same one."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import ClassVar

from harness_bench.errors import Problem
from runner.models.model import Endpoint
from runner.spec import ModelSpec


class KeptModel:
    """At most one model, from when it is first served to when another one is."""

    def __init__(self) -> None:
        self.label: str | None = None
        """The model that is ready, as people read it."""
        self.load_s: float | None = None
        """What the last `serve` took to load; None: nothing was loaded for it."""
        self._stack = AsyncExitStack()
        self._endpoint: Endpoint | None = None

    def lease(self, spec: ModelSpec) -> ModelSpec:
        """A model whose server outlives those who use it."""
        return replace(spec, model=_Lease(of=spec, kept=self))

    async def ready(self, spec: ModelSpec) -> Endpoint:
        """The model's endpoint; any other model is unloaded first.

        Raises:
            ModelError: It does not start.
        """
        self.load_s = None
        if self._endpoint is None or self.label != spec.label:
            await self.close()
            began = time.monotonic()
            self._endpoint = await self._stack.enter_async_context(spec.model.serve())
            self.label, self.load_s = spec.label, time.monotonic() - began
        return self._endpoint

    async def close(self) -> None:
        """Unload it."""
        stack, self._stack = self._stack, AsyncExitStack()
        self.label = self._endpoint = None
        await stack.aclose()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lease:
    """A model that is not unloaded at the end of a block."""

    is_hosted: ClassVar[bool] = False

    of: ModelSpec
    kept: KeptModel

    def identity(self) -> Mapping[str, str]:
        return self.of.model.identity()

    def problems(self) -> tuple[Problem, ...]:
        return self.of.model.problems()

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[Endpoint]:
        yield await self.kept.ready(self.of)
