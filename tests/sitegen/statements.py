"""All that a built site says of a pair, a rank or a lead, read back as values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from typing import Any

from sitegen.site import Site

Row = Mapping[str, Any]
Entity = tuple[str, ...]
"""Model, quant, harness and variant, "" where a kind has none."""

KINDS = {"combo": "combos", "model": "models", "harness": "harnesses"}
_PARTS = ("model", "quant", "harness", "variant")
_UNREAD = re.compile(r"<(script|style|svg|table)\b.*?</\1>", re.DOTALL)
_COUNT = r"(none|[\d,]+)"


@dataclass(frozen=True)
class Told:
    """What one scope's data files say of one kind."""

    standings: Mapping[Entity, Row]
    pairs: Mapping[tuple[Entity, Entity], Row]

    @property
    def ranked(self) -> dict[Entity, Row]:
        return {key: row for key, row in self.standings.items() if row["rank"]}

    @property
    def complete(self) -> bool:
        """Whether every pair of ranked ones is listed."""
        n = len(self.ranked)
        return len(self.pairs) == n * (n - 1) // 2

    def seen(self, key: Entity) -> tuple[int, int, int]:
        """Pairs in which it is shown better, shown worse, and not told apart."""
        better = worse = rest = 0
        for (a, b), row in self.pairs.items():
            if key not in {a, b}:
                continue
            lead = row["delta_rate"] if key == a else -row["delta_rate"]
            if not row["separable"]:
                rest += 1
            elif lead > 0:
                better += 1
            else:
                worse += 1
        return better, worse, rest


def rows(site: Site, path: str) -> list[Row]:
    found: list[Row] = json.loads(site[path])["rows"] if path in site else []
    return found


def folders(site: Site) -> list[str]:
    """Where the data of each scope lie; all trials first."""
    return sorted(
        path.removesuffix("combos.json")
        for path in site
        if path.startswith("data/") and path.endswith("/combos.json")
        if "schema" not in path
    )


def told(site: Site, folder: str, kind: str) -> Told:
    def entity(row: Row, side: str = "") -> Entity:
        return tuple(row.get(f"{part}{side}") or "" for part in _PARTS)

    return Told(
        standings={
            entity(row): row for row in rows(site, f"{folder}{KINDS[kind]}.json")
        },
        pairs={
            (entity(row, "_a"), entity(row, "_b")): row
            for row in rows(site, f"{folder}pairs.json")
            if row["kind"] == kind
        },
    )


class _Tables(HTMLParser):
    """The tables of a page: caption, heads and the texts of the fields."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, list[str], list[tuple[list[str], str]]]] = []
        self._into: list[str] | None = None
        self._href = ""
        self._heading = False
        self.groups: list[list[str]] = []
        """What stands above each row, for those that belong together."""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.found.append(("", [], []))
            self.groups.append([])
            self._group = ""
        elif tag == "thead":
            self._heading = True
        elif tag == "tr" and self.found:
            self._row: list[str] = []
            self._href = ""
        elif tag in {"caption", "th", "td"}:
            self._into = []
        elif tag == "a" and self._into is not None and not self._href:
            self._href = dict(attrs).get("href") or ""

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._into.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"caption", "th", "td"} and self._into is not None:
            text = " ".join("".join(self._into).split())
            self._into = None
            _, heads, body = self.found[-1]
            if tag == "caption":
                self.found[-1] = (text, heads, body)
            elif tag == "th" and self._heading:
                heads.append(text)
            elif tag == "th":
                self._group = text
            else:
                self._row.append(text)
        elif tag == "tr" and self.found and self._row:
            self.found[-1][2].append((self._row, self._href))
            self.groups[-1].append(self._group)
            self._row = []
        elif tag == "thead":
            self._heading = False


def table_rows(site: Site, path: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """(caption, text by head, first link as a site path) of every row of a page.

    Under "Group" what stands above rows that belong together.
    """
    folder = path.rpartition("/")[0]
    tables = _Tables(site[path].decode())
    for (caption, heads, body), groups in zip(tables.found, tables.groups, strict=True):
        for (fields, href), group in zip(body, groups, strict=True):
            place = href.removeprefix("../") if href.startswith("../") else href
            if folder and not href.startswith("../"):
                place = f"{folder}/{href}"
            told = dict(zip(heads, fields, strict=True)) | {"Group": group}
            yield caption, told, place


def sentences(site: Site, path: str) -> str:
    """The words of a page outside its tables, scripts and pictures."""
    text = _UNREAD.sub(" ", site[path].decode())
    bare = unescape(re.sub(r"<[^>]+>", " ", text)).replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\s+([.,;:)])", r"\1", re.sub(r"\s+", " ", bare))


def number(text: str) -> int:
    return 0 if text == "none" else int(text.replace(",", ""))


OF_PAIRS = re.compile(
    rf"Of the {_COUNT} pairs? of (?:the )?[^.]*?, {_COUNT} can be told"
)
FROM = re.compile(
    r"; the first, (.+?), from (?:all|" + _COUNT + r" of the) " + _COUNT + " others"
)
AMONG = re.compile(
    r"Of ([\d,]+) other \w+ compared, it is (?:better than ([\d,]+))?(?: and )?"
    r"(?:worse than ([\d,]+))?; (?:it cannot be told apart from the remaining ([\d,]+)|"
    r"all are told apart)"
)
EACH = re.compile(r"It is (better|worse) than each of ([\d,]+) other")
ONE = re.compile(r"It is (better|worse) than the other \w+")
UNTOLD = re.compile(r"It cannot be told apart from (?:any of the ([\d,]+)|the other)")
RANK = re.compile(
    r"That is rank ([\d,]+) of ([\d,]+) \w+(?:, shared with ([\d,]+) others?)?"
    r"[^.]*?(?:, tier (\w+))?\."
    r"(?: Its true rank may be anything from ([\d,]+) to ([\d,]+))?"
)
BETTER = re.compile(r"([^;:.]+?) is ([\d.]+) points better than ([^;]+?)(?:;|\. )")
MAY = re.compile(
    r"(either|any of the ([\d,]+)|([\d,]+) of ([\d,]+) ranked combos)"
    r" may truly be the best"
)
LAST = re.compile(
    r"Last is (.+?), which passed ([\d,]+) of ([\d,]+) trials?[^;]*?"
    r"(?:; (all|both|the other|none|[\d,]+)\b[^.;]* shown to be better)?\."
)
SHARE = re.compile(
    r"(?<!\w)([\d,]+|Both|All [\d,]+) (?:models|harnesses|combos)"
    r" (?:share the first rank|did equally well|pass )"
)
BY_SWEEP = re.compile(
    r"(?:^|[.;] )In the ([^,.;]+), rank ([\d,]+)(?:–([\d,]+))? of ([\d,]+)"
)
OF_CLAIM = re.compile(
    r"is (first|last|number ([\d,]+)) of ([\d,]+); its true rank may be ([\d,]+)"
    r"(?: to ([\d,]+))?\. It is told apart from ([\d,]+) of the ([\d,]+) others"
)
