"""Where a module is tested can be guessed from its name, or is said in one list.

`tested_elsewhere.toml` names the other modules and the file that tests each.
"""

import ast
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
PACKAGES = ("harness_bench", "runner", "sitegen")
LISTED = tomllib.loads((TESTS / "tested_elsewhere.toml").read_text())
ELSEWHERE: Mapping[str, str] = LISTED["imported"] | LISTED["run"]
IN_A_SANDBOX = "runner/inside/"
"""Programs: nobody imports them."""


def modules() -> set[str]:
    """Those in which something can go wrong."""
    return {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if path.name not in {"__init__.py", "__main__.py"}
    }


def has_a_test_of_its_name(module: str) -> bool:
    return any(TESTS.rglob(f"test_{Path(module).stem}.py"))


def test_every_module_has_a_test_of_its_name_or_is_listed() -> None:
    unnamed = {module for module in modules() if not has_a_test_of_its_name(module)}
    assert unnamed - ELSEWHERE.keys() == set()


def test_the_list_holds_no_module_that_is_gone_or_has_a_test_of_its_name() -> None:
    assert ELSEWHERE.keys() - modules() == set()
    assert [module for module in ELSEWHERE if has_a_test_of_its_name(module)] == []


def test_only_programs_of_a_sandbox_are_tested_without_an_import() -> None:
    assert {module.startswith(IN_A_SANDBOX) for module in LISTED["run"]} == {True}
    assert not any(module.startswith(IN_A_SANDBOX) for module in LISTED["imported"])


@pytest.mark.parametrize("test", sorted({*ELSEWHERE.values()}))
def test_a_file_that_is_named_is_a_test_and_imports_what_it_tests(test: str) -> None:
    path = ROOT / test
    assert path.is_file()
    assert path.name.startswith("test_")
    reached = imported(path)
    assert [
        module
        for module, named in LISTED["imported"].items()
        if named == test and ROOT / module not in reached
    ] == []


def imported(start: Path) -> set[Path]:
    """The files that a file imports, and what these import; plugins are by name."""
    found: set[Path] = set()
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imports(path)
            if path == ROOT / "harness_bench" / "registry.py":
                waiting += _plugins()
    return found


@cache
def _imports(path: Path) -> tuple[Path, ...]:
    return tuple(
        file
        for name in _names(ast.parse(path.read_text(encoding="utf-8")))
        for file in _files(name)
    )


def _names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)


def _files(name: str) -> Iterator[Path]:
    place = ROOT.joinpath(*name.split("."))
    for file in (place.with_suffix(".py"), place / "__init__.py"):
        if file.is_file():
            yield file


def _plugins() -> Iterator[Path]:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for group in told["project"]["entry-points"].values():
        for point in group.values():
            yield from _files(point.partition(":")[0])
