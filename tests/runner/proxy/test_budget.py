"""What a trial's calls may cost together, however they are made."""

import asyncio
import json
import random
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, web
from hypothesis import given
from hypothesis import strategies as st

from runner.limits import Limits
from runner.proxy.budget import Asking, Budget, words_in
from runner.proxy.proxy import Proxy
from runner.proxy.wire.wire import Answer
from tests.runner.proxy.servers import CHAT, EVENTS, between, posted
from tests.runner.streams import chunk, lines
from tests.runner.talking import until

LONGEST = 60
"""Tokens of an answer."""


@dataclass(kw_only=True)
class Spending:
    """A server that does what it is told, and keeps what it has worked.

    A token is eight bytes of a prompt; of an answer whose tokens it does not tell, as
    many as are seen in it.
    """

    tells: bool = True
    is_stream: bool = True
    spent: int = 0
    at_once: int = 0
    most_at_once: int = 0
    answers: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)
    """Until then the first piece of each answer is all that comes."""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        tokens = json.loads(raw)["top_k"]
        self.spent += len(raw) // 8
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await self._answer(request, len(raw) // 8, tokens)
        finally:
            self.at_once -= 1

    async def _answer(
        self, request: web.Request, prompt: int, tokens: int
    ) -> web.StreamResponse:
        used = {"prompt_tokens": prompt, "completion_tokens": tokens}
        usage = {"usage": used} if self.tells else {}
        if not self.is_stream:
            await self.open.wait()
            self.answers += 1
            message = {"message": {"content": "w " * tokens}, "finish_reason": "stop"}
            text = json.dumps({"choices": [message], **usage})
            self.spent += tokens if self.tells else words_in(text)
            return web.json_response(text=text)
        response = web.StreamResponse(headers=EVENTS)
        await response.prepare(request)
        for number in range(tokens):
            if number == 1:
                await self.open.wait()
            self.spent += 1
            await response.write(lines([chunk({"content": "w"})]))
            await asyncio.sleep(0)
        self.answers += 1
        await response.write(lines([chunk({}, "stop"), {"choices": [], **usage}]))
        return response


def asked(rng: random.Random) -> dict[str, Any]:
    words = "x" * rng.randrange(0, 2000)
    return {
        "model": "m",
        "messages": [{"role": "user", "content": words}],
        "max_tokens": LONGEST,
        "top_k": rng.randrange(1, LONGEST + 1),
    }


async def _hung_up(client: ClientSession, body: dict[str, Any]) -> None:
    with suppress(ClientError):
        async with client.post(CHAT, json=body) as response:
            await response.content.readany()
            response.close()


@pytest.mark.parametrize("seed", range(200))
def test_no_pattern_of_calls_passes_the_limit_by_more_than_one_answer(
    tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    is_stream = rng.random() < 0.6
    bodies = [asked(rng) | {"stream": is_stream} for _ in range(rng.randrange(4, 16))]
    together = rng.choice([1, 3, len(bodies)])
    hangs_up = [is_stream and rng.random() < 0.3 for _ in bodies]
    limit = rng.choice([100, 1000, 3000])

    async def ask() -> Spending:
        server = Spending(tells=rng.random() < 0.7, is_stream=is_stream)
        server.open.set()
        limits = Limits(tokens=limit, calls=100)
        async with between(tmp_path, server.answer, limits=limits) as (proxy, client):
            for first in range(0, len(bodies), together):
                some = range(first, min(first + together, len(bodies)))
                calls = [
                    _hung_up(client, bodies[each])
                    if hangs_up[each]
                    else posted(client, bodies[each])
                    for each in some
                ]
                await asyncio.gather(*calls, return_exceptions=True)
            await until(lambda: not proxy.meter.in_flight)
        return server

    server = asyncio.run(ask())
    assert server.spent <= limit + LONGEST + len(bodies), "parts of a token are guessed"


@pytest.mark.parametrize("seed", range(60))
def test_no_calls_side_by_side_are_refused_that_would_have_fitted_in_turn(
    tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 - no secret
    bodies = [asked(rng) for _ in range(rng.randrange(2, 12))]

    async def ask(limit: int) -> tuple[Proxy, Spending, list[int]]:
        server = Spending(is_stream=False)
        server.open.set()
        limits = Limits(tokens=limit, calls=len(bodies))
        async with between(tmp_path, server.answer, limits=limits) as (proxy, client):
            done = await asyncio.gather(*(posted(client, each) for each in bodies))
        return proxy, server, [status for status, _ in done]

    _, server, _ = asyncio.run(ask(10**6))
    proxy, _, statuses = asyncio.run(ask(server.spent))
    assert statuses == [200] * len(bodies)
    assert proxy.meter.stop is None


def test_calls_that_fit_together_run_together_and_others_wait(tmp_path: Path) -> None:
    body = {"model": "m", "messages": [], "max_tokens": LONGEST, "top_k": 9}

    async def ask(limit: int, expected: int) -> None:
        server = Spending(is_stream=False)
        limits = Limits(tokens=limit)
        async with between(tmp_path, server.answer, limits=limits) as (proxy, client):
            calls = [asyncio.ensure_future(posted(client, body)) for _ in range(5)]
            await until(lambda: server.at_once == expected)
            assert proxy.meter.in_flight == expected
            server.open.set()
            assert {status for status, _ in await asyncio.gather(*calls)} == {200}
        assert server.answers == 5
        assert server.most_at_once == expected

    asyncio.run(ask(10**6, 5))
    asyncio.run(ask(230, 2))
    asyncio.run(ask(120, 1))


def test_who_hangs_up_while_it_waits_for_room_has_not_asked(tmp_path: Path) -> None:
    body = {"model": "m", "messages": [], "max_tokens": LONGEST, "top_k": 9}

    async def ask() -> Proxy:
        server = Spending(is_stream=False)
        limits = Limits(tokens=150)
        async with between(tmp_path, server.answer, limits=limits) as (proxy, client):
            first = asyncio.ensure_future(posted(client, body))
            await until(lambda: server.at_once == 1)
            second = asyncio.ensure_future(posted(client, body))
            await until(lambda: len(proxy._under_way) == 2)  # noqa: SLF001
            second.cancel()
            await until(lambda: len(proxy._under_way) == 1)  # noqa: SLF001
            third = asyncio.ensure_future(posted(client, body))
            await until(lambda: len(proxy._under_way) == 2)  # noqa: SLF001
            server.open.set()
            assert [(await each)[0] for each in (first, third)] == [200, 200]
        return proxy

    assert asyncio.run(ask()).usage().calls == 2


def test_the_end_of_a_trial_does_not_wait_for_those_that_wait(tmp_path: Path) -> None:
    body = {"model": "m", "messages": [], "max_tokens": LONGEST, "top_k": 9}

    async def ask() -> Proxy:
        server = Spending(is_stream=False)
        limits = Limits(tokens=150)
        async with between(tmp_path, server.answer, limits=limits) as (proxy, client):
            calls = [asyncio.ensure_future(posted(client, body)) for _ in range(3)]
            await until(lambda: len(proxy._under_way) == 3)  # noqa: SLF001
            await until(lambda: server.at_once == 1)
        await asyncio.gather(*calls, return_exceptions=True)
        return proxy

    proxy = asyncio.run(ask())
    assert proxy.meter.in_flight == 0
    assert proxy.usage().calls == 1


# The arithmetic.


def budget(**limits: int) -> Budget:
    return Budget(Limits(**limits))


def settled(budget: Budget, *, size: int, tokens_in: int | None, out: int = 0) -> None:
    number = budget.begin(Asking(size=size, answer=0))
    answer = Answer(tokens_in=tokens_in, tokens_out=out)
    budget.settle(number, answer, heard=0, was_sent=True)


def test_a_hang_up_costs_its_prompt_by_its_size() -> None:
    found = budget(tokens=1000)
    number = found.begin(Asking(size=8000, answer=10))
    cost = found.settle(number, Answer(), heard=3, was_sent=True)
    assert (cost.tokens_in, cost.tokens_out, cost.is_estimated) == (1000, 3, True)
    assert not found.has_room(Asking(size=0, answer=0))


def test_what_no_server_has_worked_on_costs_nothing() -> None:
    found = budget(tokens=1000)
    number = found.begin(Asking(size=8000, answer=10))
    cost = found.settle(number, Answer(), heard=0, was_sent=False)
    assert (cost.tokens_in, cost.tokens_out) == (0, 0)
    assert found.has_room(Asking(size=8000, answer=0))
    assert not found.has_room(Asking(size=8008, answer=0))


def test_prompts_that_no_server_takes_are_enough_before_they_fill_the_disk() -> None:
    budget = Budget(Limits(calls=10**6, tokens=10**9))
    asking = Asking(size=1 << 20)
    sent = 0
    while budget.has_room(asking):
        sent += 1
        number = budget.begin(asking)
        assert budget.settle(number, Answer(), heard=0, was_sent=False).tokens_in == 0
    assert sent == 129


def test_prompts_that_a_server_takes_are_no_waste_however_many_they_are() -> None:
    found = budget(tokens=10**9)
    for _ in range(140):
        settled(found, size=1 << 20, tokens_in=1000)
    assert found.has_room(Asking(size=1 << 20))


def test_the_size_of_a_prompt_is_learnt_from_those_before() -> None:
    found = budget(tokens=10_000)
    settled(found, size=1000, tokens_in=500)
    assert found.has_room(Asking(size=19_000, answer=9999)), "alone"
    assert not found.has_room(Asking(size=19_002, answer=0))
    settled(found, size=2000, tokens_in=500)  # whatever the size
    assert found.has_room(Asking(size=10**6, answer=0))


@pytest.mark.parametrize(
    ("told", "size", "tokens"),
    [
        ([(1000, 900), (2000, 100)], 10**6, 500),  # none is longer for being shorter
        ([(1000, 100), (1100, 1100)], 2050, 1600),  # a byte is a token at most
        ([(1000, 200), (1000, 400)], 2000, 600),
        ([(1000, 250), (5000, 1250), (9000, 2250)], 4000, 1000),
        ([(1000, 300), (5000, 1300)], 9000, 2300),  # a template adds 50 to each
    ],
)
def test_a_straight_line_goes_through_what_was_told(
    told: list[tuple[int, int]], size: int, tokens: int
) -> None:
    spent = sum(each for _, each in told)
    for room, fits in ((tokens, True), (tokens - 1, False)):
        found = budget(tokens=spent + room)
        for each, known in told:
            settled(found, size=each, tokens_in=known)
        assert found.has_room(Asking(size=size, answer=10**9)) == fits


def test_a_prompt_never_has_more_tokens_than_bytes() -> None:
    found = budget(tokens=10_000)
    settled(found, size=100, tokens_in=5000)
    assert found.has_room(Asking(size=5000, answer=0))
    assert not found.has_room(Asking(size=5001, answer=0))


def test_beside_others_the_longest_answers_have_to_fit() -> None:
    found = budget(tokens=1000)
    first = found.begin(Asking(size=100, answer=460))
    assert found.has_room(Asking(size=100, answer=460))
    assert not found.has_room(Asking(size=100, answer=461))
    answer = Answer(tokens_in=10, tokens_out=90)
    cost = found.settle(first, answer, heard=0, was_sent=True)
    assert not cost.is_estimated
    assert found.is_idle
    found.begin(Asking(size=100, answer=440))
    assert found.has_room(Asking(size=100, answer=440))
    assert not found.has_room(Asking(size=100, answer=441))


def test_who_does_not_say_how_long_an_answer_may_be_may_have_a_long_one() -> None:
    assert Asking(size=1).answer == 32_768


def test_calls_count_whatever_becomes_of_them() -> None:
    found = budget(calls=2)
    assert [found.begin(Asking()), found.begin(Asking())] == [1, 2]
    assert not found.has_room(Asking(size=0, answer=0))


def test_an_answer_is_cut_where_prompt_and_pieces_are_too_much() -> None:
    found = budget(tokens=1000)
    number = found.begin(Asking(size=800, answer=10_000))
    assert not found.is_too_much(number, 900)
    assert found.is_too_much(number, 901)


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10**6))),
    st.integers(0, 10**7),
)
def test_whatever_servers_told_no_guess_is_out_of_bounds(
    told: list[tuple[int, int]], size: int
) -> None:
    found = budget(tokens=10**9)
    for each, tokens in told:
        settled(found, size=each, tokens_in=tokens)
    number = found.begin(Asking(size=size, answer=0))
    cost = found.settle(number, Answer(tokens_out=0), heard=0, was_sent=True)
    assert size // 8 <= cost.tokens_in <= size


def test_an_answer_in_one_piece_has_a_token_for_eight_letters_at_least() -> None:
    assert words_in("") == 0
    assert words_in("{}") == 1
    assert words_in("x" * 1100) == 100
