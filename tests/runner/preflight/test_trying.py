"""A test call of each model, as each of its harnesses would ask."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from runner.harnesses.aider import Aider
from runner.harnesses.claude import Claude
from runner.harnesses.mini import Mini
from runner.models.endpoint import ServedElsewhere
from runner.plan import all_trials, plan
from runner.preflight.plan_check import Requirement, requirements
from runner.preflight.trying import tried
from runner.sandboxes.unsafe import Unsafe
from runner.spec import HarnessSpec, ModelSpec
from tests.runner.specs import harness, model, spec, task
from tests.runner.talking import Handler, serving

MINI = harness("mini", harness=Mini())
AIDER = harness("aider", harness=Aider())
CLAUDE = harness("claude", harness=Claude())
WELL = {"choices": [{"message": {"content": "y"}, "finish_reason": "stop"}]}


class Strict:
    """A server of one path that refuses some parameters."""

    def __init__(self, *refused: str, words: str = "unknown field") -> None:
        self.refused, self.words = refused, words
        self.bodies: list[dict[str, Any]] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.path != "/v1/chat/completions":
            error = {"error": {"message": f"no route {request.path}"}}
            return web.json_response(error, status=404)
        body = await request.json()
        self.bodies.append(body)
        for name in self.refused:
            if name in body:
                error = {"error": {"message": f"{name}: {self.words}"}}
                return web.json_response(error, status=400)
        return web.json_response(WELL)


def found(handler: Handler, *harnesses: HarnessSpec, **more: Any) -> list[Requirement]:  # noqa: ANN401 - any setting
    async def look() -> list[Requirement]:
        async with serving(handler) as url:
            served = ServedElsewhere(base_url=url, name="m")
            asked = spec((model("m", model=served, **more),), harnesses)
            return list(await tried(plan(all_trials(asked, (task("t"), task("u"))))))

    return asyncio.run(look())


def test_a_server_that_answers_is_asked_once_for_each_way_of_asking() -> None:
    server = Strict()
    parts = found(server.answer, MINI, harness("too", harness=Mini()), AIDER)
    assert [(part.name, part.problems) for part in parts] == [
        ("m in mini, too", ()),
        ("m in aider", ()),
    ]
    assert ["tools" in body for body in server.bodies] == [True, False]
    assert {body["max_tokens"] for body in server.bodies} == {16}


def test_a_refusal_is_told_in_the_servers_own_words() -> None:
    strict = Strict("max_tokens", words="Use 'max_completion_tokens'")
    (part,) = found(strict.answer, MINI)
    (line,) = map(str, part.problems)
    assert line == (
        "a test call of /v1/chat/completions fails: 400, max_tokens: Use"
        " 'max_completion_tokens'; `omit` or `rename` of [[model]] keep what it refuses"
        " from it"
    )


def test_a_server_without_the_path_of_a_harness_is_told_before_the_run() -> None:
    chat, messages = found(Strict().answer, MINI, CLAUDE)
    assert (chat.name, chat.problems) == ("m in mini", ())
    assert messages.name == "m in claude"
    (line,) = map(str, messages.problems)
    assert line == (
        "a test call of /v1/messages fails: 404, no route /v1/messages; see base_url"
        " and name, or leave the pair out with --except"
    )


@pytest.mark.parametrize("status", [429, 529])
@pytest.mark.parametrize(
    "error", [{"error": {"message": "Rate limit reached for requests"}}, {}]
)
def test_a_busy_server_has_not_refused(status: int, error: dict[str, object]) -> None:
    async def busy(_: web.Request) -> web.StreamResponse:
        return web.json_response(error, status=status)

    (part,) = found(busy, MINI)
    assert part.problems == ()


def _looked(context: int, **more: Any) -> tuple[list[str], list[str]]:  # noqa: ANN401 - any setting
    """Problems and notices of a model whose server has a context of its own."""

    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path == "/v1/models":
            return web.json_response({"data": [{"id": "gemma-3-4b"}]})
        props = {"default_generation_settings": {"n_ctx": context}}
        return web.json_response(props)

    async def look() -> Requirement:
        async with serving(handler) as url:
            name = "q" if more else "gemma-3-4b"
            served = ServedElsewhere(base_url=url, name=name)
            given: ModelSpec = model("m", model=served, **more)
            groups = plan(all_trials(spec((given,), (MINI,)), (task(),)))
            parts = await asyncio.to_thread(lambda: [*requirements(groups, Unsafe())])
            return next(part for part in parts if part.kind == "model")

    part = asyncio.run(look())
    return list(map(str, part.problems)), [each.what for each in part.notices]


def test_a_context_that_is_not_there_is_refused() -> None:
    assert _looked(32_768) == ([], [])
    told = (
        "a conversation may have only 4,096 tokens, but context_tokens is 32,768; start"
        " the server with more, or set context_tokens = 4096"
    )
    assert _looked(4096) == ([told], [])


def test_another_models_name_is_told_and_no_reason_to_refuse() -> None:
    told = "lists 'gemma-3-4b' and no 'q'"
    assert _looked(4096, context_tokens=4096) == ([], [told])


def test_a_server_that_is_away_may_still_come() -> None:
    async def look() -> list[Requirement]:
        async with serving(Strict().answer) as url:
            pass
        models = [
            model("m", model=ServedElsewhere(base_url=url)),
            model("n", model=ServedElsewhere(base_url="nowhere")),
        ]
        groups = plan(all_trials(spec(tuple(models), (MINI,)), (task(),)))
        return await asyncio.to_thread(lambda: [*requirements(groups, Unsafe())])

    away, wrong = (part for part in asyncio.run(look()) if part.kind == "model")
    assert (len(away.problems), away.away is not None) == (1, True)
    assert (len(wrong.problems), wrong.away) == (1, None)
