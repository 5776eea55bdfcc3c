"""Names become file names."""

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeVar

Name = TypeVar("Name", str, tuple[str, ...], str | tuple[str, ...])

_LONGEST = 80
_HASH_DIGITS = 8
_RESERVED = re.compile(
    r"index|con|prn|aux|nul|com[0-9]|lpt[0-9]|conin|conout", re.IGNORECASE
)
"""Names that Windows, in any case and with any suffix, or a web server knows."""


def slugs(
    names: Iterable[Name], *, reserved: re.Pattern[str] = _RESERVED
) -> Mapping[Name, str]:
    """Distinct file names (without suffix) for a set of names.

    A name keeps its readable slug where that is its own; where it is empty,
    cut, reserved or would meet another's, all names concerned carry eight
    digits of a hash of the whole name. The result depends on the set of names
    only, not on their order.

    Args:
        names: What needs a file name.
        reserved: Slugs that nothing may have here, beside those of every folder.

    Returns:
        For each name, at most 80 characters of `a-z 0-9 . _ -`.
    """
    known = sorted(set(names), key=_identity)
    readable = {name: _readable(name, reserved) for name in known}
    taken = Counter(slug for slug, whole in readable.values() if whole)
    return _settled(
        {
            name: slug if whole and taken[slug] == 1 else _hashed(slug, name)
            for name, (slug, whole) in readable.items()
        }
    )


def _settled(found: dict[Name, str]) -> dict[Name, str]:
    """Hash what equals another's hashed slug, until no two are the same."""
    longer = _HASH_DIGITS
    while clashes := {s for s, n in Counter(found.values()).items() if n > 1}:
        longer += _HASH_DIGITS
        found = {
            name: _hashed(_readable(name, _RESERVED)[0], name, longer)
            if s in clashes
            else s
            for name, s in found.items()
        }
    return found


def _identity(name: str | tuple[str, ...]) -> str:
    """The whole name as one string that no other name has."""
    return json.dumps(name)


def _readable(
    name: str | tuple[str, ...], reserved: re.Pattern[str]
) -> tuple[str, bool]:
    """A slug, and whether it may stand alone."""
    parts = (name,) if isinstance(name, str) else name
    cleaned = [_clean(part) for part in parts]
    slug = _trim("--".join(part for part in cleaned if part))
    whole = (
        all(new or not old for new, old in zip(cleaned, parts, strict=True))
        and 0 < len(slug) <= _LONGEST
        and not _RESERVED.fullmatch(slug.split(".")[0])
        and not reserved.fullmatch(slug)
    )
    return slug, whole


def _clean(part: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", part).lower()
    # A letter that is lost would make "c++" and "c" one; the collision rule
    # then tells them apart.
    kept = re.sub(r"[\u0300-\u036f]", "", ascii_only)
    kept = re.sub(r"[^a-z0-9._]+", "-", kept)
    return _trim(re.sub(r"\.{2,}", ".", re.sub(r"-{2,}", "-", kept)))


def _trim(slug: str) -> str:
    return slug.lstrip("_.#-").rstrip("~.-")


def _hashed(slug: str, name: str | tuple[str, ...], digits: int = _HASH_DIGITS) -> str:
    digest = hashlib.sha256(_identity(name).encode("ascii")).hexdigest()[:digits]
    head = _trim(slug[: _LONGEST - digits - 1])
    if _RESERVED.fullmatch(head.split(".")[0]):
        # Windows reserves "con.txt" and would reserve "con.txt-1234abcd".
        head = head.replace(".", "-")
    return f"{head}-{digest}" if head else f"x-{digest}"
