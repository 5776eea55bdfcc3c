"""Folders of the cache: made by one process, and there whole or not at all."""

import fcntl
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def making(folder: Path, *, is_made: Callable[[], bool]) -> Iterator[Path | None]:
    """Fill the folder that this gives; at the end of the block it gets its name.

    Nothing is left of it when the block raises. Other processes wait meanwhile; a
    killed one lets go.

    Args:
        folder: What is to be made.
        is_made: Whether it is there; another process may have made it while we waited,
            and then None is given.

    Raises:
        OSError: It cannot be written.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_made():
            yield None
            return
        # What killed makers left. A client of theirs may still be writing there, so
        # ours gets another name.
        for left in folder.parent.glob(f".{folder.name}.*"):
            shutil.rmtree(left, ignore_errors=True)
        aside = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
        aside.mkdir()
        try:
            yield aside
            # Once it has its name, it is believed to be whole, after a power cut too.
            os.sync()
            aside.rename(folder)
        except BaseException:
            shutil.rmtree(aside, ignore_errors=True)
            raise
