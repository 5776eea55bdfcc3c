"""The folder that an agent works in: laid out, hashed, frozen, thawed.

What comes back from an agent is foreign: links that lead anywhere, names that are no
text, folders nobody may read, pipes, files without end. Nothing here follows a link,
opens what is no regular file, or goes on past the limits.
"""

import errno
import gzip
import hashlib
import io
import os
import shutil
import stat
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, NamedTuple

from harness_bench.errors import Problem, RunError, refused, shown
from runner.machine.durable import make_folder, replacing
from runner.tasks import BYPRODUCTS

MOST_ENTRIES: Final = 200_000
"""Files, folders and links that a workspace may have."""
MOST_BYTES: Final = 4 * 1024**3
"""What its files may hold together."""


Kind = Literal["folder", "file", "program", "link"]


class OversizeError(RunError):
    """A workspace that is too large, too deep or has too many files to be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """A workspace as it was when its agent was dead."""

    sha256: str
    """Of its content, as `digest` has it; the name of the archive."""
    path: Path
    """The archive."""

    @property
    def digest(self) -> str:
        """The same hash, to compare with that of a folder."""
        return self.sha256


class _Entry(NamedTuple):
    """Something in a workspace that is hashed and kept."""

    name: str
    """Relative path, with slashes."""
    kind: Kind
    size: int
    """Of a file's content, in bytes; else 0."""


def lay_out(starter: Path, into: Path) -> None:
    """Copy a task's starter to a folder that the agent may change.

    Links are copied as links. Whatever the permissions of the starter are, all of the
    copy is its owner's to read and write; who may run a file is kept.

    Args:
        starter: A folder of the task; a task may do without one.
        into: Made, with no folder of this name before.

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
        for folder, _, _ in os.walk(into):
            Path(folder).chmod(0o755)
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
        return _digest(folder, _entries(folder))
    except OSError as error:
        raise _unreadable(folder, error) from error


def freeze(folder: Path, archives: Path) -> Frozen:
    """Keep a workspace as `archives/<hash>.tar.gz`; one that is there stays.

    Folders and files that nobody may read are opened first: nothing of the agent is
    alive, and it must not hide its work in this way.

    Args:
        folder: The workspace.
        archives: Folder for archives, made if it is not there.

    Raises:
        OversizeError: The workspace is beyond the limits.
        RunError: It cannot be read, or the archive cannot be written.
    """
    try:
        _open_up(folder)
        entries = _entries(folder)
        name = _digest(folder, entries)
    except OSError as error:
        raise _unreadable(folder, error) from error
    path = archives / f"{name}.tar.gz"
    try:
        if not path.exists():
            make_folder(archives)
            with (
                replacing(path) as file,
                # Neither name nor time in the header: the same bytes at any time.
                gzip.GzipFile("", "wb", _LEVEL, fileobj=file, mtime=0) as zipped,
            ):
                _pack(folder, entries, zipped)
    except OSError as error:
        raise RunError(refused(path, "written", error)) from error
    return Frozen(sha256=name, path=path)


def thaw(archive: Path, into: Path) -> None:
    """Unpack an archive into a new folder.

    Args:
        archive: What `freeze` made.
        into: Made, with no folder of this name before.

    Raises:
        RunError: The archive cannot be read, holds what `freeze` never writes, or
            the folder cannot be written.
    """
    try:
        into.mkdir(mode=0o755)
        with tarfile.open(archive, "r:gz", encoding="utf-8") as packed:
            links = []
            for member in packed:
                path = into / _safe_name(member)
                if member.isdir():
                    path.mkdir(mode=0o755)
                elif member.isreg():
                    _unpack(packed, member, path)
                elif member.issym():
                    links.append((path, member.linkname))
                else:
                    raise tarfile.TarError(f"{shown(member.name)} is not a file")
            # Last: no file can be written through a link that is not there yet.
            for path, target in links:
                path.symlink_to(_native(target))
        found = digest(into)
    except _DAMAGE as error:
        raise _unusable(archive, error) from error
    if f"{found}.tar.gz" != archive.name:
        what = f"its workspace has another hash ({found}) than its name says"
        raise RunError(Problem(str(archive), what))


def texts(archive: Path, *, most_bytes: int) -> Iterator[tuple[str, str]]:
    """The names and texts of an archive's files, in their order.

    Args:
        archive: What `freeze` made.
        most_bytes: Larger files are cut.

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


def folder_bytes(folder: Path) -> int:
    """What a folder takes on the disk, while others write in it.

    A file with several names counts once, a link for itself; what vanishes or cannot
    be read in the meantime counts nothing.
    """
    total = 0
    seen: set[tuple[int, int]] = set()
    waiting: list[tuple[str, int | None]] = [(str(folder), None)]
    while waiting:
        path, inode = waiting.pop()
        with suppress(OSError), _listed(path, inode) as entries:
            for entry in entries:
                with suppress(OSError):
                    found = entry.stat(follow_symlinks=False)
                    key = (found.st_dev, found.st_ino)
                    if key in seen:
                        continue
                    seen.add(key)
                    total += found.st_blocks * _BLOCK
                    if stat.S_ISDIR(found.st_mode):
                        waiting.append((f"{path}/{entry.name}", found.st_ino))
    return total


@contextmanager
def _listed(path: str, inode: int | None) -> Iterator[Iterator[os.DirEntry[str]]]:
    """The entries of a folder, unless its name leads to something else by now.

    Args:
        path: The folder. A folder on the way may have become a link by now, so
        inode: tells whether it is the one that was meant.

    Raises:
        OSError: It is gone, cannot be read, or is another one.
    """
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if inode not in {None, os.fstat(handle).st_ino}:
            raise FileNotFoundError(path)
        with os.scandir(handle) as entries:
            yield entries
    finally:
        os.close(handle)


def _copy(source: str, target: str) -> None:
    shutil.copyfile(source, target)
    may_run = Path(source).stat().st_mode & stat.S_IXUSR
    Path(target).chmod(0o755 if may_run else 0o644)


def _open_up(folder: Path) -> None:
    """Make a dead agent's folders and files its owner's to read.

    Raises:
        OSError: A path is too long, or a file is another owner's.
    """
    folder.chmod(0o755)
    for inner, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(inner, name)
            mode = path.lstat().st_mode
            wanted = stat.S_IRWXU if stat.S_ISDIR(mode) else stat.S_IRUSR
            if not stat.S_ISLNK(mode) and mode & wanted != wanted:
                path.chmod(stat.S_IMODE(mode) | wanted)


def _entries(folder: Path) -> list[_Entry]:
    """Everything in a folder that is kept, sorted; a folder before what is in it.

    Raises:
        OversizeError: It is too much.
        OSError: It cannot be read.
    """
    found: list[_Entry] = []
    waiting = [""]
    total = 0
    while waiting:
        inside = waiting.pop()
        with os.scandir(folder / inside) as entries:
            for entry in entries:
                name = f"{inside}/{entry.name}" if inside else entry.name
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode):
                    waiting.append(name)
                    found.append(_Entry(name, "folder", 0))
                elif stat.S_ISLNK(status.st_mode):
                    found.append(_Entry(name, "link", 0))
                elif stat.S_ISREG(status.st_mode):
                    may_run = status.st_mode & stat.S_IXUSR
                    kind: Kind = "program" if may_run else "file"
                    found.append(_Entry(name, kind, status.st_size))
                    total += status.st_size
                if len(found) > MOST_ENTRIES or total > MOST_BYTES:
                    what = f"has {len(found):,} entries of {total:,} bytes or more"
                    advice = f"{MOST_ENTRIES:,} of {MOST_BYTES:,} are kept at most"
                    raise OversizeError(Problem("workspace", what, advice))
    return sorted(found, key=lambda entry: os.fsencode(entry.name))


def _digest(folder: Path, entries: list[_Entry]) -> str:
    """Hash over the entries; every part with its length, so that none can pass for two.

    Raises:
        OSError: One cannot be read.
    """
    total = hashlib.sha256()
    for entry in entries:
        content = b""
        path = folder / entry.name
        if entry.kind == "link":
            content = os.fsencode(_target(path))
        elif entry.kind != "folder":
            with _regular(path) as file:
                content = hashlib.file_digest(file, "sha256").digest()
        for part in (entry.kind.encode(), os.fsencode(entry.name), content):
            total.update(len(part).to_bytes(8, "big"))
            total.update(part)
    return total.hexdigest()


def _target(link: Path) -> str:
    return os.readlink(link)  # noqa: PTH115 - a Path would make `a/b` of `a//b`


def _regular(path: Path) -> io.BufferedReader:
    """A file, opened without following a link or waiting for a pipe."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    return os.fdopen(os.open(path, flags), "rb")


def _pack(folder: Path, entries: list[_Entry], into: gzip.GzipFile) -> None:
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
            path = folder / entry.name
            if entry.kind == "link":
                member.linkname = _portable(_target(path))
            if entry.kind in {"link", "folder"}:
                packed.addfile(member)
            else:
                member.size = entry.size
                with _regular(path) as file:
                    packed.addfile(member, file)


def _unpack(packed: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    source = packed.extractfile(member)
    assert source is not None  # noqa: S101 - a regular file has content
    with source, path.open("xb") as file:
        shutil.copyfileobj(source, file)
    path.chmod(0o755 if member.mode & stat.S_IXUSR else 0o644)


def _safe_name(member: tarfile.TarInfo) -> str:
    """The relative path of a member.

    Raises:
        tarfile.TarError: It leads out of the folder.
    """
    if any(part in {"", ".", ".."} for part in member.name.split("/")):
        raise tarfile.TarError(f"{shown(member.name)} leads out of it")
    return _native(member.name)


def _portable(name: str) -> str:
    """A name of this system as archives have it: UTF-8, other bytes as they are."""
    return os.fsencode(name).decode("utf-8", "surrogateescape")


def _native(name: str) -> str:
    """A name of an archive as this system has it."""
    return os.fsdecode(name.encode("utf-8", "surrogateescape"))


def _unreadable(folder: Path, error: OSError) -> RunError:
    if error.errno == errno.ENAMETOOLONG:
        what = "its folders are nested too deep to be read"
        return OversizeError(Problem("workspace", what))
    return RunError(refused(folder, "read", error))


def _unusable(archive: Path, error: Exception) -> RunError:
    return RunError(Problem(str(archive), f"cannot be unpacked ({_reason(error)})"))


def _reason(error: Exception) -> str:
    known = error.strerror if isinstance(error, OSError) else None
    return (known or str(error) or type(error).__name__).lower()


_LEVEL: Final = 1
"""Of compression: source code becomes a fifth larger than at best, in half the time."""
_BLOCK: Final = 512
"""What the system counts blocks in."""
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
