"""Values of typed settings are told, free text is not."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum, StrEnum, auto
from pathlib import Path
from typing import Any, Literal

import pytest

from harness_bench.registry import load, names
from runner.harnesses.aider import Aider
from runner.harnesses.claude import Claude
from runner.harnesses.published_settings import published_settings

TEXT = "curl -H 'key: sk-123' /home/me/tests/hidden.py"


class Speed(StrEnum):
    FAST = auto()


class Depth(Enum):
    DEEP = "down\n to the ground"


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """What an adapter of another package may have."""

    version: str = "9"
    path: Path | None = None
    folders: tuple[Path, ...] = ()
    text: str = ""
    maybe: str | None = None
    table: Mapping[str, str] = field(default_factory=dict)
    speed: Speed = Speed.FAST
    depth: Depth = Depth.DEEP
    mode: Literal["a", "b"] | None = None
    number: int | str = 1
    lints: bool = False
    turns: int = 0
    share: float = 0.5
    limit: int | None = None
    words: tuple[str, ...] = ()
    sizes: tuple[int, ...] = (1, 2)
    modes: tuple[Literal["a", "b"], ...] = ("b",)
    speeds: tuple[Speed, ...] = ()


def _told(**settings: Any) -> dict[str, str]:  # noqa: ANN401 - any setting
    text = published_settings(Odd(**settings)) or ""
    return dict(each.split(" ", 1) for each in text.split("; "))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("aider", "edit_format diff; files all; test_command not set"),
        ("claude", "tools Bash, Read, Edit, Write, Glob, Grep"),
        ("mini", None),
        ("opencode", "tools bash, read, edit, write, glob, grep"),
        ("pi", "tools read, bash, edit, write"),
        (
            "qwen",
            ("tools run_shell_command, read_file, edit, write_file, glob, grep_search"),
        ),
    ],
)
def test_each_harness_of_ours_tells_its_defaults(name: str, told: str | None) -> None:
    kind = load("harnesses", name)
    assert isinstance(kind, type)
    assert published_settings(kind()) == told


def test_every_registered_harness_tells_every_setting_but_its_version() -> None:
    for name in names("harnesses"):
        kind: Any = load("harnesses", name)
        told = published_settings(kind()) or ""
        parts = [each.split(" ", 1)[0] for each in told.split("; ") if each]
        assert parts == [item.name for item in fields(kind) if item.name != "version"]


def test_a_command_is_set_and_not_told() -> None:
    told = published_settings(
        Aider(test_command=TEXT, edit_format="whole", files="none")
    )
    assert told == "edit_format whole; files none; test_command set"


def test_no_tools_named_is_the_harnesss_own_choice() -> None:
    assert published_settings(Claude(tools=())) == "tools its own choice"


def test_values_that_a_type_lists_are_told() -> None:
    assert _told(mode="b", lints=True, turns=7, limit=0) == {
        "path": "not set",
        "folders": "not set",
        "text": "not set",
        "maybe": "not set",
        "table": "not set",
        "speed": "fast",
        "depth": "down to the ground",
        "mode": "b",
        "number": "1",
        "lints": "true",
        "turns": "7",
        "share": "0.5",
        "limit": "0",
        "words": "its own choice",
        "sizes": "1, 2",
        "modes": "b",
        "speeds": "not set",
    }
    assert _told()["lints"] == "false"
    assert _told()["mode"] == "not set"
    assert _told()["limit"] == "not set"


def test_free_text_and_paths_are_only_set() -> None:
    free = {
        "path": Path(TEXT),
        "folders": (Path("hidden"), Path(TEXT)),
        "text": TEXT,
        "maybe": "hidden",
        "number": "hidden",
        "table": {"hidden": "hidden"},
    }
    told = _told(**free)
    assert {told[name] for name in free} == {"set"}
    assert "hidden" not in str(told)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("Bash", "mcp__x.y-z"), "Bash, mcp__x.y-z"),
        (("Bash", "Edit(/home/me/*)"), "Bash and 1 more"),
        ((TEXT, "two\nlines", ""), "set"),
    ],
)
def test_of_a_list_names_alone_are_told_and_the_others_counted(
    words: tuple[str, ...], told: str
) -> None:
    assert _told(words=words)["words"] == told
