"""Plugins by name: real distributions in a folder on the path."""

import shutil
import sys
from pathlib import Path

import pytest

from harness_bench.errors import PluginError
from harness_bench.registry import load, names

KIND = "test_plugins"


def _distribution(folder: Path, name: str, points: str, code: str = "") -> None:
    """Installs a distribution with one module, as pip would leave it."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[harness_bench.{KIND}]\n{points}\n")
    (folder / f"{name}_module.py").write_text(code)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_a_plugin_is_loaded_by_its_name(folder: Path) -> None:
    _distribution(folder, "ours", "one = ours_module:thing", "thing = 42")

    assert load(KIND, "one") == 42


def test_what_is_installed_and_removed_meanwhile_is_noticed(folder: Path) -> None:
    _distribution(folder, "first", "a = first_module:x")
    assert names(KIND) == ("a",)
    _distribution(folder, "second", "b = second_module:x")
    assert names(KIND) == ("a", "b")
    shutil.rmtree(folder / "first-1.0.dist-info")
    assert names(KIND) == ("b",)


def test_listing_names_imports_nothing(folder: Path) -> None:
    _distribution(
        folder, "loud", "b = loud_module:x\na = loud_module:y", "raise SystemError"
    )

    assert names(KIND) == ("a", "b")
    assert "loud_module" not in sys.modules


def test_an_unknown_name_lists_the_known_ones(folder: Path) -> None:
    _distribution(folder, "known", "scatter = known_module:x\nslope = known_module:y")

    with pytest.raises(PluginError) as caught:
        load(KIND, "scater")

    assert str(caught.value) == (
        "test_plugins: 'scater' is not installed (did you mean 'scatter'?);"
        " choose one of scatter, slope"
    )


def test_a_kind_without_plugins_says_so() -> None:
    with pytest.raises(PluginError, match="none is installed"):
        load("no_such_kind", "x")


def test_a_name_claimed_twice_names_both_distributions(folder: Path) -> None:
    _distribution(folder, "first", "one = first_module:x", "x = 1")
    _distribution(folder, "second", "one = second_module:x", "x = 2")

    with pytest.raises(PluginError) as caught:
        load(KIND, "one")

    assert str(caught.value) == (
        "test_plugins: one is offered by first (first_module:x) and second"
        " (second_module:x); uninstall one of them"
    )


def test_a_plugin_that_cannot_be_imported_gives_the_cause(folder: Path) -> None:
    _distribution(folder, "broken", "one = broken_module:x", "import no_such_thing")

    with pytest.raises(PluginError) as caught:
        load(KIND, "one")

    assert str(caught.value) == (
        "test_plugins: one (broken_module:x of broken) cannot be imported"
        " (ModuleNotFoundError: No module named 'no_such_thing'); update or"
        " uninstall it"
    )
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_a_plugin_whose_extra_is_not_installed_names_it(folder: Path) -> None:
    _distribution(folder, "lean", "one = lean_module:x", "import no_such_thing")
    with (folder / "lean-1.0.dist-info" / "METADATA").open("a") as file:
        file.write("Provides-Extra: one\n")

    with pytest.raises(PluginError, match=r"; pip install 'lean\[one\]'$"):
        load(KIND, "one")


def test_an_entry_point_without_its_object_is_a_plugin_error(folder: Path) -> None:
    _distribution(folder, "hollow", "one = hollow_module:gone")

    with pytest.raises(PluginError, match=r"\(hollow_module:gone of hollow\) cannot"):
        load(KIND, "one")
