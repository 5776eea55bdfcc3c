"""An installed harness tells its version where it will run."""

from pathlib import Path

import pytest

from harness_bench.errors import HarnessError
from runner.harnesses.check import check
from runner.harnesses.package import MANIFEST, Package
from runner.harnesses.pi import Pi
from runner.sandboxes.sandbox import Exit
from tests.runner.fake_sandbox import FakeSandbox, Inside, Play


def says(text: str, code: int = 0) -> Play:
    async def program(inside: Inside) -> Exit:
        inside.output.write(text.encode())
        inside.output.flush()
        return Exit(code=code)

    return program


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = Pi(version="1.2.3").package
    for each in (found, *found.needs):
        each.folder.mkdir(parents=True)
        (each.folder / MANIFEST).touch()
    return found


def test_one_that_tells_its_version_can_be_used(package: Package) -> None:
    sandbox = FakeSandbox(program=says("pi 1.2.3\n"))
    check(package, sandbox)
    (confined,) = sandbox.started
    assert confined.command == (*package.command, "--version")
    assert {*package.mounts} <= {*confined.mounts}


def test_one_that_is_not_installed_is_not_started(package: Package) -> None:
    (package.folder / MANIFEST).unlink()
    sandbox = FakeSandbox()
    with pytest.raises(HarnessError, match=r"pi: .* harness install"):
        check(package, sandbox)
    assert sandbox.started == []


@pytest.mark.parametrize(
    ("text", "code"), [("pi 1.2.4", 0), ("pi 1.2.3", 1), ("", 0), ("no such file", 127)]
)
def test_one_that_tells_another_or_ends_badly_is_named(
    package: Package, text: str, code: int
) -> None:
    with pytest.raises(HarnessError, match=r"pi: .* instead of 1\.2\.3"):
        check(package, FakeSandbox(program=says(text, code)))
