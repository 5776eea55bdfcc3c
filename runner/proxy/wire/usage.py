"""How many tokens an answer took, in whatever words its server tells them."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from runner.proxy.wire import dialects
from runner.proxy.wire.loose import Table, number, table

_Sum = Sequence[Sequence[str]]
"""Ways to numbers that are added up."""


def _sums(names: Sequence[str]) -> list[_Sum]:
    return [[way.split(".") for way in name.split("+")] for name in names]


_NAMES: Final[Mapping[str, Sequence[_Sum]]] = MappingProxyType(
    {
        "tokens_in": _sums(dialects.PROMPT),
        "tokens_cached": _sums(dialects.CACHED),
        "tokens_stored": _sums(dialects.STORED),
        "tokens_out": _sums(dialects.ANSWER),
        "thought": _sums(dialects.THOUGHT),
        "total": _sums(dialects.TOTAL),
    }
)
_BESIDE_CACHE: Final = MappingProxyType(
    {**_NAMES, "tokens_in": _sums(dialects.PROMPT_BESIDE_CACHE)}
)


class Told:
    """What the parts of one answer told; each number is a sum so far, so it only grows.

    Some end with zeros after true numbers (envoyproxy/ai-gateway#1631), others with
    nothing.
    """

    def __init__(self, *, beside_cache: bool = False) -> None:
        self._told: dict[str, int] = {}
        self._names = _BESIDE_CACHE if beside_cache else _NAMES

    def take(self, said: Table) -> None:
        """Read an answer, or a part of one."""
        if not dialects.USAGE_ROOTS.isdisjoint(said):
            for path in dialects.USAGE_PLACES:
                if not path or path[0] in said:
                    for usage in _at(said, path):
                        self._read(usage)
        else:
            choices = said.get("choices")
            for choice in choices if isinstance(choices, list) else ():
                if isinstance(choice, dict):
                    for holder in (choice, choice.get("delta"), choice.get("message")):
                        if isinstance(holder, dict) and "usage" in holder:
                            self._read(table(holder["usage"]))

    def _read(self, usage: Table) -> None:
        for key, sums in self._names.items() if usage else ():
            found = [
                sum(_tokens(usage, way) or 0 for way in ways)
                for ways in sums
                if ways[0][0] in usage and _tokens(usage, ways[0]) is not None
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
            key: self._told[key] for key in TOLD if key in self._told
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


TOLD: Final = ("tokens_in", "tokens_cached", "tokens_stored", "tokens_out")
"""Names of what is told of tokens, in `Answer` and elsewhere."""


def _at(said: object, path: Sequence[str]) -> Iterator[Table]:
    """The objects at a place; of a list, those in each of its items."""
    if isinstance(said, list):
        for item in said:
            yield from _at(item, path)
    elif path:
        yield from _at(table(said).get(path[0]), path[1:])
    else:
        yield table(said)


def _tokens(usage: Table, path: Sequence[str]) -> int | None:
    for name in path[:-1]:
        usage = table(usage.get(name))
    told = usage.get(path[-1])
    found = number(int(told) if isinstance(told, str) and told.isdecimal() else told)
    return None if found is None else int(found)
