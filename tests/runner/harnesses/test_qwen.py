"""Qwen Code: tools, patience and limits in its settings."""

import json
from typing import Any

from runner.harnesses.qwen import Qwen
from tests.runner.harnesses.orders import ORDER


def settings(harness: Qwen) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        harness.launch(ORDER).home[".qwen/settings.json"]
    )
    return found


def test_tools_that_are_not_in_the_settings_are_hidden() -> None:
    tools = settings(Qwen(tools=("edit", "skill")))["tools"]
    assert tools["core"] == ["edit", "skill"]
    assert "skill" not in tools["disabled"]
    assert "agent" in tools["disabled"]


def test_no_list_of_tools_leaves_it_all_of_its_own() -> None:
    assert {"core", "disabled"}.isdisjoint(settings(Qwen(tools=()))["tools"])


def test_it_waits_for_a_slow_model_and_knows_its_limits() -> None:
    generation = settings(Qwen())["model"]["generationConfig"]
    assert generation["timeout"] == 0
    assert generation["contextWindowSize"] == ORDER.context_tokens
    assert generation["samplingParams"] == {"max_tokens": ORDER.output_tokens}
