"""What bubblewrap is told, read as it reads it."""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from runner.limits import Limits
from runner.sandboxes.bubblewrap_options import ETC, options
from runner.sandboxes.memory_disk import in_memory
from runner.sandboxes.sandbox import Confined, Mount

pytestmark = pytest.mark.skipif(
    not hasattr(os, "memfd_create"), reason="bubblewrap is of Linux"
)


def told(confined: Confined) -> tuple[list[str], dict[str, str]]:
    """The options, and the files that are handed over, by their target."""
    with ExitStack() as descriptors:
        listed, passed = options(confined, descriptors)
        assert listed in passed
        texts = {str(each): os.pread(each, 1 << 16, 0) for each in passed}
    words = texts[str(listed)].decode().split("\0")
    assert words.pop() == ""
    files = {
        words[place + 2]: texts[words[place + 1]].decode()
        for place, word in enumerate(words)
        if word == "--file"
    }
    return words, files


def has(words: list[str], *wanted: str) -> bool:
    """Whether these words stand beside each other."""
    return any(
        tuple(words[place : place + len(wanted)]) == wanted
        for place in range(len(words))
    )


def test_only_what_is_listed_can_be_written() -> None:
    words, _ = told(
        Confined(
            command=("x",),
            mounts=(
                Mount(source=Path("/a"), target="/workspace", writable=True),
                Mount(source=Path("/b"), target="/opt/inside"),
            ),
        )
    )
    assert has(words, "--bind", "/a", "/workspace")
    assert has(words, "--ro-bind", "/b", "/opt/inside")
    assert words.count("--bind") == 1
    for target in ("/", "/proc", "/dev"):
        assert has(words, "--remount-ro", target)
    assert words.index("/opt/inside") < words.index("/workspace"), "outer ones first"


def test_environment_and_files_say_nothing_of_the_machine() -> None:
    words, files = told(Confined(command=("x",), environment={"HOME": "/h", "A": "b"}))
    assert has(words, "--setenv", "HOME", "/h")
    assert has(words, "--setenv", "A", "b")
    assert has(words, "--setenv", "LANG", "C.UTF-8")
    assert "--clearenv" in words
    assert files == ETC


def test_the_limits_hold_for_what_lies_in_memory() -> None:
    words, _ = told(Confined(command=("x",), limits=Limits(disk_mb=3)))
    assert has(words, "--size", str(3 << 20), "--tmpfs", "/tmp")  # noqa: S108 - its own
    assert has(words, "--size", str(16 << 20), "--tmpfs", "/run")


def test_it_starts_in_its_folder_without_network_or_privilege() -> None:
    words, _ = told(Confined(command=("x",), folder="/grader"))
    assert has(words, "--chdir", "/grader")
    for option in ("--unshare-net", "--unshare-pid", "--unshare-user", "--new-session"):
        assert option in words
    assert has(words, "--cap-drop", "ALL")


@pytest.mark.parametrize(
    ("wanted", "free", "size"),
    [
        (256, None, 256),
        (256, 80_000, 256),
        (2048, 8000, 1000),
        (2048, 40, 16),
        (8, 40, 8),
    ],
)
def test_folders_in_memory_fill_an_eighth_of_what_is_free_at_most(
    wanted: int, free: int | None, size: int
) -> None:
    mib = 1 << 20
    assert in_memory(wanted * mib, None if free is None else free * mib) == size * mib
