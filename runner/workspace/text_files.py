"""Which files of a workspace a person would read as text."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

LARGEST: Final = 64 * 1024
"""In bytes; a longer file leaves no room in the context for work on it."""


def text_files(folder: Path) -> tuple[str, ...]:
    """Relative paths of the UTF-8 files in a folder, sorted; links are not followed.

    Raises:
        OSError: The folder cannot be read.
    """
    found = []
    for inner, _, names in os.walk(folder):
        for name in names:
            path = Path(inner, name)
            status = path.lstat()
            if stat.S_ISREG(status.st_mode) and status.st_size <= LARGEST:
                content = path.read_bytes()
                with suppress(UnicodeDecodeError):
                    if "\0" not in content.decode():
                        found.append(path.relative_to(folder).as_posix())
    return tuple(sorted(found))
