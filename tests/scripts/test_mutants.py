"""`make mutants`, in a checkout of three files."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from tests.runs import ROOT, write_files

MODULE = '''"""A module."""


def sign(x: int) -> str:
    """What stands before a number."""
    if x > 0:
        return "+"
    return "the sign"


def unused() -> bool:
    """Nothing tests this."""
    return bool("")


def wait(n: int) -> None:
    """Comes to its end."""
    while n > 0:
        n -= 1
'''
TESTS = '''"""Tests."""
from runner.sign import sign, wait


def test_one_is_positive():
    assert sign(1) == "+"


def test_waiting_ends():
    wait(2)
'''


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    script = (ROOT / "scripts" / "mutants.py").read_text(encoding="utf-8")
    files = {
        "scripts/mutants.py": script,
        "runner/__init__.py": "",
        "runner/sign.py": MODULE,
        "tests/test_sign.py": TESTS,
    }
    return write_files(tmp_path / "checkout", files)


@cache
def mutants() -> ModuleType:
    """scripts/mutants.py, which is a program and no package."""
    path = ROOT / "scripts" / "mutants.py"
    spec = importlib.util.spec_from_file_location("mutants", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutants"] = module  # where its dataclasses look for their names
    spec.loader.exec_module(module)
    return module


def start(checkout: Path, *words: str, **more: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "scripts/mutants.py", *words],
        cwd=checkout,
        env=os.environ | {"TMPDIR": str(checkout.parent)} | more,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def files(folder: Path) -> dict[str, str]:
    """What is in a checkout, beside what is known of its tests."""
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and ".mutants" not in path.parts
    }


@pytest.mark.slow
def test_what_no_test_notices_is_printed_and_the_checkout_stays_as_it_was(
    checkout: Path,
) -> None:
    before = files(checkout)

    out, err = start(
        checkout, "runner", "--number", "99", "--patience", "2"
    ).communicate(timeout=110)

    assert files(checkout) == before
    assert "\nrunner/sign.py:6 SURVIVED\n" in out, err
    assert "-    if x > 0:\n+    if x >= 0:\n" in out
    assert 'no quick test reaches it\n-    return bool("")' in out
    assert "XX+XX" not in out, "a test asks for it"
    assert "OUT OF TIME\n-        n -= 1\n+        n += 1\n" in out
    assert 'return "THE SIGN"' in out
    assert "XXthe sign" not in out, "it keeps its words"
    assert " changes survived, " in out.splitlines()[-1]
    assert list(checkout.parent.iterdir()) == [checkout]


def test_one_seed_draws_the_same_and_another_one_others() -> None:
    def drawn(seed: int) -> list[str]:
        found = mutants().asked_for(["sitegen/slug.py"], number=9, seed=seed)
        return [f"{one.place} {one.diff()}" for one in found]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_every_change_of_a_line_is_meant_by_its_number() -> None:
    (drawn,) = mutants().asked_for(["sitegen/slug.py"], number=1, seed=1)
    found = mutants().asked_for([drawn.place], number=1, seed=1)
    assert {one.place for one in found} == {drawn.place}
    assert drawn.diff() in [one.diff() for one in found]


@pytest.mark.slow
def test_interrupted_it_leaves_nothing_behind(checkout: Path) -> None:
    before = files(checkout)

    process = start(checkout, "runner", "--number", "99", "--patience", "2")
    assert process.stderr is not None
    while "killed" not in process.stderr.readline():
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)

    assert process.returncode != 0
    assert files(checkout) == before
    assert list(checkout.parent.iterdir()) == [checkout]


def test_what_is_no_module_is_told(checkout: Path) -> None:
    _, err = start(checkout, "runner/none.py").communicate(timeout=60)

    assert err == "runner/none.py: no module is there\n"
