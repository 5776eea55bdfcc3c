"""Exercises of Exercism become tasks that tell right from wrong, or are named."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness_bench.errors import TaskError
from runner.packs.brought import Brought, Refused, write
from runner.packs.cli import tasks
from runner.packs.from_exercism import exercises
from runner.tasks import read_packs
from tests.runner.packs.test_check import check

PYTHON = {
    "LICENSE": "The MIT License (MIT)\n",
    "practice/add-up/.docs/instructions.md": "Add two numbers.\n",
    "practice/add-up/.meta/example.py": "def add(a, b):\n    return a + b\n",
    "practice/add-up/add_up.py": "def add(a, b):\n    pass\n",
    "practice/add-up/add_up_test.py": """\
import unittest

from add_up import add


class AddTest(unittest.TestCase):
    def test_small(self):
        self.assertEqual(add(1, 2), 3)

    def test_negative(self):
        self.assertEqual(add(-1, 1), 0)

    @unittest.skip("not asked for")
    def test_skipped(self):
        pass
""",
}
RUST = {
    "add-up/.docs/instructions.md": "Add.\n",
    "add-up/Cargo.toml": '[package]\nname = "add-up"\nversion = "1.0.0"\n',
    "add-up/.meta/example.rs": "pub fn add() {}\n",
    "add-up/src/lib.rs": "pub fn add() {}\n",
    "add-up/tests/add-up.rs": "#[test]\nfn one() {}\n#[test]\n#[ignore]\nfn two() {}\n",
}
CPP = {
    "sum/.docs/instructions.md": "Add.\n",
    "sum/.meta/example.h": "int sum();\n",
    "sum/sum.cpp": "",
    "sum/sum.h": "",
    "sum/sum_test.cpp": 'TEST_CASE("adds", "[x]") {}\nTEST_CASE("again") {}\n',
    "sum/test/catch_amalgamated.cpp": "",
    "sum/test/catch_amalgamated.hpp": "",
}
CONFIGS = {
    "practice/add-up": (["add_up.py"], ["add_up_test.py"], [".meta/example.py"]),
    "add-up": (["src/lib.rs", "Cargo.toml"], ["tests/add-up.rs"], [".meta/example.rs"]),
    "sum": (["sum.cpp", "sum.h"], ["sum_test.cpp"], [".meta/example.h"]),
}


def _track(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name, parts in CONFIGS.items():
        if (folder / name).exists():
            whole = dict(zip(("solution", "test", "example"), parts, strict=True))
            about = {"authors": ["ada"], "blurb": "Adds up.", "files": whole}
            path = folder / name / ".meta/config.json"
            path.write_text(json.dumps(about))
    return folder


def _only(folder: Path, files: Mapping[str, str]) -> Brought | Refused:
    ((_, found),) = exercises(_track(folder, files))
    return found


@pytest.mark.e2e
def test_the_example_passes_and_a_wrong_answer_does_not(tmp_path: Path) -> None:
    kept = {
        name: text.replace('    @unittest.skip("not asked for")\n', "")
        for name, text in PYTHON.items()
    }
    found = _only(tmp_path / "track", kept)
    assert isinstance(found, Brought)
    (folder,) = write(tmp_path / "pack", [found])
    wrong = folder / "wrong/knows_one/add_up.py"
    wrong.parent.mkdir(parents=True)
    wrong.write_text("def add(a, b):\n    return 3\n")

    checked = check(read_packs([tmp_path / "pack"])[0], tmp_path)

    assert checked.is_fit
    assert [str(each).partition("python_add_up/")[2] for each in checked.findings] == [
        "wrong: has 1 wrong answers; 3 or more say how much the tests tell apart",
        (
            "task.toml: is from elsewhere (exercism: add-up); its tests run in one"
            " process with the agent's code, which can forge them"
        ),
    ]


def test_where_it_is_from_and_its_licence_stay_with_it(tmp_path: Path) -> None:
    found = _only(tmp_path, PYTHON)
    assert isinstance(found, Brought)
    write(tmp_path / "pack", [found])

    (task,) = read_packs([tmp_path / "pack"])

    assert task.title == "Adds up."
    assert task.instruction == "Add two numbers.\n\nWrite your code in `add_up.py`.\n"
    assert task.source is not None
    assert (task.source.licence, task.source.authors) == (
        "The MIT License (MIT)",
        "ada",
    )
    assert json.loads((task.tests / "plan.json").read_text())["names"] == [
        "AddTest.test_small",
        "AddTest.test_negative",
        "AddTest.test_skipped",
    ]


@pytest.mark.parametrize(
    ("files", "names", "toolchain"),
    [(RUST, ["one", "two"], "rust"), (CPP, ["adds", "again"], "cpp")],
)
def test_compiled_exercises_name_their_tests_and_tools(
    tmp_path: Path, files: Mapping[str, str], names: list[str], toolchain: str
) -> None:
    found = _only(tmp_path, files)

    assert isinstance(found, Brought)
    assert json.loads(found.files["tests/plan.json"])["names"] == names
    assert f"[tools.{toolchain}]" in found.toolchain
    assert not any(b"#[ignore" in text for text in found.files.values())
    write(tmp_path / "pack", [found])
    assert read_packs([tmp_path / "pack"])[0].toolchains[0].name == toolchain


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            RUST
            | {
                "add-up/Cargo.toml": '[package]\nname = "x"\n[dependencies]\n'
                'time = "1"\nrand = "1"\n'
            },
            "Cargo.toml: needs the crate time\nCargo.toml: needs the crate rand",
        ),
        (
            {name: text for name, text in CPP.items() if "amalgamated" not in name},
            "test/catch_amalgamated.cpp: is missing, with test/catch_amalgamated.hpp",
        ),
        (
            {name: text for name, text in RUST.items() if "lib.rs" not in name},
            "src/lib.rs: is not there",
        ),
    ],
)
def test_what_cannot_be_taken_is_named(
    tmp_path: Path, files: Mapping[str, str], said: str
) -> None:
    found = _only(tmp_path, files)

    assert isinstance(found, Refused)
    assert str(found) == said


def test_an_exercise_that_names_no_files_is_refused(tmp_path: Path) -> None:
    about = _track(tmp_path, PYTHON) / "practice/add-up/.meta/config.json"
    about.write_text('{"files": {"solution": [], "test": [], "example": []}}')
    ((_, found),) = exercises(tmp_path)
    assert isinstance(found, Refused)
    assert str(found).endswith("names no solution in Python, Rust or C++, or no tests")


def test_a_name_that_leads_out_of_the_exercise_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("mine\n")
    folder = _track(tmp_path / "track", PYTHON) / "practice/add-up"
    config = json.loads((folder / ".meta/config.json").read_text())
    config["files"]["solution"] = ["../../../secret.py"]
    (folder / ".meta/config.json").write_text(json.dumps(config))

    ((_, found),) = exercises(tmp_path / "track")

    assert isinstance(found, Refused)
    assert str(found) == "../../../secret.py: is not there"


def test_the_command_overwrites_nothing_and_says_what_a_pack_lacks(
    tmp_path: Path,
) -> None:
    words = ["import", "exercism", str(_track(tmp_path / "x", RUST))]
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "pack.toml").write_text("[pack]\nallow_hosted = true\n")

    with pytest.raises(TaskError, match=r"pack\.toml: add to it:\n\[tools\.rust\]"):
        CliRunner().invoke(tasks, [*words, str(pack)], catch_exceptions=False)
    (pack / "pack.toml").unlink()
    result = CliRunner().invoke(tasks, [*words, str(pack)], catch_exceptions=False)
    assert result.stdout == f"{pack / 'rust_add_up'}\n"
    with pytest.raises(TaskError, match="is there already"):
        CliRunner().invoke(tasks, [*words, str(pack)], catch_exceptions=False)
