"""cells.csv: what is read, what is refused and in which words, what is written."""

import re
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_bench.cells_csv import write
from harness_bench.errors import SchemaError
from harness_bench.schema import COLUMNS, Record, Status
from sitegen.csv_table import decode
from sitegen.parsed import parse, read

HEADER = "model,harness,task,seed,status,passed,score,agent_time_s"
GOOD = "m,h,t,0,pass,1,1.0,3.5"


def _problems(text: str | bytes) -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(SchemaError) as caught:
        read(data)
    return list(map(str, caught.value.problems))


def test_a_row_becomes_a_record() -> None:
    assert read(f"{HEADER}\n{GOOD}\n".encode()) == (
        Record(
            model="m",
            harness="h",
            task="t",
            seed=0,
            status=Status.PASS,
            passed=True,
            score=1.0,
            agent_time_s=3.5,
        ),
    )


def test_an_empty_field_is_not_measured() -> None:
    (record,) = read(b"model,harness,task,passed,agent_time_s,score\nm,h,t,1,,\n")

    assert record.agent_time_s is None
    assert record.score is None
    assert (record.sweep, record.quant, record.seed) == ("", "", 0)


def test_a_name_outside_the_schema_may_be_in_the_header_twice() -> None:
    (record,) = read(b"model,harness,task,passed,note,note\nm,h,t,1,a,b\n")

    assert record == Record(model="m", harness="h", task="t", passed=True)


def test_columns_outside_the_schema_are_passed_over() -> None:
    (record,) = read(b"model,harness,task,passed,secret\nm,h,t,0,nan\n")

    assert record == Record(model="m", harness="h", task="t", passed=False)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (
            "m,h,t,0,passt,,,",
            (
                "status is 'passt', expected one of pass, fail, agent_timeout,"
                " agent_idle, agent_budget, agent_crash, context_overflow, no_change,"
                " infra_server, infra_sandbox, infra_setup, infra_grader, void_cheat,"
                " cancelled"
                " (did you mean 'pass'?)"
            ),
        ),
        ("m,h,t,0,,2,,", "passed is '2', expected 0 or 1"),
        ("m,h,t,0,,,nan,", "score is 'nan', expected a finite number from 0 to 1"),
        ("m,h,t,0,,,inf,", "score is 'inf', expected a finite number from 0 to 1"),
        ("m,h,t,0,,,-1,", "score is '-1', expected a finite number from 0 to 1"),
        ("m,h,t,0,,,1.5,", "score is '1.5', expected a finite number from 0 to 1"),
        ("m,h,t,0,,1,,nan", "agent_time_s is 'nan', expected a finite number >= 0"),
        ("m,h,t,0,,1,,-inf", "agent_time_s is '-inf', expected a finite number >= 0"),
        (
            "m,h,t,0,,1,,1e300",
            (
                "agent_time_s is '1e300', expected a finite number >= 0, "
                "at most 1,000,000,000"
            ),
        ),
        ("m,h,t,0,,1,,-2", "agent_time_s is '-2', expected a finite number >= 0"),
        ("m,h,t,-1,,1,,", "seed is '-1', expected an integer >= 0"),
        (",h,t,0,,1,,", "model is empty; every row needs one"),
        ("m, ,t,0,,1,,", "harness is empty; every row needs one"),
        ('m,h,"",0,,1,,', "task is empty; every row needs one"),
        ('m,h,"t\nu",0,,1,,', r"task is 't\nu', which has a line break"),
        ("m\x1b[2J,h,t,0,,1,,", r"model is 'm\x1b[2J', which has a control character"),
        (
            "m,h,t,0,pass,0,,",
            "passed is 0 but status is 'pass'; make passed 1 or change the status",
        ),
        (
            "m,h,t,0,cancelled,1,,",
            "passed is 1 but status is 'cancelled'; make passed 0 or change the status",
        ),
        (
            "m,h,t,0,,,,",
            "status, passed and score are all empty; every row needs one of them",
        ),
        ("m,h,t", "the row has 3 fields, but the header has 8"),
        (f"{GOOD},9", "the row has 9 fields, but the header has 8"),
    ],
)
def test_a_bad_row_is_named_with_what_was_expected(row: str, problem: str) -> None:
    data = f"{HEADER}\nother,h,t,0,pass,1,1.0,3.5\n{row}\n"

    assert _problems(data) == [f"cells.csv:3: {problem}"]


def test_more_tests_passed_than_there_are_is_a_problem() -> None:
    data = "model,harness,task,passed,tests_passed,tests_total\nm,h,t,1,4,3\n"

    assert _problems(data) == [
        "cells.csv:2: tests_passed is 4 but tests_total is only 3"
    ]


def test_every_problem_of_every_row_comes_at_once_in_the_order_of_lines() -> None:
    data = f"{HEADER}\n{GOOD}\n,,t,0,,2,nan,-1\nm,h\n{GOOD}\n"

    assert _problems(data) == [
        "cells.csv:3: model is empty; every row needs one",
        "cells.csv:3: harness is empty; every row needs one",
        "cells.csv:3: passed is '2', expected 0 or 1",
        "cells.csv:3: score is 'nan', expected a finite number from 0 to 1",
        "cells.csv:3: agent_time_s is '-1', expected a finite number >= 0",
        "cells.csv:4: the row has 2 fields, but the header has 8",
        (
            "cells.csv:5: the row has the same sweep, model, quant, harness,"
            " variant, task and seed as cells.csv:2"
        ),
    ]


def test_a_key_is_compared_as_parsed_and_also_in_rows_that_are_bad() -> None:
    data = f"{HEADER}\nm,h,t,,pass,,,nan\n m ,h,t,0.0,fail,,,-1\n"

    assert [
        re.sub(" model.* as |, expected.*", " … ", line) for line in _problems(data)
    ] == [
        "cells.csv:2: agent_time_s is 'nan' … ",
        "cells.csv:3: agent_time_s is '-1' … ",
        "cells.csv:3: the row has the same sweep, … cells.csv:2",
    ]


def test_a_key_that_stands_in_two_files_names_both() -> None:
    both = [decode(name, f"{HEADER}\n{GOOD}\n".encode()) for name in ("a.csv", "b.csv")]

    (problem,) = parse(both).problems

    assert str(problem).startswith("b.csv:2: the row has the same sweep, ")
    assert str(problem).endswith(" and seed as a.csv:2")


@pytest.mark.parametrize(("keep", "score"), [("first", 0.25), ("last", 0.75)])
def test_of_rows_with_one_key_the_first_or_the_last_may_be_kept(
    keep: str, score: float
) -> None:
    table = decode(
        "x.csv",
        b"model,harness,task,score\nm,h,t,0.25\nm,h,t,0.5\nm,h,t,0.75\nn,h,t,1\n",
    )

    parsed = parse([table], duplicates="first" if keep == "first" else "last")

    assert parsed.repeated == 2
    assert [record.score for record in parsed.records] == [score, 1.0]
    assert parsed.problems == []


@pytest.mark.parametrize(
    ("data", "problems"),
    [
        ("", ["cells.csv: is empty; its first line must name the columns"]),
        (f"{HEADER}\n", ["cells.csv: has a header but no rows"]),
        (
            "model,Harness,task,passed\nm,h,t,1\n",
            [
                (
                    "cells.csv:1: column harness is missing (did you mean 'Harness'?);"
                    " every file needs it"
                )
            ],
        ),
        (
            "model,harness,task\nm,h,t\nm,h,u\n",
            [
                (
                    "cells.csv:1: columns status, passed and score are all missing;"
                    " every file needs one of them"
                )
            ],
        ),
        (
            "model,harness,task,passed,passed\nm,h,t,1,0\n",
            ["cells.csv:1: column 'passed' is in the header 2 times"],
        ),
        (
            "model,harness,task,passed\nm\0,h,t,1\n",
            ["cells.csv:2: byte 2 of the line is NUL, not text"],
        ),
        (
            b"model,harness,task,passed\nm\xe9,h,t,1\nm\xe8,h,t,1\n",
            [
                (
                    "cells.csv:2: byte 2 of the line is 0xe9, which is not UTF-8;"
                    " save the file as UTF-8"
                ),
                (
                    "cells.csv:3: byte 2 of the line is 0xe8, which is not UTF-8;"
                    " save the file as UTF-8"
                ),
            ],
        ),
    ],
)
def test_a_bad_file_is_named_with_what_was_expected(
    data: str | bytes, problems: list[str]
) -> None:
    assert _problems(data) == problems


def test_a_long_field_does_not_flood_the_terminal() -> None:
    (problem,) = _problems(f"{HEADER}\nm,h,t,0,{'x' * 100_000},,,\n")

    assert problem.startswith(f"cells.csv:2: status is '{'x' * 60}'… (100,000 char")
    assert len(problem) < 400


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_records_or_a_schema_error(data: bytes) -> None:
    try:
        found = read(data)
    except SchemaError as error:
        found = ()
        assert error.problems  # noqa: PT017 - either way out is right
    else:
        assert found


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                ["", "m", "1", "0", "2", "nan", "pass", "1e9", '"', "\0", "é", "x\ny"]
            ),
            min_size=6,
            max_size=9,
        )
    )
)
def test_any_rows_under_a_header_are_records_or_a_schema_error(
    rows: list[list[str]],
) -> None:
    data = "\n".join([HEADER, *map(",".join, rows)]).encode()
    try:
        found = read(data)
    except SchemaError as error:
        assert all(each.where == "cells.csv" for each in error.problems)  # noqa: PT017 - either way out is right
    else:
        assert len(found) == len(rows)


def test_rows_may_come_in_any_order() -> None:
    rows = ["a,h,t,1", "b,h,t,0", "a,h,u,0"]
    found = {
        read("\n".join(["model,harness,task,passed", *order]).encode())
        for order in permutations(rows)
    }

    assert len(found) == 1


def test_a_file_from_before_a_column_reads_as_if_it_were_empty() -> None:
    added = {"variant", "prefill_per_s", "context_limit", "sampling"}
    before = [column.name for column in COLUMNS if column.name not in added]
    text = f"{','.join(before)}\nq4,m,Q4,h,t,3,pass{',' * (len(before) - 7)}\n"

    records = read(text.encode())

    assert records == (
        Record(
            sweep="q4",
            model="m",
            quant="Q4",
            harness="h",
            task="t",
            seed=3,
            status=Status.PASS,
        ),
    )
    assert read(write(records)) == records


def test_rows_that_differ_in_their_variant_alone_are_two_trials() -> None:
    text = b"model,harness,variant,task,passed\nm,h,high,t,1\nm,h,,t,0\n"

    assert [(r.variant, r.passed) for r in read(text)] == [("", False), ("high", True)]


def test_decimal_commas_are_told_once_for_a_column() -> None:
    rows = "".join(f'm,h,t{n},1,"{n},5"\n' for n in range(3))

    assert _problems(f"model,harness,task,passed,agent_time_s\n{rows}") == [
        (
            "cells.csv:1: agent_time_s has decimal commas, as in '0,5'; save it with"
            " decimal points"
        )
    ]
    thousands = 'm,h,t,1,"1,500"\nm,h,u,1,"2,500"\n'
    assert len(_problems(f"model,harness,task,passed,agent_time_s\n{thousands}")) == 2


@pytest.mark.parametrize(
    ("texts", "scores"),
    [
        (["0.5", "", "1", ".5", "1."], [0.5, None, 1.0, 0.5, 1.0]),
        ([" 0.5", "+1", "1e-1", "", "0"], [0.5, 1.0, 0.1, None, 0.0]),
    ],
)
def test_many_numbers_mean_what_each_of_them_means(
    texts: list[str], scores: list[float | None]
) -> None:
    rows = [f"m,h,t,{n},1,{text}\n" for n, text in enumerate(texts)]
    found = read("".join(["model,harness,task,seed,passed,score\n", *rows]).encode())

    assert [record.score for record in found] == scores


@pytest.mark.parametrize("text", ["1.2.3", "9" * 400, "1.01", "\u0663"])
def test_one_number_that_is_none_is_found_among_many(text: str) -> None:
    rows = [f"m,h,t,{n},1,0.{n}\n" for n in range(20)]
    (problem,) = _problems(
        "".join(["model,harness,task,seed,passed,score\n", *rows, f"m,h,u,0,1,{text}"])
    )

    assert problem.startswith("cells.csv:22: score is '")
