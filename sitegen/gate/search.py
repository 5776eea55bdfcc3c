"""Look through a site for all that must not leave."""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from harness_bench.errors import GateError, Problem
from harness_bench.readings import TooLargeError, letters, marks, readings, words
from sitegen.gate.machine import Machine
from sitegen.gate.private_text import PrivateText
from sitegen.gate.public import Public
from sitegen.site import Site

SHOWN = 20
"""So many are told; the report has all."""
HASH = 32
"""Bytes of what stands for a file that the gate has let pass."""
_MANY = 5

_Holds = Callable[[bytes], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hit:
    """Something private in a file of the site."""

    where: str
    what: str
    """What it is, or whose text."""
    said: tuple[str, ...]
    """The text itself, which is for the report alone."""
    byte: int | None
    """Where it begins; None: in the name of the file."""

    def __str__(self) -> str:
        place = "its name" if self.byte is None else f"byte {self.byte:,}"
        return f"{place} holds {self.what}"


class Gate:
    """Lets sites pass, or says what is private in them.

    Args:
        private: What must not leave.
        machine: Nor this.
        public: What may, though private files say it too.
        shipped: Files of ours that everybody has: they are not searched.
        clean: Hashes of what such gates have let pass, by the same rules; grows.
        rules: Changes with how is searched.
    """

    def __init__(
        self,
        private: PrivateText,
        machine: Machine,
        public: Public,
        *,
        shipped: Collection[bytes] = (),
        clean: set[bytes] | None = None,
        rules: str = "",
    ) -> None:
        self._private = private
        self._machine = machine
        self._public = public
        # All that decides what is found, so that what was found can be remembered.
        self._key = f"{private.key} {machine.key} {public.key} {rules}".encode(
            "utf-8", "replace"
        )
        self._clean = set() if clean is None else clean
        self.passed: set[bytes] = set()
        """Those of them that were checked."""
        self._clean |= {self._digest(each) for each in shipped}

    def check(self, site: Site) -> None:
        """Let the site pass.

        Raises:
            GateError: It must not. The problems name places and sources; only the
                report beside them says what stands there.
        """
        hits, large = [], []
        for path, content in sorted(site.items()):
            digest = self._digest(content)
            try:
                found = [*self._hits(path, path.encode(), named=True)]
                if digest not in self._clean:
                    inside = [*self._hits(path, content)]
                    found += inside
                    if not inside:
                        self._clean.add(digest)
                if digest in self._clean:
                    self.passed.add(digest)
            except TooLargeError as error:
                large.append(Problem(path, str(error)))
            else:
                hits += found
        if not hits and not large:
            return
        told = [Problem(hit.where, str(hit)) for hit in hits[:SHOWN]]
        if len(hits) > SHOWN:
            told.append(Problem("", f"… and {len(hits) - SHOWN:,} more"))
        raise GateError(*told, *large, report="\n".join(_report(hits)))

    def vouch(self, drawn: Iterable[bytes]) -> None:
        """Let pass unread what shows texts that are checked elsewhere."""
        self._clean |= {self._digest(each) for each in drawn}

    def _digest(self, content: bytes) -> bytes:
        return hashlib.sha256(self._key + hashlib.sha256(content).digest()).digest()

    def _hits(
        self, path: str, content: bytes, *, named: bool = False
    ) -> Iterator[_Hit]:
        rows: set[int] = set()
        machine: dict[str, str] = {}
        for text in _texts(content):
            machine |= self._machine.inside(text)
            if self._private.files:
                rows |= self._private.inside(words(text))
        for what, said in machine.items():
            place = None if named else _first(content, self._says(what))
            yield _Hit(where=path, what=what, said=(said,), byte=place)
        if not rows:
            return
        streams = [*_streams(content)]
        for source, pieces in self._private.explained(rows):
            there = [
                piece
                for piece in pieces
                if any(piece.bytes in stream for stream in streams)
                and not self._public.covers(piece)
            ]
            if there:
                holds = _quotes(there[0].bytes)
                yield _Hit(
                    where=path,
                    what=f"private text of {source.name}",
                    said=tuple(piece.words for piece in there),
                    byte=None if named else _first(content, holds),
                )

    def _says(self, what: str) -> _Holds:
        return lambda part: any(
            what in self._machine.inside(text) for text in _texts(part)
        )


def _texts(content: bytes) -> Iterator[str]:
    """Some bytes as they are, and each reading of them that is another one."""
    raw = content.decode("utf-8", "replace")
    yield raw
    yield from (text for text in readings(content) if text != raw)


def _streams(content: bytes) -> Iterator[bytes]:
    for text in map(words, readings(content)):
        yield letters(text)
        yield marks(text)


def _quotes(piece: bytes) -> _Holds:
    return lambda part: any(piece in stream for stream in _streams(part))


def _first(content: bytes, holds: _Holds) -> int:
    """Where the shortest part begins that still holds it, found by cutting off more."""
    low, high = 0, len(content)
    step = (high - low) // 2
    while step > 0:
        if holds(content[low : high - step]):
            high -= step
        elif holds(content[low + step : high]):
            low += step
        else:
            step //= 2
            continue
        step = min(step, (high - low) // 2)
    return low


def _report(hits: Collection[_Hit]) -> Iterator[str]:
    for hit in hits:
        yield f"{hit.where}: {hit}:"
        yield from (f"    {each}" for each in hit.said[:_MANY])
        if len(hit.said) > _MANY:
            yield f"    … and {len(hit.said) - _MANY:,} more"
