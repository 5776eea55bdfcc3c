"""A server that runs already: what is found out about it, and what is wrong."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from harness_bench.errors import ModelError
from runner.models import address, endpoint
from runner.models.endpoint import ServedElsewhere
from runner.models.looked import Looked
from runner.models.model import Provenance
from runner.proxy import question
from tests.runner.talking import Handler, a_task, serving


def like(answers: dict[str, tuple[int, object]]) -> Handler:
    """A server with these answers by path."""

    async def handler(request: web.Request) -> web.StreamResponse:
        status, body = answers.get(request.path, (404, {}))
        return web.json_response(body, status=status)

    return handler


READY: dict[str, tuple[int, object]] = {"/v1/models": (200, {"data": []})}


def test_a_llama_server_tells_its_build_and_what_it_holds(tmp_path: Path) -> None:
    told = {
        "build_info": "b4711-abcdef",
        "default_generation_settings": {"n_ctx": 8192},
    }
    props = {"/props": (200, told)}

    async def look() -> tuple[Provenance, str, str]:
        async with (
            serving(like(READY | props)) as url,
            ServedElsewhere(base_url=f"{url}/").serve() as served,
        ):
            assert served.headers("/v1/models") == {}
            return served.provenance, served.base_url(a_task(tmp_path), 0), url

    provenance, base_url, url = asyncio.run(look())
    assert provenance == Provenance(server_build="b4711-abcdef", context_tokens=8192)
    assert base_url == url


def test_other_servers_tell_nothing() -> None:
    async def look() -> Provenance:
        async with (
            serving(like(READY)) as url,
            ServedElsewhere(base_url=url).serve() as served,
        ):
            return served.provenance

    assert asyncio.run(look()) == Provenance()


def test_a_server_that_is_still_loading_is_no_server() -> None:
    async def look() -> str:
        loading = like({"/v1/models": (503, {"error": {"message": "Loading model"}})})
        async with serving(loading) as url:
            model = ServedElsewhere(base_url=url)
            (problem,) = await asyncio.to_thread(model.problems)
        return str(problem).replace(url, "URL")

    expected = (
        "URL/v1/models: answers 503 (Loading model); wait until the model server is"
        " ready"
    )
    assert asyncio.run(look()) == expected


def test_nobody_there_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "START_S", 0.0)

    async def look() -> tuple[str, str]:
        async with serving(like(READY)) as url:
            pass
        model = ServedElsewhere(base_url=url)
        with pytest.raises(ModelError) as caught:
            async with model.serve():
                pass
        return (
            str(*model.problems()).replace(url, "URL"),
            str(caught.value).replace(url, "URL"),
        )

    before, at_last = asyncio.run(look())
    assert before == (
        "URL: does not answer ([Errno 111] Connection refused); start the model server"
        " first"
    )
    assert at_last.startswith("URL: does not answer (ClientConnectorError: Cannot")


class Loads:
    """A server that answers so many questions with 503, then well."""

    def __init__(self, questions: int, error: object = "Loading model") -> None:
        self.left, self.error = questions, error
        self.asked: list[tuple[str, str | None, str | None]] = []

    async def answer(self, request: web.Request) -> web.StreamResponse:
        keys = request.headers.get("Authorization"), request.headers.get("x-api-key")
        self.asked.append((request.path, *keys))
        if request.method == "GET":
            return await like(READY)(request)
        self.left -= 1
        if self.left >= 0:
            error = {"error": {"message": self.error}}
            return web.json_response(error, status=503)
        choice = {"message": {"content": "yes"}, "finish_reason": "stop"}
        return web.json_response({"choices": [choice]})


def test_a_model_that_is_loaded_for_its_first_question_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(question, "_LOOK_S", 0.01)
    monkeypatch.setenv("OWN_KEY", " sk-own ")
    loads, said = Loads(3), list[str]()

    async def look() -> None:
        async with serving(loads.answer) as url:
            model = ServedElsewhere(base_url=url, key_env="OWN_KEY")
            await model.arrive(said.append)
            async with model.serve():
                pass

    asyncio.run(look())
    assert said == ["Loading model"] * 3
    assert {each[1:] for each in loads.asked} == {("Bearer sk-own", "sk-own")}
    assert [path for path, *_ in loads.asked][:4] == ["/v1/chat/completions"] * 4


def test_loading_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "LOAD_S", 0.0)

    async def look() -> str:
        async with serving(Loads(10**6).answer) as url:
            with pytest.raises(ModelError) as caught:
                await ServedElsewhere(base_url=url).arrive()
            return str(caught.value).replace(url, "URL")

    told = "URL: does not answer (Loading model); start the model server first"
    assert asyncio.run(look()) == told


def test_a_key_that_is_missing_is_told_before_anything_is_asked() -> None:
    model = ServedElsewhere(base_url="http://127.0.0.1:9", key_env="NO_SUCH_KEY")
    assert list(map(str, model.problems())) == [
        "the variable 'NO_SUCH_KEY' is not set; put the key in it"
    ]


def test_a_server_that_becomes_another_in_mid_run_is_noticed() -> None:
    props = {"build_info": "b1", "default_generation_settings": {"n_ctx": 8192}}
    answers = READY | {"/props": (200, props)}

    async def look() -> tuple[list[str], Provenance]:
        async with (
            serving(like(answers)) as url,
            ServedElsewhere(base_url=url).serve() as served,
        ):
            await served.ready()
            told = [served.changed()]
            props["build_info"] = "b2"
            await served.ready()
            told += [served.changed(), served.changed()]
            return told, served.provenance

    told, provenance = asyncio.run(look())
    assert told == ["", "server_build was 'b1', is now 'b2'", ""]
    assert provenance.server_build == "b2"


def test_a_list_without_the_name_is_a_notice() -> None:
    model = ServedElsewhere(base_url="http://h:1/", name="GLM-5")
    (line,) = map(str, model.notices(Looked(names=("gemma-3-4b", "a", "b", "c"))))
    assert line == (
        "http://h:1: lists 'gemma-3-4b', 'a', 'b' and no 'GLM-5'; see that it serves"
        " the model you name"
    )
    assert model.notices(Looked(names=("x", "/models/glm-5-q4.gguf"))) == ()
    assert model.notices(Looked()) == ()


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("localhost:8080", ", expected one like http://127.0.0.1:8080"),
        ("ftp://host", ", expected one like http://127.0.0.1:8080"),
        ("http://", ", expected one like http://127.0.0.1:8080"),
        ("http://[::1", ", expected one like http://127.0.0.1:8080"),
        ("http://h:port", ", expected one like http://127.0.0.1:8080"),
        ("http://h:8080/v1/", "; leave out /v1"),
    ],
)
def test_an_address_that_is_none_is_told_before_anything_runs(
    base_url: str, expected: str
) -> None:
    (problem,) = map(str, ServedElsewhere(base_url=base_url).problems())
    assert problem == f"base_url is {base_url!r}{expected}"


def test_the_address_is_no_part_of_a_trial() -> None:
    models = [
        ServedElsewhere(base_url=url, key_env=key)
        for url in ("http://localhost:8080", "http://127.0.0.1:9090/")
        for key in ("", "OWN_KEY")
    ]
    assert [model.identity() for model in models] == [{}] * 4


@pytest.mark.parametrize(
    ("protocol", "answers"),
    [
        ("", ("openai", "responses", "anthropic")),
        ("both", ("openai", "responses", "anthropic")),
        ("openai", ("openai", "responses")),
        ("anthropic", ("anthropic",)),
    ],
)
def test_what_it_answers_may_be_said(protocol: Any, answers: tuple[str, ...]) -> None:  # noqa: ANN401 - any setting
    assert ServedElsewhere(base_url="http://h", protocol=protocol).answers == answers


@pytest.mark.parametrize("host", ["1.1.1.1", "[2606:4700:4700::1111]"])
def test_no_task_goes_to_a_stranger_on_the_internet(host: str) -> None:
    (problem,) = map(str, ServedElsewhere(base_url=f"https://{host}").problems())
    assert problem == (
        f"https://{host}: is on the internet; set key_env if it is a vendor's, or"
        " own_machine = true if it is yours"
    )


def test_a_machine_of_ones_own_is_taken_at_its_owners_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The address is a mock: tests have no machine on the internet."""
    monkeypatch.setattr(address, "resolved", lambda _: ["1.1.1.1"])
    asked: list[str] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.json_response({"data": []})

    async def look() -> tuple[list[str], list[str]]:
        async with serving(handler) as url:
            stranger = ServedElsewhere(base_url=url)
            assert await asyncio.to_thread(stranger.problems) != ()
            before = list(asked)
            own = ServedElsewhere(base_url=url, own_machine=True)
            assert await asyncio.to_thread(own.problems) == ()
            return before, asked

    assert asyncio.run(look()) == ([], ["/v1/models"])


def test_whose_machine_it_is_is_no_part_of_a_trial() -> None:
    mine = ServedElsewhere(base_url="http://gpu:8080", own_machine=True)
    assert mine.identity() == ServedElsewhere(base_url="http://gpu:8080").identity()
