"""What holds for every harness that comes from a registry."""

import json
import posixpath
from dataclasses import replace
from pathlib import Path
from typing import Protocol, cast

import pytest

from harness_bench.registry import load
from runner.harnesses.harness import Harness
from runner.harnesses.install import packaged
from runner.harnesses.package import MANIFEST, Package, cache
from runner.harnesses.prompt import FILE
from tests.runner.harnesses.orders import INSTRUCTION, ORDER


class PackagedHarness(Harness, Protocol):
    @property
    def package(self) -> Package: ...


@pytest.fixture(params=packaged())
def harness(request: pytest.FixtureRequest) -> PackagedHarness:
    kind = cast("type[PackagedHarness]", load("harnesses", request.param))
    return kind()


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "harness-bench" / "harnesses"


@pytest.mark.usefixtures("empty_cache")
def test_what_is_not_installed_is_one_line_that_says_what_installs_it(
    harness: PackagedHarness,
) -> None:
    (line,) = map(str, harness.problems())
    name = harness.package.name
    assert f"`harness-bench harness install {name}=={harness.version}`" in line


@pytest.mark.usefixtures("empty_cache")
def test_with_all_manifests_in_the_cache_nothing_is_missing(
    harness: PackagedHarness,
) -> None:
    for package in (harness.package, *harness.package.needs):
        assert harness.problems()
        package.folder.mkdir(parents=True)
        (package.folder / MANIFEST).touch()
    assert harness.problems() == ()


def test_another_version_is_another_folder(harness: PackagedHarness) -> None:
    other = type(harness)(version="0.0.1")  # type: ignore[call-arg] # a field of each
    assert other.version == "0.0.1"
    assert other.package.version == "0.0.1"
    assert other.package.folder != harness.package.folder


def test_a_sandbox_sees_it_under_a_neutral_name_and_cannot_write_there(
    harness: PackagedHarness,
) -> None:
    mounts = harness.launch(ORDER).mounts
    assert {mount.target for mount in mounts} <= {"/opt/harness", "/opt/node"}
    assert not any(mount.writable for mount in mounts)
    assert all(mount.source.is_relative_to(cache()) for mount in mounts)


def test_the_instruction_is_in_a_file_and_in_no_argument(
    harness: PackagedHarness,
) -> None:
    launch = harness.launch(ORDER)
    assert launch.home[FILE] == INSTRUCTION
    assert any(FILE in word for word in launch.command)
    assert not any(INSTRUCTION in word for word in launch.command)


@pytest.mark.parametrize("start", ["/", "!", "@"])
def test_an_instruction_that_looks_like_a_command_is_told_apart_by_a_line(
    harness: PackagedHarness, start: str
) -> None:
    order = replace(ORDER, instruction=f"{start}pages.py is wrong.")
    assert harness.launch(order).home[FILE] == f"\n{start}pages.py is wrong."


def test_it_is_told_where_the_model_is_and_how_much_it_may_answer(
    harness: PackagedHarness,
) -> None:
    launch = harness.launch(ORDER)
    told = "\n".join(
        (*launch.command, *launch.environment.values(), *launch.home.values())
    )
    assert ORDER.base_url in told
    assert ORDER.model in told
    assert str(ORDER.output_tokens) in told


def test_it_leaves_path_home_and_language_to_the_sandbox(
    harness: PackagedHarness,
) -> None:
    environment = harness.launch(ORDER).environment
    assert not {"PATH", "HOME", "LANG"} & environment.keys()


def test_its_files_stay_in_the_home_folder_and_its_json_is_json(
    harness: PackagedHarness,
) -> None:
    for name, text in harness.launch(ORDER).home.items():
        assert posixpath.normpath(name) == name
        assert not name.startswith(("/", ".."))
        if name.endswith(".json"):
            json.loads(text)


def test_a_relative_cache_folder_does_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache() == Path.home() / ".cache" / "harness-bench" / "harnesses"
