"""Bring a folder to hold exactly a site: only the difference, never half a file.

The folder's manifest names the files that are ours. Nothing else is ever deleted,
and nothing else is overwritten without `force`; a file of ours that was edited by
hand is replaced, and reported. `plan` reads and decides, `stage` writes aside and at
last the journal, `commit` does what the journal says. Killed before the journal is
there, a build leaves the old site; killed after it, what `mend` makes the new one.
"""

import errno
import fcntl
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from harness_bench.errors import Problem, PublishError, reason
from sitegen.site import Site, folders_of, path_problem

MANIFEST = "sitegen.json"
"""Names the files of the last build; visible, so that people find out what it is."""

STAGING = ".sitegen-staging"
"""Inside the output folder, so that a rename never crosses a file system."""

JOURNAL = "journal"
"""In there: what is left to do. Once it is there, everything else is."""

HARMLESS = frozenset(
    {".git", ".gitignore", ".gitkeep", ".nojekyll", "CNAME", "README.md", STAGING}
)
"""What a folder may hold before its first build without being somebody's work."""

_GENERATOR = "harness-bench"
_FORMAT = 1
_GATE_OFF = b'"gate": "off"'
"""In a manifest: nobody has looked for private text."""

_Hashes = Mapping[str, str | None]
"""Path and SHA-256 of each file; None while a build is about to replace it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a build did to the folder; paths are the site's, sorted."""

    written: tuple[str, ...]
    """New or different files."""
    unchanged: tuple[str, ...]
    """Files that were already right; they were not touched."""
    deleted: tuple[str, ...]
    """Files of an earlier build that the site no longer has."""
    edited: tuple[str, ...]
    """Those among written and deleted that somebody had changed since that build."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Journal:
    """What `commit` does, in this order; written as JSON."""

    obstacles: tuple[str, ...]
    """Old files whose name becomes a folder, or whose folder becomes a file."""
    written: tuple[str, ...]
    """What was staged: the first path as `0`, the next as `1`, and so on."""
    added: tuple[str, ...]
    """Those of them that the folder did not have."""
    gone: tuple[str, ...]
    """All that earlier builds wrote and the site does not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to get from what the folder holds to the site."""

    folder: Path
    site: Site
    known: _Hashes
    """The folder's manifest before this build."""
    changes: Changes
    searched: bool = True
    """Whether the gate let the site pass."""

    @property
    def gone(self) -> list[str]:
        """What earlier builds wrote, or began to, and the site does not have."""
        return sorted(self.known.keys() - self.site.keys())


def publish(
    site: Site, folder: Path, *, force: bool = False, searched: bool = True
) -> Changes:
    """Make the folder hold the site.

    Args:
        site: All files.
        folder: Made when it does not exist, with its parents.
        force: Write into a folder that we did not make, over files that are not ours.
        searched: Whether the gate let the site pass; the manifest says so.

    Raises:
        PublishError: The folder is refused, and nothing was touched; or the disk
            refused, and the message says what that left.
    """
    if problems := _path_problems(site):
        raise PublishError(
            *(Problem(str(folder / path), why) for path, why in problems)
        )
    made = not folder.exists()
    state = "nothing was changed"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone_in(folder):
            _mend(folder)
            decided = plan(site, folder, force=force, searched=searched)
            try:
                _run(stage(decided))
                state = "some files are new and some old; build again to finish"
                _run(commit(folder))
            finally:
                with suppress(OSError):
                    if not _journal_file(folder).exists():
                        _remove_staging(folder)
    except FileExistsError as error:
        raise PublishError(Problem(str(folder), "is a file, not a folder")) from error
    except OSError as error:
        where = str(error.filename or folder)
        what = f"cannot be written ({reason(error)})"
        raise PublishError(Problem(where, what, state)) from error
    finally:
        if made:
            with suppress(OSError):  # holds the site, unless something went wrong
                folder.rmdir()
    return decided.changes


def stale(site: Site, folder: Path) -> list[Problem]:
    """How the folder differs from the site; reads only.

    Raises:
        PublishError: It is no folder of ours.
    """
    if not folder.is_dir():
        return [Problem(str(folder), "is not there")]
    changes = plan(site, folder).changes
    return [
        *(Problem(path, "is not what its sources give") for path in changes.written),
        *(Problem(path, "is of an earlier build") for path in changes.deleted),
    ]


def gate_of(folder: Path, path: str) -> Literal["on", "off", "unknown"]:
    """Whether the gate has let this file pass as it is; unknown: it was changed."""
    known = _read_manifest(folder, force=False)
    content = _read(folder / path)
    if content is None or known.get(path) != _sha256(content):
        return "unknown"
    return "off" if _GATE_OFF in (_read(folder / MANIFEST) or b"") else "on"


def published(folder: Path, *paths: str) -> dict[str, bytes]:
    """Those of the files that are there as the last build wrote them."""
    known = _read_manifest(folder, force=True) if folder.is_dir() else {}
    found = {path: _read(folder / path) or b"" for path in paths if path in known}
    return {path: c for path, c in found.items() if known[path] == _sha256(c)}


def served(folder: Path) -> dict[str, bytes]:
    """All that a web server or an upload could take from a folder, by path.

    Hidden files too, and what links lead to, wherever that is; but not the manifest,
    the history of Git, or half a build.
    """
    found: dict[str, bytes] = {}
    seen: set[str] = set()
    for where, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(where)
        if real in seen:  # a link that leads back
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted({*folders} - {".git", STAGING})
        for name in sorted(files):
            file = Path(where, name)
            content = _read(file) if file.is_file() else None
            if content is not None:
                found[file.relative_to(folder).as_posix()] = content
    found.pop(MANIFEST, None)
    return found


def mend(folder: Path) -> bool:
    """Finish, or undo, what a killed build began; whether there was anything.

    Raises:
        PublishError: Another build is at work in the folder, or the disk refused.
    """
    if not (folder / STAGING).is_dir():
        return False
    try:
        with _alone_in(folder):
            _mend(folder)
    except OSError as error:
        where = str(error.filename or folder)
        what = f"holds half a build that cannot be finished ({reason(error)})"
        raise PublishError(Problem(where, what)) from error
    return True


def _mend(folder: Path) -> None:
    if (journal := _read_journal(folder)) is not None:
        paths = dict.fromkeys(journal.written, b"")
        problems = list(_folder_problems(folder, paths, list(journal.gone)))
        # Who put a file there since was not asked whether it may be replaced.
        problems += [
            Problem(str(folder / path), "was not written by harness-bench", "move it")
            for number, path in enumerate(journal.written)
            if path in journal.added
            and (folder / path).is_file()
            and (folder / STAGING / str(number)).exists()
        ]
        if problems:
            raise PublishError(*sorted(problems, key=str))
        _run(commit(folder))
    _remove_staging(folder)


def plan(
    site: Site, folder: Path, *, force: bool = False, searched: bool = True
) -> Plan:
    """Compare the site with the folder; reads only.

    Raises:
        PublishError: Somebody's work, or something that is neither file nor folder,
            is where the site should go.
        OSError: The folder cannot be read.
    """
    known = _read_manifest(folder, force=force)
    gone = sorted(known.keys() - site.keys())
    problems = [
        *_folder_problems(folder, site, gone),
        *([] if force else _foreign_problems(folder, site, known)),
    ]
    if problems:
        raise PublishError(*sorted(problems, key=str))

    before = {path: _read(folder / path) for path in sorted({*site, *gone})}
    written = tuple(path for path in sorted(site) if before[path] != site[path])
    deleted = tuple(path for path in gone if before[path] is not None)
    changes = Changes(
        written=written,
        unchanged=tuple(path for path in sorted(site) if before[path] == site[path]),
        deleted=deleted,
        edited=tuple(
            path
            for path in sorted({*written, *deleted})
            if (old := before[path]) is not None
            and known.get(path) not in {None, _sha256(old)}
        ),
    )
    return Plan(
        folder=folder, site=site, known=known, changes=changes, searched=searched
    )


def stage(decided: Plan) -> Iterator[None]:
    """Write everything aside, in steps; the folder's own files stay as they are."""
    staging = decided.folder / STAGING
    _remove_staging(decided.folder)  # left by a build that was killed
    after = {path: _sha256(content) for path, content in decided.site.items()}
    # Should the journal be lost, one manifest still names both sites.
    during = {**decided.known, **after, **dict.fromkeys(decided.changes.written)}
    wanted = _manifest(after, searched=decided.searched)
    if _read(decided.folder / MANIFEST) == wanted and not decided.changes.written:
        return
    staging.mkdir()
    yield
    for number, path in enumerate(decided.changes.written):
        (staging / str(number)).write_bytes(decided.site[path])
        yield
    journal = _Journal(
        obstacles=_in_the_way(decided),
        written=decided.changes.written,
        added=tuple(
            path
            for path in decided.changes.written
            if not (decided.folder / path).is_file()
        ),
        gone=tuple(decided.gone),
    )
    for name, content in (
        ("during", _manifest(during, searched=decided.searched)),
        ("after", wanted),
        ("begun", json.dumps(asdict(journal)).encode()),
    ):
        with (staging / name).open("wb") as file:
            file.write(content)
            file.flush()
            # After a power cut a torn page is rewritten, but a torn manifest
            # would make the folder look like somebody else's.
            os.fsync(file.fileno())
        yield
    (staging / "begun").replace(_journal_file(decided.folder))
    yield


def commit(folder: Path) -> Iterator[None]:
    """Do what the journal says and is not done yet, in steps."""
    staging = folder / STAGING
    journal = _read_journal(folder)
    if journal is None:
        return
    _move(staging / "during", folder / MANIFEST)
    yield
    numbered = list(enumerate(journal.written))
    waiting = [each for each in numbered if (staging / str(each[0])).exists()]
    # Not again: where they were, new files may stand by now.
    if len(waiting) == len(numbered):
        for path in journal.obstacles:
            _delete(folder, path)
            yield
    # Pages last: a page never names a picture or a script that is not there yet.
    for number, path in sorted(waiting, key=lambda each: each[1].endswith(".html")):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (staging / str(number)).replace(folder / path)
        yield
    # Done with these once the last manifest is there: what stands there now is new.
    for path in journal.gone if (staging / "after").exists() else ():
        if path not in journal.obstacles:
            _delete(folder, path)
            yield
    _move(staging / "after", folder / MANIFEST)
    yield
    _journal_file(folder).unlink()
    yield


def _move(source: Path, target: Path) -> None:
    """Rename, unless that was done before the kill."""
    with suppress(FileNotFoundError):
        source.replace(target)


def _journal_file(folder: Path) -> Path:
    return folder / STAGING / JOURNAL


def _read_journal(folder: Path) -> _Journal | None:
    """The journal of a build that has begun to rename; None when there is none."""
    name = _journal_file(folder)
    content = _read(name)
    if content is None:
        return None
    try:
        lists = {key: tuple(paths) for key, paths in json.loads(content).items()}
        journal = _Journal(**lists)
        named = [path for paths in lists.values() for path in paths]
        ours = not any(map(path_problem, named))
    except (ValueError, TypeError, AttributeError):
        ours = False
    if ours:
        return journal
    what = "is not a journal that this version of harness-bench wrote"
    raise PublishError(Problem(str(name), what, f"remove {STAGING} and build again"))


def _path_problems(site: Site) -> list[tuple[str, str]]:
    """Path and problem of each name that a site must not contain."""
    problems = [(path, why) for path in sorted(site) if (why := path_problem(path))]
    if MANIFEST in site:
        problems.append((MANIFEST, "is the name of the manifest"))
    folders = {folder for path in site for folder in folders_of(path)}
    return problems + [
        (path, "is both a file and a folder of the site")
        for path in sorted(folders & site.keys())
    ]


def _read_manifest(folder: Path, *, force: bool) -> _Hashes:
    """What the last build wrote; empty when this folder may have its first build."""
    name = folder / MANIFEST
    try:
        content = json.loads(name.read_bytes())
        files = content["files"]
        ours = (content["generator"], content["format"]) == (_GENERATOR, _FORMAT)
        ours = ours and all(
            path_problem(path) is None
            and path != MANIFEST
            and isinstance(sha256, str | None)
            for path, sha256 in files.items()
        )
    except FileNotFoundError:
        strangers = sorted({each.name for each in folder.iterdir()} - HARMLESS)
        if not strangers or force:
            return {}
        raise PublishError(
            Problem(
                str(folder),
                f"holds files that harness-bench did not write ({_some(strangers)})",
                "choose another folder or use --force",
            )
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        ours = False
    if ours:
        return dict(files)
    if force:
        return {}
    raise PublishError(
        Problem(
            str(name),
            "is not a manifest that this version of harness-bench wrote",
            "choose another folder or use --force",
        )
    )


def _folder_problems(folder: Path, site: Site, gone: list[str]) -> Iterator[Problem]:
    """Links, folders and other things that stand where a plain file should go."""
    folders = {each for path in site for each in folders_of(path)}
    old = {*gone, *(each for path in gone for each in folders_of(path))}
    for path in sorted({MANIFEST, *site, *folders, *old}):
        try:
            mode = (folder / path).lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            continue
        where = folder / path
        if stat.S_ISLNK(mode):
            yield Problem(str(where), "is a symbolic link", "remove it")
        elif stat.S_ISDIR(mode):
            if path in site and (left := _below(where, folder) - old):
                what = f"is a folder that holds {_some(sorted(left))}"
                yield Problem(str(where), f"{what} where a file has to go", "remove it")
        elif not stat.S_ISREG(mode):
            yield Problem(str(where), "is neither a file nor a folder", "remove it")
        elif path in folders - old:
            yield Problem(str(where), "is a file where a folder has to go", "remove it")


def _below(where: Path, folder: Path) -> set[str]:
    """The site paths of all that a folder holds."""
    return {each.relative_to(folder).as_posix() for each in where.rglob("*")}


def _foreign_problems(folder: Path, site: Site, known: _Hashes) -> Iterator[Problem]:
    """Files that somebody else put where the site has another file."""
    for path in site.keys() - known.keys():
        if _read(folder / path) not in {None, site[path]}:
            yield Problem(
                str(folder / path),
                "was not written by harness-bench",
                "move it or use --force",
            )


def _in_the_way(decided: Plan) -> tuple[str, ...]:
    folders = {each for path in decided.site for each in folders_of(path)}
    return tuple(
        path
        for path in decided.gone
        if path in folders or not decided.site.keys().isdisjoint(folders_of(path))
    )


def _read(file: Path) -> bytes | None:
    """The file's bytes; None when there is no such file."""
    try:
        return file.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None


def _delete(folder: Path, path: str) -> None:
    """Delete a file if it is there, and the folders that are empty without it."""
    if not (folder / path).is_dir():  # made by a build that was killed
        with suppress(FileNotFoundError, NotADirectoryError):
            (folder / path).unlink()
    for parent in reversed(folders_of(path)):
        try:
            (folder / parent).rmdir()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
                raise
            return


def _manifest(files: _Hashes, *, searched: bool) -> bytes:
    content: dict[str, object] = {
        "files": files,
        "format": _FORMAT,
        "generator": _GENERATOR,
    }
    if not searched:
        content |= json.loads(b"{%b}" % _GATE_OFF)
    return (json.dumps(content, indent=1, sort_keys=True) + "\n").encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _some(names: list[str]) -> str:
    """A few of the names, for a message."""
    few = ", ".join(names[:3])
    return few if len(names) <= len(names[:3]) else f"{few}, …"


def _run(steps: Iterator[None]) -> None:
    for _ in steps:
        pass


def _remove_staging(folder: Path) -> None:
    with suppress(FileNotFoundError):
        shutil.rmtree(folder / STAGING)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep a second build out of the folder; the kernel lets go if we are killed."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            what = "another build is writing to this folder"
            raise PublishError(Problem(str(folder), what, "wait for it")) from error
        except OSError:
            pass  # some network file systems have no locks
        yield
    finally:
        os.close(handle)
