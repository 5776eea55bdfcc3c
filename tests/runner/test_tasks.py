"""Packs are read whole or not at all, and a version says whether tasks are the same."""

import os
import shutil
from collections import Counter
from dataclasses import fields
from pathlib import Path

import pytest

from harness_bench.errors import TaskError
from runner.limits import Limits
from runner.tasks import Task, read_packs
from tests.runner.verdicts import PRACTICE, TOML, task_files, write


def pack(folder: Path, **tasks: dict[str, str]) -> Path:
    """A pack with these tasks; each is given by what differs from a whole one."""
    for name, more in tasks.items():
        write(folder / "pack" / name, task_files(more))
    return folder / "pack"


def only(folder: Path, **more: str) -> Task:
    """The only task of a pack; `more` with `__` for a slash."""
    files = {name.replace("__", "/"): text for name, text in more.items()}
    return read_packs([pack(folder, one=files)])[0]


def problems(*packs: Path) -> list[str]:
    with pytest.raises(TaskError) as caught:
        read_packs(packs)
    return list(map(str, caught.value.problems))


def test_a_task_has_what_its_files_say(tmp_path: Path) -> None:
    toml = (
        '[task]\ntitle = "Sums"\nlanguage = "c"\ncategory = "bugs"\ntools = ["cc"]\n'
        '[limits]\ncalls = 7\nagent_s = 12\n[grader]\nowns = ["Makefile"]\n'
    )
    folder = pack(tmp_path, sums={"task.toml": toml, "instruction.md": "Ädd.\n"})
    (task,) = read_packs([folder])
    assert (task.name, task.pack, task.folder) == ("sums", "pack", folder / "sums")
    assert (task.title, task.language, task.category) == ("Sums", "c", "bugs")
    assert (task.instruction, task.tools, task.owns) == (
        "Ädd.\n",
        ("cc",),
        ("Makefile",),
    )
    assert not task.in_process
    assert len(task.version) == 12
    assert set(task.version) <= set("0123456789abcdef")


def test_a_limit_that_a_task_leaves_out_is_that_of_the_run(tmp_path: Path) -> None:
    task = only(tmp_path, **{"task.toml": f"{TOML}[limits]\ncalls = 7\n"})
    run = Limits(calls=500, tokens=123)
    held = run.at_most(task.limits)
    assert held.calls == 7
    for item in fields(Limits):
        if item.name != "calls":
            assert getattr(held, item.name) == getattr(run, item.name)


def test_tasks_come_in_the_order_of_packs_and_names(tmp_path: Path) -> None:
    first = pack(tmp_path / "1", b={}, a={})
    second = pack(tmp_path / "2", c={})
    (first / "README.md").write_text("Not a task.\n")
    (first / "notes").mkdir()
    names = [task.name for task in read_packs([second, first])]
    assert names == ["c", "a", "b"]


def test_wrong_answers_are_the_folders_in_wrong(tmp_path: Path) -> None:
    task = only(
        tmp_path, wrong__b__x="", wrong__a__x="", **{"wrong/README.md": "Why.\n"}
    )
    assert [path.name for path in task.wrong_answers()] == ["a", "b"]
    assert only(tmp_path / "none").wrong_answers() == ()


def test_every_problem_of_every_task_is_told_at_once(tmp_path: Path) -> None:
    toml = (
        '[task]\ntitle = " "\nlanguage = "c"\ncategory = 3\ntols = ["cc"]\n'
        "[limits]\nagent_s = 0\ncalls = -1\ngrader_s = nan\ntokens = 1.5\n"
        '[grader]\nowns = ["../x"]\n[graders]\n'
    )
    folder = pack(tmp_path, one={"task.toml": toml}, two={"instruction.md": " \n"})
    (folder / "two" / "tests" / "test.sh").unlink()
    (folder / "three").mkdir()
    (folder / "three" / "instruction.md").write_text("No task.toml.\n")
    found = problems(folder, tmp_path / "nowhere")
    for part in (
        "pack/one/task.toml: unknown section 'graders' (did you mean 'grader'?); the",
        "pack/one/task.toml: [task] unknown key 'tols' (did you mean 'tools'?); the",
        "pack/one/task.toml: [task] category is 3, expected a string",
        "pack/one/task.toml: [limits] agent_s is 0.0, expected a number above 0",
        "pack/one/task.toml: [limits] calls is -1, expected a number above 0",
        "pack/one/task.toml: [limits] grader_s is nan, expected a number above 0",
        "pack/one/task.toml: [limits] tokens is 1.5, expected an integer",
        "pack/one/task.toml: [grader] owns names '../x', expected paths of files",
        "pack/two/instruction.md: is empty; it holds the prompt",
        "pack/two/tests/test.sh: is missing; it is the grader",
        "pack/three: has an instruction.md but no task.toml",
        f"{tmp_path}/nowhere: cannot be read (no such file or directory)",
    ):
        assert any(line.startswith(part) for line in found), (part, found)


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        (
            {"task.toml": "[task\n"},
            "pack/one/task.toml: is not valid UTF-8 TOML: Expected ']'",
        ),
        ({"task.toml": ""}, "pack/one/task.toml: [task] title is missing"),
        ({"tests/test.sh": " \n"}, "pack/one/tests/test.sh: is empty"),
        (
            {"task.toml": TOML.replace("A title", " ")},
            "pack/one/task.toml: [task] title is empty",
        ),
        (
            {"task.toml": TOML + 'tools = ["a b"]\n'},
            "pack/one/task.toml: [task] tools names 'a b', expected names of commands",
        ),
        (
            {"starter/peek": "-> ../tests/test.sh"},
            "pack/one/starter/peek: is a symbolic link to '../tests/test.sh', which",
        ),
        (
            {"tests/host": "-> /etc/passwd"},
            "pack/one/tests/host: is a symbolic link to '/etc/passwd'",
        ),
        (
            {"wrong/a/up": "-> ../../solution"},
            "pack/one/wrong/a/up: is a symbolic link to '../../solution'",
        ),
    ],
)
def test_a_problem_says_where_it_is(
    files: dict[str, str], problem: str, tmp_path: Path
) -> None:
    found = problems(pack(tmp_path, one=files))
    assert any(line.startswith(problem) for line in found), found


def test_a_pipe_is_no_file_of_a_task(tmp_path: Path) -> None:
    folder = pack(tmp_path, one={})
    os.mkfifo(folder / "one" / "starter" / "pipe")
    assert problems(folder) == [
        "pack/one/starter/pipe: is neither a file nor a folder nor a link"
    ]


def test_a_pack_without_a_task_is_an_error(tmp_path: Path) -> None:
    assert problems(tmp_path) == [
        f"{tmp_path}: has no task; each task is a folder with a task.toml"
    ]


def test_two_packs_cannot_have_tasks_of_one_name(tmp_path: Path) -> None:
    first, second = pack(tmp_path / "1", one={}), pack(tmp_path / "2", one={})
    second = second.rename(tmp_path / "2" / "other")
    assert problems(first, second) == [
        "other/one: has the same name as pack/one; rename one"
    ]


def test_a_name_of_a_task_is_one_word(tmp_path: Path) -> None:
    (problem,) = problems(pack(tmp_path, **{"two words": {}}))
    assert problem.startswith("pack/two words: cannot be the name of a task, expected")


def test_the_version_follows_what_is_asked_and_how_it_is_judged(tmp_path: Path) -> None:
    versions = [only(tmp_path / "0").version]
    for number, more in enumerate(
        (
            {"instruction.md": "Do more.\n"},
            {"starter/readme.txt": "Something.\n"},
            {"starter/more.txt": ""},
            {"starter/link": "-> readme.txt"},
            {"tests/test.sh": "exit 0\n"},
            {"tests/readme.txt": "Nothing yet.\n"},
            {"task.toml": TOML + 'tools = ["cc"]\n'},
            {"task.toml": f"{TOML}[limits]\ncalls = 7\n"},
            {"task.toml": f"{TOML}[limits]\ncalls = 8\n"},
            {"task.toml": f"{TOML}[grader]\nin_process = true\n"},
        ),
        start=1,
    ):
        versions.append(only(tmp_path / str(number), **more).version)
    task = only(tmp_path / "program")
    (task.starter / "readme.txt").chmod(0o755)
    versions.append(read_packs([task.folder.parent])[0].version)
    assert len(set(versions)) == len(versions)


def test_the_version_is_the_same_where_only_words_about_it_changed(
    tmp_path: Path,
) -> None:
    task = only(tmp_path)
    write(
        task.folder,
        {
            "task.toml": TOML.replace("A title", "Another"),
            "solution/x": "new",
            "wrong/a/x": "new",
            "tests/__pycache__/x.pyc": "of yesterday",
            "notes.md": "new",
        },
    )
    (task.starter / "readme.txt").chmod(0o600)
    os.utime(task.starter / "readme.txt", (0, 0))
    assert read_packs([task.folder.parent])[0].version == task.version


def test_moving_bytes_between_files_is_another_version(tmp_path: Path) -> None:
    one = only(tmp_path / "1", starter__a="xy", starter__b="z").version
    two = only(tmp_path / "2", starter__a="x", starter__b="yz").version
    assert one != two


def test_the_practice_tasks_can_be_read_and_moved(tmp_path: Path) -> None:
    tasks = read_packs([PRACTICE])
    assert len(tasks) == 16
    languages = Counter(task.language for task in tasks)
    assert languages == {
        **dict.fromkeys(("c", "c++", "jax", "pytorch", "rust"), 2),
        **dict.fromkeys(("python", "sql"), 3),
    }
    difficulties = Counter(task.difficulty for task in tasks)
    assert difficulties == {"easy": 3, "medium": 5, "hard": 6, "extreme": 2}
    shutil.copytree(PRACTICE, tmp_path / "elsewhere")
    moved = read_packs([tmp_path / "elsewhere"])
    assert [task.version for task in moved] == [task.version for task in tasks]
