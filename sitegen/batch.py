"""Whether a site differs from the one before by so little that it tells the rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from sitegen.site import Site

_TOTALS = "data/combos.json"
_KEYS = ("model", "quant", "harness", "variant")


def few_changed(folder: Path, site: Site, least: int) -> str:
    """A warning where the totals of fewer than `least` trials changed, else empty.

    Args:
        folder: Where the site before may stand.
        site: The new one.
        least: The fewest cells that may be told.
    """
    try:
        before = _totals((folder / _TOTALS).read_bytes())
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    now = _totals(site[_TOTALS])
    changed = sum(
        max(abs(a - b) for a, b in zip(before.get(key, (0, 0)), own, strict=True))
        for key, own in (dict.fromkeys(before, (0, 0)) | now).items()
    )
    if not 0 < changed < least:
        return ""
    return (
        f"warning: since the site in {folder} only {changed:,} of the trials behind "
        f"its totals changed, fewer than {least:,}: whoever has both can tell them"
    )


def _totals(content: bytes) -> dict[tuple[str, ...], tuple[int, int]]:
    return {
        tuple(row.get(key) or "" for key in _KEYS): (row["n_trials"], row["passed"])
        for row in json.loads(content)["rows"]
    }
