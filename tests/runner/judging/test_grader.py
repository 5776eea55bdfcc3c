"""A verdict is the tests' own word; without a whole report there is none."""

import asyncio
import os
import socket
from pathlib import Path

import pytest

from harness_bench.errors import GraderError, SandboxError, TaskError
from runner.judging.grader import grade, stage_tests
from runner.limits import Limits
from runner.sandboxes.bubblewrap import Bubblewrap
from runner.sandboxes.sandbox import Confined, Sandboxed
from runner.tasks import Task
from runner.workspace.workspace import freeze
from tests.needs import needs
from tests.runner.verdicts import a_task, descendants, judge, laid_out, log

bubblewrap = pytest.mark.e2e


def graded(folder: Path, test_sh: str) -> tuple[Task, Path]:
    """A task with this grader, and its starter as the workspace."""
    needs("bwrap")
    task = a_task(folder, {"tests/test.sh": test_sh})
    return task, laid_out(task, None, folder / "workspace")


@bubblewrap
@pytest.mark.parametrize(
    ("report", "counts"),
    [
        ("ok 1\n1..1", (True, 1, 1, 0)),
        ("1..2\nok 1 - first\nok 2 - second", (True, 2, 2, 0)),
        ("TAP version 14\n1..1\n# a comment\n    ok 7 - inner\nok 1", (True, 1, 1, 0)),
        ("ok 2\nok 1\n1..2", (True, 2, 2, 0)),
        ("not ok 1 - bad\n1..1", (False, 0, 1, 0)),
        ("ok 1\nnot ok 2 - bad\n1..2", (False, 1, 2, 0)),
        ("ok 1\nok 2 # SKIP no compiler\n1..2", (False, 1, 2, 1)),
        ("ok 1 # skip\n1..1", (False, 0, 1, 1)),
        ("not ok 1 # SKIP broken\n1..1", (False, 0, 1, 0)),
        ("ok 1 - keeps \\\\# skip in text\n1..1", (True, 1, 1, 0)),
    ],
)
def test_a_verdict_counts_what_was_reported(
    report: str, counts: tuple[bool, int, int, int], tmp_path: Path
) -> None:
    task, workspace = graded(tmp_path, f"cat >&3 <<END\n{report}\nEND\n")
    found = judge(task, workspace, tmp_path)
    assert counts == (
        found.passed,
        found.tests_passed,
        found.tests_total,
        found.tests_skipped,
    )
    assert 0 < found.seconds < 30


@bubblewrap
@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("exit 0", "the report has no plan, expected a line 1..N (exit code 0)"),
        ("echo ok 1 >&3", "the report has no plan"),
        ("echo 1..0 >&3", "the report plans 0 tests and tells of 0"),
        ("echo 1..2 >&3; echo ok 1 >&3", "the report plans 2 tests and tells of 1"),
        ("echo 1..1 >&3; echo ok 2 >&3", "the report plans 1 tests and tells of 1"),
        ("echo ok 1 >&3; echo ok 1 >&3; echo 1..2 >&3", "the report tells twice of"),
        ("echo ok 1 >&3; echo 1..1 >&3; echo 1..1 >&3", "the report has two plans"),
        ("echo ok 0 >&3; echo ok 2 >&3; echo 1..2 >&3", "the report plans 2 tests"),
        ("echo Bail out! >&3", "the report holds 'Bail out!', expected 'ok N"),
        ("echo okay >&3; echo 1..1 >&3", "the report holds 'okay', expected 'ok N"),
        ("ok 1\n", "the report has no plan, expected a line 1..N (exit code 127)"),
        ("kill -9 $$", "the report has no plan, expected a line 1..N (exit code 137)"),
        ("exec 3>&-; echo ok 1; echo 1..1", "the report has no plan"),
        (
            "echo ok 1 >&3; echo 1..1 >&3; exit 3",
            "tests/test.sh: reports that all passed and exits with 3, expected 0",
        ),
    ],
)
def test_there_is_no_verdict_without_a_whole_report(
    script: str, problem: str, tmp_path: Path
) -> None:
    task, workspace = graded(tmp_path, script)
    with pytest.raises(GraderError) as caught:
        judge(task, workspace, tmp_path)
    assert problem in str(caught.value)


@bubblewrap
def test_failed_tests_may_end_with_a_failure(tmp_path: Path) -> None:
    task, workspace = graded(tmp_path, "echo not ok 1 >&3; echo 1..1 >&3; exit 1")
    assert not judge(task, workspace, tmp_path).passed


@bubblewrap
def test_tests_that_do_not_end_give_no_verdict_and_leave_nothing_alive(
    tmp_path: Path,
) -> None:
    task, workspace = graded(tmp_path, "echo ok 1 >&3; echo 1..1 >&3; sleep 999")
    with pytest.raises(GraderError, match="is not done after 1 s, expected tests that"):
        judge(task, workspace, tmp_path, Limits(grader_s=1))
    assert not descendants()


@bubblewrap
def test_tests_may_leave_processes_behind(tmp_path: Path) -> None:
    script = "setsid sleep 999 & echo ok 1 >&3; echo 1..1 >&3"
    task, workspace = graded(tmp_path, script)
    assert judge(task, workspace, tmp_path).seconds < 10
    assert not descendants()


BEHAVIOURS = {
    "a command works in the workspace and can change it": """
        equal(candidate(["sh", "-c", "pwd; cat readme.txt; echo x >new"]).out,
              "/workspace\\nNothing yet.\\n")
        equal(candidate(["cat", "new"]).out, "x\\n")
    """,
    "the workspace holds what the agent left and nothing else": """
        equal(candidate(["sh", "-c", "ls -a"]).out, ".\\n..\\nreadme.txt\\n")
    """,
    "exit codes come through": """
        for code in (0, 1, 42, 255):
            equal(candidate(["sh", "-c", f"exit {code}"]).exit, code)
    """,
    "a signal is 128 and its number": """
        equal(candidate(["sh", "-c", "kill -9 $$"]).exit, 137)
        equal(candidate(["sh", "-c", "kill -11 $$"]).exit, 139)
    """,
    "a command that is not there exits with 127": """
        equal(candidate(["no-such-command"]).exit, 127)
        equal(candidate(["./no/such/file"]).exit, 127)
    """,
    "a command that cannot be executed exits with 126": """
        equal(candidate(["./readme.txt"]).exit, 126)
        equal(candidate(["/"]).exit, 126)
    """,
    "a command that hangs is killed with its children and exits with 124": """
        began = time.monotonic()
        done = candidate(["sh", "-c", "echo on; sleep 999 & sleep 999"], timeout=0.3)
        equal((done.exit, done.out), (124, "on\\n"))
        assert time.monotonic() - began < 2
        equal(candidate(["sh", "-c", "ls -d /proc/[0-9]* | wc -l"]).out.strip(), "4")
    """,
    "a daemon is dead before the next command": """
        candidate(["sh", "-c", "setsid sh -c 'sleep 0.2; echo x >late' & exit 0"])
        time.sleep(0.4)
        equal(candidate(["ls"]).out, "readme.txt\\n")
    """,
    "a daemon that keeps the output open does not hold the test up": """
        began = time.monotonic()
        done = candidate(["sh", "-c", "setsid sleep 999 & echo done"], timeout=20)
        equal((done.exit, done.out), (0, "done\\n"))
        assert time.monotonic() - began < 5
    """,
    "input and output of any size and any bytes come through": """
        data = bytes(range(256)) * 8000
        done = candidate(["cat"], input=data)
        equal((done.exit, done.raw == data), (0, True))
        done = candidate(["sh", "-c", "cat >&2"], input=data)
        equal((done.raw, done.raw_errors == data), (b"", True))
    """,
    "a command may leave its input unread": """
        equal(candidate(["true"], input=b"x" * 1000000).exit, 0)
        equal(candidate(["head", "-c", "1"], input=b"x" * 1000000).out, "x")
    """,
    "a command reads an empty input where none is given": """
        equal(candidate(["cat"]).exit, 0)
    """,
    "what is no text becomes text": """
        equal(candidate(["printf", r"a\\377b"]).out, "a\\ufffdb")
    """,
    "output without end is stopped": """
        done = candidate(["yes"])
        equal((done.exit, len(done.raw) <= 8 << 20), (153, True))
    """,
    "arguments come through as they are": """
        words = ["a b", "", "'", "\\u00e4", "*", "-x", "x" * 100000]
        done = candidate(["printf", r"%s\\n", *words])
        equal(done.out, "".join(word + "\\n" for word in words))
    """,
    "a command gets three descriptors and a plain environment": """
        done = candidate(["sh", "-c", "ls /proc/$$/fd"])
        equal(done.out.split()[:3], ["0", "1", "2"])
        equal(candidate(["ls", "/proc/self/fd"]).out, "0\\n1\\n2\\n3\\n")
        names = [line.partition("=")[0] for line in candidate(["env"]).out.split()]
        equal(sorted(names), ["HOME", "LANG", "PATH"])
        for fd in "012":
            link = candidate(["readlink", f"/proc/self/fd/{fd}"]).out
            equal(link.partition(":")[0], "pipe")
    """,
    "two commands can run at one time": """
        from threading import Thread
        Thread(target=candidate, args=(["sh", "-c", "until test -e a; do :; done"],)
               ).start()
        equal(candidate(["touch", "a"]).exit, 0)
    """,
    "the candidate sees neither tests nor the report": """
        for path in ("/grader", "/run/candidate/../grader"):
            equal(candidate(["ls", path]).exit, 2)
        equal(candidate(["sh", "-c", "grep -rs a-canary /proc/*/environ"]).out, "")
        equal(candidate(["sh", "-c", "(echo ok 9 >&3) 2>/dev/null"]).exit, 2)
    """,
    "the tests see no file of the candidate": """
        import os
        equal(os.path.exists("/workspace"), False)
    """,
    "the tests do not know the nonce": """
        import os
        equal([name for name in os.environ if "NONCE" in name], [])
    """,
    "a candidate that kills its server fails what is left and hangs nothing": """
        candidate(["sh", "-c", "rm /run/candidate/socket"])
        equal(candidate(["true"]).exit, 125)
        raise AssertionError("not passed, whatever was expected")
    """,
}

CHECKS = """
import time
from grading import Report, candidate, equal
with Report() as report:
    with report.test("it"):
        if True:%s
"""


@bubblewrap
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_what_the_tests_are_promised_holds(behaviour: str, tmp_path: Path) -> None:
    code = BEHAVIOURS[behaviour].replace("\n        ", "\n            ")
    task, workspace = graded(tmp_path, "exec python3 /grader/checks.py\n")
    (task.tests / "checks.py").write_text(CHECKS % code, encoding="utf-8")
    verdict = judge(task, workspace, tmp_path)
    if "AssertionError" in code:
        assert not verdict.passed
        assert "not passed, whatever" in log(tmp_path)
    else:
        assert verdict.passed, log(tmp_path)


@bubblewrap
def test_any_exception_in_a_test_fails_that_test_alone(tmp_path: Path) -> None:
    checks = """
from grading import Report
with Report() as report:
    with report.test("first"):
        int("no number")
    with report.test("a name # SKIP with\\nodd characters"):
        pass
"""
    task, workspace = graded(tmp_path, "exec python3 /grader/checks.py\n")
    (task.tests / "checks.py").write_text(checks)
    found = judge(task, workspace, tmp_path)
    assert (found.tests_passed, found.tests_total, found.tests_skipped) == (1, 2, 0)
    assert "ValueError" in log(tmp_path)


@bubblewrap
def test_an_error_outside_of_tests_is_no_verdict(tmp_path: Path) -> None:
    script = "exec python3 -c 'from grading import Report\nwith Report(): 1 / 0'"
    task, workspace = graded(tmp_path, script)
    with pytest.raises(GraderError, match="has no plan"):
        judge(task, workspace, tmp_path)


@bubblewrap
def test_candidate_is_a_command_for_sh(tmp_path: Path) -> None:
    script = r"""
number=0
check() {
    number=$((number + 1))
    if [ "$1" = "$2" ]; then echo "ok $number" >&3; else
        echo "found $1, expected $2"; echo "not ok $number" >&3; fi
}
check "$(candidate echo 'a  b')" 'a  b'
check "$(printf 'x\ny\n' | candidate wc -l)" 2
candidate sh -c 'echo out; echo err >&2; exit 7' >/tmp/out 2>/tmp/err
check "$? $(cat /tmp/out) $(cat /tmp/err)" "7 out err"
candidate -t 0.2 sleep 999
check $? 124
candidate yes | head -1 >/tmp/one
check "$(cat /tmp/one)" y
candidate 2>/dev/null
check $? 2
check "$(timeout 0.3 /opt/inside/candidate sleep 999; candidate pgrep sleep)" ""
echo "1..$number" >&3
"""
    task, workspace = graded(tmp_path, script)
    assert judge(task, workspace, tmp_path).passed, log(tmp_path)


@bubblewrap
def test_the_log_says_what_was_printed_and_what_was_removed(tmp_path: Path) -> None:
    task, workspace = graded(
        tmp_path, "echo said; echo told >&2; echo ok 1 >&3; echo 1..1 >&3"
    )
    (workspace / "conftest.py").write_text("evil")
    assert judge(task, workspace, tmp_path).passed
    assert log(tmp_path) == (
        "harness-bench: conftest.py: is configuration that the task does not own,"
        " removed\nsaid\ntold\n"
    )


@bubblewrap
def test_neither_pipes_nor_special_permissions_reach_the_candidate(
    tmp_path: Path,
) -> None:
    task, workspace = graded(
        tmp_path,
        """
found=$(candidate sh -c 'find . -type f -printf "%f %m\\n" -o ! -type d -print' | sort)
expected=$(printf 'program 755\\nreadme.txt 644')
[ "$found" = "$expected" ] && echo "ok 1" >&3 || echo "not ok 1 $found" >&3
echo "$found"; echo 1..1 >&3
""",
    )
    os.mkfifo(workspace / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(workspace / "socket"))
    (workspace / "program").write_text("#!/bin/sh\n")
    (workspace / "program").chmod(0o6777)
    (workspace / "readme.txt").chmod(0o000)
    assert judge(task, workspace, tmp_path).passed, log(tmp_path)


class OneSided:
    """A sandbox that starts once, and then never again."""

    name = "one-sided"

    has_own_network = True

    def __init__(self) -> None:
        self.started = 0

    def problems(self) -> tuple[str, ...]:
        return ()

    async def start(self, confined: Confined, **streams: object) -> Sandboxed:
        self.started += 1
        if self.started > 1:
            raise SandboxError("one-sided: cannot be started, expected once")
        return await Bubblewrap().start(confined, **streams)  # type: ignore[arg-type]  # passed on


@bubblewrap
def test_a_sandbox_that_cannot_be_started_leaves_the_other_one_dead(
    tmp_path: Path,
) -> None:
    task, workspace = graded(tmp_path, "echo ok 1 >&3; echo 1..1 >&3")
    archive = freeze(workspace, tmp_path / "archives").path
    with pytest.raises(SandboxError):
        asyncio.run(
            grade(
                task,
                archive=archive,
                tests=task.tests,
                sandbox=OneSided(),
                scratch=tmp_path,
                limits=Limits(),
                log=tmp_path / "grader.log",
            )
        )
    assert not descendants()


def test_staged_tests_carry_the_canary_where_a_reader_begins(tmp_path: Path) -> None:
    files = {
        "tests/test.sh": "#!/bin/sh\nexit 0\n",
        "tests/sub/checks.py": '"""Checks."""\n',
        "tests/data.json": "{}\n",
        "tests/link.sh": "-> test.sh",
        "tests/__pycache__/x.pyc": "old",
    }
    task = a_task(tmp_path, files)
    into = tmp_path / "staged"
    into.mkdir()
    stage_tests(task, into, "c4n4ry")
    texts = {
        path.relative_to(into).as_posix(): path.read_text()
        for path in into.rglob("*")
        if path.is_file()
    }
    assert texts == {
        "CANARY": "c4n4ry\n",
        "test.sh": "#!/bin/sh\n# c4n4ry\nexit 0\n",
        "link.sh": "#!/bin/sh\n# c4n4ry\nexit 0\n",
        "sub/checks.py": '# c4n4ry\n"""Checks."""\n',
        "data.json": "{}\n",
    }


def test_tests_that_are_gone_cannot_be_staged(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    (task.tests / "test.sh").unlink()
    task.tests.rmdir()
    with pytest.raises(TaskError, match="/some_task/tests: cannot be read"):
        stage_tests(task, tmp_path, "c4n4ry")
