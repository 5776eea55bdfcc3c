"""The publish gate: nothing of a private folder may stand in a site.

What is published is decided by allow-lists, so that private text has no way
to a page. The gate is the second lock: it takes every line of the private
folders that is long enough to be telling, and looks for it in every byte that
is about to leave, whatever escape it stands in.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from harness_bench.errors import GateError, Problem, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from sitegen.site import Site

SHORTEST = 30
"""Shorter lines occur by chance: `if __name__ == "__main__":` has 26 characters."""

_LARGEST = 8_000_000
_SPACE = re.compile(r"\s+")
_LETTERS = re.compile(r"[^\W\d_]")
_MIN_LETTERS = 8
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|([bfnrt])|(["\\/]))')
_QUOTES = re.compile('"+')


def private_lines(folders: Iterable[Path]) -> Mapping[str, str]:
    """The telling lines of every text file in `folders`, and where each stands.

    Files with a NUL byte and files of more than 8 MB are not text of a task
    and are passed over; a folder that does not exist holds nothing.
    """
    found: dict[str, str] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if not path.is_file() or path.stat().st_size > _LARGEST:
                continue
            content = path.read_bytes()
            if b"\0" in content:
                continue
            where = path.relative_to(folder.parent).as_posix()
            lines = content.decode("utf-8", errors="replace").splitlines()
            for number, line in enumerate(lines, start=1):
                text = plain_text(line)
                telling = len(_LETTERS.findall(text)) >= _MIN_LETTERS
                if len(text) >= SHORTEST and telling:
                    found.setdefault(text, f"{where}:{number}")
    return found


def check(site: Site, lines: Mapping[str, str]) -> None:
    """Let the site pass, or name every private line in it.

    Raises:
        GateError: With one problem for each file and line.
    """
    if not lines:
        return
    import ahocorasick_rs  # noqa: PLC0415 only sites with private folders need it

    wanted = list(lines)
    automaton = ahocorasick_rs.AhoCorasick(wanted)
    problems = []
    for path, content in sorted(site.items()):
        text = plain_text(content.decode("utf-8", errors="replace"))
        hits = {index for index, _, _ in automaton.find_matches_as_indexes(text)}
        problems += [
            Problem(
                path,
                f"contains private text of {lines[wanted[index]]}:"
                f" {shown(wanted[index])}",
            )
            for index in sorted(hits)
        ]
    if problems:
        raise GateError(*problems)


def plain_text(text: str) -> str:
    """The text without escapes of HTML, JSON and CSV, its white space folded.

    Unescaped until nothing changes: a line that holds an escape itself is then the same
    as when it was escaped once more.
    """
    bare = ""
    while bare != text:
        bare, text = text, html.unescape(_QUOTES.sub('"', _ESCAPE.sub(_meant, text)))
    # JSON has characters beyond U+FFFF in two halves; half of one is no text.
    whole = bare.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    # At the end of a line, one more would seem to escape the quote behind it.
    return _SPACE.sub(" ", whole.replace("\\", "")).strip().lower()


def _meant(escape: re.Match[str]) -> str:
    code, _, itself = escape.groups()
    return chr(int(code, 16)) if code else itself or " "
