"""The server behind a proxy: gets the keys, is waited for while it is busy.

Keys are added here and nowhere else, and taken out again of what the server says of
requests that it refuses.
"""

import io
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Self

import aiohttp

from runner.proxy.api_path import served_at
from runner.proxy.back_off import BackOff
from runner.proxy.wire.wire import failure_in
from runner.proxy.wordings import BUSY, Meaning

_IN_VAIN: Final = frozenset({Meaning.QUOTA, Meaning.OVERFLOW})
"""What no waiting mends, though the server says that it is busy."""
_CONNECT_S: Final = 30.0
# llama-server closes a connection that was idle for five seconds. Using one at that
# moment would look like a broken server.
_KEEP_ALIVE_S: Final = 2.0
_LONG: Final = 1 << 20
_PATIENT: Final = BackOff()

UPSTREAM_ERRORS: Final = (aiohttp.ClientError, OSError)
"""What asking raises where the server is not there, or goes away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a harness wants of the server."""

    method: str
    path: str
    """Where it is served; decides about the keys."""
    target: str
    """The path as the harness wrote it, with its query."""
    headers: Mapping[str, str]
    body: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer that came in one piece; no key of ours is in it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Upstream:
    """Asks for the length of an `async with` block.

    Args:
        url: Where the server answers, without `/v1`.
        keys: The headers that are added to each request to a path.
        back_off: How long it is waited for when it is busy.
    """

    def __init__(
        self,
        url: str,
        *,
        keys: Callable[[str], Mapping[str, str]] = lambda _: {},
        back_off: BackOff = _PATIENT,
    ) -> None:
        self._url = url.rstrip("/")
        self._keys, self._back_off = keys, back_off
        self._session: aiohttp.ClientSession

    async def __aenter__(self) -> Self:
        """Open nothing yet: connections are made as they are needed."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE_S),
            # How long an answer may take is for the trial's limits to say.
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S),
            # Some pack though they are asked not to.
            auto_decompress=True,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close what is open."""
        await self._session.close()

    async def fetch(self, asked: Asked) -> Reply:
        """Ask once.

        Raises:
            UPSTREAM_ERRORS: The server is not there.
        """
        async with self._request(asked) as answer:
            return await self._said(asked, answer)

    @asynccontextmanager
    async def once(self, asked: Asked) -> AsyncIterator[aiohttp.ClientResponse | Reply]:
        """Ask once: an answer that begins to come, or what is said instead of one.

        Raises:
            UPSTREAM_ERRORS: The server is not there.
        """
        async with self._request(asked) as answer:
            if answer.status < HTTPStatus.BAD_REQUEST:
                yield answer
            else:
                yield await self._said(asked, answer)

    @asynccontextmanager
    async def answering(
        self, asked: Asked, *, pause: Callable[[float], Awaitable[None]]
    ) -> AsyncIterator[aiohttp.ClientResponse | Reply]:
        """Ask until the server is not busy any more, or has been so for too long.

        Yields:
            An answer that begins to come, or what the server says instead of one.

        Raises:
            UPSTREAM_ERRORS: The server is not there.
        """
        pauses, waited_s = 0, 0.0
        while True:
            async with self.once(asked) as said:
                if not isinstance(said, Reply):
                    yield said
                    return
            pause_s = self._pause_s(said, pauses, waited_s)
            if pause_s is None:
                yield said
                return
            pauses += 1
            waited_s += pause_s
            await pause(pause_s)

    def _request(
        self, asked: Asked
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        passed = dict(asked.headers)
        body: bytes | io.BytesIO | None = asked.body
        if asked.body is not None:
            passed["Content-Type"] = "application/json"
            if len(asked.body) > _LONG:
                # In parts: a long one must not hold up the others.
                body = io.BytesIO(asked.body)
        return self._session.request(
            asked.method,
            served_at(self._url, asked.target),
            data=body,
            headers={
                **passed,
                "Accept-Encoding": "identity",
                **self._keys(asked.path),
            },
            allow_redirects=False,  # a key goes where it was meant to go
        )

    async def _said(self, asked: Asked, answer: aiohttp.ClientResponse) -> Reply:
        """Some servers repeat the key that they refuse."""
        body = await answer.read()
        for value in self._keys(asked.path).values():
            body = body.replace(value.split()[-1].encode(), b"[key]")
        return Reply(status=answer.status, headers=answer.headers, body=body)

    def _pause_s(self, said: Reply, pauses: int, waited_s: float) -> float | None:
        """How long to wait before asking again; None: there is no use in it."""
        if said.status not in BUSY:
            return None
        if failure_in(said.body).means in _IN_VAIN:
            return None
        return self._back_off.pause_s(
            pauses, asked=said.headers.get("Retry-After"), waited_s=waited_s
        )
