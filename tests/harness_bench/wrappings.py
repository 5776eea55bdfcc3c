"""The textual forms in which a private text could stand in a file."""

import base64
import bz2
import csv
import gzip
import html
import io
import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import quote

from sitegen.escape import script_json

Wrapping = Callable[[str], bytes]


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _csv(text: str) -> str:
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL).writerow(["x", text])
    return file.getvalue()


def _between(text: str, what: str, every: int = 3) -> str:
    return what.join(text[i : i + every] for i in range(0, len(text), every))


def _broken(data: bytes, width: int = 60) -> str:
    return (
        base64.encodebytes(data).decode()
        if width == 76
        else _between(base64.b64encode(data).decode(), "\n  ", width)
    )


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _bold(text: str) -> str:
    return "".join(
        chr(0x1D41A + ord(c) - ord("a")) if "a" <= c <= "z" else c for c in text
    )


def _look(text: str) -> str:
    return text.translate(
        str.maketrans("aeopcx", "\u0430\u0435\u043e\u0440\u0441\u0445")
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    check = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)


def _png(chunk: bytes) -> bytes:
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    body = _chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + chunk + body + _chunk(b"IEND", b"")


def _zip(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a/b.txt", text)
    return file.getvalue()


def _plain(make: Callable[[str], str]) -> Wrapping:
    return lambda text: f"<p>before {make(text)} after</p>\n".encode()


_MAKERS: Mapping[str, Callable[[str], str]] = {
    "as it is": str,
    "upper case": str.upper,
    "other blanks": lambda t: t.replace(" ", "\n \u00a0\t"),
    "no blanks": lambda t: t.replace(" ", ""),
    "HTML escapes": html.escape,
    "HTML escapes twice": lambda t: html.escape(html.escape(t)),
    "decimal entities": lambda t: "".join(f"&#{ord(c)};" for c in t),
    "hexadecimal entities": lambda t: "".join(f"&#x{ord(c):X};" for c in t),
    "entities twice": lambda t: "".join(f"&amp;#{ord(c)};" for c in t),
    "JSON": json.dumps,
    "JSON in JSON": lambda t: json.dumps(json.dumps({"a": t})),
    "JSON in a script": script_json,
    "JSON in HTML": lambda t: html.escape(json.dumps(t)),
    "a list of words": lambda t: json.dumps(t.split()),
    "\\u escapes": lambda t: "".join(f"\\u{ord(c):04x}" for c in t),
    "\\u escapes, doubled": lambda t: "".join(f"\\\\u{ord(c):04x}" for c in t),
    "\\u{} escapes": lambda t: "".join(f"\\u{{{ord(c):x}}}" for c in t),
    "\\x escapes": lambda t: "".join(f"\\x{ord(c):02x}" for c in t),
    "octal escapes": lambda t: "".join(f"\\{ord(c):03o}" for c in t),
    "%u escapes": lambda t: "".join(f"%u{ord(c):04x}" for c in t),
    "colours of a terminal": lambda t: " ".join(
        f"\x1b[1;31m{w}\x1b[0m" for w in t.split()
    ),
    "CDATA in parts": lambda t: f"<![CDATA[{_between(t, ']]><![CDATA[', 7)}]]>",
    "tag characters": lambda t: "".join(chr(0xE0000 + ord(c)) for c in t),
    "CSS escapes": lambda t: "".join(f"\\{ord(c):06x} " for c in t),
    "short CSS escapes": lambda t: "".join(f"\\{ord(c):02x} " for c in t),
    "percent": lambda t: "".join(f"%{b:02X}" for b in t.encode()),
    "in an address": quote,
    "percent twice": lambda t: quote(quote(t)),
    "a field of CSV": _csv,
    "emphasis": lambda t: " ".join(f"*{w}*" for w in t.split()),
    "strong and code": lambda t: " ".join(f"**`{w}`**" for w in t.split()),
    "a Markdown link": lambda t: t.replace(" ", " [", 1).replace(
        " ", "](https://example.org/a) ", 2
    ),
    "a link inside": lambda t: t.replace(" ", ' <a href="https://e.org">', 2) + "</a>",
    "tags between letters": lambda t: _between(t, "<b></b>"),
    "tags with text inside": lambda t: _between(t, '<i title="x y z">', 4),
    "escaped tags": lambda t: _between(t, "&lt;wbr&gt;"),
    "tags in JSON": lambda t: json.dumps(_between(t, "<br/>")),
    "tags as \\u escapes": lambda t: _between(t, "\\u003cb\\u003e"),
    "comments between letters": lambda t: _between(t, "<!-- a > b -->"),
    "in a comment": lambda t: f"<!-- {t} -->",
    "in an attribute": lambda t: f'<a title="{html.escape(t)}">x</a>',
    "in a script": lambda t: f"<script>x = {json.dumps(t)}</script>",
    "in SVG": lambda t: (
        "<svg><text>"
        + "".join(f'<tspan x="{i}">{w}</tspan>' for i, w in enumerate(t.split()))
        + "</text></svg>"
    ),
    "soft hyphens": lambda t: _between(t, "\u00ad"),
    "soft hyphens as entities": lambda t: _between(t, "&shy;"),
    "zero width": lambda t: _between(t, "\u200b", 1),
    "zero width as entities": lambda t: _between(t, "&#8203;", 2),
    "joiners": lambda t: _between(t, "\u2060\u200d"),
    "fillers": lambda t: _between(t, "\u3164"),
    "combining marks": lambda t: _between(t, "\u0301"),
    "hyphenated": lambda t: _between(t, "-\n", 7),
    "full width": _wide,
    "mathematical": _bold,
    "look-alikes": _look,
    "joined strings": lambda t: '"' + _between(t, '" + "', 5) + '"',
    "base64": lambda t: base64.b64encode(t.encode()).decode(),
    "base64 for addresses": lambda t: base64.urlsafe_b64encode(
        b"\xff" + t.encode()
    ).decode(),
    "base64 without an end": lambda t: (
        base64.b64encode(t.encode()).decode().rstrip("=")
    ),
    "base64 behind letters": lambda t: "ab/" + base64.b64encode(t.encode()).decode(),
    "base64 twice": lambda t: base64.b64encode(base64.b64encode(t.encode())).decode(),
    "base64 in lines": lambda t: _broken(t.encode() * 2, 76),
    "base64 in short lines": lambda t: _broken(t.encode(), 10),
    "base64 in joined strings": lambda t: (
        '"' + _between(base64.b64encode(t.encode()).decode(), '" +\n "', 30) + '"'
    ),
    "a data address": lambda t: (
        '<img src="data:image/svg+xml;base64,'
        + _broken(f"<svg><text>{t}</text></svg>".encode())
        + '">'
    ),
    "a data address in percent": lambda t: (
        "data:image/svg+xml," + quote(f"<svg><text>{t}</text></svg>")
    ),
    "base64 of UTF-16": lambda t: base64.b64encode(t.encode("utf-16")).decode(),
    "base64 of gzip": lambda t: base64.b64encode(_gzip(t.encode())).decode(),
    "base64 of zlib of JSON": lambda t: json.dumps(
        base64.b64encode(zlib.compress(json.dumps([t]).encode())).decode()
    ),
    "base64 of deflate": lambda t: base64.b64encode(
        zlib.compress(t.encode(), wbits=-15)
    ).decode(),
    "hexadecimal": lambda t: t.encode().hex(),
    "hexadecimal in bytes": lambda t: ", ".join(f"0x{b:02x}" for b in t.encode()),
    "hexadecimal dump": lambda t: t.encode().hex(" "),
    "codes of characters": lambda t: f"String.fromCharCode({[*t.encode()]})",
}
_FILES: Mapping[str, Wrapping] = {
    "Latin-1": lambda t: b"\xe9\xff " + t.encode("latin-1", "replace"),
    "UTF-16": lambda t: f"<p>{t}</p>".encode("utf-16"),
    "UTF-16 without a mark": lambda t: f"<p>{t}</p>".encode("utf-16-be"),
    "gzip": lambda t: _gzip(t.encode()),
    "gzip twice": lambda t: _gzip(_gzip(t.encode())),
    "zip": _zip,
    "zip behind something": lambda t: b"PK\3\4head" + _zip(t),
    "gzip behind something": lambda t: b"head" + _gzip(t.encode()) + b"tail",
    "bzip2": lambda t: bz2.compress(t.encode()),
    "xz": lambda t: lzma.compress(t.encode()),
    "PNG tEXt": lambda t: _png(
        _chunk(b"tEXt", b"Comment\0" + t.encode("latin-1", "replace"))
    ),
    "PNG zTXt": lambda t: _png(
        _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(t.encode()))
    ),
    "PNG iTXt": lambda t: _png(_chunk(b"iTXt", b"a\0\0\0\0\0" + t.encode())),
    "PNG iTXt, packed": lambda t: _png(
        _chunk(b"iTXt", b"a\0\1\0\0\0" + zlib.compress(t.encode()))
    ),
}
WRAPPINGS: Mapping[str, Wrapping] = MappingProxyType(
    {name: _plain(make) for name, make in _MAKERS.items()} | dict(_FILES)
)
