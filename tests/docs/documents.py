"""The documentation as a reader uses it: pages, blocks, links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
)
NAMES = [path.relative_to(ROOT).as_posix() for path in PAGES]

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SAVED = re.compile(
    r"(?:[Ss]ave this as|, as|(?P<end>at the end of))\s`(?P<name>[\w./-]+)`[^`]*:\n\n\Z"
)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`[^`\n]*`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One fenced block of a page."""

    language: str
    text: str
    file: str
    """The file that the sentence before it says to save it as; else empty."""
    adds: bool
    """Whether it goes to the end of that file."""


def blocks(page: Path) -> Iterator[Block]:
    """Every fenced block, in order.

    The sentence before a block may say where it goes, ending in `NAME`: after
    "save this as" or ", as" it is the file, after "at the end of" more of it.
    """
    text = page.read_text(encoding="utf-8")
    for found in _FENCED.finditer(text):
        saved = _SAVED.search(text, 0, found.start())
        yield Block(
            language=found[1],
            text=found[2],
            file=saved["name"] if saved else "",
            adds=bool(saved and saved["end"]),
        )


def links(page: Path) -> list[str]:
    """Every link's target, outside code."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    return _LINK.findall(_CODE.sub("", text))


def prose(page: Path) -> str:
    """What a page says in sentences: no blocks, no code, no targets of links."""
    text = _CODE.sub("", _FENCED.sub("", page.read_text(encoding="utf-8")))
    return re.sub(r"\]\([^)\s]+\)", "]", text)


def anchors(page: Path) -> set[str]:
    """What `#fragment` may name: each heading as GitHub spells it."""
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    found = set()
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        kept = re.sub(r"[^\w\- ]", "", heading.lower())
        found.add(kept.replace(" ", "-"))
    return found


def first_column(page: Path) -> list[list[str]]:
    """The code spans in the first column of every table row of a page."""
    text = page.read_text(encoding="utf-8")
    cells = re.findall(r"^\| ?([^|]*) ?\|", text, re.MULTILINE)
    return [re.findall(r"`([^`]+)`", cell) for cell in cells if "`" in cell]


def sections(page: Path) -> dict[str, str]:
    """The text below each heading of the third level."""
    parts = re.split(r"^### (.+)$", page.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def codes(text: str) -> list[str]:
    """The code spans of the first column of each table row of a text."""
    cells = re.findall(r"^\| (`(?:\\\||[^|])+`)", text, re.MULTILINE)
    return [span for cell in cells for span in re.findall(r"`([^`]+)`", cell)]


def columns(text: str) -> list[str]:
    """The code spans of the line that lists the columns of a data file."""
    (line,) = re.findall(r"^Columns: (.+)\.$", text, re.MULTILINE)
    return re.findall(r"`([^`]+)`", line)
