"""A site is a value: building, checking, serving and publishing pass it on."""

import unicodedata
from collections.abc import Mapping
from typing import TypeAlias

Site: TypeAlias = Mapping[str, bytes]
"""Every file of a site: its POSIX path, relative to the site's root, and its bytes."""

_LONGEST_NAME = 255


def path_problem(path: str) -> str | None:
    """Why a site must not contain this path; None when it may.

    Names that Jekyll would not copy are refused, so that a site dropped into a
    blog arrives whole.
    """
    parts = path.split("/")
    if any(part in {"", ".", ".."} for part in parts) or "\\" in path:
        return "is not a plain path inside the site, such as a/b.html"
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in path):
        return "has a control character in its name"
    if any(part.startswith(("_", ".", "#")) or part.endswith("~") for part in parts):
        return "would not be copied by Jekyll, which skips _x, .x, #x and x~"
    if any(len(part.encode()) > _LONGEST_NAME for part in parts):
        return f"has a name of more than {_LONGEST_NAME} bytes"
    return None


def folders_of(path: str) -> list[str]:
    """The folders that lead to a path, outermost first: a/b/c → a, a/b."""
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]
