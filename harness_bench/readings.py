"""What a file says, whatever its text is wrapped in.

A small closed set of transformations, applied again and again: escapes of HTML, URLs,
JSON, JavaScript, CSS and CSV, colours of terminals; tags taken out; base64, hexadecimal
and lists of codes of characters; gzip, zip, zlib, bzip2 and xz; UTF-8, UTF-16 and
Latin-1. Two texts are then compared by their letters and digits, so that case, blanks,
punctuation, width, accents, invisible characters and look-alikes do not count.
"""

import binascii
import bz2
import codecs
import hashlib
import html
import lzma
import re
import string
import struct
import sys
import unicodedata
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Protocol
from urllib.parse import unquote

from harness_bench.errors import BenchError

DEPTH = 5
"""So often is a wrapping inside a wrapping opened."""
MOST_BYTES = 256_000_000
"""More than this, a file that unpacks is not searched, and so does not pass."""

_ROUNDS = 8
_LEAST = 16
_BYTE = 256
_PIECE = 1 << 16
_PACKED = re.compile(
    rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]|BZh[1-9]1AY|\xfd7zXZ\0|PK\x03\x04.{4}\x08\0",
    re.DOTALL,
)
_ZIP_HEAD = struct.Struct("<26xHH")
"""How long the name is, and what else stands before the data of a packed file."""
_HIDDEN = re.compile(
    r"<!--.*?-->|<(script|style|template)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE
)
_TAG = re.compile(r"<[^<>]*>")
_TAG_OR_LINK = re.compile(r"<[^<>]*>|\]\([^()]*\)|\]\[[^\[\]]*\]")
_ESCAPE = re.compile(
    r"\\(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{2})"
    r"|([bfnrtv0]|\r?\n)|([^\w\s]))"
)
_JOINED = re.compile(r"[\"'`]\s*\+\s*[\"'`]")
_JOINS = re.compile(r"\+\s*[\"'`]")
_PERCENT = re.compile(r"%(?:u[0-9a-fA-F]{4}|[0-9a-fA-F]{2})")
_PERCENT_U = re.compile(r"%u([0-9a-fA-F]{4})")
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_TAG_LETTERS = re.compile("[\U000e0020-\U000e007e]+")
_TAG_BASE = 0xE0000
_CODE = re.compile(r"\\(?:([0-3][0-7]{2})(?![0-9a-fA-F])|([0-9a-fA-F]{2,6})\s?)")
_LIST = re.compile(rb"[\"'`][+,][\"'`]")
_HEX = re.compile(r"(?:(?:0x|\\x)?[0-9a-fA-F]{2}[\s,:;]*){16,}")
_HEX_ONLY = re.compile(r"0x|\\x|[\s,:;]+")
_NUMBERS = re.compile(r"(?:\d{2,3}[\s,;]+){15,}\d{2,3}")
_TEXT = re.compile(
    rb"(?:[\t\n\r\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}"
    rb"|[\xf0-\xf4][\x80-\xbf]{3}){12,}|(?:[\x20-\x7e]\0){12,}"
)
_BESIDE_ASCII = re.compile("[\x80-\U0010ffff]+")
_BLANKS = bytes(range(33)) + b"\"'\\`\x7f"
_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())
_LOOKALIKES = str.maketrans(
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445"
    "\u0455\u0456\u0458\u04bb\u0501\u051b\u051d\u04cf\u03b1\u03b2\u03b5\u03b9"
    "\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u0251\u0131\u0261",
    "abekmhopctyxsijhdqwlabeikvoptuxaig",
)
_MARK = b"\1"


def _marking(wanted: bytes) -> bytes:
    """What translates these bytes to `_MARK`, and all others to none."""
    return bytes(code in wanted for code in range(_BYTE))


_ASCII_BLANKS = b" \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"
_BEYOND = bytes(range(128, _BYTE))
"""Of UTF-8: a letter among them may be a blank or a digit."""
_OF_BASE64 = _marking(string.ascii_letters.encode() + b"0123456789+/_-")
_OF_HEX = _marking(b"0123456789abcdefABCDEFx\\,:;" + _ASCII_BLANKS + _BEYOND)
_OF_NUMBERS = _marking(b"0123456789,;" + _ASCII_BLANKS + _BEYOND)
_LEAST_BASE64, _LEAST_HEX, _LEAST_NUMBERS = 24, 32, 47
"""Of so many bytes are the shortest runs that the patterns below find."""
_UNSEEN = "\u115f\u1160\u3164"
"""Letters by their category, blanks by their looks."""


class TooLargeError(BenchError):
    """A file unpacks to more than can be searched."""


def readings(
    content: bytes, *, depth: int = DEPTH, encoded: bool = True
) -> Iterator[str]:
    """Every text that the bytes hold, in any of the wrappings.

    Args:
        content: Of a file.
        depth: How many wrappings inside one another are opened.
        encoded: Whether base64, hexadecimal and lists of codes are read, too.

    Raises:
        TooLargeError: It unpacks to more than `MOST_BYTES`.
    """
    seen: set[bytes] = set()
    waiting = [(content, depth)]
    left = MOST_BYTES + len(content)
    while waiting:
        data, more = waiting.pop()
        digest = hashlib.blake2b(data).digest()
        if digest in seen:
            continue
        seen.add(digest)
        left -= len(data)
        if left < 0:
            raise TooLargeError("unpacks to more than can be searched")
        inside = list(_unpacked(data))
        for text in _texts(data):
            for view in dict.fromkeys(_views(text)):
                yield view
                if encoded:
                    inside += _decoded(view)
        if more:
            waiting += [(each, more - 1) for each in inside]


def words(text: str) -> str:
    """The text folded: what looks alike is the same, and nothing unseen is left."""
    if text.isascii():
        return text.lower()
    # Only bytes have a `lower` that leaves all beside ASCII alone.
    lower = text.encode("utf-8", "surrogatepass").lower()
    return _BESIDE_ASCII.sub(
        lambda run: _folded(run[0]), lower.decode("utf-8", "surrogatepass")
    )


def plain(text: str) -> str:
    """The same with the case of its letters."""
    return _BESIDE_ASCII.sub(lambda run: _plainly(run[0]), text)


def letters(folded: str) -> bytes:
    """The letters and digits of a folded text, without anything between them."""
    if not folded.isascii():
        folded = _BESIDE_ASCII.sub(lambda run: _lettered(run[0]), folded)
    return folded.encode().translate(None, _NO_LETTERS)


def marks(folded: str) -> bytes:
    """A folded text without blanks, quotes and backslashes, which escapes double."""
    return folded.encode("utf-8", "replace").translate(None, _BLANKS)


@lru_cache(maxsize=4096)
def _kept(letter: str) -> str:
    if letter in _UNSEEN or unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
        return ""
    return " " if letter.isspace() else letter


# Marks are put in order between letters of ASCII, never across one: so each stretch
# beside ASCII can be taken alone, and few of a site's are different.
@lru_cache(maxsize=4096)
def _plainly(run: str) -> str:
    text = unicodedata.normalize("NFKD", run).translate(_LOOKALIKES)
    return "".join(each if each.isascii() else _kept(each) for each in text)


@lru_cache(maxsize=4096)
def _folded(run: str) -> str:
    return plain(unicodedata.normalize("NFKD", run).casefold())


@lru_cache(maxsize=4096)
def _lettered(run: str) -> str:
    return re.sub(r"\W+", "", run)


def _texts(data: bytes) -> Iterator[str]:
    """The bytes in each encoding that they may be in."""
    try:
        yield data.decode()
    except UnicodeDecodeError:
        yield data.decode("utf-8", "ignore")
        yield data.decode("latin-1")
    if data[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE} or _is_utf_16(data):
        for start in (0, 1):
            yield data[start:].decode("utf-16-le", "ignore")
            yield data[start:].decode("utf-16-be", "ignore")


def _views(text: str) -> Iterator[str]:
    """Without escapes: with what is between tags, as it is shown, and without tags."""
    yield _fixed(text)
    if _tags(text).search(text) or "&lt" in text or "\\" in text:
        shown = _HIDDEN.sub("", text)
        yield _fixed(_tags(shown).sub("", shown))
        yield _fixed(text, _without_tags)
    if _CODE.search(text):
        yield _fixed(_CODE.sub(_by_code, text))
    if not text.isascii() and (tags := _TAG_LETTERS.findall(text)):
        yield "".join(chr(ord(each) - _TAG_BASE) for each in "".join(tags))


def _without_tags(text: str) -> str:
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    return _tags(text).sub("", text)


def _tags(text: str) -> re.Pattern[str]:
    return _TAG_OR_LINK if "](" in text or "][" in text else _TAG


def _fixed(text: str, first: Callable[[str], str] = str) -> str:
    """Unescaped until nothing changes."""
    for _ in range(_ROUNDS):
        before, text = text, _unescaped(first(text))
        if text == before:
            break
    return text


def _unescaped(text: str) -> str:
    if "&" in text:
        text = html.unescape(text)
    if "\\" in text:
        text = _ESCAPE.sub(_meant, text)
        # JSON has characters beyond U+FFFF in two halves; half of one is no text.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if _PERCENT.search(text):
        text = unquote(_PERCENT_U.sub(lambda code: _letter(int(code[1], 16)), text))
    if "\x1b" in text:
        text = _COLOUR.sub("", text)
    if "CDATA" in text:
        text = _CDATA.sub("", text)
    return _JOINED.sub("", text) if _JOINS.search(text) else text


def _meant(escape: re.Match[str]) -> str:
    four, braced, two, _, itself = escape.groups()
    return (
        _letter(int(four or braced or two, 16))
        if not itself and (four or braced or two)
        else itself or " "
    )


def _by_code(escape: re.Match[str]) -> str:
    octal, css = escape.groups()
    return chr(int(octal, 8)) if octal else _letter(int(css, 16))


def _letter(code: int) -> str:
    return chr(code) if code <= sys.maxunicode else " "


def _decoded(text: str) -> Iterator[bytes]:
    """What base64, hexadecimal and lists of character codes in a text stand for."""
    data = text.encode("utf-8", "replace")
    joined = (
        data.translate(None, _ASCII_BLANKS)
        if text.isascii()
        else "".join(text.split()).encode("utf-8", "replace")
    )
    unbroken = _LIST.sub(b"", joined)
    for each in (data,) if unbroken == data else (data, unbroken):
        for run in _runs(each, _OF_BASE64, _LEAST_BASE64):
            yield from _of_base64(run) if len(run) > _PIECE else _remembered(run)
    for stretch in _runs(data, _OF_HEX, _LEAST_HEX):
        for run in _HEX.findall(stretch.decode()):
            digits = _HEX_ONLY.sub("", run)
            for start in (0, 1):
                cut = digits[start:]
                yield from _telling(bytes.fromhex(cut[: len(cut) // 2 * 2]))
    for stretch in _runs(data, _OF_NUMBERS, _LEAST_NUMBERS):
        for run in _NUMBERS.findall(stretch.decode()):
            codes = map(int, re.findall(r"\d+", run))
            yield from _telling(bytes(code for code in codes if code < _BYTE))


def _runs(data: bytes, marking: bytes, least: int) -> Iterator[bytes]:
    """The longest runs of marked bytes that are at least so long: each is whole."""
    marked, needle = data.translate(marking), _MARK * least
    end = 0
    while (start := marked.find(needle, end)) >= 0:
        end = marked.find(b"\0", start + least)
        end = len(data) if end < 0 else end
        yield data[start:end]


def _of_base64(run: bytes) -> Iterator[bytes]:
    plain = run.replace(b"-", b"+").replace(b"_", b"/")
    for start in range(4):
        cut = plain[start:]
        with_end = cut[: len(cut) - (len(cut) % 4 == 1)]
        blob = binascii.a2b_base64(with_end + b"=" * (-len(with_end) % 4))
        yield from _telling(blob)
        if start == 0:
            yield from _telling(_inflated(zlib.decompressobj(-15), blob))


@lru_cache(maxsize=1 << 15)
def _remembered(run: bytes) -> tuple[bytes, ...]:
    """The names of a site are on all of its pages, and few of them are any base64."""
    return tuple(_of_base64(run))


def _telling(blob: bytes) -> Iterator[bytes]:
    """The blob where it is text, and else what of it is: most are no text at all."""
    if len(blob) < _LEAST:
        return
    found = _TEXT.findall(blob)
    if sum(map(len, found)) * 2 > len(blob) or _is_utf_16(blob):
        yield blob
    else:
        if found:
            yield b"\n".join(found)
        yield from _unpacked(blob)


def _is_utf_16(blob: bytes) -> bool:
    return abs(blob[::2].count(0) - blob[1::2].count(0)) * 4 > len(blob)


def _unpacked(data: bytes) -> Iterator[bytes]:
    """What is packed somewhere in the bytes: a picture's texts are, for instance."""
    for found in _PACKED.finditer(data):
        start = found.start()
        if found[0].startswith(b"PK"):
            if len(data) < start + _ZIP_HEAD.size:
                continue
            start += _ZIP_HEAD.size + sum(_ZIP_HEAD.unpack_from(data, start))
        opened = _inflated(_UNPACKERS[found[0][:1]](), memoryview(data)[start:])
        if len(opened) >= _LEAST:
            yield opened


class _Unpacker(Protocol):
    def decompress(self, data: "memoryview | bytes", limit: int, /) -> bytes: ...


_UNPACKERS: Mapping[bytes, Callable[[], _Unpacker]] = MappingProxyType(
    {
        b"\x1f": lambda: zlib.decompressobj(31),
        b"x": zlib.decompressobj,
        b"P": lambda: zlib.decompressobj(-15),
        b"B": bz2.BZ2Decompressor,
        b"\xfd": lzma.LZMADecompressor,
    }
)


def _inflated(unpacker: _Unpacker, data: memoryview | bytes) -> bytes:
    """As much as can be unpacked, and a byte more than may be."""
    plain = b""
    try:
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            plain += unpacker.decompress(piece, MOST_BYTES + 1 - len(plain))
            if len(plain) > MOST_BYTES:
                break
    except (zlib.error, lzma.LZMAError, OSError, EOFError):
        pass  # it was no such file, or there was more behind it
    return plain
