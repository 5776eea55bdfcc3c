"""Changed tests judge what is stored: no model is asked, nothing is executed again."""

import shutil
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from harness_bench.schema import Record, Status
from runner.run_folder.ledger import read_ledger
from sitegen.parsed import read
from tests.needs import needs
from tests.runs import (
    JUDGED_BY_ONE_WORD,
    run_command,
    write_files,
    write_small_task,
)

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SPEC = """\
[run]
packs = ["pack"]
keep = "{keep}"
[limits]
agent_s = 30
[[model]]
name = "oracle"
script = "oracle"
[[model]]
name = "wrong"
script = "wrong"
[[harness]]
name = "mini"
"""
TOLERANT = JUDGED_BY_ONE_WORD.replace("= right", "!= none")
BROKEN = "exit 1\n"


def prepared(folder: Path) -> Path:
    """A task and settings: the oracle passes, the wrong answer fails."""
    needs("bwrap")
    write_files(folder, {"run.toml": SPEC.format(keep="all")})
    write_small_task(folder / "pack" / "t")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What is not executed yet."""
    return prepared(tmp_path)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was executed, once for all tests."""
    found = prepared(tmp_path_factory.mktemp("executed"))
    assert run(found).returncode == 0
    return found


@pytest.fixture
def executed(once: Path, tmp_path: Path) -> Path:
    """A copy of what was executed, with the times of its files."""
    return Path(shutil.copytree(once, tmp_path / "own"))


def run(folder: Path, word: str = "run", *words: str) -> CompletedProcess[str]:
    return run_command(word, "run.toml", "--run", "out", *words, cwd=folder)


def rows(folder: Path) -> dict[str, Record]:
    """Model -> its row."""
    found = read((folder / "out" / "cells.csv").read_bytes())
    return {record.model: record for record in found}


def statuses(folder: Path) -> dict[str, Status | None]:
    return {model: record.status for model, record in rows(folder).items()}


def lines(folder: Path) -> list[bytes]:
    """Of the ledger, in the order in which they were written."""
    segments = sorted(
        (folder / "out" / "ledger").iterdir(), key=lambda path: path.stat().st_mtime_ns
    )
    return [line for path in segments for line in path.read_bytes().splitlines()]


def test_changed_tests_change_verdicts_and_nothing_else(executed: Path) -> None:
    before, written = rows(executed), lines(executed)
    (executed / "pack" / "t" / "tests" / "test.sh").write_text(TOLERANT)

    ended = run(executed, "regrade")

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "wrong/mini/t/0\tfail 0/1\tpass 1/1\n"
    assert "2 judged again, 1 changed" in ended.stderr
    after = rows(executed)
    assert statuses(executed) == {"oracle": Status.PASS, "wrong": Status.PASS}
    for model, record in after.items():
        assert record.task_version != before[model].task_version
        for name in ("started_at", "agent_time_s", "calls", "tokens_out"):
            assert getattr(record, name) == getattr(before[model], name)
    # Nothing that was written has changed; what was added says what it is.
    assert lines(executed)[: len(written)] == written
    assert all(b'"format":2,"grading"' in each for each in lines(executed)[2:])
    assert len(lines(executed)) == 4
    assert len(read_ledger(executed / "out")) == 2


def test_what_was_judged_anew_is_done(executed: Path) -> None:
    (executed / "pack" / "t" / "tests" / "test.sh").write_text(TOLERANT)
    run(executed, "regrade")

    again = run(executed)

    assert again.returncode == 0, again.stderr
    assert "2 already done, 0 to run" in again.stderr
    assert statuses(executed) == {"oracle": Status.PASS, "wrong": Status.PASS}
    assert run_command("status", "out", cwd=executed).returncode == 0
    shown = run_command("show", "out", "wrong/mini/t/0", cwd=executed)
    assert "pass" in shown.stdout
    exported = (executed / "out" / "cells.csv").read_bytes()
    run_command("export", "out", cwd=executed)
    assert (executed / "out" / "cells.csv").read_bytes() == exported


def test_the_same_tests_write_nothing(executed: Path) -> None:
    written = lines(executed)

    ended = run(executed, "regrade")

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == ""
    assert "2 judged again, 0 changed" in ended.stderr
    assert lines(executed) == written


def test_broken_tests_leave_verdicts_as_they_are_and_mended_ones_save_them(
    folder: Path,
) -> None:
    script = folder / "pack" / "t" / "tests" / "test.sh"
    script.write_text(BROKEN)
    assert run(folder).returncode == 3
    assert set(statuses(folder).values()) == {Status.INFRA_GRADER}
    spoilt = run(folder, "regrade")
    assert spoilt.returncode == 3
    assert "wrong/mini/t/0: tests/test.sh: the report has no plan" in spoilt.stderr

    script.write_text(JUDGED_BY_ONE_WORD)
    ended = run(folder, "regrade")

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines() == [
        "oracle/mini/t/0\tinfra_grader\tpass 1/1",
        "wrong/mini/t/0\tinfra_grader\tfail 0/1",
    ]
    assert statuses(folder) == {"oracle": Status.PASS, "wrong": Status.FAIL}
    assert "0 to run" in run(folder).stderr


def test_only_what_is_chosen_is_judged_anew(executed: Path) -> None:
    (executed / "pack" / "t" / "tests" / "test.sh").write_text(TOLERANT)

    ended = run(executed, "regrade", "--only", "model=oracle")

    assert ended.returncode == 0, ended.stderr
    assert "1 judged again, 0 changed" in ended.stderr
    assert statuses(executed) == {"oracle": Status.PASS, "wrong": Status.FAIL}


@pytest.mark.parametrize(
    ("part", "text"),
    [("instruction.md", "Write another answer.\n"), ("starter/more", "More.\n")],
)
def test_work_on_another_task_is_never_judged_by_this_one(
    executed: Path, part: str, text: str
) -> None:
    (executed / "pack" / "t" / part).write_text(text)

    ended = run(executed, "regrade")

    assert ended.returncode == 3
    assert (
        "wrong/mini/t/0: its instruction or starter was changed since it was"
        " executed; run it again" in ended.stderr
    )
    assert statuses(executed) == {"oracle": Status.PASS, "wrong": Status.FAIL}


def test_work_under_other_limits_is_never_judged_as_if_under_these(
    executed: Path,
) -> None:
    path = executed / "run.toml"
    path.write_text(path.read_text().replace("agent_s = 30", "agent_s = 40"))

    ended = run(executed, "regrade")

    assert ended.returncode == 3
    assert "limits were changed since it was executed" in ended.stderr


def test_an_archive_that_is_gone_is_named(executed: Path) -> None:
    (found,) = (
        attempt.workspace
        for (attempt,) in read_ledger(executed / "out").by_trial.values()
        if attempt.record.model == "wrong"
    )
    archive = executed / "out" / "archives" / f"{found}.tar.gz"
    archive.unlink()

    ended = run(executed, "regrade")

    assert ended.returncode == 3
    missing = f"workspace archive out/archives/{found}.tar.gz is missing"
    assert f"wrong/mini/t/0: {missing}\n" in ended.stderr
    assert "1 judged again, 0 changed" in ended.stderr
    assert statuses(executed) == {"oracle": Status.PASS, "wrong": Status.FAIL}


@pytest.mark.parametrize(
    ("keep", "kept"), [("failed", {"wrong"}), ("none", set())], ids=["failed", "none"]
)
def test_workspaces_are_kept_as_the_settings_say(
    folder: Path, keep: str, kept: set[str]
) -> None:
    (folder / "run.toml").write_text(SPEC.format(keep=keep))

    ended = run(folder)

    assert ended.returncode == 0, ended.stderr
    assert statuses(folder) == {"oracle": Status.PASS, "wrong": Status.FAIL}
    found = [
        attempt
        for each in read_ledger(folder / "out").by_trial.values()
        for attempt in each
    ]
    assert {each.record.model for each in found if each.workspace} == kept
    archives = {path.name for path in (folder / "out" / "archives").iterdir()}
    expected = {f"{each.workspace}.tar.gz" for each in found if each.workspace}
    assert expected < archives
    assert len(archives - expected) == 1  # the starter
    regraded = run(folder, "regrade")
    assert regraded.returncode == 3
    assert "oracle/mini/t/0: its workspace was not kept" in regraded.stderr
