"""What a scripted model does next: a pure function of the conversation.

The next step follows from the number of tool calls that the conversation already
holds, so that a repeated request gets the same answer.
"""

import base64
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum, auto
from pathlib import Path

from runner.models import edit_formats
from runner.models.toolbox import Tool, Toolbox, Use
from runner.tasks import Task, part_files


class Script(StrEnum):
    """What it acts out."""

    ORACLE = auto()
    """Writes the task's solution."""
    NULL = auto()
    """Gives up at once."""
    WRONG = auto()
    """Writes one of the task's wrong answers; the seed says which."""
    FLOOD = auto()
    """Never ends: long text and one more tool call, always; without tools, a text
    that goes on for ever."""
    HANG = auto()
    """Takes the request and never answers."""
    CRASH = auto()
    """Breaks off in the middle of every answer."""
    UNAVAILABLE = auto()
    """Answers 503, always."""
    REFUSE = auto()
    """Answers 400, always."""
    OVERFLOW = auto()
    """Says that the conversation is longer than its context, always."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """What a request tells, in whatever protocol it came."""

    system: str
    """What the harness says about itself and how to answer."""
    tools: tuple[Tool, ...]
    tool_calls: int
    """How many the model has already made in it."""


@dataclass(frozen=True, slots=True)
class ScriptedTurn:
    """What the model answers."""

    text: str
    use: Use | None = None


_FLOOD_SENTENCES = 200


def next_turn(
    script: Script,
    conversation: Conversation,
    *,
    task: Task,
    seed: int,
    workspace: str,
) -> ScriptedTurn:
    """The answer of a script that answers."""
    toolbox = Toolbox(conversation.tools)
    if script is Script.FLOOD:
        return _flood(conversation.tool_calls, toolbox, workspace)
    answers = [task.solution] if script is Script.ORACLE else []
    if script is Script.WRONG:
        answers = [*task.wrong_answers()]
    if not answers:
        return ScriptedTurn("I do not know how to do this, and give up.")
    folder = answers[seed % len(answers)]
    paths = (path for path in part_files(folder) if path.is_file())
    files = {path.relative_to(folder).as_posix(): path for path in paths}
    if not toolbox:
        return ScriptedTurn(
            edit_formats.written(files, task.starter, conversation.system)
        )
    steps = list(_steps(files, task.starter, toolbox, workspace))
    if conversation.tool_calls < len(steps):
        return steps[conversation.tool_calls]
    return ScriptedTurn("The work is done.")


def _flood(number: int, toolbox: Toolbox, workspace: str) -> ScriptedTurn:
    """One more turn; no two are alike, because some harnesses look for loops."""
    first = number * _FLOOD_SENTENCES
    sentences = (
        f"Before all is done, thing {thing} has to be weighed with care."
        for thing in range(first, first + _FLOOD_SENTENCES)
    )
    use = toolbox.shell(f"true {number}") or toolbox.read(f"{workspace}/{number}")
    return ScriptedTurn(" ".join(sentences), use)


def _steps(
    files: dict[str, Path], starter: Path, toolbox: Toolbox, workspace: str
) -> Iterator[ScriptedTurn]:
    """One tool call a turn: look around, then write file by file."""
    if look := toolbox.shell(f"ls {shlex.quote(workspace)}"):
        yield ScriptedTurn("First I look at what is there.", look)
    for name, source in files.items():
        path = f"{workspace}/{name}"
        # Some harnesses overwrite only what has been read.
        if (starter / name).is_file() and (look := toolbox.read(path)):
            yield ScriptedTurn(f"I read {name}.", look)
        if write := _write(source, path, toolbox):
            yield ScriptedTurn(f"I write {name}.", write)
        mode = source.stat().st_mode & 0o111
        if mode and (make := toolbox.shell(f"chmod +x {shlex.quote(path)}")):
            yield ScriptedTurn(f"I make {name} executable.", make)


def _write(source: Path, path: str, toolbox: Toolbox) -> Use | None:
    content = source.read_bytes()
    try:
        by_tool = toolbox.write(path, content.decode())
    except UnicodeDecodeError:
        by_tool = None
    encoded = base64.b64encode(content).decode()
    quoted = shlex.quote(path)
    return by_tool or toolbox.shell(
        f'mkdir -p "$(dirname {quoted})" && printf %s {encoded} | base64 -d > {quoted}'
    )
