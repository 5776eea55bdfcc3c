"""Anthropic messages."""

from collections.abc import Iterator

from runner.models.speech.speech import Reply, event, pieces
from runner.proxy.wire.loose import Table, text


class Messages:
    """`POST /v1/messages`."""

    prompt: tuple[str, ...] = ("system", "messages", "tools")

    def whole(self, reply: Reply) -> Table:
        """A `message`."""
        content: list[Table] = [{"type": "text", "text": reply.turn.text}]
        if reply.turn.use:
            content.append(_tool_use(reply) | {"input": reply.turn.use.arguments})
        usage = {"input_tokens": reply.tokens_in, "output_tokens": reply.tokens_out}
        return _message(reply) | {
            "content": content,
            "stop_reason": _stop(reply),
            "usage": usage,
        }

    def events(self, reply: Reply) -> Iterator[bytes]:
        """The blocks, one after the other, between the message's start and end."""
        usage = {"input_tokens": reply.tokens_in, "output_tokens": 1}
        message = _message(reply) | {"usage": usage}
        yield _event({"type": "message_start", "message": message})
        deltas: list[Table] = [
            {"type": "text_delta", "text": piece} for piece in pieces(reply.turn.text)
        ]
        yield from _block(0, {"type": "text", "text": ""}, deltas)
        if reply.turn.use:
            deltas = [
                {"type": "input_json_delta", "partial_json": piece}
                for piece in pieces(reply.arguments)
            ]
            yield from _block(1, _tool_use(reply), deltas)
        yield _event(
            {
                "type": "message_delta",
                "delta": {"stop_reason": _stop(reply), "stop_sequence": None},
                "usage": {"output_tokens": reply.tokens_out},
            }
        )
        yield _event({"type": "message_stop"})


def _message(reply: Reply) -> Table:
    return {
        "id": f"msg_{reply.number}",
        "type": "message",
        "role": "assistant",
        "model": reply.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
    }


def _tool_use(reply: Reply) -> Table:
    name = reply.turn.use.tool if reply.turn.use else ""
    return {
        "type": "tool_use",
        "id": f"toolu_{reply.number}",
        "name": name,
        "input": {},
    }


def _block(index: int, block: Table, deltas: list[Table]) -> Iterator[bytes]:
    place: Table = {"index": index}
    yield _event({"type": "content_block_start", **place, "content_block": block})
    for delta in deltas:
        yield _event({"type": "content_block_delta", **place, "delta": delta})
    yield _event({"type": "content_block_stop", **place})


def _event(said: Table) -> bytes:
    return event(said, name=text(said.get("type")))


def _stop(reply: Reply) -> str:
    return "tool_use" if reply.turn.use else "end_turn"
