"""Puts a streamed answer together: as if the server had sent it in one piece.

Whoever wants to know what a model said reads the whole answer, however it came: the
proxy's readers, the transcript, and mini, which runs this in its sandbox. So it needs
no more than the standard library, in `interpreter.OLDEST`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from runner.proxy.wire.dialects import (
    CONTENT,
    ERROR_WORDS,
    ERRORS,
    GROWING,
    THINKING,
    THINKING_PARTS,
)
from runner.proxy.wire.loose import (
    Table,
    count,
    dumped,
    parsed,
    table,
    tables,
    text,
)
from runner.proxy.wire.sse import Events, StreamEvent

_DONE = "[DONE]"
_OUTPUT = frozenset(("content", *THINKING, *THINKING_PARTS))


class _Pieces(list[str]):
    """A text that still grows: joined once, not with each piece."""


def said(event: StreamEvent) -> Table:
    """What an event says; empty where that is nothing that a protocol knows."""
    raw = event.raw
    if raw.startswith(b"data: {") and raw.find(b"\n") == len(raw) - 2:  # nearly all
        found = parsed(raw[6:-2].decode(errors="replace"))
        if isinstance(found, dict):
            return found
    return _said_otherwise(event)


def _said_otherwise(event: StreamEvent) -> Table:
    data = event.field("data")
    if data is None:
        # llama-server has also told errors in a field of that name. And some answer in
        # one piece where they were asked for a stream.
        told = event.field("error")
        return table(parsed(event.raw)) if told is None else {"error": _read(told)}
    if data.strip() == _DONE.encode():
        return {"type": _DONE}
    found = _read(data)
    if (event.field("event") or b"").strip() == b"error":
        return {"error": table(found).get("error") or found}
    if isinstance(found, str) and found.startswith("{"):
        return {"error": f"no JSON: {found}"}
    return table(found)


def _read(data: bytes) -> object:
    found = parsed(data)
    return data.decode(errors="replace").strip() if found is None else found


def error_in(told: Table) -> object:
    """The error in an answer or in an event of one; None: there is none."""
    if told.get("error"):
        return told["error"]
    if told.get("choices") and "base_resp" not in told:
        return None
    if "error" in (told.get("type"), told.get("object")):
        return told
    base = table(told.get("base_resp"))
    if base.get("status_code"):
        return base
    if not CONTENT.isdisjoint(told):
        return None
    names = (*ERRORS, *ERROR_WORDS)
    return told if any(told.get(name) for name in names) else None


def error_in_choice(choice: Table) -> object:
    """What a gateway says, within a good answer, where its provider broke.

    Source:
        https://openrouter.ai/docs/api/reference/errors-and-debugging, "mid-stream".
    """
    ended = choice.get("finish_reason")
    return choice.get("error") or (ended if ended == "error" else None)


class ChatAssembly:
    """Of `chat.completion.chunk` objects a `chat.completion`."""

    def __init__(self) -> None:
        self.is_done = False
        """Whether its end was announced."""
        self._body: Table = {}
        self._calls: list[Table] = []
        self._at: dict[int, Table] = {}
        """The call that an index stands for now."""

    @property
    def body(self) -> Table:
        """The answer so far."""
        return table(_joined(self._body))

    def take(self, chunk: Table) -> bool:
        """Add a part; whether it carried output."""
        choices = chunk.get("choices")
        if not choices or "error" in chunk or "base_resp" in chunk:
            self.is_done |= chunk.get("type") == _DONE
            if error := error_in(chunk):
                self._body["error"] = error
        if "timings" in chunk and table(chunk["timings"]):
            self._body["timings"] = chunk["timings"]
        has_output = False
        for each in choices if isinstance(choices, list) else ():
            has_output |= self._take_choice(table(each))
        return has_output

    def _take_choice(self, choice: Table) -> bool:
        # We ask for one answer: whatever its number, it is the same.
        if "choices" not in self._body:
            self._body["choices"] = [{"message": {}}]
        known = self._body["choices"][0]
        for key in ("finish_reason", "error"):
            if choice.get(key):
                known[key] = choice[key]
        delta = table(choice.get("delta")) or table(choice.get("message"))
        message = known["message"]
        _grow(message, delta)
        calls = tables(delta.get("tool_calls")) if "tool_calls" in delta else []
        if (
            not calls and "function_call" in delta and table(delta["function_call"])
        ):  # its older name
            calls = [{"index": 0, "function": delta["function_call"]}]
        if calls:
            seen: list[Table] = []
            for place, part in enumerate(calls):
                seen.append(self._take_call(part, seen, len(calls) - place))
            message["tool_calls"] = self._calls
        for key in delta:  # a third of the time of `any` of a generator
            if key in _OUTPUT and delta[key]:
                return True
        return bool(calls)

    def _take_call(self, part: Table, seen: list[Table], left: int) -> Table:
        """Add to a call of a tool, or begin another.

        `seen` are the calls of other parts of the same event, `left` is how many parts
        it has from this one on.
        """
        index, called = count(part.get("index")), text(part.get("id"))
        function = table(part.get("function"))
        name = text(function.get("name"))
        arguments = arguments_in(function.get("arguments"))
        known = self._known(index, called, name, left)
        is_beside = any(known is each for each in seen)
        if known is None or _is_another(
            known, called, name, arguments, beside=is_beside, apart=index is None
        ):
            known = {"id": called, "function": {"name": "", "arguments": _Pieces()}}
            self._calls.append(known)
        if index is not None:
            self._at[index] = known
        known["id"] = known["id"] or called
        # A signature of the thinking, for one, that the server wants to see again.
        ours = ("id", "index", "function")
        known.update({k: v for k, v in part.items() if v and k not in ours})
        whole = known["function"]
        if name.startswith(whole["name"]):  # some repeat it with each part
            whole["name"] = name
        elif name != whole["name"]:
            whole["name"] += name
        before = "".join(whole["arguments"]) if arguments.startswith("{") else ""
        if before and (before == "{}" or arguments.startswith(before)):
            # Some send all once more at the end (lidge-jun/opencodex#361), others all
            # so far with each part, or an empty object first.
            whole["arguments"].clear()
        whole["arguments"].append(arguments)
        return known

    def _known(
        self, index: int | None, called: str, name: str, left: int
    ) -> Table | None:
        """The call that a part may belong to.

        Gemini and what translates Ollama leave the index out, or give all calls the
        same: openai/openai-python#2806, ollama/ollama#15457.
        """
        if index in self._at:
            return self._at[index]
        if index is not None and name:
            return None
        same = [call for call in self._calls if called and call["id"] == called]
        if same or not self._calls:
            return same[-1] if same else None
        if index is not None and called:
            return None
        # Without a name it goes on with what came last, in the same order.
        return self._calls[-1 if name else max(-left, -len(self._calls))]


def _is_another(
    known: Table,
    called: str,
    name: str,
    arguments: str,
    *,
    beside: bool,
    apart: bool,
) -> bool:
    """Whether a part begins a call of its own where its place is taken.

    `beside`: another part of the same event belongs to the known call; `apart`: the
    part has no index.
    """
    if not name:
        return False
    if called and known["id"]:
        return bool(called != known["id"])
    before = "".join(known["function"]["arguments"])
    if name != known["function"]["name"] and (before or beside or apart):
        return True
    is_whole = before.endswith("}") and isinstance(parsed(before), dict)
    return beside or bool(arguments and is_whole)


def arguments_in(value: object) -> str:
    """What the model wrote for a tool; some servers have read it already."""
    if value is None or isinstance(value, str):
        return text(value)
    return dumped(value).decode()


class MessageAssembly:
    """Of `message_start` … `message_stop` a `message`."""

    def __init__(self) -> None:
        self.is_done = False
        """Whether its end was announced."""
        self._body: Table = {}
        self._blocks: list[Table] = []
        self._at: dict[int | None, Table] = {}
        """The block that an index stands for now."""

    @property
    def body(self) -> Table:
        """The answer so far."""
        content = {"content": self._blocks} if self._blocks else {}
        return table(_joined({**self._body, **content}))

    def take(self, event: Table) -> bool:
        """Add an event; whether it carried output."""
        kind, index = event.get("type"), count(event.get("index"))
        if error := error_in(event):
            self._body["error"] = error
        elif kind == "message_stop":
            self.is_done = True
        elif kind == "message_delta":
            stop = text(table(event.get("delta")).get("stop_reason"))
            self._body["stop_reason"] = stop or self._body.get("stop_reason")
        elif kind == "content_block_start":
            self._begin(index, table(event.get("content_block")))
        elif kind == "content_block_delta":
            return self._take_delta(index, table(event.get("delta")))
        elif kind == "message":
            # All in one piece, though a stream was asked for.
            self._body, self._blocks = dict(event), tables(event.get("content"))
        return False

    def _begin(self, index: int | None, block: Table) -> Table:
        self._at[index] = {**block, "type": text(block.get("type"))}
        self._blocks.append(self._at[index])
        return self._at[index]

    def _take_delta(self, index: int | None, delta: Table) -> bool:
        keys = [key for key in _BLOCK_OF if text(delta.get(key))]
        for key in keys:
            block = self._at.get(index)
            if block is None or not block["type"].endswith(_BLOCK_OF[key]):
                if key == "partial_json":  # of a call that nobody has named
                    continue
                block = self._begin(index, {"type": _BLOCK_OF[key]})
            _grow(block, {key: delta[key]})
        return any(key != "signature" for key in keys)


_BLOCK_OF = {
    "text": "text",
    "thinking": "thinking",
    "signature": "thinking",
    "partial_json": "tool_use",
}
"""What a delta of that name belongs to."""


class ResponseAssembly:
    """Of `response.created` … `response.completed` a `response`."""

    def __init__(self) -> None:
        self.is_done = False
        """Never: only the response itself tells how it has ended."""
        self._body: Table = {}
        self._items: list[Table] = []
        self._at: dict[int | None, Table] = {}
        """The item that a place in the output stands for."""
        self._shows_thinking = False

    @property
    def body(self) -> Table:
        """The answer so far."""
        output = self._body.get("output") or self._items
        found = {**self._body, **({"output": output} if output else {})}
        return table(_joined(found)) | {"shows_thinking": self._shows_thinking}

    def take(self, event: Table) -> bool:
        """Add an event; whether it carried output."""
        kind = text(event.get("type"))
        response = table(event.get("response"))
        if kind in ("response.completed", "response.incomplete"):
            # llama-server puts its timings beside the response.
            self._body = {**response, "timings": event.get("timings")}
        elif error := error_in(event) or error_in(response):
            self._body = {"error": error}
        elif kind == "response.failed":
            self._body = {"error": response or event}
        elif event.get("object") == "response":
            self._body = event
        elif kind == "response.output_item.added":
            item = table(event.get("item"))
            if key := RESPONSE_CALLS.get(text(item.get("type"))):
                item = item | {key: _Pieces()}
            self._items.append(item)
            self._at[count(event.get("output_index"))] = item
        elif kind.endswith("arguments.done"):
            item = self._item(event)
            if item.get("type") == "function_call" and text(event.get("arguments")):
                item["arguments"] = _Pieces([event["arguments"]])
        elif kind.endswith(".delta") and text(event.get("delta")):
            self._take_delta(kind, event)
            return True
        return False

    def _item(self, event: Table) -> Table:
        """The item that an event belongs to: at its place, or the last."""
        last = self._items[-1] if self._items else {}
        return self._at.get(count(event.get("output_index")), last)

    def _take_delta(self, kind: str, event: Table) -> None:
        self._shows_thinking |= kind == "response.reasoning_text.delta"
        last, delta = self._item(event), text(event.get("delta"))
        if "call" in kind:
            if key := RESPONSE_CALLS.get(text(last.get("type"))):
                last[key].append(delta)
            return
        own = (
            ("reasoning", "summary") if "reasoning" in kind else ("message", "content")
        )
        if last.get("type") != own[0]:
            last = {"type": own[0], "role": "assistant"}
            self._items.append(last)
        if not tables(last.get(own[1])):
            last[own[1]] = [{}]
        _grow(last[own[1]][-1], {"text": delta})


RESPONSE_CALLS = {"function_call": "arguments", "custom_tool_call": "input"}
"""Items that use a tool of the agent, with where what the model wrote for it stands."""


class Assembly(Protocol):
    """Of events, or parts, one answer."""

    is_done: bool

    @property
    def body(self) -> Table:
        """The answer so far."""

    def take(self, event: Table, /) -> bool:
        """Add one; whether it carried output."""


ASSEMBLIES: dict[str, Callable[[], Assembly]] = {
    "openai_chat": ChatAssembly,
    "anthropic_messages": MessageAssembly,
    "openai_responses": ResponseAssembly,
}
"""By the name of their protocol."""


def assembled(assembly: Assembly, raw: bytes) -> Table:
    """An answer as it was received, in one piece or streamed, as one object."""
    whole = parsed(raw)
    if isinstance(whole, dict):
        return whole
    events = Events()
    for event in (*events.feed(raw), StreamEvent(events.rest())):
        assembly.take(said(event))
    return assembly.body


def thinking(message: Table) -> str:
    """What a message of the chat protocol holds of the model's thinking."""
    for name in THINKING:
        if found := text(message.get(name)):
            return found
    parts = (tables(message.get(name)) for name in (*THINKING_PARTS, "content"))
    return "".join(_thoughts(part) for each in parts for part in each)


def _thoughts(part: Table) -> str:
    found = part.get("thinking")
    if isinstance(found, list):  # Mistral: vercel/ai#8072
        return "".join(text(each.get("text")) for each in tables(found))
    if text(part.get("type")).startswith("reasoning."):  # OpenRouter
        found = part.get("text") or part.get("summary")
    return text(found)


def _grow(known: Table, parts: Table, levels: int = 2) -> None:
    """Add what came to what is there: texts grow, lists part by part."""
    for key, value in parts.items():
        if key == "tool_calls":
            continue
        before = known.get(key)
        if isinstance(value, str) and key in GROWING:
            if isinstance(before, _Pieces):
                before.append(value)
            elif isinstance(before, list):
                _extend(before, [{"type": "text", "text": value}], levels)
            else:
                known[key] = _Pieces([text(before), value])
        elif isinstance(value, list) and key in _LISTS and levels:
            if not isinstance(before, list) or isinstance(before, _Pieces):
                said = "".join(before or ())
                before = [{"type": "text", "text": said}] if said else []
                known[key] = before
            _extend(before, tables(value), levels)
        elif value is not None:
            known[key] = value


_LISTS = frozenset(("content", "thinking", "summary", *THINKING_PARTS))
"""Of which a stream brings the parts, and the parts in pieces."""


def _extend(known: list[Table], parts: Iterable[Table], levels: int) -> None:
    """Add parts to a list: to the last of the same kind, or behind it."""
    for part in parts:
        last = known[-1] if known else {}
        marks = [key for key in ("type", "index", "id") if key in part and key in last]
        if not last or any(last[key] != part[key] for key in marks):
            last = {}
            known.append(last)
        _grow(last, part, levels - 1)


_DEEPEST = 10
"""No growing text lies deeper in an answer."""


def _joined(value: object, levels: int = _DEEPEST) -> object:
    """The same without texts in pieces."""
    if isinstance(value, _Pieces):
        return "".join(value)
    if isinstance(value, dict) and levels:
        return {key: _joined(each, levels - 1) for key, each in value.items()}
    if isinstance(value, list) and levels:
        return [_joined(each, levels - 1) for each in value]
    return value
