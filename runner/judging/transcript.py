"""What agent and model said to each other, read back from the private log of calls.

Each call repeats the conversation so far; here a turn holds what is new in it. A log
is foreign text: what is not as the protocols say it is read as nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from runner.proxy.call_log import read_calls
from runner.proxy.wire.assembly import ASSEMBLIES, ChatAssembly, assembled
from runner.proxy.wire.conversation import Message, conversation, joined, tool_use
from runner.proxy.wire.loose import Table, count, in_common, number, table, tables, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One call of the model; numbers are None where nobody told."""

    number: int | None
    """From 1; None: the call was not let through."""
    outcome: str
    """How the call ended: see `metering.Outcome`."""
    error: str
    """What the server said went wrong."""
    started_s: float
    first_token_s: float | None
    ended_s: float
    tokens_in: int | None
    tokens_cached: int | None
    tokens_out: int | None
    new: tuple[Message, ...]
    """What was said to the model since the turn that this one goes on from."""
    answer: Message
    dropped: tuple[str, ...] = ()
    """Names of fields and headers that the server did not get."""


def read_transcript(log: Iterable[bytes]) -> tuple[Turn, ...]:
    """The turns in the lines of a `calls.jsonl`; what is no JSON is passed over."""
    turns: list[Turn] = []
    before: list[list[Message]] = []
    for call in read_calls(log):
        protocol, dropped = text(call.get("protocol")), call.get("dropped")
        said = list(conversation(protocol, table(call.get("request"))))
        known = max((in_common(said, old) for old in before), default=0)
        # What the model said before is there as the answer of its own turn.
        new = (
            each for each in said[known:] if not (known and each.role == "assistant")
        )
        turns.append(
            Turn(
                number=count(call.get("number")),
                outcome=text(call.get("outcome")),
                error=text(call.get("error")),
                started_s=number(call.get("started_s")) or 0.0,
                first_token_s=number(call.get("first_token_s")),
                ended_s=number(call.get("ended_s")) or 0.0,
                tokens_in=count(call.get("tokens_in")),
                tokens_cached=count(call.get("tokens_cached")),
                tokens_out=count(call.get("tokens_out")),
                new=tuple(new),
                answer=_answer(protocol, call),
                dropped=tuple(filter(None, map(text, dropped)))
                if isinstance(dropped, list)
                else (),
            )
        )
        before.append(said)
    return tuple(turns)


def _answer(protocol: str, call: Table) -> Message:
    """What the model said, put together from what the server sent."""
    assembly = ASSEMBLIES.get(protocol, ChatAssembly)()
    answer = assembled(assembly, text(call.get("response")).encode(errors="replace"))
    said = [table(choice.get("message")) for choice in tables(answer.get("choices"))]
    # As the next request would repeat it.
    again = {"input": answer.get("output"), "messages": said or [answer]}
    found = list(conversation(protocol, again))
    return Message(
        role="assistant",
        text=joined(said.text for said in found),
        thinking=joined(said.thinking for said in found),
        tools=tuple(map(tool_use, tables(call.get("tool_calls")))),
    )
