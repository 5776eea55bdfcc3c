"""The published tables: sound in themselves, and no more than may leave."""

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sitegen.build import build
from sitegen.datafiles.format import DataFile, Field
from sitegen.inputs import read_inputs
from sitegen.site import Site
from tests.records import EXAMPLE, METR, TAU, data_of, grid, inputs, read, with_publish
from tests.sites import example_site

MIN_CELLS = 5
MICRO = Decimal("0.000001")
PRIVATE = {"cells": False, "min_cells": MIN_CELLS}


@cache
def private_site(min_cells: int = MIN_CELLS) -> Site:
    """The example, as if its author had kept his cells to himself."""
    return build(with_publish(read(EXAMPLE), cells=False, min_cells=min_cells))


@cache
def site_of(name: str) -> Site:
    if name == "example":
        return example_site()
    if name == "private example":
        return private_site()
    return build(read({"METR": METR, "tau-bench": TAU}[name]))


SITES = ("example", "private example", "METR", "tau-bench")


def rows(site: Site, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(site[path])["rows"]
    return found


def schema_of(site: Site, path: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(site[f"data/schema/{Path(path).name}"])
    return found


@pytest.mark.parametrize("name", SITES)
def test_every_json_file_follows_its_own_schema(name: str) -> None:
    site = site_of(name)
    files = data_of(site)
    assert len(files) >= 12
    for path, content in files.items():
        schema = schema_of(site, path)
        Draft202012Validator.check_schema(schema)
        faults = list(Draft202012Validator(schema).iter_errors(json.loads(content)))
        assert faults == [], path


@pytest.mark.parametrize("name", SITES)
def test_csv_and_json_hold_the_same_values(name: str) -> None:
    site = site_of(name)
    for path in data_of(site):
        properties = schema_of(site, path)["properties"]["rows"]["items"]["properties"]
        text = site[path.replace(".json", ".csv")].decode()
        read_back = [
            {key: value(field, properties[key]) for key, field in row.items()}
            for row in csv.DictReader(io.StringIO(text, newline=""))
        ]
        # A field that may be null or a text is empty in both cases.
        expected = [
            {
                key: None if v == "" and "null" in properties[key]["type"] else v
                for key, v in row.items()
            }
            for row in rows(site, path)
        ]
        assert read_back == expected, path
        assert text.splitlines()[0] == ",".join(properties)


def value(text: str, schema: Mapping[str, Any]) -> object:
    """A field of the CSV, by the type that the schema gives it."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if text == "" and "null" in kinds:
        return None
    match kinds[0]:
        case "integer":
            return int(text)
        case "number":
            return float(text)
        case "boolean":
            return {"0": False, "1": True}[text]
        case _:
            return text


@pytest.mark.parametrize("name", SITES)
def test_no_number_has_more_than_six_decimals_and_no_p_more_than_six_digits(
    name: str,
) -> None:
    for path, content in data_of(site_of(name)).items():
        numbers = json.loads(content, parse_float=Decimal)
        long = [
            number
            for row in numbers["rows"]
            for key, number in row.items()
            if isinstance(number, Decimal)
            and (
                len(number.as_tuple().digits) > 6
                if key in {"p", "p_alone", "p_interaction"}
                else number.quantize(MICRO) != number
            )
        ]
        assert long == [], path


@pytest.mark.parametrize("name", SITES)
def test_proportions_lie_in_0_to_1_and_intervals_hold_their_rate(
    name: str,
) -> None:
    site = site_of(name)
    for path in data_of(site):
        for row in rows(site, path):
            for key, number in row.items():
                if number is not None and key.startswith(("rate", "ci_", "pass_")):
                    assert 0 <= number <= 1, (path, key)
            if row.get("ci_low") is not None:
                assert row["ci_low"] <= row["rate"] <= row["ci_high"], path
            if row.get("delta_low") is not None:
                assert -1 <= row["delta_low"] <= row["delta_rate"] <= row["delta_high"]
                assert row["delta_high"] <= 1
            for key in ("p", "p_alone", "p_interaction"):
                assert row.get(key) is None or 0 <= row[key] <= 1, path
            if path.endswith(("pairs.json", "interactions.json")) and "p_alone" in row:
                # Never less than alone, but for the chance of 1,999 draws.
                error = (row["p_alone"] / 2_000) ** 0.5
                assert row["p"] >= row["p_alone"] - 4 * error, path
            if row.get("rank_low") is not None:
                assert row["rank_low"] <= row["rank"] <= row["rank_high"], path


def test_a_sweep_has_every_table_that_all_trials_have() -> None:
    by_folder = defaultdict(set)
    for path in data_of(example_site()):
        folder, _, name = path.rpartition("/")
        by_folder[folder].add(name)
    assert set(by_folder) == {"data", "data/q4", "data/q8"}
    # Claims are judged once, whatever scope each is about, and history is of all.
    by_folder["data"] -= {"claims.json", "history.json"}
    assert len({frozenset(names) for names in by_folder.values()}) == 1


# Privacy


def test_without_leave_no_file_has_a_row_for_a_cell() -> None:
    site = private_site()
    assert [path for path in site if Path(path).stem == "cells"] == []
    for path in data_of(site):
        for row in rows(site, path):
            assert not {"model", "harness", "task"} <= set(row), path
            if row.get("task") is not None and "tasks" not in path:
                assert row["n_cells"] >= MIN_CELLS, path


def test_with_leave_there_is_a_row_for_every_cell() -> None:
    cells = rows(example_site(), "data/cells.json")
    assert len(cells) == 1360
    assert {row["n_trials"] for row in cells} == {1}


def test_no_page_joins_a_combo_with_a_task_without_leave() -> None:
    def joined(site: Site) -> Iterator[str]:
        for path, content in site.items():
            if re.fullmatch(r"tasks/(?!index).*\.html", path):
                yield from re.findall(r'href="\.\./combos/[^"]*"', content.decode())
            if re.fullmatch(r"combos/.*\.html", path):
                yield from re.findall(
                    r'href="\.\./tasks/(?!index)[^"]*"', content.decode()
                )

    assert list(joined(private_site())) == []
    assert len(list(joined(example_site()))) > 1000


def test_no_table_row_about_a_task_rests_on_few_cells() -> None:
    about = re.compile(r'href="(?:\.\./)?tasks/(?!index)|href="[^/"]*"')
    for path, content in private_site().items():
        if not path.endswith(".html"):
            continue
        of_a_task = re.fullmatch(r"tasks/(?!index).*", path)
        for row in re.findall(r"<tr role.*?</tr>", content.decode(), re.DOTALL):
            if of_a_task or "tasks/" in "".join(about.findall(row)):
                totals = re.findall(r'<span class="muted">/([\d,]+)</span>', row)
                assert all(int(n.replace(",", "")) >= MIN_CELLS for n in totals), (
                    path,
                    row,
                )


@pytest.mark.parametrize("min_cells", [5, 8, 11])
@pytest.mark.parametrize("name", ["task_models", "task_harnesses"])
def test_what_is_hidden_of_a_task_does_not_come_back_by_subtraction(
    name: str, min_cells: int
) -> None:
    site = private_site(min_cells)
    for folder in ("data", "data/q4", "data/q8"):
        totals = {r["task"]: r["n_cells"] for r in rows(site, f"{folder}/tasks.json")}
        shown: dict[str, int] = defaultdict(int)
        for row in rows(site, f"{folder}/{name}.json"):
            assert row["n_cells"] >= min_cells
            shown[row["task"]] += row["n_cells"]
        for task, n in shown.items():
            assert totals[task] - n == 0 or totals[task] - n >= min_cells, folder


@pytest.mark.parametrize("min_cells", [5, 8, 11])
def test_what_a_sweep_hides_does_not_come_back_from_the_other_sweeps(
    min_cells: int,
) -> None:
    site = private_site(min_cells)

    def groups(folder: str) -> dict[tuple[str, str], int]:
        found = rows(site, f"{folder}/task_harnesses.json")
        return {(r["task"], r["harness"]): r["n_cells"] for r in found}

    whole = groups("data")
    for folder in ("data/q4", "data/q8"):
        for key, n in groups(folder).items():
            rest = whole.get(key, n) - n
            assert rest == 0 or rest >= min_cells, (folder, key)


def test_a_sweep_of_few_combos_tells_no_single_cell() -> None:
    records = [
        *grid({f"m{i}//h": {"a": "+", "b": "-"} for i in range(8)}, sweep="large"),
        *grid({"n//h": {"a": "-", "b": "+"}}, sweep="small"),
    ]
    site = build(inputs(records, **PRIVATE))
    for path in data_of(site):
        if "tasks" in path and path.count("/") > 1:
            for row in rows(site, path):
                assert row["n_cells"] >= MIN_CELLS, path


CANARY = "canary7f3a"


def test_what_is_not_in_the_allow_list_appears_nowhere(tmp_path: Path) -> None:
    names = ["model", "harness", "task", "seed", "passed", "agent_time_s"]
    held_back = ["sandbox", "harness_version", "model_sha256", "server_build"]
    held_back += ["task_version", "hardware", "runner_version", "started_at"]
    header = [*names, *held_back, "notes", f"{CANARY}_column"]
    table = [
        [f"m{i % 3}", f"h{i % 2}", f"t{i // 6}", i, i % 2, i + 0.5]
        + [f"{CANARY}-{name}" for name in held_back]
        + [f"{CANARY} notes {i}", f"{CANARY} value {i}"]
        for i in range(36)
    ]
    _write(tmp_path / "cells.csv", header, table)
    for key in ("model", "harness", "task"):
        _write(
            tmp_path / f"{key}s.csv",
            [key, "title", "note", "secret", f"{CANARY}_extra"],
            [[f"{key[0]}0", "A title", "A note", f"{CANARY}-{key}", f"{CANARY}-{key}"]],
        )
    for cells in ("true", "false"):
        (tmp_path / "site.toml").write_text(f"[publish]\ncells = {cells}\n")
        site = build(read_inputs([tmp_path / "cells.csv"]))
        assert b"A title" in site["index.html"]
        assert [p for p, content in site.items() if CANARY.encode() in content] == []
        assert [path for path in site if CANARY in path] == []


def _write(path: Path, header: list[str], table: list[list[object]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *table])


# Format


SAMPLE = DataFile(
    name="sample",
    title="A sample",
    fields=(
        Field("name", "string", "Who"),
        Field("n", "integer", "How many"),
        Field("rate", "number", "How often", nullable=True),
        Field("best", "boolean", "Whether"),
    ),
    rows=(("=1+1", 2, 0.25, True), ("a,b\n", 0, None, False)),
)


def test_unknown_is_null_in_json_and_empty_in_csv_and_zero_is_zero() -> None:
    assert json.loads(SAMPLE.json("q4")) == {
        "file": "sample",
        "title": "A sample",
        "scope": "q4",
        "rows": [
            {"name": "=1+1", "n": 2, "rate": 0.25, "best": True},
            {"name": "a,b\n", "n": 0, "rate": None, "best": False},
        ],
    }
    assert SAMPLE.csv() == b'name,n,rate,best\n\'=1+1,2,0.25,1\n"a,b\n",0,,0\n'


def test_nan_cannot_be_written() -> None:
    broken = DataFile(
        name="x",
        title="x",
        fields=SAMPLE.fields[2:3],
        rows=((float("nan"),),),
    )
    with pytest.raises(ValueError, match="not JSON compliant"):
        broken.json(None)


def test_an_empty_table_is_an_empty_list() -> None:
    empty = DataFile(name="x", title="x", fields=SAMPLE.fields, rows=())
    assert json.loads(empty.json(None))["rows"] == []
    assert empty.csv() == b"name,n,rate,best\n"


@pytest.mark.parametrize(
    "row", [{"n": 1}, {"n": None}, {"n": 1, "more": 2}, {"n": "1"}]
)
def test_a_schema_refuses_what_the_table_does_not_hold(row: dict[str, object]) -> None:
    schema = json.loads(
        DataFile(
            name="x", title="x", fields=(Field("n", "integer", "N"),), rows=()
        ).schema()
    )
    document = {"file": "x", "title": "x", "scope": "all", "rows": [row]}
    assert Draft202012Validator(schema).is_valid(document) is (row == {"n": 1})
