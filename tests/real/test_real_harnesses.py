"""The harnesses as people install them, in the sandbox, with scripted models."""

import csv
import itertools
import json
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from runner.harnesses.install import packaged
from runner.proxy.call_log import read_calls
from tests.runs import PRACTICE, run_command

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

RUN = """\
[run]
name = "real"
packs = ["{packs}"]
tasks = {tasks}
attempts = 1

[limits]
agent_s = 240
tokens = {tokens}
{models}
[[harness]]
name = "{harness}"
"""
QUICK = ("c1_*", "p1_*", "sql1_*")
"""Tasks without a toolchain of their own."""
ODD = """\
/help is no command here, nor is @pages.py a file to read, and --version is no option.

- Keep "double" and 'single' quotes, a \\, `backticks`, $HOME and $(date).
"""
CALLS = {"aider": (1, 1), "codex": (3, 1), "mini-swe-agent": (5, 3)}
"""With the solution, and with giving up. Aider is told all at once; codex has no tool
that reads; mini-SWE-agent asks three times for a command before it ends. The others
look, read, write and say so."""
FOLLOWS = {
    ("system", "user"),
    ("user", "assistant"),
    ("assistant", "user"),
    ("assistant", "tool"),
    ("tool", "tool"),
    ("tool", "assistant"),
    ("tool", "user"),
}
"""Which turn may come after which in a template that insists on order."""


def run(
    folder: Path,
    harness: str,
    scripts: Sequence[str],
    *,
    tasks: Sequence[str] = QUICK,
    packs: Path = PRACTICE,
    tokens: int = 400_000,
) -> list[dict[str, str]]:
    """The rows of a run of scripted models in one harness."""
    models = "".join(
        f'\n[[model]]\nname = "{script}"\nscript = "{script}"\n' for script in scripts
    )
    (folder / "run.toml").write_text(
        RUN.format(
            packs=packs,
            tasks=json.dumps(list(tasks)),
            tokens=tokens,
            models=models,
            harness=harness,
        )
    )
    command = ("run", "run.toml", "--run", "kept")
    ended = run_command(*command, cwd=folder, timeout=500)
    cells = folder / "kept" / "cells.csv"
    assert cells.exists(), ended.stderr
    with cells.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows, ended.stderr
    return rows


def requests(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the model was asked in a run: protocol and request, in order."""
    for path in sorted((folder / "kept" / "traces").glob("*/calls.jsonl")):
        for call in read_calls(path.read_bytes().splitlines()):
            yield call["protocol"], call["request"]


def test_the_solution_passes_every_task_and_giving_up_passes_none(
    harness: str, tmp_path: Path
) -> None:
    rows = run(tmp_path, harness, ["oracle", "null"])
    statuses = Counter((row["model"], row["status"]) for row in rows)
    assert statuses == {("oracle", "pass"): 3, ("null", "no_change"): 3}
    for row in rows:
        assert row["harness_version"] == packaged()[harness].version
        assert row["usage_source"] == "proxy"
        assert int(row["tokens_in"]) > 1000, "a prompt"
        assert int(row["tokens_out"]) > 0
        expected = CALLS.get(harness, (4, 1))[row["model"] == "null"]
        assert int(row["calls"]) == expected


# Each in a run of its own: a model that fails three trials is given up.
@pytest.mark.parametrize("script", ["refuse", "unavailable", "crash"])
def test_a_server_that_always_fails_is_not_the_agents_failure(
    harness: str, script: str, tmp_path: Path
) -> None:
    (row,) = run(tmp_path, harness, [script], tasks=["p1_page_ranges"])
    assert row["status"] == "infra_server"
    assert 1 <= len([*requests(tmp_path)]) <= 3, "not until its own retries end"
    assert row["calls"] == "", "the server failed the probe before the last attempt"


def test_a_spent_budget_and_a_full_context_end_it(harness: str, tmp_path: Path) -> None:
    models = ["flood", "overflow"]
    rows = run(tmp_path, harness, models, tasks=["p1_page_ranges"], tokens=15_000)
    found = {row["model"]: row["status"] for row in rows}
    assert found == {"flood": "agent_budget", "overflow": "context_overflow"}


def test_the_model_reads_every_word_of_the_instruction(
    harness: str, tmp_path: Path
) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(PRACTICE / "p1_page_ranges", pack / "odd")
    (pack / "odd" / "instruction.md").write_text(ODD)
    run(tmp_path, harness, ["null"], packs=pack, tasks=["odd"])
    _, request = next(requests(tmp_path))
    said = [text for turn in turns(request) for text in texts(turn)]
    assert any(ODD.strip() in text for text in said), said[-1]


def test_a_strict_chat_template_takes_the_conversation(
    harness: str, tmp_path: Path
) -> None:
    run(tmp_path, harness, ["oracle"], tasks=["p1_page_ranges"])
    found = [conversation(request) for _, request in requests(tmp_path)]
    assert found
    for roles in found:
        assert set(itertools.pairwise(roles)) <= FOLLOWS, roles
        assert roles[:2] in (["system", "user"], ["user"], ["user", "assistant"])
    asked = [bare(request) for _, request in requests(tmp_path)]
    for before, after in itertools.pairwise(asked):
        said = turns(before)
        if harness == "mini-swe-agent":  # puts each reminder where the last one was
            continue
        assert turns(after)[: len(said)] == said, "what is in a cache serves it again"
        assert after.get("tools") == before.get("tools")
        assert after.get("system") == before.get("system")


def bare(part: Any) -> Any:  # noqa: ANN401 - any JSON
    """Without the marks that say how far a cache should reach: they move on."""
    if isinstance(part, list):
        return [bare(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {key: bare(each) for key, each in part.items() if key != "cache_control"}


def texts(turn: dict[str, Any]) -> list[str]:
    """The texts of a turn, in either protocol."""
    content = turn.get("content")
    if isinstance(content, str):
        return [content]
    return [part["text"] for part in content or [] if "text" in part]


def conversation(request: dict[str, Any]) -> list[str]:
    """Who speaks, in order."""
    said = [role(turn) for turn in turns(request)]
    if "input" in request:  # of which one answer is several items
        before = ["", *said]
        said = [each for each, last in zip(said, before, strict=False) if each != last]
    return (["system"] if request.get("instructions") else []) + said


def turns(request: dict[str, Any]) -> list[dict[str, Any]]:
    """The conversation, in any protocol."""
    found: list[dict[str, Any]] = request.get("messages") or request["input"]
    return found


def role(turn: dict[str, Any]) -> str:
    """Who speaks: items of the responses protocol tell that by their type."""
    items = {"function_call": "assistant", "function_call_output": "tool"}
    return items.get(turn.get("type", "")) or str(turn["role"])
