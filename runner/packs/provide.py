"""Makes the toolchains of task packs: what `harness-bench tasks tools` does.

A Python environment is made from its lock file, into the cache. Commands are the
machine's own, from its package manager where it may be asked, or those of a folder that
a person names.
"""

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from harness_bench.errors import Problem, TaskError, near_miss, refused, shown
from runner.machine.made_once import making
from runner.machine.registry_client import (
    no_pip,
    pip_install,
    said_failing,
    telling_line,
)
from runner.pack_file import Toolchain
from runner.sandboxes.interpreter import interpreter
from runner.sandboxes.sandbox import Sandbox
from runner.sandboxes.toolchains import is_unmade, place, target
from runner.sandboxes.tools import missing_tools

_APT: Final = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq")


def provide(
    toolchains: Mapping[str, Toolchain],
    *,
    folders: Mapping[str, Path],
    sandbox: Sandbox,
    tell: Callable[[str], None],
) -> tuple[Problem, ...]:
    """Make each toolchain that is not there.

    Args:
        toolchains: By name.
        folders: Name -> the folder that is to be it; its commands are in `bin`.
        sandbox: Where the commands have to be found.
        tell: Takes a line for each step.

    Returns:
        Why some could not be made.
    """
    problems = []
    for name in folders:
        if name not in toolchains:
            what = f"is no toolchain{near_miss(name, toolchains)}"
            advice = f"there are {', '.join(toolchains) or 'none'}"
            problems.append(Problem(shown(name), what, advice))
    for name, toolchain in toolchains.items():
        try:
            if name in folders:
                _name(toolchain, folders[name])
            elif is_unmade(toolchain):
                note = f", {toolchain.note}" if toolchain.note else ""
                tell(f"{name}: making a Python environment{note}")
                _make(toolchain)
            _have_commands(toolchain, sandbox, tell)
        except TaskError as error:
            problems += error.problems
        except OSError as error:
            problems.append(refused(place(toolchain), "written", error))
        else:
            where = place(toolchain)
            held = where.resolve() if where.is_dir() else "the machine's own"
            tell(f"{name}: {held}")
    return tuple(problems)


def _name(toolchain: Toolchain, folder: Path) -> None:
    """Let a person's folder be the toolchain.

    Raises:
        TaskError: It cannot be one.
    """
    folder = folder.expanduser().resolve()
    if not (folder / "bin").is_dir():
        what, advice = "has no folder bin", "name the folder around the commands' bin"
        raise TaskError(Problem(str(folder), what, advice))
    for held in (Path.home().resolve(), toolchain.pack.resolve()):
        if held.is_relative_to(folder):
            what = f"holds {held}, and agents would see all of it"
            advice = "name a folder with nothing else in it"
            raise TaskError(Problem(str(folder), what, advice))
    where = place(toolchain)
    where.parent.mkdir(parents=True, exist_ok=True)
    if where.is_symlink():
        where.unlink()
    elif where.is_dir():
        shutil.rmtree(where)
    where.symlink_to(folder)


def _make(toolchain: Toolchain) -> None:
    """Make its Python environment.

    It is one that can be moved: what it says of its own place is the one inside.

    Raises:
        TaskError: A package cannot be had.
        OSError: The cache cannot be written.
    """
    if problem := no_pip():
        raise TaskError(problem)
    python, where = interpreter(), place(toolchain)
    version = ".".join(map(str, python.version))
    with making(where, is_made=where.is_dir) as aside:
        if aside is None:
            return
        (aside / "bin").mkdir()
        names = [aside / "bin" / name for name in ("python3", "python")]
        for name in names:
            name.symlink_to(python.source)
        home = Path(python.path).parent
        (aside / "pyvenv.cfg").write_text(f"home = {home}\nversion = {version}\n")
        options = ("--require-hashes", "--no-deps", "--requirement")
        said = said_failing(pip_install(names[0], *options, str(toolchain.lock)))
        if said is not None:
            what = f"cannot be made ({telling_line(said)})"
            raise TaskError(Problem(f"toolchain {toolchain.name}", what))
        for name in names:
            name.unlink()
            name.symlink_to(python.path)
        _point(aside / "bin", f"{target(toolchain)}/bin/python3")


def _point(folder: Path, python: str) -> None:
    """Let scripts begin with the Python that is there inside."""
    for script in folder.iterdir():
        if script.is_symlink() or not script.is_file():
            continue
        first, newline, rest = script.read_bytes().partition(b"\n")
        if first.startswith(b"#!") and b"python" in first:
            script.write_bytes(b"#!" + python.encode() + newline + rest)


def _have_commands(
    toolchain: Toolchain, sandbox: Sandbox, tell: Callable[[str], None]
) -> None:
    """Have its commands in the sandbox.

    Raises:
        TaskError: Some are not there, and may not be installed.
        SandboxError: The sandbox cannot be started.
    """
    missing = asyncio.run(missing_tools(sandbox, (), (toolchain,)))
    if missing and toolchain.debian and os.geteuid() == 0 and shutil.which("apt-get"):
        packages = " ".join(toolchain.debian)
        tell(f"{toolchain.name}: installing Debian packages {packages}")
        install = ("install", "-y", "--no-install-recommends", *toolchain.debian)
        for command in (("update",), install):
            said = said_failing((*_APT, *command))
            if said is not None:
                what = f"cannot be installed ({telling_line(said)})"
                raise TaskError(Problem(packages, what))
        missing = asyncio.run(missing_tools(sandbox, (), (toolchain,)))
    if missing:
        what = f"{', '.join(missing)}: not in the sandbox"
        ways = [f"--folder {toolchain.name}=FOLDER names one that has it"]
        if toolchain.debian:
            ways.insert(0, f"apt install {' '.join(toolchain.debian)}")
        advice = ", or ".join(ways)
        raise TaskError(Problem(f"toolchain {toolchain.name}", what, advice))
