"""Whole runs with honest agents and dishonest ones, under servers of every temper."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest
from aiohttp import ClientError, web

from harness_bench.errors import Problem
from harness_bench.schema import Status
from runner import trial
from runner.engines.engine import Stop, Work
from runner.engines.local import Local
from runner.limits import Limits
from runner.models.model import Provenance
from runner.plan import Group, all_trials
from runner.sandboxes.sandbox import Exit
from runner.tasks import Task
from runner.telling.events import AttemptEnded, Event, GivenUp, Noticed
from runner.trial import Bench
from tests.runner.fake_sandbox import FakeSandbox, Inside, Play, reports
from tests.runner.proxy.servers import WHOLE, posted
from tests.runner.proxy.test_wordings import UNHEARD
from tests.runner.specs import harness, model, spec
from tests.runner.talking import Handler, serving
from tests.runner.verdicts import a_task

PROBE = "Say yes."
FAILS = reports(passed=0, failed=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Theirs:
    """A model at an address, whose server is not ours."""

    is_hosted: ClassVar[bool] = False

    url: str
    context: int | None = None

    def identity(self) -> Mapping[str, str]:
        return {}

    def problems(self) -> tuple[Problem, ...]:
        return ()

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["Theirs"]:
        yield self

    @property
    def provenance(self) -> Provenance:
        return Provenance(context_tokens=self.context)

    def base_url(self, task: Task, seed: int) -> str:
        return f"{self.url}/{task.name}/{seed}"

    def headers(self, path: str) -> Mapping[str, str]:
        del path
        return {}

    async def ready(self) -> None:
        return


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours(Theirs):
    """The same, which can be started anew."""

    renewed: list[str] = field(default_factory=list)

    async def renew(self) -> None:
        self.renewed.append("renewed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What came of one."""

    ended: tuple[AttemptEnded, ...]
    given_up: tuple[GivenUp, ...]
    noticed: tuple[Noticed, ...]
    renewed: int

    @property
    def last(self) -> list[Status | None]:
        """How each trial ended at last."""
        by_trial = {each.trial.id: each.attempt.record.status for each in self.ended}
        return list(by_trial.values())


@pytest.fixture(autouse=True)
def _short_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "_PROBE_S", 2.0)
    monkeypatch.setattr(trial, "_PROBE_PAUSE_S", 0.2)


def run(
    folder: Path,
    handler: Handler,
    agent: Play,
    *,
    seeds: int = 3,
    jobs: int = 1,
    attempts: int = 3,
    tests: Play | None = None,
    there_is: Callable[..., Theirs] = Ours,
) -> Run:
    """All trials of one model, one harness and one task."""
    for name in ("run/traces", "run/archives", "scratch"):
        (folder / name).mkdir(parents=True)

    async def execute() -> tuple[list[Event], Theirs]:
        async with serving(handler) as url:
            there = there_is(url=url)
            asked = spec(
                (model("m", model=there),),
                (harness("h"),),
                limits=Limits(agent_s=20, grader_s=20),
                seeds=seeds,
            )
            planned = all_trials(asked, [a_task(folder)])
            bench = Bench(
                sandbox=FakeSandbox(agent=agent, tests=tests or reports()),
                scratch=folder / "scratch",
                run=folder / "run",
                hardware="this machine",
            )
            work = Work(
                groups=(Group(model=asked.models[0], trials=planned),),
                bench=bench,
                jobs=jobs,
                attempts=attempts,
                made={},
                back_off_s=0,
            )
            return [event async for event in Local().execute(work, Stop())], there

    events, there = asyncio.run(execute())
    return Run(
        ended=tuple(each for each in events if isinstance(each, AttemptEnded)),
        given_up=tuple(each for each in events if isinstance(each, GivenUp)),
        noticed=tuple(each for each in events if isinstance(each, Noticed)),
        renewed=len(there.renewed) if isinstance(there, Ours) else 0,
    )


def honest(*, calls: int = 3, tries: int = 1) -> Play:
    """An agent that asks some times, each call as often as it must, and is right."""

    async def agent(inside: Inside) -> Exit:
        async with inside.model() as client:
            await client.get("/bench/ready")
            for _ in range(calls):
                for _ in range(tries):
                    try:
                        status, _ = await posted(client)
                    except ClientError:
                        status = 599
                    if status == 200:
                        break
                    await asyncio.sleep(0.01)
                else:
                    return Exit(code=1)
        (inside.real("/workspace") / "answer").write_text("right")
        return Exit(code=0)

    return agent


async def refused_at_last(inside: Inside) -> Exit:
    """An agent that fails, and whose last request is one that no server takes."""
    async with inside.model() as client:
        await client.get("/bench/ready")
        await posted(client)
        await posted(client, {"model": "m", "messages": [{"role": "strange"}]})
    return Exit(code=0)


def tempered(
    temper: Callable[[int, int], tuple[int, object]], *, slow_s: float = 0.0
) -> Handler:
    """A server whose answer depends on how many calls came, and how many are with it.

    Status 0 breaks the connection off; bytes are an answer that breaks off, and a text
    is a page.
    """
    state = {"calls": 0, "busy": 0}

    async def handler(request: web.Request) -> web.StreamResponse:
        state["calls"] += 1
        state["busy"] += 1
        number, busy = state["calls"], state["busy"]
        try:
            await asyncio.sleep(slow_s)
            status, body = temper(number, max(busy, state["busy"]))
        finally:
            state["busy"] -= 1
        if not status:
            assert request.transport is not None
            request.transport.abort()
        if isinstance(body, bytes):
            response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
            await response.prepare(request)
            await response.write(body)
            assert request.transport is not None
            request.transport.abort()
            return response
        if isinstance(body, str):
            return web.Response(text=body, status=status, content_type="text/html")
        again = {"Retry-After": "0"} if status == 429 else {}
        return web.json_response(body, status=status or 500, headers=again)

    return handler


def _said(message: str) -> object:
    return {"error": {"message": message, "type": "server_error"}}


GOOD = (200, WHOLE)


def failing(*numbers: int, with_: tuple[int, object], slow_s: float = 0.0) -> Handler:
    """A server that fails the calls with these numbers, and then is well for ever.

    No trial has more attempts than there are of them: however trials side by side
    share them out, an honest one that is tried again passes.
    """
    return tempered(
        lambda number, _: with_ if number in numbers else GOOD, slow_s=slow_s
    )


SERVERS: Mapping[str, Callable[[], Handler]] = {
    "slow": lambda: tempered(lambda *_: GOOD, slow_s=0.05),
    "restarting": lambda: failing(3, with_=(0, None)),
    "breaking": lambda: failing(2, 7, 12, with_=(500, _said("Upstream error"))),
    "breaking within": lambda: failing(
        2, with_=(200, {"choices": [{"finish_reason": "error", "message": {}}]})
    ),
    "rate limiting": lambda: failing(
        *range(1, 20, 2), with_=(429, _said("Rate limit reached"))
    ),
    "loading": lambda: failing(*range(1, 6), with_=(503, _said("Loading model"))),
    "cache full": lambda: tempered(
        lambda _, busy: (
            (500, _said("Context size has been exceeded.")) if busy > 1 else GOOD
        ),
        slow_s=0.02,
    ),
    "shared": lambda: tempered(
        lambda _, busy: (503, _said("no slot is free for you")) if busy > 2 else GOOD,
        slow_s=0.02,
    ),
    "breaking off": lambda: failing(
        *(2, 5),
        with_=(200, b'data: {"choices":[{"index":0,"delta":{"content":"I"}}]}\n\n'),
    ),
    "behind a gateway": lambda: failing(
        *(2, 3, 4), with_=(502, "<html><h1>502 Bad Gateway</h1>nginx</html>")
    ),
    "behind a portal": lambda: failing(
        *(2, 6), with_=(200, "<html><title>Sign in to the network</title></html>")
    ),
    "of a new key": lambda: failing(
        *(2, 6), with_=(401, _said("Incorrect API key provided: sk-…"))
    ),
    "in conflict": lambda: failing(
        *(3, 6), with_=(409, {"detail": "Another generation is under way"})
    ),
    "saying nothing": lambda: failing(*(2, 8), with_=(200, {})),
    "given up by a gateway": lambda: failing(*(2, 7), with_=(524, "")),
    "updating": lambda: failing(
        *(4, 5, 6), with_=(404, _said("model 'm' not found, try pulling it first"))
    ),
    "shared by one": lambda: tempered(
        lambda _, busy: (503, _said("no slot is free for you")) if busy > 1 else GOOD,
        slow_s=0.02,
    ),
}


@pytest.mark.parametrize("tries", [1, 3])
@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize("server", SERVERS)
def test_an_honest_agent_is_never_blamed_for_its_server(
    short_tmp: Path, server: str, jobs: int, tries: int
) -> None:
    done = run(
        short_tmp,
        SERVERS[server](),
        honest(tries=tries),
        jobs=jobs,
        attempts=4,
        there_is=partial(Ours, context=10**6),
    )
    assert done.last == [Status.PASS] * 3
    measured = [
        each.attempt.record.status
        for each in done.ended
        if each.attempt.record.status is not None
        and each.attempt.record.status.is_measured
    ]
    assert measured == [Status.PASS] * 3
    assert done.given_up == ()


@pytest.mark.parametrize("attempts", [1, 2, 3])
def test_the_last_attempt_at_a_server_that_was_busy_has_no_neighbours(
    short_tmp: Path, attempts: int
) -> None:
    """Else an honest agent would leave the table for what its neighbours do."""
    refusals = max(1, attempts - 1)
    executions: Counter[str] = Counter()
    present: set[str] = set()
    beside: dict[str, int] = {}

    async def handler(request: web.Request) -> web.StreamResponse:
        if PROBE in await request.text():
            return web.json_response(WHOLE)
        seed = request.path.split("/")[2]
        executions[seed] += 1
        beside[seed] = len(present)
        if executions[seed] > refusals:
            return web.json_response(WHOLE)
        return web.json_response(_said("Overloaded"), status=503)

    async def agent(inside: Inside) -> Exit:
        own = str(inside.real("/workspace"))
        present.add(own)
        try:
            return await honest(calls=1)(inside)
        finally:
            present.remove(own)

    done = run(short_tmp, handler, agent, jobs=3, attempts=attempts)
    assert done.last == [Status.PASS] * 3
    assert set(executions.values()) == {refusals + 1}
    assert set(beside.values()) == {1}, "by itself"
    assert done.given_up == ()
    assert done.renewed == 3, "each on a fresh server"


def picky(words: Callable[[int], str], status: int = 400) -> Handler:
    """A server that is well, and refuses strange requests in words by their seed."""

    async def handler(request: web.Request) -> web.StreamResponse:
        if "strange" not in await request.text():
            return web.json_response(WHOLE)
        seed = int(request.path.split("/")[2])
        return web.json_response(_said(words(seed)), status=status)

    return handler


@pytest.mark.parametrize("attempts", [1, 3])
@pytest.mark.parametrize("status", [400, 500])
def test_words_that_nobody_knows_take_no_model_off_the_board(
    short_tmp: Path, attempts: int, status: int
) -> None:
    chosen = UNHEARD[:10] if status == 400 else UNHEARD[10:]
    done = run(
        short_tmp,
        picky(lambda seed: chosen[seed], status),
        refused_at_last,
        seeds=len(chosen),
        jobs=3,
        attempts=attempts,
        tests=FAILS,
    )
    assert done.given_up == ()
    assert done.last == [Status.NO_CHANGE] * len(chosen)
    assert len(done.ended) == 2 * len(chosen), "each once more, alone"
    assert done.renewed == len(chosen)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (0, None),
        (503, "Overloaded"),
        (500, "llama runner process has terminated: out of memory"),
    ],
)
def test_an_agent_that_breaks_each_server_of_ours_has_failed(
    short_tmp: Path, status: int, said: str | None
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if "strange" not in await request.text():
            return web.json_response(WHOLE)
        if not status:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response(_said(said or ""), status=status or 500)

    done = run(short_tmp, handler, refused_at_last, tests=FAILS, jobs=3)
    assert done.last == [Status.NO_CHANGE] * 3
    assert done.given_up == ()
    assert done.renewed == 3


@pytest.mark.parametrize("attempts", [1, 3])
def test_a_request_that_breaks_a_server_of_others_each_time_is_the_agents(
    short_tmp: Path, attempts: int
) -> None:
    """Its words alone take no trial out of the denominator."""
    handler = picky(lambda _: "Upstream error: CUDA error: device-side assert", 500)
    done = run(
        short_tmp,
        handler,
        refused_at_last,
        tests=FAILS,
        attempts=attempts,
        there_is=Theirs,
    )
    assert done.last == [Status.NO_CHANGE] * 3
    assert len(done.ended) == 3 * max(2, attempts)
    assert done.given_up == ()


@pytest.mark.parametrize("means", ["breaking", "busy"])
def test_an_agent_is_not_blamed_for_a_server_of_others_that_has_bad_moments(
    short_tmp: Path, means: str
) -> None:
    """It fails whatever is asked in the trial, and nothing that is asked afterwards."""
    words = {"breaking": "Internal server error", "busy": "Overloaded"}[means]
    asked: Counter[str] = Counter()

    async def handler(request: web.Request) -> web.StreamResponse:
        said = await request.text()
        asked[request.path] += "strange" in said
        if "strange" in said and (means == "busy" or asked[request.path] % 3):
            return web.json_response(_said(words), status=503)
        return web.json_response(WHOLE)

    done = run(
        short_tmp, handler, refused_at_last, tests=FAILS, attempts=1, there_is=Theirs
    )
    assert done.last == [Status.INFRA_SERVER] * 3
    assert done.given_up == ()


def test_a_server_that_still_works_for_a_dead_agent_is_asked_again(
    short_tmp: Path,
) -> None:
    """Many do not stop when somebody hangs up, and have one slot."""
    busy = asyncio.Lock()

    async def work() -> None:
        async with busy:
            await asyncio.sleep(0.5)

    async def handler(request: web.Request) -> web.StreamResponse:
        if busy.locked():
            return web.json_response(_said("come back another day"), status=503)
        if "slow" in await request.text():
            await asyncio.shield(asyncio.ensure_future(work()))
        return web.json_response(WHOLE)

    async def agent(inside: Inside) -> Exit:
        async with inside.model() as client:
            await client.get("/bench/ready")
            await posted(client)
            words = {"model": "m", "messages": [{"role": "user", "content": "slow"}]}
            held = asyncio.ensure_future(posted(client, words))
            await asyncio.sleep(0.1)
            await posted(client)
            held.cancel()
        return Exit(code=0)

    done = run(short_tmp, handler, agent, tests=FAILS, seeds=1)
    assert [each.attempt.record.status for each in done.ended] == [
        Status.INFRA_SERVER,
        Status.NO_CHANGE,
    ]
    assert done.given_up == ()


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ("none", [Status.INFRA_SETUP] * 3),
        ("0", [Status.NO_CHANGE, Status.AGENT_CRASH, Status.AGENT_CRASH]),
    ],
)
@pytest.mark.parametrize("field", ["temperature", "max_tokens"])
def test_a_later_request_refused_for_what_we_set_is_set_up_until_one_was_measured(
    short_tmp: Path, field: str, taken: str, expected: list[Status]
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        seed = request.path.split("/")[2]
        if "strange" not in await request.text() or seed == taken:
            return web.json_response(WHOLE)
        words = f"`{field}` must be 1 when thinking is enabled"
        error = {"type": "invalid_request_error", "message": words}
        return web.json_response({"error": error}, status=400)

    done = run(short_tmp, handler, refused_at_last, tests=FAILS)
    assert done.last == expected


def test_a_harness_whose_last_request_is_malformed_stays_in_the_denominator(
    short_tmp: Path,
) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if "strange" not in await request.text():
            return web.json_response(WHOLE)
        error = {"type": "invalid_request_error", "message": "strange: unknown field"}
        return web.json_response({"error": error}, status=400)

    done = run(short_tmp, handler, refused_at_last, seeds=4, tests=FAILS)
    assert done.last == [Status.AGENT_CRASH] * 4
    assert len(done.ended) == 4
    assert done.given_up == ()


def test_a_model_that_fails_probes_is_given_up_in_its_own_words(
    short_tmp: Path,
) -> None:
    handler = tempered(lambda *_: (503, _said("the goose has left the pond")))
    done = run(short_tmp, handler, honest(), seeds=6, attempts=2)
    assert done.last == [Status.INFRA_SERVER] * 3
    assert len(done.ended) == 6
    (given_up,) = done.given_up
    assert given_up.what == "m"
    assert "the goose has left the pond" in given_up.why


def test_a_spent_quota_costs_each_trial_one_attempt(short_tmp: Path) -> None:
    handler = tempered(lambda *_: (429, _said("Insufficient balance, recharge")))
    done = run(short_tmp, handler, honest(), seeds=6, attempts=3)
    assert len(done.ended) == 3
    assert done.given_up[0].why.endswith("Insufficient balance, recharge")


def test_what_the_settings_ask_in_vain_gives_up_the_pair_alone(short_tmp: Path) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if PROBE in await request.text():
            return web.json_response(WHOLE)
        error = {"type": "invalid_request_error", "message": "no stream_options here"}
        return web.json_response({"error": error}, status=400)

    done = run(short_tmp, handler, honest(), seeds=6)
    assert done.last == [Status.INFRA_SETUP] * 3
    assert done.given_up[0].what == "m with harness h"
    assert "no stream_options here" in done.given_up[0].why


def test_a_server_that_tells_no_tokens_is_said_to_be_one_once(short_tmp: Path) -> None:
    silent = {key: value for key, value in WHOLE.items() if key != "usage"}
    done = run(short_tmp, tempered(lambda *_: (200, silent)), honest(), seeds=3)
    assert done.last == [Status.PASS] * 3
    (notice,) = done.noticed
    assert notice.what == "m"
    assert "estimates" in notice.text
    assert run(short_tmp / "b", tempered(lambda *_: GOOD), honest()).noticed == ()
