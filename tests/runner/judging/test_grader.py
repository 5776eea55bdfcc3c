"""A verdict is the tests' own word; without a whole report there is none."""

import asyncio
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import pytest

from harness_bench.errors import GraderError, Problem, SandboxError, TaskError
from runner.judging.grader import Verdict, grade, stage_tests
from runner.limits import Limits
from runner.sandboxes.bubblewrap import Bubblewrap
from runner.sandboxes.sandbox import Confined, Exit, Sandboxed
from runner.tasks import Task
from runner.workspace.workspace import freeze
from tests.needs import needs
from tests.runner.fake_sandbox import FakeSandbox, Inside, Play, reports, waits
from tests.runner.verdicts import TOML, a_task, descendants, judge, laid_out, log

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
        ("exit 0", "the report has no plan line 1..N (exit code 0)"),
        ("echo ok 1 >&3", "the report has no plan"),
        ("echo 1..0 >&3", "the report plans 0 tests and reports 0"),
        ("echo 1..2 >&3; echo ok 1 >&3", "the report plans 2 tests and reports 1"),
        ("echo 1..1 >&3; echo ok 2 >&3", "the report plans 1 tests and reports 1"),
        (
            "echo ok 1 >&3; echo ok 1 >&3; echo 1..2 >&3",
            "the report reports test 1 twice",
        ),
        ("echo ok 1 >&3; echo 1..1 >&3; echo 1..1 >&3", "the report has two plans"),
        ("echo ok 0 >&3; echo ok 2 >&3; echo 1..2 >&3", "the report plans 2 tests"),
        ("echo Bail out! >&3", "the report holds 'Bail out!', expected 'ok N"),
        ("echo okay >&3; echo 1..1 >&3", "the report holds 'okay', expected 'ok N"),
        ("ok 1\n", "the report has no plan line 1..N (exit code 127)"),
        ("kill -9 $$", "the report has no plan line 1..N (exit code 137)"),
        ("exec 3>&-; echo ok 1; echo 1..1", "the report has no plan"),
        (
            "echo ok 1 >&3; echo 1..1 >&3; exit 3",
            "tests/test.sh: reports that all tests passed, but exits with 3",
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
    with pytest.raises(
        GraderError, match="did not finish within 1 s; make the tests quicker"
    ):
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
        equal(len(candidate(["sh", "-c", "echo /proc/[0-9]*"]).out.split()), 2)
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

    def problems(self) -> tuple[Problem, ...]:
        return ()

    async def start(self, confined: Confined, **streams: object) -> Sandboxed:
        self.started += 1
        if self.started > 1:
            raise SandboxError("one-sided: cannot be started")
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
    assert (into / "link.sh").is_symlink()
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


# With a sandbox in which a test plays both sides.


def played(
    folder: Path,
    sandbox: FakeSandbox,
    *,
    toml: str = TOML,
    files: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> Verdict:
    """The verdict over the starter of a task."""
    task = a_task(folder, {"task.toml": toml, **(files or {})})
    workspace = laid_out(task, None, folder / "workspace")
    return judge(task, workspace, folder, limits or Limits(grader_s=20), sandbox)


@pytest.mark.parametrize(
    ("report", "counts"),
    [
        (reports(), (True, 1, 1, 0)),
        (reports(planned=3, passed=3), (True, 3, 3, 0)),
        (reports(planned=3, passed=2, failed=1), (False, 2, 3, 0)),
        (reports(planned=3, passed=2, skipped=1), (False, 2, 3, 1)),
        (reports(planned=3, passed=2, failed=1, code=1), (False, 2, 3, 0)),
        (reports(candidate=False), (False, 1, 1, 0)),
    ],
)
def test_a_verdict_needs_all_tests_and_a_candidate_that_is_alive(
    report: Play, counts: tuple[bool, int, int, int], tmp_path: Path
) -> None:
    found = played(tmp_path, FakeSandbox(tests=report))
    assert counts == (
        found.passed,
        found.tests_passed,
        found.tests_total,
        found.tests_skipped,
    )
    assert 0 < found.seconds < 20


@pytest.mark.parametrize(
    ("report", "named"),
    [
        (reports(problem="the report has no plan", code=127), ("no plan", "127")),
        (reports(problem="two plans", code=0), ("two plans",)),
        (reports(code=3), ("tests/test.sh", "3")),
        (reports(code=3, planned=2, passed=2), ("tests/test.sh", "3")),
        (reports(nonce="theirs"), ("nonce",)),
    ],
)
def test_a_report_that_is_not_to_be_believed_gives_no_verdict(
    report: Play, named: tuple[str, ...], tmp_path: Path
) -> None:
    with pytest.raises(GraderError) as refused:
        played(tmp_path, FakeSandbox(tests=report))
    for word in named:
        assert word in str(refused.value)


@pytest.mark.parametrize(
    ("said", "shown"),
    [(b"", "''"), (b"{", "'{'"), (b"\xff{", "\N{REPLACEMENT CHARACTER}")],
)
def test_a_report_that_is_none_is_shown(
    said: bytes, shown: str, tmp_path: Path
) -> None:
    async def tests(inside: Inside) -> Exit:
        inside.output.write(said)
        inside.output.flush()
        return Exit(code=0)

    with pytest.raises(GraderError, match="log of the grader") as refused:
        played(tmp_path, FakeSandbox(tests=tests))
    assert shown in str(refused.value)


def test_tests_without_an_end_are_named_with_their_time(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match=r"grader: .* 0\.1 s"):
        played(tmp_path, FakeSandbox(tests=waits), limits=Limits(grader_s=0.1))


def test_neither_side_outlives_the_verdict(tmp_path: Path) -> None:
    alive = set()

    async def lingers(inside: Inside) -> Exit:
        alive.add(inside.confined.folder)
        try:
            return await waits(inside)
        finally:
            alive.remove(inside.confined.folder)

    played(tmp_path, FakeSandbox(candidate=lingers))
    assert not alive
    (tmp_path / "workspace").rename(tmp_path / "before")
    with pytest.raises(GraderError):
        played(
            tmp_path,
            FakeSandbox(candidate=lingers, tests=lingers),
            limits=Limits(grader_s=0.1),
        )
    assert not alive


def test_each_side_sees_what_is_its_own(tmp_path: Path) -> None:
    sandbox = FakeSandbox()
    played(tmp_path, sandbox, limits=Limits(grader_s=50))

    candidate, tester = sandbox.started
    meeting = {mount.target: mount.source for mount in candidate.mounts}[
        "/run/candidate"
    ]
    assert own(candidate) == {"/workspace": True, "/run/candidate": True}
    assert own(tester) == {"/grader": False, "/run/candidate": False}
    assert meeting in [mount.source for mount in tester.mounts]
    assert candidate.command[-2:] == (
        *("/opt/inside/candidate_server.py", "/run/candidate/socket"),
    )
    assert tester.command[-1] == "/opt/inside/supervise.py"
    assert (candidate.folder, tester.folder) == ("/workspace", "/grader")
    assert candidate.environment == {}
    assert {
        name: value
        for name, value in tester.environment.items()
        if name != "HARNESS_BENCH_NONCE"
    } == {
        "HARNESS_BENCH_CANDIDATE_SOCKET": "/run/candidate/socket",
        "HARNESS_BENCH_CANDIDATE_S": "40.0",
    }
    assert candidate.limits == tester.limits == Limits(grader_s=50)


def test_no_report_can_be_written_by_who_does_not_know_its_nonce(
    tmp_path: Path,
) -> None:
    nonces = set()
    for name in ("one", "other"):
        sandbox = FakeSandbox()
        played(tmp_path / name, sandbox)
        nonces.add(sandbox.started[1].environment["HARNESS_BENCH_NONCE"])
    assert len(nonces) == 2
    assert min(map(len, nonces)) >= 32


def test_tests_in_the_process_of_the_candidate_may_read_its_workspace(
    tmp_path: Path,
) -> None:
    sandbox = FakeSandbox()
    played(tmp_path, sandbox, toml=f"{TOML}[grader]\nin_process = true\n")

    candidate, tester = sandbox.started
    assert own(tester) == {
        "/grader": False,
        "/run/candidate": False,
        "/workspace": False,
    }
    assert candidate.mounts[-2].source == tester.mounts[-1].source


def own(confined: Confined) -> dict[str, bool]:
    """Where the mounts of a side are that are not programs, and what can be written."""
    return {
        mount.target: mount.writable
        for mount in confined.mounts
        if mount.target in {"/workspace", "/grader", "/run/candidate"}
    }


@pytest.mark.parametrize(("mebibytes", "killed"), [(0.3, False), (0.7, True)])
def test_a_candidate_that_fills_the_disk_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mebibytes: float, *, killed: bool
) -> None:
    if not killed:
        monkeypatch.setattr("runner.judging.grader.DISK_CHECK_S", 0.01)
    ended = asyncio.Event()

    async def candidate(inside: Inside) -> Exit:
        for target in ("/workspace", "/run/candidate"):
            content = b"x" * int(mebibytes * 2**20)
            (inside.real(target) / "big").write_bytes(content)
        try:
            return await waits(inside)
        finally:
            ended.set()

    async def tests(inside: Inside) -> Exit:
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), timeout=1.4 if killed else 0.3)
        return await reports(candidate=not ended.is_set())(inside)

    found = played(
        tmp_path,
        FakeSandbox(candidate=candidate, tests=tests),
        limits=Limits(grader_s=20, disk_mb=1),
    )
    assert found.passed != killed


IN_PROCESS = f"{TOML}[grader]\nin_process = true\n"


@pytest.mark.parametrize("end", [0, 1, None])
def test_code_that_ends_the_tests_that_import_it_has_failed(
    tmp_path: Path, end: int | None
) -> None:
    async def tests(inside: Inside) -> Exit:
        return await waits(inside) if end is None else Exit(code=end)

    sandbox = FakeSandbox(tests=tests)
    found = played(tmp_path, sandbox, limits=Limits(grader_s=0.2), toml=IN_PROCESS)
    assert not found.passed
    assert (found.tests_passed, found.tests_total) == (None, None)
    assert len(sandbox.started) == 4  # both sides, twice


def test_a_report_that_imported_code_cut_short_is_its_failure(tmp_path: Path) -> None:
    cut = FakeSandbox(tests=reports(problem="the report has no plan line 1..N"))
    found = played(tmp_path, cut, toml=IN_PROCESS)
    assert (found.passed, found.tests_total) == (False, None)
    assert len(cut.started) == 4  # both sides, twice


def test_tests_that_report_when_they_are_run_again_have_their_say(
    tmp_path: Path,
) -> None:
    ends = iter([False, True])

    async def tests(inside: Inside) -> Exit:
        return await reports()(inside) if next(ends) else Exit(code=1)

    assert played(tmp_path, FakeSandbox(tests=tests), toml=IN_PROCESS).passed


def test_a_sandbox_that_did_not_answer_is_never_the_fault_of_imported_code(
    tmp_path: Path,
) -> None:
    problem = "the sandbox of the candidate did not answer"
    sandbox = FakeSandbox(tests=reports(problem=problem, began=False))
    with pytest.raises(GraderError, match="did not answer"):
        played(tmp_path, sandbox, toml=IN_PROCESS)


def test_what_was_put_back_stands_first_in_the_log(tmp_path: Path) -> None:
    async def tests(inside: Inside) -> Exit:
        inside.errors.write(b"told\n")
        inside.errors.flush()
        return await reports()(inside)

    task = a_task(tmp_path)
    workspace = laid_out(task, None, tmp_path / "workspace")
    (workspace / "conftest.py").write_text("evil")
    judge(task, workspace, tmp_path, None, FakeSandbox(tests=tests))

    first, last = log(tmp_path).splitlines()
    assert first.startswith("harness-bench: conftest.py: ")
    assert last == "told"


def test_a_tester_that_cannot_be_started_leaves_no_candidate(tmp_path: Path) -> None:
    ended = []

    async def candidate(inside: Inside) -> Exit:
        try:
            return await waits(inside)
        finally:
            ended.append(True)

    class Refusing(FakeSandbox):
        async def start(
            self, confined: Confined, *, output: BinaryIO, errors: BinaryIO
        ) -> Sandboxed:
            if self.started:
                raise SandboxError("no second one")
            begun = await super().start(confined, output=output, errors=errors)
            await asyncio.sleep(0)
            return begun

    with pytest.raises(SandboxError, match="no second one"):
        played(tmp_path, Refusing(candidate=candidate))
    assert ended == [True]
