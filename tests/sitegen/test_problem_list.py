"""Many problems in a few lines, and all of them in a file."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from harness_bench.errors import Problem, SchemaError
from sitegen.cli import build
from sitegen.problem_list import forget, in_brief, list_file


def _many(count: int) -> SchemaError:
    bad = [
        Problem("x.csv", f"bad {n}", sort="bad", line=n) for n in range(2, count + 2)
    ]
    return SchemaError(
        *bad, Problem("x.csv", "odd", sort="odd"), Problem("", "summary")
    )


def test_ten_of_each_sort_are_told_then_how_many_more(tmp_path: Path) -> None:
    brief = in_brief(_many(400), out=tmp_path / "site")

    lines = str(brief).splitlines()
    assert lines[9] == "x.csv:11: bad 11"
    assert lines[10:] == [
        "… and 390 more: bad",
        "x.csv: odd",
        "summary",
        f"the whole list is in {tmp_path / 'site.problems.txt'}",
    ]


def test_the_whole_list_is_beside_the_output_and_not_inside(tmp_path: Path) -> None:
    error = _many(400)

    in_brief(error, out=tmp_path / "site")

    assert str(error) in list_file(tmp_path / "site").read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["site.problems.txt"]


def test_a_few_problems_are_told_as_they_are_and_need_no_file(tmp_path: Path) -> None:
    error = _many(10)

    assert in_brief(error, out=tmp_path / "site") is error
    assert list(tmp_path.iterdir()) == []


def test_a_list_that_cannot_be_written_hides_no_problem(tmp_path: Path) -> None:
    brief = in_brief(_many(11), out=tmp_path / "no folder" / "site")

    assert str(brief).splitlines()[-1] == "summary"


def test_only_a_list_of_ours_is_removed(tmp_path: Path) -> None:
    in_brief(_many(11), out=tmp_path / "site")
    other = list_file(tmp_path / "other")
    other.write_text("mine")

    for name in ("site", "other", "never"):
        forget(tmp_path / name)

    assert list(tmp_path.iterdir()) == [other]


def test_a_build_tells_a_wrong_column_in_a_few_lines(tmp_path: Path) -> None:
    table = tmp_path / "cells.csv"
    rows = "".join(f"m,h,t{n},maybe\n" for n in range(1_000))
    table.write_text(f"model,harness,task,passed\n{rows}")

    result = CliRunner().invoke(build, [str(table), "--out", str(tmp_path / "site")])

    assert isinstance(result.exception, SchemaError)
    assert len(str(result.exception).splitlines()) == 13
    assert len((tmp_path / "site.problems.txt").read_text().splitlines()) == 1_003


def test_a_build_that_succeeds_leaves_no_old_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    in_brief(_many(11), out=Path("site"))
    Path("cells.csv").write_text("model,harness,task,passed\nm,h,t,1\n")

    result = CliRunner().invoke(build, ["cells.csv"])

    assert result.exit_code == 0
    assert not Path("site.problems.txt").exists()
