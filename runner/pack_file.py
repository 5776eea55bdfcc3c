"""pack.toml: what the owner of a task pack says about it.

[pack]          who may see the tasks
[tools.NAME]    a toolchain: what tasks need beside the machine's own commands
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from harness_bench.errors import SettingsError, refused, shown
from harness_bench.settings import SettingsReader, read_toml

NAME: Final = "pack.toml"
_TOOLCHAIN = re.compile(r"[a-z0-9][a-z0-9_-]*")
_VERSION = re.compile(r"(\d+(\.\d+)*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """`[tools.NAME]`."""

    python: Path | None = None
    """A lock file: packages with versions and hashes, as pip reads them. The toolchain
    is a Python environment, and `python3` is the one that has them."""
    commands: Mapping[str, str] = field(default_factory=dict)
    """Commands, each with the oldest version that will do; `""`: any."""
    debian: tuple[str, ...] = ()
    """Debian packages that have the commands."""
    note: str = ""
    """What to know before it is made: how much it takes, and how long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolchain:
    """What tasks of a pack need beside the machine's own commands."""

    name: str
    pack: Path
    """The folder of the pack."""
    lock: Path | None = None
    """What its Python environment is made from; None: it is none."""
    commands: tuple[tuple[str, str], ...] = ()
    """Commands, each with the oldest version that will do; `""`: any."""
    debian: tuple[str, ...] = ()
    note: str = ""
    digest: str = ""
    """Twelve hexadecimal digits of the hash of its lock file and its versions: part of
    the version of each task that needs it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """`[pack]`."""

    allow_hosted: bool = False
    """Whether its tasks may be sent to vendors of hosted models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackFile:
    """All of it."""

    pack: Pack = Pack()
    toolchains: Mapping[str, Toolchain] = field(default_factory=dict)


def read_pack(folder: Path) -> PackFile:
    """What the owner of a task pack says about it; without a file, the defaults.

    Raises:
        SettingsError: The file holds what no setting allows, or a lock file cannot be
            read.
    """
    path = folder / NAME
    if not path.exists():
        return PackFile()
    reader = SettingsReader(path)
    document = read_toml(path)
    reader.known(document, ["pack", "tools"])
    pack = reader.section(Pack, "pack", document.get("pack", {}))
    tables = document.get("tools", {})
    if not isinstance(tables, dict):
        reader.problem("[tools]", f"is {shown(tables)}, expected tables [tools.NAME]")
        tables = {}
    toolchains = {
        name: found
        for name, table in tables.items()
        if (found := _toolchain(reader, folder, name, table)) is not None
    }
    if pack is None or reader.problems:
        raise SettingsError(*reader.problems)
    return PackFile(pack=pack, toolchains=MappingProxyType(toolchains))


def _toolchain(
    reader: SettingsReader, folder: Path, name: str, table: object
) -> Toolchain | None:
    where = f"[tools.{name}]"
    wanted = reader.section(_Wanted, f"tools.{name}", table)
    if not _TOOLCHAIN.fullmatch(name):
        advice = "use small letters, digits, '-' and '_'"
        reader.problem(where, "cannot be the name of a toolchain", advice)
    if wanted is None:
        return None
    if not wanted.python and not wanted.commands:
        reader.problem(where, "needs python (a lock file) or commands")
    for command, version in wanted.commands.items():
        if not _VERSION.fullmatch(version):
            what = f"is {shown(version)}, expected a version such as 1.63"
            reader.problem(f"{where} commands.{command}", what)
    lock = b""
    if wanted.python is not None:
        try:
            lock = wanted.python.read_bytes()
        except OSError as error:
            told = refused(wanted.python.name, "read", error)
            reader.problem(f"{where} python", str(told))
    commands = tuple(sorted(wanted.commands.items()))
    versions = repr(commands).encode()
    return Toolchain(
        name=name,
        pack=folder,
        lock=wanted.python,
        commands=commands,
        debian=wanted.debian,
        note=wanted.note,
        digest=hashlib.sha256(versions + b"\0" + lock).hexdigest()[:12],
    )
