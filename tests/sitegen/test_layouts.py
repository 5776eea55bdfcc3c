"""Results as others publish them: from `init` to a right board, in how many lines.

Each layout is small and ours, in a form that public benchmarks have. `answers` is what
its author must say that the files do not: it stands in for, or is added to, what `init`
wrote. None needs a script.
"""

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

from harness_bench.cli import init
from sitegen.inputs import Inputs, read_inputs
from sitegen.stats.results import results

Board = dict[tuple[str, str], tuple[int, int]]
"""By model and harness, how many of how many trials passed."""
BOARD: Board = {("glm", "pi"): (2, 3), ("qwen", "pi"): (1, 3)}
OUTCOMES = {"glm": (True, False, True), "qwen": (False, False, True)}
ROWS = [
    (model, f"t{task}", passed)
    for model, found in OUTCOMES.items()
    for task, passed in enumerate(found)
]


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Files of one form, and what becomes of them."""

    files: Mapping[str, str | bytes]
    answers: tuple[str, ...] = ()
    """Lines of `[input]`; one with the key of a line of `init` replaces it."""
    lines: int
    """Of settings in all, those of `init` and the author's."""
    asked: int = 0
    """Questions of `init`."""
    board: Board = field(default_factory=lambda: BOARD)


def _csv(header: str, row: str, rows: list[tuple[str, str, bool]] = ROWS) -> str:
    lines = [row.format(m=m, t=t, p=int(p), n=n) for n, (m, t, p) in enumerate(rows)]
    return "\n".join([header, *lines, ""])


def _parquet() -> bytes:
    frame = pd.DataFrame(ROWS, columns=["model_name", "instance_id", "resolved"])
    return frame.assign(agent="pi").to_parquet()


LAYOUTS: Mapping[str, Layout] = {
    "random trial names": Layout(
        lines=1,
        files={
            "r.csv": _csv(
                "task_name,trial_name,agent,model,reward,duration_s",
                "x,x__{n}aZ,pi,{m},{p},3.5",
            )
        },
    ),
    "nested records": Layout(
        lines=1,
        files={
            "r.json": json.dumps(
                [
                    {
                        "config": {"model": m, "agent": "pi"},
                        "task_id": t,
                        "result": {"resolved": p, "usage": {"prompt_tokens": 5}},
                    }
                    for m, t, p in ROWS
                ]
            )
        },
    ),
    "a file for each trial, machine and date in the path": Layout(
        lines=2,
        files={
            f"runs/gpu/2026-01-0{n + 1}/{m}-{t}.json": json.dumps(
                {"model": m, "agent": "pi", "task": t, "success": p}
            )
            for n, (m, t, p) in enumerate(ROWS)
        },
        answers=('paths = "{hardware}/{started_at}/*.json"',),
        asked=1,
    ),
    "scores in percent": Layout(
        lines=1, files={"r.csv": _csv("model,harness,task,score", "{m},pi,{t},{p}00")}
    ),
    "rubrics of ten points": Layout(
        lines=2,
        files={
            "r.csv": _csv("model,harness,question_id,points", "{m},pi,{t},{p}").replace(
                ",1\n", ",10\n"
            )
        },
    ),
    "statuses beside scores": Layout(
        lines=2,
        files={
            "r.csv": _csv(
                "model,scaffold,task,status,score", "{m},pi,{t},completed,{p}"
            )
        },
    ),
    "JSON lines without a harness": Layout(
        lines=2,
        files={
            "r.jsonl": "\n".join(
                json.dumps({"model_name": m, "instance_id": t, "resolved": p})
                for m, t, p in ROWS
            )
        },
        answers=('defaults = { harness = "pi" }',),
        asked=1,
    ),
    "a list of trials in each record": Layout(
        lines=1,
        files={
            "r.json": json.dumps(
                [
                    {
                        "llm": model,
                        "agent": "pi",
                        "trials": [
                            {"task": f"t{n}", "correct": p} for n, p in enumerate(found)
                        ],
                    }
                    for model, found in OUTCOMES.items()
                ]
            )
        },
    ),
    "YAML": Layout(
        lines=1,
        files={
            "r.yaml": yaml.safe_dump(
                [
                    {"model": m, "agent": "pi", "problem": t, "is_resolved": p}
                    for m, t, p in ROWS
                ]
            )
        },
    ),
    "Parquet": Layout(lines=1, files={"r.parquet": _parquet()}),
    "two tries": Layout(
        lines=2,
        files={
            "r.csv": _csv("model,agent,exercise,pass_try", "{m},pi,{t},{p}").replace(
                "t2,1", "t2,2"
            )
        },
        answers=(
            (
                'columns = { harness = "agent", task = "exercise", tries = "pass_try",'
                ' status = "pass_try" }'
            ),
            'statuses = { "0" = "fail", "1" = "pass", "2" = "pass" }',
        ),
        asked=2,
    ),
    "totals": Layout(
        lines=1,
        files={
            "board.yml": yaml.safe_dump(
                [
                    {"model": "glm", "test_cases": 225, "pass_num_2": 180},
                    {"model": "qwen", "test_cases": 225, "pass_num_2": 9},
                ]
            )
        },
        board={("glm", ""): (180, 225), ("qwen", ""): (9, 225)},
    ),
    "semicolons, compressed": Layout(
        lines=1,
        files={
            "r.csv.gz": gzip.compress(
                _csv("model;agent;task;outcome", "{m};pi;{t};{p}").encode()
            )
        },
        answers=('columns = { harness = "agent", passed = "outcome" }',),
        asked=1,
    ),
    "a file for each model": Layout(
        lines=2,
        files={
            f"runs/{model}.csv": _csv(
                "agent,task,resolved",
                "pi,{t},{p}",
                [row for row in ROWS if row[0] == model],
            )
            for model in OUTCOMES
        },
        answers=('paths = "{model}.csv"',),
        asked=1,
    ),
    "unknown amounts as -1, repeats without a number": Layout(
        lines=1,
        files={
            "r.csv": _csv("model,harness,task,passed,input_tokens", "{m},pi,t,{p},-1")
        },
    ),
}


def _settings(text: str, answers: tuple[str, ...]) -> tuple[str, int]:
    """The settings after the author's answers, and how many lines they have."""
    lines = [each for each in text.splitlines() if each and not each.startswith("#")]
    for answer in answers:
        key = answer.partition(" =")[0]
        lines = [each for each in lines if not each.startswith(f"{key} =")]
        lines.append(answer)
    return "\n".join(lines), len(lines) - 1


def _board(inputs: Inputs) -> Board:
    if inputs.totals:
        return {(t.names[0], t.names[2]): (t.passed, t.n) for t in inputs.totals}
    found = results(inputs.records, inputs.settings.policy, default_sweep=None)
    return {
        (s.key.model, s.key.harness): (s.passed, s.n_trials) for s in found.all.combos
    }


@pytest.mark.parametrize("name", LAYOUTS)
def test_from_init_to_a_right_board(tmp_path: Path, name: str) -> None:
    layout = LAYOUTS[name]
    for where, content in layout.files.items():
        path = tmp_path / where
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    given = tmp_path / next(iter(layout.files)).split("/")[0]

    result = CliRunner().invoke(init, [str(given)], catch_exceptions=False)

    path = Path(result.stdout.strip())
    assert result.stderr.count("to say: ") == layout.asked, result.stderr
    text, lines = _settings(path.read_text(), layout.answers)
    path.write_text(text)
    assert _board(read_inputs([given])) == layout.board, text
    assert lines == layout.lines, text
