"""What a trial's calls may cost, promised before each and settled after it."""

from dataclasses import dataclass
from typing import Final

from runner.limits import Limits
from runner.proxy.wire.wire import Answer

_MOST_PER_BYTE: Final = 0.4
"""Tokens of a prompt, where no answer has told of one yet: of dense code."""
_LEAST_PER_BYTE: Final = 1 / 8
"""Of plain prose in long words, and of an answer."""
_FRAME: Final = 300
"""Bytes of an answer in one piece that are no words of the model."""
_MOST_IN_VAIN: Final = 128 << 20
"""Bytes of prompts that a server has not taken: they cost no tokens, but disk."""
LONGEST_ANSWER: Final = 32_768
"""Tokens, where a request does not say how long the answer may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What is known of a call before it is asked."""

    size: int = 0
    """Bytes of the request."""
    answer: int = LONGEST_ANSWER
    """Tokens that the answer may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Tokens of a call; at least as many, where `is_estimated`."""

    tokens_in: int
    tokens_out: int
    is_estimated: bool


class Budget:
    """Calls and tokens: what is spent, and what calls under way may spend yet.

    A call is let through beside others if all of them fit, each with the longest
    answer that it may have; alone, if its prompt fits. So calls side by side pass the
    limit no further than calls one by one: by one answer.
    """

    def __init__(self, limits: Limits) -> None:
        self.calls = 0
        self._limits = limits
        self._spent = self._in_vain = 0
        self._under_way: dict[int, Asking] = {}
        self._prompts = _Prompts()

    @property
    def is_idle(self) -> bool:
        """Whether no call is under way."""
        return not self._under_way

    def has_room(self, asking: Asking) -> bool:
        """Whether a call may be let through now."""
        limits = self._limits
        if self.calls >= limits.calls or self._spent >= limits.tokens:
            return False
        if self._in_vain > _MOST_IN_VAIN:
            return False
        if self.is_idle:
            return self._spent + self._least(asking.size) <= limits.tokens
        held = sum(map(self._most, (*self._under_way.values(), asking)))
        return self._spent + held <= limits.tokens

    def begin(self, asking: Asking) -> int:
        """Promise a call what it may cost; its number, from 1."""
        self.calls += 1
        self._under_way[self.calls] = asking
        return self.calls

    def is_too_much(self, number: int | None, pieces: int) -> bool:
        """Whether an answer of at least so many tokens goes beyond the limit."""
        asking = self._under_way.get(number or 0)
        sent = self._least(asking.size) if asking else 0
        return self._spent + sent + pieces > self._limits.tokens

    def settle(
        self, number: int | None, answer: Answer, *, heard: int, was_sent: bool
    ) -> Cost:
        """Take what a call has cost for what was promised.

        Args:
            number: Of the call.
            answer: What the server told.
            heard: Least number of tokens in what came, as far as it was read.
            was_sent: Whether the server has worked on the prompt, as far as is known.
        """
        size = self._under_way.pop(number or 0, Asking()).size
        self._in_vain += 0 if was_sent else size
        sent = max(self._least(size), int(size * _LEAST_PER_BYTE)) if was_sent else 0
        if answer.tokens_in is not None and size:
            self._prompts.learn(size, answer.tokens_in)
        is_told = answer.tokens_in is not None and answer.tokens_out is not None
        cost = Cost(
            tokens_in=sent if answer.tokens_in is None else answer.tokens_in,
            tokens_out=heard if answer.tokens_out is None else answer.tokens_out,
            is_estimated=not is_told,
        )
        self._spent += cost.tokens_in + cost.tokens_out
        return cost

    def _least(self, size: int) -> int:
        """Tokens of a prompt; a low guess before any was told."""
        return self._prompts.tokens(size, unlearnt=_LEAST_PER_BYTE)

    def _most(self, asking: Asking) -> int:
        return self._prompts.tokens(asking.size, unlearnt=_MOST_PER_BYTE) + (
            asking.answer
        )


class _Prompts:
    """How many tokens the bytes of a request are, learnt from what servers told.

    A straight line through all that was told: a template of the server adds the same
    to each, and texts of one trial are alike.
    """

    def __init__(self) -> None:
        self._known = 0
        self._sizes = self._tokens = self._squares = self._products = 0

    def learn(self, size: int, tokens: int) -> None:
        """Take what was told of one."""
        self._known += 1
        self._sizes += size
        self._tokens += tokens
        self._squares += size * size
        self._products += size * tokens

    def tokens(self, size: int, *, unlearnt: float) -> int:
        """What a request of this size has, and never more than its bytes."""
        known = self._known
        if not known:
            return int(size * unlearnt)
        spread = known * self._squares - self._sizes**2
        shared = known * self._products - self._sizes * self._tokens
        slope = shared / spread if spread else self._tokens / self._sizes
        slope = min(max(slope, 0.0), 1.0)
        found = self._tokens / known + slope * (size - self._sizes / known)
        return min(max(int(found), 0), size)


def words_in(response: str) -> int:
    """Least number of tokens in an answer that came in one piece."""
    words = int((len(response) - _FRAME) * _LEAST_PER_BYTE)
    return max(words, 1) if response else 0
