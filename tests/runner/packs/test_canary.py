"""A canary is planted once, and found wherever its task has leaked."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness_bench.errors import ExitCode, TaskError
from runner.packs.canary import FILE, find, plant
from runner.packs.cli import tasks
from runner.tasks import read_packs
from tests.harness_bench.wrappings import WRAPPINGS

PRACTICE = Path(__file__).parents[3] / "tasks" / "practice"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    shutil.copytree(PRACTICE, tmp_path / "pack", ignore=shutil.ignore_patterns(FILE))
    return tmp_path / "pack"


def run(*words: object) -> Result:
    return CliRunner().invoke(tasks, ["canary", *map(str, words)])


def test_each_task_gets_a_canary_of_its_own_and_keeps_it(pack: Path) -> None:
    first = run(pack)
    assert first.exit_code == 0, first.exception
    rows = [line.split("\t") for line in first.stdout.splitlines()]
    assert [name for name, _ in rows] == sorted(
        each.name for each in PRACTICE.iterdir() if each.is_dir()
    )
    assert len({canary for _, canary in rows}) == len(rows)
    for name, canary in rows:
        assert (pack / name / "tests" / FILE).read_text() == f"{canary}\n"
    assert run(pack).stdout == first.stdout


@pytest.mark.parametrize(
    "name", ["as it is", "base64", "gzip", "\\u escapes", "PNG zTXt"]
)
def test_a_canary_is_found_in_whatever_wrapping(pack: Path, name: str) -> None:
    (task, *_) = read_packs([pack])
    place = pack.parent / "answers" / "deep"
    place.mkdir(parents=True)
    (place / "a").write_bytes(WRAPPINGS[name](plant(task)))
    (place / "b").write_text("nothing")
    done = run(pack, "--find", place.parent)
    assert done.exit_code == ExitCode.INCOMPLETE
    assert done.stdout == f"{place / 'a'}\t{task.name}\n"
    assert done.stderr == "1 canaries looked for, found in 1 places\n"
    clean = run(pack, "--find", place / "b")
    assert (clean.exit_code, clean.stdout) == (0, "")
    assert clean.stderr == "1 canaries looked for, found in 0 places\n"


def test_looking_plants_nothing(pack: Path) -> None:
    assert run(pack, "--find", pack).exit_code == 0
    assert list(pack.rglob(FILE)) == []


def test_another_file_of_that_name_is_left_alone(pack: Path) -> None:
    (task, *_) = read_packs([pack])
    (task.tests / FILE).write_text("mine")
    with pytest.raises(
        TaskError, match=r"canary\.txt: cannot be written \(file exists"
    ):
        plant(task)
    (task.tests / FILE).write_bytes(b"\xff")
    with pytest.raises(TaskError, match=r"canary\.txt: cannot be written"):
        plant(task)


def test_a_place_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"gone: cannot be read \(no such file"):
        list(find([("t", "harness-bench-canary-0")], [tmp_path / "gone"]))
