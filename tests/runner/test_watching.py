"""When a harness has to end: on a clock that a test turns."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import web

from harness_bench.schema import Status
from runner import watch as watching
from runner.judging.blame import End
from runner.limits import Limits
from runner.proxy import proxy as proxying
from runner.proxy.metering import Refusal
from runner.proxy.proxy import Proxy
from runner.sandboxes.sandbox import Exit
from tests.runner.fake_sandbox import FakeSandbox, Inside, waits
from tests.runner.proxy.servers import WHOLE, answering
from tests.runner.talking import until
from tests.runner.test_trial import LIMITS, PROBE, executed, the_trial, works


@dataclass
class Clock:
    """The real one, and what a test adds to it."""

    ahead_s: float = 0.0
    worked_s: float = 0.0
    looks: int = 0

    def monotonic(self) -> float:
        self.looks += 1
        return time.monotonic() + self.ahead_s

    def process_time(self) -> float:
        return self.worked_s

    async def looked(self, times: int = 8) -> None:
        """Until it has been looked at so often."""
        wanted = self.looks + times
        await until(lambda: self.looks >= wanted)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    for module in (watching, proxying):
        monkeypatch.setattr(module, "time", found)
    monkeypatch.setattr(watching, "_LOOK_S", 0.01)
    return found


def asleep(clock: Clock) -> None:
    """An hour in which the machine sleeps."""
    clock.ahead_s += 3600


def at_work(clock: Clock) -> None:
    """An hour in which the runner has much to do."""
    clock.ahead_s += 3600
    clock.worked_s += 3600


@pytest.mark.parametrize("limit", ["agent_s", "idle_s"])
@pytest.mark.parametrize(("passes", "status"), [(asleep, Status.PASS), (at_work, None)])
def test_time_in_which_the_machine_slept_does_not_count(
    short_tmp: Path,
    clock: Clock,
    passes: Callable[[Clock], None],
    limit: str,
    status: Status | None,
) -> None:
    async def agent(inside: Inside) -> Exit:
        await works()(inside)
        await clock.looked()
        passes(clock)
        await clock.looked()
        return Exit(code=0)

    limits = replace(Limits(), agent_s=10**6, idle_s=10**6)
    trial = the_trial(short_tmp, limits=replace(limits, **{limit: 1800}))
    attempt = executed(short_tmp, FakeSandbox(agent=agent), trial=trial)
    over = {"agent_s": Status.AGENT_TIMEOUT, "idle_s": Status.AGENT_IDLE}[limit]
    assert attempt.record.status is (status or over)
    if status is Status.PASS:
        assert (attempt.record.agent_time_s or 0) < 1800


def test_a_machine_that_sleeps_before_the_harness_begins_takes_nothing_from_it(
    short_tmp: Path, clock: Clock
) -> None:
    async def agent(inside: Inside) -> Exit:
        await clock.looked()
        asleep(clock)
        await clock.looked()
        return await works()(inside)

    attempt = executed(short_tmp, FakeSandbox(agent=agent))
    assert attempt.record.status is Status.PASS


def test_a_call_that_is_under_way_is_no_idleness(short_tmp: Path, clock: Clock) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        await clock.looked()
        at_work(clock)
        await clock.looked()
        return await answering(WHOLE)(request)

    limits = Limits(agent_s=10**6, silence_s=10**6, idle_s=1800)
    trial = the_trial(short_tmp, limits=limits)
    attempt = executed(
        short_tmp, FakeSandbox(agent=works()), trial=trial, handler=handler
    )
    assert attempt.record.status is Status.PASS


@pytest.mark.parametrize(
    ("limit", "alone", "status", "detail"),
    [
        ("agent_s", False, Status.INFRA_SERVER, "after 1800 s"),
        ("agent_s", True, Status.AGENT_TIMEOUT, "after 1800 s"),
        ("silence_s", False, Status.INFRA_SERVER, "no byte of an answer for 1800 s"),
        ("silence_s", True, Status.INFRA_SERVER, "no byte of an answer for 1800 s"),
    ],
)
def test_a_server_that_hangs_until_time_is_over_is_believed_to_be_broken_once(
    short_tmp: Path,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    status: Status,
    detail: str,
    *,
    alone: bool,
) -> None:
    """A silence within a call always: nobody but the server ends it."""

    async def handler(request: web.Request) -> web.StreamResponse:
        if PROBE in await request.text() and alone and not clock.ahead_s:
            return await answering(WHOLE)(request)
        monkeypatch.setattr("runner.trial._PROBE_S", 0.1)
        await clock.looked()
        at_work(clock)
        await asyncio.sleep(60)
        return web.Response()

    limits = replace(Limits(), agent_s=10**6, silence_s=10**6)
    attempt = executed(
        short_tmp,
        FakeSandbox(agent=works()),
        trial=the_trial(short_tmp, limits=replace(limits, **{limit: 1800})),
        handler=handler,
        alone=alone,
    )
    assert attempt.record.status is status
    assert attempt.detail == detail


def test_who_ends_by_itself_after_the_limit_has_passed_it(short_tmp: Path) -> None:
    """Though we were too busy to look at the clock."""

    async def agent(inside: Inside) -> Exit:
        await works()(inside)
        time.sleep(0.5)  # noqa: ASYNC251 - nobody looks meanwhile
        return Exit(code=0)

    trial = the_trial(short_tmp, limits=replace(LIMITS, agent_s=0.3))
    attempt = executed(short_tmp, FakeSandbox(agent=agent), trial=trial)
    assert attempt.record.status is Status.AGENT_TIMEOUT


@pytest.mark.parametrize("in_time", [False, True])
def test_the_limit_does_not_wait_for_the_count_of_what_was_written(
    short_tmp: Path, monkeypatch: pytest.MonkeyPatch, *, in_time: bool
) -> None:
    may_end = threading.Event()

    def count(*_: object) -> int:
        assert may_end.wait(20), "the limit waits for the count"
        return 0

    async def agent(inside: Inside) -> Exit:
        try:
            await works()(inside)
            return Exit(code=0) if in_time else await waits(inside)
        finally:
            asyncio.get_running_loop().call_later(0.2, may_end.set)

    monkeypatch.setattr(watching, "used_bytes", count)
    trial = the_trial(short_tmp, limits=replace(LIMITS, agent_s=5 if in_time else 0.3))
    attempt = executed(short_tmp, FakeSandbox(agent=agent), trial=trial)
    expected = Status.PASS if in_time else Status.AGENT_TIMEOUT
    assert attempt.record.status is expected


def test_what_is_counted_too_late_is_found_all_the_same(
    short_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was on the disk while the harness ran, and is gone."""
    counts = iter([1 << 40])
    ended = threading.Event()

    def count(*_: object) -> int:
        ended.wait(20)
        return next(counts, 0)

    async def agent(inside: Inside) -> Exit:
        asyncio.get_running_loop().call_later(0.2, ended.set)
        return await works()(inside)

    monkeypatch.setattr(watching, "used_bytes", count)
    attempt = executed(short_tmp, FakeSandbox(agent=agent))
    assert attempt.record.status is Status.AGENT_BUDGET


def test_a_harness_that_ends_when_its_budget_has_is_over_its_budget(
    short_tmp: Path,
) -> None:
    """Whoever is first to notice."""

    async def agent(inside: Inside) -> Exit:
        await works(calls=3)(inside)
        return Exit(code=0)

    trial = the_trial(short_tmp, limits=replace(LIMITS, calls=2))
    attempt = executed(short_tmp, FakeSandbox(agent=agent), trial=trial)
    assert attempt.record.status is Status.AGENT_BUDGET


@dataclass
class Standing:
    """What there is to see of a proxy."""

    ready_at: float | None = 0.0
    is_pausing: bool = False
    stop: Refusal | None = None
    in_flight: int = 1
    last_byte_at: float = 0.0

    @property
    def meter(self) -> "Standing":
        return self


def deadline_after(
    monkeypatch: pytest.MonkeyPatch, waits_s: float, times: int, proxy: Standing
) -> float:
    """The deadline of a harness with ten seconds that has begun at 0."""
    now = [0.0]

    def tick() -> float:
        now[0] += waits_s / 2
        return now[0]

    turned = SimpleNamespace(monotonic=tick, process_time=lambda: 0.0)
    monkeypatch.setattr(watching, "time", turned)

    async def wait() -> float:
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        look = watching._Look(  # noqa: SLF001 - on a clock that a test turns
            cast("Any", None), cast("Proxy", proxy), Limits(agent_s=10)
        )
        for _ in range(times):
            await look.wait([done])
        return look.deadline

    return asyncio.run(wait())


def test_our_own_pauses_for_a_busy_server_do_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert deadline_after(monkeypatch, 2, 3, Standing()) == 10
    assert deadline_after(monkeypatch, 2, 3, Standing(is_pausing=True)) == 13


def test_pauses_that_an_agent_brings_about_give_it_its_time_again_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert deadline_after(monkeypatch, 2, 500, Standing(is_pausing=True)) == 20


@pytest.mark.parametrize(
    ("stop", "end", "why"),
    [
        (Refusal.BUDGET, End.BUDGET, "its calls or tokens were spent"),
        (
            Refusal.UPSTREAM,
            End.SERVER,
            "the model server failed three times in a row",
        ),
    ],
)
def test_a_limit_that_was_passed_first_comes_first(
    stop: Refusal, end: End, why: str, clock: Clock
) -> None:
    proxy = Standing(ready_at=clock.monotonic(), stop=stop)
    look = watching._Look(  # noqa: SLF001 - on a clock that a test turns
        cast("Any", None), cast("Proxy", proxy), Limits(agent_s=1000)
    )
    cancelled = asyncio.Event()
    assert look.found(cancelled) == (end, why)
    at_work(clock)
    assert (look.found(cancelled) or ("",))[0] is End.TIME
    cancelled.set()
    assert (look.found(cancelled) or ("",))[0] is End.CANCELLED
    look.note_end()
    assert (look.found(cancelled) or ("",))[0] is End.TIME


def test_who_ended_in_time_has_kept_the_limit_whenever_we_look(clock: Clock) -> None:
    look = watching._Look(  # noqa: SLF001 - on a clock that a test turns
        cast("Any", None),
        cast("Proxy", Standing(ready_at=clock.monotonic())),
        Limits(agent_s=1000),
    )
    look.note_end()
    at_work(clock)
    look.note_end()
    assert look.found(asyncio.Event()) is None
    assert (look.agent_s or 0) < 1000


@pytest.mark.parametrize(
    ("cpu_s", "idle_at"), [(0.0, 10.1), (0.02, 10.1), (0.021, 19.1)]
)
def test_a_little_processor_time_is_no_work(
    monkeypatch: pytest.MonkeyPatch, cpu_s: float, idle_at: float
) -> None:
    now = [0.0]
    turned = SimpleNamespace(monotonic=lambda: now[0], process_time=lambda: 0.0)
    monkeypatch.setattr(watching, "time", turned)
    standing = Standing(ready_at=0.001, in_flight=0)
    sandboxed = SimpleNamespace(cpu_s=lambda: cpu_s if now[0] else 0.0)
    look = watching._Look(  # noqa: SLF001 - on a clock that a test turns
        cast("Any", sandboxed), cast("Proxy", standing), Limits(idle_s=10)
    )
    for at in (9.0, idle_at - 0.2):
        now[0] = at
        assert look.found(asyncio.Event()) is None
    now[0] = idle_at
    found = look.found(asyncio.Event())
    assert found is not None
    assert found[0] is End.IDLE


def test_no_harness_has_run_for_less_than_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turned = SimpleNamespace(monotonic=lambda: 5.0, process_time=lambda: 0.0)
    monkeypatch.setattr(watching, "time", turned)
    for ready_at, agent_s in ((None, None), (4.0, 1.0), (5.5, 0.0)):
        look = watching._Look(  # noqa: SLF001 - on a clock that a test turns
            cast("Any", None), cast("Proxy", Standing(ready_at=ready_at)), Limits()
        )
        assert look.agent_s is None, "it has not ended"
        look.note_end()
        assert look.agent_s == agent_s


def test_a_harness_that_never_began_is_not_waited_for_longer_than_its_sandbox(
    short_tmp: Path, clock: Clock
) -> None:
    async def agent(inside: Inside) -> Exit:
        await clock.looked()
        at_work(clock)
        return await waits(inside)

    attempt = executed(short_tmp, FakeSandbox(agent=agent))
    assert attempt.record.status is Status.INFRA_SANDBOX
    assert attempt.detail.startswith("the sandbox did not start")


def turned_look(
    monkeypatch: pytest.MonkeyPatch, now: list[float], lasts_s: float | None = None
) -> tuple["watching._Look", Callable[[], list[float]]]:
    """A look at a harness with ten seconds, and what waits it asks for.

    A wait takes as long as it was asked for, or `lasts_s`; the runner worked before.
    """
    asked: list[float] = []
    turned = SimpleNamespace(monotonic=lambda: now[0], process_time=lambda: 4000.0)
    monkeypatch.setattr(watching, "time", turned)
    look = watching._Look(  # noqa: SLF001 - on a clock that a test turns
        cast("Any", None), cast("Proxy", Standing(ready_at=0.0)), Limits(agent_s=10)
    )

    async def wait(_: object, **how: Any) -> None:  # noqa: ANN401 - of asyncio's
        asked.append(how["timeout"])
        now[0] += how["timeout"] if lasts_s is None else lasts_s

    def waited() -> list[float]:
        with monkeypatch.context() as patched:
            patched.setattr(asyncio, "wait", wait)
            with pytest.raises(StopIteration):
                look.wait([]).send(None)
        return asked

    return look, waited


@pytest.mark.parametrize(
    ("began_s", "asked_s"), [(5.0, 0.5), (9.75, 0.25), (11.0, 0.0)]
)
def test_the_last_look_is_at_the_deadline_and_not_half_a_second_later(
    monkeypatch: pytest.MonkeyPatch, began_s: float, asked_s: float
) -> None:
    now = [0.0]
    _, waited = turned_look(monkeypatch, now)
    now[0] = began_s
    assert waited() == [asked_s]


def test_a_sleep_is_seen_by_a_runner_that_has_worked_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    look, waited = turned_look(monkeypatch, now, lasts_s=3600)
    waited()
    assert look.deadline > 3600


@pytest.mark.parametrize("ran_out", [False, True])
def test_a_harness_killed_while_memory_ran_out_was_killed_from_outside(
    short_tmp: Path, monkeypatch: pytest.MonkeyPatch, *, ran_out: bool
) -> None:
    """Where none ran out it did that itself, and its work is judged."""
    kills = iter([0, int(ran_out)])
    monkeypatch.setattr(watching, "memory_kills", lambda: next(kills))
    attempt = executed(short_tmp, FakeSandbox(agent=works(code=124)))
    assert attempt.record.status is (Status.INFRA_SANDBOX if ran_out else Status.PASS)
    assert ("has memory run out?" in attempt.detail) is ran_out
