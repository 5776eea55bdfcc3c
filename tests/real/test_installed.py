"""What `harness-bench harness install` brought."""

import json
import re
import shutil
from dataclasses import replace

import pytest
from click.testing import CliRunner

from harness_bench.errors import HarnessError
from runner.harnesses.check import check
from runner.harnesses.cli import check_harness
from runner.harnesses.install import install, installed, packaged
from runner.harnesses.package import NODE, Package
from runner.sandboxes.bubblewrap import Bubblewrap

pytestmark = pytest.mark.real


def test_it_starts_in_a_sandbox_and_is_the_version_it_should_be(harness: str) -> None:
    package = packaged()[harness]
    check(package, Bubblewrap())


def test_one_that_is_not_there_is_not_started(harness: str) -> None:
    other = replace(packaged()[harness], version="99.0")
    with pytest.raises(HarnessError, match=r"99\.0 is not installed"):
        check(other, Bubblewrap())


@pytest.mark.parametrize("harness", ["claude"], indirect=True)
def test_without_a_name_all_that_are_installed_are_checked(harness: str) -> None:
    package = packaged()[harness]
    result = CliRunner().invoke(check_harness, [], catch_exceptions=False)
    assert f"{harness} {package.version}: starts" in result.stdout.splitlines()
    assert result.exit_code == 0


def test_it_is_installed_once(harness: str) -> None:
    told: list[str] = []
    package = packaged()[harness]
    install(package, told.append)
    assert told == [f"{harness} {package.version}: is installed"]
    assert package.folder in {found.folder for found in installed()}


@pytest.mark.parametrize("harness", ["pi", "qwen"], indirect=True)
def test_node_is_new_enough_for_what_it_runs(harness: str) -> None:
    package = packaged()[harness]
    about = package.folder / "node_modules" / package.title / "package.json"
    wanted = json.loads(about.read_text())["engines"]["node"]
    oldest = tuple(map(int, re.findall(r"\d+", wanted)))
    assert tuple(map(int, NODE.version.split("."))) >= oldest, wanted


@pytest.mark.parametrize("harness", ["pi"], indirect=True)
def test_a_version_for_another_node_is_refused_in_one_line(harness: str) -> None:
    """A tiny package that never was for a newer one."""
    own = replace(packaged()[harness], title="hoek", version="0.7.6")
    with pytest.raises(HarnessError) as raised:
        install(own, lambda _: None)
    (line,) = map(str, raised.value.problems)
    assert line == (
        "pi: hoek 0.7.6 needs Node.js 0.8.x, but harness-bench brings"
        f" {NODE.version}; choose another version"
    )
    assert not own.folder.exists()


@pytest.mark.parametrize("harness", ["pi"], indirect=True)
def test_what_brings_its_own_program_may_want_any_node(harness: str) -> None:
    own = Package(
        name=harness, version="0.7.6", registry="npm", title="hoek", command=("hoek",)
    )
    try:
        install(own, lambda _: None)
        assert own.is_installed
    finally:
        shutil.rmtree(own.folder, ignore_errors=True)
