"""Where what can be fetched or computed again is kept."""

import os
from pathlib import Path


def cache_folder() -> Path:
    """Our folder in the cache of this user; it need not exist.

    Source:
        XDG Base Directory Specification 0.8: a relative path does not count.
    """
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    base = given if given.is_absolute() else Path.home() / ".cache"
    return base / "harness-bench"
