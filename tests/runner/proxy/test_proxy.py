"""The proxy between a real client and real servers of every temper."""

import asyncio
import gzip
import json
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientSession, web
from hypothesis import given, settings
from hypothesis import strategies as st

from harness_bench.errors import RunError
from runner.limits import Limits
from runner.proxy.metering import Refusal
from runner.proxy.proxy import Proxy
from runner.proxy.upstream import Upstream
from runner.proxy.wire.loose import dumped
from runner.proxy.wire.wire import Sampling
from tests.runner.proxy.servers import (
    ASK,
    CHAT,
    EVENTS,
    WHOLE,
    Remembering,
    answering,
    between,
    posted,
    sending,
)
from tests.runner.streams import (
    OPENAI,
    STREAMS,
    USAGE,
    Json,
    Stream,
    chunk,
    cut,
    lines,
)
from tests.runner.talking import HIGH, Handler, logged, serving, until

NO_USAGE = {key: OPENAI.request[key] for key in ("model", "messages", "stream")}

# Streams.


@settings(max_examples=40)
@given(
    stream=st.sampled_from(STREAMS),
    places=st.lists(st.integers(0, 10_000), max_size=20),
)
def test_a_stream_comes_out_as_it_went_in_however_it_is_cut(
    tmp_path_factory: pytest.TempPathFactory, stream: Stream, places: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("proxy")

    async def pass_through() -> bytes:
        parts = cut(stream.raw, places)
        async with between(folder, sending(parts)) as (proxy, client):
            _, raw = await posted(client, stream.request, stream.path)
            usage = proxy.usage()
        assert usage.tokens_in == stream.answer.tokens_in
        assert usage.tokens_cached == stream.answer.tokens_cached
        assert usage.tokens_out == stream.answer.tokens_out
        assert usage.first_token_s is not None
        return bytes(raw)

    assert asyncio.run(pass_through()) == stream.raw
    (call,) = logged(folder)
    assert call["outcome"] == "answered"
    assert call["response"].encode() == stream.raw
    assert call["request"] == stream.request
    assert call["finish"] == stream.answer.finish


@settings(max_examples=25)
@given(places=st.lists(st.integers(0, 10_000), max_size=20))
def test_usage_that_only_the_proxy_asked_for_is_hidden(
    tmp_path_factory: pytest.TempPathFactory, places: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("proxy")

    async def pass_through() -> bytes:
        parts = cut(OPENAI.raw, places)
        async with between(folder, sending(parts)) as (proxy, client):
            _, raw = await posted(client, NO_USAGE)
            assert proxy.usage().tokens_in == 120
        return bytes(raw)

    usage = OPENAI.raw.rindex(b"data: {")
    done = OPENAI.raw.rindex(b"data: [DONE]")
    assert asyncio.run(pass_through()) == OPENAI.raw[:usage] + OPENAI.raw[done:]
    (call,) = logged(folder)
    assert call["request"]["stream_options"] == {"include_usage": True}
    assert call["response"].encode() == OPENAI.raw


@pytest.mark.parametrize(
    "raw",
    [
        lines([chunk({"content": "x"}, "stop")]) + b"data: [DONE]",
        lines([chunk({"content": "x"}, "stop", usage=USAGE)]) + b"data: [DONE]\n\n",
    ],
    ids=["no empty line at the end", "usage beside the last words"],
)
def test_only_an_event_of_usage_alone_is_hidden(tmp_path: Path, raw: bytes) -> None:
    async def pass_through() -> bytes:
        async with between(tmp_path, sending([raw])) as (_, client):
            return bytes((await posted(client, NO_USAGE))[1])

    assert asyncio.run(pass_through()) == raw
    assert logged(tmp_path)[0]["outcome"] == "answered"


@pytest.mark.parametrize("asked", [OPENAI.request, NO_USAGE], ids=["told", "hidden"])
def test_each_part_is_passed_on_before_the_next_is_sent(
    tmp_path: Path, asked: Json
) -> None:
    async def pass_through() -> None:
        seen = asyncio.Event()

        async def handler(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers=EVENTS)
            await response.prepare(request)
            for event in OPENAI.raw.split(b"\n\n")[:3]:
                await response.write(event + b"\n\n")
                await asyncio.wait_for(seen.wait(), 10)
                seen.clear()
            return response

        async with (
            between(tmp_path, handler) as (_, client),
            client.post(CHAT, json=asked) as response,
        ):
            for _ in range(3):
                assert b"data: " in await response.content.readany()
                seen.set()
            assert await response.read() == b""

    asyncio.run(pass_through())


# What the proxy answers itself, and to whom it speaks.


def test_only_the_ways_to_a_model_are_open(tmp_path: Path) -> None:
    async def ask() -> list[int]:
        server = Remembering({"data": [{"id": "m"}]})
        async with between(tmp_path, server.answer) as (_, client):
            statuses = []
            for method, path in (
                ("HEAD", "/"),
                ("GET", "/"),
                ("GET", "/v1/models"),
                ("POST", "/v1/messages/count_tokens?beta=true"),
                ("GET", "/props"),
                ("POST", "/v1/embeddings"),
                ("GET", "/v1/chat/../../slots"),
                ("POST", "//v1/chat/completions"),
            ):
                async with client.request(method, path, data=b"{}") as response:
                    statuses.append(response.status)
        assert server.paths == ["/v1/messages/count_tokens?beta=true"]
        return statuses

    assert asyncio.run(ask()) == [200, 200, 200, 200, 404, 404, 404, 404]
    assert logged(tmp_path) == []


def test_prompts_are_counted_no_more_often_than_calls_may_be_made(
    tmp_path: Path,
) -> None:
    async def ask() -> tuple[list[int], int]:
        server = Remembering({"input_tokens": 7})
        limits = Limits(calls=3)
        async with between(tmp_path, server.answer, limits=limits) as (_, client):
            path = "/v1/messages/count_tokens"
            statuses = [(await posted(client, {}, path))[0] for _ in range(5)]
        return statuses, len(server.paths)

    assert asyncio.run(ask()) == ([200, 200, 200, 402, 402], 3)


def test_what_a_server_packs_unasked_is_unpacked_on_the_way(tmp_path: Path) -> None:
    async def handler(_: web.Request) -> web.StreamResponse:
        packed = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        body = gzip.compress(json.dumps(WHOLE).encode())
        return web.Response(body=body, headers=packed)

    async def ask() -> tuple[tuple[int, object], object]:
        async with between(tmp_path, handler) as (proxy, client):
            return await posted(client), proxy.meter.answered

    said, answered = asyncio.run(ask())
    assert said == (200, WHOLE)
    assert answered is not None


def test_the_key_is_on_this_side_only(tmp_path: Path) -> None:
    async def ask() -> Remembering:
        server = Remembering()
        key = {"Authorization": "Bearer secret-key"}
        async with between(tmp_path, server.answer, headers=lambda _: key) as (
            _,
            client,
        ):
            theirs = {"Authorization": "Bearer theirs", "x-api-key": "theirs"}
            async with client.post(CHAT, json=ASK, headers=theirs) as response:
                assert "secret-key" not in str(response.headers)
        return server

    (headers,) = asyncio.run(ask()).headers
    assert headers["Authorization"] == "Bearer secret-key"
    assert "theirs" not in str(headers)
    assert "secret-key" not in (tmp_path / "calls.jsonl").read_text()


def test_what_is_injected_reaches_the_server_and_the_log(tmp_path: Path) -> None:
    async def ask() -> Remembering:
        server = Remembering()
        sampling = Sampling(temperature=0.0, seed=3, output_tokens=64)
        async with between(tmp_path, server.answer, sampling=sampling) as (_, client):
            await posted(client, {"messages": [], "temperature": 1.5})
        return server

    injected = {"messages": [], "temperature": 0.0, "seed": 3, "max_tokens": 64}
    assert asyncio.run(ask()).bodies == [injected]
    assert logged(tmp_path)[0]["request"] == injected


def test_the_sampling_is_what_every_protocol_that_was_spoken_took(
    tmp_path: Path,
) -> None:
    async def told(*paths: str, **set_: Any) -> list[str | None]:  # noqa: ANN401 - any
        server = Remembering()
        sampling = Sampling(**set_)
        async with between(tmp_path, server.answer, sampling=sampling) as (
            proxy,
            client,
        ):
            found = [proxy.sampling]
            for path in paths:
                await posted(client, {"messages": []}, path)
                found.append(proxy.sampling)
        return found

    everything = {"temperature": 0.2, "seed": 1, "output_tokens": 64}
    whole = "temperature=0.2 max_tokens=64 seed=1"
    assert asyncio.run(told(CHAT, "/v1/messages", CHAT, **everything)) == [
        None,
        whole,
        "temperature=0.2 max_tokens=64",
        "temperature=0.2 max_tokens=64",
    ]
    assert asyncio.run(told("/v1/responses", seed=1)) == [None, None]
    assert asyncio.run(told(CHAT, temperature=0.0, seed=0)) == [
        None,
        "temperature=0.0 seed=0",
    ]


def test_a_body_that_is_no_object_is_the_harnesss_own_fault(tmp_path: Path) -> None:
    async def ask() -> list[int]:
        server = Remembering()
        async with between(tmp_path, server.answer) as (proxy, client):
            statuses = []
            for body in (b"", b"[]", b"{", b"\xff", b"[" * 100_000):
                async with client.post(CHAT, data=body) as response:
                    statuses.append(response.status)
            assert proxy.usage().calls == 0
            assert not proxy.meter.upstream_failed_last
        assert server.paths == []
        return statuses

    assert asyncio.run(ask()) == [400] * 5


def test_the_agents_user_may_connect(tmp_path: Path) -> None:
    async def mode() -> int:
        async with between(tmp_path, answering(WHOLE)):
            return stat.S_IMODE((tmp_path / "model.sock").stat().st_mode)

    assert asyncio.run(mode()) == 0o666
    assert stat.S_IMODE((tmp_path / "calls.jsonl").stat().st_mode) == 0o600


# The sandbox's first process.


def test_the_first_ready_holds(tmp_path: Path) -> None:
    async def ask() -> None:
        async with between(tmp_path, answering(WHOLE)) as (proxy, client):
            assert not proxy.ready.is_set()
            async with client.get("/bench/ready") as response:
                assert response.status == 200
            first = proxy.ready_at
            assert first is not None
            assert proxy.ready.is_set()
            async with client.get("/bench/ready") as response:
                assert response.status == 200
            assert proxy.ready_at == first

    asyncio.run(ask())


def test_a_harness_that_was_never_started_is_told_once(tmp_path: Path) -> None:
    async def ask() -> str | None:
        async with between(tmp_path, answering(WHOLE)) as (proxy, client):
            for reason in ("no such program: pi\n", "something else"):
                async with client.post("/bench/failed", data=reason) as response:
                    assert response.status == 200
            return proxy.start_failed

    assert asyncio.run(ask()) == "no such program: pi"


def test_a_reason_is_cut_and_read_whatever_its_bytes(tmp_path: Path) -> None:
    async def ask(reason: bytes) -> str | None:
        async with between(tmp_path, answering(WHOLE)) as (proxy, client):
            await client.post("/bench/failed", data=reason)
            return proxy.start_failed

    assert asyncio.run(ask(b"x" * 5000)) == "x" * 4096
    assert asyncio.run(ask(b"caf\xe9")) == "caf\N{REPLACEMENT CHARACTER}"


def test_an_answer_in_one_piece_tells_its_length_and_a_stream_does_not(
    tmp_path: Path,
) -> None:
    async def ask(handler: Handler) -> str | None:
        async with (
            between(tmp_path, handler) as (_, client),
            client.post(CHAT, json=ASK) as response,
        ):
            await response.read()
            return response.headers.get("Content-Length")

    assert asyncio.run(ask(answering(WHOLE))) == str(len(json.dumps(WHOLE)))
    assert asyncio.run(ask(sending([OPENAI.raw]))) is None


def test_an_agent_that_has_had_its_say_cannot_call_itself_broken(
    tmp_path: Path,
) -> None:
    async def ask() -> str | None:
        async with between(tmp_path, answering(WHOLE)) as (proxy, client):
            await posted(client)
            async with client.post("/bench/failed", data="broken") as response:
                assert response.status == 409
            return proxy.start_failed

    assert asyncio.run(ask()) is None


# Budgets.


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        (CHAT, 429, "insufficient_quota"),
        ("/v1/messages", 402, "billing_error"),
        ("/v1/responses", 429, "insufficient_quota"),
    ],
)
@pytest.mark.parametrize("limits", [Limits(calls=2), Limits(tokens=25)])
def test_a_spent_budget_is_refused_in_the_words_of_the_protocol(
    tmp_path: Path, path: str, status: int, kind: str, limits: Limits
) -> None:
    async def ask() -> tuple[int, Any]:
        async with between(tmp_path, answering(WHOLE), limits=limits) as (
            proxy,
            client,
        ):
            assert (await posted(client))[0] == 200
            assert (await posted(client))[0] == 200
            assert proxy.meter.stop is None
            refused = await posted(client, path=path)
            assert proxy.meter.stop is Refusal.BUDGET
            assert proxy.stopped.is_set()
            assert proxy.usage().calls == 2
            assert proxy.usage().refused == 1
            return refused

    found, body = asyncio.run(ask())
    assert found == status
    assert body["error"]["type"] == kind
    assert [call["outcome"] for call in logged(tmp_path)][-1] == "refused"


def test_spending_exactly_the_budget_is_no_reason_to_stop(tmp_path: Path) -> None:
    async def ask() -> Refusal | None:
        limits = Limits(calls=1, tokens=15)
        async with between(tmp_path, answering(WHOLE), limits=limits) as (
            proxy,
            client,
        ):
            assert (await posted(client))[0] == 200
            return proxy.meter.stop

    assert asyncio.run(ask()) is None


def test_an_answer_without_end_is_cut_when_its_pieces_spend_the_budget(
    tmp_path: Path,
) -> None:
    piece = b'data: {"choices":[{"delta":{"content":"word "}}]}\n\n'

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=EVENTS)
        await response.prepare(request)
        while True:
            await response.write(piece)
            await asyncio.sleep(0)

    async def ask() -> Proxy:
        async with between(tmp_path, endless, limits=Limits(tokens=1000)) as (
            proxy,
            client,
        ):
            with pytest.raises(aiohttp.ClientPayloadError):
                await posted(client)
            await asyncio.wait_for(proxy.stopped.wait(), 10)
        return proxy

    proxy = asyncio.run(ask())
    assert proxy.meter.stop is Refusal.BUDGET
    assert not proxy.meter.upstream_failed_last
    (call,) = logged(tmp_path)
    assert call["outcome"] == "cut"
    assert call["response"].encode().count(piece) > 1000 - len(dumped(call["request"]))


def test_answers_that_the_harness_does_not_read_to_their_end_spend_the_budget(
    tmp_path: Path,
) -> None:
    piece = b'data: {"choices":[{"delta":{"content":"word "}}]}\n\n'

    async def lingering(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=EVENTS)
        await response.prepare(request)
        await response.write(piece * 20)
        await asyncio.sleep(60)
        return response

    async def ask() -> Proxy:
        limits = Limits(tokens=70)  # and ten or so for each prompt
        async with between(tmp_path, lingering, limits=limits) as (proxy, client):
            while not proxy.stopped.is_set():
                async with client.post(CHAT, json=ASK) as response:
                    with suppress(aiohttp.ClientError):
                        await response.content.readany()
                    response.close()
                await until(lambda: not proxy.meter.in_flight)
        return proxy

    proxy = asyncio.run(ask())
    assert proxy.meter.stop is Refusal.BUDGET
    assert proxy.usage().calls == 3
    assert proxy.usage().tokens_out is None


def test_a_key_does_not_follow_a_redirection(tmp_path: Path) -> None:
    async def elsewhere(_: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect("http://127.0.0.1:9/v1/chat/completions")

    async def ask() -> int:
        async with (
            between(tmp_path, elsewhere) as (_, client),
            client.post(CHAT, json=ASK, allow_redirects=False) as response,
        ):
            return response.status

    assert asyncio.run(ask()) == 307
    assert logged(tmp_path)[0]["outcome"] == "upstream"


# The log, and the socket.


def test_a_line_is_on_disk_when_its_answer_has_arrived(tmp_path: Path) -> None:
    async def ask() -> None:
        async with between(tmp_path, answering(WHOLE)) as (proxy, client):
            for number in range(1, 4):
                await posted(client)
                await until(lambda: not proxy.meter.in_flight)
                assert len(logged(tmp_path)) == number

    asyncio.run(ask())


def test_a_log_that_cannot_be_written_is_an_error_at_the_end(tmp_path: Path) -> None:
    async def ask() -> None:
        async with serving(answering(WHOLE)) as url:
            full = Proxy(
                tmp_path / "s",
                upstream=Upstream(url),
                limits=HIGH,
                log=Path("/dev/full"),
            )
            connector = aiohttp.UnixConnector(str(tmp_path / "s"))
            async with full, ClientSession("http://x", connector=connector) as client:
                assert (await posted(client))[0] == 200

    with pytest.raises(RunError, match=r"full: cannot be written \(no space left"):
        asyncio.run(ask())


def test_a_socket_with_too_long_a_path_is_one_clear_line(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()

    async def ask() -> None:
        async with between(folder, answering(WHOLE)):
            pass

    with pytest.raises(RunError, match="AF_UNIX path too long"):
        asyncio.run(ask())
