"""A post of the site's owner as a file: its front matter and its text.

Posts lie in `posts/` beside the results, and are called as Jekyll wants it:
`2026-04-28-which-model.md`.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from harness_bench.errors import PostError, Problem, reason

FOLDER = "posts"
_FOLDERS = (FOLDER, "_posts", "_drafts")
"""Others may hold results."""
_FRONT = re.compile(r"---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|$)", re.DOTALL)
_NAME = re.compile(r"(?:(\d{4}-\d{2}-\d{2})-)?(.+)\.(?:md|markdown)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A Markdown file, read."""

    path: str
    """As messages name it."""
    slug: str
    title: str
    day: str
    """Of its name or front matter; "" without one."""
    data: str
    """The day whose numbers it quotes; "" those of today."""
    text: str
    """Under the front matter."""
    whole: bytes
    """The file."""
    above: int
    """Lines of the file before the text."""

    def problem(self, line: int, what: str, advice: str = "") -> Problem:
        """Something at a line of the text."""
        return Problem(self.path, what, advice, line=self.above + line)


def read_posts(folder: Path) -> tuple[Post, ...]:
    """The posts of a folder, the newest first, and at one day by name.

    Raises:
        PostError: One cannot be read.
    """
    files = sorted(folder.glob("*.md")) + sorted(folder.glob("*.markdown"))
    found = [read_post(path) for path in files]
    return tuple(sorted(found, key=lambda post: post.day, reverse=True))


def posts_in(given: Sequence[Path]) -> tuple[Post, ...]:
    """The posts that are meant by files and folders, if these are no results."""
    found: list[Post] = []
    for path in given:
        if path.suffix in {".md", ".markdown"}:
            found.append(read_post(path))
        elif path.name in _FOLDERS and path.is_dir():
            files = [
                each for each in sorted(path.rglob("*")) if _NAME.fullmatch(each.name)
            ]
            found += [read_post(each) for each in files]
    return tuple(found)


def read_post(path: Path) -> Post:
    """One post.

    Raises:
        PostError: It is no UTF-8 text, or its front matter is no YAML.
    """
    import yaml  # noqa: PLC0415 - slow, and most sites have no posts

    try:
        whole = path.read_bytes()
        text = io.TextIOWrapper(io.BytesIO(whole), encoding="utf-8-sig").read()
    except OSError as error:
        what = f"cannot be read ({reason(error)})"
        raise PostError(Problem(str(path), what)) from error
    except UnicodeDecodeError as error:
        raise PostError(Problem(str(path), f"is not UTF-8 ({error})")) from error
    front = _FRONT.match(text)
    try:
        known = yaml.safe_load(front[1] or "") if front else {}
    except yaml.YAMLError as error:
        what = f"has front matter that is no YAML ({' '.join(str(error).split())})"
        raise PostError(Problem(str(path), what)) from error
    known = known if isinstance(known, dict) else {}
    name = _NAME.fullmatch(path.name)
    day, slug = (name[1] or "", name[2]) if name else ("", path.stem)
    head = front[0] if front else ""
    return Post(
        path=str(path),
        slug=slug,
        title=str(known.get("title") or slug.replace("-", " ")),
        day=_day(known.get("date")) or day,
        data="" if known.get("live") is True else _day(known.get("data")),
        text=text[len(head) :],
        whole=whole,
        above=head.count("\n"),
    )


def _day(value: Any) -> str:  # noqa: ANN401 - of YAML
    return f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value or "")[:10]
