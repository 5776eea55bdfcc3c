"""Claude Code: tools, and when it makes room."""

from dataclasses import replace

import pytest

from runner.harnesses.claude import Claude
from tests.runner.harnesses.orders import ORDER, after


def test_it_is_given_the_tools_of_the_settings() -> None:
    launch = Claude(tools=("Bash", "Read")).launch(ORDER)
    assert after(launch, "--tools") == "Bash,Read"


def test_no_list_of_tools_leaves_it_all_of_its_own() -> None:
    assert "--tools" not in Claude(tools=()).launch(ORDER).command


@pytest.mark.parametrize(("context", "output"), [(32_768, 8_192), (200_000, 4_096)])
def test_it_makes_room_when_an_answer_might_not_fit_any_more(
    context: int, output: int
) -> None:
    order = replace(ORDER, context_tokens=context, output_tokens=output)
    told = int(Claude().launch(order).environment["CLAUDE_CODE_MAX_CONTEXT_TOKENS"])
    # Of what it is told, it leaves 20,000 tokens for an answer and 13,000 to spare.
    assert told - 20_000 - 13_000 == context - output
