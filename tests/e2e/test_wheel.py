"""The built wheel, installed outside any checkout, does the main job.

On a machine that has Python and nothing else: no commands at all are on its PATH.
"""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


CELLS = """\
model,harness,task,passed
large,pi,parse_dates,1
large,pi,fix_leak,0
large,aider,parse_dates,1
large,aider,fix_leak,1
"""
"""The four columns that every table needs."""


def run(*command: str | Path, cwd: Path, path: str | None = None) -> str:
    """Runs a command with nothing of this process's Python settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    if path is not None:
        kept["PATH"] = path
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


def bare(program: Path, *words: str | Path, cwd: Path) -> str:
    """Runs the installed command where no sandbox, compiler or Node.js is found."""
    return run(program, *words, cwd=cwd, path=str(cwd / "nothing"))


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("examples/harness-bench-2026", "runner/_example"),
        ("tasks/practice", "runner/_practice"),
        ("templates", "sitegen/_templates"),
    ],
)
def test_the_wheel_carries_a_folder_of_the_checkout(
    wheel: Path, source: str, target: str
) -> None:
    carried = {
        f"{target}/{path.relative_to(REPOSITORY / source).as_posix()}"
        for path in (REPOSITORY / source).rglob("*")
        if path.is_file()
    }
    assert carried
    assert carried <= set(zipfile.ZipFile(wheel).namelist())


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


def test_an_installed_wheel_knows_no_checkout(program: Path, tmp_path: Path) -> None:
    python = program.parent / "python"
    home = run(python, "-c", "import sitegen; print(sitegen.__file__)", cwd=tmp_path)
    assert not Path(home.strip()).is_relative_to(REPOSITORY)


def test_its_demo_makes_a_site(program: Path, tmp_path: Path) -> None:
    assert bare(program, "demo", cwd=tmp_path) == "site\n"
    site = tmp_path / "site"
    assert "Reconstruction" in (site / "index.html").read_text(encoding="utf-8")
    combos = json.loads((site / "data" / "combos.json").read_bytes())
    assert len(combos["rows"]) > 50


def test_it_builds_a_table_of_four_columns(program: Path, tmp_path: Path) -> None:
    (tmp_path / "cells.csv").write_text(CELLS, encoding="utf-8")
    assert bare(program, "build", "cells.csv", cwd=tmp_path) == "site\n"
    board = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    assert "aider" in board


def test_it_writes_settings_to_start_from(program: Path, tmp_path: Path) -> None:
    assert bare(program, "init", cwd=tmp_path) == "run.toml\nsite.toml\n"
