"""What the proxy counts, between real clients and real servers."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from runner.proxy.proxy import Proxy
from runner.proxy.wire.loose import dumped
from tests.runner.proxy.servers import (
    ASK,
    CHAT,
    EVENTS,
    WHOLE,
    answering,
    between,
    posted,
    sending,
)
from tests.runner.streams import (
    LLAMA,
    OPENAI,
    chunk,
    lines,
)
from tests.runner.talking import logged


def test_calls_side_by_side_share_their_time(tmp_path: Path) -> None:
    async def slow(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.2)
        return web.json_response(WHOLE)

    async def ask() -> Proxy:
        async with between(tmp_path, slow) as (proxy, client):
            await asyncio.gather(*(posted(client) for _ in range(4)))
            await asyncio.sleep(0.2)
            await posted(client)
        return proxy

    usage = asyncio.run(ask()).usage()
    calls = logged(tmp_path)
    assert {call["number"] for call in calls} == {1, 2, 3, 4, 5}
    alone = calls[-1]["ended_s"] - calls[-1]["started_s"]
    together = max(call["ended_s"] for call in calls[:-1]) - min(
        call["started_s"] for call in calls[:-1]
    )
    assert usage.model_time_s == pytest.approx(alone + together, abs=1e-4)
    assert together < sum(call["ended_s"] - call["started_s"] for call in calls[:-1])


def test_what_no_server_told_is_estimated_or_unknown_and_not_zero(
    tmp_path: Path,
) -> None:
    silent = {key: value for key, value in WHOLE.items() if key != "usage"}

    async def ask() -> Proxy:
        async with between(tmp_path, answering(silent)) as (proxy, client):
            assert proxy.usage().tokens_in == 0
            await posted(client)
        return proxy

    usage = asyncio.run(ask()).usage()
    assert usage.calls == 1
    assert usage.is_estimated
    assert 0 < (usage.tokens_in or 0) < len(dumped(ASK))
    assert usage.tokens_cached is None
    assert usage.tokens_out == 1
    assert usage.context_peak is None


def test_sums_peak_and_malformed_calls_are_what_the_servers_told(
    tmp_path: Path,
) -> None:
    turns = iter((OPENAI, LLAMA, LLAMA))

    async def handler(request: web.Request) -> web.StreamResponse:
        return await sending([next(turns).raw])(request)

    async def ask() -> Proxy:
        async with between(tmp_path, handler) as (proxy, client):
            for _ in range(3):
                await posted(client)
        return proxy

    usage = asyncio.run(ask()).usage()
    assert usage.calls == 3
    assert usage.tokens_in == 120 + 50 + 50
    assert usage.tokens_cached == 100 + 31 + 31
    assert usage.tokens_out == 9 + 12 + 12
    assert usage.context_peak == 129
    assert usage.malformed_tool_calls == 2


def test_a_harness_that_reads_slowly_does_not_make_the_model_slow(
    tmp_path: Path,
) -> None:
    async def steady(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=EVENTS)
        await response.prepare(request)
        for word in "abcde":
            await response.write(lines([chunk({"content": word})]))
            await asyncio.sleep(0.05)
        await response.write(lines([chunk({}, "stop")]))
        await asyncio.sleep(0.5)
        used = {"prompt_tokens": 1, "completion_tokens": 41}
        await response.write(lines([{"choices": [], "usage": used}]))
        return response

    async def ask() -> Proxy:
        async with (
            between(tmp_path, steady) as (proxy, client),
            client.post(CHAT, json=ASK) as response,
        ):
            await asyncio.sleep(1.2)
            await response.read()
        return proxy

    usage = asyncio.run(ask()).usage()
    (call,) = logged(tmp_path)
    assert usage.tokens_per_s is not None
    assert usage.tokens_per_s == pytest.approx(
        40 / (call["last_token_s"] - call["first_token_s"]), rel=1e-3
    )
    assert call["ended_s"] - call["last_token_s"] > 0.4


def test_an_answer_in_one_piece_tells_neither_speed_nor_first_token(
    tmp_path: Path,
) -> None:
    async def ask() -> Proxy:
        async with between(tmp_path, answering(WHOLE)) as (proxy, client):
            await posted(client)
        return proxy

    usage = asyncio.run(ask()).usage()
    assert usage.tokens_out == 5
    assert (usage.first_token_s, usage.tokens_per_s) == (None, None)
