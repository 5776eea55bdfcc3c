"""The folder that an agent works in: laid out, hashed, frozen, thawed.

What comes back from an agent is foreign: links that lead anywhere, names that are no
text, folders nobody may read, pipes, files without end. Nothing here follows a link,
opens what is no regular file, or goes on past the limits.
"""

import gzip
import hashlib
import os
import shutil
import stat
import sys
import tarfile
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BufferedIOBase
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from harness_bench.errors import Problem, RunError, refused, shown
from runner.machine.durable import make_folder, replacing
from runner.tasks import BYPRODUCTS
from runner.workspace.tree import TooDeepError, Tree

MOST_ENTRIES: Final = 200_000
"""Files, folders and links that a workspace may have."""
MOST_BYTES: Final = 4 * 1024**3
"""What its files may hold together."""
MOST_NAMES: Final = 1_000_000
"""Names in a folder that are counted while an agent works."""
ENDLESS: Final = sys.maxsize
"""More than any limit."""
NO_TIMES: Final[Mapping[str, int]] = MappingProxyType({})


Kind = Literal["folder", "file", "program", "link"]


class OversizeError(RunError):
    """A workspace that is too large, too deep or has too many files to be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A workspace as it was when its agent was dead."""

    sha256: str
    """Of its content, as `digest` says it; the name of the archive."""
    path: Path
    """The archive."""
    times: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)
    """When each file was last written, in nanoseconds: no part of the hash."""


class _Entry(NamedTuple):
    """Something in a workspace that is hashed and kept."""

    name: str
    """Relative path, with slashes."""
    kind: Kind
    size: int
    """Of a file's content, in bytes; else 0."""
    changed_ns: int = 0
    """When it was last written."""


def lay_out(starter: Path, into: Path) -> None:
    """Copy a task's starter to a folder that the agent may change.

    Links are copied as links. Whatever the permissions of the starter are, all of the
    copy is its owner's to read and write; who may run a file is kept.

    A task may do without a starter.

    Raises:
        RunError: The starter cannot be read, or the copy cannot be written.
    """
    try:
        if starter.parent.is_dir() and not starter.exists():
            into.mkdir()
            return
        shutil.copytree(
            starter,
            into,
            symlinks=True,
            ignore=shutil.ignore_patterns(*BYPRODUCTS),
            copy_function=_copy,
        )
        now = time.time_ns()
        for folder, _, files in os.walk(into, topdown=False):
            Path(folder).chmod(0o755)
            # One time for all: what is written later is newer, and nothing else is.
            for name in (*files, "."):
                path = os.path.join(folder, name)  # noqa: PTH118 - "." is kept
                os.utime(path, ns=(now, now), follow_symlinks=False)
    except OSError as error:
        raise RunError(refused(starter, "copied", error)) from error


def digest(folder: Path) -> str:
    """Hash of what a folder holds: names, contents, link targets, what can be run.

    Neither times nor owners, nor the machine or the order of its folders have a part
    in it; pipes, sockets and devices are passed over.

    Raises:
        OversizeError: It is beyond the limits.
        RunError: It cannot be read.
    """
    try:
        with Tree(folder) as tree:
            return _digest(tree, _entries(tree))
    except OSError as error:
        raise RunError(refused(folder, "read", error)) from error


def freeze(folder: Path, archives: Path) -> Frozen:
    """Keep a workspace as `archives/<hash>.tar.gz`; one that is there stays.

    Folders and files that nobody may read are opened first: nothing of the agent is
    alive, and it must not hide its work in this way.

    Raises:
        OversizeError: The workspace is beyond the limits.
        RunError: It cannot be read, or the archive cannot be written.
    """
    try:
        folder.chmod(0o755)
        with Tree(folder) as tree:
            entries = _entries(tree, opening=True)
            name = _digest(tree, entries)
            path = archives / f"{name}.tar.gz"
            if not path.exists():
                _write(tree, entries, path)
    except OSError as error:
        raise RunError(refused(folder, "read", error)) from error
    times = {entry.name: entry.changed_ns for entry in entries}
    return Frozen(sha256=name, path=path, times=times)


def thaw(archive: Path, into: Path, times: Mapping[str, int] = NO_TIMES) -> None:
    """Unpack an archive into a new folder.

    Args:
        archive: What `freeze` made.
        into: Made, with no folder of this name before.
        times: What `freeze` found: `make` looks at what is older than what.

    Raises:
        RunError: The archive cannot be read, holds what `freeze` never writes, or
            the folder cannot be written.
    """
    try:
        into.mkdir(mode=0o755)
        with (
            tarfile.open(archive, "r:gz", encoding="utf-8") as packed,
            Tree(into) as tree,
        ):
            links = []
            for member in packed:
                if any(part in {"", ".", ".."} for part in member.name.split("/")):
                    raise tarfile.TarError(f"{shown(member.name)} leads out of it")
                name = _native(member.name)
                if member.isdir():
                    folder, last = tree.place(name)
                    os.mkdir(last, 0o755, dir_fd=folder)
                elif member.isreg():
                    _unpack(packed, member, tree, name)
                elif member.issym():
                    links.append((name, member.linkname))
                else:
                    raise tarfile.TarError(f"{shown(member.name)} is not a file")
            # Last: no file can be written through a link that is not there yet.
            for name, target in links:
                folder, last = tree.place(name)
                os.symlink(_native(target), last, dir_fd=folder)
            entries = _entries(tree)
            found = _digest(tree, entries)
            # A folder's time changes with what is made in it: what is in it first.
            for entry in reversed(entries):
                _set_time(tree, entry, times)
    except _DAMAGE as error:
        raise _unusable(archive, error) from error
    if f"{found}.tar.gz" != archive.name:
        what = f"its workspace has another hash ({found}) than its name says"
        raise RunError(Problem(str(archive), what))


def texts(archive: Path, *, most_bytes: int) -> Iterator[tuple[str, str]]:
    """The names and texts of an archive's files, in their order.

    Of larger files, the beginning.

    Raises:
        RunError: It cannot be read.
    """
    try:
        with tarfile.open(archive, "r:gz", encoding="utf-8") as packed:
            for member in packed:
                file = packed.extractfile(member) if member.isreg() else None
                if file is not None:
                    data = file.read(most_bytes)
                    yield member.name, data.decode("utf-8", "backslashreplace")
    except _DAMAGE as error:
        raise _unusable(archive, error) from error


@contextmanager
def unpacked(archive: Path) -> Iterator[BufferedIOBase]:
    """All that is in an archive, names and contents, one after the other.

    Raises:
        RunError: It cannot be read.
    """
    try:
        with gzip.open(archive) as packed:
            yield packed
    except _DAMAGE as error:
        raise _unusable(archive, error) from error


def folder_bytes(folder: Path) -> int:
    """What a folder takes on the disk, while others write in it.

    A file with several names counts once, a link for itself; what vanishes or cannot
    be read in the meantime counts nothing. More than `MOST_NAMES`, or a path beyond
    all measure, count as `ENDLESS`: nobody waits for a count of those.
    """
    total = names = 0
    seen: set[tuple[int, int]] = set()
    with suppress(OSError), Tree(folder) as tree:
        try:
            for _, found in tree.walk(alive=True):
                names += 1
                if names > MOST_NAMES:
                    return ENDLESS
                key = (found.st_dev, found.st_ino)
                if key not in seen:
                    seen.add(key)
                    total += found.st_blocks * BLOCK
        except TooDeepError:
            return ENDLESS
    return total


def _copy(source: str, target: str) -> None:
    shutil.copyfile(source, target)
    may_run = Path(source).stat().st_mode & stat.S_IXUSR
    Path(target).chmod(0o755 if may_run else 0o644)


def _entries(tree: Tree, *, opening: bool = False) -> list[_Entry]:
    """Everything in a folder that is kept, sorted; a folder before what is in it.

    Raises:
        OversizeError: It is too much.
        OSError: It cannot be read.
    """
    found: list[_Entry] = []
    total = letters = 0
    try:
        for name, status in tree.walk(opening=opening):
            mode, size = status.st_mode, 0
            if stat.S_ISDIR(mode):
                kind: Kind = "folder"
            elif stat.S_ISLNK(mode):
                kind = "link"
            elif stat.S_ISREG(mode):
                kind = "program" if mode & stat.S_IXUSR else "file"
                size = status.st_size
            else:
                continue
            found.append(_Entry(name, kind, size, status.st_mtime_ns))
            total += size
            letters += len(name)
            if len(found) > MOST_ENTRIES or total > MOST_BYTES:
                what = f"has {len(found):,} entries of {total:,} bytes or more"
                advice = f"{MOST_ENTRIES:,} of {MOST_BYTES:,} are kept at most"
                raise OversizeError(Problem("workspace", what, advice))
            if letters > _MOST_LETTERS:
                raise _too_deep()
    except TooDeepError:
        raise _too_deep() from None
    return sorted(found, key=lambda entry: os.fsencode(entry.name))


def _too_deep() -> OversizeError:
    what = "its folders are nested too deep to be read"
    return OversizeError(Problem("workspace", what))


def _digest(tree: Tree, entries: list[_Entry]) -> str:
    """Hash over the entries; every part with its length, so that none can pass for two.

    Raises:
        OSError: One cannot be read.
    """
    total = hashlib.sha256()
    for entry in entries:
        content = b""
        if entry.kind == "link":
            content = os.fsencode(tree.target(entry.name))
        elif entry.kind != "folder":
            with os.fdopen(tree.open(entry.name), "rb") as file:
                content = hashlib.file_digest(file, "sha256").digest()
        for part in (entry.kind.encode(), os.fsencode(entry.name), content):
            total.update(len(part).to_bytes(8, "big"))
            total.update(part)
    return total.hexdigest()


def _write(tree: Tree, entries: list[_Entry], path: Path) -> None:
    """Write an archive.

    Raises:
        RunError: It cannot be written.
    """
    try:
        make_folder(path.parent)
        with (
            replacing(path) as file,
            # Neither name nor time in the header: the same bytes at any time.
            gzip.GzipFile("", "wb", _LEVEL, fileobj=file, mtime=0) as zipped,
        ):
            _pack(tree, entries, zipped)
    except OSError as error:
        raise RunError(refused(path, "written", error)) from error


def _pack(tree: Tree, entries: list[_Entry], into: gzip.GzipFile) -> None:
    """Write entries as tar, with nothing in it but what `digest` hashes.

    Raises:
        OSError: One cannot be read, or the archive not written.
    """
    with tarfile.open(
        fileobj=into, mode="w", format=tarfile.GNU_FORMAT, encoding="utf-8"
    ) as packed:
        for entry in entries:
            member = tarfile.TarInfo(_portable(entry.name))
            member.type = _TAR_TYPES[entry.kind]
            member.mode = 0o644 if entry.kind == "file" else 0o755
            if entry.kind == "link":
                member.linkname = _portable(tree.target(entry.name))
            if entry.kind in {"link", "folder"}:
                packed.addfile(member)
            else:
                member.size = entry.size
                with os.fdopen(tree.open(entry.name), "rb") as file:
                    packed.addfile(member, file)


def _unpack(
    packed: tarfile.TarFile, member: tarfile.TarInfo, tree: Tree, name: str
) -> None:
    source = packed.extractfile(member)
    assert source is not None  # noqa: S101 - a regular file has content
    new = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with source, os.fdopen(tree.open(name, new), "wb") as file:
        shutil.copyfileobj(source, file)
        os.fchmod(file.fileno(), 0o755 if member.mode & stat.S_IXUSR else 0o644)


def _set_time(tree: Tree, entry: _Entry, times: Mapping[str, int]) -> None:
    when = times.get(entry.name)
    if when is not None:
        folder, last = tree.place(entry.name)
        with suppress(OSError, OverflowError):  # a year that this disk does not know
            os.utime(last, ns=(when, when), dir_fd=folder, follow_symlinks=False)


def _portable(name: str) -> str:
    """A name of this system as archives have it: UTF-8, other bytes as they are."""
    return os.fsencode(name).decode("utf-8", "surrogateescape")


def _native(name: str) -> str:
    """A name of an archive as this system has it."""
    return os.fsdecode(name.encode("utf-8", "surrogateescape"))


def _unusable(archive: Path, error: Exception) -> RunError:
    known = error.strerror if isinstance(error, OSError) else None
    reason = (known or str(error) or type(error).__name__).lower()
    return RunError(Problem(str(archive), f"cannot be unpacked ({reason})"))


_LEVEL: Final = 1
"""Of compression: source code becomes a fifth larger than at best, in half the time."""
BLOCK: Final = 512
"""What the system counts blocks in."""
_MOST_LETTERS: Final = 64 << 20
"""Of all names together: in folders inside each other they grow with the square."""
_DAMAGE: Final = (OSError, EOFError, ValueError, zlib.error, tarfile.TarError)
"""What reading an archive may raise."""
_TAR_TYPES: Final = MappingProxyType(
    {
        "folder": tarfile.DIRTYPE,
        "file": tarfile.REGTYPE,
        "program": tarfile.REGTYPE,
        "link": tarfile.SYMTYPE,
    }
)
