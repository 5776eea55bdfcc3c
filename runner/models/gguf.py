"""A model file: whether a language model is in it, all of it, and its hash.

Source:
    https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; the sizes of
    quantisations, types of files and architectures in llama.cpp's
    gguf-py/gguf/constants.py; the keys of parts in its tools/gguf-split.
"""

import hashlib
import math
import mmap
import os
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from harness_bench.cache import cache_folder
from harness_bench.errors import ModelError, Problem, refused, shown
from runner.machine.durable import make_folder, replacing

_MAGIC: Final = b"GGUF"
_VERSIONS: Final = range(2, 4)
_ALIGNMENT: Final = 32
"""Where the file does not say another."""
_MOST_DIMENSIONS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What stands before the tensors of one file."""

    architecture: str | None
    context_tokens: int | None
    """How many it was trained for."""
    tensors: int
    bytes: int
    """How long the file has to be, as far as its tensors tell."""
    facts: Mapping[str, object]
    """Key and value of what else it says; of lists, how long they are."""
    has_more: bool
    """Whether another file follows in this one."""


def shards(path: Path) -> tuple[Path, ...]:
    """All files of a model: one, or those that `…-00001-of-00003.gguf` belongs to."""
    found = _SHARD.fullmatch(path.name)
    if found is None:
        return (path,)
    stem, count = found["stem"], int(found["count"])
    return tuple(
        path.with_name(f"{stem}-{number:05}-of-{count:05}.gguf")
        for number in range(1, count + 1)
    )


def problems(path: Path) -> tuple[Problem, ...]:
    """Why no model can be read from here, one for each file; empty: it can."""
    found = _SHARD.fullmatch(path.name)
    if found is not None and int(found["number"]) != 1:
        what = "is a later part of a model"
        return (Problem(str(path), what, "name the first part"),)
    told: list[Problem] = []
    headers: list[Header] = []
    for shard in shards(path):
        try:
            header, size = read_header(shard), shard.stat().st_size
        except ModelError as error:
            told += error.problems
            continue
        headers.append(header)
        if size < header.bytes:
            what = f"has only {size:,} of {header.bytes:,} bytes"
            told.append(Problem(str(shard), what, "fetch it again"))
    return tuple(told) or _strange(path, headers)


def _strange(path: Path, headers: Sequence[Header]) -> tuple[Problem, ...]:
    """Why files that are whole are no language model, a line each."""
    if what := _no_language_model(headers[0]):
        advice = "name the file of a language model"
        return (Problem(str(path), what, advice),)
    if any(header.has_more for header in headers):
        what = "is several files put together"
        advice = "keep the parts as they were, and name the first"
        return (Problem(str(path), what, advice),)
    told = (
        Problem(str(shard), what, "fetch all parts again")
        for number, (shard, header) in enumerate(
            zip(shards(path), headers, strict=True)
        )
        if (what := _no_part(number, header, headers))
    )
    return tuple(told)


def _no_language_model(header: Header) -> str:
    """What the file holds instead; empty: nothing speaks against it."""
    facts, kind = header.facts, header.architecture or ""
    said = str(facts.get("general.type", "model"))
    pooling = facts.get(f"{kind}.pooling_type")
    holds = (
        (said != "model", _TYPES.get(said, f"a file of type {shown(said)}")),
        ("adapter.type" in facts, _TYPES["adapter"]),
        ("imatrix.datasets" in facts, _TYPES["imatrix"]),
        (kind in _OTHERS, _OTHERS.get(kind, "")),
        (bool(pooling), "an embedding model or a reranker"),
        (not header.tensors and "split.count" not in facts, "no weights"),
    )
    found = next((what for is_it, what in holds if is_it), "")
    return f"holds {found}, not a language model" if found else ""


def _no_part(number: int, header: Header, headers: Sequence[Header]) -> str:
    """Why a file is not this part of this model; empty: it may be."""
    first, facts, of = headers[0].facts, header.facts, len(headers)
    place, count = facts.get("split.no", number), facts.get("split.count", of)
    # Of a model in one file, the key is missing, 0 or 1.
    if count not in {of, 0 if of == 1 else of}:
        named = f"says one of {of}" if of > 1 else "does not say which"
        return f"is one of {count} parts, but its name {named}"
    if place != number:
        return f"is part {place} from 0, but its name says {number}"
    for key in _SAME:
        if key in facts and facts[key] != first.get(key):
            was, now = shown(str(first.get(key))), shown(str(facts[key]))
            return f"has {key} {now}, but the first part has {was}"
    there = sum(each.tensors for each in headers)
    wanted = first.get("split.tensors.count", there)
    if number == 0 and wanted != there:
        return f"wants {wanted:,} tensors, but its parts have {there:,}"
    return ""


def size(path: Path) -> int:
    """Bytes of all files of a model.

    Raises:
        OSError: One of them is not there.
    """
    return sum(shard.stat().st_size for shard in shards(path))


def sha256(path: Path) -> str:
    """The hash of a model; of one in several files, the hash of their hashes.

    Hashing takes a minute for each thirty gigabytes or so. What was hashed once is
    known again by its size, time of modification and inode.

    Raises:
        ModelError: It cannot be read.
    """
    try:
        found = [_sha256_of(shard) for shard in shards(path)]
    except OSError as error:
        raise ModelError(refused(path, "read", error)) from error
    if len(found) == 1:
        return found[0]
    return hashlib.sha256("".join(found).encode()).hexdigest()


def quantisation(header: Header) -> str:
    """How most of its weights are stored: `Q4_K_M`; empty: it does not say."""
    names = dict(enumerate(_FILE_TYPES.split()))
    found = header.facts.get("general.file_type")
    return names.get(found, "").strip("-") if isinstance(found, int) else ""


def cache_bytes(header: Header, tokens: int) -> int | None:
    """What a context of this length takes beside the weights, at 16 bits a number.

    None: the file does not say. Layers that look at a part of the context take less.
    """

    def said(name: str, default: int | None = None) -> int | None:
        return _whole(header.facts.get(f"{header.architecture}.{name}", default))

    layers, heads = said("block_count"), said("attention.head_count")
    shared = said("attention.head_count_kv", heads)
    if not (layers and heads and shared) or shared == layers:
        return None  # of a list, one a layer, only its length is known
    width = (said("embedding_length") or 0) // heads
    key, value = (said(f"attention.{name}_length", width) for name in ("key", "value"))
    return 2 * tokens * layers * shared * (key + value) if key and value else None


def read_header(path: Path) -> Header:
    """Read one file up to its tensors.

    Raises:
        ModelError: It cannot be read, or is no GGUF.
    """
    try:
        with path.open("rb") as file:
            start = file.read(8)
            if start[:4] != _MAGIC:
                raise ModelError(Problem(str(path), "is not a GGUF file"))
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                return _Cursor(path, content).header()
    except OSError as error:
        raise ModelError(refused(path, "read", error)) from error
    except (struct.error, IndexError) as error:
        what = "ends within its header"
        raise ModelError(Problem(str(path), what, "fetch it again")) from error


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        about = os.fstat(file.fileno())
        key = f"{about.st_dev}-{about.st_ino}-{about.st_size}-{about.st_mtime_ns}"
        kept = cache_folder() / "gguf" / key
        try:
            known = kept.read_text(encoding="ascii")
        except (OSError, ValueError):
            known = ""
        if _SHA256.fullmatch(known):
            return known
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        _keep(kept, digest)
        return digest


def _keep(path: Path, digest: str) -> None:
    """Remember a hash; without a place for it, it is computed again."""
    try:
        make_folder(path.parent)
        with replacing(path) as file:
            file.write(digest.encode())
    except OSError:
        pass


class _Cursor:
    """Reads a file from its beginning; what lies beyond its end is an error."""

    def __init__(self, path: Path, content: mmap.mmap) -> None:
        self._path = path
        self._content = content
        self._at = 4

    def header(self) -> Header:
        version = self._number("I")
        if version not in _VERSIONS:
            raise self._not_gguf(f"version {version}, expected 2 or 3")
        tensors, keys = self._number("Q"), self._number("Q")
        known: dict[str, object] = {}
        for _ in range(keys):
            name = self._text()
            known[name] = self._value(self._number("I"))
        ends = [self._tensor() for _ in range(tensors)]
        alignment = _whole(known.get("general.alignment")) or _ALIGNMENT
        start = -(-self._at // alignment) * alignment
        architecture = known.get("general.architecture")
        end = start + max(ends, default=0)
        return Header(
            architecture=architecture if isinstance(architecture, str) else None,
            context_tokens=_whole(known.get(f"{architecture}.context_length")),
            tensors=tensors,
            bytes=end,
            facts=known,
            # Between two files, there may be what fills up the first.
            has_more=self._content.find(_MAGIC, end, end + 2 * alignment) >= 0,
        )

    def _tensor(self) -> int:
        """Where a tensor ends, from where the first begins."""
        self._skip(self._number("Q"))
        dimensions = self._number("I")
        if dimensions > _MOST_DIMENSIONS:
            raise self._not_gguf(f"a tensor of {dimensions} dimensions")
        numbers = math.prod(self._number("Q") for _ in range(dimensions))
        kind, offset = self._number("I"), self._number("Q")
        # Of a quantisation that is newer than this list, only the start is known.
        per_block, block_bytes = _BLOCKS.get(kind, (1, 0))
        return offset + numbers // per_block * block_bytes

    def _value(self, kind: int) -> object:
        if kind == _TEXT:
            return self._text()
        if kind == _LIST:
            inner, count = self._number("I"), self._number("Q")
            self._skip_list(inner, count)
            return count
        if kind not in _SCALARS:
            raise self._not_gguf(f"a value of kind {kind}")
        number = self._number(_SCALARS[kind])
        return bool(number) if _SCALARS[kind] == "?" else number

    def _skip_list(self, kind: int, count: int) -> None:
        if kind in _SCALARS:
            self._skip(count * struct.calcsize(_SCALARS[kind]))
            return
        for _ in range(count):  # a vocabulary: a quarter of a million strings
            if kind == _TEXT:
                self._skip(self._number("Q"))
            else:
                self._value(kind)

    def _number(self, code: str) -> int:
        (value,) = struct.unpack_from(f"<{code}", self._content, self._at)
        self._at += struct.calcsize(code)
        return int(value) if code not in "fd" else 0

    def _text(self) -> str:
        length = self._number("Q")
        start = self._at
        self._skip(length)
        return self._content[start : self._at].decode(errors="replace")

    def _skip(self, count: int) -> None:
        self._at += count
        if self._at > len(self._content):
            raise IndexError

    def _not_gguf(self, strange: str) -> ModelError:
        what = f"is not a GGUF file that can be read: it has {strange}"
        return ModelError(Problem(str(self._path), what))


def _whole(value: object) -> int | None:
    return value if type(value) is int and value > 0 else None


_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "mmproj": "a projector of images or sound",
        "adapter": "an adapter (LoRA)",
        "imatrix": "an importance matrix",
        "vocab": "a vocabulary alone",
    }
)
"""What is in files of each `general.type`."""
_OTHERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "clip": _TYPES["mmproj"],
        "mmproj": _TYPES["mmproj"],
        "imatrix": _TYPES["imatrix"],
        "controlvector": "a control vector",
    }
    | dict.fromkeys(
        (
            *("bert", "modern-bert", "nomic-bert", "nomic-bert-moe", "neo-bert"),
            *("jina-bert-v2", "jina-bert-v3", "eurobert", "gemma-embedding"),
            *("t5encoder", "llama-embed"),
        ),
        "an embedding model",
    )
    | dict.fromkeys(
        ("whisper", "wavtokenizer-dec", "mimi", "parler-tts", "kokoro", "dia"),
        "a speech model",
    )
    | dict.fromkeys(
        (
            *("flux", "sd1", "sd3", "sdxl", "aura", "hidream", "lumina2", "qwen_image"),
            *("ltxv", "hyvid", "wan", "cosmos", "z_image"),
        ),
        "a model of images or films",
    )
)
"""Architectures of what has no chat, and what it is."""
_FILE_TYPES: Final = """
    F32 F16 Q4_0 Q4_1 - - - Q8_0 Q5_0 Q5_1 Q2_K Q3_K_S Q3_K_M Q3_K_L Q4_K_S Q4_K_M
    Q5_K_S Q5_K_M Q6_K IQ2_XXS IQ2_XS Q2_K_S IQ3_XS IQ3_XXS IQ1_S IQ4_NL IQ3_S IQ3_M
    IQ2_S IQ2_M IQ4_XS IQ1_M BF16 - - - TQ1_0 TQ2_0 MXFP4_MOE
"""
"""Names of `general.file_type`, by its number."""
_SAME: Final = ("general.architecture", "general.name", "split.tensors.count")
"""What parts of one model have in common, as far as they say it."""
_SHARD = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TEXT, _LIST = 8, 9
_SCALARS: Final[Mapping[int, str]] = MappingProxyType(
    dict(enumerate("BbHhIif?")) | {10: "Q", 11: "q", 12: "d"}
)
"""How the numbers are packed, by the kind of value."""
_BLOCKS: Final[Mapping[int, tuple[int, int]]] = MappingProxyType(
    {
        0: (1, 4),  # F32
        1: (1, 2),  # F16
        2: (32, 18),  # Q4_0
        3: (32, 20),  # Q4_1
        6: (32, 22),  # Q5_0
        7: (32, 24),  # Q5_1
        8: (32, 34),  # Q8_0
        9: (32, 36),  # Q8_1
        10: (256, 84),  # Q2_K
        11: (256, 110),  # Q3_K
        12: (256, 144),  # Q4_K
        13: (256, 176),  # Q5_K
        14: (256, 210),  # Q6_K
        15: (256, 292),  # Q8_K
        16: (256, 66),  # IQ2_XXS
        17: (256, 74),  # IQ2_XS
        18: (256, 98),  # IQ3_XXS
        19: (256, 50),  # IQ1_S
        20: (32, 18),  # IQ4_NL
        21: (256, 110),  # IQ3_S
        22: (256, 82),  # IQ2_S
        23: (256, 136),  # IQ4_XS
        24: (1, 1),  # I8
        25: (1, 2),  # I16
        26: (1, 4),  # I32
        27: (1, 8),  # I64
        28: (1, 8),  # F64
        29: (256, 56),  # IQ1_M
        30: (1, 2),  # BF16
        34: (256, 54),  # TQ1_0
        35: (256, 66),  # TQ2_0
        39: (32, 17),  # MXFP4
        40: (64, 36),  # NVFP4
        41: (128, 18),  # Q1_0
        42: (64, 18),  # Q2_0
    }
)
"""Numbers in a block and bytes that it takes, by the kind of tensor."""
