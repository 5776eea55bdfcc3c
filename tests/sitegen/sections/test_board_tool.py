"""What the board's script is told of each row."""

import json
from dataclasses import replace
from typing import Any

from sitegen.build import build
from sitegen.inputs import Inputs
from sitegen.metadata import Metadata, ModelInfo
from tests.records import grid, inputs

CELLS = {
    "small/Q4_K_M/a": {"t": "+", "u": "-"},
    "small/Q8_0/a": {"t": "+", "u": "+"},
    "large/Q4_K_M/b": {"t": "-", "u": "+"},
}


def told(found: Inputs) -> dict[str, Any]:
    script = build(found)["board/all.js"].decode()
    start = "harnessBench.board("
    assert script.startswith(start)
    value: dict[str, Any] = json.loads(script.removeprefix(start).removesuffix(");\n"))
    return value


def labels(value: dict[str, Any]) -> dict[str, dict[str, int]]:
    return {
        facet["label"]: {each["label"]: each["n"] for each in facet["values"]}
        for facet in value["facets"]
    }


def test_a_facet_is_offered_where_rows_differ_in_it() -> None:
    found = labels(told(inputs(grid(CELLS))))
    assert found == {
        "Model": {"large": 1, "small": 2},
        "Harness": {"a": 2, "b": 1},
        "Weights": {"4-bit": 2, "8-bit": 1},
        "Quant": {"Q4_K_M": 2, "Q8_0": 1},
    }


def test_rows_are_found_by_the_hardware_they_ran_on_where_cells_are_public() -> None:
    rows = grid(CELLS, hardware="secret gpu")
    rows += grid({"small/Q8_0/a": {"v": "+"}}, hardware="secret cpu")
    rows += grid({"large/Q8_0/b": {"v": "+"}})
    assert labels(told(inputs(rows)))["Hardware"] == {"1": 3, "2": 1, "not recorded": 1}
    assert "Hardware" not in labels(told(inputs(rows, cells=False, min_cells=1)))


def test_where_sizes_are_known_rows_are_found_by_the_memory_of_their_weights() -> None:
    known = Metadata(
        models={
            "small": ModelInfo(total_params_b=8, family="F"),
            "large": ModelInfo(total_params_b=120, family="G"),
        }
    )
    found = labels(told(replace(inputs(grid(CELLS)), metadata=known)))
    # 8 and 4 GB of the small, 60 of the large: larger memories hold no more.
    assert found["Weights fit in"] == {"8 GB": 2, "64 GB": 3}
    assert found["Parameters"] == {"4–8 B": 2, "100–250 B": 1}
    assert found["Family"] == {"F": 2, "G": 1}


def test_a_column_is_offered_where_something_is_known_for_it() -> None:
    assert told(inputs(grid(CELLS)))["columns"] == []
    value = told(inputs(grid(CELLS, cost_usd=0.5)))
    assert [(each["id"], each["rising"]) for each in value["columns"]] == [
        ("cost", True)
    ]
    assert value["cells"] == [[["$0.5000", 0.5]]] * 3


def test_private_cells_leave_no_verdict_and_no_group_of_rows() -> None:
    value = told(inputs(grid(CELLS), cells=False, min_cells=1))
    assert value["first"] == [0] * len(value["has"])
