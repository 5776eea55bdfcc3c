"""Every importer on a folder in its format, with every end of a trial that it knows."""

import contextlib
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner

from harness_bench import registry
from harness_bench.errors import BenchError
from harness_bench.schema import Record, Status
from sitegen.cli import import_
from sitegen.imported import imported, importer_of
from sitegen.importers import aider, harbor, inspect, swebench, terminal_bench
from sitegen.importers.importer import Importer, Left, Trial
from sitegen.inputs import read_inputs

OURS: Mapping[str, Importer] = {
    "aider": aider.IMPORTER,
    "harbor": harbor.IMPORTER,
    "inspect": inspect.IMPORTER,
    "swebench": swebench.IMPORTER,
    "terminal-bench": terminal_bench.IMPORTER,
}


def _harbor(
    task: str, reward: float | None = None, error: str = "", **more: object
) -> dict[str, Any]:
    return {
        "task_name": task,
        "trial_name": f"{task}__x1",
        "task_checksum": "c1",
        "config": {"environment": {"type": "docker"}},
        "agent_info": {
            "name": "pi",
            "version": "0.9",
            "model_info": {"name": "glm", "provider": "zai"},
        },
        "agent_result": {"n_input_tokens": 900, "n_cache_tokens": 300, "cost_usd": 0.5},
        "verifier_result": None if reward is None else {"rewards": {"reward": reward}},
        "exception_info": {"exception_type": error} if error else None,
        "agent_execution": {
            "started_at": "2026-01-02T10:00:00Z",
            "finished_at": "2026-01-02T10:01:30.5Z",
        },
        **more,
    }


def _terminal(task: str, mode: str, resolved: object = None) -> dict[str, Any]:
    return {
        "task_id": task,
        "trial_name": f"{task}.1-of-1.r",
        "failure_mode": mode,
        "is_resolved": resolved,
        "parser_results": {"a": "passed", "b": "failed"},
        "total_input_tokens": 7,
    }


def _aider(name: str, **more: object) -> dict[str, Any]:
    return {"testcase": name, "model": "m", "edit_format": "diff", **more}


def _sample(name: str, value: object = None, **more: object) -> dict[str, Any]:
    scores = None if value is None else {"includes": {"value": value}}
    usage = {"input_tokens": 5, "input_tokens_cache_read": 4, "output_tokens": 2}
    return {
        "id": name,
        "epoch": 1,
        "scores": scores,
        "model_usage": {"m": {**usage, "total_tokens": 11}},
        **more,
    }


_EVAL = {
    "status": "success",
    "eval": {
        "task": "pack",
        "model": "openai/m",
        "packages": {"inspect_ai": "0.3.285"},
    },
    "plan": {"steps": [{"solver": "react"}]},
}
_FAILED = {"message": "x", "traceback": "openai.RateLimitError: slow down"}

FOLDERS: Mapping[str, Mapping[str, Any]] = {
    "harbor": {
        "job/result.json": {"n_total_trials": 9, "stats": {}},
        "job/lock.json": {"harbor": {"version": "0.25.0"}},
        "job/a/result.json": _harbor("a", 1.0),
        "job/b/result.json": _harbor("b", 0.25),
        "job/c/result.json": _harbor("c", 1.0, "AgentTimeoutError"),
        "job/d/result.json": _harbor("d", None, "ContextLengthExceededError"),
        "job/e/result.json": _harbor("e", None, "OutputTokenExceededError"),
        "job/f/result.json": _harbor("f", 0, "NonZeroAgentExitCodeError"),
        "job/g/result.json": _harbor("g", 1, "NonZeroAgentExitCodeError"),
        "job/h/result.json": _harbor("h", 0, "AgentSafetyRefusalError"),
        "job/i/result.json": _harbor("i", None, "RateLimitError"),
        "job/j/result.json": _harbor("j", None, "SandboxBuildFailedError"),
        "job/k/result.json": _harbor("k", None, "AgentSetupTimeoutError"),
        "job/l/result.json": _harbor("l", None, "RewardFileNotFoundError"),
        "job/m/result.json": _harbor("m", None, "CancelledError"),
        "job/n/result.json": _harbor("n", None, "ZeroDivisionError"),
        "job/o/result.json": _harbor("o"),
        "job/p/result.json": _harbor("p", 3),
        "job/q/result.json": "half a fi",
        "job/r/result.json": _harbor("a", 0, trial_name="a__x2"),
    },
    "terminal-bench": {
        "run/run_metadata.json": {
            "model_name": "openai/m",
            "agent_name": "terminus",
            "dataset_name": "core",
            "dataset_version": "0.1.1",
        },
        "run/results.json": {"results": []},
        "run/a/a.1/results.json": _terminal("a", "unset", resolved=True),
        "run/b/b.1/results.json": _terminal("b", "none", resolved=False),
        "run/c/c.1/results.json": _terminal("c", "agent_timeout", resolved=True),
        "run/d/d.1/results.json": _terminal("d", "context_length_exceeded"),
        "run/e/e.1/results.json": _terminal("e", "output_length_exceeded"),
        "run/f/f.1/results.json": _terminal("f", "unknown_agent_error"),
        "run/g/g.1/results.json": _terminal("g", "agent_installation_failed"),
        "run/h/h.1/results.json": _terminal("h", "test_timeout"),
        "run/i/i.1/results.json": _terminal("i", "parse_error"),
        "run/j/j.1/results.json": _terminal("j", "unknown"),
        "run/k/k.1/results.json": _terminal("k", "unset"),
    },
    "aider": {
        f"2026-01-02--m/{path}/.aider.results.json": found
        for path, found in {
            "rust/exercises/practice/a": _aider("a", tests_outcomes=[True], cost=0.1),
            "rust/exercises/practice/b": _aider("b", tests_outcomes=[False, True]),
            "python/exercises/practice/a": _aider("a", tests_outcomes=[False, False]),
            "python/exercises/practice/d": _aider(
                "d", tests_outcomes=[False], num_exhausted_context_windows=1
            ),
            "python/exercises/practice/e": {"exception": "boom"},
            "python/exercises/practice/f": _aider("f", tests_outcomes=[]),
        }.items()
    },
    "swebench": {
        "preds.json": {"r-1": {"model_name_or_path": "org/m-1.5"}},
        "org__m-1.5.run.7.json": {
            "schema_version": 2,
            "resolved_ids": ["r-1"],
            "unresolved_ids": ["r-2"],
            "empty_patch_ids": ["r-3"],
            "error_ids": ["r-4", "r-5", "r-6"],
            "infra_failure_ids": ["r-5"],
            "ambiguous_failure_ids": ["r-6"],
            "incomplete_ids": ["r-7"],
        },
    },
    "inspect": {
        "notes.json": {"other": 1},
        "one.json": _EVAL
        | {
            "samples": [
                _sample("a", "C"),
                _sample("b", "I"),
                _sample("c", 0.25),
                _sample("d", "C", limit={"type": "time", "limit": 9}),
                _sample("e", limit={"type": "context", "limit": 9}),
                _sample("f", limit={"type": "token", "limit": 9}),
                _sample("g", limit={"type": "operator", "limit": 9}),
                _sample("h", error=_FAILED),
                _sample("i", "C", invalidation={"author": "x"}),
                _sample("j", error={"message": "boom", "traceback": "ValueError"}),
                _sample("k", {"many": 1}),
            ]
        },
        "two.eval": {
            "header.json": _EVAL,
            "samples/a_epoch_2.json": _sample("a", "I", epoch=2),
        },
        "three.json": _EVAL | {"status": "error"},
        "four.eval": "half a fi",
    },
}

ENDS: Mapping[str, str] = {
    "harbor": "a:1.0 a:0.0 b:0.25 c:agent_timeout d:context_overflow e:agent_budget"
    " f:agent_crash g:1.0 h:0.0 i:infra_server j:infra_sandbox k:infra_setup"
    " l:infra_grader m:cancelled",
    "terminal-bench": "a:pass b:fail c:agent_timeout d:context_overflow e:agent_budget"
    " f:agent_crash g:infra_setup h:infra_grader i:infra_grader",
    "aider": "python/a:fail python/d:context_overflow rust/a:pass rust/b:pass",
    "swebench": "r-1:pass r-2:fail r-3:no_change r-4:fail r-5:infra_grader",
    "inspect": "pack/a:1.0 pack/a:0.0 pack/b:0.0 pack/c:0.25 pack/d:agent_timeout"
    " pack/e:context_overflow pack/f:agent_budget pack/g:cancelled"
    " pack/h:infra_server pack/i:cancelled",
}
LEFT: Mapping[str, str] = {
    "harbor": "job/n job/o job/p job/q",
    "terminal-bench": "run/j/j.1 run/k/k.1",
    "aider": "2026-01-02--m/python/exercises/practice/e"
    " 2026-01-02--m/python/exercises/practice/f",
    "swebench": "r-6 r-7",
    "inspect": "four.eval j, k, three.json",
}
GIVEN = {"swebench": {"harness": "mini-swe-agent"}}


@pytest.fixture
def folder(tmp_path: Path, name: str) -> Path:
    for where, found in FOLDERS[name].items():
        path = tmp_path / name / where
        path.parent.mkdir(parents=True, exist_ok=True)
        if where.endswith(".eval") and isinstance(found, dict):
            with zipfile.ZipFile(path, "w") as log:
                for inside, whole in found.items():
                    log.writestr(inside, json.dumps(whole))
        else:
            path.write_text(found if isinstance(found, str) else json.dumps(found))
    return tmp_path / name


def _end(record: Record) -> str:
    return f"{record.task}:{record.score if record.status is None else record.status}"


@pytest.mark.parametrize("name", OURS)
def test_every_end_is_told_and_what_tells_none_is_listed(
    folder: Path, name: str
) -> None:
    found = imported(importer_of(name), folder, GIVEN.get(name, {}))

    assert importer_of(name) is OURS[name]
    assert sorted(map(_end, found.records)) == sorted(ENDS[name].split())
    left = [each for each in OURS[name].read(folder) if isinstance(each, Left)]
    assert found.left == len(left) == len(LEFT[name].split())
    for each, word in zip(
        sorted(left, key=lambda each: each.where), LEFT[name].split(), strict=True
    ):
        assert word in each.where
        assert f"  {each.where}: {each.why}" in found.said
    trials = [each for each in OURS[name].read(folder) if isinstance(each, Trial)]
    assert all(each.because for each in trials)


@pytest.mark.parametrize("name", OURS)
def test_what_the_command_writes_is_a_table_that_builds(
    folder: Path, name: str, tmp_path: Path
) -> None:
    words = [name, str(folder), "--out", str(tmp_path / "out")]
    for column, value in GIVEN.get(name, {}).items():
        words += ["--set", f"{column}={value}"]

    result = CliRunner().invoke(import_, words, catch_exceptions=False)

    path = Path(result.stdout.strip())
    inputs = read_inputs([path])
    assert sorted(map(_end, inputs.records)) == sorted(ENDS[name].split())
    assert any("without an outcome" in notice for notice in inputs.notices)
    said = path.with_name("imported.txt").read_text()
    assert said.startswith(f"{OURS[name].runner} ({OURS[name].version}): ")
    before = path.read_bytes()
    with pytest.raises(BenchError, match="already exists"):
        CliRunner().invoke(import_, words, catch_exceptions=False)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["harbor"])
def test_provenance_and_usage_come_along(folder: Path) -> None:
    first, again = [*imported(harbor.IMPORTER, folder, {}).records][:2]

    assert (first.model, first.harness, first.harness_version) == (
        "zai/glm",
        "pi",
        "0.9",
    )
    assert (first.seed, again.seed) == (0, 1)
    assert (first.tokens_in, first.tokens_cached, first.tokens_out) == (900, 300, None)
    assert (first.agent_time_s, first.cost_usd) == (90.5, 0.5)
    assert (first.sandbox, first.runner_version) == ("docker", "0.25.0")


@pytest.mark.parametrize("name", ["aider"])
def test_the_try_that_passed_is_known(folder: Path) -> None:
    found = imported(aider.IMPORTER, folder, {}).records

    assert {r.task: r.tries for r in found if r.status is Status.PASS} == {
        "rust/a": 1,
        "rust/b": 2,
    }
    assert {r.variant for r in found} == {"diff"}


@pytest.mark.parametrize("name", ["inspect"])
def test_cached_tokens_are_among_those_of_the_prompt(folder: Path) -> None:
    first = next(iter(imported(inspect.IMPORTER, folder, {}).records))

    assert (first.tokens_in, first.tokens_cached, first.tokens_out) == (9, 4, 2)


def test_logs_that_zstd_packs_are_read(tmp_path: Path) -> None:
    plain = {"header.json": _EVAL, "samples/a_epoch_1.json": _sample("a", "C")}
    codec = pa.Codec("zstd")
    with zipfile.ZipFile(tmp_path / "x.eval", "w") as log:
        for inside, whole in plain.items():
            text = json.dumps(whole).encode()
            frames = [text[:50], text[50:]]
            log.writestr(inside, b"".join(map(codec.compress, map(bytes, frames))))
    data = bytearray((tmp_path / "x.eval").read_bytes())
    for mark, at in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        for found in re.finditer(re.escape(mark), bytes(data)):
            data[found.start() + at : found.start() + at + 2] = b"\x5d\x00"
    (tmp_path / "x.eval").write_bytes(data)

    (record,) = imported(inspect.IMPORTER, tmp_path, {}).records

    assert (record.task, record.score) == ("pack/a", 1)


@pytest.mark.parametrize("name", ["swebench"])
def test_what_a_folder_does_not_say_is_asked(folder: Path) -> None:
    with pytest.raises(BenchError) as caught:
        imported(swebench.IMPORTER, folder, {})

    assert str(caught.value).endswith(
        "does not say which harness 5 trials had, as org__m-1.5.run.7.json: r-5;"
        " --set harness=NAME says it"
    )
    first, *_ = imported(swebench.IMPORTER, folder, GIVEN["swebench"]).records
    assert (first.model, first.harness) == ("org/m-1.5", "mini-swe-agent")
    with pytest.raises(BenchError, match=r"harnes is no column .*'harness'"):
        imported(swebench.IMPORTER, folder, {"harnes": "x"})


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"holds no trial of Harbor: no result\.json"):
        imported(harbor.IMPORTER, tmp_path, {})


def test_a_value_that_no_column_takes_is_left_empty_and_told(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_text(
        json.dumps(_harbor("a", 1, agent_result={"n_input_tokens": -1}))
    )

    found = imported(harbor.IMPORTER, tmp_path, {})

    assert found.records.values("tokens_in")[0] is None
    assert "values left empty: 1" in found.said


def test_every_name_that_an_importer_knows_is_that_end(tmp_path: Path) -> None:
    """Of Harbor, terminal-bench and Inspect, whose names are tables."""
    trials: dict[str, dict[str, Any]] = {}
    for name in harbor.STATUSES:
        trials[f"harbor/job/{name}/result.json"] = _harbor(name, 0, name)
    trials["tb/run_metadata.json"] = {"model_name": "m", "agent_name": "a"}
    for name in terminal_bench.ENDS:
        trials[f"tb/{name}/x/results.json"] = _terminal(name, name)
    samples = [_sample(name, limit={"type": name}) for name in inspect.LIMITS]
    trials["inspect/one.json"] = _EVAL | {"samples": samples}
    for where, whole in trials.items():
        (tmp_path / where).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / where).write_text(json.dumps(whole))

    for of, importer, ends in (
        ("harbor", harbor.IMPORTER, harbor.STATUSES),
        ("tb", terminal_bench.IMPORTER, terminal_bench.ENDS),
        ("inspect", inspect.IMPORTER, inspect.LIMITS),
    ):
        found = imported(importer, tmp_path / of, {})
        assert {r.task.removeprefix("pack/"): r.status for r in found.records} == ends
        assert found.left == 0


def test_a_run_of_ours_goes_through_the_format_of_harbor(tmp_path: Path) -> None:
    ends = {
        "pass": "", "fail": "", "agent_timeout": "AgentTimeoutError",
        "agent_crash": "NonZeroAgentExitCodeError", "infra_server": "ApiError",
        "context_overflow": "ContextLengthExceededError", "cancelled": "CancelledError",
        "agent_budget": "OutputTokenExceededError", "infra_setup": "NotFoundError",
        "infra_sandbox": "HealthcheckError", "infra_grader": "VerifierTimeoutError",
    }  # fmt: skip
    ours = [
        Record(
            model="zai/glm", harness="pi", harness_version="0.9", task=task, seed=seed,
            status=Status(end), agent_time_s=2.5 + seed, tokens_in=5, tokens_cached=3,
            cost_usd=0.25, sandbox="bubblewrap", task_version="c1",
            started_at="2026-01-02T10:00:00+00:00",
        )
        for task in "ab" for seed, end in enumerate(ends)
    ]  # fmt: skip
    for record in ours:
        trial = tmp_path / "job" / f"{record.task}-{record.seed}" / "result.json"
        trial.parent.mkdir(parents=True)
        used = {"n_input_tokens": 5, "n_cache_tokens": 3, "cost_usd": 0.25}
        ended = f"2026-01-02T10:00:{record.agent_time_s:06.3f}+00:00"
        whole = _harbor(
            record.task,
            float(record.status is Status.PASS),
            ends[str(record.status)],
            trial_name=f"{record.task}-{record.seed:02}",
            config={"environment": {"type": record.sandbox}},
            agent_result=used,
            started_at=record.started_at,
            agent_execution={"started_at": record.started_at, "finished_at": ended},
        )
        trial.write_text(json.dumps(whole))

    found = imported(harbor.IMPORTER, tmp_path, {}).records

    for record, again in zip(ours, found, strict=True):
        end = again.status or Status("pass" if again.score else "fail")
        assert replace(again, status=end, score=None, usage_source=None) == record


def test_ours_are_the_plugins_that_are_installed() -> None:
    assert set(OURS) <= set(registry.names("importers"))


@pytest.mark.parametrize("name", OURS)
def test_records_of_any_form_are_listed_or_read(folder: Path, name: str) -> None:
    whole = {
        path: json.loads(path.read_text())
        for path in folder.rglob("*.json")
        if not path.read_text().startswith(("half", "{]"))
    }
    keys = {(key,) for each in whole.values() for key in each} | {
        (key, more)
        for each in whole.values()
        for key, inside in each.items()
        if isinstance(inside, dict)
        for more in inside
    }
    for way in sorted(keys):
        odds: tuple[Any, ...] = (None, 5, "x", "1", [], [None, "x"], {"x": []})
        for odd in odds:
            for path, each in whole.items():
                changed = json.loads(json.dumps(each))
                place = changed
                for key in way[:-1]:
                    place = place.get(key) if isinstance(place, dict) else None
                if isinstance(place, dict) and way[-1] in place:
                    place[way[-1]] = odd
                path.write_text(json.dumps(changed))
            with contextlib.suppress(BenchError):
                imported(importer_of(name), folder, GIVEN.get(name, {}))
