"""Model files: whole, cut, none at all; and their hashes."""

import hashlib
import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.models.gguf import problems, read_header, sha256, shards, size
from tests.runner.models.gguf_files import gguf, write_gguf


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "harness-bench" / "gguf"


def test_the_header_tells_how_long_the_file_has_to_be(tmp_path: Path) -> None:
    path = write_gguf(tmp_path)
    header = read_header(path)
    assert header.architecture == "tiny"
    assert header.context_tokens == 4096
    assert header.tensors == 2
    assert header.bytes == path.stat().st_size
    assert problems(path) == ()


WHOLE = gguf(count=5, numbers=96)


@given(st.integers(min_value=0, max_value=len(WHOLE) - 1))
def test_a_file_that_is_cut_anywhere_is_one_line(
    tmp_path_factory: pytest.TempPathFactory, length: int
) -> None:
    path = tmp_path_factory.mktemp("cut") / "cut.gguf"
    path.write_bytes(WHOLE[:length])
    (line,) = map(str, problems(path))
    assert line.startswith(f"{path}: ")
    assert line.endswith(("; fetch it again", "is not a GGUF file"))
    assert line.endswith("fetch it again") == (length >= 4)


@given(st.binary(max_size=200))
def test_no_bytes_after_the_magic_are_anything_but_a_problem(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes
) -> None:
    path = tmp_path_factory.mktemp("noise") / "noise.gguf"
    path.write_bytes(b"GGUF" + noise)
    found = problems(path)
    if not found:
        assert read_header(path).tensors == 0
    assert len(found) <= 1


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is not a GGUF file"),
        (b"PK\x03\x04" + bytes(100), "is not a GGUF file"),
        (b"version https://git-lfs", "is not a GGUF file"),
        (
            gguf(version=1),
            "is not a GGUF file that can be read: it has version 1, expected 2",
        ),
        (
            gguf(version=1 << 24),
            "is not a GGUF file that can be read: it has version 16777216,",
        ),
    ],
)
def test_what_is_no_model_is_called_that(
    tmp_path: Path, content: bytes, expected: str
) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(content)
    (line,) = map(str, problems(path))
    assert line.startswith(f"{path}: {expected}")


def test_a_path_with_nothing_or_a_folder_is_one_line(tmp_path: Path) -> None:
    (line,) = map(str, problems(tmp_path / "none.gguf"))
    assert line == (f"{tmp_path}/none.gguf: cannot be read (no such file or directory)")
    (line,) = map(str, problems(tmp_path))
    assert line == f"{tmp_path}: cannot be read (is a directory)"


def test_a_quantisation_newer_than_ours_is_no_problem(tmp_path: Path) -> None:
    content = bytearray(gguf(count=1))
    # The only tensor: its kind stands twelve bytes before the end of its entry.
    entry = content.index(b"t0") + 2 + 4 + 16
    content[entry : entry + 4] = struct.pack("<I", 999)
    path = tmp_path / "new.gguf"
    path.write_bytes(content)
    assert problems(path) == ()


def test_a_model_in_parts_needs_all_of_them(tmp_path: Path) -> None:
    names = [f"big-q4-0000{number}-of-00003.gguf" for number in (1, 2, 3)]
    for name in names:
        write_gguf(tmp_path, name)
    first = tmp_path / names[0]
    assert [path.name for path in shards(first)] == names
    assert problems(first) == ()
    assert size(first) == 3 * len(gguf())
    whole = sha256(first)
    (tmp_path / names[1]).write_bytes(gguf(count=4))
    assert sha256(first) != whole
    (tmp_path / names[2]).unlink()
    (line,) = map(str, problems(first))
    assert line.startswith(f"{tmp_path / names[2]}: cannot be read")
    (line,) = map(str, problems(tmp_path / names[1]))
    assert line.endswith("is a later part of a model; name the first part")


def test_a_hash_is_computed_once_until_the_file_changes(
    tmp_path: Path, own_cache: Path
) -> None:
    path = write_gguf(tmp_path)
    expected = hashlib.sha256(gguf()).hexdigest()
    assert sha256(path) == expected
    (kept,) = own_cache.iterdir()
    kept.write_text("0" * 64)  # what is kept is believed
    assert sha256(path) == "0" * 64
    os.utime(path, ns=(1, 1))
    assert sha256(path) == expected
    moved = path.rename(tmp_path / "moved.gguf")
    assert sha256(moved) == expected
    assert len(list(own_cache.iterdir())) == 2


def test_a_damaged_or_missing_cache_costs_only_time(
    tmp_path: Path, own_cache: Path
) -> None:
    path = write_gguf(tmp_path)
    expected = sha256(path)
    (kept,) = own_cache.iterdir()
    kept.write_bytes(b"\xff torn")
    assert sha256(path) == expected
    kept.unlink()
    own_cache.rmdir()
    own_cache.write_text("no folder")
    assert sha256(path) == expected
