"""A CSV file as rows of text."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.csv_table import decode
from sitegen.raw_table import Origin
from sitegen.read_table import read_raw


def _problems(data: bytes) -> list[str]:
    return [str(problem) for problem in decode("x.csv", data).problems]


def test_a_row_knows_its_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_bytes(b"a,b\n1,2\n\n3,4\n")

    table = read_raw(path)

    assert table.header == ("a", "b")
    assert list(table.rows()) == [
        (Origin("cells.csv", 2), {"a": "1", "b": "2"}),
        (Origin("cells.csv", 4), {"a": "3", "b": "4"}),
    ]
    assert [str(origin) for origin, _ in table.rows()] == ["cells.csv:2", "cells.csv:4"]
    assert table.problems == []


def test_gzip_holds_the_same_rows(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv.gz"
    path.write_bytes(gzip.compress(b"a\n1\n"))

    assert list(read_raw(path).rows()) == [(Origin("cells.csv.gz", 2), {"a": "1"})]


def test_a_byte_order_mark_any_line_ends_and_blank_lines_are_fine() -> None:
    table = decode("x.csv", b"\xef\xbb\xbfa,b\r\n\r\n1,2\r  \r3,4\n\n")

    assert table.header == ("a", "b")
    assert [row for _, row in table.rows()] == [
        {"a": "1", "b": "2"},
        {"a": "3", "b": "4"},
    ]
    assert [origin.line for origin, _ in table.rows()] == [3, 5]
    assert table.problems == []


def test_a_quoted_field_may_span_lines_and_counts_from_its_first() -> None:
    table = decode("x.csv", b'a,b\n"1\n1",2\n3,4\n')

    assert list(table.rows()) == [
        (Origin("x.csv", 2), {"a": "1\n1", "b": "2"}),
        (Origin("x.csv", 4), {"a": "3", "b": "4"}),
    ]


def test_nameless_columns_at_the_right_are_no_problem() -> None:
    assert _problems(b"a,,\n1,,\n") == []


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    assert list(map(str, read_raw(tmp_path / "no.csv").problems)) == [
        "no.csv: cannot be read (no such file or directory)"
    ]


def test_a_folder_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()

    assert list(map(str, read_raw(tmp_path / "a.csv").problems)) == [
        "a.csv: is a folder, not a CSV file"
    ]


def test_gz_that_is_no_gzip_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(b"model\n")

    assert list(map(str, read_raw(path).problems)) == [
        "a.csv.gz: is not a complete gzip file (Not a gzipped file (b'mo'))"
    ]


def test_gzip_that_ends_too_early_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"model\n" * 1_000)[:-12])

    (problem,) = read_raw(path).problems

    assert str(problem).startswith("a.csv.gz: is not a complete gzip file (")


def test_gzip_without_gz_is_named() -> None:
    assert _problems(gzip.compress(b"a\n1\n")) == [
        "x.csv: is compressed; make its name end in .gz"
    ]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_spreadsheets_write_is_read_with_a_notice(
    separator: str, encoding: str
) -> None:
    rows = ["model,task", 'ä,"t,1"', "m,t"]
    text = "\r\n".join(row.replace(",", separator) for row in rows)

    table = decode("x.csv", text.encode(encoding))

    plain = decode("x.csv", "\r\n".join(rows).encode())
    assert table.header == plain.header
    cell = f"t{separator}1"
    assert next(table.rows())[1] == {"model": "ä", "task": cell}
    assert table.problems == plain.problems == []
    assert (
        table.notice
        == {
            (",", "utf-8"): "",
            (",", "utf-16"): "x.csv: read as UTF-16",
            (";", "utf-8"): "x.csv: read with its columns separated by semicolons",
            (
                ";",
                "utf-16",
            ): "x.csv: read as UTF-16, with its columns separated by semicolons",
            ("\t", "utf-8"): "x.csv: read with its columns separated by tabs",
            (
                "\t",
                "utf-16",
            ): "x.csv: read as UTF-16, with its columns separated by tabs",
        }[separator, encoding]
    )


def test_half_a_file_of_utf_16_is_named() -> None:
    assert _problems("a\n1\n".encode("utf-16")[:-1]) == [
        "x.csv: is UTF-16; save it as UTF-8"
    ]


def test_an_empty_file_is_a_problem() -> None:
    for data in (b"", b"\n \n", b"\xef\xbb\xbf"):
        assert _problems(data) == [
            "x.csv: is empty; its first line must name the columns"
        ]


def test_each_line_that_is_not_utf_8_is_named_and_kept_apart() -> None:
    table = decode("x.csv", b"a\ncaf\xe9\nfine\ncaf\xe8\n")

    assert list(map(str, table.problems)) == [
        (
            "x.csv:2: byte 4 of the line is 0xe9, which is not UTF-8; save the file"
            " as UTF-8"
        ),
        (
            "x.csv:4: byte 4 of the line is 0xe8, which is not UTF-8; save the file"
            " as UTF-8"
        ),
    ]
    assert [row["a"] for _, row in table.rows()] == ["caf\\xe9", "fine", "caf\\xe8"]


def test_a_nul_byte_is_named() -> None:
    assert _problems(b"a,b\n1,\x002\n") == [
        "x.csv:2: byte 3 of the line is NUL, not text"
    ]


def test_short_and_long_rows_are_named_and_left_out() -> None:
    table = decode("x.csv", b"a,b\n1\n1,2,3\n1,2\n")

    assert list(map(str, table.problems)) == [
        "x.csv:2: the row has 1 field, but the header has 2",
        "x.csv:3: the row has 3 fields, but the header has 2",
    ]
    assert table.size == 1


def test_a_column_that_stands_twice_is_named_once_to_whoever_reads_it() -> None:
    table = decode("x.csv", b"a,b,a,a,b\n1,2,3,4,5\n")

    assert table.problems == []
    assert list(map(str, table.repeated({"a"}))) == [
        "x.csv:1: column 'a' is in the header 3 times"
    ]


def test_what_a_spreadsheet_leaves_below_and_right_of_a_table_is_passed_over() -> None:
    table = decode("x.csv", b"a,b\n1,2,\n,\n3,4, ,\n , \n,,,,\n")

    assert table.problems == []
    assert [row for _, row in table.rows()] == [
        {"a": "1", "b": "2"},
        {"a": "3", "b": "4"},
    ]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"PK\x03\x04\x14\0[Content_Types]", "is a workbook (Excel or the like)"),
        (b"\xd0\xcf\x11\xe0\xa1", "is an old Excel workbook"),
        (b"PAR1\x15\x84\n1\n2", "is Parquet"),
        (b'{"model":"m"}\n{"model":"m"}\n', "is JSON"),
        (b'[{"model":"m"}]', "is JSON"),
    ],
)
def test_another_format_named_csv_is_one_line(data: bytes, what: str) -> None:
    assert _problems(data) == [f"x.csv: {what}, not a CSV file; export it as CSV"]


def test_utf_16_without_a_mark_is_named() -> None:
    assert _problems("model,harness\nm,h\n".encode("utf-16-le")) == [
        "x.csv: is UTF-16; save it as UTF-8"
    ]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("model;task;a,b", "semicolons"),
        ("model\ttask\ta,b", "tabs"),
        ("model|task", "bars"),
    ],
)
def test_a_separator_that_may_be_another_is_one_line(header: str, name: str) -> None:
    rows = f"{header}\r\nm\r\n"

    assert _problems(rows.encode()) == [
        f"x.csv: has its columns separated by {name}; save it with commas"
    ]


def test_after_a_field_of_ten_megabytes_reading_goes_on() -> None:
    table = decode("x.csv", b"a,b\n" + b"x" * 10_000_000 + b",2\n3\n5,6\n")

    assert list(map(str, table.problems)) == [
        "x.csv:3: the row has 1 field, but the header has 2",
    ]
    assert list(table.columns["b"]) == ["2", "6"]


def test_a_quote_that_is_never_closed_does_not_swallow_rows_in_silence() -> None:
    table = decode("x.csv", b'a,b\n1,2\n"3,4\n5,6\n')

    assert list(map(str, table.problems)) == [
        (
            "x.csv:3: the row is not valid CSV (unexpected end of data);"
            " nothing after it was read"
        )
    ]
    assert table.size == 1


@given(st.binary() | st.text('a,"\r\n \0é').map(str.encode))
def test_no_bytes_make_it_raise_and_every_row_fits_the_header(data: bytes) -> None:
    table = decode("x.csv", data)

    assert all(row.keys() == set(table.header) for _, row in table.rows())
    assert all("\n" not in str(problem) for problem in table.problems)
    assert table.header or table.problems
