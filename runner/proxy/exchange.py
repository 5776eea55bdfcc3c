"""One call of a model while it is under way: what is passed on, what is recorded."""

from http import HTTPStatus
from typing import Final

import aiohttp

from runner.proxy.metering import Call, Outcome
from runner.proxy.wire.loose import Table, parsed
from runner.proxy.wire.sse import Events, StreamEvent
from runner.proxy.wire.wire import Answer, Wire, failure_in
from runner.proxy.wordings import Meaning

_NOT_THE_SERVERS: Final = {
    Meaning.OVERFLOW: Outcome.OVERFLOW,
    Meaning.UNPARSABLE: Outcome.UNPARSABLE,
}
"""What a server answers with an error though nothing of it has failed."""


class Exchange:
    """One request, and what has come of it so far.

    Args:
        wire: The protocol.
        started_s: When it came, in seconds since the proxy began to listen.
        request: As the server gets it.
        hides_usage: Whether the harness did not ask for the usage that will come.
        dropped: What of its request the server does not get.
    """

    def __init__(
        self,
        wire: Wire,
        started_s: float,
        request: Table,
        *,
        hides_usage: bool,
        dropped: tuple[str, ...] = (),
    ) -> None:
        self.wire, self.started_s, self.request = wire, started_s, request
        self.number: int | None = None
        """Of the call, once it is let through."""
        self.outcome = Outcome.ABANDONED
        """Unless the server ends it in one way or the other."""
        self.pauses = 0
        """How often the server was too busy, and waited for."""
        self._hides_usage, self._dropped = hides_usage, dropped
        self._status: int | None = None
        self._events: Events | None = None
        self._reader = wire.reader()
        self._received = bytearray()
        self._first_token_s: float | None = None
        self._last_token_s: float | None = None
        self._failure: Answer | None = None
        self.is_whole = False
        """Whether the server has said all."""

    @property
    def pieces(self) -> int:
        """How many parts of a stream carried output so far."""
        return self._reader.pieces

    def open(self, status: int, *, is_stream: bool) -> None:
        """The server begins to answer."""
        self._status = status
        self._events = Events() if is_stream else None

    def take(self, chunk: bytes, now: float) -> bytes:
        """Read what came from the server.

        Returns:
            What of it the harness gets now.
        """
        self._received += chunk
        if self._events is None:
            return chunk
        passed = []
        known = self.pieces
        for event in self._events.feed(chunk):
            is_usage = self._reader.take(event)
            if not (is_usage and self._hides_usage):
                passed.append(event.raw)
        if self.pieces > known:
            if self._first_token_s is None:
                self._first_token_s = now
            self._last_token_s = now
        return b"".join(passed) if self._hides_usage else chunk

    def end(self) -> bytes:
        """The server has said all.

        Returns:
            What was held back because it has not become an event.
        """
        self.is_whole = True
        if self._events is None or not (rest := self._events.rest()):
            return b""
        self._reader.take(StreamEvent(rest))
        return rest if self._hides_usage else b""

    def fail(self, error: Exception) -> str:
        """The server was not there, or went away; returns that in words."""
        reason = f"{type(error).__name__}: {error}"
        # An agent can make a server fall silent; that it is not there is not its doing.
        is_there = not isinstance(error, aiohttp.ClientConnectorError)
        means = None if is_there else Meaning.BREAKAGE
        self._failure = Answer(error=reason, means=means)
        return reason

    def _judged(self) -> tuple[Outcome, Answer]:
        if self._failure is not None:
            return Outcome.UPSTREAM, self._failure
        answer = self._read()
        if self.outcome is not Outcome.ABANDONED:
            return self.outcome, answer
        # A harness may hang up as soon as it has read the end.
        if not (self.is_whole or answer.is_complete):
            return self.outcome, answer
        if answer.means in _NOT_THE_SERVERS:
            return _NOT_THE_SERVERS[answer.means], answer
        is_error = self._status is None or self._status >= HTTPStatus.BAD_REQUEST
        if is_error or answer.error is not None or not answer.is_complete:
            return Outcome.UPSTREAM, answer
        return Outcome.ANSWERED, answer

    def _read(self) -> Answer:
        if self._events is not None:
            return self._reader.answer()
        is_error = self._status is None or self._status >= HTTPStatus.BAD_REQUEST
        raw = bytes(self._received)
        said = parsed(raw)
        found = self.wire.whole(said if isinstance(said, dict) else {})
        if not isinstance(said, dict):  # some stream without saying so
            events = Events()
            for event in (*events.feed(raw), StreamEvent(events.rest())):
                self._reader.take(event)
            streamed = self._reader.answer()
            if self.pieces or streamed.is_complete or streamed.error is not None:
                found = streamed
        return failure_in(raw) if is_error and found.error is None else found

    def call(self, number: int | None, ended_s: float) -> Call:
        """What is recorded of it."""
        outcome, answer = self._judged()
        return Call(
            number=number,
            protocol=self.wire.name,
            outcome=outcome,
            status=self._status,
            started_s=self.started_s,
            first_token_s=self._first_token_s,
            last_token_s=self._last_token_s,
            ended_s=ended_s,
            answer=answer,
            pieces=self.pieces,
            pauses=self.pauses,
            dropped=self._dropped,
            request=self.request,
            response=self._received.decode(errors="replace"),
        )
