"""Codex CLI: one kind of tool, its limits, and nothing of its own around it."""

import tomllib
from typing import Any

import pytest

from runner.harnesses.codex import Codex
from tests.runner.harnesses.orders import ORDER


def config(harness: Codex) -> dict[str, Any]:
    """What its options say, read as it reads them."""
    options = [
        word.removeprefix("--config=")
        for word in harness.launch(ORDER).command
        if word.startswith("--config=")
    ]
    return tomllib.loads("\n".join(option.replace("=", " = ", 1) for option in options))


def test_it_makes_room_when_an_answer_might_not_fit_any_more() -> None:
    found = config(Codex())
    assert found["model_context_window"] == ORDER.context_tokens
    room = ORDER.context_tokens - ORDER.output_tokens
    assert found["model_auto_compact_token_limit"] == room


def test_it_asks_the_model_alone() -> None:
    found = config(Codex())
    assert found["model_providers"]["local"]["base_url"] == f"{ORDER.base_url}/v1"
    assert found["web_search"] == "disabled"
    assert found["analytics"] == {"enabled": False}
    assert found["check_for_update_on_startup"] is False


@pytest.mark.parametrize("left_on", [(), ("view_image",)])
def test_only_the_features_of_the_settings_are_left_on(left_on: tuple[str]) -> None:
    features = config(Codex(features=left_on))["features"]
    assert {name for name, is_on in features.items() if is_on} == set(left_on)
    assert len(features) == 6


def test_a_sandbox_within_ours_is_off() -> None:
    command = Codex().launch(ORDER).command
    assert "--dangerously-bypass-approvals-and-sandbox" in command
