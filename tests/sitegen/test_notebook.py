"""Frames in, frames and sites out; the tutorial runs as it stands."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

import harness_bench
from harness_bench.errors import SchemaError, SettingsError
from sitegen.cli import build as build_by_command
from sitegen.datafiles.standings import combos
from sitegen.notebook import build
from tests.records import EXAMPLE, computed

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorials" / "notebook.ipynb"


def test_trials_have_types_and_what_is_unknown_is_na() -> None:
    frame = pd.DataFrame(
        {
            "model": ["m", "m"],
            "harness": "h",
            "task": ["t", "u"],
            "passed": [True, None],
            "score": [None, 0.5],
            "tokens_in": [3, None],
        }
    )

    found = harness_bench.read(frame)

    assert found.dtypes.astype(str).to_dict() == {
        **dict.fromkeys(["sweep", "model", "quant", "harness", "variant"], "object"),
        "task": "object",
        "seed": "Int64",
        "passed": "boolean",
        "score": "float64",
        "tokens_in": "Int64",
    }
    assert found["passed"].tolist() == [True, pd.NA]
    assert harness_bench.read(found).equals(found)


def test_standings_are_the_board() -> None:
    board = harness_bench.standings(EXAMPLE)

    table = combos(computed(EXAMPLE).main)
    assert board.to_dict("list").keys() == {field.name for field in table.fields}
    assert board["rate"].tolist() == [row["rate"] for row in table.records()]


def test_what_does_not_fit_is_told_as_everywhere() -> None:
    frame = pd.DataFrame({"model": ["m"], "harness": "h", "task": "t", "passed": 2})

    with pytest.raises(SchemaError, match=r"^frame: row 1: passed is '2', expected"):
        harness_bench.read(frame)
    with pytest.raises(SettingsError, match="settings: "):
        harness_bench.read(frame, {"input": {"colums": {}}})


def test_a_site_of_a_frame_is_that_of_its_file_by_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    frame = pd.read_csv(EXAMPLE)
    few = frame[(frame["sweep"] == "q8") & (frame["harness"] == "pi")].head(40)
    few.to_csv(tmp_path / "cells.csv", index=False)
    build(few, tmp_path / "one", None)

    command = [str(tmp_path / "cells.csv"), "--out", str(tmp_path / "two")]
    CliRunner().invoke(build_by_command, command, catch_exceptions=False)

    one, two = (
        {path.relative_to(site): path.read_bytes() for path in site.rglob("*.*")}
        for site in (tmp_path / "one", tmp_path / "two")
    )
    assert one == two
    assert {Path("feed.xml"), Path("data/combos.parquet")} < one.keys()


def test_the_tutorial_runs_and_shows_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs" / "tutorials").mkdir(parents=True)
    (tmp_path / "examples").symlink_to(EXAMPLE.parents[1])
    monkeypatch.chdir(tmp_path / "docs" / "tutorials")
    names: dict[str, Any] = {}
    cells = json.loads(TUTORIAL.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            exec("".join(cell["source"]), names)  # noqa: S102 - it is ours

    assert len(names["trials"]) == 1_360
    assert names["board"]["tier"].iloc[0] == "a"
    assert (names["site"] / "index.html").is_file()
