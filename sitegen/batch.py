"""What two publishes tell together: how many rows changed between them."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from sitegen.numbers import count_of
from sitegen.published import Published, Row
from sitegen.site import Site
from sitegen.suppression import shown

Totals: TypeAlias = Mapping[tuple[str, ...], tuple[int, int]]
"""Of each combo or task, how many trials it had and how many passed."""

COMBOS = "data/combos.json"
_PARTS = {"combos": ("model", "quant", "harness", "variant"), "tasks": ("task",)}
"""What names a row."""


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


def newer(then: Published, now: Published, least: int) -> str:
    """A sentence where results differ from those of a snapshot; else empty.

    Args:
        then: The snapshot.
        now: The site of today.
        least: Of how many trials a change may be told.
    """
    told = tellable(totals(then), totals(now), least)
    return f"Newer results differ: {count_of(len(told), 'combo')}." if told else ""


def few_changed(folder: Path, site: Site, least: int) -> str:
    """A warning where the totals of fewer than `least` trials changed, else empty.

    Args:
        folder: Where the site before may stand.
        site: The new one.
        least: The fewest cells that may be told.
    """
    now = Published(files=site)
    try:
        known = {of: (folder / f"data/{of}.json").read_bytes() for of in _PARTS}
        before = Published(files={f"data/{of}.json": known[of] for of in known})
        found = [
            sum(changed(totals(before, of), totals(now, of)).values()) for of in _PARTS
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    if not 0 < max(found) < least:
        return ""
    return (
        f"warning: since the site in {folder} only {max(found):,} of the trials behind "
        f"its totals changed, fewer than {least:,}: whoever has both can tell them"
    )


def totals(site: Published, of: str = "combos") -> Totals:
    """What a site says of each of its combos or tasks."""
    return {
        key: (row["n_trials"], row["passed"]) for key, row in rows(site, of).items()
    }


def rows(site: Published, of: str = "combos") -> dict[tuple[str, ...], Row]:
    """The rows of combos or tasks by what names them; none of no file."""
    found = site.rows(of) if site.files.get(f"data/{of}.json") else ()
    return {tuple(row.get(part) or "" for part in _PARTS[of]): row for row in found}
