"""From files on disk to everything a site is built from."""

import fcntl
import json
import random
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_bench.cells_csv import canonical, write
from harness_bench.errors import SchemaError, SettingsError
from harness_bench.going import LOCK
from harness_bench.schema import Record, Status
from sitegen.build import build
from sitegen.config import Settings
from sitegen.inputs import NoTrialsError, read_inputs
from sitegen.metadata import Metadata, ModelInfo
from tests.records import inputs, record
from tests.strategies import tables

ROOT = Path(__file__).parents[2]
REAL = ROOT / "tests" / "data" / "real"
EXAMPLE = ROOT / "examples" / "harness-bench-2026"

HEADER = "model,harness,task,passed"


def _write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join([*lines, ""]))
    return path


def _refused(*paths: Path, settings: Path | None = None) -> SchemaError:
    with pytest.raises(SchemaError) as caught:
        read_inputs(paths, settings_path=settings)
    return caught.value


def _problems(*paths: Path, settings: Path | None = None) -> list[str]:
    return list(map(str, _refused(*paths, settings=settings).problems))


def test_a_csv_alone_is_enough(tmp_path: Path) -> None:
    path = _write(tmp_path / "cells.csv", HEADER, "m,h,t,1")

    inputs = read_inputs([path])

    assert [*inputs.records] == [Record(model="m", harness="h", task="t", passed=True)]
    assert inputs.settings == Settings()
    assert inputs.notices == ()
    assert inputs.files == (path,)


def test_settings_and_metadata_lie_beside_the_first_csv(tmp_path: Path) -> None:
    path = _write(tmp_path / "cells.csv", HEADER, "m,h,t,1")
    other = tmp_path / "elsewhere"
    other.mkdir()
    second = _write(other / "more.csv", HEADER, "m,h,u,1")
    _write(other / "site.toml", "[site]", "title = 'not this'")
    _write(tmp_path / "site.toml", "[site]", "title = 'this'", "notes = 'n.md'")
    _write(tmp_path / "n.md", "# Grüße")
    _write(tmp_path / "models.csv", "model,family", "m,F")

    inputs = read_inputs([path, second])

    assert inputs.settings.site.title == "this"
    assert inputs.metadata.models == {"m": ModelInfo(family="F")}
    assert inputs.notes == "# Grüße\n"
    assert [file.name for file in inputs.files] == [
        "cells.csv",
        "more.csv",
        "site.toml",
        "n.md",
        "models.csv",
    ]


def test_a_companion_with_the_stem_of_the_csv_goes_first(tmp_path: Path) -> None:
    path = _write(tmp_path / "june.csv", HEADER, "m,h,t,1")
    _write(tmp_path / "site.toml", "[site]", "title = 'all'")
    _write(tmp_path / "june.site.toml", "[site]", "title = 'june'")
    _write(tmp_path / "tasks.csv", "task,language", "t,c")
    _write(tmp_path / "june.tasks.csv", "task,language", "t,rust")

    inputs = read_inputs([path])

    assert inputs.settings.site.title == "june"
    assert inputs.metadata.tasks["t"].language == "rust"


def test_the_tables_of_a_built_site_are_no_metadata(tmp_path: Path) -> None:
    tables = [
        (path, content)
        for path, content in build(inputs([record()], cells=True)).items()
        if path.startswith("data/") and path.endswith(".csv")
    ]
    for path, content in tables:
        (tmp_path / Path(path).name).write_bytes(content)
    mine = _write(tmp_path / "mine.csv", HEADER, "m,h,t,1")

    found = read_inputs([mine])

    assert found.metadata == Metadata()
    assert found.files == (mine,)
    assert found.notices == tuple(
        f"{name}: not read as metadata, for it is a table of results"
        for name in ("models.csv", "harnesses.csv", "tasks.csv")
    )


def test_metadata_may_have_a_column_of_its_own_that_results_have(
    tmp_path: Path,
) -> None:
    path = _write(tmp_path / "cells.csv", HEADER, "m,h,t,1")
    _write(tmp_path / "models.csv", "model,title,n_trials,rate", "m,Mine,3,0.5")

    found = read_inputs([path])

    assert found.metadata.models == {"m": ModelInfo(title="Mine")}


def test_given_settings_replace_those_beside_the_csv(tmp_path: Path) -> None:
    path = _write(tmp_path / "cells.csv", HEADER, "m,h,t,1")
    _write(tmp_path / "site.toml", "[nonsense]")
    mine = _write(tmp_path / "mine.toml", "[site]", "title = 'mine'")

    inputs = read_inputs([path], settings_path=mine)

    assert inputs.settings.site.title == "mine"


def test_a_run_folder_stands_for_what_lies_in_it(tmp_path: Path) -> None:
    path = _write(tmp_path / "cells.csv", HEADER, "m,h,t,1")
    _write(tmp_path / "site.toml", "[site]", "title = 'run'")
    _write(tmp_path / "models.csv", "model,family", "m,F")

    assert read_inputs([tmp_path]) == read_inputs([path])


def test_while_a_run_is_going_on_tasks_yet_to_come_have_not_failed(
    tmp_path: Path,
) -> None:
    _write(tmp_path / "cells.csv", HEADER, "m,h,t,1")
    publish = "[publish]\ncells = true\n"
    _write(tmp_path / "site.toml", f"{publish}[policy]\nmissing = 'fail'")
    with (tmp_path / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = read_inputs([tmp_path])
    assert found.settings.policy.missing == "apart"
    assert found.notices[-1].startswith("a run is going on: ")
    ended = read_inputs([tmp_path])
    assert (ended.settings.policy.missing, ended.notices) == ("fail", ())


def test_a_folder_without_cells_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(NoTrialsError) as caught:
        read_inputs([tmp_path])
    assert str(caught.value) == (
        f"{tmp_path}: holds no cells.csv; give a CSV file, or the folder of a run that"
        " has begun; for other results, `harness-bench init` writes [input] paths"
    )


def test_no_row_yet_is_told_from_rows_that_do_not_fit(tmp_path: Path) -> None:
    path = _write(tmp_path / "cells.csv", HEADER)
    with pytest.raises(NoTrialsError, match=r": has a header but no rows$"):
        read_inputs([tmp_path])
    _write(path, HEADER, "m,h,t,2")
    assert not isinstance(_refused(tmp_path), NoTrialsError)
    _write(path, "model,harness")
    assert not isinstance(_refused(tmp_path), NoTrialsError)


def test_a_missing_file_is_no_run_that_has_just_begun(tmp_path: Path) -> None:
    assert not isinstance(_refused(tmp_path / "cells.csv"), NoTrialsError)
    assert not isinstance(_refused(tmp_path, tmp_path / "c.csv"), NoTrialsError)


def test_a_folder_and_the_file_in_it_are_one_file_given_twice(tmp_path: Path) -> None:
    path = _write(tmp_path / "cells.csv", HEADER, "m,h,t,1")
    assert _problems(tmp_path, path) == [f"{path}: is given twice"]


def test_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    first = _write(tmp_path / "a.csv", HEADER, "m,h,t,2")
    second = _write(tmp_path / "b.csv", HEADER, ",h,t,1")
    _write(tmp_path / "models.csv", "model,total_params_b", "m,inf")

    assert _problems(first, second, tmp_path / "c.csv") == [
        "a.csv:2: passed is '2', expected 0 or 1",
        "b.csv:2: model is empty; every row needs one",
        "c.csv: cannot be read (no such file or directory)",
        "models.csv:2: total_params_b is 'inf', expected a finite number >= 0",
        (
            "4 problems: 1 × bad passed, 1 × empty model, 1 × unreadable file,"
            " 1 × bad total_params_b; in site.toml, [input] defaults.model can fill in"
            " a model"
        ),
    ]


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        _write(tmp_path / name / "cells.csv", HEADER, "m,h,t,1")
    paths = [tmp_path / name / "cells.csv" for name in ("a", "b")]

    (problem,) = _problems(*paths)

    assert problem.startswith(f"{paths[1]}:2: the row has the same sweep, model, ")
    assert f" and seed as {paths[0]}:2; in site.toml, [input] duplicates can" in problem


def test_a_file_that_is_given_twice_is_one_problem(tmp_path: Path) -> None:
    path = _write(tmp_path / "cells.csv", HEADER, "m,h,t,1", "m,h,u,1")

    (problem,) = _problems(path, tmp_path / "." / "cells.csv")

    assert problem.endswith("cells.csv: is given twice")


@pytest.mark.parametrize(
    ("lines", "advice"),
    [
        (["harness,task,passed", "h,t,1"], "columns.model can name another column"),
        (["model,task,passed", "m,t,1"], "columns.harness can name another column"),
        (["model,harness,passed", "m,h,1"], "columns.task can name another column"),
        ([HEADER, ",h,t,1"], "defaults.model can fill in a model"),
        ([HEADER, "m,,t,1"], "defaults.harness can fill in a harness"),
        ([HEADER, "m,h,,1"], "defaults.task can fill in a task"),
        (["model,harness,task", "m,h,t"], "columns can name other columns"),
        (
            [HEADER, "m,h,t,"],
            (
                'defaults = { passed = "0" } counts rows that lack one as failed, '
                '{ status = "cancelled" } as not measured'
            ),
        ),
        (
            ["model,harness,task,status", "m,h,t,odd"],
            "statuses can translate foreign words",
        ),
        (
            ["model,harness,task,score", "m,h,t,2"],
            "score_scale can divide scores, score_outside clip them or leave them out",
        ),
        (
            [HEADER, "m,h,t,1", "m,h,t,1"],
            "duplicates can number the rows of a key or keep one of them",
        ),
        *(
            (
                [f"model,harness,task,{columns}", f"m,h,t,{values}"],
                (
                    "verdict can say which column decides, and statuses.WORD ="
                    ' "score" that a status word does not'
                ),
            )
            for columns, values in (
                ("status,passed", "pass,0"),
                ("status,score", "fail,1"),
                ("passed,score", "0,1"),
            )
        ),
    ],
)
def test_a_problem_names_the_setting_that_can_help(
    tmp_path: Path, lines: list[str], advice: str
) -> None:
    *_, last = _problems(_write(tmp_path / "cells.csv", *lines))
    assert last.endswith(f"; in site.toml, [input] {advice}")


def test_no_file_at_all_is_refused() -> None:
    assert _problems() == ["no CSV file was given; name at least one"]


def test_two_versions_of_one_task_are_refused_unless_settings_allow_it(
    tmp_path: Path,
) -> None:
    path = _write(
        tmp_path / "cells.csv",
        f"{HEADER},task_version",
        "m,h,t,1,v1",
        "n,h,t,1,",
        "o,h,t,1,v2",
        "p,h,t,1,v2",
        "m,h,u,1,v2",
    )
    allowed = _write(tmp_path / "any.toml", "[input]", "ignore = ['task_version']")

    assert _problems(path) == [
        (
            "cells.csv:4: task 't' has task_version 'v2' here but 'v1' at cells.csv:2;"
            ' in site.toml, [input] ignore = ["task_version"] can forget them'
        )
    ]
    assert len(read_inputs([path], settings_path=allowed).records) == 5


def test_a_first_sweep_that_the_data_lack_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path / "cells.csv", f"sweep,{HEADER}", "q4,m,h,t,1")
    _write(tmp_path / "site.toml", "[site]", "default_sweep = 'q5'")

    with pytest.raises(SettingsError) as caught:
        read_inputs([path])

    assert str(caught.value) == (
        "site.toml: [site] default_sweep is 'q5', which is not in the data;"
        " its sweeps are q4"
    )


def test_names_that_are_in_no_row_are_told(tmp_path: Path) -> None:
    path = _write(tmp_path / "cells.csv", HEADER, "m,h,t,1")
    _write(tmp_path / "models.csv", "model,secret", "m,", "M,")
    _write(tmp_path / "site.toml", "[sweeps.q4]")

    assert read_inputs([path]).notices == (
        "models.csv: 1 column dropped: secret",
        "sweeps in the settings but in no row (1): q4",
        "models in the metadata but in no row (1): M",
    )


def _agreeing(records: list[Record]) -> list[Record]:
    """Without scores beside a verdict, which may contradict it."""
    return [
        replace(
            record,
            score=record.score
            if record.passed is None and record.status is None
            else None,
        )
        for record in records
    ]


@given(tables().map(_agreeing), st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_their_files_matter(
    tmp_path_factory: pytest.TempPathFactory,
    records: list[Record],
    shuffler: random.Random,
) -> None:
    folder = tmp_path_factory.mktemp("shuffled")
    (folder / "site.toml").write_text("[input]\nignore = ['task_version']\n")
    header, *rows = write(records).decode().splitlines(keepends=True)
    shuffler.shuffle(rows)
    cut = shuffler.randrange(len(rows))
    paths = []
    for name, part in (("a.csv", rows[:cut]), ("b.csv", rows[cut:])):
        if part:
            paths.append(folder / name)
            paths[-1].write_bytes("".join([header, *part]).encode())

    known = [replace(record, task_version=None) for record in records]
    assert tuple(read_inputs(paths).records) == canonical(known)


def test_the_example_is_read_whole() -> None:
    inputs = read_inputs([EXAMPLE / "cells.csv"])

    assert len(inputs.records) == 1_360
    assert inputs.settings.publish.cells
    assert inputs.settings.site.default_sweep == "q4"
    assert inputs.settings.sweeps["q8"].label == "8-bit sweep"
    assert {record.harness for record in inputs.records} == set(
        inputs.metadata.harnesses
    )
    assert "compatibility layer" in (inputs.metadata.harnesses["claude"].note or "")
    assert "reconstruction" in inputs.notes
    assert inputs.notices == ("tasks.csv: 1 column dropped: id_is_published",)


@pytest.fixture
def no_settings(tmp_path: Path) -> Path:
    return _write(tmp_path / "none.toml", "")


def test_metr_without_settings_lists_exactly_what_does_not_fit(
    no_settings: Path,
) -> None:
    *cases, summary = _problems(REAL / "metr_runs_2025_01.csv.gz", settings=no_settings)

    assert len(cases) == 7_059 + 94
    assert Counter(case.split(": ")[1].split(" is ")[0] for case in cases) == {
        "harness": 7_059,
        "score": 94,
    }
    assert summary == (
        "7,153 problems: 7,059 × empty harness, 94 × score above 1; in site.toml,"
        " [input] defaults.harness can fill in a harness, [input] score_scale can"
        " divide scores, score_outside clip them or leave them out"
    )


def test_canaicode_without_settings_lists_exactly_what_does_not_fit(
    no_settings: Path,
) -> None:
    *cases, summary = _problems(REAL / "canaicode.csv.gz", settings=no_settings)

    assert sum("the row has the same sweep, model," in case for case in cases) == 28
    assert [
        re.sub("expected .*; |canaicode.csv.gz:", "", case)
        for case in cases
        if "status is" in case
    ] == [
        "132: status is 'NO_FUNCTION', 311 rows have it: lines 132, 300, 357, …",
        "4084: status is 'NO_CODE', 31 rows have it: lines 4,084, 4,085, 12,056, …",
    ]
    assert summary == (
        "30 problems: 28 × duplicate key, 2 × unknown status; in site.toml, [input]"
        " duplicates can number the rows of a key or keep one of them, [input] statuses"
        " can translate foreign words"
    )


def test_tau_bench_needs_no_settings_and_has_its_published_pass_count(
    no_settings: Path,
) -> None:
    inputs = read_inputs(
        [REAL / "taubench_airline_gpt4o.csv.gz"], settings_path=no_settings
    )

    assert len(inputs.records) == 200
    assert sum(record.passed is True for record in inputs.records) == 84
    assert inputs.notices[0] == (
        "2 columns dropped, not part of cells.csv: user_cost, n_messages"
    )


def test_metr_with_its_settings_has_the_published_counts() -> None:
    inputs = read_inputs([REAL / "metr_runs_2025_01.csv.gz"])
    expected = json.loads((REAL / "metr_runs_2025_01.expected.json").read_text())

    found = Counter(record.model for record in inputs.records)
    passed = Counter(record.model for record in inputs.records if record.passed)
    assert {
        model: (numbers["n"], numbers["passed"])
        for model, numbers in expected["derived"].items()
    } == {model: (found[model], passed[model]) for model in found}
    assert {record.harness for record in inputs.records} == {"METR"}
    assert all(0 <= (record.score or 0) <= 1 for record in inputs.records)
    assert {record.started_at for record in inputs.records} == {None}


def test_canaicode_with_its_settings_keeps_all_but_the_repeated_rows() -> None:
    inputs = read_inputs([REAL / "canaicode.csv.gz"])

    assert len(inputs.records) == 22_584 - 28
    assert {record.status for record in inputs.records} == {
        Status.PASS,
        Status.FAIL,
        Status.NO_CHANGE,
    }
    assert inputs.notices[-1] == (
        "28 rows with a repeated key left out, the first of each kept"
        " ([input] duplicates)"
    )


@pytest.mark.parametrize(
    "name", ["taubench_airline_gpt4o", "metr_runs_2025_01", "canaicode"]
)
def test_other_peoples_measurements_say_whose_they_are(name: str) -> None:
    inputs = read_inputs([REAL / f"{name}.csv.gz"])

    assert inputs.settings.site.status == "Other people's measurements"
    assert "MIT" in inputs.settings.site.note
    assert "MIT licence, ©" in " ".join(inputs.notes.split())
