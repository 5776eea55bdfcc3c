"""Configuration that an agent may have planted for whoever judges its work.

A file named `conftest.py` or `sitecustomize.py` runs in programs that never asked for
it. Before grading, such files are as the task's starter has them: what the agent
changed is put back, what it added is removed. Links out of the workspace go too.
"""

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from runner.workspace.tree import Tree, empty

CONFIGURATION: Final = (
    # Python and its test runners
    *("conftest.py", "sitecustomize.py", "usercustomize.py", "*.pth", "pyvenv.cfg"),
    *("pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "tox.ini"),
    *("setup.cfg", "pyproject.toml", ".coveragerc", "noxfile.py"),
    # make, debuggers
    *("Makefile", "makefile", "GNUmakefile", ".gdbinit", ".lldbinit"),
    # JavaScript
    *(".npmrc", ".mocharc.*", "jest.config.*", "vitest.config.*"),
    # shells
    *(".bashrc", ".bash_profile", ".profile", ".inputrc"),
)
"""Names of files, anywhere in the workspace."""
CONFIGURATION_PATHS: Final = (".git/hooks/*", ".git/config", ".cargo/config*")
"""Ends of paths."""
WORKSPACE: Final = "/workspace"
"""Where agent and candidate see it."""


def put_back(workspace: Path, *, starter: Path, owns: Sequence[str]) -> tuple[str, ...]:
    """Undo what was planted in a workspace.

    Returns:
        What was done, a line each.
    """
    done = []
    with Tree(workspace) as tree, Tree(starter) as first:
        links = {
            found.name: tree.target(found.name)
            for found in tree.walk()
            if stat.S_ISLNK(found.status.st_mode)
        }
        for name in sorted(links):
            if not stays(name, links):
                _remove(tree, name)
                done.append(f"{name}: leads outside, removed")
        for name in list(_configuration(tree)):
            content = _content(tree, name)
            is_same = content is not None and content == _content(first, name)
            if name in owns or is_same:
                continue
            _remove(tree, name)
            done.append(f"{name}: is configuration that the task does not own, removed")
        done += [
            f"{name}: put back as the starter has it"
            for name in _configuration(first)
            # Nothing is put back through a link.
            if not any(name.startswith(f"{link}/") for link in links)
            and _put(tree, first, name)
        ]
    return tuple(done)


def stays(name: str, links: Mapping[str, str]) -> bool:
    """Whether a link leads to a place in the workspace, as the candidate sees it.

    Read as text, with nothing of this machine looked at: outside the workspace, only
    the way back into it is known.
    """
    home = WORKSPACE.removeprefix("/")
    here = [home, *name.split("/")[:-1]]
    left = links[name].split("/")[::-1]
    if left[-1] == "":
        here = []
    followed = read = 0
    while left:
        part = left.pop()
        read += 1
        if read > _MOST_PARTS:  # nobody reads it all
            return False
        if part in {"", "."}:
            continue
        if part == "..":
            here = here[:-1]
            continue
        here.append(part)
        if here[0] != home:
            return False
        target = links.get("/".join(here[1:]))
        if target is None:
            continue
        followed += 1
        if followed > _MOST_LINKS:  # round and round, and nowhere else
            return True
        here = [] if target.startswith("/") else here[:-1]
        left += target.split("/")[::-1]
    return bool(here)


def is_configuration(name: str) -> bool:
    """Whether programs obey a file with this relative path without being asked to."""
    last = name.rpartition("/")[2]
    return any(fnmatchcase(last, each) for each in CONFIGURATION) or any(
        fnmatchcase(f"/{name}", f"*/{end}") for end in CONFIGURATION_PATHS
    )


def _configuration(tree: Tree) -> Iterator[str]:
    return (found.name for found in tree.walk() if is_configuration(found.name))


def _content(tree: Tree, name: str) -> bytes | None:
    """A file's content; None: there is no file of this name."""
    with suppress(OSError), os.fdopen(tree.open(name), "rb") as file:
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return file.read()
    return None


def _remove(tree: Tree, name: str) -> None:
    """Remove it, if it is still there."""
    with suppress(FileNotFoundError):
        folder, last = tree.place(name)
        if stat.S_ISDIR(os.stat(last, dir_fd=folder, follow_symlinks=False).st_mode):
            empty(tree.folder(name))
            folder, last = tree.place(name)
            os.rmdir(last, dir_fd=folder)
        else:
            os.unlink(last, dir_fd=folder)


def _put(tree: Tree, starter: Tree, name: str) -> bool:
    """Put back what the starter has; False: it is there, or its folder is not."""
    content = _content(starter, name)
    new = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        if content is None:
            folder, last = tree.place(name)
            os.symlink(starter.target(name), last, dir_fd=folder)
            return True
        folder, last = starter.place(name)
        found = os.stat(last, dir_fd=folder)
        with os.fdopen(tree.open(name, new), "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), stat.S_IMODE(found.st_mode))
            os.utime(file.fileno(), ns=(found.st_mtime_ns, found.st_mtime_ns))
    except OSError:
        return False
    return True


_MOST_LINKS: Final = 40
"""That are followed one after the other, as Linux has it."""
_MOST_PARTS: Final = 1000
"""Of a link's way; the longest path without one has about twice as many."""
