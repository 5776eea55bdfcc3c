"""How messages are worded."""

from harness_bench.errors import (
    BenchError,
    ExitCode,
    GateError,
    SchemaError,
    near_miss,
    shown,
)


def test_an_error_prints_one_problem_a_line() -> None:
    error = SchemaError("a.csv:1: x", "a.csv:2: y")

    assert error.problems == ("a.csv:1: x", "a.csv:2: y")
    assert str(error) == "a.csv:1: x\na.csv:2: y"


def test_only_a_refused_site_and_an_incomplete_run_end_with_3() -> None:
    codes = {kind.__name__: kind.exit_code for kind in BenchError.__subclasses__()}

    assert codes.pop("GateError") == GateError.exit_code == ExitCode.INCOMPLETE
    assert codes.pop("IncompleteError") == ExitCode.INCOMPLETE
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
