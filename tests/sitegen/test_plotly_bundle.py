"""The plotly.js that a site serves: which one, of what version, fetched how."""

import hashlib
import importlib.util
import json
import stat
import subprocess
import sys
import tarfile
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import pytest

from sitegen.plotly_bundle import VENDOR, bundle

REPOSITORY = Path(__file__).parents[2]
FULL = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
"""The bundle that comes with the plotly package."""


@pytest.fixture(scope="module")
def fetch_plotly() -> ModuleType:
    """The script, as a module."""
    path = REPOSITORY / "scripts" / "fetch_plotly.py"
    spec = importlib.util.spec_from_file_location("fetch_plotly", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fake_npm(folder: Path, package: dict[str, bytes]) -> str:
    """A program that leaves a package with these files where it is called."""
    content = folder / "content"
    for name, data in package.items():
        (content / name).parent.mkdir(parents=True, exist_ok=True)
        (content / name).write_bytes(data)
    with tarfile.open(folder / "made.tgz", "w:gz") as archive:
        archive.add(content / "package", "package")
    npm = folder / "npm"
    npm.write_text(f"#!/bin/sh\ncp '{folder}/made.tgz' fetched.tgz\n")
    npm.chmod(npm.stat().st_mode | stat.S_IXUSR)
    return str(npm)


def test_without_a_fetched_bundle_the_full_one_is_served(tmp_path: Path) -> None:
    full = bundle(vendor=tmp_path)
    assert full.content == FULL
    assert b"heatmap" in full.content
    assert "MIT License" in full.licence
    assert full.version.split(".")[0].isdigit()


def test_a_fetched_bundle_is_preferred_and_says_its_version(tmp_path: Path) -> None:
    script = b"/**\n* plotly.js (cartesian - minified) v4.1.1\n*/\n"
    (tmp_path / "plotly-cartesian.min.js").write_bytes(script)
    (tmp_path / "plotly-cartesian.LICENSE").write_text("MIT License")
    fetched = bundle(vendor=tmp_path)
    assert fetched.content == script
    assert fetched.version == "4.1.1"


def test_a_bundle_without_its_licence_is_not_served(tmp_path: Path) -> None:
    (tmp_path / "plotly-cartesian.min.js").write_bytes(b"plotly.js v4.1.1")
    assert bundle(vendor=tmp_path).content == FULL


def test_what_is_served_here_is_what_was_pinned(fetch_plotly: ModuleType) -> None:
    if not fetch_plotly.is_fetched(VENDOR):
        assert bundle().content == FULL
        return
    served = bundle()
    _, digest = fetch_plotly.PINNED["package/plotly-cartesian.min.js"]
    assert served.version == fetch_plotly.VERSION
    assert hashlib.sha256(served.content).hexdigest() == digest


def test_finding_the_full_bundle_does_not_import_plotly(tmp_path: Path) -> None:
    code = (
        "import json, pathlib, sys; from sitegen.plotly_bundle import bundle; "
        f"bundle(vendor=pathlib.Path({str(tmp_path)!r})); "
        "print(json.dumps(sorted(m for m in sys.modules if 'plotly' in m)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, cwd=REPOSITORY
    )
    assert json.loads(done.stdout) == ["sitegen.plotly_bundle"]


def test_a_package_with_another_hash_is_refused_and_nothing_is_kept(
    tmp_path: Path, fetch_plotly: ModuleType
) -> None:
    npm = fake_npm(tmp_path, dict.fromkeys(fetch_plotly.PINNED, b"something else"))
    with pytest.raises(fetch_plotly.FetchError, match=r"has sha256 \w+, expected"):
        fetch_plotly.fetch(tmp_path / "vendor", npm)
    assert not (tmp_path / "vendor").exists()


def test_a_package_without_the_bundle_is_refused(
    tmp_path: Path, fetch_plotly: ModuleType
) -> None:
    npm = fake_npm(tmp_path, {"package/README.md": b""})
    with pytest.raises(fetch_plotly.FetchError, match=r"plotly-cartesian\.min\.js"):
        fetch_plotly.fetch(tmp_path / "vendor", npm)


def test_an_npm_that_fails_is_one_line_with_its_first_words(
    tmp_path: Path, fetch_plotly: ModuleType
) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho no network >&2\necho more >&2\nexit 7\n")
    npm.chmod(0o755)
    with pytest.raises(fetch_plotly.FetchError) as caught:
        fetch_plotly.fetch(tmp_path / "vendor", str(npm))
    assert str(caught.value) == f"{npm}: ended with 7, saying: no network"


def test_a_changed_bundle_does_not_count_as_fetched(
    tmp_path: Path, fetch_plotly: ModuleType
) -> None:
    for name, _ in fetch_plotly.PINNED.values():
        (tmp_path / name).write_bytes(b"changed")
    assert not fetch_plotly.is_fetched(tmp_path)
