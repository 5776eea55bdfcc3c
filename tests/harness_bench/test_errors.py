"""How messages are worded."""

from pathlib import Path

import pytest

from harness_bench.errors import (
    BenchError,
    ExitCode,
    GateError,
    Problem,
    SchemaError,
    near_miss,
    reason,
    shown,
)


def test_an_error_prints_one_problem_a_line() -> None:
    error = SchemaError("a.csv:1: x", "a.csv:2: y")

    assert error.problems == (Problem("", "a.csv:1: x"), Problem("", "a.csv:2: y"))
    assert str(error) == "a.csv:1: x\na.csv:2: y"


def test_a_problem_is_a_line_of_where_what_and_help() -> None:
    assert str(Problem("a.csv", "is empty", "fill it in")) == (
        "a.csv: is empty; fill it in"
    )
    assert str(Problem("a.csv", "is empty", line=3)) == "a.csv:3: is empty"
    assert str(Problem("", "no file was given", "name one")) == (
        "no file was given; name one"
    )


def test_a_problem_within_a_place_says_the_place_first() -> None:
    inner = Problem("a.csv", "is empty", "fill it in", sort="empty file", line=3)

    outer = inner.within("task one")

    assert str(outer) == "task one: a.csv:3: is empty; fill it in"
    assert (outer.what, outer.help, outer.sort) == (inner.what, inner.help, inner.sort)
    assert str(Problem("", "is empty").within("task one")) == "task one: is empty"


def test_the_system_says_why_it_refused_in_lower_case(tmp_path: Path) -> None:
    with pytest.raises(OSError) as caught:  # noqa: PT011 - any error of the system
        (tmp_path / "none").read_text()

    assert reason(caught.value) == "no such file or directory"
    assert reason(OSError("Only a text")) == "only a text"


def test_only_a_refused_or_stale_site_and_an_incomplete_run_end_with_3() -> None:
    codes = {kind.__name__: kind.exit_code for kind in BenchError.__subclasses__()}

    assert codes.pop("GateError") == GateError.exit_code == ExitCode.INCOMPLETE
    assert codes.pop("IncompleteError") == ExitCode.INCOMPLETE
    assert codes.pop("StaleError") == ExitCode.INCOMPLETE
    assert set(codes.values()) == {ExitCode.ERROR}


def test_a_long_value_is_cut_and_its_length_told() -> None:
    message = shown("x" * 10_485_760)

    assert message == f"'{'x' * 60}'… (10,485,760 characters)"


def test_a_value_cannot_drive_the_terminal() -> None:
    assert shown("\x1b[2J\n\u202e") == r"'\x1b[2J\n\u202e'"


def test_a_near_miss_is_suggested_whatever_its_case() -> None:
    assert near_miss("Agent_Time", ["agent_time_s", "task"]) == (
        " (did you mean 'agent_time_s'?)"
    )
    assert near_miss("zzz", ["agent_time_s", "task"]) == ""
