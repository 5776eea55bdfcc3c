"""A model that takes its time, does not come, or does not come back."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import ClassVar, cast

import pytest

from harness_bench.errors import ModelError, Problem
from runner.engines import local
from runner.engines.engine import Stop, Work
from runner.engines.local import Local
from runner.models.model import Provenance
from runner.plan import Group, Trial, trials
from runner.tasks import Task
from runner.telling.events import Event, GivenUp, ModelLoading, ModelStarted
from runner.trial import Bench
from tests.runner.specs import model, spec, task

QUICK_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowModel:
    """A model that loads for a while; then it is there, or not."""

    is_hosted: ClassVar[bool] = False

    load_s: float = 0.0
    fails: bool = False
    is_lost: bool = False
    course: list[str] = field(default_factory=list)

    def identity(self) -> Mapping[str, str]:
        return {}

    def problems(self) -> tuple[Problem, ...]:
        return ()

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["SlowModel"]:
        try:
            await asyncio.sleep(self.load_s)
            if self.fails:
                raise ModelError("it does not load")
            self.course.append("started")
            yield self
        finally:
            self.course.append("ended")

    @property
    def provenance(self) -> Provenance:
        return Provenance()

    def base_url(self, task: Task, seed: int) -> str:
        raise NotImplementedError

    def headers(self, path: str) -> Mapping[str, str]:
        raise NotImplementedError

    async def ready(self) -> None:
        if self.is_lost:
            raise ModelError("it does not come back")


def told(
    slow: SlowModel,
    *,
    planned: tuple[Trial, ...] = (),
    stop_after_s: float | None = None,
    jobs: int = 1,
) -> list[Event]:
    """What the engine tells of a group of this model, and of one trial if any."""
    found = model("slow", model=slow)
    group = Group(model=found, trials=planned or trials(spec(), (task(),))[:1])

    async def execute() -> list[Event]:
        stop = Stop()
        if stop_after_s is not None:
            asyncio.get_running_loop().call_later(stop_after_s, stop.soon.set)
        work = Work(
            groups=(group,),
            bench=cast("Bench", None),  # no trial gets so far
            jobs=jobs,
            attempts=2,
            made={},
        )
        return [event async for event in Local().execute(work, stop)]

    return asyncio.run(execute())


def test_a_model_that_loads_is_told_of_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(local, "_TELL_S", QUICK_S)
    slow = SlowModel(load_s=6 * QUICK_S, is_lost=True)
    *loading, started, _ = told(slow)
    assert len(loading) >= 2
    seconds = [each.seconds for each in loading if isinstance(each, ModelLoading)]
    assert len(seconds) == len(loading)
    assert seconds == sorted(seconds)
    assert isinstance(started, ModelStarted)


def test_a_model_that_does_not_load_is_given_up_with_its_reason() -> None:
    slow = SlowModel(fails=True)
    assert told(slow) == [GivenUp(what="slow", why="it does not load")]
    assert slow.course == ["ended"]


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_model_that_does_not_come_back_is_given_up(jobs: int) -> None:
    slow = SlowModel(is_lost=True)
    planned = trials(spec(seeds=5), (task(),))
    started, given_up = told(slow, planned=planned, jobs=jobs)
    assert isinstance(started, ModelStarted)
    assert given_up == GivenUp(what="slow", why="it does not come back")
    assert slow.course == ["started", "ended"]


def test_nobody_waits_for_a_model_that_is_not_wanted_any_more() -> None:
    slow = SlowModel(load_s=3600)
    assert told(slow, stop_after_s=QUICK_S) == []
    assert slow.course == ["ended"]
