"""Files of several contributors: joined where they agree, named where they do not."""

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness_bench.errors import BenchError
from sitegen.build import build
from sitegen.cli import merge
from sitegen.config import Publish
from sitegen.inputs import read_inputs
from sitegen.merged import merged
from tests.sites import page_text

HEAD = "model,quant,harness,task,seed,passed,hardware,server_build,task_version\n"


def _contributors(folder: Path) -> dict[str, Path]:
    """Twelve files: one machine each, four trials each."""
    found = {}
    for number in range(12):
        rows = [
            f"m{number % 3},q4,pi,t{task},{number},{task % 2},gpu {number},b1,v1\n"
            for task in range(4)
        ]
        path = folder / f"who{number:02}.csv"
        path.write_text(HEAD + "".join(rows))
        found[path.stem] = path
    return found


def _problems(folder: Path) -> list[str]:
    with pytest.raises(BenchError) as caught:
        merged([folder])
    return [str(each).replace(f"{folder}/", "") for each in caught.value.problems]


def test_twelve_files_become_one_table_and_the_site_says_whose(tmp_path: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    _contributors(results)
    out = tmp_path / "joint" / "cells.csv"
    words = [str(results), "--out", str(out)]

    result = CliRunner().invoke(merge, words, catch_exceptions=False)

    assert result.stdout == f"{out}\n"
    assert f"{results / 'who03.csv'}: 4 trials\n" in result.stderr
    inputs = read_inputs([out])
    assert len(inputs.records) == 48
    assert {r.contributor for r in inputs.records} == {f"who{n:02}" for n in range(12)}
    private = page_text(build(inputs), "data.html")
    assert "Who brought what" not in private
    public = replace(inputs.settings, publish=Publish(cells=True))
    page = page_text(build(replace(inputs, settings=public)), "data.html")
    assert "Who brought what" in page
    assert "who11 4 1 4 gpu 11" in page
    with pytest.raises(BenchError, match="already exists"):
        CliRunner().invoke(merge, words, catch_exceptions=False)


def test_two_that_contradict_are_named_with_both_places_and_what_differs(
    tmp_path: Path,
) -> None:
    files = _contributors(tmp_path)
    files["who05"].write_text(HEAD + "m0,q4,pi,t1,0,0,gpu 5,b1,v1\n")
    files["who07"].write_text(HEAD + "m9,q4,pi,t2,7,1,gpu 7,b1,v2\n")

    assert _problems(tmp_path) == [
        (
            "who05.csv:2: is the trial of who00.csv:3 with another passed ('0' and not"
            " '1'), hardware ('gpu 5' and not 'gpu 0'); take one of them out; repeats"
            " need a seed of their own"
        ),
        (
            "who07.csv:2: task 't2' has task_version 'v2' here but 'v1' at"
            f" {tmp_path}/who00.csv:4"
        ).replace(f"{tmp_path}/", ""),
    ]


def test_a_trial_that_two_bring_alike_is_taken_once(tmp_path: Path) -> None:
    files = _contributors(tmp_path)
    files["again"] = tmp_path / "zz.csv"
    files["again"].write_text(files["who00"].read_text() + "m0,,pi,t9,0,1,,,\n")

    found = merged([tmp_path])

    assert len(found.records) == 49
    assert found.said[-1].endswith(
        "zz.csv: 5 trials, 4 of them brought before; some do not say hardware, quant or"
        " server_build"
    )


def test_settings_beside_a_file_put_it_into_our_words(tmp_path: Path) -> None:
    files = _contributors(tmp_path)
    files["who01"].write_text("llm,agent,problem,points,hardware\nm7,pi,t0,80,gpu\n")
    (tmp_path / "who01.site.toml").write_text(
        "[policy]\npass_score = 0.5\n[input]\nscore_scale = 100\ncolumns ="
        ' { model = "llm", harness = "agent", task = "problem", score = "points" }\n'
    )

    found = merged([tmp_path]).records

    (own,) = [record for record in found if record.contributor == "who01"]
    assert (own.model, own.score, len(found)) == ("m7", 0.8, 45)


def test_problems_of_each_file_are_told_with_those_between_files(
    tmp_path: Path,
) -> None:
    files = _contributors(tmp_path)
    files["who01"].write_text("model,harness,task,passed\nm,pi,t,maybe\n")

    assert _problems(tmp_path) == [
        "who01.csv:2: passed is 'maybe', expected 0 or 1",
    ]
    assert _problems(tmp_path / "none") == [
        f"{tmp_path / 'none'}: cannot be read (no such file or directory)"
    ]
