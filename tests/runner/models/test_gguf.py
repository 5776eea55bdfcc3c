"""Model files: whole, cut, none at all; and their hashes."""

import hashlib
import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.models.gguf import (
    cache_bytes,
    problems,
    read_header,
    sha256,
    shards,
    size,
)
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


def _line(folder: Path, content: bytes, name: str = "x.gguf") -> str:
    """The one line about a file, without its path."""
    path = folder / name
    path.write_bytes(content)
    (line,) = map(str, problems(path))
    return line.removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("architecture", "facts", "what"),
    [
        ("clip", {"general.type": "mmproj"}, "a projector of images or sound"),
        ("clip", {}, "a projector of images or sound"),
        ("tiny", {"general.type": "adapter"}, "an adapter (LoRA)"),
        ("tiny", {"adapter.type": "lora"}, "an adapter (LoRA)"),
        ("", {"general.type": "imatrix"}, "an importance matrix"),
        ("controlvector", {}, "a control vector"),
        ("nomic-bert", {}, "an embedding model"),
        ("tiny", {"tiny.pooling_type": 3}, "an embedding model or a reranker"),
        ("whisper", {}, "a speech model"),
        ("flux", {}, "a model of images or films"),
        ("tiny", {"general.type": "strange"}, "a file of type 'strange'"),
    ],
)
def test_what_is_no_language_model_is_called_what_it_is(
    tmp_path: Path, architecture: str, facts: dict[str, str | int], what: str
) -> None:
    line = _line(tmp_path, gguf(architecture=architecture, facts=facts))
    advice = "name the file of a language model"
    assert line == f"holds {what}, not a language model; {advice}"


def test_a_vocabulary_alone_is_no_model(tmp_path: Path) -> None:
    assert _line(tmp_path, gguf(count=0)).startswith("holds no weights, not a")


@pytest.mark.parametrize(
    "facts",
    [
        {"general.type": "model", "tiny.pooling_type": 0},
        {"split.count": 0},
        {"split.count": 1, "split.no": 0},
        {"general.architecture": "of-tomorrow"},
    ],
)
def test_nothing_is_held_against_a_language_model(
    tmp_path: Path, facts: dict[str, str | int]
) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(gguf(facts=facts))
    assert problems(path) == ()


def _part(number: int, *, of: int = 3, tensors: int = 6, name: str = "") -> bytes:
    facts: dict[str, str | int] = {"split.no": number, "split.count": of}
    facts["split.tensors.count"] = tensors
    if name:
        facts["general.name"] = name
    return gguf(architecture="" if number else "tiny", facts=facts)


NAMES = [f"big-0000{number}-of-00003.gguf" for number in (1, 2, 3)]


def _of_parts(folder: Path, *contents: bytes) -> list[str]:
    for name, content in zip(NAMES, contents, strict=True):
        (folder / name).write_bytes(content)
    lines = map(str, problems(folder / NAMES[0]))
    return [line.removeprefix(f"{folder}/") for line in lines]


def test_parts_of_one_model_are_one_model(tmp_path: Path) -> None:
    assert _of_parts(tmp_path, *map(_part, range(3))) == []


def test_a_first_part_may_hold_no_tensors(tmp_path: Path) -> None:
    facts = {"split.no": 0, "split.count": 3, "split.tensors.count": 4}
    rest = [_part(number, tensors=4) for number in (1, 2)]
    assert _of_parts(tmp_path, gguf(count=0, facts=facts), *rest) == []


def test_parts_that_do_not_belong_together_are_told(tmp_path: Path) -> None:
    first, second, third = map(_part, range(3))
    again = "fetch all parts again"
    assert _of_parts(tmp_path, first, third, second) == [
        f"{NAMES[1]}: is part 2 from 0, but its name says 1; {again}",
        f"{NAMES[2]}: is part 1 from 0, but its name says 2; {again}",
    ]
    told = f"{NAMES[2]}: is one of 4 parts, but its name says one of 3; {again}"
    assert _of_parts(tmp_path, first, second, _part(2, of=4)) == [told]
    told = f"{NAMES[2]}: has split.tensors.count '8', but the first part has '6'"
    assert _of_parts(tmp_path, first, second, _part(2, tensors=8)) == [
        f"{told}; {again}"
    ]
    named = _part(0, name="A"), second, _part(2, name="B")
    told = f"{NAMES[2]}: has general.name 'B', but the first part has 'A'; {again}"
    assert _of_parts(tmp_path, *named) == [told]
    more = [_part(number, tensors=7) for number in range(3)]
    told = f"{NAMES[0]}: wants 7 tensors, but its parts have 6; {again}"
    assert _of_parts(tmp_path, *more) == [told]


def test_parts_put_together_by_hand_are_no_model(tmp_path: Path) -> None:
    told = "is several files put together; keep the parts as they were, and name the"
    whole = b"".join(map(_part, range(3)))
    assert _line(tmp_path, whole) == f"{told} first"
    assert _line(tmp_path, gguf() + gguf()) == f"{told} first"
    assert _line(tmp_path, gguf(count=1) + bytes(40) + gguf()) == f"{told} first"


def test_a_part_under_a_name_of_its_own_is_told(tmp_path: Path) -> None:
    line = _line(tmp_path, _part(0))
    told = "is one of 3 parts, but its name does not say which"
    assert line == f"{told}; fetch all parts again"


def test_what_a_context_takes_follows_from_layers_and_heads(tmp_path: Path) -> None:
    facts: dict[str, str | int] = {
        "tiny.block_count": 48,
        "tiny.embedding_length": 4096,
        "tiny.attention.head_count": 32,
        "tiny.attention.head_count_kv": 8,
    }

    def cache(**more: int) -> int | None:
        path = tmp_path / "x.gguf"
        path.write_bytes(gguf(facts=facts | {f"tiny.{k}": v for k, v in more.items()}))
        return cache_bytes(read_header(path), 1000)

    assert cache() == 2 * 1000 * 48 * 8 * (128 + 128)
    wide = {"attention.key_length": 256, "attention.value_length": 64}
    assert cache(**wide) == 2 * 1000 * 48 * 8 * (256 + 64)
    assert cache(**{"attention.head_count_kv": 48}) is None, "may be a list of 48"
    assert cache(block_count=0) is None
