"""Anthropic messages: `POST /v1/messages`, which Claude Code speaks.

llama-server answers it too, by making a chat completion of it.

Source:
    https://docs.anthropic.com/en/api/messages and …/messages-streaming.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from runner.proxy.wire.loose import Table, count, dumped, parsed, table, tables, text
from runner.proxy.wire.sse import Event
from runner.proxy.wire.wire import Answer, Sampling, ToolCall, failure


class AnthropicMessages:
    """The protocol."""

    name = "anthropic_messages"
    has_seed = False
    spent = (402, "billing_error")

    def ask(self, body: Table, sampling: Sampling) -> tuple[Table, bool]:
        """Inject the sampling; fold system turns into the user's.

        The protocol knows no seed. A stream always tells its usage.
        """
        body = dict(body)
        if sampling.temperature is not None:
            body["temperature"] = sampling.temperature
        if sampling.output_tokens is not None:
            body["max_tokens"] = sampling.output_tokens
        if isinstance(body.get("messages"), list):
            body["messages"] = _without_system_turns(body["messages"])
        return body, False

    def reader(self) -> "_Reader":
        """For `message_start` … `message_stop`."""
        return _Reader()

    def whole(self, body: Table) -> Answer:
        """One `message` object."""
        usage = table(body.get("usage"))
        finish = text(body.get("stop_reason")) or None
        return Answer(
            tokens_in=_tokens_in(usage),
            tokens_cached=count(usage.get("cache_read_input_tokens")),
            tokens_stored=count(usage.get("cache_creation_input_tokens")),
            tokens_out=count(usage.get("output_tokens")),
            finish=finish,
            tool_calls=tuple(
                ToolCall(text(block.get("name")), dumped(block.get("input")).decode())
                for block in tables(body.get("content"))
                if block.get("type") == "tool_use"
            ),
            is_complete=finish is not None,
        )

    def refusal(self, status: int, kind: str, message: str) -> Table:
        """An `error` object; the status is not in it."""
        del status
        return {"type": "error", "error": {"type": kind, "message": message}}


@dataclass(slots=True)
class _Reader:
    pieces: int = 0
    _usage: Table = field(default_factory=dict)
    _finish: str | None = None
    _tools: dict[object, list[str]] = field(default_factory=dict)
    """By index of their block: name and arguments so far."""
    _unseen: set[object] = field(default_factory=set)
    """Indices of blocks of thinking of which no word has come."""
    _is_done: bool = False
    _failure: Answer | None = None

    def take(self, event: Event) -> bool:
        said = table(parsed(event.field("data") or b""))
        match said.get("type"):
            case "message_start":
                self._take_usage(table(table(said.get("message")).get("usage")))
            case "content_block_start":
                block = table(said.get("content_block"))
                if block.get("type") == "tool_use":
                    self._tools[count(said.get("index"))] = [
                        text(block.get("name")),
                        "",
                    ]
                elif block.get("type") in {"thinking", "redacted_thinking"}:
                    self._unseen.add(count(said.get("index")))
            case "content_block_delta":
                self._take_delta(count(said.get("index")), table(said.get("delta")))
            case "message_delta":
                self._take_usage(table(said.get("usage")))
                stop = text(table(said.get("delta")).get("stop_reason"))
                self._finish = stop or self._finish
            case "message_stop":
                self._is_done = True
            case "error":
                self._failure = failure(said)
            case _:
                pass
        return False

    def _take_usage(self, usage: Table) -> None:
        # What message_delta tells is the sum so far; what it leaves out, holds.
        self._usage.update(
            {key: value for key, value in usage.items() if value is not None}
        )

    def _take_delta(self, index: object, delta: Table) -> None:
        arguments = text(delta.get("partial_json"))
        if index in self._tools:
            self._tools[index][1] += arguments
        if text(delta.get("thinking")):
            self._unseen.discard(index)
        if arguments or text(delta.get("text")) or text(delta.get("thinking")):
            self.pieces += 1

    def answer(self) -> Answer:
        if self._failure is not None:
            return self._failure
        return Answer(
            tokens_in=_tokens_in(self._usage),
            tokens_cached=count(self._usage.get("cache_read_input_tokens")),
            tokens_stored=count(self._usage.get("cache_creation_input_tokens")),
            tokens_out=count(self._usage.get("output_tokens")),
            thinks_unseen=bool(self._unseen),
            finish=self._finish,
            tool_calls=tuple(ToolCall(*tool) for tool in self._tools.values()),
            is_complete=self._is_done or self._finish is not None,
        )


def _tokens_in(usage: Table) -> int | None:
    """All of the prompt: the protocol counts what touches the cache apart."""
    parts = [
        count(usage.get(key))
        for key in (
            "input_tokens",
            "cache_read_input_tokens",
            "cache_creation_input_tokens",
        )
    ]
    return None if parts[0] is None else sum(part or 0 for part in parts)


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
