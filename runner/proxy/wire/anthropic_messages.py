"""Anthropic messages: `POST /v1/messages`, which Claude Code speaks.

llama-server answers it too, by making a chat completion of it.

Source:
    https://docs.anthropic.com/en/api/messages and …/messages-streaming.
"""

from collections.abc import Iterable

from runner.proxy.wire.assembly import arguments_in
from runner.proxy.wire.loose import Table, table, tables, text
from runner.proxy.wire.wire import Answer, Sampling, ToolCall, Wire


class AnthropicMessages(Wire):
    """The protocol."""

    name = "anthropic_messages"
    beside_cache = True
    spent = (402, "billing_error")

    def ask(self, body: Table, sampling: Sampling) -> tuple[Table, bool]:
        """System turns are folded into the user's; a stream always tells its usage."""
        body, _ = super().ask(body, sampling)
        if isinstance(body.get("messages"), list):
            body["messages"] = _without_system_turns(body["messages"])
        return body, False

    def said(self, body: Table, *, thought: bool) -> Answer:
        """One `message` object."""
        del thought  # it is a block of its own, whether its words are told or not
        blocks = tables(body.get("content"))
        finish = text(body.get("stop_reason")) or None
        return Answer(
            thinks_unseen=any(
                block.get("type") in {"thinking", "redacted_thinking"}
                and not text(block.get("thinking"))
                for block in blocks
            ),
            finish=finish,
            tool_calls=tuple(
                ToolCall(
                    text(block.get("name")),
                    text(block.get("partial_json")) or arguments_in(block.get("input")),
                )
                for block in blocks
                if block.get("type") == "tool_use"
            ),
            is_complete=finish is not None,
        )

    def refusal(self, status: int, kind: str, message: str) -> Table:
        """An `error` object; the status is not in it."""
        del status
        return {"type": "error", "error": {"type": kind, "message": message}}


def _without_system_turns(messages: Iterable[object]) -> list[object]:
    """The conversation with each system turn as part of the user's turn beside it.

    Claude Code puts system turns between the others for models that it does not
    know. Anthropic's servers take that; chat templates that want the system first
    and turns that alternate do not.
    """
    turns: list[object] = []
    after_system = False
    for message in messages:
        turn = table(message)
        is_system = turn.get("role") == "system"
        if is_system:
            turn = {**turn, "role": "user"}
        last = table(turns[-1]) if turns else {}
        joins = (is_system or after_system) and turn.get("role") == "user"
        if joins and last.get("role") == "user":
            turns[-1] = {**last, "content": _blocks(last) + _blocks(turn)}
        else:
            turns.append(turn or message)
        after_system = is_system
    return [_results_first(turn) for turn in turns]


def _blocks(turn: Table) -> list[object]:
    content = turn.get("content")
    if isinstance(content, list):
        return content
    return [{"type": "text", "text": text(content)}]


def _results_first(turn: object) -> object:
    """A user's turn must begin with the results of the tools that were called."""
    content = table(turn).get("content")
    if table(turn).get("role") != "user" or not isinstance(content, list):
        return turn
    ordered = sorted(
        content, key=lambda block: table(block).get("type") != "tool_result"
    )
    return {**table(turn), "content": ordered}
