"""Every word of every dialect is understood: a lost one is a server misread."""

from functools import reduce

import pytest

from runner.proxy.wire.assembly import ChatAssembly, assembled, error_in
from runner.proxy.wire.dialects import CONTENT
from runner.proxy.wire.usage import Told
from runner.proxy.wire.wire import failure
from tests.runner.streams import Json, chunk, lines

PLACES = (
    "usage choices.usage x_groq.usage message.usage response.usage usageMetadata "
    "usage_metadata timings amazon-bedrock-invocationMetrics"
)
NAMES = {
    "tokens_in": "prompt_tokens input_tokens promptTokenCount prompt_token_count "
    "prompt_eval_count promptTokens inputTokens inputTokenCount "
    "prompt_cache_hit_tokens prompt_n",
    "tokens_cached": "prompt_tokens_details.cached_tokens cached_tokens "
    "input_tokens_details.cached_tokens prompt_cache_hit_tokens "
    "cache_read_input_tokens cacheReadInputTokens cachedContentTokenCount "
    "cached_content_token_count cache_n",
    "tokens_stored": "cache_creation_input_tokens cacheWriteInputTokens",
    "tokens_out": "completion_tokens output_tokens candidatesTokenCount "
    "candidates_token_count eval_count completionTokens outputTokens "
    "outputTokenCount predicted_n",
}
THOUGHTS = (
    "completion_tokens_details.reasoning_tokens "
    "output_tokens_details.reasoning_tokens reasoning_tokens thoughtsTokenCount "
    "thoughts_token_count"
)
TOTALS = "total_tokens totalTokenCount total_token_count totalTokens"
GROWING = "content refusal reasoning_content reasoning thinking"


def at(path: str, value: object) -> Json:
    """An object with the value there; what is in choices is in a list."""
    inner = reduce(lambda found, name: {name: found}, reversed(path.split(".")), value)
    assert isinstance(inner, dict)
    return {k: [v] if k == "choices" else v for k, v in inner.items()}


def tokens(said: Json) -> dict[str, int]:
    told = Told()
    told.take(said)
    return told.tokens


@pytest.mark.parametrize("place", PLACES.split())
def test_tokens_are_looked_for_in_every_place(place: str) -> None:
    assert tokens(at(place, {"output_tokens": 7})) == {"tokens_out": 7}
    assert tokens({"x": {}, "output_tokens": 7}) == {}
    assert tokens({"eval_count": 7}) == {"tokens_out": 7}


@pytest.mark.parametrize(
    ("meaning", "name"),
    [(meaning, name) for meaning, names in NAMES.items() for name in names.split()],
)
def test_every_name_of_a_number_is_known(meaning: str, name: str) -> None:
    assert tokens({"usage": at(name, 7)})[meaning] == 7


@pytest.mark.parametrize("total", TOTALS.split())
@pytest.mark.parametrize("thought", THOUGHTS.split())
def test_thinking_is_counted_beside_the_answer_where_the_total_says_so(
    thought: str, total: str
) -> None:
    usage: Json = {"prompt_tokens": 1, "completion_tokens": 2, **at(thought, 4)}
    assert tokens({"usage": usage | {total: 7}})["tokens_out"] == 6
    assert tokens({"usage": usage | {total: 3}})["tokens_out"] == 2


@pytest.mark.parametrize("name", GROWING.split())
def test_what_comes_in_pieces_is_put_together(name: str) -> None:
    stream = lines([chunk({name: "a"}), chunk({name: "b"}), chunk({"role": "x"})])
    message = assembled(ChatAssembly(), stream)["choices"][0]["message"]
    assert message[name] == "ab"


@pytest.mark.parametrize("name", ["text", "summary"])
def test_pieces_of_thinking_are_put_together(name: str) -> None:
    pieces = [chunk({"reasoning_details": [{"type": "x", name: p}]}) for p in "ab"]
    message = assembled(ChatAssembly(), lines(pieces))["choices"][0]["message"]
    assert message["reasoning_details"] == [{"type": "x", name: "ab"}]


ERRORS = "error errors fault exception"
WORDS = (
    "message msg Message errorMessage error_message status_msg faultstring detail title"
)


@pytest.mark.parametrize("holder", ERRORS.split())
@pytest.mark.parametrize("name", WORDS.split())
def test_an_error_is_known_and_read_by_every_name(holder: str, name: str) -> None:
    assert error_in({name: "why"}) == {name: "why"}
    assert error_in(at(holder, {name: "why"})) is not None
    for said in ({name: "why"}, at(holder, {name: "why"})):
        assert failure(said).error == "why"


def test_an_error_is_read_through_eight_wrappings_and_no_more() -> None:
    assert failure(at(".".join(["error"] * 8), "why")).error == "why"
    deeper = failure(at(".".join(["error"] * 9), "why")).error
    assert deeper == "an error without words"


@pytest.mark.parametrize(
    "name",
    ["choices", "content", "delta", "done", "output", "type", "usage", "timings"],
)
def test_an_answer_that_has_words_is_no_error(name: str) -> None:
    assert error_in({name: [1], "message": "x"}) is None
    assert name in CONTENT
