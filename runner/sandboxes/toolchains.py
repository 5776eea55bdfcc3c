"""Toolchains of task packs: where they are kept, and how a sandbox shows them.

    <cache>/harness-bench/tools/<name>-<digest>[-<python>]    a folder, or a link to the
                                                              folder that somebody named

A sandbox sees each as `/opt/tools/<name>`, read-only, and its `bin` is before all other
folders of commands: for the agent as for the tests.
"""

import platform
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from harness_bench.cache import cache_folder
from runner.pack_file import Toolchain
from runner.sandboxes.bubblewrap_options import ENVIRONMENT
from runner.sandboxes.interpreter import interpreter
from runner.sandboxes.sandbox import Mount

TARGET: Final = "/opt/tools"


def target(toolchain: Toolchain) -> str:
    """Where a sandbox sees it."""
    return f"{TARGET}/{toolchain.name}"


def place(toolchain: Toolchain) -> Path:
    """Where it is once it has been made, or its folder has been named."""
    parts = [toolchain.name, toolchain.digest]
    if toolchain.lock is not None:
        python = ".".join(map(str, interpreter().version))
        parts.append(f"python{python}-{platform.machine()}")
    return cache_folder() / "tools" / "-".join(parts)


def is_unmade(toolchain: Toolchain) -> bool:
    """Whether it has to be made first; commands may be the machine's own."""
    return toolchain.lock is not None and not place(toolchain).is_dir()


def tool_mounts(toolchains: Iterable[Toolchain]) -> tuple[Mount, ...]:
    """What a sandbox has to show of them."""
    made = ((each, place(each)) for each in toolchains)
    return tuple(
        Mount(source=where.resolve(), target=target(each))
        for each, where in made
        if where.is_dir()
    )


def tool_path(toolchains: Iterable[Toolchain]) -> Mapping[str, str]:
    """The environment in which their commands come first."""
    folders = [f"{mount.target}/bin" for mount in tool_mounts(toolchains)]
    if not folders:
        return {}
    return {"PATH": ":".join([*folders, ENVIRONMENT["PATH"]])}
