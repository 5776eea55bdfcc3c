"""Fetches the browser bundle of plotly.js that the site serves.

The cartesian bundle is a third of the full one and the smallest official one
that draws every chart of ours. It comes through npm, so that whatever registry
is set up for npm is used; it is checked by hash and never committed.

Does nothing when the bundle is there. Ends with 1 and one line when it cannot be
had: sitegen then uses the full bundle inside the plotly package.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

PACKAGE = "plotly.js-cartesian-dist-min"
VERSION = "4.1.1"
SECONDS = 180
"""How long npm may take."""

VENDOR = Path(__file__).parent.parent / "sitegen" / "vendor"
PINNED: Mapping[str, tuple[str, str]] = {
    "package/plotly-cartesian.min.js": (
        "plotly-cartesian.min.js",
        "79542150855a52c567260e3137095dbe2b744e6d702a5cabe67da246942fba7a",
    ),
    "package/LICENSE": (
        "plotly-cartesian.LICENSE",
        "8c45d9eaf50c2f72dd9c7ab9ef440788ba58a3538484b5c51c1f17d5128752e7",
    ),
}
"""Member of the package -> file name here and its SHA-256."""


class FetchError(Exception):
    """The bundle cannot be had; the message says why, in one line."""


def is_fetched(folder: Path) -> bool:
    """Whether every pinned file is there with its hash."""
    return all(
        (folder / name).is_file() and sha256((folder / name).read_bytes()) == digest
        for name, digest in PINNED.values()
    )


def fetch(folder: Path, npm: str) -> None:
    """Puts the pinned files into a folder.

    Raises:
        FetchError: npm failed, or what it brought is not what was pinned.
    """
    with tempfile.TemporaryDirectory() as scratch:
        package = packed(Path(scratch), npm)
        contents = {
            name: member(package, path, digest)
            for path, (name, digest) in PINNED.items()
        }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        aside = folder / f"{name}.part"
        aside.write_bytes(content)
        aside.replace(folder / name)


def packed(scratch: Path, npm: str) -> Path:
    """The package as npm downloads it."""
    command = [npm, "pack", f"{PACKAGE}@{VERSION}", "--loglevel=error"]
    # By itself it tries for more than a minute where there is no network.
    command += ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
    # npm is a script that looks for `node`: the one beside it, if there is one.
    path = os.pathsep.join([str(Path(npm).parent), os.environ.get("PATH", "")])
    try:
        result = subprocess.run(
            command,
            cwd=scratch,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"{npm}: {error}"
        raise FetchError(message) from error
    packages = list(scratch.glob("*.tgz"))
    if result.returncode != 0 or len(packages) != 1:
        said = (result.stderr or result.stdout).strip().splitlines() or ["nothing"]
        message = f"{npm}: ended with {result.returncode}, saying: {said[0]}"
        raise FetchError(message)
    return packages[0]


def member(package: Path, path: str, digest: str) -> bytes:
    """One file of the package, checked."""
    try:
        with tarfile.open(package) as archive:
            stream = archive.extractfile(path)
            content = b"" if stream is None else stream.read()
    except (KeyError, tarfile.TarError) as error:
        message = f"{PACKAGE}@{VERSION}: {error}"
        raise FetchError(message) from error
    if sha256(content) != digest:
        message = (
            f"{PACKAGE}@{VERSION}: {path} has sha256 {sha256(content)}, "
            f"expected {digest}"
        )
        raise FetchError(message)
    return content


def sha256(content: bytes) -> str:
    """The hash in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def npm_path() -> str:
    """The machine's npm, else the one installed beside this Python.

    Raises:
        FetchError: There is neither.
    """
    beside = Path(sys.executable).parent
    path = shutil.which("npm") or shutil.which("npm", path=str(beside))
    if path is None:
        message = "npm: not found, expected on PATH or in the environment"
        raise FetchError(message)
    return path


def main() -> int:
    """Fetches if needed; the exit code says whether the bundle is there."""
    if is_fetched(VENDOR):
        return 0
    try:
        fetch(VENDOR, npm_path())
    except FetchError as error:
        print(
            f"plotly bundle: {error}; "
            "the site gets the larger one of the plotly package instead",
            file=sys.stderr,
        )
        return 1
    print(f"plotly bundle: {PACKAGE} {VERSION} is in sitegen/vendor")
    return 0


if __name__ == "__main__":
    sys.exit(main())
