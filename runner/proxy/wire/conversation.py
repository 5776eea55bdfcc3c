"""What a request repeats of the conversation so far, in any of the three protocols."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from runner.proxy.wire.assembly import RESPONSE_CALLS, thinking
from runner.proxy.wire.loose import Table, table, tables, text
from runner.proxy.wire.wire import ToolCall

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message."""

    role: Role
    text: str = ""
    thinking: str = ""
    tools: tuple[ToolCall, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was said and no tool used."""
        return not (self.text or self.thinking or self.tools)


def conversation(protocol: str, request: Table) -> Iterator[Message]:
    """The messages of a request; what no protocol says is read as nothing."""
    match protocol:
        case "openai_responses":
            yield from _system(request.get("instructions"))
            given = request.get("input")
            if isinstance(given, str):
                yield Message(role="user", text=given)
            for item in tables(given):
                yield _response_item(item)
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
            tool_use(table(call.get("function")))
            for call in tables(message.get("tool_calls"))
        ),
    )


def _blocks(message: Table) -> Iterator[Message]:
    """A message of Anthropic's: results of tools come as the user's."""
    content, rest = message.get("content"), []
    for block in tables(content):
        if block.get("type") == "tool_result":
            yield Message(role="tool", text=_plain(block.get("content")))
        else:
            rest.append(block)
    said = Message(
        role=_role(message.get("role")),
        text=content if isinstance(content, str) else _plain(rest),
        thinking=joined(text(block.get("thinking")) for block in rest),
        tools=tuple(
            tool_use(block, "input")
            for block in rest
            if block.get("type") == "tool_use"
        ),
    )
    if not said.is_empty:
        yield said


def _response_item(item: Table) -> Message:
    match item.get("type"):
        case "function_call" | "custom_tool_call" as kind:
            used = tool_use(item, RESPONSE_CALLS[kind])
            return Message(role="assistant", tools=(used,))
        case "function_call_output" | "custom_tool_call_output":
            return Message(role="tool", text=_plain(item.get("output")))
        case "reasoning":
            return Message(role="assistant", thinking=_plain(item.get("summary")))
        case _:
            said = _plain(item.get("content"))
            return Message(role=_role(item.get("role")), text=said)


def tool_use(call: Table, key: str = "arguments") -> ToolCall:
    """A tool that the model used; some servers have read its arguments already."""
    arguments: Any = call.get(key)
    if not isinstance(arguments, str):
        arguments = "" if arguments is None else json.dumps(arguments)
    return ToolCall(text(call.get("name")), arguments)


def _plain(content: object) -> str:
    """The text of a message: a string, or the texts of its parts."""
    if isinstance(content, str):
        return content
    return joined(text(part.get("text")) for part in tables(content))


def joined(parts: Iterable[str]) -> str:
    """The texts of a message that comes in parts."""
    return "\n".join(part for part in parts if part)


def _role(value: object) -> Role:
    match value:
        case "assistant" | "tool" | "user":
            return value
        case "developer" | "system":
            return "system"
        case _:
            return "user"
