"""A check of a task finds what would be counted for or against models."""

import asyncio
import shutil
import subprocess
from pathlib import Path

import pytest

from runner.limits import Limits
from runner.packs.check import Checked, check_task
from runner.packs.lint import lint
from runner.packs.provide import provide
from runner.sandboxes.bubblewrap import Bubblewrap
from runner.tasks import Task, read_packs
from tests.docs.documents import ROOT, blocks
from tests.needs import needs
from tests.runner.verdicts import (
    PRACTICE,
    TOML,
    a_task,
    descendants,
    write,
)

pytestmark = pytest.mark.e2e

LARGE = ("pytorch", "jax")
QUICK = ("p1_page_ranges", "p2_tool_desk", "sql1_overdue_accounts", "c1_last_lines")
"""Those of which wrong answers are graded too."""
PASSAGE = "one two three four five six seven eight nine ten eleven twelve thirteen"
SOUND = {
    "starter/answer.txt": "none\n",
    "solution/answer.txt": "right\n",
    "wrong/a/answer.txt": "wrong\n",
    "wrong/b/answer.txt": "Right\n",
    "wrong/c/answer.txt": "",
    "tests/test.sh": """
candidate cat answer.txt >/tmp/found
[ "$(cat /tmp/found)" = right ] && echo "ok 1" >&3 || echo "not ok 1" >&3
echo 1..1 >&3
""",
}
"""A task with nothing to mend."""


def check(task: Task, scratch: Path, *, repeats: int = 1, limit: float = 60) -> Checked:
    needs("bwrap")
    return asyncio.run(
        check_task(
            task,
            sandbox=Bubblewrap(),
            scratch=scratch,
            limits=Limits(grader_s=limit),
            repeats=repeats,
        )
    )


def findings(folder: Path, more: dict[str, str], *, without: str = "") -> list[str]:
    """What is found in a sound task after a change, without the pack's name."""
    files = {**SOUND, **more}
    if without:
        files = {name: text for name, text in files.items() if without not in name}
    checked = check(a_task(folder, files), folder)
    return [str(each).partition("/some_task/")[2] for each in checked.findings]


def test_a_sound_task_has_no_findings(tmp_path: Path) -> None:
    checked = check(a_task(tmp_path, SOUND), tmp_path, repeats=2)
    assert checked.findings == ()
    assert checked.is_fit
    assert checked.gradings == 12
    assert checked.seconds is not None
    assert not descendants()


@pytest.mark.parametrize(
    ("more", "finding"),
    [
        (
            {"solution/answer.txt": "wrong\n"},
            "solution: passes 0 of 1 tests, but has to pass all",
        ),
        (
            {"starter/answer.txt": "right\n", "wrong/c/other.txt": ""},
            "starter: passes 1 of 1 tests, but has to fail at least one",
        ),
        (
            {"wrong/b/answer.txt": "right\n"},
            "wrong/b: passes 1 of 1 tests, but has to fail at least one",
        ),
        (
            {"tests/test.sh": "echo 1..1 >&3\n"},
            "wrong/c: gets no verdict: tests/test.sh: the report plans 1 tests and",
        ),
        (
            {"task.toml": TOML + 'tools = ["sh", "no-such-tool"]\n'},
            "task.toml: needs 'no-such-tool', which is not in the sandbox",
        ),
        (
            {"instruction.md": f"Say {PASSAGE}.", "tests/words": PASSAGE.upper()},
            "tests/words: shares 'one two three four five six seven eight nine ten",
        ),
        (
            {"task.toml": TOML + "[grader]\nin_process = true\n"},
            "task.toml: [grader] in_process: the agent's code runs in the process of",
        ),
        (
            {"solution/sub/Makefile": "all:\n"},
            "solution/sub/Makefile: is as the starter has it before grading, or",
        ),
    ],
)
def test_what_must_be_mended_is_found(
    more: dict[str, str], finding: str, tmp_path: Path
) -> None:
    found = findings(tmp_path, more)
    assert any(line.startswith(finding) for line in found), found


def test_a_makefile_that_the_task_owns_is_no_finding(tmp_path: Path) -> None:
    owned = {"task.toml": TOML + '[grader]\nowns = ["Makefile"]\n'}
    found = findings(tmp_path, {**owned, "solution/Makefile": "all:\n"})
    assert found == []


def test_missing_answers_are_found(tmp_path: Path) -> None:
    assert findings(tmp_path / "1", {}, without="solution/") == [
        "solution: is missing; add files that pass all tests"
    ]
    assert findings(tmp_path / "2", {}, without="wrong/a/") == [
        "wrong: has 2 wrong answers; 3 or more say how much the tests tell apart"
    ]


def test_a_file_that_the_starter_has_as_well_is_public_on_purpose(
    tmp_path: Path,
) -> None:
    both = {"starter/schema.sql": PASSAGE, "tests/schema.sql": PASSAGE}
    assert findings(tmp_path, both) == []


def test_a_grader_that_changes_its_mind_is_found(tmp_path: Path) -> None:
    moody = """
[ $(od -An -N1 -tu1 /dev/urandom) -lt 128 ] && echo "ok 1" >&3 || echo "not ok 1" >&3
echo 1..1 >&3
"""
    task = a_task(tmp_path, {**SOUND, "tests/test.sh": moody})
    checked = check(task, tmp_path, repeats=8)
    assert any(
        "when graded 8 times, instead of always the same" in finding.what
        for finding in checked.findings
    )


def test_a_grader_that_takes_most_of_its_time_is_found(tmp_path: Path) -> None:
    slow = SOUND["tests/test.sh"] + "sleep 1\n"
    checked = check(
        a_task(tmp_path, {**SOUND, "tests/test.sh": slow}), tmp_path, limit=3
    )
    (finding,) = checked.findings
    assert finding.where.endswith("/some_task/tests")
    assert finding.what.endswith(" s, more than a third of [limits] grader_s (3 s)")


def test_what_is_only_good_to_know_does_not_make_a_task_unfit(tmp_path: Path) -> None:
    files = {**SOUND, "task.toml": TOML + "[grader]\nin_process = true\n"}
    checked = check(a_task(tmp_path, files), tmp_path)
    assert [finding.is_problem for finding in checked.findings] == [False]
    assert checked.is_fit


@pytest.mark.parametrize(
    "task",
    [task for task in read_packs([PRACTICE]) if task.language not in LARGE],
    ids=lambda task: task.name,
)
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_practice_tasks_pass_their_solution_and_quick_ones_no_wrong_answer(
    task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Those of PyTorch and JAX are checked by `make torture`, and so are wrong answers
    # that take many seconds.
    needs("bwrap")
    if task.language == "rust" and shutil.which("cargo", path="/usr/bin") is None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        own = shutil.which("rustc", path=Path.home() / ".cargo" / "bin")
        rustc = [own or needs("rustc"), "--print", "sysroot"]
        root = subprocess.run(rustc, capture_output=True, text=True, check=True)
        rust = {each.name: each for each in task.toolchains if each.name == "rust"}
        folders = {"rust": Path(root.stdout.strip())}
        assert not provide(rust, folders=folders, sandbox=Bubblewrap(), tell=print)
    checked = asyncio.run(
        check_task(
            task,
            sandbox=Bubblewrap(),
            scratch=tmp_path,
            limits=Limits(),
            repeats=1,
            solution_only=task.name not in QUICK,
        )
    )
    assert [str(finding) for finding in checked.findings] == []


def test_practice_tasks_have_nothing_to_lint() -> None:
    found = [str(each) for task in read_packs([PRACTICE]) for each in lint(task)]
    assert found == []


def test_the_task_that_the_documentation_makes_has_no_findings(tmp_path: Path) -> None:
    page = ROOT / "docs" / "how-to" / "write-a-task.md"
    write(tmp_path, {each.file: each.text for each in blocks(page) if each.file})
    (task,) = read_packs([tmp_path / "tasks" / "private"])
    assert check(task, tmp_path).findings == ()
