"""Configuration that an agent may have planted for whoever judges its work.

A file named `conftest.py` or `sitecustomize.py` runs in programs that never asked for
it. Before grading, such files are as the task's starter has them: what the agent
changed is put back, what it added is removed. Links out of the workspace go too.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

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

    Args:
        workspace: A copy that may be changed.
        starter: The task's starter.
        owns: Paths that are left as they are.

    Returns:
        What was done, a line each.
    """
    leaving = [path for path in _links(workspace) if not _stays(path, workspace)]
    for path in leaving:
        path.unlink()
    done = [
        f"{path.relative_to(workspace)}: leads outside, removed" for path in leaving
    ]
    for path in list(_configuration(workspace)):
        name = path.relative_to(workspace).as_posix()
        if name in owns or _same(path, starter / name):
            continue
        _remove(path)
        done.append(f"{name}: is configuration that the task does not own, removed")
    for path in _configuration(starter):
        target = workspace / path.relative_to(starter)
        if not os.path.lexists(target) and _parent_is_there(target, workspace):
            shutil.copy2(path, target, follow_symlinks=False)
            done.append(f"{path.relative_to(starter)}: put back as the starter has it")
    return tuple(done)


def _walk(folder: Path) -> Iterator[Path]:
    """Everything below a folder; links are not followed."""
    for inner, folders, files in os.walk(folder):
        for name in (*folders, *files):
            yield Path(inner, name)


def _links(folder: Path) -> Iterator[Path]:
    return (path for path in _walk(folder) if path.is_symlink())


def _configuration(folder: Path) -> Iterator[Path]:
    for path in _walk(folder):
        whole = f"/{path.relative_to(folder).as_posix()}"
        if any(fnmatchcase(path.name, name) for name in CONFIGURATION) or any(
            fnmatchcase(whole, f"*/{end}") for end in CONFIGURATION_PATHS
        ):
            yield path


def _stays(link: Path, workspace: Path) -> bool:
    """Whether a link leads to a place in the workspace, as the candidate sees it."""
    target = str(link.readlink())
    if target == WORKSPACE or target.startswith(f"{WORKSPACE}/"):
        # Joined as it is: `..` behind a link is not where the text says.
        link = workspace / target.removeprefix(WORKSPACE).lstrip("/")
    found = Path(os.path.realpath(link))
    return found.is_relative_to(os.path.realpath(workspace))


def _same(path: Path, other: Path) -> bool:
    """Whether both are files with the same content."""
    if path.is_symlink() or other.is_symlink():
        return False
    if not (path.is_file() and other.is_file()):
        return False
    return path.read_bytes() == other.read_bytes()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _parent_is_there(target: Path, workspace: Path) -> bool:
    """Whether the folder exists and is no link: nothing is written through one."""
    parent = target.parent
    return parent.is_dir() and parent.resolve() == workspace.resolve().joinpath(
        parent.relative_to(workspace)
    )
