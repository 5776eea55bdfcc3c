"""Model files for tests: a header that could be a model's, and bytes."""

import struct
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def fact(key: str, value: str | int) -> bytes:
    """A key with its value."""
    if isinstance(value, str):
        return text(key) + struct.pack("<I", 8) + text(value)
    return text(key) + struct.pack("<II", 4, value)


def gguf(
    *,
    version: int = 3,
    count: int = 2,
    numbers: int = 64,
    alignment: int = 64,
    architecture: str = "tiny",
    facts: Mapping[str, str | int] = MappingProxyType({}),
) -> bytes:
    """A whole file of tensors of F32 and Q8_0 in turn."""
    pairs = [
        *([fact("general.architecture", architecture)] if architecture else []),
        *(fact(key, value) for key, value in facts.items()),
        text("general.alignment") + struct.pack("<II", 4, alignment),
        text("tiny.context_length") + struct.pack("<II", 4, 4096),
        text("tiny.scale") + struct.pack("<If", 6, 0.5),
        text("tiny.words")
        + struct.pack("<IIQ", 9, 8, 2)
        + text("one")
        + text("two words"),
        text("tiny.scores") + struct.pack("<IIQ3f", 9, 6, 3, 1, 2, 3),
    ]
    tensors, data = b"", b""
    for place in range(count):
        kind, size = ((0, numbers * 4), (8, numbers // 32 * 34))[place % 2]
        data += bytes(-len(data) % alignment)
        tensors += text(f"t{place}") + struct.pack(
            "<IQQIQ", 2, 32, numbers // 32, kind, len(data)
        )
        data += bytes([place % 251]) * size
    head = b"GGUF" + struct.pack("<IQQ", version, count, len(pairs))
    head += b"".join(pairs) + tensors
    return head + bytes(-len(head) % alignment) + data


def write_gguf(folder: Path, name: str = "tiny.gguf") -> Path:
    path = folder / name
    path.write_bytes(gguf())
    return path
