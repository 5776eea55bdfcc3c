"""What sets the rows of two files apart may stand in their paths alone."""

from pathlib import Path

import pytest

from harness_bench.errors import SchemaError, SettingsError
from sitegen.inputs import Inputs, read_inputs

HEAD = "model,harness,task,passed"


def tables(folder: Path, template: str, files: dict[str, list[str]]) -> Inputs:
    (folder / "site.toml").write_text(
        f'[input]\npaths = "{template}"\nduplicates = "number"\n'
    )
    for name, lines in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("\n".join(lines) + "\n")
    return read_inputs(
        [folder / name for name in files], settings_path=folder / "site.toml"
    )


def test_a_part_of_the_path_is_a_column_of_all_rows(tmp_path: Path) -> None:
    rows = [HEAD, "m,pi,t,1", "m,pi,u,0"]
    found = tables(
        tmp_path, "{hardware}/cells.csv", {"gpu/cells.csv": rows, "cpu/cells.csv": rows}
    )
    kinds = sorted((r.hardware, r.task, r.seed) for r in found.records)
    assert [kind[:2] for kind in kinds] == [
        ("cpu", "t"),
        ("cpu", "u"),
        ("gpu", "t"),
        ("gpu", "u"),
    ]


def test_parts_of_one_name_fill_what_a_row_does_not_say(tmp_path: Path) -> None:
    found = tables(
        tmp_path,
        "{model}_{harness}.csv",
        {"big_pi.csv": ["model,task,passed", ",t,1", "own,t,0"]},
    )
    assert sorted((r.model, r.harness, r.passed) for r in found.records) == [
        ("big", "pi", True),
        ("own", "pi", False),
    ]


def test_a_path_that_ends_otherwise_is_told(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="does not end as"):
        tables(tmp_path, "{hardware}/cells.csv", {"rows.csv": [HEAD, "m,pi,t,1"]})


@pytest.mark.parametrize(
    ("template", "told"),
    [
        ("{hardwear}/cells.csv", "did you mean 'hardware'"),
        ("{model}/{model}.csv", "expected columns in braces, each once"),
        ("cells.csv", "expected columns in braces, each once"),
    ],
)
def test_a_template_names_columns_once(
    tmp_path: Path, template: str, told: str
) -> None:
    with pytest.raises(SettingsError, match=told):
        tables(tmp_path, template, {"cells.csv": [HEAD, "m,pi,t,1"]})
