"""Names that a reader would take for one: often a second spelling of the first."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping

_FILES = ("model", "quant")
"""Names of these may be those of a file, or carry who provides it."""


def alike(columns: Mapping[str, Collection[str]]) -> dict[str, list[tuple[str, ...]]]:
    """By column, its names that differ in case, punctuation or what is invisible only.

    For models and quantisations also in `provider/` before or `.gguf` after the name.
    A separator between two digits counts: 1.5 is not 15.
    """
    found = {}
    for column, names in columns.items():
        folded = {_fold(name) for name in names}
        groups: dict[str, list[str]] = defaultdict(list)
        for name in sorted(names):
            groups[_folded(name, folded, is_file=column in _FILES)].append(name)
        several = [tuple(group) for group in groups.values() if len(group) > 1]
        if several:
            found[column] = several
    return found


def _folded(name: str, others: Collection[str], *, is_file: bool) -> str:
    if is_file:
        name = re.sub(r"\.gguf$", "", name, flags=re.IGNORECASE)
        bare = name.rpartition("/")[2]
        # Two providers of one model may well be meant.
        if _fold(bare) in others:
            name = bare
    return _fold(name)


def _fold(name: str) -> str:
    seen = "".join(
        character
        for character in unicodedata.normalize("NFKC", name).casefold()
        if unicodedata.category(character) != "Cf"
    )
    seen = re.sub(r"(?<=\d)[\W_]+(?=\d)", ".", seen)
    folded = re.sub(r"(?<!\d)[\W_]+|[\W_]+(?!\d)", "", seen)
    return folded or name
