"""A small question of our own to a server, past every meter and log."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from runner.proxy.exchange import Exchange
from runner.proxy.metering import Call, Outcome
from runner.proxy.upstream import UPSTREAM_ERRORS, Asked, Upstream
from runner.proxy.wire.anthropic_messages import AnthropicMessages
from runner.proxy.wire.loose import Table, dumped
from runner.proxy.wire.openai_chat import OpenAIChat
from runner.proxy.wire.openai_responses import OpenAIResponses
from runner.proxy.wire.wire import Answer, Sampling, Wire
from runner.proxy.wordings import Meaning

WIRES: Final[Mapping[str, Wire]] = MappingProxyType(
    {
        "/v1/chat/completions": OpenAIChat(),
        "/v1/messages": AnthropicMessages(),
        "/v1/responses": OpenAIResponses(),
    }
)
"""Each path with the protocol that is spoken there."""
_TOKENS: Final = 16
_NOBODY: Final = frozenset({None, 502, 503, 504})
"""No status, or one of those that stand before a server that is not there yet."""
_LOOK_S: Final = 0.5
_LONGEST_LOOK_S: Final = 5.0
_TELL_S: Final = 10
_LONGEST_S: Final = 3600
"""A large model may be loaded for its first answer."""
_SAID: Final = {"role": "user", "content": "Say yes."}
_NAME, _ABOUT = "bash", "Run a command."
_TAKES: Final = {"type": "object", "properties": {"command": {"type": "string"}}}
_TOOL: Final[Mapping[str, Table]] = MappingProxyType(
    {
        "/v1/chat/completions": {
            "type": "function",
            "function": {"name": _NAME, "description": _ABOUT, "parameters": _TAKES},
        },
        "/v1/messages": {"name": _NAME, "description": _ABOUT, "input_schema": _TAKES},
        "/v1/responses": {
            "type": "function",
            "name": _NAME,
            "description": _ABOUT,
            "parameters": _TAKES,
        },
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, and how harnesses would ask it."""

    path: str
    """Of `WIRES`."""
    model: str
    sampling: Sampling
    stream: bool = False
    tools: bool = False
    """Whether a tool is offered."""

    def body(self) -> Table:
        """The request, with what we set in each."""
        asked: dict[str, Any] = {"model": self.model, "messages": [_SAID]}
        asked["max_tokens"] = _TOKENS
        if self.path == "/v1/responses":
            asked = {"model": self.model, "input": [_SAID]}
        if self.stream:
            asked["stream"] = True
        if self.tools:
            asked["tools"] = [_TOOL[self.path]]
        sampling = self.sampling
        if sampling.output_tokens is not None:
            sampling = replace(sampling, output_tokens=_TOKENS)
        body, _ = WIRES[self.path].request(asked, sampling)
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What came of asking."""

    status: int | None
    """None: nobody was there, or nothing came in time."""
    answer: Answer

    @property
    def is_there(self) -> bool:
        """Whether the server has said something of its own, and does not load."""
        return self.status not in _NOBODY and not self.is_loading

    @property
    def is_loading(self) -> bool:
        """Whether it says that it loads the model."""
        return self.answer.means is Meaning.LOADING


async def ask(
    upstream: Upstream, question: Question, *, within_s: float
) -> Said | None:
    """Ask it.

    Returns:
        What came of it, an error perhaps; None: nothing came in that time.
    """
    return await _asked_within(within_s, upstream, question.path, question.body())


async def ask_again(upstream: Upstream, call: Call, *, within_s: float) -> Said | None:
    """Ask what a harness has asked, word for word.

    Returns:
        As of `ask`.
    """
    path = next(path for path, wire in WIRES.items() if wire.name == call.protocol)
    return await _asked_within(within_s, upstream, path, call.request)


async def _asked_within(
    seconds: float, upstream: Upstream, path: str, body: Table
) -> Said | None:
    try:
        async with asyncio.timeout(seconds):
            return await _asked(upstream, path, body)
    except TimeoutError:
        return None


async def ask_until_loaded(
    upstream: Upstream,
    question: Question,
    *,
    start_s: float,
    load_s: float,
    say: Callable[[str], None] = lambda _: None,
) -> Said:
    """Ask it again and again while the server is starting, or loads the model.

    Nobody may be there for `start_s`; it may load for `load_s`.
    """
    began, pause_s = time.monotonic(), _LOOK_S
    while True:
        asking = asyncio.ensure_future(_asked(upstream, question.path, question.body()))
        try:
            for spent_s in range(_TELL_S, _LONGEST_S, _TELL_S):
                await asyncio.wait([asking], timeout=_TELL_S)
                if asking.done():
                    break
                say(f"no answer for {spent_s} s")
            else:
                late = Answer(error=f"no answer for {_LONGEST_S} s")
                return Said(status=None, answer=late)
            said = asking.result()
        finally:
            asking.cancel()
        patience_s = load_s if said.is_loading else start_s
        left_s = patience_s + began - time.monotonic()
        if said.is_there or left_s <= 0:
            return said
        say(said.answer.error or f"answers {said.status}")
        await asyncio.sleep(min(pause_s, left_s))
        pause_s = min(2 * pause_s, _LONGEST_LOOK_S)


async def _asked(upstream: Upstream, path: str, body: Table) -> Said:
    asked = Asked(
        method="POST",
        path=path,
        target=path,
        headers={"anthropic-version": "2023-06-01"},
        body=dumped(body),
    )
    try:
        reply = await upstream.fetch(asked)
    except UPSTREAM_ERRORS as error:
        words = f"{type(error).__name__}: {error}"
        return Said(status=None, answer=Answer(error=words))
    exchange = Exchange(WIRES[path], 0.0, body, hides_usage=False)
    is_stream = reply.headers.get("Content-Type", "").startswith("text/event-stream")
    exchange.open(reply.status, is_stream=is_stream)
    exchange.take(reply.body, 0.0)
    exchange.end()
    call = exchange.call(None, 0.0)
    is_well = call.outcome is Outcome.ANSWERED
    words = "" if is_well else call.answer.error or "an answer without an end"
    return Said(status=reply.status, answer=replace(call.answer, error=words or None))
