"""A trial's transcript in the form that Harbor's tools take."""

import json
from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner

from runner.cli import show
from runner.judging.transcript import Turn
from runner.proxy.wire.conversation import Message
from runner.proxy.wire.wire import ToolCall
from runner.telling.atif import as_atif
from runner.telling.show import read_view
from tests.runner.telling.test_show import NASTY, _run

USES = (ToolCall("bash", '{"command": "ls"}'), ToolCall("edit", "no JSON"))


def _turn(number: int, answer: Message, *new: Message) -> Turn:
    return Turn(
        number=number,
        outcome="answered",
        error="",
        started_s=float(number),
        first_token_s=None,
        ended_s=number + 0.5,
        tokens_in=10 * number,
        tokens_cached=None,
        tokens_out=number,
        new=new,
        answer=answer,
    )


def test_a_call_is_a_step_and_what_tools_said_stays_with_it(tmp_path: Path) -> None:
    turns = (
        _turn(
            1,
            Message(role="assistant", thinking="hm", tools=USES),
            Message(role="system", text="You mend."),
            Message(role="user", text="Mend it."),
        ),
        _turn(
            2,
            Message(role="assistant", text="Done."),
            Message(role="tool", text="a.py"),
            Message(role="tool", text="ok"),
            Message(role="tool", text="one more"),
        ),
    )
    view = replace(read_view(_run(tmp_path), "abab"), turns=turns)

    said = json.loads(as_atif(view))

    assert said["schema_version"] == "ATIF-v1.8"
    assert said["agent"] == {"name": "h", "version": "unknown", "model_name": "m"}
    assert said["final_metrics"]["total_prompt_tokens"] == 1234
    assert said["final_metrics"]["total_steps"] == len(said["steps"]) == 4
    assert [step["step_id"] for step in said["steps"]] == [1, 2, 3, 4]
    sources = [(step["source"], step["message"]) for step in said["steps"]]
    assert sources == [
        ("system", "You mend."),
        ("user", "Mend it."),
        ("agent", ""),
        ("agent", "Done."),
    ]
    called = said["steps"][2]
    assert called["reasoning_content"] == "hm"
    assert called["metrics"] == {"prompt_tokens": 10, "completion_tokens": 1}
    ids = [tool["tool_call_id"] for tool in called["tool_calls"]]
    assert [t["arguments"] for t in called["tool_calls"]] == [
        {"command": "ls"},
        {"": "no JSON"},
    ]
    assert called["observation"]["results"] == [
        {"source_call_id": ids[0], "content": "a.py"},
        {"source_call_id": ids[1], "content": "ok"},
        {"content": "one more"},
    ]


def test_show_prints_it_and_a_trial_without_calls_has_its_prompt(
    tmp_path: Path,
) -> None:
    run = _run(tmp_path)
    words = [str(run), "abab", "--atif"]

    printed = CliRunner().invoke(show, words, catch_exceptions=False).output

    assert printed.isascii()
    steps = json.loads(printed)["steps"]
    assert [step["source"] for step in steps] == ["user", "agent"]
    assert NASTY[1:12] in steps[1]["message"]
    (run / "traces" / "second" / "calls.jsonl").unlink()
    printed = CliRunner().invoke(show, words, catch_exceptions=False).output
    assert json.loads(printed)["steps"] == [
        {"step_id": 1, "source": "user", "message": "# Mend it\n"}
    ]
    refused = CliRunner().invoke(show, [str(run), "--atif"])
    assert "--atif need a TRIAL" in refused.output
