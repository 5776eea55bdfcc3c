"""The CSV files follow from the ledger, byte for byte."""

import stat
from pathlib import Path
from typing import Any

import pytest

from harness_bench.errors import RunError
from harness_bench.schema import Record, Status
from runner.harnesses.aider import Aider
from runner.run_folder.attempt import Attempt
from runner.run_folder.export import PUBLIC, export, export_all, rows
from runner.run_folder.ledger import Attempts, Ledger, read_ledger
from runner.spec import HarnessSpec
from sitegen.metadata import HarnessInfo, ModelInfo, TaskInfo, read_infos
from sitegen.parsed import read
from tests.runner.specs import attempt, harness, model, spec, task

FILES = ("cells.csv", "models.csv", "harnesses.csv", "tasks.csv")
SPEC = spec(
    (
        model("m", title="M", total_params_b=27.0),
        model("m", quant="Q8", title="ignored", note="Dense, with a comma."),
        model("n"),
    ),
    (harness("h", title="H", note="A loop."),),
)
TASKS = (task("t"), task("u", title="Größe"))


def _records(*attempts: Attempt) -> list[Record]:
    return list(rows(Attempts.of(attempts)).records)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def test_a_trial_is_one_row_of_its_first_valid_attempt() -> None:
    infra = attempt(status=Status.INFRA_SERVER, folder="a", started_at="1")
    failed = attempt(status=Status.FAIL, folder="b", started_at="2")
    passed = attempt(status=Status.PASS, folder="c", started_at="3")
    assert _records(passed, infra, failed) == [failed.record]


def test_a_trial_without_a_valid_attempt_is_a_row_of_its_last() -> None:
    first = attempt(status=Status.INFRA_SERVER, folder="a", started_at="1")
    last = attempt(status=Status.CANCELLED, folder="b", started_at="2")
    assert _records(last, first) == [last.record]


def test_a_cell_that_was_run_anew_counts_once_and_the_older_trials_are_told() -> None:
    old = attempt("a", status=Status.PASS, started_at="1")
    new = attempt("b", status=Status.FAIL, started_at="2")
    assert rows(Attempts.of([new])).notices == ()
    found = rows(Attempts.of([new, old]))
    assert found.records == (new.record,)
    assert found.notices == (
        (
            "cells.csv: 1 trial was left out, because model, harness, task or limits"
            " were changed and the cell was run again"
        ),
    )


def test_older_trials_are_counted(tmp_path: Path) -> None:
    found = [attempt(each, started_at=each) for each in "abc"]
    (notice,) = export(tmp_path, Attempts.of(found)).notices
    assert notice.startswith("cells.csv: 2 trials were left out")


def test_every_export_of_a_ledger_is_the_same_bytes(tmp_path: Path) -> None:
    found = [
        attempt(f"{n}", folder=f"{n}", seed=n, agent_time_s=n / 3, task="t")
        for n in range(9)
    ]
    with Ledger(tmp_path / "one") as ledger:
        for each in found:
            ledger.append(each)
    for each in reversed(found):
        with Ledger(tmp_path / "two") as ledger:
            ledger.append(each)
    for name in ("one", "two"):
        export(tmp_path / name, read_ledger(tmp_path / name), spec=SPEC, tasks=TASKS)
    first = _bytes(tmp_path / "one")
    assert first == _bytes(tmp_path / "two")
    export(tmp_path / "one", Attempts.of(found), spec=SPEC, tasks=reversed(TASKS))
    assert first == _bytes(tmp_path / "one")
    assert read(first["cells.csv"]) == tuple(each.record for each in found)


def test_metadata_is_what_a_site_reads(tmp_path: Path) -> None:
    export(tmp_path, Attempts.of([attempt()]), spec=SPEC, tasks=TASKS)
    models = read_infos(tmp_path / "models.csv", ModelInfo, key="model")
    assert dict(models.infos) == {
        "m": ModelInfo(title="M", note="Dense, with a comma.", total_params_b=27.0),
        "n": ModelInfo(),
    }
    harnesses = read_infos(tmp_path / "harnesses.csv", HarnessInfo, key="harness")
    assert dict(harnesses.infos) == {
        "h": HarnessInfo(
            title="H", note="A loop.", settings="edits set; config not set"
        )
    }
    tasks = read_infos(tmp_path / "tasks.csv", TaskInfo, key="task")
    assert dict(tasks.infos) == {
        "t": TaskInfo(title="T", language="Python", category="repair"),
        "u": TaskInfo(title="Größe", language="Python", category="repair"),
    }
    for problems in (models.problems, harnesses.problems, tasks.problems):
        assert problems == ()


def test_a_ledger_alone_leaves_the_metadata_as_it_is(tmp_path: Path) -> None:
    export(tmp_path, Attempts.of([attempt()]), spec=SPEC, tasks=TASKS)
    before = _bytes(tmp_path)
    export(tmp_path, Attempts.of([attempt()]))
    assert _bytes(tmp_path) == before


def _harnesses(folder: Path) -> dict[str, HarnessInfo]:
    return dict(read_infos(folder / "harnesses.csv", HarnessInfo, key="harness").infos)


def test_a_harness_is_what_its_counted_attempts_ran_and_began_with(
    tmp_path: Path,
) -> None:
    aider = harness("aider", vendor="A", harness=Aider(test_command="cat /etc/passwd"))
    found = [
        attempt("a", Status.INFRA_SERVER, folder="a", prompt_tokens=1),
        attempt("a", folder="b", number=2, prompt_tokens=300, harness_version="1.0"),
        attempt("b", folder="c", seed=1, prompt_tokens=200, harness_version="1.1"),
        attempt("c", folder="d", seed=2, prompt_tokens=100, harness_version="1.0"),
        attempt("d", folder="e", seed=3, prompt_tokens=400, harness_version="1.0"),
        attempt("e", folder="f", seed=4),
        attempt("f", folder="g", harness="aider", harness_version="0.9"),
    ]
    export(tmp_path, Attempts.of(found), spec=spec(harnesses=(harness("h"), aider)))
    assert _harnesses(tmp_path) == {
        "aider": HarnessInfo(
            vendor="A",
            version="0.9",
            settings="edit_format diff; files all; test_command set",
        ),
        "h": HarnessInfo(
            version="1.0, 1.1",
            settings="edits set; config not set",
            prompt_tokens=200,
        ),
    }
    assert "passwd" not in (tmp_path / "harnesses.csv").read_text()


def test_variants_of_a_harness_are_one_line_with_the_settings_of_each(
    tmp_path: Path,
) -> None:
    def read(*harnesses: HarnessSpec) -> HarnessInfo:
        export(tmp_path, Attempts.of([]), spec=spec(harnesses=harnesses))
        return _harnesses(tmp_path)["aider"]

    whole = harness("aider", vendor="A", harness=Aider(edit_format="whole"))
    diff = harness("aider", variant="diff", title="T", harness=Aider())
    again = harness("aider", variant="again", harness=Aider())

    assert read(whole, diff) == HarnessInfo(
        title="T",
        vendor="A",
        settings="no variant: edit_format whole; files all; test_command not set"
        " | diff: edit_format diff; files all; test_command not set",
    )
    assert read(diff, again).settings == (
        "edit_format diff; files all; test_command not set"
    )


def test_a_ledger_alone_brings_what_was_measured_up_to_date(tmp_path: Path) -> None:
    later = attempt(prompt_tokens=7, harness_version="2")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    export(tmp_path / "one", Attempts(by_trial={}), spec=SPEC, tasks=TASKS)
    before = _harnesses(tmp_path / "one")["h"]
    export(tmp_path / "one", Attempts.of([later]))
    export(tmp_path / "two", Attempts.of([later]), spec=SPEC, tasks=TASKS)
    assert before.prompt_tokens is None
    assert _harnesses(tmp_path / "one")["h"].prompt_tokens == 7
    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "two")


def test_files_of_older_versions_get_the_new_columns(tmp_path: Path) -> None:
    (tmp_path / "harnesses.csv").write_text("harness,title,note\nh,H,\nold,O,\n")
    export(tmp_path, Attempts.of([attempt(prompt_tokens=7)]))
    assert (tmp_path / "harnesses.csv").read_text() == (
        "harness,title,note,vendor,version,settings,prompt_tokens\n"
        "h,H,,,,,7\n"
        "old,O,,,,,\n"
    )


def test_every_vendor_of_a_name_is_named_once(tmp_path: Path) -> None:
    asked = (
        model("m", sweep="a", vendor="A"),
        model("m", sweep="b", vendor="B"),
        model("m", sweep="c", vendor="A"),
        model("n", title="N"),
    )
    export(tmp_path, Attempts.of([attempt()]), spec=spec(asked))
    models = read_infos(tmp_path / "models.csv", ModelInfo, key="model")
    assert dict(models.infos) == {
        "m": ModelInfo(vendor="A and B"),
        "n": ModelInfo(title="N"),
    }


def test_names_that_are_no_longer_asked_for_keep_what_is_known(tmp_path: Path) -> None:
    export(tmp_path, Attempts.of([attempt()]), spec=SPEC, tasks=TASKS)
    export(
        tmp_path,
        Attempts.of([attempt()]),
        spec=spec((model("a"), model("n", title="N"))),
        tasks=[task("u", title="New")],
    )
    models = read_infos(tmp_path / "models.csv", ModelInfo, key="model")
    assert {name: info.title for name, info in models.infos.items()} == {
        "a": None,
        "m": "M",
        "n": "N",
    }
    tasks = read_infos(tmp_path / "tasks.csv", TaskInfo, key="task")
    assert {name: info.title for name, info in tasks.infos.items()} == {
        "t": "T",
        "u": "New",
    }


def test_files_that_are_right_are_not_touched(tmp_path: Path) -> None:
    found = Attempts.of([attempt()])
    export(tmp_path, found, spec=SPEC, tasks=TASKS)
    before = {name: (tmp_path / name).stat().st_ino for name in FILES}
    export(tmp_path, found, spec=SPEC, tasks=TASKS)
    assert {name: (tmp_path / name).stat().st_ino for name in FILES} == before
    assert {path.name for path in tmp_path.iterdir()} == set(FILES)


def test_a_run_without_attempts_has_a_header_alone(tmp_path: Path) -> None:
    export(tmp_path, Attempts(by_trial={}))
    assert (tmp_path / "cells.csv").read_bytes().count(b"\n") == 1


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(RunError) as caught:
        export(tmp_path / "none", Attempts(by_trial={}))
    assert str(caught.value) == (
        f"{tmp_path}/none/cells.csv: cannot be written (no such file or directory)"
    )


def test_exported_files_are_private_until_they_are_published(tmp_path: Path) -> None:
    export(tmp_path, Attempts.of([attempt()]), spec=SPEC, tasks=TASKS)
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in FILES}
    assert modes == {0o600}


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("models.csv", ModelInfo),
        ("harnesses.csv", HarnessInfo),
        ("tasks.csv", TaskInfo),
    ],
)
def test_every_metadata_column_of_ours_is_one_of_a_site(file: str, kind: Any) -> None:  # noqa: ANN401 - any dataclass
    assert set(PUBLIC[file][1:]) <= set(kind.__dataclass_fields__)


def test_where_the_clock_was_set_back_the_planned_definition_counts() -> None:
    older = attempt("a" * 16, Status.FAIL, folder="a", started_at="2026-11-02")
    planned = attempt("b" * 16, folder="b", started_at="1970-01-01")
    found = Attempts.of([older, planned])
    assert rows(found, planned={planned.trial}).records == (planned.record,)
    assert rows(found).records == (older.record,)


def test_every_definition_is_exported_by_cell_and_then_by_its_time(
    tmp_path: Path,
) -> None:
    found = [
        attempt("b" * 16, folder="b", task="t", started_at="2026-11-01"),
        attempt("a" * 16, Status.FAIL, folder="a", task="t", started_at="2026-11-02"),
        attempt("c" * 16, folder="c", task="s", started_at="2026-11-03", calls=2),
    ]
    path = export_all(tmp_path, Attempts.of(found))
    assert path == tmp_path / "all-definitions.csv"
    header, *lines = path.read_text().splitlines()
    names = header.split(",")
    assert names[0] == "trial"
    kept = [dict(zip(names, line.split(","), strict=True)) for line in lines]
    assert [each["trial"][0] for each in kept] == ["c", "b", "a"]
    assert [each["status"] for each in kept] == ["pass", "pass", "fail"]
    assert [each["calls"] for each in kept] == ["2", "", ""]


def test_what_is_left_out_is_told_beside_the_rows_until_all_counts(
    tmp_path: Path,
) -> None:
    found = Attempts.of([attempt("a" * 16), attempt("b" * 16, folder="b", seed=1)])
    export(tmp_path, found, planned={"a" * 16})
    told = (tmp_path / "not-counted.txt").read_text()
    assert told == (
        "1 earlier attempt under older definitions is left out;"
        " `export --all-definitions` shows all\n"
    )
    assert (tmp_path / "cells.csv").read_bytes().count(b"\n") == 2
    export(tmp_path, found, planned={"a" * 16, "b" * 16})
    assert not (tmp_path / "not-counted.txt").exists()
    assert (tmp_path / "cells.csv").read_bytes().count(b"\n") == 3
