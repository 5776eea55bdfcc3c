"""What agent and model said to each other, read back from the private log of calls.

Each call repeats the conversation so far; here a turn holds what is new in it. A log
is foreign text: what is not as the protocols say it is read as nothing.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from runner.proxy.call_log import read_calls
from runner.proxy.wire.assembly import (
    ASSEMBLIES,
    RESPONSE_CALLS,
    ChatAssembly,
    assembled,
    thinking,
)
from runner.proxy.wire.loose import Table, count, in_common, number, table, tables, text

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool that the model used."""

    name: str
    arguments: str
    """JSON, if the model could."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message."""

    role: Role
    text: str = ""
    thinking: str = ""
    tools: tuple[ToolUse, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said and no tool used."""
        return not (self.text or self.thinking or self.tools)


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
        protocol = text(call.get("protocol"))
        conversation = list(_conversation(protocol, table(call.get("request"))))
        known = max((in_common(conversation, old) for old in before), default=0)
        turns.append(
            _turn(
                call,
                # What the model said before is there as the answer of its own turn.
                new=tuple(
                    said
                    for said in conversation[known:]
                    if not (known and said.role == "assistant")
                ),
                answer=_answer(protocol, call),
            )
        )
        before.append(conversation)
    return tuple(turns)


def _turn(call: Table, *, new: tuple[Message, ...], answer: Message) -> Turn:
    return Turn(
        number=count(call.get("number")),
        outcome=text(call.get("outcome")),
        error=text(call.get("error")),
        started_s=number(call.get("started_s")) or 0.0,
        first_token_s=number(call.get("first_token_s")),
        ended_s=number(call.get("ended_s")) or 0.0,
        tokens_in=count(call.get("tokens_in")),
        tokens_cached=count(call.get("tokens_cached")),
        tokens_out=count(call.get("tokens_out")),
        dropped=tuple(_strings(call.get("dropped"))),
        new=new,
        answer=answer,
    )


def _strings(value: object) -> Iterator[str]:
    yield from filter(None, map(text, value if isinstance(value, list) else ()))


def _conversation(protocol: str, request: Table) -> Iterator[Message]:
    """The messages of a request, in any of the three protocols."""
    match protocol:
        case "openai_responses":
            yield from _system(request.get("instructions"))
            given = request.get("input")
            if isinstance(given, str):
                yield Message(role="user", text=given)
            for item in tables(given):
                yield from _response_item(item)
        case "anthropic_messages":
            yield from _system(request.get("system"))
            for message in tables(request.get("messages")):
                yield from _blocks(message)
        case _:
            for message in tables(request.get("messages")):
                yield _chat_message(message)


def _system(value: object) -> Iterator[Message]:
    if said := _plain(value):
        yield Message(role="system", text=said)


def _chat_message(message: Table) -> Message:
    return Message(
        role=_role(message.get("role")),
        text=_plain(message.get("content")),
        thinking=thinking(message),
        tools=tuple(
            _tool(table(call.get("function")), "arguments")
            for call in tables(message.get("tool_calls"))
        ),
    )


def _blocks(message: Table) -> Iterator[Message]:
    """A message of Anthropic's: results of tools come as the user's."""
    content = message.get("content")
    for block in tables(content):
        if block.get("type") == "tool_result":
            yield Message(role="tool", text=_plain(block.get("content")))
    rest = [block for block in tables(content) if block.get("type") != "tool_result"]
    said = Message(
        role=_role(message.get("role")),
        text=content if isinstance(content, str) else _plain(rest),
        thinking=_joined(text(block.get("thinking")) for block in rest),
        tools=tuple(
            _tool(block, "input") for block in rest if block.get("type") == "tool_use"
        ),
    )
    if not said.is_empty:
        yield said


def _response_item(item: Table) -> Iterator[Message]:
    match item.get("type"):
        case "function_call" | "custom_tool_call" as kind:
            used = _tool(item, RESPONSE_CALLS[kind])
            yield Message(role="assistant", tools=(used,))
        case "function_call_output" | "custom_tool_call_output":
            yield Message(role="tool", text=_plain(item.get("output")))
        case "reasoning":
            yield Message(role="assistant", thinking=_plain(item.get("summary")))
        case _:
            yield Message(
                role=_role(item.get("role")), text=_plain(item.get("content"))
            )


def _answer(protocol: str, call: Table) -> Message:
    """What the model said, put together from what the server sent."""
    assembly = ASSEMBLIES.get(protocol, ChatAssembly)()
    answer = assembled(assembly, text(call.get("response")).encode(errors="replace"))
    match protocol:
        case "openai_responses":
            parts = tables(answer.get("output"))
            found = [said for part in parts for said in _response_item(part)]
        case "anthropic_messages":
            found = list(_blocks(answer | {"role": "assistant"}))
        case _:
            choices = tables(answer.get("choices"))
            found = [_chat_message(table(each.get("message"))) for each in choices]
    return Message(
        role="assistant",
        text=_joined(said.text for said in found),
        thinking=_joined(said.thinking for said in found),
        tools=tuple(
            _tool(tool, "arguments") for tool in tables(call.get("tool_calls"))
        ),
    )


def _tool(call: Table, key: str) -> ToolUse:
    arguments: Any = call.get(key)
    if not isinstance(arguments, str):
        arguments = "" if arguments is None else json.dumps(arguments)
    return ToolUse(name=text(call.get("name")), arguments=arguments)


def _plain(content: object) -> str:
    """The text of a message: a string, or the texts of its parts."""
    if isinstance(content, str):
        return content
    return _joined(text(part.get("text")) for part in tables(content))


def _joined(parts: Iterable[str]) -> str:
    return "\n".join(part for part in parts if part)


def _role(value: object) -> Role:
    match value:
        case "assistant" | "tool" | "user":
            return value
        case "developer" | "system":
            return "system"
        case _:
            return "user"
