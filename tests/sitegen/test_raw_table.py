"""Where a row stands, and a table of text."""

import numpy as np

from sitegen.raw_table import Origin, RawTable
from sitegen.texts import Texts

TABLE = RawTable(
    file="t.csv",
    header=("a", "b", "a"),
    columns={"a": Texts.of(["1", "2"]), "b": Texts.of(["x", "y"])},
    places=np.array([2, 5], np.int32),
)


def test_a_place_is_a_line_or_where_there_are_none_a_row() -> None:
    assert str(Origin("t.csv", 3)) == "t.csv:3"
    assert str(Origin("t.csv", 3).problem("s", "is odd")) == "t.csv:3: is odd"
    row = Origin("t.parquet", 0, 1_234)
    assert str(row) == "row 1,234 of t.parquet"
    assert str(row.problem("s", "is odd", "mend it")) == (
        "t.parquet: row 1,234: is odd; mend it"
    )


def test_rows_are_told_with_their_places() -> None:
    assert list(TABLE.rows()) == [
        (Origin("t.csv", 2), {"a": "1", "b": "x"}),
        (Origin("t.csv", 5), {"a": "2", "b": "y"}),
    ]
    assert list(TABLE.text("absent")) == ["", ""]


def test_a_repeated_column_is_told_to_whoever_reads_it() -> None:
    (problem,) = TABLE.repeated({"a", "b"})
    assert str(problem) == "t.csv:1: column 'a' is in the header 2 times"
    assert TABLE.repeated({"b"}) == []
