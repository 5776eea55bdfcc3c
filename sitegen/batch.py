"""What two publishes tell together: how many rows changed between them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from sitegen.numbers import count_of
from sitegen.suppression import shown

if TYPE_CHECKING:
    from pathlib import Path

    from sitegen.site import Site

Totals: TypeAlias = Mapping[tuple[str, ...], tuple[int, int]]
"""Of each combo or task, how many trials it had and how many passed."""

Row: TypeAlias = Mapping[str, Any]

COMBOS = "data/combos.json"
COMBO_PARTS = ("model", "quant", "harness", "variant")
_FILES = {COMBOS: COMBO_PARTS, "data/tasks.json": ("task",)}


def changed(before: Totals, now: Totals) -> dict[tuple[str, ...], int]:
    """The fewest trials of each that must have changed; who did not is left out."""
    found = {}
    for key in {**before, **now}:
        old, new = before.get(key, (0, 0)), now.get(key, (0, 0))
        if n := max(abs(a - b) for a, b in zip(old, new, strict=True)):
            found[key] = n
    return found


def tellable(before: Totals, now: Totals, least: int) -> set[tuple[str, ...]]:
    """Of whom a feed or a comparison of two publishes may tell that they changed.

    Each of them by at least `least` trials, and so those that are left, together: a
    change of fewer would be told by subtraction.
    """
    return shown(changed(before, now), least)


def newer(then: Site, now: Site, least: int) -> str:
    """A sentence where results differ from those of a snapshot; else empty.

    Args:
        then: The snapshot.
        now: The site of today.
        least: Of how many trials a change may be told.
    """
    was, is_ = (totals(each[COMBOS], COMBO_PARTS) for each in (then, now))
    told = tellable(was, is_, least)
    return f"Newer results differ: {count_of(len(told), 'combo')}." if told else ""


def few_changed(folder: Path, site: Site, least: int) -> str:
    """A warning where the totals of fewer than `least` trials changed, else empty.

    Args:
        folder: Where the site before may stand.
        site: The new one.
        least: The fewest cells that may be told.
    """
    found = []
    for path, keys in _FILES.items():
        try:
            before = totals((folder / path).read_bytes(), keys)
        except (OSError, ValueError, KeyError, TypeError):
            return ""
        now = totals(site[path], keys)
        found.append(sum(changed(before, now).values()))
    if not 0 < max(found) < least:
        return ""
    return (
        f"warning: since the site in {folder} only {max(found):,} of the trials behind "
        f"its totals changed, fewer than {least:,}: whoever has both can tell them"
    )


def totals(content: bytes, keys: tuple[str, ...]) -> Totals:
    """What a data file says of each that its columns `keys` name."""
    return {
        key: (row["n_trials"], row["passed"])
        for key, row in rows(content, keys).items()
    }


def rows(content: bytes, keys: tuple[str, ...]) -> dict[tuple[str, ...], Row]:
    """The rows of a data file by what its columns `keys` say; none of no file."""
    found = json.loads(content)["rows"] if content else ()
    return {tuple(row.get(key) or "" for key in keys): row for row in found}
