"""How a trial is put together, with a sandbox in which a test plays the programs."""

import asyncio
import json
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from harness_bench import __version__
from harness_bench.errors import SandboxError
from harness_bench.schema import GraderAccess, Status, UsageSource
from runner.harnesses.harness import Launch, Order
from runner.judging.blame import Again
from runner.limits import Limits
from runner.models.model import Provenance
from runner.models.prices import Prices
from runner.plan import Trial, all_trials
from runner.run_folder.attempt import Attempt
from runner.sandboxes.sandbox import Confined, Exit, Mount, Sandboxed
from runner.spec import Keep
from runner.tasks import Task
from runner.trial import Bench, execute
from tests.runner.fake_sandbox import (
    FakeSandbox,
    Inside,
    Play,
    Playing,
    begins,
    reports,
    waits,
)
from tests.runner.proxy.servers import WHOLE, answering, posted
from tests.runner.specs import IdleHarness, harness, model, spec
from tests.runner.talking import Handler, serving
from tests.runner.verdicts import a_task

OVERFLOW = {"error": {"code": 400, "type": "exceed_context_size_error", "message": "m"}}
BROKEN = {"error": {"message": "m", "type": "server_error"}}
LIMITS = Limits(agent_s=20, grader_s=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A model that is ready at an address."""

    url: str
    provenance: Provenance = field(default_factory=Provenance)
    peak_bytes: int | None = None

    def base_url(self, task: Task, seed: int) -> str:
        return f"{self.url}/{task.name}/{seed}"

    def headers(self, _: str) -> Mapping[str, str]:
        return {}

    async def ready(self) -> None:
        return

    def peak_memory_bytes(self) -> int | None:
        return self.peak_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Homely(IdleHarness):
    """A harness that has a file in its home, and tells what it was asked."""

    orders: list[Order] = field(default_factory=list)

    def launch(self, order: Order) -> Launch:
        self.orders.append(order)
        return Launch(
            command=("homely", "--base", order.base_url),
            environment={"HOMELY": "yes"},
            home={".config/homely.json": "{}"},
        )


def works(*, calls: int = 1, answer: str = "right", code: int = 0) -> Play:
    """An agent that asks the model and writes its answer."""

    async def agent(inside: Inside) -> Exit:
        inside.output.write(b"working\n")
        async with inside.model() as client:
            await client.get("/bench/ready")
            for _ in range(calls):
                await posted(client)
        (inside.real("/workspace") / "answer").write_text(answer)
        return Exit(code=code)

    return agent


def the_trial(folder: Path, *, limits: Limits = LIMITS, **more: Any) -> Trial:  # noqa: ANN401 - what a model is given
    """Of a task whose starter is one file."""
    asked = spec(
        (model("m", quant="q4", sweep="s", temperature=0.5, **more),),
        (harness("h", harness=Homely(version="1.2")),),
        limits=limits,
    )
    (trial,) = all_trials(asked, [a_task(folder)])
    return trial


def executed(
    folder: Path,
    sandbox: FakeSandbox,
    *,
    trial: Trial | None = None,
    handler: Handler | None = None,
    keep: Keep = Keep.ALL,
    cancelled: bool = False,
    alone: bool = False,
    worked: bool = False,
    **about: Any,  # noqa: ANN401 - what an endpoint is
) -> Attempt:
    """The attempt at a trial in this folder, whose run is `run`."""
    for name in ("run/traces", "run/archives", "scratch"):
        (folder / name).mkdir(parents=True)

    async def run() -> Attempt:
        stop = asyncio.Event()
        if cancelled:
            stop.set()
        async with serving(handler or answering(WHOLE)) as url:
            return await execute(
                trial or the_trial(folder),
                number=3,
                endpoint=Ready(url=url, **about),
                bench=Bench(
                    sandbox=sandbox,
                    scratch=folder / "scratch",
                    run=folder / "run",
                    hardware="this machine",
                    keep=keep,
                ),
                cancelled=stop,
                alone=alone,
                worked=worked,
            )

    attempt = asyncio.run(run())
    assert list((folder / "scratch").iterdir()) == [], "nothing is left of it"
    return attempt


def traces(folder: Path, attempt: Attempt) -> Path:
    return folder / "run" / "traces" / attempt.folder


def archives(folder: Path) -> set[str]:
    """Hashes of the workspaces that are kept, beside that of the starter."""
    (log,) = (folder / "run" / "traces").iterdir()
    kept = {path.name.partition(".")[0] for path in folder.glob("run/archives/*")}
    return kept - {(log / "starter").read_text()}


def test_a_row_says_all_that_was_measured(short_tmp: Path) -> None:
    trial = the_trial(short_tmp)
    prices = Prices(
        tokens_in=1.0, tokens_out=10.0, tokens_cached=0.0, tokens_stored=0.0
    )

    attempt = executed(
        short_tmp,
        FakeSandbox(agent=works(calls=2), tests=reports(planned=2, passed=2)),
        trial=trial,
        provenance=Provenance(
            model_sha256="abc", server_build="b1", context_tokens=4096, prices=prices
        ),
        peak_bytes=1_234_567_890,
    )

    record = attempt.record
    assert attempt == Attempt(
        trial=trial.id,
        number=3,
        folder=attempt.folder,
        record=record,
        detail="",
        workspace=attempt.workspace,
        prompt_tokens=10,
    )
    assert record.model_time_s is not None
    assert record.tool_time_s is not None
    assert record.agent_time_s is not None
    assert 0 < record.model_time_s < record.agent_time_s < 20
    assert record.tool_time_s == pytest.approx(
        record.agent_time_s - record.model_time_s, abs=0.0011
    )
    assert 0 < (record.grade_time_s or 0) < 20
    assert record.started_at
    times = ("agent_time_s", "model_time_s", "tool_time_s", "grade_time_s")
    told = {
        name: value
        for name in record.__dataclass_fields__
        if (value := getattr(record, name)) is not None
        and name not in {*times, "started_at"}
    }
    assert told == {
        "sweep": "s",
        "model": "m",
        "quant": "q4",
        "harness": "h",
        "variant": record.variant,
        "task": "some_task",
        "seed": 0,
        "status": Status.PASS,
        "passed": True,
        "tests_passed": 2,
        "tests_total": 2,
        "calls": 2,
        "tokens_in": 20,
        "tokens_out": 10,
        "context_peak": 15,
        "context_limit": 4096,
        "malformed_calls": 0,
        "cost_usd": 0.00012,
        "peak_memory_gb": 1.235,
        "usage_source": UsageSource.PROXY,
        "grader_mentions": False,
        "grader_access": GraderAccess.NONE,
        "sampling": record.sampling,
        "sandbox": "fake",
        "harness_version": "1.2",
        "model_sha256": "abc",
        "server_build": "b1",
        "task_version": trial.task.version,
        "hardware": "this machine",
        "runner_version": __version__,
    }
    assert "temperature" in (record.sampling or "")


def test_the_machine_of_the_model_is_the_hardware_where_it_is_another(
    short_tmp: Path,
) -> None:
    attempt = executed(
        short_tmp, FakeSandbox(), provenance=Provenance(hardware="of a vendor")
    )
    assert attempt.record.hardware == "of a vendor"


def test_without_a_price_or_a_memory_nothing_is_said_of_them(short_tmp: Path) -> None:
    record = executed(short_tmp, FakeSandbox(agent=works())).record
    assert record.cost_usd is None
    assert record.peak_memory_gb is None


def test_tokens_that_no_server_told_are_an_estimate_and_cost_nobody_knows_what(
    short_tmp: Path,
) -> None:
    silent = {key: value for key, value in WHOLE.items() if key != "usage"}
    prices = Prices(
        tokens_in=1.0, tokens_out=10.0, tokens_cached=0.0, tokens_stored=0.0
    )
    record = executed(
        short_tmp,
        FakeSandbox(agent=works()),
        handler=answering(silent),
        provenance=Provenance(prices=prices),
    ).record
    assert record.usage_source is UsageSource.ESTIMATE
    assert record.tokens_in
    assert record.tokens_out
    assert record.tokens_cached is None
    assert record.cost_usd is None


def test_what_happened_stays_in_the_folder_of_the_attempt(short_tmp: Path) -> None:
    attempt = executed(short_tmp, FakeSandbox(agent=works(code=7), tests=reports()))

    kept = traces(short_tmp, attempt)
    assert (kept / "prompt.md").read_text() == "Do it.\n"
    assert (kept / "agent.log").read_text() == "working\n"
    assert json.loads((kept / "model.json").read_text())["model_sha256"] is None
    assert len((kept / "calls.jsonl").read_text().splitlines()) == 1
    assert json.loads((kept / "evidence.json").read_text()) == {
        "end": "itself",
        "exit": 7,
        "signal": None,
        "killed_from_outside": False,
        "server_failed_last": False,
        "context_overflow": False,
        "changed": True,
        "passed": True,
        "failure": None,
        "probe": None,
        "waiting": False,
        "overflow_in_doubt": False,
        "cut_by_us": False,
        "memory_ran_out": False,
        "alone": False,
        "slept": False,
        "renewed": False,
    }
    steps = json.loads((kept / "steps.json").read_text())
    assert list(steps) == [
        *("lay out", "sandbox and agent", "agent", "freeze", "grade", "audit", "clean")
    ]
    assert steps["agent"] <= steps["sandbox and agent"]
    assert (kept / "grader.log").exists()
    assert (kept / "agent.log").stat().st_mode & 0o777 == 0o600
    assert kept.stat().st_mode & 0o777 == 0o700


def test_folders_are_looked_at_beside_the_calls_of_others(short_tmp: Path) -> None:
    seen: set[tuple[str, bool]] = set()
    watching = True

    def note(event: str, _: object = None) -> None:
        if watching and event in {"release", "os.scandir"}:
            try:
                asyncio.get_running_loop()
            except RuntimeError:
                seen.add((event, True))
            else:
                seen.add((event, False))

    class Held(Playing):
        def folder(self, mount: Mount) -> Path:
            return mount.source

        def release(self) -> None:
            note("release")

    class Holds(FakeSandbox):
        def played(self, play: asyncio.Future[Exit]) -> Sandboxed:
            return Held(play)

    sys.addaudithook(note)
    try:
        executed(short_tmp, Holds(agent=works()))
    finally:
        watching = False  # a hook stays for ever
    assert seen == {("release", True), ("os.scandir", True)}


def test_the_agent_is_given_its_order_and_its_home(short_tmp: Path) -> None:
    trial = the_trial(short_tmp)
    seen = {}

    async def agent(inside: Inside) -> Exit:
        home = inside.real("/home/agent")
        seen.update({path.name: path.read_text() for path in home.rglob("*.json")})
        return await begins(inside)

    sandbox = FakeSandbox(agent=agent)
    executed(short_tmp, sandbox, trial=trial)

    program = trial.harness.harness
    assert isinstance(program, Homely)
    (order,) = program.orders
    assert order.instruction == "Do it.\n"
    assert order.base_url == "http://127.0.0.1:8080"
    assert order.model == "m"
    assert order.context_tokens == trial.model.context_tokens
    assert order.output_tokens == trial.model.output_tokens
    assert order.files == ("readme.txt",)
    assert seen == {"homely.json": "{}"}
    confined = sandbox.started[0]
    assert confined.command[-6:] == (
        *("/opt/inside/agent.py", "/run/model/model.sock", "8080"),
        *("homely", "--base", "http://127.0.0.1:8080"),
    )
    assert confined.environment == {"HOMELY": "yes"}
    assert confined.ports == (8080,)
    assert confined.limits == trial.limits
    targets = {mount.target: mount.writable for mount in confined.mounts}
    assert targets["/workspace"]
    assert targets["/home/agent"]
    assert not targets["/run/model"]


def test_where_networks_are_shared_every_trial_has_a_free_port(short_tmp: Path) -> None:
    sandbox = FakeSandbox(has_own_network=False)
    executed(short_tmp, sandbox)

    (port,) = sandbox.started[0].ports
    assert port != 8080
    with socket.socket() as one:
        one.bind(("127.0.0.1", port))


def test_a_model_is_asked_for_its_trial_and_as_it_was_planned(short_tmp: Path) -> None:
    asked = []

    async def handler(request: Any) -> Any:  # noqa: ANN401 - aiohttp's
        asked.append((request.path, await request.json()))
        return await answering(WHOLE)(request)

    executed(short_tmp, FakeSandbox(agent=works()), handler=handler)

    ((path, body),) = asked
    assert path == "/some_task/0/v1/chat/completions"
    assert body["temperature"] == 0.5
    assert body["seed"] == 0


@pytest.mark.parametrize(
    ("calls", "passed", "expected"),
    [
        (0, False, Status.NO_CHANGE),
        (1, False, Status.CONTEXT_OVERFLOW),
        (2, False, Status.CONTEXT_OVERFLOW),
        (1, True, Status.PASS),
    ],
)
def test_one_prompt_that_is_too_long_is_enough_to_be_told(
    short_tmp: Path, calls: int, passed: int, expected: Status
) -> None:
    async def agent(inside: Inside) -> Exit:
        async with inside.model() as client:
            await client.get("/bench/ready")
            for _ in range(calls):
                await posted(client)
        return Exit(code=0)

    attempt = executed(
        short_tmp,
        FakeSandbox(agent=agent, tests=reports(passed=int(passed))),
        handler=answering(OVERFLOW, 400),
    )
    assert attempt.record.status is expected


@pytest.mark.parametrize(("length", "cut"), [(300, False), (301, True)])
def test_what_a_server_says_is_quoted_in_one_line_of_some_length(
    short_tmp: Path, length: int, *, cut: bool
) -> None:
    kind = OVERFLOW["error"]["type"]
    said = "too\nlong " + "x" * (length - len(f"{kind}: too long "))
    body = {"error": {**OVERFLOW["error"], "message": said}}

    attempt = executed(
        short_tmp,
        FakeSandbox(agent=works(), tests=reports(passed=0)),
        handler=answering(body, 400),
    )

    assert attempt.record.status is Status.CONTEXT_OVERFLOW
    line = f"{kind}: {said}".replace("\n", " ")
    assert (line in attempt.detail) == (not cut)
    assert (f"{line[:299]}\N{HORIZONTAL ELLIPSIS}" in attempt.detail) == cut


@pytest.mark.parametrize(
    ("calls", "reason"),
    [
        (1, "the last that the model server did was to fail: server_error: m"),
        (3, "the model server failed three times in a row: server_error: m"),
    ],
)
def test_a_server_that_failed_is_named_as_the_reason(
    short_tmp: Path, calls: int, reason: str
) -> None:
    agent = works(calls=calls)
    if calls == 3:

        async def agent(inside: Inside) -> Exit:
            await works(calls=3)(inside)
            return await waits(inside)

    attempt = executed(
        short_tmp, FakeSandbox(agent=agent), handler=answering(BROKEN, 500)
    )
    assert attempt.record.status is Status.INFRA_SERVER
    assert attempt.record.passed is None
    assert attempt.record.tests_total is None, "a verdict that does not count"
    assert attempt.detail == reason


def test_a_server_that_failed_once_and_then_answered_is_forgiven(
    short_tmp: Path,
) -> None:
    answers: list[Callable[..., Awaitable[Any]]] = [
        answering(BROKEN, 500),
        answering(WHOLE),
    ]

    async def handler(request: Any) -> Any:  # noqa: ANN401 - aiohttp's
        return await answers.pop(0)(request)

    attempt = executed(short_tmp, FakeSandbox(agent=works(calls=2)), handler=handler)
    assert attempt.record.status is Status.PASS
    assert attempt.detail == ""


def test_a_harness_that_cannot_be_started_is_no_agent_that_failed(
    short_tmp: Path,
) -> None:
    async def agent(inside: Inside) -> Exit:
        async with inside.model() as client:
            await client.post("/bench/failed", data="homely:\n not found")
        return Exit(code=127)

    sandbox = FakeSandbox(agent=agent)
    attempt = executed(short_tmp, sandbox)
    assert attempt.record.status is Status.INFRA_SETUP
    assert attempt.detail == "homely: not found", "in one line"
    assert attempt.workspace is None
    assert attempt.record.agent_time_s is None
    assert len(sandbox.started) == 1, "nothing is graded"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"", "it said nothing"),
        (b"\n  \n", "it said nothing"),
        (b"first\nbwrap: no\n\n", "bwrap: no"),
        (b"bwrap: caf\xe9\n", "bwrap: caf\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_a_sandbox_that_does_not_start_is_quoted_whatever_its_bytes(
    short_tmp: Path, said: bytes, reason: str
) -> None:
    async def agent(inside: Inside) -> Exit:
        inside.errors.write(said)
        inside.errors.flush()
        return Exit(code=1)

    attempt = executed(short_tmp, FakeSandbox(agent=agent))
    assert attempt.record.status is Status.INFRA_SANDBOX
    assert attempt.detail.endswith(f": {reason}")


def test_what_is_cancelled_before_it_began_is_neither_graded_nor_blamed(
    short_tmp: Path,
) -> None:
    sandbox = FakeSandbox(agent=waits)
    attempt = executed(short_tmp, sandbox, cancelled=True)
    assert attempt.record.status is Status.CANCELLED
    assert attempt.record.agent_time_s is None
    assert attempt.detail == "stopped by hand"
    assert len(sandbox.started) == 1
    assert "agent" not in json.loads(
        (traces(short_tmp, attempt) / "steps.json").read_text()
    )


def test_a_grader_without_a_verdict_says_why_in_place_of_the_agent(
    short_tmp: Path,
) -> None:
    attempt = executed(
        short_tmp, FakeSandbox(agent=works(), tests=reports(problem="no plan"))
    )
    assert attempt.record.status is Status.INFRA_GRADER
    assert "no plan" in attempt.detail
    assert attempt.record.grade_time_s is None
    assert attempt.record.calls == 1
    assert attempt.workspace in archives(short_tmp), "to be judged once more"


def test_a_failed_test_is_counted(short_tmp: Path) -> None:
    attempt = executed(
        short_tmp,
        FakeSandbox(agent=works(), tests=reports(planned=3, passed=2, failed=1)),
    )
    record = attempt.record
    assert record.status is Status.FAIL
    assert (record.passed, record.tests_passed, record.tests_total) == (False, 2, 3)


@pytest.mark.parametrize(
    ("keep", "passed", "kept"),
    [
        (Keep.ALL, True, True),
        (Keep.ALL, False, True),
        (Keep.FAILED, True, False),
        (Keep.FAILED, False, True),
        (Keep.NONE, True, False),
        (Keep.NONE, False, False),
    ],
)
def test_the_workspaces_that_are_wanted_are_kept(
    short_tmp: Path, keep: Keep, *, passed: bool, kept: bool
) -> None:
    attempt = executed(
        short_tmp,
        FakeSandbox(agent=works(), tests=reports(passed=int(passed))),
        keep=keep,
    )
    assert (attempt.workspace is not None) == kept
    assert archives(short_tmp) == ({attempt.workspace} if kept else set())


def test_the_mark_of_the_tests_in_a_workspace_is_proof(short_tmp: Path) -> None:
    """The agent of a broken sandbox, which finds the tests beside its workspace."""

    async def agent(inside: Inside) -> Exit:
        workspace = inside.real("/workspace")
        (found,) = workspace.parent.glob("*/CANARY")
        (workspace / "stolen").write_text(found.read_text())
        return await begins(inside)

    record = executed(short_tmp, FakeSandbox(agent=agent)).record
    assert record.grader_mentions
    assert record.grader_access is not GraderAccess.NONE


def test_a_task_that_changes_under_a_trial_is_to_blame(short_tmp: Path) -> None:
    trial = the_trial(short_tmp)

    async def agent(inside: Inside) -> Exit:
        (trial.task.tests / "test.sh").write_text("echo 1..1 >&3; echo ok 1 >&3\n")
        return await begins(inside)

    attempt = executed(short_tmp, FakeSandbox(agent=agent), trial=trial)
    assert attempt.record.status is Status.INFRA_GRADER
    assert attempt.judgement is not None
    assert attempt.judgement.again is Again.NO, "no repetition mends it"
    assert "some_task" in attempt.detail


def test_a_workspace_too_large_to_be_kept_spends_the_budget(
    short_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runner.workspace.workspace.MOST_BYTES", 100)
    attempt = executed(short_tmp, FakeSandbox(agent=works(answer="x" * 101)))
    assert attempt.record.status is Status.AGENT_BUDGET
    assert attempt.detail
    assert attempt.record.calls == 1


def test_a_sandbox_that_cannot_be_made_is_an_error_of_ours(short_tmp: Path) -> None:
    class Refusing(FakeSandbox):
        async def start(self, confined: Confined, **_: object) -> Sandboxed:
            raise SandboxError(f"no sandbox\nfor {confined.folder}")

    attempt = executed(short_tmp, Refusing())
    assert attempt.record.status is Status.INFRA_SANDBOX
    assert attempt.detail == "no sandbox for /workspace"
    assert attempt.record.usage_source is None


def test_a_tool_time_is_never_less_than_nothing(short_tmp: Path) -> None:
    """Calls go on until the agent is dead, a moment after its time has ended."""

    async def handler(request: Any) -> Any:  # noqa: ANN401 - aiohttp's
        if PROBE not in await request.text():
            await asyncio.sleep(30)
        return await answering(WHOLE)(request)

    trial = the_trial(short_tmp, limits=replace(LIMITS, agent_s=0.2))
    attempt = executed(
        short_tmp, FakeSandbox(agent=works()), trial=trial, handler=handler
    )
    record = attempt.record
    assert record.status is Status.AGENT_TIMEOUT
    assert record.model_time_s is not None
    assert record.tool_time_s is not None
    assert record.agent_time_s is not None
    assert record.tool_time_s >= 0
    assert record.model_time_s <= record.agent_time_s
    assert attempt.detail == "after 0.2 s"


# What ends an agent. The real clock is looked at every half second.


async def hangs(inside: Inside) -> Exit:
    """An agent that begins, and then does nothing."""
    await begins(inside)
    return await waits(inside)


def test_an_agent_that_does_nothing_is_ended_as_idle(short_tmp: Path) -> None:
    trial = the_trial(short_tmp, limits=replace(LIMITS, idle_s=0.1))
    attempt = executed(short_tmp, FakeSandbox(agent=hangs), trial=trial)
    assert attempt.record.status is Status.AGENT_IDLE
    assert attempt.detail == "nothing happened for 0.1 s"


def test_an_agent_that_fills_the_disk_has_spent_its_budget(short_tmp: Path) -> None:
    async def agent(inside: Inside) -> Exit:
        for place in ("/workspace", "/home/agent"):
            (inside.real(place) / "big").write_bytes(b"x" * 700_000)
        return await hangs(inside)

    trial = the_trial(short_tmp, limits=replace(LIMITS, disk_mb=1))
    attempt = executed(short_tmp, FakeSandbox(agent=agent), trial=trial)
    assert attempt.record.status is Status.AGENT_BUDGET
    assert attempt.detail == "more than 1 MiB were written"


@pytest.mark.parametrize(
    ("ended", "status"),
    [
        (Exit(code=137), Status.INFRA_SANDBOX),
        (Exit(code=136), Status.PASS),
        (Exit(code=124), Status.PASS),
    ],
)
def test_a_sandbox_whose_first_process_was_killed_is_no_agent_that_failed(
    short_tmp: Path, ended: Exit, status: Status
) -> None:
    async def agent(inside: Inside) -> Exit:
        await works()(inside)
        return ended

    attempt = executed(short_tmp, FakeSandbox(agent=agent))
    assert attempt.record.status is status
    killed = "it was killed from outside; has memory run out?"
    assert attempt.detail == (killed if status is Status.INFRA_SANDBOX else "")


# Who failed.

UNKNOWN = {"error": {"message": "the goose has left the pond"}}
MALFORMED = {"error": {"type": "invalid_request_error", "message": "no messages"}}
SHARED = {"error": {"message": "Context size has been exceeded.", "code": 500}}
PROBE = "Say yes."


def test_a_trial_through_which_the_machine_slept_says_nothing_of_its_agent(
    short_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runner.trial.slept_s", lambda: 3600.0)
    attempt = executed(short_tmp, FakeSandbox(agent=works()))
    assert attempt.record.status is Status.INFRA_SANDBOX
    assert attempt.detail == "the machine slept meanwhile"
    assert not attempt.is_valid


def refusing(
    body: object, status: int, *, after: int = 1, probe: Handler | None = None
) -> Handler:
    """A server that answers some calls, then refuses; a probe it answers."""
    calls = [0]

    async def handler(request: Any) -> Any:  # noqa: ANN401 - aiohttp's
        if PROBE in await request.text():
            return await (probe or answering(WHOLE))(request)
        calls[0] += 1
        chosen = answering(WHOLE) if calls[0] <= after else answering(body, status)
        return await chosen(request)

    return handler


@pytest.mark.parametrize("status", [400, 413, 500, 503])
@pytest.mark.parametrize("fails", [False, True])
def test_a_refusal_that_nobody_understands_is_the_agents_when_it_is_alone(
    short_tmp: Path, status: int, *, fails: bool
) -> None:
    sandbox = FakeSandbox(agent=works(calls=2), tests=reports(passed=int(not fails)))
    first, again = (
        executed(
            short_tmp / name,
            sandbox,
            handler=refusing(UNKNOWN, status),
            alone=name == "b",
        )
        for name in "ab"
    )
    assert first.record.status is Status.INFRA_SERVER
    assert first.judgement is not None
    assert first.judgement.again is Again.ALONE
    assert "the goose has left the pond" in first.detail
    assert again.record.status is (Status.FAIL if fails else Status.PASS)


def test_a_server_that_fails_a_probe_before_a_trial_alone_is_not_asked_more(
    short_tmp: Path,
) -> None:
    sandbox = FakeSandbox(agent=works(calls=2))
    handler = refusing(UNKNOWN, 500, probe=answering(BROKEN, 500))
    attempt = executed(short_tmp, sandbox, handler=handler, alone=True)
    assert attempt.record.status is Status.INFRA_SERVER
    assert attempt.detail == "the model server fails a probe: server_error: m"
    assert not sandbox.started
    assert attempt.judgement is not None
    assert attempt.judgement.gives_up


def test_a_last_request_that_is_malformed_is_the_harnesss_and_quotes_the_server(
    short_tmp: Path,
) -> None:
    sandbox = FakeSandbox(agent=works(calls=2), tests=reports(passed=0))
    attempt = executed(short_tmp, sandbox, handler=refusing(MALFORMED, 400))
    assert attempt.record.status is Status.AGENT_CRASH
    assert attempt.detail.endswith("was refused: invalid_request_error: no messages")


@pytest.mark.parametrize("worked", [False, True])
def test_a_first_request_that_is_malformed_is_set_up_unless_others_were_taken(
    short_tmp: Path, *, worked: bool
) -> None:
    sandbox = FakeSandbox(agent=works(), tests=reports(passed=0))
    handler = refusing(MALFORMED, 400, after=0)
    attempt = executed(short_tmp, sandbox, handler=handler, worked=worked)
    expected = Status.AGENT_CRASH if worked else Status.INFRA_SETUP
    assert attempt.record.status is expected
    assert "no messages" in attempt.detail


def test_a_request_that_is_malformed_after_time_ran_out_excuses_nothing(
    short_tmp: Path,
) -> None:
    async def agent(inside: Inside) -> Exit:
        await works(calls=2)(inside)
        return await waits(inside)

    trial = the_trial(short_tmp, limits=replace(LIMITS, agent_s=0.5))
    handler = refusing(UNKNOWN, 400)
    attempt = executed(
        short_tmp, FakeSandbox(agent=agent), trial=trial, handler=handler
    )
    assert attempt.record.status is Status.AGENT_TIMEOUT
    assert attempt.judgement is not None
    assert attempt.judgement.again is Again.NO


@pytest.mark.parametrize(
    ("context", "alone", "expected"),
    [
        (None, False, Status.INFRA_SERVER),
        (None, True, Status.CONTEXT_OVERFLOW),
        (10**6, False, Status.INFRA_SERVER),
        (10**6, True, Status.CONTEXT_OVERFLOW),
        (16, False, Status.CONTEXT_OVERFLOW),
    ],
)
def test_a_cache_that_a_neighbour_may_have_filled_is_tried_once_more_alone(
    short_tmp: Path, context: int | None, expected: Status, *, alone: bool
) -> None:
    sandbox = FakeSandbox(agent=works(calls=2), tests=reports(passed=0))
    attempt = executed(
        short_tmp,
        sandbox,
        handler=refusing(SHARED, 500),
        alone=alone,
        provenance=Provenance(context_tokens=context),
    )
    assert attempt.record.status is expected
    assert attempt.detail.endswith(": Context size has been exceeded.")
    assert ("a neighbour" in attempt.detail) == (expected is Status.INFRA_SERVER)


def test_tool_calls_that_cannot_be_read_are_the_models_and_end_nothing(
    short_tmp: Path,
) -> None:
    said = {"error": {"message": "Failed to parse input at pos 9: <tool_call>"}}
    sandbox = FakeSandbox(agent=works(calls=5), tests=reports(passed=0))
    attempt = executed(short_tmp, sandbox, handler=refusing(said, 500))
    assert attempt.record.status is Status.FAIL
    assert attempt.record.malformed_calls == 4


def test_a_started_harness_cannot_say_that_it_was_not(short_tmp: Path) -> None:
    async def agent(inside: Inside) -> Exit:
        async with inside.model() as client:
            await client.post("/bench/failed", data="quick: not found")
            await client.get("/bench/ready")
            async with client.post("/bench/failed", data="not found") as answer:
                assert answer.status == 409
        return Exit(code=0)

    attempt = executed(short_tmp, FakeSandbox(agent=agent, tests=reports(passed=0)))
    assert attempt.record.status is Status.NO_CHANGE


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Unsupported parameter: 'max_tokens'", Status.INFRA_SETUP),
        ("Unsupported parameter: 'temperature'", Status.INFRA_SETUP),
        ("The script refuses.", Status.INFRA_SERVER),
    ],
)
def test_a_vendor_that_refuses_what_we_set_is_set_up(
    short_tmp: Path, message: str, expected: Status
) -> None:
    error = {"type": "invalid_request_error", "message": message}
    refuse = answering({"error": error}, 400)
    handler = refusing({"error": error}, 400, after=0, probe=refuse)
    attempt = executed(short_tmp, FakeSandbox(agent=works()), handler=handler)
    assert attempt.record.status is expected
    assert message in attempt.detail
