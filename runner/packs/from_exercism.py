"""Exercises of Exercism as tasks: Python, Rust and C++.

The exercise's own tests run in the candidate's sandbox, in one process with the agent's
code: the grader stays apart and counts what they print. Their names are known to it.
"""

import ast
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from runner.packs.brought import (
    Brought,
    Refused,
    files_in,
    licence_of,
    lies_in,
    task_toml,
)

_CHECKS = b'''\
"""Hands the exercise's tests over, runs them there, and counts what they print."""

import json
import pathlib
import re

from grading import Report, candidate

plan = json.loads(pathlib.Path("plan.json").read_text())
put = 'mkdir -p "$(dirname "$1")" && cat >"$1"'
for name in plan["files"]:
    text = pathlib.Path("exercise", name).read_bytes()
    candidate(["sh", "-c", put, "sh", name], input=text)
for command in plan["build"]:
    candidate(command, timeout=150)
done = candidate(plan["run"], timeout=150)
found = dict(re.findall(plan["line"], done.out, re.DOTALL | re.MULTILINE))
with Report() as report:
    for name in plan["names"]:
        with report.test(name):
            assert found.get(name) == plan["good"], (done.out + done.errors)[-2000:]
'''
_UNITTEST = """\
import importlib, sys, unittest
told, sys.stdout = sys.stdout, sys.stderr
tests = importlib.import_module(sys.argv[1])
for case in unittest.defaultTestLoader.loadTestsFromModule(tests):
    for test in case:
        found = unittest.TestResult()
        test.run(found)
        good = found.wasSuccessful() and not found.skipped
        print(test.id().partition(".")[2], "ok" if good else "no", file=told)
"""
_GRADER_S = 240
_NOTE = "its tests run in one process with the agent's code, which can forge them"


_Plan = dict[str, Any]
"""How the tests of a language are run, and what they print: see `_CHECKS`."""


def exercises(folder: Path) -> Iterator[tuple[str, Brought | Refused]]:
    """The exercises in a folder: one, those of a track, or of several."""
    for path in sorted(folder.rglob(".meta/config.json")):
        exercise = path.parents[1]
        try:
            yield exercise.name, _exercise(exercise)
        except Refused as error:
            yield exercise.name, error


def _exercise(folder: Path) -> Brought:
    try:
        config = json.loads((folder / ".meta/config.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise Refused(f".meta/config.json: is no JSON ({error})") from error
    files = {key: config.get("files", {}).get(key) or [] for key in _PARTS}
    ends = [Path(each).suffix for each in files["solution"]]
    known = [_LANGUAGES[end] for end in ends if end in _LANGUAGES]
    if not known or not files["test"]:
        raise Refused(
            ".meta/config.json: names no solution in Python, Rust or C++, or no tests"
        )
    missing = [
        each
        for key in _PARTS
        for each in files[key]
        if ".." in Path(each).parts or not lies_in(folder, each)
    ]
    if missing:
        raise Refused(*(f"{each}: is not there" for each in missing))
    word, planned, toolchain = known[0]
    plan = planned(folder, files["test"])
    texts = {
        f"starter/{each}": (folder / each).read_bytes() for each in files["solution"]
    }
    if (folder / "Cargo.toml").is_file():
        texts["starter/Cargo.toml"] = (folder / "Cargo.toml").read_bytes()
    for each in files["example"]:
        fits = [s for s in files["solution"] if Path(s).suffix == Path(each).suffix]
        if fits:
            texts[f"solution/{fits[0]}"] = (folder / each).read_bytes()
    for name in plan["files"]:
        found = folder / (files["test"][0] if name == _RUST_TEST else name)
        text = found.read_bytes()
        texts[f"tests/exercise/{name}"] = re.sub(rb"#\[ignore[^\]]*\]", b"", text)
    docs = ("introduction.md", "instructions.md", "instructions.append.md")
    said = [folder / ".docs" / name for name in docs]
    whole = "\n".join(p.read_text(encoding="utf-8") for p in said if p.is_file())
    write = ", ".join(f"`{each}`" for each in files["solution"])
    texts["instruction.md"] = (
        f"{whole.strip()}\n\nWrite your code in {write}.\n".encode()
    )
    texts["tests/test.sh"] = b"#!/bin/sh\nexec python3 checks.py\n"
    texts["tests/checks.py"] = _CHECKS
    texts["tests/plan.json"] = json.dumps(plan, indent=1).encode()
    texts["task.toml"] = task_toml(
        {
            "title": config.get("blurb") or folder.name,
            "language": word,
            "category": "exercise",
            "tools": ["python3"],
            "toolchains": re.findall(r"tools\.(\w+)", toolchain),
        },
        source={
            "name": f"exercism: {folder.name}",
            "licence": licence_of(folder),
            "authors": ", ".join(map(_author, config.get("authors", []))),
            "url": config.get("source_url", ""),
            "note": _NOTE,
        },
        limits={"grader_s": _GRADER_S},
    )
    name = f"{word.replace('+', 'p')}_{folder.name.replace('-', '_')}"
    return Brought(name=name, files=texts, toolchain=toolchain)


_PARTS = ("solution", "test", "example")
_RUST_TEST = "tests/exercise.rs"


def _author(each: object) -> str:
    return str(each.get("github_username", each) if isinstance(each, dict) else each)


def _python(folder: Path, tests: Sequence[str]) -> _Plan:
    tree = ast.parse((folder / tests[0]).read_text(encoding="utf-8"))
    names = [
        f"{case.name}.{test.name}"
        for case in tree.body
        if isinstance(case, ast.ClassDef)
        for test in case.body
        if isinstance(test, ast.FunctionDef) and test.name.startswith("test")
    ]
    module = Path(tests[0]).stem
    return {
        "names": names,
        "files": [*tests],
        "build": [],
        "run": ["python3", "-c", _UNITTEST, module],
        "line": r"^(\S+) (ok|no)$",
        "good": "ok",
    }


def _rust(folder: Path, tests: Sequence[str]) -> _Plan:
    cargo = tomllib.loads((folder / "Cargo.toml").read_text(encoding="utf-8"))
    crates = [*cargo.get("dependencies", {}), *cargo.get("dev-dependencies", {})]
    if crates:
        raise Refused(*(f"Cargo.toml: needs the crate {name}" for name in crates))
    source = (folder / tests[0]).read_text(encoding="utf-8")
    return {
        "names": re.findall(r"#\[test\][^{]*?\bfn\s+(\w+)", source),
        "files": [_RUST_TEST],
        "build": [],
        "run": ["cargo", "test", "--offline", "--test", "exercise"],
        "line": r"^test (\w+)(?: - should panic)? \.\.\. (\w+)$",
        "good": "ok",
    }


def _cpp(folder: Path, tests: Sequence[str]) -> _Plan:
    catch = ("test/catch_amalgamated.cpp", "test/tests-main.cpp")
    if not any((folder / each).is_file() for each in catch):
        raise Refused(f"{catch[0]}: is missing, with test/catch_amalgamated.hpp")
    source = (folder / tests[0]).read_text(encoding="utf-8")
    support = files_in(folder / "test", "test")
    built = "c++ -std=c++17 -DEXERCISM_RUN_ALL_TESTS -I. -o exercise.out"
    return {
        "names": re.findall(r'TEST_CASE\(\s*"([^"]+)"', source),
        "files": [*tests, *support],
        "build": [["sh", "-c", f"{built} *.cpp test/*.cpp"]],
        "run": ["./exercise.out", "-r", "xml"],
        "line": r'<TestCase name="([^"]+)".*?<OverallResult success="(\w+)"',
        "good": "true",
    }


_RUST_TOOLS = """\
[tools.rust]
commands = {cargo = "1.63", rustc = "1.63"}
debian = ["cargo"]
"""
_CPP_TOOLS = """\
[tools.cpp]
commands = {"c++" = ""}
debian = ["g++"]
"""
_LANGUAGES: Mapping[str, tuple[str, Callable[[Path, Sequence[str]], _Plan], str]] = {
    ".py": ("python", _python, ""),
    ".rs": ("rust", _rust, _RUST_TOOLS),
    ".cpp": ("c++", _cpp, _CPP_TOOLS),
    ".h": ("c++", _cpp, _CPP_TOOLS),
}
"""By how solutions end: the language, how its tests run, and what that needs."""
