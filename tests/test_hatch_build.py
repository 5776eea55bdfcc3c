"""What the build of a package fetches and carries."""

import importlib.util
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def build() -> ModuleType:
    """hatch_build.py, which is no part of a package."""
    path = REPOSITORY / "hatch_build.py"
    spec = importlib.util.spec_from_file_location("hatch_build", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clean clone, on a machine without npm or network."""
    (tmp_path / "scripts").mkdir()
    program = Path("scripts", "fetch_plotly.py")
    shutil.copy(REPOSITORY / program, tmp_path / program)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    return tmp_path


def hook(build: ModuleType, root: Path, target: str = "wheel") -> Any:  # noqa: ANN401 - hatchling's
    nothing: Any = None
    return build.CarryData(
        str(root), {}, nothing, nothing, str(root / "dist"), target, nothing
    )


def test_a_build_asks_for_npm_where_the_bundle_is_not_there_yet(
    build: ModuleType, checkout: Path
) -> None:
    assert hook(build, checkout).dependencies() == [build.NPM]


def test_a_build_uses_the_npm_of_the_machine(
    build: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm = checkout / "npm"
    npm.write_text("")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", str(checkout))
    assert hook(build, checkout).dependencies() == []


def test_without_npm_the_package_is_built_without_the_bundle_and_a_line_says_so(
    build: ModuleType, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data: dict[str, Any] = {"force_include": {}}
    hook(build, checkout).initialize("standard", data)
    assert set(data["force_include"].values()) == set(build.CARRIED.values())
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("plotly bundle: npm: not found")


@pytest.mark.parametrize(
    ("target", "version"), [("sdist", "standard"), ("wheel", "editable")]
)
def test_only_a_wheel_for_others_has_folders_moved(
    build: ModuleType, checkout: Path, target: str, version: str
) -> None:
    data: dict[str, Any] = {"force_include": {}}
    hook(build, checkout, target).initialize(version, data)
    assert data["force_include"] == {}
