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
        return "leaves the folder or is not a plain path, expected one like a/b.html"
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in path):
        return "holds a control character, expected letters"
    if any(part.startswith(("_", ".", "#")) or part.endswith("~") for part in parts):
        return "Jekyll would not copy it, expected no name like _x, .x, #x or x~"
    if any(len(part.encode()) > _LONGEST_NAME for part in parts):
        return f"is too long, expected names of at most {_LONGEST_NAME} bytes"
    return None


def folders_of(path: str) -> list[str]:
    """The folders that lead to a path, outermost first: a/b/c → a, a/b."""
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]
