"""What a test needs from the machine: there, skipped with a reason, or failed.

On a laptop a missing tool is a skip. Where nothing may be skipped (in CI, or
with HARNESS_BENCH_REQUIRE=all) it is a failure.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pytest

from harness_bench.cache import cache_folder


def everything_is_required(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a missing tool is a failure and a skip is not accepted."""
    return environment.get("HARNESS_BENCH_REQUIRE") == "all" or environment.get(
        "CI", ""
    ).lower() in {"1", "true"}


def needs(tool: str, environment: Mapping[str, str] = os.environ) -> str:
    """The path of a tool; without it, the test ends here.

    Args:
        tool: "chromium", "jekyll" (with what its test site uses), "vnu" (the jar of
            an HTML checker), or the name of any other command.
        environment: Says whether a missing tool may be a skip.
    """
    path = _found(tool)
    if path is not None:
        return path
    reason = f"{tool}: not found on this machine; {_remedy(tool)}"
    if everything_is_required(environment):
        pytest.fail(reason)
    pytest.skip(reason)


def _remedy(tool: str) -> str:
    if tool in _FINDERS:
        return "`make test` installs it"
    return "install a command of this name"


@cache
def _found(tool: str) -> str | None:
    return _FINDERS[tool]() if tool in _FINDERS else shutil.which(tool)


def _chromium() -> str | None:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    # Where no package of the system fits, `make test` lets playwright bring one.
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - slow to import

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _jekyll() -> str | None:
    jekyll, ruby = shutil.which("jekyll"), shutil.which("ruby")
    if jekyll is None or ruby is None:
        return None
    gems = ("minima", "jekyll-feed", "jekyll-seo-tag", "jekyll-sitemap", "webrick")
    code = "; ".join(f"gem '{name}'" for name in gems)
    result = subprocess.run([ruby, "-e", code], capture_output=True, check=False)
    return jekyll if result.returncode == 0 else None


def _vnu() -> str | None:
    jar = cache_folder() / "vnu" / "node_modules" / "vnu-jar" / "build/dist/vnu.jar"
    return str(jar) if jar.exists() else None


_FINDERS: Final[Mapping[str, Callable[[], str | None]]] = MappingProxyType(
    {"chromium": _chromium, "jekyll": _jekyll, "vnu": _vnu}
)
"""Tools for which being on PATH is not the whole question."""
