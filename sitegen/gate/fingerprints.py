"""Pieces of text as keyed hashes, and where a long text holds one of them.

A hash of a piece is the sum of a secret number for each byte times a power of a secret
factor: that of any part of a text is then a difference of two sums, for all its places
at once. Half of each hash is kept, which tells pieces apart and cannot be read back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHORTEST = 16
"""Bytes of a piece: so many are looked up at each place of a text."""
LONGEST = 250
"""What is longer is known by its first so many bytes."""

_STEP = 1 << 18
_PAIRS = 1 << 20
_MOST_BITS = 26
_HALF = np.uint64(32)

_Numbers = NDArray[np.uint64]
_Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Prints:
    """Hashes of pieces, one row each."""

    first: NDArray[np.uint32]
    """Of the first `SHORTEST` bytes."""
    whole: NDArray[np.uint32]
    length: NDArray[np.uint8]
    """In bytes."""

    def __len__(self) -> int:
        return len(self.first)

    @property
    def keys(self) -> _Numbers:
        """Both hashes of each row as one number."""
        return self.first.astype(np.uint64) << _HALF | self.whole

    def at(self, places: NDArray[np.integer | np.bool_]) -> "Prints":
        """The rows at these places."""
        return Prints(self.first[places], self.whole[places], self.length[places])


def joined(parts: Sequence[Prints]) -> Prints:
    """All rows of several, in order."""
    none = Prints(np.zeros(0, np.uint32), np.zeros(0, np.uint32), np.zeros(0, np.uint8))
    every = [none, *parts]
    return Prints(
        np.concatenate([each.first for each in every]),
        np.concatenate([each.whole for each in every]),
        np.concatenate([each.length for each in every]),
    )


class Hasher:
    """Takes hashes with one key.

    Args:
        key: 64-bit numbers: whoever has none of them can compare nothing.
    """

    def __init__(self, key: int) -> None:
        draw = np.random.Generator(np.random.Philox(key=key))
        most = np.iinfo(np.uint64).max
        self._of_byte: _Numbers = draw.integers(0, most, 256, np.uint64, endpoint=True)
        factor = int(draw.integers(0, most, dtype=np.uint64, endpoint=True)) | 1
        back = pow(factor, -1, 1 << 64)
        size = _STEP + LONGEST
        self._powers = _powers(factor, size)
        self._backwards = _powers(back, size)

    def prints(self, text: bytes, starts: _Places, lengths: _Places) -> Prints:
        """The hashes of pieces of a text, in the order of their starts."""
        parts = []
        for begin in range(0, len(text), _STEP):
            low, high = np.searchsorted(starts, (begin, begin + _STEP))
            sums = self._sums(text[begin : begin + _STEP + LONGEST])
            place, length = starts[low:high] - begin, lengths[low:high]
            first = self._hash(sums, place, SHORTEST)
            whole = self._hash(sums, place, length)
            parts.append(Prints(first, whole, length.astype(np.uint8)))
        return joined(parts)

    def everywhere(self, text: bytes) -> Iterator[tuple[_Numbers, NDArray[np.uint32]]]:
        """Stretches of a text: their sums, and the first hash at each place."""
        for begin in range(0, len(text), _STEP):
            sums = self._sums(text[begin : begin + _STEP + LONGEST])
            places = np.arange(max(0, min(_STEP, len(sums) - SHORTEST)))
            yield sums, self._hash(sums, places, SHORTEST)

    def _sums(self, text: bytes) -> _Numbers:
        numbers = self._of_byte[np.frombuffer(text, np.uint8)]
        sums = np.zeros(len(text) + 1, np.uint64)
        np.cumsum(numbers * self._powers[: len(text)], out=sums[1:])
        return sums

    def _hash(
        self, sums: _Numbers, places: _Places, length: _Places | int
    ) -> NDArray[np.uint32]:
        difference = sums[places + length] - sums[places]
        whole: _Numbers = difference * self._backwards[places] >> _HALF
        return whole.astype(np.uint32)

    def found(self, sums: _Numbers, places: _Places, of: Prints) -> NDArray[np.bool_]:
        """Whether each piece stands at its place."""
        length = of.length.astype(np.int64)
        fits = places + length < len(sums)
        there = self._hash(sums, np.where(fits, places, 0), np.where(fits, length, 0))
        same: NDArray[np.bool_] = fits & (there == of.whole)
        return same


class Known:
    """Pieces to be found again."""

    def __init__(self, hasher: Hasher, prints: Prints) -> None:
        self._hasher = hasher
        self._order = np.argsort(prints.first, kind="stable")
        self._prints = prints.at(self._order)
        bits = min(_MOST_BITS, max(10, (8 * len(prints)).bit_length()))
        self._mask = np.uint32((1 << bits) - 1)
        self._some = np.zeros(1 << bits, np.bool_)
        self._some[self._prints.first & self._mask] = True

    def keys(self, rows: _Places) -> _Numbers:
        """The hashes of the pieces in these rows."""
        return self._prints.at(np.isin(self._order, rows)).keys

    def inside(self, text: bytes) -> set[int]:
        """Which pieces the text holds, by their row."""
        rows: set[int] = set()
        for sums, first in self._hasher.everywhere(text):
            places = np.flatnonzero(self._some[first & self._mask])
            low = np.searchsorted(self._prints.first, first[places], "left")
            high = np.searchsorted(self._prints.first, first[places], "right")
            there = high > low
            places, low, high = places[there], low[there], high[there]
            for each in _in_parts(high - low):
                count = high[each] - low[each]
                place = np.repeat(places[each], count)
                row = np.repeat(low[each] - np.cumsum(count) + count, count)
                row += np.arange(len(row))
                found = self._hasher.found(sums, place, self._prints.at(row))
                rows.update(self._order[np.unique(row[found])].tolist())
        return rows


def _in_parts(counts: _Places) -> Iterator[slice]:
    """Slices with a bounded sum each, or with one count."""
    begin, total = 0, 0
    for place, count in enumerate(counts.tolist()):
        if total and total + count > _PAIRS:
            yield slice(begin, place)
            begin, total = place, 0
        total += count
    yield slice(begin, len(counts))


def _powers(factor: int, size: int) -> _Numbers:
    powers = np.full(size, factor, np.uint64)
    powers[0] = 1
    return np.cumprod(powers)
