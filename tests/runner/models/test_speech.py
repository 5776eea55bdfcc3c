"""The scripted model says the same in every protocol, in a stream and in one piece."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientPayloadError, ClientSession

from runner.limits import Limits
from runner.models.script import Script
from runner.models.scripted import Scripted
from runner.models.toolbox import Tool
from runner.proxy.metering import Refusal
from runner.proxy.wire.wire import ToolCall
from tests.runner.models import offers
from tests.runner.streams import Json
from tests.runner.talking import a_task, logged, proxied

CHAT, MESSAGES, RESPONSES = "/v1/chat/completions", "/v1/messages", "/v1/responses"


def asked(path: str, tools: tuple[Tool, ...], calls: int) -> Json:
    """A request of a conversation with so many tool calls."""
    prompt = {"role": "user", "content": "Write add."}
    if path == CHAT:
        call = {"id": "c", "function": {"name": "bash", "arguments": "{}"}}
        answer = {"role": "assistant", "content": "", "tool_calls": [call]}
        return {
            "messages": [prompt, *([answer] * calls)],
            "tools": [
                {"function": {"name": tool.name, "parameters": tool.schema}}
                for tool in tools
            ],
        }
    if path == MESSAGES:
        use = {"type": "tool_use", "id": "c", "name": "bash", "input": {}}
        answer = {"role": "assistant", "content": [use]}
        return {
            "system": [{"type": "text", "text": "You are an agent."}],
            "messages": [prompt, *([answer] * calls)],
            "tools": [
                {"name": tool.name, "input_schema": tool.schema} for tool in tools
            ],
        }
    item = {"type": "function_call", "name": "bash", "arguments": "{}"}
    return {
        "input": [prompt, *([item] * calls)],
        "tools": [
            {"type": "function", "name": tool.name, "parameters": tool.schema}
            for tool in tools
        ],
    }


async def answers(
    folder: Path, script: Script, *requests: tuple[str, Json]
) -> list[tuple[int, Any]]:
    """What the model answers, read through the proxy."""
    task = a_task(folder)
    async with Scripted(script=script).serve() as endpoint:
        upstream = endpoint.base_url(task, 0)
        async with proxied(folder, upstream) as (_, client):
            return [await answer(client, *request) for request in requests]


async def answer(client: ClientSession, path: str, body: Json) -> tuple[int, Any]:
    async with client.post(path, json=body) as response:
        raw = await response.read()
        is_json = response.content_type == "application/json"
        return response.status, json.loads(raw) if is_json else raw


@pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES])
@pytest.mark.parametrize("calls", [0, 2, 100])
def test_a_stream_and_one_piece_say_the_same(
    tmp_path: Path, path: str, calls: int
) -> None:
    body = {"model": "m", **asked(path, offers.PI, calls)}
    both = (path, body), (path, {**body, "stream": True})
    found = asyncio.run(answers(tmp_path, Script.ORACLE, *both))
    assert [status for status, _ in found] == [200, 200]
    whole, streamed = logged(tmp_path)
    told = ("outcome", "tokens_in", "tokens_out", "finish", "tool_calls")
    assert {key: whole[key] for key in told} == {key: streamed[key] for key in told}
    assert whole["outcome"] == "answered"
    names = [call["name"] for call in whole["tool_calls"]]
    assert names == {0: ["bash"], 2: ["write"], 100: []}[calls]


@pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES])
def test_what_is_written_is_the_solution(tmp_path: Path, path: str) -> None:
    body = asked(path, offers.PI, 2)
    asyncio.run(answers(tmp_path, Script.ORACLE, (path, {**body, "stream": True})))
    (call,) = logged(tmp_path)
    (tool_call,) = (
        ToolCall(made["name"], made["arguments"]) for made in call["tool_calls"]
    )
    assert json.loads(tool_call.arguments) == {
        "path": "/workspace/add.py",
        "content": "def add(a, b):\n    return a + b\n",
    }


def test_tokens_are_a_rule_that_anyone_can_check(tmp_path: Path) -> None:
    body = asked(CHAT, (), 0)
    ((_, found),) = asyncio.run(answers(tmp_path, Script.NULL, (CHAT, body)))
    said = found["choices"][0]["message"]["content"]
    prompt = json.dumps([body["messages"], body["tools"]], separators=(",", ":"))
    assert found["usage"]["prompt_tokens"] == -(-len(prompt) // 4)
    assert found["usage"]["completion_tokens"] == -(-len(said) // 4)


def test_usage_ends_a_chat_stream_only_where_it_is_asked_for(tmp_path: Path) -> None:
    body = {**asked(CHAT, (), 0), "stream": True}
    options = {"stream_options": {"include_usage": True}}
    told, hidden = asyncio.run(
        answers(tmp_path, Script.NULL, (CHAT, body | options), (CHAT, body))
    )
    assert b'"usage"' in told[1]
    assert b'"usage"' not in hidden[1]
    counts = [call["tokens_in"] for call in logged(tmp_path)]
    assert counts[0] == counts[1]


def test_tokens_can_be_counted_without_asking_the_model(tmp_path: Path) -> None:
    body = asked(MESSAGES, offers.CLAUDE, 1)
    (_, counted), (_, message) = asyncio.run(
        answers(
            tmp_path,
            Script.NULL,
            ("/v1/messages/count_tokens", body),
            (MESSAGES, body),
        )
    )
    assert counted == {"input_tokens": message["usage"]["input_tokens"]}
    assert len(logged(tmp_path)) == 1


@pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES])
@pytest.mark.parametrize(
    ("script", "status", "outcome"),
    [
        (Script.UNAVAILABLE, 503, "upstream"),
        (Script.REFUSE, 400, "upstream"),
        (Script.OVERFLOW, 400, "overflow"),
    ],
)
def test_faults_are_told_in_every_protocol(
    tmp_path: Path, path: str, script: Script, status: int, outcome: str
) -> None:
    ((found, body),) = asyncio.run(
        answers(tmp_path, script, (path, asked(path, (), 0)))
    )
    assert found == status
    assert body["error"]["message"]
    assert logged(tmp_path)[0]["outcome"] == outcome


def test_a_trial_that_nobody_began_is_unknown(tmp_path: Path) -> None:
    async def ask() -> int:
        async with Scripted(script=Script.ORACLE).serve() as endpoint:
            known = endpoint.base_url(a_task(tmp_path), 0)
            async with ClientSession() as client:
                url = known.replace("/add/", "/other/")
                async with client.post(url + CHAT, json=asked(CHAT, (), 0)) as response:
                    return response.status

    assert asyncio.run(ask()) == 400


def test_the_models_list_names_the_script(tmp_path: Path) -> None:
    async def ask() -> Any:  # noqa: ANN401 - JSON
        async with Scripted(script=Script.WRONG).serve() as endpoint:
            upstream = endpoint.base_url(a_task(tmp_path), 3)
            async with (
                ClientSession() as client,
                client.get(f"{upstream}/v1/models") as response,
            ):
                return await response.json()

    assert asyncio.run(ask())["data"][0]["id"] == "scripted-wrong"


def test_a_script_says_what_it_is() -> None:
    model = Scripted(script=Script.ORACLE)
    assert model.identity() == {"script": "oracle", "version": "1"}
    assert model.problems() == ()
    late = Scripted(script=Script.ORACLE, delay_s=float("nan"))
    assert list(map(str, late.problems())) == [
        "delay_s is nan, expected a number of seconds, 0 or more"
    ]


@pytest.mark.parametrize("path", [CHAT, MESSAGES, RESPONSES])
def test_a_flood_without_tools_is_one_answer_that_only_the_budget_ends(
    tmp_path: Path, path: str
) -> None:
    async def ask() -> Refusal | None:
        task = a_task(tmp_path)
        async with Scripted(script=Script.FLOOD).serve() as endpoint:
            upstream = endpoint.base_url(task, 0)
            limits = Limits(tokens=2000)
            async with proxied(tmp_path, upstream, limits=limits) as (proxy, client):
                with pytest.raises(ClientPayloadError):
                    await answer(client, path, {**asked(path, (), 0), "stream": True})
                return proxy.meter.stop

    assert asyncio.run(ask()) is Refusal.BUDGET
    (call,) = logged(tmp_path)
    assert call["outcome"] == "cut"
