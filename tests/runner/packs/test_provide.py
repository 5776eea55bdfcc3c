"""Toolchains are made once, seen by agent and tests, and refused in one line."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest

from runner.limits import Limits
from runner.pack_file import Toolchain, read_pack
from runner.packs.check import check_task
from runner.packs.provide import provide
from runner.sandboxes.bubblewrap import Bubblewrap
from runner.sandboxes.toolchains import place
from runner.tasks import read_packs
from tests.needs import needs
from tests.runner.verdicts import TOML, task_files, write

pytestmark = pytest.mark.e2e


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needs("bwrap")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def toolchains(folder: Path, toml: str, **files: str) -> Mapping[str, Toolchain]:
    write(folder, {"pack.toml": toml, **files})
    return read_pack(folder).toolchains


def provided(
    found: Mapping[str, Toolchain], **folders: Path
) -> tuple[list[str], list[str]]:
    """Lines, and problems."""
    said: list[str] = []
    problems = provide(found, folders=folders, sandbox=Bubblewrap(), tell=said.append)
    return said, list(map(str, problems))


def a_folder(folder: Path, version: str = "hullo 2.5.1") -> Path:
    write(folder / "bin", {"hullo": f"#!/bin/sh\necho {version}\n"})
    (folder / "bin" / "hullo").chmod(0o755)
    return folder


HULLO = '[tools.own]\ncommands = {hullo = "2.5"}\n'


def test_agent_and_tests_find_the_command_of_a_folder_that_is_named(
    tmp_path: Path,
) -> None:
    pack = tmp_path / "pack"
    said, problems = provided(
        toolchains(pack, HULLO), own=a_folder(tmp_path / "it").resolve()
    )
    assert (said, problems) == ([f"own: {tmp_path / 'it'}"], [])
    task = {
        "task.toml": TOML.replace("[task]\n", '[task]\ntoolchains = ["own"]\n'),
        "starter/answer.txt": "none\n",
        "solution/answer.txt": "right\n",
        **{f"wrong/{name}/answer.txt": name for name in "abc"},
        "tests/test.sh": "hullo >/tmp/own; candidate hullo >/tmp/its\n"
        "cmp /tmp/own /tmp/its && candidate cmp answer.txt /dev/stdin <<X &&\n"
        "right\nX\n echo ok 1 >&3 || echo not ok 1 >&3\necho 1..1 >&3\n",
    }
    write(pack / "one", task_files(task))
    checked = asyncio.run(
        check_task(
            read_packs([pack])[0],
            sandbox=Bubblewrap(),
            scratch=tmp_path,
            limits=Limits(grader_s=60),
            repeats=1,
        )
    )
    assert [str(each) for each in checked.findings] == []


def test_a_folder_that_would_show_too_much_or_nothing_is_refused(
    tmp_path: Path,
) -> None:
    found = toolchains(tmp_path / "pack", HULLO)
    (tmp_path / "bin").mkdir()
    _, (problem,) = provided(found, own=tmp_path)
    assert f"holds {tmp_path / 'pack'}, and agents would see all of it" in problem
    _, (problem,) = provided(found, own=tmp_path / "pack")
    assert "has no folder bin" in problem
    _, problems = provided(found, oven=a_folder(tmp_path / "it"))
    assert "'oven': is no toolchain; there are own" in problems


def test_a_command_that_is_too_old_is_not_there(tmp_path: Path) -> None:
    found = toolchains(tmp_path / "pack", HULLO)
    folder = a_folder(tmp_path / "it", "hullo 2.4.9 (of 2026)")
    said, (problem,) = provided(found, own=folder)
    assert said == []
    assert problem == (
        "toolchain own: hullo 2.5: not in the sandbox; --folder own=FOLDER names one"
        " that has it"
    )


def test_a_python_environment_is_made_once_and_is_python3(tmp_path: Path) -> None:
    lock = "six==1.17.0 --hash=sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274\n"  # noqa: E501 - a hash
    toml = (
        '[tools.py]\npython = "py.lock"\ncommands = {python3 = "3.9"}\nnote = "1 s"\n'
    )
    found = toolchains(tmp_path / "pack", toml, **{"py.lock": lock})
    said, problems = provided(found)
    assert problems == []
    assert said[0] == "py: making a Python environment, 1 s"
    assert list((place(found["py"]) / "lib").glob("*/site-packages/six.py"))
    assert provided(found) == (said[1:], [])


def test_a_package_that_is_not_what_the_lock_says_leaves_nothing(
    tmp_path: Path,
) -> None:
    lock = f"six==1.17.0 --hash=sha256:{'0' * 64}\n"
    toml = '[tools.py]\npython = "py.lock"\n'
    found = toolchains(tmp_path / "pack", toml, **{"py.lock": lock})
    _, (problem,) = provided(found)
    assert problem.startswith("toolchain py: cannot be made (ERROR: THESE PACKAGES DO")
    assert not place(found["py"]).exists()
    _, (again,) = provided(found)
    assert again == problem
