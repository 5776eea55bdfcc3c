"""Configuration is as the starter has it, and no link leads out of the workspace."""

import os
from pathlib import Path

import pytest

from runner.judging.planted_config import put_back
from tests.runner.verdicts import write


def cleaned(
    folder: Path,
    *,
    planted: dict[str, str],
    starter: dict[str, str] | None = None,
    owns: tuple[str, ...] = (),
) -> tuple[Path, tuple[str, ...]]:
    """A workspace after `put_back`, and what was done."""
    workspace = folder / "workspace"
    workspace.mkdir()
    (folder / "starter").mkdir()
    write(folder / "starter", starter or {})
    write(workspace, planted)
    done = put_back(workspace, starter=folder / "starter", owns=owns)
    return workspace, done


PLANTED = (
    "conftest.py",
    "deep/er/conftest.py",
    "sitecustomize.py",
    "usercustomize.py",
    "lib/evil.pth",
    "pytest.ini",
    "tox.ini",
    "setup.cfg",
    "pyproject.toml",
    "Makefile",
    "src/GNUmakefile",
    ".gdbinit",
    ".git/hooks/post-checkout",
    ".git/config",
    ".npmrc",
)


@pytest.mark.parametrize("name", PLANTED)
def test_what_was_planted_is_removed(name: str, tmp_path: Path) -> None:
    workspace, done = cleaned(tmp_path, planted={name: "evil", "code.py": "kept"})
    assert not (workspace / name).exists()
    assert (workspace / "code.py").read_text() == "kept"
    assert done == (f"{name}: is configuration that the task does not own, removed",)


def test_configuration_of_the_starter_stays_and_is_put_back(tmp_path: Path) -> None:
    starter = {"Makefile": "all:\n", "tox.ini": "[tox]\n", "setup.cfg": "[a]\n"}
    planted = {"Makefile": "all:\n", "tox.ini": "[evil]\n"}
    workspace, done = cleaned(tmp_path, planted=planted, starter=starter)
    for name, text in starter.items():
        assert (workspace / name).read_text() == text
    assert len(done) == 3


def test_what_the_task_owns_is_left_as_the_agent_wrote_it(tmp_path: Path) -> None:
    workspace, done = cleaned(
        tmp_path,
        planted={"Makefile": "mine:\n", "sub/Makefile": "evil:\n"},
        starter={"Makefile": "all:\n"},
        owns=("Makefile",),
    )
    assert (workspace / "Makefile").read_text() == "mine:\n"
    assert not (workspace / "sub" / "Makefile").exists()
    assert len(done) == 1


@pytest.mark.parametrize(
    ("links", "gone"),
    [
        ({"a": "-> /etc/passwd"}, {"a"}),
        ({"a": "-> ../../etc"}, {"a"}),
        ({"a": "-> /workspace/../etc"}, {"a"}),
        ({"d": "-> .", "a": "-> d/../x"}, {"a"}),
        ({"a": "-> b", "b": "-> /grader"}, {"a", "b"}),
        ({"a": "-> /workspaces"}, {"a"}),
        ({"a": "-> code.py", "b": "-> /workspace/code.py", "c": "-> sub/../x"}, set()),
        ({"a": "-> a", "b": "-> nothing"}, set()),
        ({"a": "-> ../workspace/code.py", "b": "-> ../workspaces/x"}, {"b"}),
        ({"sub/a": "-> ../../workspace/sub/x", "b": "-> /etc/../workspace"}, {"b"}),
        ({"a": "-> /proc/1/root", "b": "-> /proc/self/cwd", "c": "-> a/x"}, set("abc")),
        ({"a": "-> b", "b": "-> a/../a", "c": "-> /", "d": "-> .."}, {"c", "d"}),
        ({"up": "-> ../workspace", "a": "-> up/../etc", "b": "-> up/x"}, {"a"}),
        ({"a": "-> " + "./" * 400 + "x", "b": "-> " + "./" * 2000 + "x"}, {"b"}),
        ({"sub/a": "-> ../code.py", "sub/b": "-> ../../code.py"}, {"sub/b"}),
    ],
)
def test_links_that_leave_the_workspace_are_removed(
    links: dict[str, str], gone: set[str], tmp_path: Path
) -> None:
    workspace, _ = cleaned(tmp_path, planted={"code.py": "", "sub/x": "", **links})
    left = {name for name in links if os.path.lexists(workspace / name)}
    assert left == set(links) - gone


def test_nothing_is_put_back_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    cleaned(
        tmp_path,
        planted={"sub": f"-> {outside}", "inner/x": "", "deep": "-> inner"},
        starter={"sub/Makefile": "all:\n", "deep/Makefile": "all:\n"},
    )
    assert list(outside.iterdir()) == []
    assert not (tmp_path / "workspace" / "inner" / "Makefile").exists()


def test_nothing_is_put_back_behind_a_link_further_up(tmp_path: Path) -> None:
    workspace, done = cleaned(
        tmp_path,
        planted={"a": "-> other", "other/b/x": ""},
        starter={"a/b/Makefile": "all:\n"},
    )
    assert not (workspace / "other" / "b" / "Makefile").exists()
    assert done == ()


def test_a_deep_folder_with_the_name_of_a_configuration_file_goes(
    tmp_path: Path,
) -> None:
    workspace, done = cleaned(tmp_path, planted={"conftest.py/x" + "/d" * 900: ""})
    assert list(workspace.iterdir()) == []
    assert len(done) == 1


def test_a_folder_with_the_name_of_a_configuration_file_goes(tmp_path: Path) -> None:
    workspace, _ = cleaned(tmp_path, planted={"conftest.py/__init__.py": "evil"})
    assert list(workspace.iterdir()) == []
