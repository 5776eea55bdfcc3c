"""Room for the last lines of a ledger, held back for the day the disk is full."""

import os
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Final

from harness_bench.errors import RunError, refused

_NAME: Final = ".reserve"
_BYTES: Final = 256 * 1024
"""Some hundred lines: enough to write down all that fails until the run gives up."""


class Reserve(AbstractContextManager["Reserve"]):
    """A file that does nothing but take room, until it is released.

    Args:
        folder: Where the room is needed.

    Raises:
        RunError: There is none now.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        try:
            with self._path.open("wb") as file:
                # Random: some file systems keep no room for zeros.
                file.write(os.urandom(_BYTES))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            self.release()
            raise RunError(refused(folder, "written", error)) from error

    def release(self) -> None:
        """Give the room back."""
        with suppress(OSError):
            self._path.unlink()

    def __exit__(self, *_: object) -> None:
        self.release()
