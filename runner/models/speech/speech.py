"""What a protocol is to a scripted model."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from runner.models.script import Conversation, ScriptedTurn
from runner.proxy.wire.loose import Table, dumped, text

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

    def heard(self, body: Table) -> Conversation:
        """What a request tells."""
        ...

    def prompt(self, body: Table) -> object:
        """The part of a request that the model reads: what counts as tokens."""
        ...

    def whole(self, reply: Reply) -> Table:
        """The answer in one piece."""
        ...

    def events(self, reply: Reply) -> Iterator[bytes]:
        """The answer as a stream, event by event."""
        ...

    def error(self, status: int, kind: str, message: str) -> Table:
        """An answer that is an error."""
        ...


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


def joined(parts: Iterable[str]) -> str:
    """The texts of a message that comes in parts."""
    return "\n".join(part for part in parts if part)
