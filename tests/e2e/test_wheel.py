"""The built wheel, installed outside any checkout, does the main job."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
EXAMPLE = REPOSITORY / "examples" / "harness-bench-2026" / "cells.csv"

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def run(*command: str | Path, cwd: Path) -> str:
    """Runs a command with nothing of this process's Python settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        command, cwd=cwd, env=kept, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built the way a release is: from the sdist."""
    folder = tmp_path_factory.mktemp("wheel")
    hatchling = Path(sysconfig.get_path("scripts")) / "hatchling"
    run(hatchling, "build", "-t", "sdist", "-d", folder, cwd=REPOSITORY)
    [sdist] = folder.glob("*.tar.gz")
    run(
        *(sys.executable, "-m", "pip", "wheel", "--quiet"),
        *("--no-build-isolation", "--no-deps", "--wheel-dir", folder, sdist),
        cwd=folder,
    )
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, in an environment that sees the locked packages and the wheel.

    Packages are linked one by one: putting this environment's whole folder on
    the path would bring in the editable install, and with it the checkout.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    [site_packages] = folder.glob("lib/python*/site-packages")
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "harness_bench" not in entry.name:
            (site_packages / entry.name).symlink_to(entry)
    python = folder / "bin" / "python"
    run(
        *(python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel),
        cwd=folder,
    )
    return folder / "bin" / "harness-bench"


def test_the_wheel_carries_templates_and_practice_tasks(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    templates = [
        path.relative_to(REPOSITORY / "templates").as_posix()
        for path in (REPOSITORY / "templates").rglob("*")
        if path.is_file()
    ]
    assert {f"sitegen/_templates/{name}" for name in templates} <= names
    assert "runner/_practice/README.md" in names


def test_the_wheel_carries_nothing_of_tests_or_private_tasks(wheel: Path) -> None:
    roots = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {name for name in roots if not name.endswith(".dist-info")} == {
        "harness_bench",
        "runner",
        "sitegen",
    }


def test_the_fetched_bundle_travels_in_the_wheel(wheel: Path) -> None:
    vendor = REPOSITORY / "sitegen" / "vendor"
    fetched = {f"sitegen/vendor/{path.name}" for path in vendor.glob("plotly*")}
    assert fetched <= set(zipfile.ZipFile(wheel).namelist())


def test_an_installed_wheel_builds_the_example_outside_the_checkout(
    program: Path, tmp_path: Path
) -> None:
    run(program, "build", EXAMPLE, "--out", tmp_path / "site", cwd=tmp_path)
    python = program.parent / "python"
    home = run(python, "-c", "import sitegen; print(sitegen.__file__)", cwd=tmp_path)
    assert not Path(home.strip()).is_relative_to(REPOSITORY)
    assert "<html" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert (tmp_path / "site" / "data" / "combos.json").stat().st_size > 0
