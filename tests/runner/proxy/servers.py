"""Real servers of every temper, and a proxy in front of them."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, web

from runner.proxy.proxy import Proxy
from tests.runner.streams import (
    OPENAI,
    Json,
)
from tests.runner.talking import Handler, proxied, serving

CHAT = "/v1/chat/completions"
ASK: Json = {"model": "m", "messages": [], "stream": True}
WHOLE: Json = {
    "choices": [{"message": {"content": "Hallo"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 10, "completion_tokens": 5},
}
EVENTS = {"Content-Type": "text/event-stream"}


def sending(parts: Sequence[bytes]) -> Handler:
    """A server that always streams these parts."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=EVENTS)
        await response.prepare(request)
        for part in parts:
            await response.write(part)
            await asyncio.sleep(0)
        return response

    return handler


def answering(body: object, status: int = 200) -> Handler:
    """A server that always answers the same in one piece."""

    async def handler(_: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status)

    return handler


async def breaking(request: web.Request) -> web.StreamResponse:
    """A server that resets the connection in the middle of a stream."""
    response = web.StreamResponse(headers=EVENTS)
    await response.prepare(request)
    await response.write(OPENAI.raw[: len(OPENAI.raw) // 2])
    await asyncio.sleep(0.01)
    assert request.transport is not None
    request.transport.abort()
    return response


class Remembering:
    """A server that keeps what it was asked."""

    def __init__(self, body: object = WHOLE) -> None:
        self.bodies: list[Json] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self._body = body

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.paths.append(request.path_qs)
        self.headers.append(dict(request.headers))
        if request.can_read_body:
            self.bodies.append(await request.json())
        return web.json_response(self._body)

    async def small(self, _: web.Request) -> web.StreamResponse:
        """The same without a look at what it was asked, however long that is."""
        return web.json_response(self._body)


@asynccontextmanager
async def between(
    folder: Path,
    handler: Handler,
    **more: Any,  # noqa: ANN401 - what `proxied` takes
) -> AsyncIterator[tuple[Proxy, ClientSession]]:
    """A proxy in front of a server of that handler."""
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serving(handler))
        yield await stack.enter_async_context(proxied(folder, url, **more))


async def posted(
    client: ClientSession, body: object = ASK, path: str = CHAT
) -> tuple[int, Any]:
    async with client.post(path, json=body) as response:
        raw = await response.read()
        is_json = response.content_type == "application/json"
        return response.status, json.loads(raw) if is_json else raw
