"""How many tokens an answer took, in whatever words its server tells them."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from runner.proxy.wire import dialects
from runner.proxy.wire.loose import Table, number, table

_NAMES: Final[Mapping[str, Sequence[str]]] = MappingProxyType(
    {
        "tokens_in": dialects.PROMPT,
        "tokens_cached": dialects.CACHED,
        "tokens_stored": dialects.STORED,
        "tokens_out": dialects.ANSWER,
        "thought": dialects.THOUGHT,
        "total": dialects.TOTAL,
    }
)


class Told:
    """What the parts of one answer told; each number is a sum so far, so it only grows.

    Some end with zeros after true numbers (envoyproxy/ai-gateway#1631), others with
    nothing.

    Args:
        beside_cache: Whether the protocol counts a prompt without what touched a cache.
    """

    def __init__(self, *, beside_cache: bool = False) -> None:
        self._told: dict[str, int] = {}
        self._names = dict(_NAMES)
        if beside_cache:
            self._names["tokens_in"] = dialects.PROMPT_BESIDE_CACHE

    def take(self, said: Table) -> None:
        """Read an answer, or a part of one."""
        if not dialects.USAGE_ROOTS.isdisjoint(said):
            for path in dialects.USAGE_PLACES:
                for usage in _at(said, path):
                    self._read(usage)
        else:
            choices = said.get("choices")
            for choice in choices if isinstance(choices, list) else ():
                if isinstance(choice, dict) and "usage" in choice:
                    self._read(table(choice["usage"]))

    def _read(self, usage: Table) -> None:
        if not usage:
            return
        for key, names in self._names.items():
            found = [
                tokens for name in names if (tokens := _sum(usage, name)) is not None
            ]
            if found:
                self._told[key] = max(*found, self._told.get(key, 0))

    @property
    def thought(self) -> bool:
        """Whether tokens of thinking were counted."""
        return bool(self._told.get("thought"))

    @property
    def tokens(self) -> dict[str, int]:
        """By their name in `Answer`, as far as they were told."""
        found: dict[str, int] = {
            key: self._told[key] for key in _ANSWERS if key in self._told
        }
        prompt, answer = found.get("tokens_in", 0), found.get("tokens_out", 0)
        touched = found.get("tokens_cached", 0) + found.get("tokens_stored", 0)
        if "tokens_in" in found and touched > prompt:
            # It cannot be part of it: this server counts it apart.
            found["tokens_in"] = prompt = prompt + touched
        thought = self._told.get("thought", 0)
        if prompt + answer + thought == self._told.get("total"):
            # xAI and Google count thinking beside the answer: vercel/ai#12425.
            found["tokens_out"] = answer + thought
        return found


_ANSWERS: Final = ("tokens_in", "tokens_cached", "tokens_stored", "tokens_out")


def _at(said: object, path: Sequence[str]) -> Iterator[Table]:
    """The objects at a place; of a list, those in each of its items."""
    if isinstance(said, list):
        for item in said:
            yield from _at(item, path)
    elif path:
        yield from _at(table(said).get(path[0]), path[1:])
    else:
        yield table(said)


def _sum(usage: Table, names: str) -> int | None:
    """What a name stands for; of several, their sum if the first is there."""
    found = [_tokens(usage, name.split(".")) for name in names.split("+")]
    return None if found[0] is None else sum(each or 0 for each in found)


def _tokens(usage: Table, path: Sequence[str]) -> int | None:
    for name in path[:-1]:
        usage = table(usage.get(name))
    found = number(usage.get(path[-1]))
    return None if found is None else int(found)
