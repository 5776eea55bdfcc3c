"""What a protocol is to a scripted model."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from runner.models.script import Conversation, ScriptedTurn
from runner.models.toolbox import Tool
from runner.proxy.wire.conversation import conversation, joined
from runner.proxy.wire.loose import Table, dumped, table, tables, text

_CHARACTERS = 4
_PIECE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A turn with what the protocols tell beside it."""

    turn: ScriptedTurn
    number: int
    """Of the tool calls in the conversation so far: makes ids that repeat."""
    tokens_in: int
    tokens_out: int
    request: Table
    """What it replies to."""

    @property
    def model(self) -> str:
        """The name by which the harness called it."""
        return text(self.request.get("model"))

    @property
    def arguments(self) -> str:
        """Those of the tool, as JSON."""
        return dumped(self.turn.use.arguments).decode() if self.turn.use else ""


class Speech(Protocol):
    """One protocol."""

    prompt: tuple[str, ...]
    """The fields of a request that the model reads: what counts as tokens."""

    def whole(self, reply: Reply) -> Table:
        """The answer in one piece."""

    def events(self, reply: Reply) -> Iterator[bytes]:
        """The answer as a stream, event by event."""


def heard(protocol: str, body: Table) -> Conversation:
    """What a request tells."""
    said = list(conversation(protocol, body))
    offered = [
        table(tool.get("function")) or tool for tool in tables(body.get("tools"))
    ]
    return Conversation(
        system=joined(each.text for each in said if each.role == "system"),
        tools=tuple(
            Tool(name, table(tool.get("parameters") or tool.get("input_schema")))
            for tool in offered
            if (name := text(tool.get("name")))
        ),
        tool_calls=sum(len(each.tools) for each in said),
    )


def tokens(said: str) -> int:
    """How many tokens a text counts for: one for four characters begun, at least one.

    No tokenizer does that; it is a rule that anyone can check.
    """
    return max(1, -(-len(said) // _CHARACTERS))


def pieces(said: str) -> Iterator[str]:
    """The parts in which a text is streamed."""
    for start in range(0, len(said), _PIECE):
        yield said[start : start + _PIECE]


def event(data: Table, *, name: str = "") -> bytes:
    """One server-sent event."""
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + dumped(data) + b"\n\n"
