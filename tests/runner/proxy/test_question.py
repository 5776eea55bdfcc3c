"""Questions of our own: how they are put, and how long an answer is waited for."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from runner.proxy import question
from runner.proxy.question import WIRES, Question, Said, ask, ask_until_loaded
from runner.proxy.upstream import Upstream
from runner.proxy.wire.wire import Sampling
from tests.runner.talking import serving

ALL = Sampling(temperature=0.5, seed=3, output_tokens=8192)


@pytest.mark.parametrize("path", WIRES)
def test_a_question_says_what_every_request_says_but_for_its_length(path: str) -> None:
    asked = Question(path=path, model="m", sampling=ALL, stream=True, tools=True)
    body = asked.body()
    assert (body["model"], body["temperature"], body["stream"]) == ("m", 0.5, True)
    assert body.get("seed") == (3 if WIRES[path].has_seed else None)
    lengths = {key: body[key] for key in body if key.startswith("max_")}
    assert set(lengths.values()) == {16}
    assert len(body["tools"]) == 1


def test_the_tool_that_is_offered_is_one_that_strict_servers_take() -> None:
    about = {"name": "bash", "description": "Run a command."}
    takes = {"type": "object", "properties": {"command": {"type": "string"}}}
    offered = {
        path: Question(path=path, model="m", sampling=ALL, tools=True).body()["tools"]
        for path in WIRES
    }
    assert offered == {
        "/v1/chat/completions": [
            {"type": "function", "function": about | {"parameters": takes}}
        ],
        "/v1/messages": [about | {"input_schema": takes}],
        "/v1/responses": [{"type": "function", **about, "parameters": takes}],
    }


def test_a_plain_question_has_no_tools_and_no_stream() -> None:
    plain = Question(path="/v1/messages", model="m", sampling=Sampling()).body()
    assert not {"tools", "stream", "temperature"} & set(plain)


def said(
    answers: list[tuple[int, Any]], *, start_s: float = 0, load_s: float = 0
) -> tuple[Said, list[str], int]:
    """What comes of a server with these answers, the last of them for ever."""
    asked, words = list[str](), list[str]()

    async def handler(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        status, body = answers[min(len(asked), len(answers)) - 1]
        return web.json_response(body, status=status)

    async def look() -> Said:
        way = Question(path="/v1/chat/completions", model="m", sampling=ALL)
        async with serving(handler) as url, Upstream(url) as upstream:
            return await ask_until_loaded(
                upstream, way, start_s=start_s, load_s=load_s, say=words.append
            )

    return asyncio.run(look()), words, len(asked)


WELL = (200, {"choices": [{"message": {"content": "y"}, "finish_reason": "stop"}]})
LOADING = (503, {"error": {"message": "Loading model"}})
GATEWAY = (502, {"error": {"message": "upstream"}})
REFUSED = (400, {"error": {"message": "max_tokens: no"}})


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question, "_LOOK_S", 0.01)


def test_what_answers_is_asked_once() -> None:
    found, words, asked = said([WELL])
    assert (found.status, found.answer.error, words, asked) == (200, None, [], 1)
    assert found.is_there


def test_a_refusal_is_an_answer() -> None:
    found, words, asked = said([REFUSED], start_s=60, load_s=60)
    assert (found.status, found.answer.error) == (400, "max_tokens: no")
    assert (found.is_there, words, asked) == (True, [], 1)


def test_loading_is_waited_for_and_told() -> None:
    found, words, asked = said([LOADING, LOADING, WELL], load_s=60)
    assert (found.is_there, words, asked) == (True, ["Loading model"] * 2, 3)


def test_a_gateway_without_its_server_is_waited_for_as_one_that_starts() -> None:
    assert said([GATEWAY, WELL], start_s=60)[0].is_there
    found, _, asked = said([GATEWAY, WELL], load_s=60)
    assert (found.is_there, found.status, asked) == (False, 502, 1)


def test_who_does_not_wait_is_told_that_it_loads() -> None:
    found, _, asked = said([LOADING, WELL], start_s=60)
    assert (found.is_there, found.is_loading, asked) == (False, True, 1)


async def _never(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


def test_nobody_there_is_no_status() -> None:
    async def look() -> tuple[Said, object]:
        async with serving(_never) as url:
            pass
        way = Question(path="/v1/chat/completions", model="m", sampling=ALL)
        async with Upstream(url) as upstream:
            nobody = await ask_until_loaded(upstream, way, start_s=0, load_s=0)
            return nobody, await ask(upstream, way, within_s=30)

    nobody, answer = asyncio.run(look())
    assert (nobody.status, nobody.is_there, nobody.is_loading) == (None, False, False)
    assert answer == nobody


def test_a_first_answer_that_takes_its_time_is_waited_for_and_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(question, "_TELL_S", 1)
    monkeypatch.setattr(question, "_LONGEST_S", 2)
    words: list[str] = []

    async def look() -> Said:
        way = Question(path="/v1/chat/completions", model="m", sampling=ALL)
        async with serving(_never) as url, Upstream(url) as upstream:
            return await ask_until_loaded(
                upstream, way, start_s=0, load_s=0, say=words.append
            )

    assert asyncio.run(look()).answer.error == "no answer for 2 s"
    assert words == ["no answer for 1 s"]
