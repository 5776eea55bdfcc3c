"""Where what can be fetched or computed again is kept."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path


def cache_path() -> str:
    """Our folder in the cache of this user; it need not exist.

    Source:
        XDG Base Directory Specification 0.8: a relative path does not count.
    """
    given = os.environ.get("XDG_CACHE_HOME", "")
    base = given if os.path.isabs(given) else os.path.expanduser("~/.cache")
    return os.path.join(base, "harness-bench")


def cache_folder() -> "Path":
    """The same as a `Path`."""
    from pathlib import Path  # noqa: PLC0415 - slower than all else of a quick answer

    return Path(cache_path())
