"""What changed from publish to publish, as an Atom feed (RFC 4287).

An entry a publish that may be told of: who is new, who has other results and whether
that may be chance, who is gone. Older entries are taken over from the feed before as
they are, so the site itself is all that is remembered.
"""

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from markupsafe import escape

from harness_bench.errors import PublishError
from sitegen.batch import COMBOS, rows, tellable, totals
from sitegen.escape import url_path, xml_text
from sitegen.history import HISTORY, OTHER_FORM, of_another_form
from sitegen.keys import ComboKey
from sitegen.numbers import count_of, listed
from sitegen.published import Published, Row
from sitegen.site import Site
from sitegen.site_data import SiteData
from sitegen.words import Words, text_of

FEED = "feed.xml"
TAKEN_OVER = (FEED, COMBOS, HISTORY)
"""Files of the last publish that the next one goes on from."""

_KEPT = 50
"""Entries in a feed."""
_NAMED = 20
"""Combos of one kind in an entry."""
_ENTRY = re.compile(r"<entry>.*?</entry>\n", re.DOTALL)
_TOTALS = '<category term="totals"/>'
"""In an entry with totals, which private cells forbid: with the site they would tell
what changed since."""

_ENDS = ("low", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What the folder of the site holds, and when the results are from."""

    files: Mapping[str, bytes]
    """Those of `TAKEN_OVER` that the last publish wrote."""
    at: str
    """RFC 3339, in UTC."""


def feed(
    site: Site, before: Before, data: SiteData, answer: Iterable[Words], base_url: str
) -> bytes:
    """The feed of a site.

    Args:
        site: Its data files.
        before: What was published last; the same gives the same feed.
        data: What the site is made from.
        answer: What its first page says.
        base_url: Its address; empty: links are relative.
    """
    settings = data.settings
    cells = settings.publish.cells
    old = _ENTRY.findall(before.files.get(FEED, b"").decode())
    if not cells:
        old = [entry for entry in old if _TOTALS not in entry]
    name = uuid.uuid5(uuid.NAMESPACE_URL, base_url or settings.site.title)
    told = _told(site, before, data, base_url)
    if told and cells:
        said = escape(" ".join(map(text_of, answer)))
        told = (told[0], f"<p>{said}</p>{told[1]}")
    entries = old
    if told:
        last = _said(old[0], "id") if old else str(name)
        made = uuid.uuid5(name, last + site[COMBOS].decode())
        title, content = told
        at = max([before.at, *(_said(each, "updated") for each in old)])
        entry = (
            f"<entry>\n<id>urn:uuid:{made}</id>\n<title>{xml_text(title)}</title>\n"
            f"<updated>{at}</updated>\n"
            f'<link rel="alternate" href="{xml_text(base_url or "index.html")}"/>\n'
            f"{_TOTALS if cells else ''}"
            f'<content type="html">{xml_text(content)}</content>\n</entry>\n'
        )
        entries = [entry, *old]
    newest = _said(entries[0], "updated") if entries else before.at
    own = f'<link rel="self" href="{xml_text(base_url + FEED)}"/>\n' if base_url else ""
    title = xml_text(settings.site.title)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<id>urn:uuid:{name}</id>\n<title>{title}: changes</title>\n"
        f"<updated>{newest}</updated>\n<author><name>{title}</name></author>\n"
        f'{own}<link rel="alternate" href="{xml_text(base_url or "index.html")}"/>\n'
        f"{''.join(entries[:_KEPT])}</feed>\n"
    ).encode()


def day_of(content: bytes) -> str:
    """The day of the newest entry of a feed: "2026-04-28"; "" without one."""
    entries = _ENTRY.findall(content.decode())
    return _said(entries[0], "updated")[:10] if entries else ""


def _said(entry: str, name: str) -> str:
    found = re.search(f"<{name}>(.*?)</{name}>", entry)
    return found[1] if found else ""


def _told(
    site: Site, before: Before, data: SiteData, base_url: str
) -> tuple[str, str] | None:
    """Title and HTML of an entry; None where nothing changed that may be told."""
    last, today = Published(files=before.files), Published(files=site)
    try:
        was, then = rows(last), totals(last)
    except OTHER_FORM:
        raise PublishError(of_another_form(COMBOS)) from None
    now = rows(today)
    if FEED not in before.files:
        size = data.results.all.size
        if not now:
            return None
        title = f"First results: {count_of(size.combos, 'combo')} on "
        return title + count_of(size.tasks, "task"), ""
    cells = data.settings.publish.cells
    least = 1 if cells else data.settings.publish.min_cells
    may = tellable(then, totals(today), least)
    new = [key for key in now if key in may and key not in was]
    moved = [key for key in now if key in may and key in was]
    gone = [key for key in was if key in may and key not in now]
    if not (new or moved or gone):
        return None
    counts = [
        *([count_of(len(new), "new combo")] if new else ()),
        *([f"{count_of(len(moved), 'combo')} with other results"] if moved else ()),
        *([f"{count_of(len(gone), 'combo')} gone"] if gone else ()),
    ]
    kinds = (
        ("New", new, lambda key: _result(now[key], _ranked(now)) if cells else ""),
        (
            "With other results",
            moved,
            lambda key: (
                _change(was[key], now[key], of=(_ranked(was), _ranked(now)))
                if cells
                else ""
            ),
        ),
        ("Gone", gone, lambda _: ""),
    )
    parts = [
        f"<p>{title}:</p><ul>{''.join(_items(keys, say, data, base_url))}</ul>"
        for title, keys, say in kinds
        if keys
    ]
    return listed(counts), "".join(parts)


def _items(
    keys: list[tuple[str, ...]],
    say: Callable[[tuple[str, ...]], str],
    data: SiteData,
    base_url: str,
) -> Iterator[str]:
    for key in keys[:_NAMED]:
        combo = ComboKey(*key)
        found = data.names.entities.get(combo)
        gone = " ".join(filter(None, (combo.model, combo.quant, combo.variant)))
        text = str(escape(found.text if found else f"{gone} + {combo.harness}"))
        if found and found.href:
            href = escape(base_url + url_path(found.href))
            text = f'<a href="{href}">{text}</a>'
        yield f"<li>{text}{escape(say(key))}</li>"
    if len(keys) > _NAMED:
        yield f"<li>and {len(keys) - _NAMED:,} more</li>"


def _ranked(rows: Mapping[tuple[str, ...], Row]) -> int:
    return sum(row.get("rank_low") is not None for row in rows.values())


def _result(row: Row, of: int) -> str:
    text = f" passed {row['passed']:,} of {count_of(row['n_trials'], 'trial')}"
    if (low := row.get("rank_low")) is not None:
        text += f"; its place may be {_places(low, row['rank_high'], of)}"
    return f"{text}."


def _change(was: Row, now: Row, of: tuple[int, int]) -> str:
    """What it passed, then and now, and whether its place has surely changed."""
    text = (
        f" passed {now['passed']:,} of {count_of(now['n_trials'], 'trial')}, before "
        f"{was['passed']:,} of {was['n_trials']:,}"
    )
    a, b, c, d = (row.get(f"rank_{end}") for row in (was, now) for end in _ENDS)
    if a is None or b is None or c is None or d is None:
        return f"{text}."
    places = f"its place was {_places(a, b, of[0])} and is {_places(c, d, of[1])}"
    moved = c > b or d < a
    verdict = "It has moved" if moved else "That its place changed is not shown"
    return f"{text}. {verdict}: {places}."


def _places(low: int, high: int, of: int) -> str:
    place = f"{low:,}" if low == high else f"any from {low:,} to {high:,}"
    return f"{place} of {of:,}"
