"""OpenAI responses."""

from collections.abc import Iterator

from runner.models.speech.speech import Reply, event, pieces
from runner.proxy.wire.loose import Table


class Responses:
    """`POST /v1/responses`."""

    prompt: tuple[str, ...] = ("instructions", "input", "tools")

    def whole(self, reply: Reply) -> Table:
        """A `response`."""
        total = reply.tokens_in + reply.tokens_out
        return _response(reply, "completed") | {
            "output": _output(reply),
            "usage": {
                "input_tokens": reply.tokens_in,
                "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": reply.tokens_out,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": total,
            },
        }

    def events(self, reply: Reply) -> Iterator[bytes]:
        """Each item of the output with its parts, then the whole response."""
        said: list[Table] = [
            {
                "type": "response.created",
                "response": _response(reply, "in_progress"),
            }
        ]
        for index, item in enumerate(_output(reply)):
            said += _item(index, item)
        said.append({"type": "response.completed", "response": self.whole(reply)})
        for number, one in enumerate(said):
            yield event({**one, "sequence_number": number}, name=one["type"])


def _response(reply: Reply, status: str) -> Table:
    return {
        "id": f"resp_{reply.number}",
        "object": "response",
        "created_at": 0,
        "status": status,
        "error": None,
        "model": reply.model,
        "output": [],
    }


def _output(reply: Reply) -> list[Table]:
    message: Table = {
        "type": "message",
        "id": f"msg_{reply.number}",
        "status": "completed",
        "role": "assistant",
        "content": [
            {"type": "output_text", "text": reply.turn.text, "annotations": []}
        ],
    }
    if reply.turn.use is None:
        return [message]
    call = {
        "type": "function_call",
        "id": f"fc_{reply.number}",
        "call_id": f"call_{reply.number}",
        "status": "completed",
        "name": reply.turn.use.tool,
        "arguments": reply.arguments,
    }
    return [message, call]


def _item(index: int, item: Table) -> Iterator[Table]:
    """How one item of the output comes about."""
    place: Table = {"output_index": index}
    empty: Table = {"content": []} if item["type"] == "message" else {"arguments": ""}
    begun = {**item, **empty, "status": "in_progress"}
    yield {"type": "response.output_item.added", **place, "item": begun}
    inner = place | {"item_id": item["id"]}
    if item["type"] == "message":
        yield from _content_part(inner | {"content_index": 0}, item["content"][0])
    else:
        kind, arguments = "response.function_call_arguments", item["arguments"]
        for piece in pieces(arguments):
            yield {"type": f"{kind}.delta", **inner, "delta": piece}
        yield {"type": f"{kind}.done", **inner, "arguments": arguments}
    yield {"type": "response.output_item.done", **place, "item": item}


def _content_part(place: Table, part: Table) -> Iterator[Table]:
    kind, begun = "response.output_text", {**part, "text": ""}
    yield {"type": "response.content_part.added", **place, "part": begun}
    for piece in pieces(part["text"]):
        yield {"type": f"{kind}.delta", **place, "delta": piece}
    yield {"type": f"{kind}.done", **place, "text": part["text"]}
    yield {"type": "response.content_part.done", **place, "part": part}
