"""OpenAI chat completions."""

from collections.abc import Iterator

from runner.models.speech.speech import Reply, event, pieces
from runner.proxy.wire.loose import Table, table


class Chat:
    """`POST /v1/chat/completions`."""

    prompt: tuple[str, ...] = ("messages", "tools")

    def whole(self, reply: Reply) -> Table:
        """A `chat.completion`."""
        message: Table = {"role": "assistant", "content": reply.turn.text}
        if reply.turn.use:
            message["tool_calls"] = [_call(reply, reply.arguments)]
        choice = {"index": 0, "message": message, "finish_reason": _finish(reply)}
        return {
            **_head(reply, "chat.completion"),
            "choices": [choice],
            "usage": _usage(reply),
        }

    def events(self, reply: Reply) -> Iterator[bytes]:
        """Text, then the tool call, then why it ended; usage, where it is asked for."""
        yield _chunk(reply, {"role": "assistant", "content": ""})
        for piece in pieces(reply.turn.text):
            yield _chunk(reply, {"content": piece})
        if reply.turn.use:
            call = _call(reply, "")
            yield _chunk(reply, {"tool_calls": [{"index": 0, **call}]})
            for piece in pieces(reply.arguments):
                part = {"index": 0, "function": {"arguments": piece}}
                yield _chunk(reply, {"tool_calls": [part]})
        yield _chunk(reply, {}, _finish(reply))
        if table(reply.request.get("stream_options")).get("include_usage"):
            head = _head(reply, "chat.completion.chunk")
            yield event({**head, "choices": [], "usage": _usage(reply)})
        yield b"data: [DONE]\n\n"


def _head(reply: Reply, kind: str) -> Table:
    return {
        "id": f"chatcmpl-{reply.number}",
        "object": kind,
        "created": 0,
        "model": reply.model,
    }


def _chunk(reply: Reply, delta: Table, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return event({**_head(reply, "chat.completion.chunk"), "choices": [choice]})


def _call(reply: Reply, arguments: str) -> Table:
    name = reply.turn.use.tool if reply.turn.use else ""
    function = {"name": name, "arguments": arguments}
    return {"id": f"call_{reply.number}", "type": "function", "function": function}


def _finish(reply: Reply) -> str:
    return "tool_calls" if reply.turn.use else "stop"


def _usage(reply: Reply) -> Table:
    return {
        "prompt_tokens": reply.tokens_in,
        "completion_tokens": reply.tokens_out,
        "total_tokens": reply.tokens_in + reply.tokens_out,
        "prompt_tokens_details": {"cached_tokens": 0},
    }
