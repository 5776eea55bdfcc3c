"""A server that runs already: what is found out about it, and what is wrong."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from harness_bench.errors import ModelError
from runner.models import address
from runner.models.endpoint import ServedElsewhere
from runner.models.model import Provenance
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
            ServedElsewhere(base_url=f"{url}/").serve() as endpoint,
        ):
            assert endpoint.headers("/v1/models") == {}
            return endpoint.provenance, endpoint.base_url(a_task(tmp_path), 0), url

    provenance, base_url, url = asyncio.run(look())
    assert provenance == Provenance(server_build="b4711-abcdef", context_tokens=8192)
    assert base_url == url


def test_other_servers_tell_nothing() -> None:
    async def look() -> Provenance:
        async with (
            serving(like(READY)) as url,
            ServedElsewhere(base_url=url).serve() as endpoint,
        ):
            return endpoint.provenance

    assert asyncio.run(look()) == Provenance()


def test_a_server_that_is_still_loading_is_no_server() -> None:
    async def look() -> str:
        loading = like({"/v1/models": (503, {"error": {"message": "Loading model"}})})
        async with serving(loading) as url:
            with pytest.raises(ModelError) as caught:
                async with ServedElsewhere(base_url=url).serve():
                    pass
        return str(caught.value).replace(url, "URL")

    expected = "URL/v1/models: answers 503; wait until the model server is ready"
    assert asyncio.run(look()) == expected


def test_nobody_there_is_one_clear_line() -> None:
    async def look() -> str:
        async with serving(like(READY)) as url:
            pass
        with pytest.raises(ModelError) as caught:
            async with ServedElsewhere(base_url=url).serve():
                pass
        return str(caught.value).replace(url, "URL")

    assert asyncio.run(look()) == (
        "URL: does not answer ([Errno 111] Connection refused); start the model server"
        " first"
    )


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


def test_the_address_is_what_is_known_about_it() -> None:
    model = ServedElsewhere(base_url="http://gpu:8080/")
    assert model.identity() == {"base_url": "http://gpu:8080"}


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
