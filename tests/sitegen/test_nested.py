"""Records that stand under names, in lists beside their names, or by columns."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sitegen.read_table import read_raw

NAMES = ("model", "harness", "task", "passed")
ROWS = [["a", "h", "t", "1"], ["b", "h", "u", "0"], ["b", "h", "t", "0"]]
FRAME = pd.DataFrame(ROWS, columns=NAMES)
OUTCOMES: Mapping[str, Any] = {
    model: {task: {"passed": True, "cost": 1} for task in tasks}
    for model, tasks in {"glm": "tu", "qwen": "vwx"}.items()
}


def _rows(folder: Path, text: str) -> list[dict[str, str]]:
    path = folder / "cells.json"
    path.write_text(text, encoding="utf-8")
    table = read_raw(path)
    assert table.problems == []
    return [row for _, row in table.rows()]


@pytest.mark.parametrize("heads", ["columns", "fields", "header", "names"])
@pytest.mark.parametrize("bodies", ["data", "rows", "values"])
def test_names_beside_lists_of_values_are_a_table(
    tmp_path: Path, heads: str, bodies: str
) -> None:
    expected = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
    named = [{"name": name, "type": "string"} for name in NAMES]

    for head in (list(NAMES), named):
        assert _rows(tmp_path, json.dumps({heads: head, bodies: ROWS})) == expected


def test_rows_of_another_length_than_the_names_are_no_table(tmp_path: Path) -> None:
    text = json.dumps({"fields": list(NAMES), "rows": [*ROWS, ["a", "h", "v"]]})

    assert "model" not in _rows(tmp_path, text)[0]


def test_each_level_of_names_is_a_column(tmp_path: Path) -> None:
    rows = _rows(tmp_path, json.dumps(OUTCOMES))
    assert [(row["key"], row["key.key"]) for row in rows] == [
        *(("glm", "t"), ("glm", "u")),
        *(("qwen", "v"), ("qwen", "w"), ("qwen", "x")),
    ]

    (deep, *_) = _rows(tmp_path, json.dumps({"s1": OUTCOMES, "s2": OUTCOMES}))
    assert (deep["key"], deep["key.key"], deep["key.key.key"]) == ("s1", "glm", "t")


def test_what_is_named_within_a_record_without_an_outcome_is_a_part_of_it(
    tmp_path: Path,
) -> None:
    spent = {"tokens": {"in": 1, "out": 2}, "cost": {"in": 3, "out": 4}}

    (first, _) = _rows(tmp_path, json.dumps({"t": spent, "u": spent}))

    assert first == {
        "key": "t",
        "tokens.in": "1",
        "tokens.out": "2",
        "cost.in": "3",
        "cost.out": "4",
    }


@pytest.mark.parametrize("orient", ["columns", "index", "records", "split", "table"])
def test_what_pandas_counts_rows_by_is_no_column(tmp_path: Path, orient: Any) -> None:  # noqa: ANN401 - a word of pandas
    rows = _rows(tmp_path, str(FRAME.to_json(orient=orient)))

    assert [[*row.values()] for row in rows] == ROWS


@pytest.mark.parametrize(
    ("orient", "name"), [("columns", "key"), ("index", "key"), ("table", "run")]
)
def test_a_named_index_of_a_frame_is_a_column(
    tmp_path: Path,
    orient: Any,  # noqa: ANN401 - a word of pandas
    name: str,
) -> None:
    frame = FRAME.set_index(pd.Index(["x", "y", "z"], name="run"))

    rows = _rows(tmp_path, str(frame.to_json(orient=orient)))

    assert [row[name] for row in rows] == ["x", "y", "z"]
    assert [[row[each] for each in NAMES] for row in rows] == ROWS
