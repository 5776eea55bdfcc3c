"""Two sites, and what an output folder holds: shared by the tests of publishing."""

from pathlib import Path

from sitegen.publish import MANIFEST
from sitegen.site import Site

OLD: Site = {
    "index.html": b"old",
    "same.html": b"same",
    "models/a.html": b"a",
    "models/gone.html": b"gone",
    "deep/er/gone.html": b"gone",
    "file": b"becomes a folder",
    "folder/page.html": b"its folder becomes a file",
}
NEW: Site = {
    "index.html": b"new",
    "same.html": b"same",
    "models/a.html": b"a2",
    "models/b.html": b"b",
    "file/inside.html": b"in",
    "folder": b"now a file",
    "assets/site.css": b"css",
}


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, the manifest apart."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and file != folder / MANIFEST
    }


def folders_in(folder: Path) -> set[str]:
    return {
        each.relative_to(folder).as_posix()
        for each in folder.rglob("*")
        if each.is_dir()
    }


def everything_in(folder: Path) -> dict[str, tuple[int, bytes | None]]:
    """Names, times of change and contents: equal only if nothing was touched."""
    return {
        each.relative_to(folder).as_posix(): (
            each.lstat().st_mtime_ns,
            each.read_bytes() if each.is_file() else None,
        )
        for each in folder.rglob("*")
    }
