"""A worker's model stays loaded for the next trials of it, and for no others."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from harness_bench.errors import ModelError, Problem
from runner.engines.kept_model import KeptModel
from runner.spec import ModelSpec
from tests.runner.specs import StillModel, model


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting(StillModel):
    """Notes when it is started and stopped."""

    name: str
    log: list[str] = field(default_factory=list)
    is_bad: bool = False

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[Any]:
        if self.is_bad:
            raise ModelError(Problem("", "does not start"))
        self.log.append(f"+{self.name}")
        yield self.name
        self.log.append(f"-{self.name}")


def models(log: list[str]) -> list[ModelSpec]:
    return [model(name, model=Counting(name=name, log=log)) for name in ("a", "b")]


def test_the_same_model_is_loaded_once_and_another_takes_its_place() -> None:
    log: list[str] = []
    a, b = models(log)

    async def use() -> list[bool]:
        kept, loaded = KeptModel(), []
        for spec in (a, a, b, a):
            async with kept.lease(spec).model.serve():
                loaded.append(kept.load_s is not None)
        await kept.close()
        return loaded

    assert asyncio.run(use()) == [True, False, True, True]
    assert log == ["+a", "-a", "+b", "-b", "+a", "-a"]


def test_a_model_that_does_not_start_leaves_room_for_another() -> None:
    log: list[str] = []
    a, _ = models(log)
    bad = model("bad", model=Counting(name="bad", is_bad=True))

    async def use() -> str | None:
        kept = KeptModel()
        async with kept.lease(a).model.serve():
            pass
        with pytest.raises(ModelError, match="does not start"):
            async with kept.lease(bad).model.serve():
                pass
        assert kept.label is None
        async with kept.lease(a).model.serve():
            return kept.label

    assert asyncio.run(use()) == "a"
    assert log == ["+a", "-a", "+a"]
