"""OpenCode: tools, model and limits in its configuration."""

import json
from typing import Any

from runner.harnesses.opencode import OpenCode
from tests.runner.harnesses.orders import ORDER


def config(harness: OpenCode) -> dict[str, Any]:
    text = harness.launch(ORDER).home[".config/opencode/opencode.json"]
    found: dict[str, Any] = json.loads(text)
    return found


def test_tools_that_are_not_in_the_settings_are_denied() -> None:
    permission = config(OpenCode(tools=("bash", "read")))["permission"]
    assert permission == {"*": "deny", "bash": "allow", "read": "allow"}


def test_no_list_of_tools_leaves_it_all_of_its_own() -> None:
    assert config(OpenCode(tools=()))["permission"] == "allow"


def test_it_knows_one_model_and_its_limits() -> None:
    found = config(OpenCode())
    assert found["enabled_providers"] == ["local"]
    assert found["model"] == found["small_model"] == f"local/{ORDER.model}"
    assert found["provider"]["local"]["models"] == {
        ORDER.model: {
            "tool_call": True,
            "limit": {"context": ORDER.context_tokens, "output": ORDER.output_tokens},
        }
    }
