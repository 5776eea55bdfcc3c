"""The models of a box: served, watched and asked outside, where their keys are."""

import asyncio
import json
import pickle
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final, Self, cast

import aiohttp

from harness_bench.errors import BenchError
from runner.box.frames import BrokenStreamError, Stream
from runner.models.looked import Looked
from runner.models.model import Endpoint, Lasting, Model, Remote, Renewable, Weighed
from runner.proxy.upstream import UPSTREAM_ERRORS, Asked, Upstream
from runner.tasks import Task

_LARGEST_REQUEST: Final = 1 << 28
_PASSED_BACK: Final = ("Content-Type", "Retry-After")
_OF_MODEL: Final = frozenset({"problems", "settings_problems", "look"})
_SAID: Final = frozenset({"changed", "peak_memory_bytes"})
_WAITED_FOR: Final = frozenset({"ready", "warm", "renew"})


class Models:
    """What the box may ask.

    Args:
        models: By their numbers.
        say: Takes what people should know.
    """

    def __init__(self, models: Sequence[Model], say: Callable[[str], None]) -> None:
        self._models, self._say = models, say
        self._endpoints: dict[int, Endpoint] = {}
        self._upstreams: dict[tuple[int, str], Upstream] = {}
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def call(self, stream: Stream) -> None:
        """Answer one question about a model, with what is returned or raised."""
        await stream.read_all(0)
        await stream.write(await _packed(self._called, stream.about))

    async def _called(self, about: Mapping[str, Any]) -> object:
        number, what = about["model"], about["what"]
        model = cast("Any", self._models[number])
        if what in _OF_MODEL:
            return await asyncio.to_thread(getattr(model, what))
        if what == "arrive":
            return await model.arrive(self._say)
        if what == "notices":
            names = tuple(about["found"].pop("names"))
            return model.notices(Looked(names=names, **about["found"]))
        endpoint = cast("Any", self._endpoints[number])
        if what in _SAID:
            return getattr(endpoint, what)()
        if what not in _WAITED_FOR:
            raise ValueError(what)
        await getattr(endpoint, what)()
        return endpoint.provenance

    async def serve(self, stream: Stream) -> None:
        """Serve a model until the box ends the stream, or is gone."""
        number = stream.about["model"]
        async with AsyncExitStack() as exit_:

            async def begun(_: object) -> object:
                endpoint = await exit_.enter_async_context(self._models[number].serve())
                self._endpoints[number] = endpoint
                return _kind(endpoint), endpoint.provenance

            try:
                said = await _packed(begun, None)
                await stream.write(said.hex().encode() + b"\n")
                while await stream.read():
                    pass
            finally:
                self._endpoints.pop(number, None)

    async def http(self, stream: Stream) -> None:
        """Pass a call on to a server, with its key, and the answer back as it comes."""
        about = stream.about
        body = await stream.read_all(_LARGEST_REQUEST)
        target = str(about["target"])
        asked = Asked(
            method=str(about["method"]),
            path=target.partition("?")[0],
            target=target,
            headers={str(k): str(v) for k, v in about["headers"].items()},
            body=body if about["has_body"] else None,
        )
        try:
            upstream = await self._upstream(about["model"])
            async with upstream.once(asked) as answer:
                passed = {
                    name: answer.headers[name]
                    for name in _PASSED_BACK
                    if name in answer.headers
                }
                head = f"{answer.status} {json.dumps(passed)}\n"
                await stream.write(head.encode())
                if isinstance(answer, aiohttp.ClientResponse):
                    async for data in answer.content.iter_any():
                        await stream.write(data)
                else:
                    await stream.write(answer.body)
        except UPSTREAM_ERRORS as error:
            raise BrokenStreamError from error

    async def _upstream(self, number: int) -> Upstream:
        """The way to a server: one that is served, or that runs already."""
        model, endpoint = self._models[number], self._endpoints.get(number)
        url = endpoint.base_url(cast("Task", None), 0) if endpoint else ""
        if (number, url) in self._upstreams:
            return self._upstreams[number, url]
        if endpoint is not None:
            made = Upstream(url, keys=endpoint.headers)
        elif isinstance(model, Remote):
            made = model.upstream()
        else:
            raise BrokenStreamError
        found = self._upstreams[number, url] = await self._open.enter_async_context(
            made
        )
        return found


async def _packed(work: Callable[[Any], Any], about: object) -> bytes:
    """What came of it, as a pickle: a value, or an error that a person can mend."""
    try:
        return pickle.dumps((False, await work(about)))
    except BenchError as error:
        return pickle.dumps((True, error))


def _kind(endpoint: Endpoint) -> str:
    if isinstance(endpoint, Lasting):
        return "lasting"
    own = isinstance(endpoint, Renewable) and isinstance(endpoint, Weighed)
    return "own" if own else "plain"
