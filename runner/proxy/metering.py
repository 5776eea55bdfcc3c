"""What a trial's calls of the model add up to."""

import math
import statistics
from dataclasses import asdict, dataclass, fields
from enum import StrEnum, auto
from typing import Final

from runner.limits import Limits
from runner.proxy.budget import Asking, Budget, words_in
from runner.proxy.wire.loose import Table
from runner.proxy.wire.usage import TOLD
from runner.proxy.wire.wire import Answer

_ONE_PIECE_S = 0.01
"""An answer that is over so soon after it began was not sent as it was written."""
_FAILURES_IN_A_ROW = 3
"""So many and the server is given up: some harnesses would ask on for hours."""

_NOTHING_KNOWN: Final = Asking(answer=0)
_OF_ANSWER: Final = tuple(each.name for each in fields(Answer))


class Outcome(StrEnum):
    """How a call ended."""

    ANSWERED = auto()
    OVERFLOW = auto()
    """The conversation is longer than the model's context."""
    UNPARSABLE = auto()
    """The model wrote a tool call that the server cannot read."""
    UPSTREAM = auto()
    """The server was not there, broke off, or answered with an error."""
    ABANDONED = auto()
    """The harness went away before the end: its own doing, or it was killed."""
    CUT = auto()
    """The answer itself spent the rest of the budget."""
    REFUSED = auto()
    """Not asked at all: the budget was spent, or the server given up."""


class Refusal(StrEnum):
    """Why no further call is let through."""

    BUDGET = auto()
    UPSTREAM = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the model: a line of the private log.

    Times are seconds since the proxy began to listen.
    """

    number: int | None
    """From 1, in the order of arrival; None: it was not let through."""
    protocol: str
    outcome: Outcome
    status: int | None
    """What the server answered; None: it did not."""
    started_s: float
    first_token_s: float | None
    """When the first output of a stream came; None: none did, or no stream."""
    last_token_s: float | None
    """When the last came: before the usage, and before a slow harness has read it,
    unless so much is unread that the stream is held up."""
    ended_s: float
    answer: Answer
    pieces: int
    """How many parts of a stream carried output; each holds at least one token."""
    pauses: int
    """How often the server was too busy, and waited for."""
    dropped: tuple[str, ...] = ()
    """Names of fields and headers that the server did not get."""
    request: Table
    """As the server got it."""
    response: str
    """As the server sent it."""

    def told(self) -> Table:
        """All but its request, as JSON has it."""
        answer = {name: getattr(self.answer, name) for name in _OF_ANSWER}
        answer["tool_calls"] = [
            asdict(call) | {"is_malformed": call.is_malformed}
            for call in self.answer.tool_calls
        ]
        return {
            "number": self.number,
            "protocol": self.protocol,
            "outcome": self.outcome,
            "status": self.status,
            "started_s": round(self.started_s, 6),
            "first_token_s": _rounded(self.first_token_s),
            "last_token_s": _rounded(self.last_token_s),
            "ended_s": round(self.ended_s, 6),
            "pauses": self.pauses,
            "dropped": list(self.dropped),
            **answer,
            "response": self.response,
        }

    @property
    def is_answered(self) -> bool:
        """Whether the model has said all that it wanted to say."""
        return self.outcome is Outcome.ANSWERED

    @property
    def paced(self) -> tuple[int, float] | None:
        """Tokens after the first output, and the seconds in which they came.

        None where that tells no speed: an answer that is not whole, or came in one
        piece, of one token or an untold number, or with thinking that nobody saw.
        """
        if not self.is_answered or self.answer.thinks_unseen:
            return None
        if self.first_token_s is None or self.last_token_s is None:
            return None
        tokens = (self.answer.tokens_out or 0) - 1
        seconds = self.last_token_s - self.first_token_s
        return (tokens, seconds) if tokens > 0 and seconds >= _ONE_PIECE_S else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What was used so far. Unknown is None: a server need not tell."""

    calls: int = 0
    """Calls that reached out to the server, failed ones too."""
    tokens_in: int | None = 0
    """Prompt tokens with cached ones, over the calls for which the server told, and
    estimates for those that it answered without telling."""
    tokens_cached: int | None = 0
    tokens_stored: int | None = 0
    """Prompt tokens that the server put into a cache for money."""
    tokens_out: int | None = 0
    prompt_tokens: int | None = None
    """Of the first call that was answered: with what the harness began."""
    context_peak: int | None = 0
    """Most tokens, prompt and answer together, that one call held."""
    model_time_s: float = 0.0
    """Seconds during which at least one call was under way."""
    first_token_s: float | None = None
    """Median seconds from a call to its first output, over those that streamed; the
    wait for a busy server is in it."""
    tokens_per_s: float | None = None
    """Tokens after the first over seconds after the first, both summed over the calls
    that tell them: see `Call.paced`.

    Source:
        The inverse of the time per output token that `vllm bench serve` prints, and of
        the inter-token latency of https://docs.nvidia.com/nim/benchmarking/llm/:
        (latency - time to first token) / (output tokens - 1), with the last output as
        the end. These average over calls; here long answers weigh more, because the
        tokens that a short one brings with its first output are not timed.
    """
    prefill_per_s: float | None = None
    """Prompt tokens that came from no cache over the seconds that the server took to
    read them, both summed over the calls for which it told."""
    malformed_tool_calls: int = 0
    overflows: int = 0
    """Calls that the server refused for their length."""
    refused: int = 0
    """Calls that were not let through."""
    is_estimated: bool = False
    """Whether a call was answered whose tokens no server told: then `tokens_in` and
    `tokens_out` are what they were at least."""


class Meter:
    """Adds up calls and decides when it is enough."""

    def __init__(self, limits: Limits) -> None:
        self.in_flight = 0
        self.stop: Refusal | None = None
        """Why no further call is let through."""
        self.upstream_failed_last = False
        """Whether the last call that the server ended was ended by its failure."""
        self._left = 0
        self.last: Call | None = None
        """The latest that the server has ended."""
        self.answered: Call | None = None
        """The latest that was answered."""
        self._budget = Budget(limits)
        self._failures_in_a_row = 0
        self._refused = 0
        self._overflows = 0
        self._malformed = 0
        self._first: tuple[float, int | None] = (math.inf, None)
        """Of the calls that were answered, when the first came, and its prompt."""
        self._tokens: dict[str, int] = {}
        """Sums of what servers told; a key that none told is missing."""
        self._is_estimated = False
        self._waits: list[float] = []
        self._paced_tokens, self._paced_s = 0, 0.0
        self._prefilled, self._prefill_ms = 0, 0.0
        self._busy_s = 0.0
        self._busy_since = 0.0

    def must_wait(self, asking: Asking) -> bool:
        """Whether a call does not fit beside those under way, and may after them."""
        is_idle = self.stop is not None or self._budget.is_idle
        return not is_idle and not self._budget.has_room(asking)

    def begin(self, now: float, asking: Asking = _NOTHING_KNOWN) -> int | None:
        """Let a call through under its number; None: it is refused."""
        if not self._budget.has_room(asking):
            self.stop = self.stop or Refusal.BUDGET
        if self.stop is not None:
            self._refused += 1
            return None
        if self.in_flight == 0:
            self._busy_since = now
        self.in_flight += 1
        return self._budget.begin(asking)

    @property
    def has_left_calls(self) -> bool:
        """Whether the server may still work on a call that nobody listens to."""
        return self._left + self.in_flight > 0

    @property
    def calls(self) -> int:
        """Calls that were let through."""
        return self._budget.calls

    def is_too_much(self, pieces: int, number: int | None = None) -> bool:
        """Whether an answer of at least so many tokens goes beyond the budget."""
        return self._budget.is_too_much(number, pieces)

    def end(self, call: Call) -> None:
        """Count a call that was let through."""
        self.in_flight -= 1
        if self.in_flight == 0:
            self._busy_s += call.ended_s - self._busy_since
        if call.first_token_s is not None:
            self._waits.append(call.first_token_s - call.started_s)
        if call.paced is not None:
            tokens, seconds = call.paced
            self._paced_tokens += tokens
            self._paced_s += seconds
        self._count(call)
        self._left += call.outcome in {Outcome.ABANDONED, Outcome.CUT}
        self._overflows += call.outcome is Outcome.OVERFLOW
        self._malformed += call.outcome is Outcome.UNPARSABLE
        if call.is_answered:
            self.answered = call
            self._malformed += sum(
                tool_call.is_malformed for tool_call in call.answer.tool_calls
            )
            # Calls side by side may end in another order than they came.
            if call.started_s < self._first[0]:
                self._first = (call.started_s, call.answer.tokens_in)
        if call.outcome is Outcome.CUT:
            self.stop = self.stop or Refusal.BUDGET
        # A harness that hangs up has learnt nothing about the server.
        elif call.outcome is not Outcome.ABANDONED:
            self.last = call
            self.upstream_failed_last = call.outcome is Outcome.UPSTREAM
            failures = self._failures_in_a_row + 1 if self.upstream_failed_last else 0
            self._failures_in_a_row = failures
            if failures >= _FAILURES_IN_A_ROW:
                self.stop = self.stop or Refusal.UPSTREAM

    def _count(self, call: Call) -> None:
        answer = call.answer
        told: dict[str, int | None] = {key: getattr(answer, key) for key in TOLD}
        # A server that fails at once has not worked on the prompt, and one that says
        # it is too long has not either.
        cost = self._budget.settle(
            call.number,
            answer,
            heard=call.pieces or words_in(call.response if call.is_answered else ""),
            was_sent=bool(call.pieces)
            or call.outcome not in {Outcome.UPSTREAM, Outcome.OVERFLOW},
        )
        if call.is_answered and cost.is_estimated:
            self._is_estimated = True
            told["tokens_in"] = cost.tokens_in or None
            told["tokens_out"] = cost.tokens_out or None
        for key, tokens in told.items():
            if tokens is not None:
                self._tokens[key] = self._tokens.get(key, 0) + tokens
        if answer.prefill is not None:
            tokens, ms = answer.prefill
            self._prefilled += tokens
            self._prefill_ms += ms
        if answer.tokens_in is not None:
            held = answer.tokens_in + (answer.tokens_out or 0)
            self._tokens["held"] = max(held, self._tokens.get("held", 0))

    def usage(self, now: float) -> Usage:
        """What was used until now."""
        unknown = None if self.calls else 0
        return Usage(
            calls=self.calls,
            **{key: self._tokens.get(key, unknown) for key in TOLD},
            prompt_tokens=self._first[1],
            context_peak=self._tokens.get("held", unknown),
            model_time_s=self._busy_s
            + (now - self._busy_since if self.in_flight else 0.0),
            first_token_s=statistics.median(self._waits) if self._waits else None,
            tokens_per_s=self._paced_tokens / self._paced_s if self._paced_s else None,
            prefill_per_s=1000 * self._prefilled / self._prefill_ms
            if self._prefill_ms
            else None,
            malformed_tool_calls=self._malformed,
            overflows=self._overflows,
            refused=self._refused,
            is_estimated=self._is_estimated,
        )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
