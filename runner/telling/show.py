"""One trial as its author sees it: prompt, calls, work, verdict. Private.

`read_view` collects what a run folder holds of a trial, `as_text` and `as_html` draw
it. The page is one file without scripts that loads nothing. What an agent wrote cannot
leave its place: it is escaped, and control characters are spelled out.
"""

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import jinja2

from harness_bench.columns import format_value
from harness_bench.errors import Problem, RunError, near_miss, refused, shown
from harness_bench.schema import COLUMNS, GraderAccess, Record
from runner.judging.audit import AuditLine
from runner.judging.transcript import Turn, read_transcript
from runner.machine.durable import make_folder, replacing
from runner.plan import label
from runner.proxy.wire.conversation import Message
from runner.proxy.wire.loose import parsed, table, text
from runner.run_folder.attempt import Attempt
from runner.run_folder.ledger import Attempts, read_ledger
from runner.workspace.workspace import texts

LARGEST_FILE: Final = 200_000
"""Bytes of a file that are compared with the starter."""
MOST_LINES: Final = 10_000
"""Of a file that is compared: of random lines, it takes a second."""
LONGEST_MESSAGE: Final = 4_000
"""Characters of a message on a terminal; the page has all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """What became of one file of the starter, or one that was added."""

    name: str
    kind: str
    """`added`, `changed` or `deleted`."""
    diff: str
    """Unified, or a sentence where there is nothing to compare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCall:
    """A call of the model."""

    heading: str
    messages: tuple[Message, ...]
    """What was new in it, then the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialView:
    """All there is to see of one attempt, with its trial's other ones."""

    label: str
    """Model, harness, task and seed."""
    trial: str
    folder: str
    """Name of the attempt's folder under `traces/`."""
    record: Record
    turns: tuple[Turn, ...]
    summary: str
    """How it ended and why, in one line."""
    facts: tuple[tuple[str, str], ...]
    """Column and value of its record, and how long its steps took."""
    attempts: tuple[str, ...]
    """A line for each attempt of the trial."""
    prompt: str
    calls: tuple[ShownCall, ...]
    changes: tuple[FileChange, ...]
    grader: str
    """What the tests printed."""
    agent: str
    """What the harness printed."""
    evidence: tuple[AuditLine, ...]
    """Of the audit."""
    notices: tuple[str, ...] = ()
    """What is missing, and what else would fit."""


def find(attempts: Attempts, wanted: str) -> tuple[str, ...]:
    """The trials that a text means, in canonical order.

    `wanted` is how an id begins, or `model/harness/task/seed` or a beginning of it.

    Raises:
        RunError: There is none.
    """
    records = {trial: found[-1].record for trial, found in attempts.by_trial.items()}
    found = [
        trial
        for trial, record in records.items()
        if trial.startswith(wanted)
        or any(f"{name}/".startswith(f"{wanted}/") for name in _names(record))
    ]
    if not found:
        known = {
            part for each in records.values() for part in (each.model, *_names(each))
        }
        what = f"is not a trial of this run{near_miss(wanted, sorted(known))}"
        advice = "give the beginning of an id or of model/harness/task/seed"
        raise RunError(Problem(shown(wanted), what, advice))
    return tuple(sorted(found, key=lambda trial: records[trial].identity))


def listing(folder: Path) -> Iterator[str]:
    """The trials of a run, a line each: id, status, how many attempts, and its name.

    Raises:
        RunError: The ledger cannot be read.
    """
    attempts = read_ledger(folder)
    for trial in find(attempts, "") if attempts.by_trial else ():
        record = _chosen(attempts, trial, None).record
        count = len(attempts.by_trial[trial])
        yield f"{trial}\t{record.status}\t{count}\t{label(*record.identity)}"


def read_view(folder: Path, wanted: str, *, number: int | None = None) -> TrialView:
    """What a run folder holds of a trial.

    Of several trials that fit, the first is taken; without `number`, the attempt that
    counts.

    Raises:
        RunError: There is no such trial or attempt, or a file cannot be read.
    """
    attempts = read_ledger(folder)
    trial, *others = find(attempts, wanted)
    executed = attempts.by_trial[trial]
    chosen = _chosen(attempts, trial, number)
    traces = folder / "traces" / chosen.folder
    notices = list(attempts.notices)
    if others:
        what = "trial fits" if len(others) == 1 else "trials fit"
        notices.append(
            f"{len(others)} more {what} {shown(wanted)}, the next of them"
            f" {label(*attempts.by_trial[others[0]][-1].record.identity)}"
        )
    logs = {}
    for name in _LOGS:
        file = chosen.grader_log if name == _GRADER_LOG else name
        try:
            logs[name] = (traces / file).read_bytes()
        except FileNotFoundError:
            logs[name] = b""
        except OSError as error:
            raise RunError(refused(traces / name, "read", error)) from error
    return view(
        chosen,
        executed=executed,
        logs=logs,
        before=_files(folder, logs["starter"].decode("ascii", "replace").strip()),
        after=_files(folder, chosen.workspace or ""),
        notices=notices,
    )


def view(
    chosen: Attempt,
    *,
    executed: Sequence[Attempt],
    logs: Mapping[str, bytes],
    before: Mapping[str, str] | None,
    after: Mapping[str, str] | None,
    notices: Sequence[str] = (),
) -> TrialView:
    """The view of an attempt, from what its logs hold.

    `before` and `after` are names and texts of files; None: they were not kept.
    """
    missing = [
        f"the {what} was not kept: changes cannot be shown"
        for what, files in (("starter", before), ("workspace", after))
        if files is None
    ]
    record = chosen.record
    turns = read_transcript(logs["calls.jsonl"].split(b"\n"))
    return TrialView(
        label=label(*record.identity),
        trial=chosen.trial,
        folder=chosen.folder,
        record=record,
        turns=turns,
        summary=": ".join(filter(None, (str(record.status or ""), chosen.detail))),
        facts=(
            *_facts(record, logs["steps.json"]),
            *_besides(turns, logs["model.json"]),
        ),
        attempts=tuple(
            f"{each.number}  {each.record.started_at or ''}  {each.record.status}"
            f"  {each.detail}".rstrip()
            for each in executed
        ),
        prompt=_text(logs["prompt.md"]),
        calls=tuple(_calls(turns)),
        changes=() if before is None or after is None else compare(before, after),
        grader=_text(logs[_GRADER_LOG]),
        agent=_text(logs["agent.log"]),
        evidence=tuple(_evidence(logs["audit.jsonl"])),
        notices=(*notices, *missing),
    )


def compare(
    before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[FileChange, ...]:
    """What became of each file, by name, but for those that stayed as they were."""
    return tuple(
        _change(name, before.get(name), after.get(name))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    )


def as_text(found: TrialView) -> str:
    """The view for a terminal."""
    parts = [
        f"{found.label}  [{found.trial}]",
        found.summary,
        *(f"! {notice}" for notice in found.notices),
        _section("attempts", *found.attempts),
        _section("record", *(f"{name:16} {value}" for name, value in found.facts)),
        _section("prompt", found.prompt),
        *(_call_text(call) for call in found.calls),
        _section("changes", *(change.diff.rstrip("\n") for change in found.changes)),
        _section("grader", found.grader),
        _section("agent", found.agent),
        _section(
            "audit",
            *(f"{x.access}: {x.rule}, {x.place}: {x.line}" for x in found.evidence),
        ),
    ]
    return _harmless("\n".join(part for part in parts if part)) + "\n"


def as_html(found: TrialView) -> str:
    """The view as one page that loads nothing."""
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_harmless,
    )
    source = Path(__file__).with_name("show.html").read_text(encoding="utf-8")
    return environment.from_string(source).render(view=found, lines_of=_lines)


def keep_page(folder: Path, found: TrialView) -> Path:
    """Write the view's page beside the attempt's logs.

    Returns:
        The file.

    Raises:
        RunError: It cannot be written.
    """
    path = folder / "traces" / found.folder / "show.html"
    try:
        make_folder(path.parent)
        with replacing(path) as file:
            file.write(as_html(found).encode())
    except OSError as error:
        raise RunError(refused(path, "written", error)) from error
    return path


_GRADER_LOG: Final = "grader.log"
_LOGS: Final = (
    *("prompt.md", "calls.jsonl", "agent.log", _GRADER_LOG),
    *("audit.jsonl", "steps.json", "starter", "model.json"),
)
"""What an attempt may leave under `traces/`; `starter` has the hash of an archive."""


def _chosen(attempts: Attempts, trial: str, number: int | None) -> Attempt:
    executed = attempts.by_trial[trial]
    if number is None:
        return attempts.valid.get(trial, executed[-1])
    for attempt in executed:
        if attempt.number == number:
            return attempt
    numbers = ", ".join(str(attempt.number) for attempt in executed)
    what = f"has no attempt {number}"
    raise RunError(Problem(trial, what, f"its attempts are {numbers}"))


def _files(folder: Path, archive: str) -> dict[str, str] | None:
    """The texts of a frozen workspace; None where it was not kept."""
    path = folder / "archives" / f"{archive}.tar.gz"
    if not archive or not path.exists():
        return None
    return dict(texts(path, most_bytes=LARGEST_FILE))


def _change(name: str, old: str | None, new: str | None) -> FileChange:
    kind = "added" if old is None else "deleted" if new is None else "changed"
    if any("\0" in text for text in (old or "", new or "")):
        diff = f"{name}: {kind}, not text"
    elif any(
        len(text) >= LARGEST_FILE or text.count("\n") >= MOST_LINES
        for text in (old or "", new or "")
    ):
        diff = f"{name}: {kind}, too long to compare"
    else:
        lines = difflib.unified_diff(
            _lines(old or ""),
            _lines(new or ""),
            "/dev/null" if old is None else name,
            "/dev/null" if new is None else name,
        )
        diff = "".join(
            line if line.endswith("\n") else f"{line}\n\\ no newline at the end\n"
            for line in lines
        )
    return FileChange(name=name, kind=kind, diff=diff or f"{name}: {kind}, empty")


def _lines(text: str) -> list[str]:
    """Lines with their ends; `splitlines` would also break them at form feeds."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _calls(turns: Sequence[Turn]) -> Iterator[ShownCall]:
    for turn in turns:
        parts = [
            f"call {turn.number}" if turn.number else "call not let through",
            turn.outcome,
            f"{turn.started_s:.1f} s to {turn.ended_s:.1f} s",
        ]
        if turn.tokens_in is not None or turn.tokens_out is not None:
            cached = f" ({turn.tokens_cached:,} cached)" if turn.tokens_cached else ""
            tokens_in, tokens_out = turn.tokens_in or 0, turn.tokens_out or 0
            parts.append(f"{tokens_in:,} tokens in{cached}, {tokens_out:,} out")
        messages = (*turn.new, turn.answer)
        if turn.error:
            parts.append(turn.error)
        yield ShownCall(
            heading=" · ".join(filter(None, parts)),
            messages=tuple(said for said in messages if not said.is_empty),
        )


def _facts(record: Record, steps: bytes) -> Iterator[tuple[str, str]]:
    for column in COLUMNS:
        if value := format_value(getattr(record, column.name)):
            yield column.name, value
    try:
        for name, seconds in json.loads(steps or b"{}").items():
            yield name, f"{seconds:.3f} s"
    except (ValueError, AttributeError, TypeError):
        yield "steps", "damaged"


def _besides(turns: Sequence[Turn], model: bytes) -> Iterator[tuple[str, str]]:
    """What the server calls the model, and what of the requests it did not get."""
    if named := text(table(parsed(model)).get("served_as")):
        yield "served_as", named
    if dropped := {name for turn in turns for name in turn.dropped}:
        yield "dropped", ", ".join(sorted(dropped))


def _evidence(kept: bytes) -> Iterator[AuditLine]:
    for line in kept.splitlines():
        with suppress(ValueError, TypeError, KeyError):  # half a line of a full disk
            found = json.loads(line)
            yield AuditLine(**found | {"access": GraderAccess(found["access"])})


def _names(record: Record) -> tuple[str, str]:
    """What a trial may be called: with quant, variant and sweep, or without."""
    short = f"{record.model}/{record.harness}/{record.task}/{record.seed}"
    return (label(*record.identity), short)


def _section(title: str, *lines: str) -> str:
    body = "\n".join(lines)
    return f"\n── {title} ──\n{body.rstrip()}" if body.strip() else ""


def _call_text(call: ShownCall) -> str:
    lines = [f"\n── {call.heading} ──"]
    for said in call.messages:
        if said.thinking:
            lines.append(f"({said.role} thinks)\n{_cut(said.thinking)}")
        if said.text:
            lines.append(f"({said.role})\n{_cut(said.text)}")
        lines += [
            f"({said.role} uses {tool.name})\n{_cut(tool.arguments)}"
            for tool in said.tools
        ]
    return "\n".join(lines)


def _cut(text: str) -> str:
    more = len(text) - LONGEST_MESSAGE
    return (
        text if more <= 0 else f"{text[:LONGEST_MESSAGE]}… ({more:,} more characters)"
    )


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def _harmless(text: str) -> str:
    """Text with its control characters spelled out: they drive terminals."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode-escape").decode(), text)


_CONTROL: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
