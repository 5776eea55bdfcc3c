"""One execution of a trial: from an empty folder to a line for the ledger.

What the agent does is data; what the world does wrong becomes an `infra_*` status
here and nowhere else, a full disk too.
"""

import asyncio
import json
import re
import secrets
import socket
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from harness_bench import __version__
from harness_bench.errors import GraderError, RunError, SandboxError, TaskError
from harness_bench.schema import Record, Status, UsageSource
from runner.harnesses.agent_mounts import agent_mounts
from runner.harnesses.harness import Order
from runner.judging.audit import Audit, audit
from runner.judging.blame import (
    Again,
    Blame,
    End,
    Evidence,
    Failure,
    Judgement,
    Probe,
    believed,
    judge,
)
from runner.judging.grader import Verdict, grade, stage_tests
from runner.machine.clock import slept_s, utc_now
from runner.machine.disk_space import check_space
from runner.models.model import Endpoint, Renewable, Weighed
from runner.plan import Trial
from runner.proxy.metering import Call, Outcome, Usage
from runner.proxy.proxy import Proxy
from runner.proxy.question import ask_again
from runner.proxy.upstream import Upstream
from runner.proxy.wire.loose import Table, count, dumped
from runner.proxy.wire.wire import SET_BY_US
from runner.proxy.wordings import Meaning
from runner.run_folder.attempt import Attempt
from runner.sandboxes.interpreter import interpreter
from runner.sandboxes.sandbox import Confined, Holding, Sandbox
from runner.sandboxes.toolchains import tool_mounts, tool_path
from runner.spec import Keep, variant_of
from runner.tasks import Task, TaskChangedError, check_unchanged
from runner.watch import Watched, watch
from runner.workspace.scratch import fresh
from runner.workspace.text_files import text_files
from runner.workspace.times import write_times
from runner.workspace.tree import remove
from runner.workspace.workspace import OversizeError, freeze, lay_out

EVIDENCE: Final = "evidence.json"
_NAP_S: Final = 1.0
"""The clocks of the system differ by less while it is awake."""
"""File among an attempt's logs: what its status was decided from."""
_PORT = 8080
_PROBE_S: Final = 30.0
"""How long a server may take for a small question of ours, and no longer than an agent
waits for a byte."""
_PROBE_PAUSE_S: Final = 1.0
_NOT_MENDED: Final = frozenset({Meaning.QUOTA, Meaning.REFUSAL})
"""What a server will not say otherwise a moment later."""
_TOKENS_PER_BYTE: Final = 0.3
"""Of a request, where no answer has told: a high one, of code."""
_ROUGHLY: Final = 1.1
_LONGEST_WORDS: Final = 300
_LONGEST_LINE: Final = 10_000
_NO_END: Final = "an answer without an end"
_TASK_CHANGED: Final = Judgement(
    status=Status.INFRA_GRADER, blame=Blame.TASK, again=Again.NO, gives_up=True
)
_UNWELL: Final = Judgement(
    status=Status.INFRA_SERVER,
    blame=Blame.SERVER,
    again=Again.LAST_ALONE,
    gives_up=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where trials are executed: the same for all trials of a run."""

    sandbox: Sandbox
    scratch: Path
    """Private, short-lived, under a name that tells nothing."""
    run: Path
    """The run folder."""
    hardware: str
    """What stands in the column `hardware` where the model does not say."""
    keep: Keep = Keep.ALL
    """Whose workspaces stay in the run folder."""


@dataclass(slots=True, kw_only=True)
class _Progress:
    """What is known of an attempt so far."""

    started_at: str
    steps: dict[str, float] = field(default_factory=dict)
    """Seconds by step."""
    usage: Usage | None = None
    sampling: str | None = None
    peak_bytes: int | None = None
    """Of the model server's memory."""
    upstream_failed_last: bool = False
    alone: bool = False
    worked: bool = False
    failure: Failure | None = None
    again: Meaning | None = None
    """What the server said of its last request when that was asked once more."""
    last_words: str = ""
    """The server's own, where its last call ended with an error."""
    probe: Probe | None = None
    overflow_in_doubt: bool = False
    cut_by_us: bool = False
    judgement: Judgement | None = None
    agent_s: float | None = None
    verdict: Verdict | None = None
    audit: Audit | None = None
    workspace: str | None = None
    slept_s: float = field(default_factory=slept_s)
    """How long the machine had slept before."""
    held: ExitStack = field(default_factory=ExitStack)
    """What the sandbox has left, until it was read."""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Note how long a step took, also when it fails."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.steps[name] = time.monotonic() - began


async def execute(
    trial: Trial,
    *,
    number: int,
    endpoint: Endpoint,
    bench: Bench,
    cancelled: asyncio.Event,
    alone: bool = False,
    worked: bool = False,
) -> Attempt:
    """Execute a trial once.

    Args:
        trial: What to do.
        number: The how many-eth attempt of this trial it is, from 1.
        endpoint: The trial's model, ready to answer.
        bench: Where to do it.
        cancelled: Ends the attempt early when it is set.
        alone: Whether an execution before has ended in doubt about who failed, and
            nothing else is executed now, with a model that is fresh.
        worked: Whether this model has answered this harness before.
    """
    traces = bench.run / "traces" / secrets.token_hex(6)
    own = bench.scratch / secrets.token_hex(6)
    progress = _Progress(started_at=utc_now(), alone=alone, worked=worked)
    found, detail = Status.INFRA_SANDBOX, ""
    try:
        try:
            for folder in (traces, own):
                folder.mkdir(mode=0o700)
            found, detail = await _stages(
                trial, endpoint, bench, cancelled, progress, own, traces
            )
        finally:
            with progress.step("clean"):
                # Of a disk with a million names the system lets go in a second.
                await asyncio.to_thread(progress.held.close)
                await asyncio.to_thread(remove, own)
        steps = json.dumps(progress.steps)
        (traces / "steps.json").write_text(steps, encoding="utf-8")
    except TaskError as error:
        found, detail = Status.INFRA_GRADER, str(error)
        if isinstance(error, TaskChangedError):
            progress.judgement = _TASK_CHANGED
    except (SandboxError, RunError, OSError) as error:
        found, detail = Status.INFRA_SANDBOX, str(error)
    return Attempt(
        trial=trial.id,
        number=number,
        folder=traces.name,
        record=_record(trial, found, endpoint, bench, progress),
        detail=" ".join(detail.split()),
        workspace=progress.workspace,
        prompt_tokens=progress.usage.prompt_tokens if progress.usage else None,
        judgement=progress.judgement,
    )


async def _stages(
    trial: Trial,
    endpoint: Endpoint,
    bench: Bench,
    cancelled: asyncio.Event,
    progress: _Progress,
    own: Path,
    traces: Path,
) -> tuple[Status, str]:
    disks = (bench.run, own)
    check_space(*disks)
    (traces / "prompt.md").write_text(trial.task.instruction, encoding="utf-8")
    canary = secrets.token_hex(16)
    workspace, tests = own / "workspace", fresh(own)
    with progress.step("lay out"):
        async with _reading(trial.task):
            await asyncio.to_thread(lay_out, trial.task.starter, workspace)
            await asyncio.to_thread(stage_tests, trial.task, tests, canary)
            # Kept, so that the work can be compared with it when the task has changed.
            kept = bench.run / "archives"
            before = (await asyncio.to_thread(freeze, workspace, kept)).sha256
    (traces / "starter").write_text(before, encoding="ascii")
    about = json.dumps(asdict(endpoint.provenance), indent=1)
    (traces / "model.json").write_text(about, encoding="utf-8")
    agent = _Agent(
        trial=trial, endpoint=endpoint, sandbox=bench.sandbox, own=own, traces=traces
    )
    ended = await agent.run(workspace, cancelled, progress)
    if not isinstance(ended, Watched):  # it never began
        return ended
    workspace = ended.folders[0]
    if ended.end is not End.DISK:
        # What the agent was promised to write, it could not.
        check_space(*disks)
    archives = kept if bench.keep is Keep.ALL else fresh(own)
    try:
        with progress.step("freeze"):
            frozen = await asyncio.to_thread(freeze, workspace, archives)
    except OversizeError as error:
        return Status.AGENT_BUDGET, str(error)
    await asyncio.to_thread(write_times, traces, frozen.times)
    passed, why = None, ""
    if ended.end is not End.CANCELLED:
        try:
            with progress.step("grade"):
                async with _reading(trial.task):
                    progress.verdict = await grade(
                        trial.task,
                        archive=frozen.path,
                        tests=tests,
                        sandbox=bench.sandbox,
                        scratch=own,
                        limits=trial.limits,
                        log=traces / "grader.log",
                        times=frozen.times,
                    )
            check_space(*disks)
            passed = progress.verdict.passed
        except GraderError as error:
            why = str(error)
    with progress.step("audit"):
        progress.audit = await asyncio.to_thread(
            audit, canary=canary, traces=traces, archive=frozen.path
        )
    evidence = Evidence(
        end=ended.end,
        exit=ended.exit,
        killed_from_outside=ended.killed_from_outside,
        server_failed_last=progress.upstream_failed_last,
        context_overflow=progress.usage is not None and progress.usage.overflows > 0,
        changed=frozen.sha256 != before,
        passed=passed,
        failure=progress.failure,
        probe=progress.probe,
        waiting=ended.waiting,
        overflow_in_doubt=progress.overflow_in_doubt,
        cut_by_us=progress.cut_by_us,
        memory_ran_out=ended.memory_ran_out,
        alone=progress.alone,
        slept=slept_s() - progress.slept_s > _NAP_S,
        renewed=progress.alone and isinstance(endpoint, Renewable),
    )
    (traces / EVIDENCE).write_text(evidence.text(), encoding="utf-8")
    progress.judgement = judge(evidence)
    found = progress.judgement.status
    if bench.keep is Keep.FAILED and found is not Status.PASS:
        # Packed once more: the one above must go with this trial, and not with
        # another one that has left the same work.
        await asyncio.to_thread(freeze, workspace, kept)
        progress.workspace = frozen.sha256
    elif bench.keep is Keep.ALL:
        progress.workspace = frozen.sha256
    told = _told(evidence, progress.judgement, ended.why)
    words = progress.last_words
    return found, why or (f"{told}: {words}" if told and words else told)


def _told(evidence: Evidence, judgement: Judgement, why: str) -> str:
    """The line that people read, without the server's own words, which follow."""
    found, blame = judgement.status, judgement.blame
    failed = evidence.is_troubled and found is Status.INFRA_SERVER
    doubted = evidence.overflow_in_doubt and judgement.again is Again.ALONE
    lines = (
        (evidence.slept, "the machine slept meanwhile"),
        (found is Status.PASS, ""),
        (blame is Blame.SETUP, "the server refuses what is asked of it"),
        (blame is Blame.HARNESS, "its last request was refused"),
        (failed, why or "the last that the model server did was to fail"),
        (doubted, "the context was full, and a neighbour may have filled it"),
        (
            found is Status.CONTEXT_OVERFLOW,
            "the conversation became longer than the context",
        ),
    )
    return next((line for holds, line in lines if holds), why)


@asynccontextmanager
async def _reading(task: Task) -> AsyncIterator[None]:
    """Blame the task where its files change or vanish while they are needed.

    Raises:
        TaskError: They are not those that were planned, before or afterwards.
    """
    await asyncio.to_thread(check_unchanged, task)
    try:
        yield
    except (OSError, RunError):
        await asyncio.to_thread(check_unchanged, task)
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class _Agent:
    """The harness in its sandbox, with the proxy at its side."""

    trial: Trial
    endpoint: Endpoint
    sandbox: Sandbox
    own: Path
    traces: Path

    async def run(
        self, workspace: Path, cancelled: asyncio.Event, progress: _Progress
    ) -> Watched | tuple[Status, str]:
        """What ended the harness; or why it never began."""
        home, model = fresh(self.own), fresh(self.own)
        port = _PORT if self.sandbox.has_own_network else _free_port()
        proxy = Proxy(
            model / "model.sock",
            upstream=Upstream(
                self.endpoint.base_url(self.trial.task, self.trial.seed),
                keys=self.endpoint.headers,
            ),
            limits=self.trial.limits,
            log=self.traces / "calls.jsonl",
            sampling=self.trial.model.sampling(self.trial.seed),
            model=self.trial.model.name,
        )
        (self.traces / "agent.log").touch(mode=0o600)
        with (self.traces / "agent.log").open("wb") as log:
            async with proxy:
                if progress.alone:
                    probe = await self._probe(proxy)
                    if not probe.is_well:
                        progress.judgement = _UNWELL
                        said = probe.words or f"nothing within {self._probe_s:g} s"
                        why = f"the model server fails a probe: {said}"
                        return Status.INFRA_SERVER, why
                confined = await asyncio.to_thread(
                    self._confined, workspace, home, model, port
                )
                with progress.step("sandbox and agent"):
                    sandboxed = await self.sandbox.start(
                        confined, output=log, errors=log
                    )
                    own = [mount for mount in confined.mounts if mount.own]
                    folders = [mount.source for mount in own]
                    if isinstance(sandboxed, Holding):
                        progress.held.callback(sandboxed.release)
                        folders = [sandboxed.folder(mount) for mount in own]
                    ended = await watch(
                        sandboxed,
                        proxy,
                        limits=self.trial.limits,
                        folders=folders,
                        cancelled=cancelled,
                    )
                if ended.end is not End.CANCELLED and (
                    proxy.meter.upstream_failed_last
                    or ended.end is End.SERVER
                    or ended.waiting
                ):
                    with progress.step("probe"):
                        progress.probe = await self._probe(proxy)
                        if (
                            progress.alone
                            and progress.probe.is_well
                            and proxy.meter.last
                        ):
                            again = await ask_again(
                                proxy.upstream,
                                proxy.meter.last,
                                within_s=self._probe_s,
                            )
                            progress.again = again.answer.means if again else None
            await asyncio.to_thread(self._note_last_call, proxy, progress)
            progress.usage, progress.sampling = proxy.usage(), proxy.sampling
            progress.upstream_failed_last = proxy.meter.upstream_failed_last
        if isinstance(self.endpoint, Weighed):
            progress.peak_bytes = self.endpoint.peak_memory_bytes()
        if proxy.start_failed is not None:
            return Status.INFRA_SETUP, proxy.start_failed
        if ended.agent_s is None and ended.end is not End.CANCELLED:
            said = _last_line(self.traces / "agent.log")
            return Status.INFRA_SANDBOX, f"the sandbox did not start: {said}"
        progress.agent_s = ended.agent_s
        if ended.agent_s is not None:
            progress.steps["agent"] = ended.agent_s
        return ended

    @property
    def _probe_s(self) -> float:
        return min(_PROBE_S, self.trial.limits.silence_s)

    async def _probe(self, proxy: Proxy) -> Probe:
        """Ask the server, again where it may still be at work for the agent.

        Many do not stop for those who have hung up, and say that they are busy.
        """
        until, name = time.monotonic() + self._probe_s, self.trial.model.name
        while True:
            left_s = max(_PROBE_PAUSE_S, until - time.monotonic())
            said = await proxy.probe(name, within_s=left_s)
            if said is None:
                return Probe(is_well=None)
            answer, words = said.answer, said.answer.error or ""
            probe = Probe(
                is_well=answer.error is None,
                means=answer.means,
                words=_shown(words),
                names_ours=_names(words, SET_BY_US),
            )
            is_final = probe.is_well or answer.means in _NOT_MENDED
            may_change = proxy.meter.has_left_calls and said.status is not None
            if is_final or not may_change or left_s <= _PROBE_PAUSE_S:
                return probe
            await asyncio.sleep(_PROBE_PAUSE_S)

    def _note_last_call(self, proxy: Proxy, progress: _Progress) -> None:
        """Keep what the last call says about who failed."""
        last = proxy.meter.last
        if last is None:
            return
        if last.outcome is not Outcome.ANSWERED:
            progress.last_words = _shown(last.answer.error or _NO_END)
        match last.outcome:
            case Outcome.UPSTREAM:
                words, means = last.answer.error or "", last.answer.means
                progress.failure = Failure(
                    status=last.status,
                    means=believed(
                        means,
                        status=last.status,
                        words=words,
                        request=dumped(last.request).decode(),
                    ),
                    words=progress.last_words,
                    again=means is not None and means is progress.again,
                    is_first=not progress.worked
                    and (proxy.meter.answered is None or _is_about_ours(last, words)),
                )
            case Outcome.OVERFLOW:
                reaches = _reaches(
                    last, proxy.meter.answered, self.endpoint.provenance.context_tokens
                )
                progress.overflow_in_doubt = reaches is False or (
                    reaches is None and last.answer.is_of_shared_cache
                )
            case Outcome.UNPARSABLE:
                allowed = self.trial.model.output_tokens
                progress.cut_by_us = last.pieces >= allowed > 0
            case _:
                pass

    def _confined(
        self, workspace: Path, home: Path, model: Path, port: int
    ) -> Confined:
        """The command, and everything that it may see."""
        spec, toolchains = self.trial.model, self.trial.task.toolchains
        launch = self.trial.harness.harness.launch(
            Order(
                instruction=self.trial.task.instruction,
                base_url=f"http://127.0.0.1:{port}",
                model=spec.name,
                context_tokens=spec.context_tokens,
                output_tokens=spec.output_tokens,
                files=text_files(workspace),
            )
        )
        for name, text in launch.home.items():
            path = home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        relay = ("/opt/inside/agent.py", "/run/model/model.sock", str(port))
        return Confined(
            command=(*interpreter().command, *relay, *launch.command),
            environment={**launch.environment, **tool_path(toolchains)},
            mounts=agent_mounts(
                workspace=workspace,
                home=home,
                model=model,
                harness=(*launch.mounts, *tool_mounts(toolchains)),
            ),
            ports=(port,),
            limits=self.trial.limits,
        )


def _names(words: str, fields: Iterable[str]) -> bool:
    """Whether words name one of these fields of a request."""
    return any(re.search(rf"\b{re.escape(name)}\b", words) for name in fields)


def _is_about_ours(call: Call, words: str) -> bool:
    """Whether a refusal names what we set or left out, and no message does."""
    told = " ".join(
        dumped(call.request.get(key)).decode() for key in ("messages", "input")
    )
    ours = [name for name in (*SET_BY_US, *call.dropped) if not _names(told, [name])]
    return _names(words, ours)


def _reaches(call: Call, answered: Call | None, context: int | None) -> bool | None:
    """Whether a call alone can have filled the context that a conversation has.

    Its prompt is measured by its bytes, at the rate of the call before.

    Returns:
        None: nobody knows how large the context is.
    """
    if context is None:
        return None
    per_byte = _TOKENS_PER_BYTE
    if answered is not None and answered.answer.tokens_in:
        per_byte = answered.answer.tokens_in / len(dumped(answered.request))
    limits = (call.request.get(key) for key in ("max_tokens", "max_completion_tokens"))
    answer = max((count(limit) or 0 for limit in limits), default=0)
    prompt = per_byte * len(dumped(call.request))
    return _ROUGHLY * prompt + answer >= context


def _shown(words: str) -> str:
    """What a server says, in one line that can be read."""
    line = " ".join(words.split())
    return line if len(line) <= _LONGEST_WORDS else line[: _LONGEST_WORDS - 1] + "…"


def _free_port() -> int:
    """One that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _record(
    trial: Trial, found: Status, endpoint: Endpoint, bench: Bench, progress: _Progress
) -> Record:
    """The row; what was not measured stays empty."""
    usage, verdict = progress.usage, progress.verdict
    graded = verdict is not None and found.is_measured
    model_s = tool_s = None
    if usage is not None and progress.agent_s is not None:
        model_s = min(usage.model_time_s, progress.agent_s)
        tool_s = progress.agent_s - model_s
    used: Table = {key: getattr(usage, key, None) for key in _COUNTED}
    used |= {key: _thousandths(getattr(usage, key, None)) for key in _TIMED}
    provenance = endpoint.provenance
    prices = provenance.prices
    is_estimated = usage is not None and usage.is_estimated
    source = UsageSource.ESTIMATE if is_estimated else UsageSource.PROXY
    return Record(
        sweep=trial.model.sweep,
        model=trial.model.name,
        quant=trial.model.quant,
        harness=trial.harness.name,
        variant=variant_of(trial.model, trial.harness),
        task=trial.task.name,
        seed=trial.seed,
        status=found,
        passed=found is Status.PASS if found.is_measured else None,
        tests_passed=verdict.tests_passed if verdict and graded else None,
        tests_total=verdict.tests_total if verdict and graded else None,
        agent_time_s=_thousandths(progress.agent_s),
        model_time_s=_thousandths(model_s),
        tool_time_s=_thousandths(tool_s),
        grade_time_s=_thousandths(verdict.seconds if verdict else None),
        **used,
        context_limit=provenance.context_tokens,
        peak_memory_gb=_thousandths(
            progress.peak_bytes / 1e9 if progress.peak_bytes else None
        ),
        malformed_calls=usage.malformed_tool_calls if usage else None,
        cost_usd=prices.cost_usd(usage) if prices and usage else None,
        usage_source=source if usage else None,
        grader_mentions=progress.audit.mentions if progress.audit else None,
        grader_access=progress.audit.access if progress.audit else None,
        sandbox=bench.sandbox.name,
        sampling=progress.sampling,
        harness_version=trial.harness.harness.version,
        model_sha256=provenance.model_sha256,
        server_build=provenance.server_build,
        task_version=trial.task.version,
        hardware=provenance.hardware or bench.hardware,
        runner_version=__version__,
        started_at=progress.started_at,
    )


_COUNTED: Final = ("calls", "tokens_in", "tokens_cached", "tokens_out", "context_peak")
_TIMED: Final = ("first_token_s", "tokens_per_s", "prefill_per_s")
"""What a row has of what was used, in the same words."""


def _thousandths(measured: float | None) -> float | None:
    """No clock here is better than a millisecond, and shorter numbers read better."""
    return None if measured is None else round(measured, 3)


def _last_line(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _LONGEST_LINE))
        lines = file.read().decode(errors="replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), "it said nothing")
