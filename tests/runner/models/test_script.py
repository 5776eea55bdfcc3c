"""Scripts act through whatever tools a harness offers."""

import base64
import subprocess
from pathlib import Path

import pytest

from runner.models.script import Conversation, Script, ScriptedTurn, next_turn
from runner.models.toolbox import Tool, Toolbox, Use
from runner.tasks import Task
from tests.runner.models import offers
from tests.runner.talking import a_task

AIDER_DIFF = "Answer with *SEARCH/REPLACE* blocks."
AIDER_WHOLE = "You MUST use this *file listing* format."


def turns(
    script: Script,
    task: Task,
    tools: tuple[Tool, ...],
    *,
    workspace: str = "/workspace",
    seed: int = 0,
) -> list[ScriptedTurn]:
    """The whole conversation, if every tool works."""
    said: list[ScriptedTurn] = []
    while not said or said[-1].use is not None:
        conversation = Conversation(system="", tools=tools, tool_calls=len(said))
        said.append(
            next_turn(script, conversation, task=task, seed=seed, workspace=workspace)
        )
    return said


def uses(script: Script, task: Task, tools: tuple[Tool, ...]) -> list[Use]:
    return [turn.use for turn in turns(script, task, tools) if turn.use]


@pytest.mark.parametrize(
    ("tools", "write", "shell", "read"),
    [
        (
            offers.CLAUDE,
            Use("Write", {"file_path": "/w/a", "content": "x"}),
            Use("Bash", {"command": "ls"}),
            Use("Read", {"file_path": "/w/a"}),
        ),
        (
            offers.OPENCODE,
            Use("write", {"filePath": "/w/a", "content": "x"}),
            Use("bash", {"command": "ls"}),
            Use("read", {"filePath": "/w/a"}),
        ),
        (
            offers.PI,
            Use("write", {"path": "/w/a", "content": "x"}),
            Use("bash", {"command": "ls"}),
            Use("read", {"path": "/w/a"}),
        ),
        (
            offers.QWEN,
            Use("write_file", {"file_path": "/w/a", "content": "x"}),
            Use("run_shell_command", {"command": "ls", "is_background": False}),
            Use("read_file", {"file_path": "/w/a"}),
        ),
        (offers.SHELL_ONLY, None, Use("shell", {"command": "ls"}), None),
    ],
    ids=["claude", "opencode", "pi", "qwen", "shell only"],
)
def test_tools_are_known_by_what_they_take(
    tools: tuple[Tool, ...], write: Use | None, shell: Use, read: Use | None
) -> None:
    toolbox = Toolbox(tools)
    assert toolbox.write("/w/a", "x") == write
    assert toolbox.shell("ls") == shell
    assert toolbox.read("/w/a") == read


def test_what_inserts_a_text_somewhere_does_not_write_a_file() -> None:
    insert = offers.tool("insert", "path", "text", "line")
    assert Toolbox([insert]).write("/w/a", "x") is None
    assert Toolbox([insert, *offers.PI]).write("/w/a", "x") == Use(
        "write", {"path": "/w/a", "content": "x"}
    )


def test_the_oracle_reads_what_it_overwrites_and_writes_all(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    named = [
        (use.tool, use.arguments.get("file_path"))
        for use in uses(Script.ORACLE, task, offers.CLAUDE)
    ]
    assert named == [
        ("Bash", None),
        ("Read", "/workspace/add.py"),
        ("Write", "/workspace/add.py"),
        ("Bash", None),  # no text: by the shell
        ("Write", "/workspace/notes/über uns.txt"),
        ("Write", "/workspace/run.sh"),
        ("Bash", None),  # makes it executable
    ]


def test_without_a_writing_tool_the_shell_writes(tmp_path: Path) -> None:
    task, workspace = a_task(tmp_path), tmp_path / "w o'rk"
    workspace.mkdir()
    for turn in turns(Script.ORACLE, task, offers.SHELL_ONLY, workspace=str(workspace)):
        if turn.use:
            command = turn.use.arguments["command"]
            subprocess.run(["/bin/sh", "-c", command], check=True, capture_output=True)
    for path in task.solution.rglob("*"):
        if path.is_file():
            written = workspace / path.relative_to(task.solution)
            assert written.read_bytes() == path.read_bytes()
    assert (workspace / "run.sh").stat().st_mode & 0o100


def test_without_a_shell_texts_are_written_all_the_same(tmp_path: Path) -> None:
    found = uses(Script.ORACLE, a_task(tmp_path), offers.EDITORS_ONLY)
    written = [use.arguments["path"] for use in found if use.tool == "write"]
    assert written == [
        "/workspace/add.py",
        "/workspace/notes/über uns.txt",
        "/workspace/run.sh",
    ]


def test_the_same_request_gets_the_same_answer(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    again = [turns(Script.ORACLE, task, offers.PI) for _ in range(2)]
    assert again[0] == again[1]


def test_a_flood_has_one_more_call_at_any_length(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    texts = set()
    for made in (0, 1, 1000):
        conversation = Conversation(system="", tools=offers.PI, tool_calls=made)
        turn = next_turn(
            Script.FLOOD, conversation, task=task, seed=0, workspace="/workspace"
        )
        assert turn.use == Use("bash", {"command": f"true {made}"})
        assert len(turn.text) > 10_000
        texts.add(turn.text)
    assert len(texts) == 3


def test_a_task_without_wrong_answers_is_given_up(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    for answer in task.wrong_answers():
        answer.rename(task.folder / f"no-{answer.name}")
    (task.folder / "wrong").rmdir()
    assert uses(Script.WRONG, task, offers.PI) == []


def said(task: Task, system: str) -> str:
    conversation = Conversation(system=system, tools=(), tool_calls=0)
    return next_turn(
        Script.WRONG, conversation, task=task, seed=0, workspace="/workspace"
    ).text


def test_aider_gets_whole_files(tmp_path: Path) -> None:
    assert said(a_task(tmp_path), AIDER_WHOLE) == (
        "These are the changes.\n\nadd.py\n```\ndef add(a, b):\n    return a - b\n```"
    )


def test_aider_gets_what_to_search_and_what_to_put_there(tmp_path: Path) -> None:
    assert said(a_task(tmp_path), AIDER_DIFF) == (
        "These are the changes.\n\n"
        "add.py\n```\n<<<<<<< SEARCH\n"
        "def add(a, b):\n    raise NotImplementedError\n=======\n"
        "def add(a, b):\n    return a - b\n>>>>>>> REPLACE\n```"
    )


def test_without_tools_or_a_format_nothing_is_written(tmp_path: Path) -> None:
    title = said(a_task(tmp_path), "Give this conversation a title.")
    assert "add" not in title


def test_bytes_survive_the_way_through_the_shell(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    content = (task.solution / "bytes.bin").read_bytes()
    commands = [
        use.arguments["command"]
        for use in uses(Script.ORACLE, task, offers.CLAUDE)
        if use.tool == "Bash"
    ]
    assert any(base64.b64encode(content).decode() in command for command in commands)
