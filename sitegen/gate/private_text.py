"""What must not leave: the telling pieces of every private file, and of its name.

A piece is a run of eight words, a long token, or a whole line that has fewer words. Of
each only a keyed hash is kept, in memory and in a cache for the next time; what it says
is read again from the file that it is from, should it be found somewhere.
"""

import hashlib
import os
import re
import secrets
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness_bench.readings import TooLargeError, letters, marks, readings, words
from sitegen.gate.fingerprints import LONGEST, SHORTEST, Hasher, Known, Prints, joined

RUN = 8
"""Words in a row that are no chance."""
_LETTERS_OF_RUN = 20
_LETTERS_OF_TOKEN = 20
_LETTERS_OF_NAME = 16
_LENGTH_OF_LINE = 30
_LEAST_LETTERS = 8
"""`if __name__ == "__main__":` has as many characters as a telling line."""
_LEAST_OF_TOKEN = 4
_LARGEST = 64_000_000
_MOST = 256_000_000
"""Of all files together: each of their bytes takes one or two of memory."""
_OPENED = 2
"""A packed file in a packed folder."""

_SINGLE = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f"
"""Scripts without blanks: each character counts as a word."""
_WORD = re.compile(rf"[{_SINGLE}]|[^\W_{_SINGLE}]+")
_TOKEN = re.compile(rf"[\w-]{{{_LETTERS_OF_TOKEN},}}")
_LETTER = re.compile(r"[^\W\d_]")
_PIECE = re.compile(
    r'"(content|text|thinking|reasoning|reasoning_content|arguments|partial_json|delta)"'
    r'\s*:\s*"([^"]*)"'
)
"""Of a streamed text, in an event of any protocol."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of private text."""

    words: str
    """As people read it."""
    bytes: bytes
    """As it is searched for."""


@dataclass(frozen=True, slots=True)
class Source:
    """A private file."""

    name: str
    """With the folder that was given, as the message names it."""
    path: Path
    inside: str
    """Its path in that folder."""
    size: int


def sources(folders: Iterable[Path], *, without: frozenset[Path]) -> list[Source]:
    """Every file below the folders; a folder that is not there holds none."""
    found: dict[Path, Source] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            real = path.resolve()
            passed = real in without or not without.isdisjoint(real.parents)
            if path.is_file() and not passed:
                inside = path.relative_to(folder).as_posix()
                name = f"{folder.name}/{inside}"
                size = path.stat().st_size
                found.setdefault(real, Source(name, path, inside, size))
    return list(found.values())


class PrivateText:
    """All pieces of all sources, to be found again; without a cache nothing is kept.

    What was kept by other rules, of an earlier version for instance, is not read.
    """

    def __init__(
        self, files: Sequence[Source], *, cache: Path | None, rules: str = ""
    ) -> None:
        self.files = files
        self.unread: list[str] = []
        """Names of files that are too large, or cannot be read."""
        kept = Cache(cache, rules)
        self._hasher = Hasher(kept.key)
        left = _MOST
        parts = []
        for file in files:
            left -= file.size
            prints = kept.get(file.path)
            if file.size > _LARGEST or left < 0:
                self.unread.append(file.name)
                prints = joined([])
            elif prints is None:
                prints = self._of_content(file)
                kept.put(file.path, prints)
            parts += [prints, self._of_pieces(_of_name(file))]
        kept.write()
        self.key = repr([_state(file.path) for file in files])
        """Changes with any of the files."""
        self._owner = np.repeat(np.arange(len(parts)) // 2, list(map(len, parts)))
        self._known = Known(self._hasher, joined(parts))

    def inside(self, text: str) -> set[int]:
        """Which pieces stand in a folded text; `explained` tells."""
        if not len(self._owner):
            return set()
        return self._known.inside(letters(text)) | self._known.inside(marks(text))

    def explained(self, rows: Iterable[int]) -> Iterator[tuple[Source, list[Piece]]]:
        """A file that each of these pieces is from, and what they say."""
        told: set[int] = set()
        wanted = np.array(sorted(rows), np.int64)
        for owner in dict.fromkeys(self._owner[wanted].tolist()):
            file = self.files[owner]
            mine = set(self._known.keys(wanted[self._owner[wanted] == owner]).tolist())
            mine -= told
            told |= mine
            if not mine:
                continue
            said = list(dict.fromkeys((*_pieces_of(file), *_of_name(file))))
            same = np.isin(self._of_pieces(said).keys, list(mine))
            yield file, [said[place] for place in np.flatnonzero(same)]

    def _of_content(self, file: Source) -> Prints:
        parts = []
        try:
            for text in _folded(file):
                run = _Runs(text)
                parts.append(self._hasher.prints(run.stream, run.starts, run.lengths))
                parts.append(self._of_pieces(_singles(text)))
        except (OSError, TooLargeError):
            self.unread.append(file.name)
        every = joined(parts)
        return every.at(np.unique(every.keys, return_index=True)[1])

    def _of_pieces(self, pieces: Iterable[Piece]) -> Prints:
        texts = [piece.bytes for piece in pieces]
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        starts = np.cumsum(lengths) - lengths
        return self._hasher.prints(b"".join(texts), starts, lengths)


def _folded(file: Source) -> Iterator[str]:
    """The texts of a private file."""
    content = file.path.read_bytes()
    for text in readings(content, depth=_OPENED, encoded=False):
        yield words(text)
        # What a model said stands in the log of its calls in pieces.
        if "data:" in text and (streamed := _streamed(text)):
            yield words(streamed)


def _streamed(text: str) -> str:
    """What the events of streams say together, one kind of text after the other."""
    said: dict[str, list[str]] = {}
    for key, piece in _PIECE.findall(text):
        said.setdefault(key, []).append(piece)
    return "\n".join(map("".join, said.values()))


def _pieces_of(file: Source) -> Iterator[Piece]:
    with suppress(OSError, TooLargeError):
        for text in _folded(file):
            yield from pieces(text)


def pieces(text: str) -> Iterator[Piece]:
    """The telling pieces of a folded text."""
    run = _Runs(text)
    for place, start, length in zip(run.places, run.starts, run.lengths, strict=True):
        said = " ".join(run.words[place : place + RUN])
        yield Piece(said, run.stream[start : start + length])
    yield from _singles(text)


class _Runs:
    """The telling runs of words of a folded text."""

    def __init__(self, text: str) -> None:
        self.words = _WORD.findall(text)
        self.stream = "".join(self.words).encode("utf-8", "replace")
        sizes = (
            map(len, self.words)
            if text.isascii()
            else (len(each.encode("utf-8", "replace")) for each in self.words)
        )
        ends = np.cumsum(np.fromiter(sizes, np.int64, len(self.words)))
        starts = np.concatenate([np.zeros(1, np.int64), ends])[: len(ends)]
        starts, ends = starts[: max(0, len(ends) - RUN + 1)], ends[RUN - 1 :]
        code = np.frombuffer(self.stream, np.uint8)
        letter = np.cumsum(np.append(0, code > ord("9")))
        telling = (ends - starts >= _LETTERS_OF_RUN) & (
            letter[ends] - letter[starts] >= _LEAST_LETTERS
        )
        self.places = np.flatnonzero(telling)
        """Of the first word of each run."""
        self.starts = starts[telling]
        self.lengths = np.minimum(ends - starts, LONGEST)[telling]


def _singles(text: str) -> Iterator[Piece]:
    """Long tokens, and lines of so few words that they are in no run of their own."""
    for token in dict.fromkeys(_TOKEN.findall(text)):
        whole = letters(token)
        if len(whole) >= _LETTERS_OF_TOKEN and _tells(token, _LEAST_OF_TOKEN):
            yield Piece(token, whole[:LONGEST])
    for line in dict.fromkeys(" ".join(each.split()) for each in text.splitlines()):
        if len(line) < _LENGTH_OF_LINE or not _tells(line, _LEAST_LETTERS):
            continue
        whole = letters(line)
        if len(whole) < _LETTERS_OF_RUN:
            whole = marks(line)
        elif len(_WORD.findall(line)) >= RUN:
            continue
        if len(whole) >= SHORTEST:
            yield Piece(line, whole[:LONGEST])


def _of_name(file: Source) -> Iterator[Piece]:
    for each in dict.fromkeys((*file.inside.split("/"), file.inside)):
        text = letters(words(each))[:LONGEST]
        if len(text) >= _LETTERS_OF_NAME and _tells(each, _LEAST_OF_TOKEN):
            yield Piece(each, text)


def _tells(text: str, least: int) -> bool:
    return len(_LETTER.findall(text)) >= least


class Cache:
    """What was read of each file, for as long as the file is the same.

    It holds no text and no names: a random key, and hashes that were made with it.
    """

    def __init__(self, path: Path | None, rules: str) -> None:
        self.key = secrets.randbits(64)
        self._rules = rules
        self._path = path
        self._kept: dict[str, Prints] = {}
        self._used: dict[str, Prints] = {}
        if path is None:
            return
        # Whatever is wrong with it: without it, the search takes longer.
        with suppress(OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            with path.open("rb") as file, np.load(file) as found:
                every = Prints(found["first"], found["whole"], found["length"])
                counts, names = found["counts"], found["names"].tolist()
                key = int(found["key"])
            ends = np.cumsum(counts)
            for name, count, end in zip(names, counts, ends, strict=True):
                self._kept[name] = every.at(np.arange(end - count, end))
            self.key = key

    def get(self, file: Path) -> Prints | None:
        """What is known of a file as it is now."""
        name = self._name(file)
        if name in self._kept:
            self._used[name] = self._kept[name]
        return self._kept.get(name)

    def put(self, file: Path, prints: Prints) -> None:
        """Know this of the file."""
        self._used[self._name(file)] = prints

    def write(self) -> None:
        """Keep what is known of the files that were asked for."""
        if self._path is None or self._used.keys() == self._kept.keys():
            return
        every = joined(list(self._used.values()))
        new = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with new.open("wb") as file:
                new.chmod(0o600)
                np.savez(
                    file,
                    key=np.uint64(self.key),
                    names=np.array(list(self._used), np.str_),
                    counts=np.array([len(each) for each in self._used.values()], int),
                    first=every.first,
                    whole=every.whole,
                    length=every.length,
                )
            new.replace(self._path)

    def _name(self, file: Path) -> str:
        known = repr((self.key, self._rules, _state(file))).encode()
        return hashlib.blake2b(known, digest_size=16).hexdigest()


def _state(file: Path) -> tuple[object, ...]:
    """Changes with the file."""
    with suppress(OSError):
        now = file.stat()
        return str(file), now.st_size, now.st_mtime_ns, now.st_ctime_ns
    return (str(file),)
