"""Pi: tools, and when it makes room."""

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from runner.harnesses.pi import Pi
from tests.runner.harnesses.orders import ORDER, after


def test_it_is_given_the_tools_of_the_settings() -> None:
    assert after(Pi(tools=("read", "ls")).launch(ORDER), "--tools") == "read,ls"


def test_no_list_of_tools_leaves_it_its_own_choice() -> None:
    assert "--tools" not in Pi(tools=()).launch(ORDER).command


def test_it_knows_how_much_the_model_can_hold() -> None:
    models = json.loads(Pi().launch(ORDER).home[".pi/agent/models.json"])
    (model,) = models["providers"]["local"]["models"]
    assert model["contextWindow"] == ORDER.context_tokens
    assert model["maxTokens"] == ORDER.output_tokens


@given(st.integers(4_096, 2_000_000))
def test_after_making_room_at_least_half_of_the_context_is_free(context: int) -> None:
    order = replace(ORDER, context_tokens=context)
    found = json.loads(Pi().launch(order).home[".pi/agent/settings.json"])
    room = found["compaction"]
    assert room["keepRecentTokens"] + room["reserveTokens"] <= context / 2
    # Never more than its authors chose.
    assert room["reserveTokens"] <= 16_384
    assert room["keepRecentTokens"] <= 20_000
