"""Whether a build would change nothing: answered before anything else is imported.

After each build a record in the cache holds one hash of all that decides the site, and
of the site's files as they are. While that is the same, so would the site be. Sources
are read; of code, templates, private folders and the site, the file system tells when
they were changed, which nobody can set.
"""

import os
import sys
import time
from hashlib import blake2b, sha256

from harness_bench.cache import cache_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    Fact = tuple[tuple[object, ...], int]

_TICK_NS = 20_000_000
"""Two changes of a file so close together may bear the same time."""
_MANIFEST, _STAGING = "sitegen.json", ".sitegen-staging"
"""Of a site, and what is there while one is written."""
_BETWEEN, _AFTER = "\0", "\0\0"
"""Two entries of a part of the record, and two of its parts: no path holds them."""
_SITE = 3
"""The part that is the folder of the site and the files in it."""
_OF_THE_WINDOW = frozenset(
    {"_", "COLUMNS", "LINES", "OLDPWD", "PWD", "SHLVL", "SSH_CLIENT", "SSH_CONNECTION"}
    | {"SSH_TTY", "STY", "TERM_SESSION_ID", "TMUX", "TMUX_PANE", "WINDOWID"}
)
"""Variables that differ from terminal to terminal, and that nothing of ours reads."""


def answered() -> bool:
    """Say what the build that was asked for would, if it would change nothing."""
    try:
        path = _record_path()
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            parts = [part.split(_BETWEEN) for part in file.read().split(_AFTER)]
        (known, salt), said, *watched = parts
        if _hash(watched, salt)[0] != known:
            return False
        sys.stderr.write("".join(f"{line}\n" for line in said))
        sys.stdout.write(f"{watched[_SITE][0]}\n")
    except (OSError, ValueError):
        return False
    return True


def remember(
    *,
    began_ns: int,
    contents: "Iterable[Path]",
    states: "Iterable[Path]",
    trees: "Iterable[Path]",
    out: "Path",
    said: "Sequence[str]",
) -> None:
    """Let the same command be answered the next time.

    Nothing is remembered if anything changed while this one was at work.

    Args:
        began_ns: When this program began to read, in nanoseconds of the epoch.
        contents: Files that were read, or would be if they were there.
        states: Files and folders that decide the site besides.
        trees: Folders that do, with all that is in them.
        out: The folder of the site.
        said: The lines of a build that changes nothing.
    """
    time.sleep(_TICK_NS / 1e9)
    code = [*_code()]
    before = [{*map(str, contents)}, {*map(str, states), *code}, {*map(str, trees)}]
    try:
        files = _files_of(out)
        watched = [*map(sorted, before), [str(out), *files]]
        salt = os.urandom(16).hex()
        found, latest_ns = _hash(watched, salt)
        parts = [[found, salt], said, *watched]
        plain = not any(_BETWEEN in each for part in parts for each in part)
        if not plain or latest_ns >= began_ns - _TICK_NS or not _are_whole(out, files):
            parts = []
        _write(_AFTER.join(map(_BETWEEN.join, parts)))
    except OSError:
        return  # then the next build is a whole one


def _write(record: str) -> None:
    path = _record_path()
    new = f"{path}.{os.getpid()}.new"
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(record)
    os.replace(new, path)


def _record_path() -> str:
    asked = repr((os.getcwd(), sys.argv[1:])).encode("utf-8", "replace")
    name = f"{blake2b(asked, digest_size=16).hexdigest()}.json"
    return os.path.join(cache_path(), "builds", name)


def _code() -> "Iterator[str]":
    """The files of all modules, and the folders in which others would be found."""
    yield from filter(os.path.isdir, sys.path)
    for module in [*sys.modules.values()]:
        if file := getattr(module, "__file__", None):
            yield file


def _hash(watched: "Sequence[Sequence[str]]", salt: str) -> tuple[str, int]:
    """A hash of all that decides the site, and when the last of it was changed."""
    contents, states, trees, (out, *files) = watched
    before = [_content(path) for path in contents]
    before += [_state(path) for path in states]
    before += [_tree(path) for path in trees]
    facts = [fact for found in before for fact in found]
    whole = _around(), facts, [fact for fact, _ in _site(out, files)]
    text = f"{salt}{whole}".encode("utf-8", "replace")
    latest_ns = max((changed_ns for _, changed_ns in facts), default=0)
    return blake2b(text, digest_size=32).hexdigest(), latest_ns


def _around() -> tuple[object, ...]:
    """The command, the interpreter, and what the gate takes from the machine."""
    variables = sorted(
        each for each in os.environ.items() if each[0] not in _OF_THE_WINDOW
    )
    who = os.uname().nodename, os.getuid(), os.getcwd()
    return sys.argv[1:], sys.version, sys.flags, sys.path, who, variables


def _content(path: str) -> "Iterator[Fact]":
    try:
        with open(path, "rb") as file:
            now = os.fstat(file.fileno())
            yield (path, sha256(file.read()).digest(), now.st_mtime_ns), now.st_ctime_ns
    except OSError as error:
        yield (path, error.errno), 0


def _state(path: str) -> "Iterator[Fact]":
    """A file or folder, and what it leads to if it is a link."""
    for look in os.lstat, os.stat:
        try:
            now = look(path)
        except OSError as error:
            yield (path, error.errno), 0
            return
        times = now.st_mtime_ns, now.st_ctime_ns
        yield (path, now.st_mode, now.st_ino, now.st_size, times), now.st_ctime_ns
        if not os.path.islink(path):
            return


def _tree(path: str) -> "Iterator[Fact]":
    yield from _state(path)
    try:
        inside = sorted(os.scandir(path), key=lambda entry: entry.name)
    except OSError as error:
        yield (path, error.errno), 0
        return
    for entry in inside:
        is_folder = entry.is_dir(follow_symlinks=False)
        yield from (_tree if is_folder else _state)(entry.path)


def _site(folder: str, files: "Sequence[str]") -> "Iterator[Fact]":
    """The files that are ours; others may lie beside them."""
    yield (os.path.lexists(os.path.join(folder, _STAGING)),), 0
    folders = {folder}
    for name in (_MANIFEST, *files):
        path = os.path.join(folder, name)
        yield from _state(path)
        folders.add(os.path.dirname(path))
    for each in sorted(folders):
        now = os.lstat(each)
        yield (each, now.st_mode, now.st_ino), 0


def _files_of(folder: "Path") -> dict[str, str]:
    """The files of a site, and the SHA-256 of each."""
    import json  # noqa: PLC0415 - half of the time of an answer, which reads none

    found: dict[str, str] = json.loads((folder / _MANIFEST).read_bytes())["files"]
    return found


def _are_whole(folder: "Path", files: "Mapping[str, str]") -> bool:
    """Whether all files of the site are as they were written."""
    return all(
        sha256((folder / name).read_bytes()).hexdigest() == expected
        for name, expected in files.items()
    )
