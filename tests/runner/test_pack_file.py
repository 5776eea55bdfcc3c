"""pack.toml: what is needed, and what of it is part of a task's version."""

from pathlib import Path

import pytest

from harness_bench.errors import SettingsError, TaskError
from runner.pack_file import read_pack
from runner.tasks import Task, read_packs
from tests.runner.verdicts import TOML, task_files, write

TOOLS = """
[tools.py]
python = "py.lock"
commands = {python3 = "3.11"}
note = "1 MB"

[tools.rust]
commands = {cargo = "1.63", rustc = ""}
debian = ["cargo"]
"""


def a_pack(folder: Path, toml: str = TOOLS, lock: str = "six==1.16.0\n") -> Path:
    write(folder, {"pack.toml": toml, "py.lock": lock})
    return folder


def problems(folder: Path, toml: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read_pack(a_pack(folder, toml))
    return list(map(str, caught.value.problems))


def test_a_pack_without_the_file_has_no_toolchain(tmp_path: Path) -> None:
    assert read_pack(tmp_path).toolchains == {}


def test_toolchains_are_what_the_file_says(tmp_path: Path) -> None:
    found = read_pack(a_pack(tmp_path)).toolchains
    assert list(found) == ["py", "rust"]
    assert found["py"].lock == tmp_path / "py.lock"
    assert found["rust"].lock is None
    assert found["rust"].commands == (("cargo", "1.63"), ("rustc", ""))
    assert found["rust"].debian == ("cargo",)


@pytest.mark.parametrize(
    ("toml", "problem"),
    [
        ("[tools.a]\n", "[tools.a] needs python (a lock file) or commands"),
        ('[tools]\na = "x"\n', "[tools.a] is 'x', expected a table"),
        ('[tools."A b"]\ncommands = {cc = ""}\n', "[tools.A b] cannot be the name"),
        ('[tools.a]\ncommands = {cc = "new"}\n', "[tools.a] commands.cc is 'new'"),
        ('[tools.a]\npython = "none.lock"\n', "[tools.a] python none.lock"),
        ('[tools.a]\ncommand = "cc"\n', "unknown key 'command' (did you mean"),
        ("tools = 3\n", "[tools] is 3, expected tables [tools.NAME]"),
    ],
)
def test_what_does_not_fit_is_one_clear_line(
    tmp_path: Path, toml: str, problem: str
) -> None:
    assert any(problem in line for line in problems(tmp_path, toml))


def only(folder: Path, toolchains: str = '["rust"]') -> Task:
    toml = TOML.replace("[task]\n", f"[task]\ntoolchains = {toolchains}\n")
    write(folder / "one", task_files({"task.toml": toml}))
    return read_packs([folder])[0]


def test_a_task_has_the_toolchains_that_it_names(tmp_path: Path) -> None:
    task = only(a_pack(tmp_path), '["rust", "py"]')
    assert [each.name for each in task.toolchains] == ["rust", "py"]


def test_a_toolchain_that_pack_toml_lacks_is_told(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"names 'rst' \(did you mean 'rust'\?\)"):
        only(a_pack(tmp_path), '["rst"]')


def test_a_pack_file_that_does_not_fit_is_told_once(tmp_path: Path) -> None:
    a_pack(tmp_path, "[pack]\nx = 1\n")
    write(tmp_path / "two", task_files({}))
    with pytest.raises(TaskError) as caught:
        only(tmp_path, "[]")
    assert len(caught.value.problems) == 1


def test_versions_and_lock_are_part_of_the_version_of_a_task(tmp_path: Path) -> None:
    versions = [
        only(a_pack(tmp_path, toml, lock), toolchains).version
        for toml, lock, toolchains in (
            (TOOLS, "a", "[]"),
            (TOOLS, "a", '["py"]'),
            (TOOLS, "b", '["py"]'),
            (TOOLS.replace("3.11", "3.12"), "b", '["py"]'),
        )
    ]
    assert len(set(versions)) == 4
    note = TOOLS.replace("1 MB", "2 MB")
    assert only(a_pack(tmp_path, note, "a"), '["py"]').version == versions[1]
