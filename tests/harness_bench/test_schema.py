"""The columns of cells.csv and what a field of each may hold."""

import math
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_bench.columns import Column, FieldError, format_value
from harness_bench.schema import (
    COLUMN_BY_NAME,
    COLUMNS,
    IDENTITY,
    UNMEASURED,
    Record,
    Status,
)


def test_the_columns_are_those_of_version_1_in_its_order() -> None:
    assert " ".join(column.name for column in COLUMNS) == (
        "sweep model quant harness variant task seed"
        " status passed score tests_passed tests_total tries"
        " agent_time_s model_time_s tool_time_s grade_time_s"
        " calls tokens_in tokens_cached tokens_out"
        " first_token_s tokens_per_s prefill_per_s context_peak context_limit"
        " peak_memory_gb energy_wh malformed_calls"
        " cost_usd usage_source"
        " grader_mentions grader_access sandbox"
        " sampling harness_version model_sha256 server_build task_version"
        " hardware runner_version started_at contributor"
    )


def test_every_column_says_what_it_holds() -> None:
    assert [c.name for c in COLUMNS if not c.description or not c.expected] == []


def test_every_time_and_count_has_a_unit() -> None:
    bare = [c.name for c in COLUMNS if c.group in {"time", "usage"} and not c.unit]

    assert bare == ["usage_source"]


def test_the_identity_of_a_record_is_its_first_seven_fields() -> None:
    record = Record(
        sweep="s", model="m", quant="q", harness="h", variant="v", task="t", seed=7
    )

    assert record.identity == ("s", "m", "q", "h", "v", "t", 7)
    assert [field.name for field in fields(Record)][:7] == list(IDENTITY)


def test_only_broken_worlds_and_cancelled_trials_leave_the_denominator() -> None:
    assert {status.value for status in UNMEASURED} == {
        "infra_server",
        "infra_sandbox",
        "infra_setup",
        "infra_grader",
        "cancelled",
    }
    assert Status.AGENT_TIMEOUT.is_measured
    assert not Status.CANCELLED.is_infra


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("seed", "", 0),
        ("seed", "1.0", 1),
        ("seed", "1690410999", 1690410999),
        ("seed", "1e3", 1000),
        ("tokens_in", "9223372036854775807", 2**63 - 1),
        ("tokens_in", "", None),
        ("passed", "1.0", True),
        ("passed", "0", False),
        ("passed", "TRUE", True),
        ("passed", "False", False),
        ("score", ".5", 0.5),
        ("score", "1.22771e-05", 1.22771e-05),
        ("agent_time_s", " 723786 ", 723786.0),
        ("status", "pass", Status.PASS),
        ("quant", "", ""),
        ("task_version", "", None),
        ("model", " Qwen ", "Qwen"),
    ],
)
def test_what_a_spreadsheet_writes_is_read(name: str, text: str, value: object) -> None:
    assert COLUMN_BY_NAME[name].parse(text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("seed", "1.5"),
        ("seed", "-1"),
        ("seed", "9223372036854775808"),
        ("seed", "1e999999999"),
        ("seed", "9" * 5_000),
        ("seed", "1_000"),
        ("seed", "٣"),
        ("passed", "2"),
        ("passed", "yes"),
        ("score", "1.0000001"),
        ("score", "-0.1"),
        ("score", "nan"),
        ("agent_time_s", "inf"),
        ("agent_time_s", "1e400"),
        ("agent_time_s", "-1"),
        ("agent_time_s", "1,5"),
        ("status", "PASS"),
        ("status", "passed"),
        ("grader_access", "all"),
        ("model", " \t "),
        ("model", "a\nb"),
        ("model", "a\x1bb"),
        ("model", "a\ud800b"),
        ("hardware", "a\0b"),
    ],
)
def test_what_a_column_does_not_allow_is_refused(name: str, text: str) -> None:
    with pytest.raises(FieldError, match=name):
        COLUMN_BY_NAME[name].parse(text)


def test_minus_zero_is_zero() -> None:
    value = COLUMN_BY_NAME["agent_time_s"].parse("-0")

    assert isinstance(value, float)
    assert math.copysign(1, value) == 1


@given(st.sampled_from(COLUMNS), st.text())
def test_any_text_is_a_value_or_a_field_error(known: Column, text: str) -> None:
    try:
        value = known.parse(text)
    except FieldError as error:
        problem = error.what
    else:
        problem = f"{known.name} is fine"
        assert known.parse(format_value(value)) == value
    assert problem.startswith(f"{known.name} is")
    assert "\n" not in problem


@given(st.floats(0, allow_infinity=False))
def test_a_number_keeps_every_digit_in_the_file(value: float) -> None:
    assert COLUMN_BY_NAME["cost_usd"].parse(format_value(value)) == value
