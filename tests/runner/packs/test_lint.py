"""Faults that can be seen without running anything."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from harness_bench.errors import TaskError
from runner.packs.cli import tasks
from runner.packs.lint import lint
from runner.packs.new_task import write_task
from runner.tasks import read_packs
from tests.runner.verdicts import write

PASSAGE = "one two three four five six seven eight nine ten eleven twelve thirteen"


def found(pack: Path) -> list[str]:
    return [str(each) for task in read_packs([pack]) for each in lint(task)]


@pytest.fixture
def task(tmp_path: Path) -> Path:
    return write_task(tmp_path / "pack" / "one")


def test_a_new_task_has_no_fault(task: Path) -> None:
    assert found(task.parent) == []


def test_a_new_task_takes_the_place_of_nothing(task: Path) -> None:
    with pytest.raises(TaskError, match="exists; name another one"):
        write_task(task)


FAULTS = {
    "the instruction in the tests": (
        {"instruction.md": PASSAGE, "tests/more.py": f"# {PASSAGE}\n"},
        "one/tests/more.py: shares 'one two three",
    ),
    "the tests in the starter": (
        {"starter/notes.txt": PASSAGE, "tests/more.py": f"# {PASSAGE}\n"},
        "with starter/notes.txt, so the agent sees a passage of the tests",
    ),
    "the grader in the instruction": (
        {"instruction.md": "Do it well: hidden tests judge it.\n"},
        "one/instruction.md: speaks of 'hidden tests'",
    ),
    "the network in the tests": (
        {"tests/more.sh": "curl -sO https://example.org/data.csv\n"},
        "one/tests/more.sh: uses the network ('curl')",
    ),
    "packages installed in the tests": (
        {"tests/more.sh": "pip install pytest\n"},
        "one/tests/more.sh: uses the network ('pip install')",
    ),
    "a place of one machine": (
        {"solution/more.py": 'open("/home/ada/data.csv")\n'},
        "one/solution/more.py: names '/home/ada'",
    ),
    "a wrong answer without a reason": (
        {"wrong/fifth/longer.py": "print(5)\n"},
        "one/task.toml: [wrong] fifth is missing",
    ),
    "a package without a hash": (
        {
            "../pack.toml": '[tools.py]\npython = "py.lock"\n',
            "../py.lock": "six==1.17.0\n",
        },
        "pack/py.lock: is not pinned by version and hash: 'six==1.17.0'",
    ),
    "a package without a version": (
        {
            "../pack.toml": '[tools.py]\npython = "py.lock"\n',
            "../py.lock": f"six>=1 \\\n    --hash=sha256:{'0' * 64}\n",
        },
        "pack/py.lock: is not pinned by version and hash: 'six>=1",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_found_and_nothing_else(task: Path, name: str) -> None:
    files, finding = FAULTS[name]
    write(task, files)
    if "../pack.toml" in files:
        toml = task / "task.toml"
        named = '[task]\ntoolchains = ["py"]\n'
        toml.write_text(toml.read_text().replace("[task]\n", named))
    lines = found(task.parent)
    assert len(lines) == 1, lines
    assert finding in lines[0]


def test_a_missing_canary_and_missing_metadata_are_found(task: Path) -> None:
    (task / "tests" / "canary.txt").unlink()
    toml = task / "task.toml"
    toml.write_text(toml.read_text().replace('difficulty = "easy"\n', ""))
    assert [line.partition(" is ")[0] for line in found(task.parent)] == [
        "pack/one/task.toml: [task] difficulty",
        "pack/one/tests/canary.txt:",
    ]


def test_too_few_wrong_answers_are_found(task: Path) -> None:
    for path in (task / "wrong" / "at_least").iterdir():
        path.unlink()
    (task / "wrong" / "at_least").rmdir()
    toml = task / "task.toml"
    kept = [line for line in toml.read_text().splitlines() if "at_least" not in line]
    toml.write_text("\n".join(kept))
    assert found(task.parent) == ["pack/one/wrong: has 3 wrong answers, fewer than 4"]


def test_tasks_are_listed_with_what_sites_group_them_by(task: Path) -> None:
    done = CliRunner().invoke(tasks, ["list", str(task.parent)])
    version = read_packs([task.parent])[0].version
    assert done.stdout == (
        f"one\tpython\ttext\teasy\t4\t{version}\tLines that are longer than a limit\n"
    )
