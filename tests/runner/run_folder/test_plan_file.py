"""The copy of the plan in a run folder, and that a runner is alone there."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness_bench.errors import RunError
from harness_bench.going import is_running
from runner.plan import all_trials
from runner.run_folder.plan_file import (
    alone,
    planned,
    planned_ids,
    put_in_plan,
    read_plan,
    write_plan,
)
from tests.runner.specs import model, spec, task

TRIALS = all_trials(
    spec((model("m", quant="Q4", sweep="s"),), seeds=2), [task("t"), task("ü")]
)


def test_what_is_kept_is_read(tmp_path: Path) -> None:
    write_plan(tmp_path, TRIALS)
    found = read_plan(tmp_path)
    assert found == planned(TRIALS)
    assert found[0].model == "m Q4 s"
    assert planned_ids(tmp_path) == {trial.id for trial in TRIALS}


def test_what_is_not_asked_for_is_planned_too(tmp_path: Path) -> None:
    write_plan(tmp_path, TRIALS[:1], others=TRIALS[1:])
    assert read_plan(tmp_path) == planned(TRIALS[:1])
    assert planned_ids(tmp_path) == {trial.id for trial in TRIALS}


def test_a_plan_of_only_some_trials_does_not_say_what_counts(tmp_path: Path) -> None:
    """As earlier versions wrote it."""
    write_plan(tmp_path, TRIALS)
    path = tmp_path / "plan.json"
    kept = json.loads(path.read_text())
    del kept["others"]
    path.write_text(json.dumps(kept))
    assert read_plan(tmp_path) == planned(TRIALS)
    assert planned_ids(tmp_path) == frozenset()


def test_a_trial_that_was_judged_anew_takes_its_place_in_the_plan(
    tmp_path: Path,
) -> None:
    write_plan(tmp_path, TRIALS[:1], others=TRIALS[1:])
    before = (tmp_path / "plan.json").read_bytes()
    put_in_plan(tmp_path, TRIALS)
    assert (tmp_path / "plan.json").read_bytes() == before
    asked, other = replace(TRIALS[0], id="a" * 16), replace(TRIALS[2], id="b" * 16)
    put_in_plan(tmp_path, [asked, other])
    assert [trial.id for trial in read_plan(tmp_path)] == ["a" * 16]
    kept = {trial.id for trial in TRIALS} - {TRIALS[0].id, TRIALS[2].id}
    assert planned_ids(tmp_path) == kept | {"a" * 16, "b" * 16}
    assert json.loads((tmp_path / "plan.json").read_text())["format"] == 1


def test_a_folder_without_a_plan_plans_nothing(tmp_path: Path) -> None:
    assert planned_ids(tmp_path) == frozenset()
    with pytest.raises(RunError, match="; name a run's folder"):
        read_plan(tmp_path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is damaged"),
        ('{"format": 1}', "is damaged"),
        ('{"format": 1, "trials": [{}]}', "is damaged"),
        ('{"format": 2, "trials": []}', "has format 2, but this version reads 1"),
    ],
)
def test_a_plan_that_is_none_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(RunError, match=message):
        read_plan(tmp_path)


HOLDS = """
import sys
from pathlib import Path
from runner.run_folder.plan_file import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_runner_is_refused_until_the_first_one_is_dead(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert not is_running(folder)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"held\n"
        assert is_running(folder)
        with pytest.raises(RunError) as refused, alone(folder):
            pass
        assert str(refused.value) == (
            f"{folder}: another runner is using this folder (process {first.pid}); "
            "wait for it"
        )
        first.kill()
    assert not is_running(folder)
    with alone(folder):
        assert is_running(folder)
