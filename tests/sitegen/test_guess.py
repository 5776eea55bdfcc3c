"""From a look at results to settings that build them."""

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness_bench.cli import init
from harness_bench.errors import SettingsError
from sitegen.guess import guess
from sitegen.inputs import read_inputs


def _written(*given: Path) -> tuple[str, str]:
    result = CliRunner().invoke(init, list(map(str, given)), catch_exceptions=False)
    return Path(result.stdout.strip()).read_text(), result.stderr


def test_a_table_with_other_names_builds_with_what_was_found(tmp_path: Path) -> None:
    path = tmp_path / "runs.csv"
    path.write_text(
        "model,agent,task_name,status,reward,seconds,input_tokens\n"
        "m,pi,t,completed,80,2.5,-1\nm,pi,t,completed,100,3,5\nm,pi,u,done,0,1,7\n"
    )

    text, said = _written(path)

    assert tomllib.loads(text)["input"] == {
        "columns": {
            "harness": "agent",
            "task": "task_name",
            "score": "reward",
            "agent_time_s": "seconds",
            "tokens_in": "input_tokens",
        },
        "score_scale": 100,
        "unknown": {"tokens_in": ["-1"]},
        "duplicates": "number",
        "statuses": {"completed": "score", "done": "score"},
    }
    assert "to say" not in said
    assert "# Scores go up to 100." in text
    assert [r.score for r in read_inputs([path]).records] == [0.8, 1.0, 0.0]


def test_one_file_for_each_trial_and_what_only_the_author_knows(tmp_path: Path) -> None:
    for machine in ("gpu", "cpu"):
        folder = tmp_path / "runs" / machine / "2026-01-02"
        folder.mkdir(parents=True)
        for task in "tu":
            record = {"meta": {"model": "m"}, "task": task, "tests": {"passed": 2}}
            (folder / f"{task}.json").write_text(
                json.dumps(record | {"resolved": task == "t", "log": [{"a": 1}]})
            )

    text, said = _written(tmp_path / "runs")

    assert tomllib.loads(text)["input"] == {
        "paths": "*/{started_at}/*.json",
        "columns": {
            "model": "meta.model",
            "tests_passed": "tests.passed",
            "passed": "resolved",
        },
        "duplicates": "number",
    }
    assert "to say: what the folders cpu, gpu are" in said
    assert 'defaults = { harness = "ITS NAME" }' in said
    told = text.replace('"*/{', '"{hardware}/{').replace(
        "[input]\n", '[input]\ndefaults = { harness = "pi" }\n'
    )
    (tmp_path / "runs" / "site.toml").write_text(told)
    records = read_inputs([tmp_path / "runs"]).records
    assert {(r.hardware, r.started_at, r.task, r.passed) for r in records} == {
        (machine, "2026-01-02", task, task == "t")
        for machine in ("cpu", "gpu")
        for task in "tu"
    }


def test_a_list_of_trials_inside_a_record_is_found(tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    trials = [{"task_id": task, "success": True} for task in "tu"]
    path.write_text(json.dumps([{"model": "m", "agent": "pi", "trials": trials}]))

    _written(path)

    records = read_inputs([path]).records
    assert [(r.model, r.harness, r.task) for r in records] == [
        ("m", "pi", "t"),
        ("m", "pi", "u"),
    ]


def test_what_has_digits_may_have_been_measured_and_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(
        "model,harness,task,passed,tokens_in,calls\n"
        'm,h,t,3,"12,345",n/a\nm,h,u,1,8,-1\n'
    )

    found = guess([path])

    assert "unknown = { calls = ['n/a', '-1'] }" in found.text
    assert [each.partition("; ")[0] for each in found.questions] == [
        "what passed means where it is 3 …",
        "what tokens_in means where it is 12,345 …",
    ]


def test_words_that_nothing_decides_are_asked(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text('{"model": "m", "task": "t", "status": "done", "scaffold": "pi"}\n')

    (question,) = guess([path]).questions

    assert question.startswith("how a trial ended whose status is 'done'")


def test_a_site_toml_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("model,task\nm,t\n")
    (tmp_path / "site.toml").write_text("mine")

    with pytest.raises(SettingsError, match=r"site\.toml: already exists"):
        _written(tmp_path / "r.csv")
    assert (tmp_path / "site.toml").read_text() == "mine"
