"""The proxy where servers fail, and where harnesses go away."""

import asyncio
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from runner.proxy.metering import Refusal
from runner.proxy.proxy import Proxy
from tests.runner.proxy.servers import (
    CHAT,
    EVENTS,
    WHOLE,
    answering,
    between,
    breaking,
    posted,
    sending,
)
from tests.runner.streams import (
    OPENAI,
)
from tests.runner.talking import Handler, logged, proxied, serving, until

# Servers that fail.


def test_a_server_that_is_not_there_answers_as_a_bad_gateway(tmp_path: Path) -> None:
    async def ask() -> Proxy:
        async with serving(answering(WHOLE)) as url:
            pass
        async with proxied(tmp_path, url) as (proxy, client):
            for number in range(1, 4):
                status, body = await posted(client)
                assert status == 502
                assert body["error"]["type"] == "server_error"
                assert proxy.meter.upstream_failed_last
                assert proxy.stopped.is_set() == (number == 3)
            assert (await posted(client))[0] == 503
        return proxy

    proxy = asyncio.run(ask())
    assert proxy.meter.stop is Refusal.UPSTREAM
    assert proxy.usage().calls == 3
    assert proxy.usage().tokens_in is None
    outcomes = [call["outcome"] for call in logged(tmp_path)]
    assert outcomes == ["upstream"] * 3 + ["refused"]


def test_a_reset_in_mid_stream_reaches_the_harness_as_a_broken_stream(
    tmp_path: Path,
) -> None:
    async def ask() -> Proxy:
        async with between(tmp_path, breaking) as (proxy, client):
            with pytest.raises(aiohttp.ClientPayloadError):
                await posted(client)
        return proxy

    assert asyncio.run(ask()).meter.upstream_failed_last
    (call,) = logged(tmp_path)
    assert call["outcome"] == "upstream"
    assert call["error"]
    assert OPENAI.raw.decode(errors="ignore").startswith(call["response"][:100])


@pytest.mark.parametrize(
    "handler",
    [
        answering({"error": {"message": "Loading model"}}, 503),
        answering({"error": {"message": "bad"}}, 400),
        answering("not found", 404),
        answering({"choices": []}),
        sending([OPENAI.raw[: len(OPENAI.raw) // 2]]),
        sending([b'data: {"error": {"message": "out of memory"}}\n\n']),
        sending([]),
    ],
    ids=["503", "400", "404", "no choice", "no end", "error in stream", "nothing"],
)
def test_three_failures_in_a_row_give_the_server_up(
    tmp_path: Path, handler: Handler
) -> None:
    async def ask() -> Proxy:
        async with between(tmp_path, handler) as (proxy, client):
            for _ in range(3):
                assert not proxy.stopped.is_set()
                await posted(client)
        return proxy

    proxy = asyncio.run(ask())
    assert proxy.meter.stop is Refusal.UPSTREAM
    assert proxy.meter.upstream_failed_last
    assert {call["outcome"] for call in logged(tmp_path)} == {"upstream"}


def test_one_answer_between_failures_is_patience(tmp_path: Path) -> None:
    async def ask() -> Proxy:
        turns = iter([503, 503, 200, 503, 503, 200, 503])

        async def handler(_: web.Request) -> web.StreamResponse:
            return web.json_response(WHOLE, status=next(turns))

        async with between(tmp_path, handler) as (proxy, client):
            for _ in range(7):
                await posted(client)
        return proxy

    proxy = asyncio.run(ask())
    assert proxy.meter.stop is None
    assert proxy.meter.upstream_failed_last


def test_a_failure_is_passed_on_as_the_server_worded_it(tmp_path: Path) -> None:
    body = {"error": {"message": "Loading model", "type": "unavailable_error"}}

    async def ask() -> tuple[int, object]:
        async with between(tmp_path, answering(body, 503)) as (_, client):
            return await posted(client)

    assert asyncio.run(ask()) == (503, body)


def test_a_conversation_too_long_is_a_kind_of_its_own(tmp_path: Path) -> None:
    error = {"code": 400, "type": "exceed_context_size_error", "message": "too long"}

    async def ask() -> Proxy:
        async with between(tmp_path, answering({"error": error}, 400)) as (
            proxy,
            client,
        ):
            for _ in range(4):
                assert (await posted(client))[0] == 400
        return proxy

    proxy = asyncio.run(ask())
    assert proxy.meter.stop is None
    assert not proxy.meter.upstream_failed_last
    assert proxy.usage().overflows == 4


@pytest.mark.parametrize(
    "error",
    [
        {"code": "1113", "message": "Insufficient balance. Please recharge."},
        {"type": "exceeded_current_quota_error", "message": "suspended"},
        {"type": "tokens", "message": "Request too large for gpt-4o, reduce it"},
    ],
)
def test_what_no_waiting_mends_is_not_waited_for(
    tmp_path: Path, error: dict[str, str]
) -> None:
    async def ask() -> int:
        async with between(tmp_path, answering({"error": error}, 429)) as (_, client):
            return (await posted(client))[0]

    assert asyncio.run(ask()) == 429
    (call,) = logged(tmp_path)
    assert call["pauses"] == 0


# Harnesses that go away.


def test_a_harness_that_hangs_up_frees_the_server_and_is_not_its_failure(
    tmp_path: Path,
) -> None:
    async def ask() -> Proxy:
        freed = asyncio.Event()

        async def slow(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers=EVENTS)
            await response.prepare(request)
            await response.write(OPENAI.raw[:40])
            try:
                await asyncio.sleep(60)
            finally:
                freed.set()
            return response

        async with between(tmp_path, slow) as (proxy, client):
            async with client.post(CHAT, json=OPENAI.request) as response:
                await response.content.readany()
                assert proxy.meter.in_flight == 1
                response.close()
            await asyncio.wait_for(freed.wait(), 10)
        return proxy

    proxy = asyncio.run(ask())
    assert proxy.meter.in_flight == 0
    assert not proxy.meter.upstream_failed_last
    (call,) = logged(tmp_path)
    assert call["outcome"] == "abandoned"


def test_hanging_up_on_a_server_that_has_failed_does_not_excuse_it(
    tmp_path: Path,
) -> None:
    async def ask() -> Proxy:
        turns = iter([503, None, 503, None, 503])

        async def handler(_: web.Request) -> web.StreamResponse:
            status = next(turns)
            if status is None:
                await asyncio.sleep(60)
            return web.json_response({}, status=status or 200)

        async with between(tmp_path, handler) as (proxy, client):
            for _ in range(2):
                await posted(client)
                with suppress(TimeoutError):
                    await asyncio.wait_for(posted(client), 0.1)
                await until(lambda: not proxy.meter.in_flight)
                assert proxy.meter.upstream_failed_last
            await posted(client)
        return proxy

    assert asyncio.run(ask()).meter.stop is Refusal.UPSTREAM


def test_a_harness_may_hang_up_as_soon_as_it_has_read_the_end(tmp_path: Path) -> None:
    async def ask() -> Proxy:
        async def lingering(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers=EVENTS)
            await response.prepare(request)
            await response.write(OPENAI.raw)
            await asyncio.sleep(60)
            return response

        async with between(tmp_path, lingering) as (proxy, client):
            async with client.post(CHAT, json=OPENAI.request) as response:
                await response.content.readany()
                response.close()
            await until(lambda: not proxy.meter.in_flight)
        return proxy

    assert asyncio.run(ask()).usage().tokens_out == 9
    assert logged(tmp_path)[0]["outcome"] == "answered"


def test_the_end_of_the_block_ends_calls_under_way_and_records_them(
    tmp_path: Path,
) -> None:
    async def hanging(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    async def ask() -> float:
        loop = asyncio.get_running_loop()
        async with between(tmp_path, hanging) as (proxy, client):
            calls = [asyncio.ensure_future(posted(client)) for _ in range(3)]
            await until(lambda: proxy.meter.in_flight == 3)
            began = loop.time()
        took = loop.time() - began
        await asyncio.gather(*calls, return_exceptions=True)
        return took

    assert asyncio.run(ask()) < 5
    assert [call["outcome"] for call in logged(tmp_path)] == ["abandoned"] * 3
