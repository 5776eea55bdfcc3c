"""Tokens are read wherever a server tells them, and only grow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.proxy.wire.anthropic_messages import AnthropicMessages
from runner.proxy.wire.openai_chat import OpenAIChat
from runner.proxy.wire.sse import Events
from runner.proxy.wire.usage import Told
from tests.runner.streams import Json, lines

_USAGE: Json = {"prompt_tokens": 100, "completion_tokens": 5}
_ALL = {"tokens_in": 100, "tokens_cached": 90, "tokens_out": 5}


def tokens(*parts: Json, beside_cache: bool = False) -> dict[str, int]:
    told = Told(beside_cache=beside_cache)
    for part in parts:
        told.take(part)
    return told.tokens


@pytest.mark.parametrize(
    "said",
    [
        {"usage": _USAGE | {"prompt_tokens_details": {"cached_tokens": 90}}},
        {"usage": _USAGE | {"cached_tokens": 90}},
        {"usage": _USAGE | {"prompt_cache_hit_tokens": 90}},
        {"usage": _USAGE | {"cache_read_input_tokens": 90}},
        {"usage": {"prompt_tokens": 100.0, "completion_tokens": 5.0}, "timings": {}}
        | {"timings": {"cache_n": 90}},
        {"choices": [{"usage": _USAGE | {"cached_tokens": 90}}]},
        {"x_groq": {"usage": _USAGE | {"cached_tokens": 90}}},
        {
            "usage": {
                "input_tokens": 100,
                "output_tokens": 5,
                "input_tokens_details": {"cached_tokens": 90},
            }
        },
        {
            "usage": {
                "prompt_cache_hit_tokens": 90,
                "prompt_cache_miss_tokens": 10,
                "completion_tokens": 5,
            }
        },
        {"timings": {"cache_n": 90, "prompt_n": 10, "predicted_n": 5}},
        {"done": True, "prompt_eval_count": 100, "eval_count": 5}
        | {"usage": {"cached_tokens": 90}},
        {
            "usageMetadata": {
                "promptTokenCount": 100,
                "candidatesTokenCount": 5,
                "cachedContentTokenCount": 90,
            }
        },
        {"usage": {"inputTokens": 100, "outputTokens": 5, "cacheReadInputTokens": 90}},
        {"message": {"usage": _USAGE | {"cached_tokens": 90}}},
        {"response": {"usage": _USAGE | {"cached_tokens": 90}}},
    ],
)
def test_the_same_tokens_are_found_wherever_and_however_they_are_told(
    said: Json,
) -> None:
    assert tokens(said) == _ALL
    assert tokens({"choices": [{"delta": {}}]}, said, {"usage": None}) == _ALL
    reader = OpenAIChat().reader()
    for event in Events().feed(lines([{"choices": [{"delta": {}}]}, said])):
        reader.take(event)
    found = reader.answer()
    assert {name: getattr(found, name) for name in _ALL} == _ALL


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        # SGLang and gateways end with zeros.
        ([{"input_tokens": 5000}, {"input_tokens": 0, "output_tokens": 9}], (5000, 9)),
        ([{"input_tokens": 5000}, {"output_tokens": 9}], (5000, 9)),
        ([{"input_tokens": 0}, {"input_tokens": 5000, "output_tokens": 9}], (5000, 9)),
        # First an estimate, then what of it came from the cache.
        (
            [
                {"input_tokens": 5000, "output_tokens": 1},
                {"input_tokens": 30, "cache_read_input_tokens": 4970}
                | {"output_tokens": 9},
            ],
            (5000, 9),
        ),
        (
            [
                {"input_tokens": 7, "cache_creation_input_tokens": 20}
                | {"cache_read_input_tokens": 4973},
                {"input_tokens": 7, "cache_read_input_tokens": 0, "output_tokens": 9},
            ],
            (5000, 9),
        ),
    ],
)
def test_a_later_smaller_number_takes_no_place_of_a_true_one(
    parts: list[Json], expected: tuple[int, int]
) -> None:
    found = tokens(*({"usage": part} for part in parts), beside_cache=True)
    assert (found["tokens_in"], found["tokens_out"]) == expected


def test_thinking_beside_the_answer_is_added_and_within_it_is_not() -> None:
    details = {"completion_tokens_details": {"reasoning_tokens": 317}}
    xai = {"prompt_tokens": 12, "completion_tokens": 2, "total_tokens": 331} | details
    assert tokens({"usage": xai})["tokens_out"] == 319
    openai = xai | {"completion_tokens": 319}
    assert tokens({"usage": openai})["tokens_out"] == 319
    google = {"promptTokenCount": 12, "candidatesTokenCount": 2}
    google |= {"thoughtsTokenCount": 317, "totalTokenCount": 331}
    assert tokens({"usageMetadata": google})["tokens_out"] == 319
    told = Told()
    told.take({"usage": {"completion_tokens_details": {"reasoning_tokens": 0}}})
    assert not told.thought
    told.take({"usage": xai})
    assert told.thought


def test_a_prompt_is_never_smaller_than_what_of_it_was_cached() -> None:
    apart = {"prompt_tokens": 10, "cache_read_input_tokens": 90, "completion_tokens": 5}
    assert tokens({"usage": apart}) == _ALL
    told = {"input_tokens": 10, "cache_read_input_tokens": 90, "output_tokens": 5}
    assert tokens({"usage": told}, beside_cache=True) == _ALL
    stored = told | {"cache_creation_input_tokens": 7}
    found = tokens({"usage": stored}, beside_cache=True)
    assert found == _ALL | {"tokens_in": 107, "tokens_stored": 7}


def test_an_empty_prompt_has_no_tokens() -> None:
    told = {"usage": {"prompt_tokens": 0, "completion_tokens": 5}}
    assert tokens(told) == {"tokens_in": 0, "tokens_out": 5}
    assert tokens({"usage": {"cache_n": 3, "prompt_tokens": 0}})["tokens_in"] == 3


def test_what_nobody_told_is_unknown() -> None:
    assert tokens() == tokens({"choices": [{"delta": {}}]}) == {}
    assert tokens({"usage": {}}, {"usage": "many"}, {"usage": [1]}) == {}
    assert tokens({"usage": {"prompt_tokens": -1, "completion_tokens": "5 k"}}) == {}
    assert tokens({"usage": {"completion_tokens": "5"}}) == {"tokens_out": 5}
    assert tokens({"usage": {"prompt_tokens": True}}) == {}


@given(st.lists(st.dictionaries(
    st.sampled_from(["prompt_tokens", "input_tokens", "completion_tokens"]),
    st.none() | st.integers(-5, 50) | st.floats(),
)))  # fmt: skip
def test_numbers_only_grow(parts: list[Json]) -> None:
    told = Told()
    before: dict[str, int] = {}
    for part in parts:
        told.take({"usage": part})
        now = told.tokens
        assert all(now[key] >= before[key] for key in before)
        before = now


def test_only_anthropics_protocol_counts_a_prompt_without_what_was_cached() -> None:
    used = {"input_tokens": 100, "cache_read_input_tokens": 90, "output_tokens": 5}
    assert OpenAIChat().whole({"usage": used}).tokens_in == 100
    assert AnthropicMessages().whole({"usage": used}).tokens_in == 190
