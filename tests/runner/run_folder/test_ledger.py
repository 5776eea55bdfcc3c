"""What is in the ledger stays in it, whatever happens around it."""

import hashlib
import json
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness_bench.errors import RunError
from harness_bench.schema import Record, Status
from runner.run_folder.attempt import Attempt
from runner.run_folder.ledger import Attempts, Ledger, read_ledger
from tests.runner.specs import attempt
from tests.strategies import records

ids = st.sampled_from(["a" * 16, "b" * 16])


@st.composite
def attempts(draw: st.DrawFn) -> Attempt:
    return Attempt(
        trial=draw(ids),
        number=draw(st.integers(1, 9)),
        folder=draw(st.sampled_from("fgh")),
        record=draw(records()),
        detail=draw(st.text(max_size=20)),
        workspace=draw(st.none() | st.just("c" * 64)),
        prompt_tokens=draw(st.none() | st.integers(0, 9_999)),
    )


def _written(folder: Path, *found: Attempt) -> Path:
    with Ledger(folder) as ledger:
        for each in found:
            ledger.append(each)
    return ledger.path


def _all(found: Attempts) -> list[Attempt]:
    return [each for group in found.by_trial.values() for each in group]


@contextmanager
def _full_disk(path: Path, room: int) -> Iterator[None]:
    """No file of this process can grow beyond what this one has, and some bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@settings(max_examples=25)
@given(
    st.lists(attempts(), max_size=6, unique_by=lambda each: (each.trial, each.folder))
)
def test_what_was_appended_is_read(found: list[Attempt]) -> None:
    with TemporaryDirectory() as name:
        _written(Path(name), *found)
        read = read_ledger(Path(name))
    assert read == Attempts.of(found)
    assert len(read) == len(found)


def test_a_run_that_never_was_has_no_attempts(tmp_path: Path) -> None:
    assert read_ledger(tmp_path / "none") == Attempts(by_trial={})


def test_files_are_private(tmp_path: Path) -> None:
    path = _written(tmp_path / "runs" / "one", attempt())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "runs" / "one").stat().st_mode) == 0o700


def test_each_writer_has_a_segment_and_leaves_none_if_it_wrote_nothing(
    tmp_path: Path,
) -> None:
    first, second = _written(tmp_path, attempt()), _written(tmp_path, attempt("x"))
    _written(tmp_path)
    assert set((tmp_path / "ledger").iterdir()) == {first, second}
    assert f"-{os.getpid()}-" in first.name


@settings(max_examples=30)
@given(st.lists(attempts(), min_size=1, max_size=4), st.data())
def test_a_cut_anywhere_loses_at_most_the_line_it_is_in(
    found: list[Attempt], data: st.DataObject
) -> None:
    found = [replace(each, folder=str(place)) for place, each in enumerate(found)]
    with TemporaryDirectory() as name:
        path = _written(Path(name), *found)
        whole = path.read_bytes()
        cut = data.draw(st.integers(0, len(whole)))
        path.write_bytes(whole[:cut])
        read = read_ledger(Path(name))
    lines = whole.split(b"\n")[:-1]
    ends = [len(b"\n".join(lines[: n + 1])) for n in range(len(lines))]
    complete = [each for each, end in zip(found, ends, strict=True) if end <= cut]
    assert read.by_trial == Attempts.of(complete).by_trial
    assert len(read.notices) <= 1


@settings(max_examples=30)
@given(st.lists(attempts(), min_size=2, max_size=4), st.data())
def test_a_damaged_byte_costs_its_own_line_and_is_told(
    found: list[Attempt], data: st.DataObject
) -> None:
    found = [replace(each, folder=str(place)) for place, each in enumerate(found)]
    with TemporaryDirectory() as name:
        path = _written(Path(name), *found)
        whole = bytearray(path.read_bytes())
        at = data.draw(st.integers(0, len(whole) - 1))
        hit = bytes(whole[:at]).count(b"\n")
        was_end = whole[at] == ord("\n")
        whole[at] ^= data.draw(st.integers(1, 255))
        path.write_bytes(whole)
        read = read_ledger(Path(name))
    # An end of line in the wrong place costs the two lines that it joins.
    lost = {hit, hit + 1} if was_end else {hit}
    kept = [each for place, each in enumerate(found) if place not in lost]
    if was_end and hit == len(found) - 1:
        assert len(read) >= len(found) - 1
        return
    assert read.by_trial == Attempts.of(kept).by_trial
    assert len(read.notices) == 1
    assert path.name in read.notices[0]


def test_damaged_lines_are_counted_from_the_first_one_on(tmp_path: Path) -> None:
    path = _written(tmp_path, *(attempt(name) for name in "abc"))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], b"x" + lines[1], b"x" + lines[2]]))
    read = read_ledger(tmp_path)
    assert set(read.by_trial) == {"a"}
    assert read.notices == (f"{path.name}:2: 2 damaged lines were skipped",)


@settings(max_examples=25)
@given(st.lists(attempts(), max_size=6), st.randoms())
def test_segments_read_the_same_in_any_division_and_order(
    found: list[Attempt], random: Random
) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        _written(Path(one), *found)
        for place in range(3):
            _written(Path(other), *shuffled[place::3])
        assert read_ledger(Path(one)) == read_ledger(Path(other))


def test_an_attempt_that_was_written_twice_is_there_once(tmp_path: Path) -> None:
    _written(tmp_path, attempt(), attempt())
    _written(tmp_path, attempt())
    assert _all(read_ledger(tmp_path)) == [attempt()]


def test_the_first_valid_attempt_of_a_trial_is_the_one_that_counts() -> None:
    infra = attempt(status=Status.INFRA_SERVER, folder="a", started_at="1")
    failed = attempt(status=Status.FAIL, folder="c", started_at="2")
    passed = attempt(status=Status.PASS, folder="b", started_at="2")
    late = attempt(status=Status.PASS, folder="a", started_at="3")
    other = attempt("other", status=Status.CANCELLED)
    found = Attempts.of([late, failed, other, infra, passed])
    assert found.valid == {infra.trial: passed}
    assert found.by_trial[infra.trial] == (infra, passed, failed, late)


def _with_body(path: Path, body: bytes) -> None:
    """Put a whole line at the end of a segment."""
    check = hashlib.sha256(body).hexdigest()[:16].encode()
    with path.open("ab") as file:
        file.write(b'{"check":"%b",%b\n' % (check, body))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            b'"model":"m"',
            b'"maker":"m"',
            "'maker' is not a column of cells.csv; update harness-bench",
        ),
        (b'"seed":"0"', b'"seed":"x"', "seed is 'x', expected "),
    ],
)
def test_a_whole_line_that_no_column_takes_is_refused(
    tmp_path: Path, before: bytes, after: bytes, told: str
) -> None:
    path = _written(tmp_path, attempt())
    body = path.read_bytes().rstrip().partition(b",")[2]
    assert before in body
    _with_body(path, body.replace(before, after))
    with pytest.raises(RunError) as caught:
        read_ledger(tmp_path)
    where, _, what = str(caught.value).partition(".jsonl:2: ")
    assert where.startswith(str(tmp_path / "ledger"))
    assert what.startswith(told)


def test_a_line_of_a_newer_format_is_refused(tmp_path: Path) -> None:
    path = _written(tmp_path, attempt())
    _with_body(path, b'"format":3,"attempt":["something else"]}')
    with pytest.raises(RunError) as caught:
        read_ledger(tmp_path)
    assert str(caught.value).endswith(
        ".jsonl:2: a newer harness-bench wrote it (format 3); update harness-bench"
    )


def _graded(found: Attempt, when: str, status: Status, trial: str) -> Attempt:
    record = replace(found.record, status=status, passed=status is Status.PASS)
    return replace(found, trial=trial, regraded_at=when, record=record)


def test_of_an_execution_the_latest_grading_is_read_whatever_the_order(
    tmp_path: Path,
) -> None:
    executed = attempt("a", status=Status.FAIL, folder="x")
    other = attempt("a", status=Status.INFRA_SERVER, folder="y")
    first = _graded(executed, "2026-11-02T00:00:00.000Z", Status.PASS, "b")
    second = _graded(executed, "2026-11-03T00:00:00.000Z", Status.FAIL, "c")

    for place, order in enumerate(permutations([executed, other, first, second])):
        folder = tmp_path / str(place)
        for each in order:
            _written(folder, each)
        assert dict(read_ledger(folder).by_trial) == {"a": (other,), "c": (second,)}
        assert Attempts.of(order).by_trial == read_ledger(folder).by_trial


def test_a_grading_says_that_it_is_none_of_the_executions(tmp_path: Path) -> None:
    graded = _graded(attempt(), "2026-11-02T00:00:00.000Z", Status.PASS, "b")
    line = json.loads(_written(tmp_path, graded).read_text())
    assert line["format"] == 2
    assert line["grading"]["regraded_at"] == "2026-11-02T00:00:00.000Z"
    assert "attempt" not in line


def test_lines_are_json_with_fields_as_in_the_csv(tmp_path: Path) -> None:
    path = _written(tmp_path, attempt(passed=True, agent_time_s=1.5, calls=3))
    line = json.loads(path.read_text())
    assert line["attempt"]["record"] == {
        "model": "m",
        "harness": "h",
        "task": "t",
        "seed": "0",
        "status": "pass",
        "passed": "1",
        "agent_time_s": "1.5",
        "calls": "3",
        "started_at": "2026-11-01",
    }


def test_lines_of_older_versions_tell_no_first_request(tmp_path: Path) -> None:
    body = (
        b'"format":1,"attempt":{"trial":"a","number":1,"folder":"f","detail":"",'
        b'"workspace":null,"record":{"model":"m","harness":"h","task":"t",'
        b'"status":"pass","started_at":"2026-11-01"}}}'
    )
    check = hashlib.sha256(body).hexdigest()[:16].encode()
    (tmp_path / "ledger").mkdir()
    line = b'{"check":"%b",%b\n' % (check, body)
    (tmp_path / "ledger" / "old.jsonl").write_bytes(line)
    assert _all(read_ledger(tmp_path)) == [attempt("a")]
    assert attempt("a").prompt_tokens is None
    assert b"prompt_tokens" not in _written(tmp_path / "new", attempt("a")).read_bytes()


@pytest.mark.parametrize(
    "field",
    [
        {"server_build": " b1 "},
        {"server_build": "two\nlines"},
        {"agent_time_s": float("nan")},
        {"calls": -1},
        {"model": ""},
        {"passed": False},
        {"tests_passed": 3, "tests_total": 2},
    ],
)
def test_what_could_not_be_exported_is_not_taken(
    tmp_path: Path, field: dict[str, Any]
) -> None:
    with Ledger(tmp_path) as ledger:
        with pytest.raises(RunError, match=r"^ledger: cells\.csv(:2)?: \w+"):
            ledger.append(attempt(**field))
        ledger.append(attempt())
    assert _all(read_ledger(tmp_path)) == [attempt()]


def test_a_full_disk_leaves_no_half_line(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.append(attempt("a"))
        whole = ledger.path.read_bytes()
        with (
            _full_disk(ledger.path, room=40),
            pytest.raises(RunError, match="cannot be written"),
        ):
            ledger.append(attempt("b"))
        assert ledger.path.read_bytes() == whole
        ledger.append(attempt("c"))
    found = read_ledger(tmp_path)
    assert (sorted(found.by_trial), found.notices) == (["a", "c"], ())


def test_half_a_line_that_stays_is_not_taken_and_spoils_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_handle: int, _size: int) -> None:
        raise OSError(5, "Input/output error")

    with Ledger(tmp_path) as ledger:
        ledger.append(attempt("a"))
        with monkeypatch.context() as patched:
            # What a failing disk does cannot be had otherwise.
            patched.setattr(os, "ftruncate", refuse)
            with _full_disk(ledger.path, room=40), pytest.raises(RunError):
                ledger.append(attempt("b"))
        ledger.append(attempt("c"))
        with _full_disk(ledger.path, room=40), pytest.raises(RunError):
            ledger.append(attempt("d"))
        ledger.append(attempt("e"))
    found = read_ledger(tmp_path)
    assert sorted(found.by_trial) == ["a", "c", "e"]
    assert found.notices == (f"{ledger.path.name}:2: a damaged line was skipped",)


def test_a_place_that_cannot_hold_a_ledger_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RunError) as caught:
        Ledger(tmp_path / "file" / "run")
    assert str(caught.value) == (
        f"{tmp_path}/file/run/ledger: cannot be written (file exists)"
    )


def test_a_ledger_that_is_no_folder_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "ledger").touch()
    with pytest.raises(RunError) as caught:
        read_ledger(tmp_path)
    assert str(caught.value) == f"{tmp_path}/ledger: cannot be read (not a directory)"


def test_another_process_may_write_at_the_same_time(tmp_path: Path) -> None:
    with Ledger(tmp_path) as one, Ledger(tmp_path) as other:
        for place in range(5):
            one.append(attempt("a", folder=f"a{place}"))
            other.append(attempt("b", folder=f"b{place}"))
            assert len(read_ledger(tmp_path)) == 2 * place + 2


_WRITER = """
import sys
from pathlib import Path
from runner.run_folder.ledger import Ledger
from tests.runner.specs import many_attempts

with Ledger(Path(sys.argv[1])) as ledger:
    for attempt in many_attempts(10**6):
        ledger.append(attempt)
        print(attempt.trial, flush=True)
"""


def test_what_a_killed_process_had_written_is_there(tmp_path: Path) -> None:
    told = []
    for kill_after in (1, 7, 30):
        with subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(tmp_path)],
            stdout=subprocess.PIPE,
            text=True,
        ) as writer:
            assert writer.stdout is not None
            lines = (writer.stdout.readline().strip() for _ in range(kill_after))
            told += list(lines)
            writer.kill()
    found = read_ledger(tmp_path)
    assert set(told) <= set(found.valid)
    assert len(found.notices) <= 3


@settings(max_examples=30)
@given(records())
def test_every_record_survives(record: Record) -> None:
    kept = replace(attempt(), record=record)
    with TemporaryDirectory() as name:
        _written(Path(name), kept)
        assert _all(read_ledger(Path(name))) == [kept]


def test_a_clock_that_is_set_back_does_not_change_the_order_of_attempts() -> None:
    broken, mended = Status.INFRA_SERVER, Status.PASS
    found = Attempts.of(
        [
            attempt(status=mended, number=3, folder="c", started_at="1970-01-01"),
            attempt(status=broken, number=1, folder="a", started_at="2026-11-02"),
            attempt(status=broken, number=2, folder="b", started_at="2026-11-01"),
        ]
    )
    ((numbers),) = ([each.number for each in of] for of in found.by_trial.values())
    assert numbers == [1, 2, 3]
    (counting,) = found.valid.values()
    assert counting.folder == "c"
