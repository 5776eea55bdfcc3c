"""What servers are understood to mean, in words that people have reported."""

import json
from collections import Counter
from pathlib import Path

import pytest

from harness_bench.errors import SettingsError
from runner.proxy.exchange import Exchange
from runner.proxy.metering import Call, Outcome
from runner.proxy.wire.openai_chat import OpenAIChat
from runner.proxy.wire.wire import failure
from runner.proxy.wordings import Meaning, Wording, known, read, understood, use
from tests.runner.streams import Json

UNHEARD = (
    "The goose has left the pond",
    "E4711",
    "cannot comply",
    "Something went wrong. Our team has been notified.",
    "unexpected condition in module 7",
    "request was dropped",
    "nope",
    "Fehler bei der Verarbeitung",
    "内部错误 请稍后再试",
    "assertion failed: left == right",
    "the lattice did not converge",
    "worker 3: bad state",
    "invalid sequence",
    "handle is stale",
    "slot vanished",
    "the answer was discarded by policy module",
    "cannot allocate",
    "deadline",
    "TypeError: 'NoneType' object is not subscriptable",
    "gateway said 0x8007",
)
"""Words that nobody has reported."""


KINDS = {
    Meaning.OVERFLOW: (
        "Your prompt (41000 tokens) does not fit in the model's 32k window",
        "context overflow: 41000 > 32768",
        "Sequence length 41000 exceeds limit 32768",
        "server_error: n_tokens > n_ctx",
        "prompt_too_long: x",
        "This request has 41000 tokens, which is above the maximum of 32768",
        "The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 10247 >= n_ctx: 4096).",  # noqa: E501
        "Reached context length of 4096 tokens with model (arch: qwen2)",
        "Input validation error: `inputs` must have less than 4095 tokens. Given: 5000",
        "Unable to submit request because the input token count is 32769 but model only supports up to 32768.",  # noqa: E501
        "too many tokens: total number of tokens in the prompt cannot exceed 128000 - received 130000",  # noqa: E501
        "invalid_request_error: Input validation error: tokens (40000) + max_new_tokens (2000) must be <= 32769",  # noqa: E501
        "Prompt length (40000) exceeds maximum context (32768)",
        "prompt length 33001 exceeds the maximum sequence length 32768",
        "Total tokens of image and text exceed max message tokens",
        "1261: Prompt exceeds max length",
        "length of prompt_tokens (40000) must be less than max_seq_len (32768).",
        "invalid params, context window exceeds limit",
        "RuntimeError: input is too long, max is 8192",
        "invalid_request_error: Conversation length 40000 exceeds maximum supported length 32768.",  # noqa: E501
    ),
    Meaning.QUOTA: (
        "Your account has run out of funds. Top up to continue.",
        "Monthly spend limit reached for this key",
        "No credits remaining",
        "You have used up your free tokens for today",
        "Your team has either used all available credits or reached its monthly spending limit.",  # noqa: E501
        "Sorry, your account balance is insufficient",
        "The free tier of the model has been exhausted.",
        "you've reached your hourly usage limit, please upgrade to continue",
        "rate_limit_error: This request would exceed your organization's monthly usage limit of $500",  # noqa: E501
        "Budget has been exceeded! Current cost: 26.075, Max budget: 0.25",
    ),
    Meaning.BUSY: (
        "Request would exceed rate limit of 40,000 input tokens per minute",
        "System is too busy now. Please try again later.",
        "unavailable_error: no slot available",
        "No capacity available for model on the server",
        "The service is temporarily at capacity, retry shortly",
        "Requests per minute limit exceeded - too many requests sent.",
    ),
    Meaning.LOADING: (
        "model is starting up, 35%",
        "Service is initializing",
        "Model 'x' is scaling up from zero",
        "Model is loading, please wait",
        "The model is being loaded. Try again in a moment.",
        "Model is still warming up",
        "model_not_found: No models loaded. Please load a model in the developer page",
    ),
    Meaning.BREAKAGE: (
        "vk::Device::allocateMemory: ErrorOutOfDeviceMemory",
        "vLLM engine is dead",
        "Endpoint request timed out",
        "The system encountered an unexpected error during processing.",
        "error code: 520",
        "InternalServerError: EngineCore encountered an issue.",
        "server_error: The server had an error while processing your request. Sorry about that!",  # noqa: E501
        "model requires more system memory (22.3 GiB) than is available (15.5 GiB)",
        "unable to start process: upstream command exited prematurely but successfully",
        "<title>letta.com | 502: Bad gateway</title>",
    ),
    Meaning.UNPARSABLE: (
        "invalid tool call arguments: unexpected end of JSON",
        "Error parsing model output: expected '}' at position 40",
        "The model produced output that does not match the expected peg-gemma4 format",
        "Unexpected end of input while parsing tool call: [json.exception.parse_error.101]",  # noqa: E501
        "openai_harmony.HarmonyError: Unexpected token 12606 while expecting start token 200006",  # noqa: E501
    ),
    Meaning.REFUSAL: (
        "Parameter 'seed' is not allowed",
        "System role not supported",
        "invalid_request_error: max_tokens is too large: 100000. This model supports at most 16384 completion tokens",  # noqa: E501
        "invalid_request_error: max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens",  # noqa: E501
        "invalid_request_error: messages.3.content.1.image.source.base64: image exceeds 5 MB maximum",  # noqa: E501
        "invalid_request_error: Invalid 'tools': array too long. Expected an array with maximum length 128",  # noqa: E501
        "Unrecognized request argument supplied: seed",
        "server_error: tools param requires --jinja flag",
        "No endpoints found that support tool use.",
        "ValidationException: tools.0.custom.input_schema: JSON schema is invalid",
        "Not Found",
        "invalid_request_error: messages.0.tools.0.name: string too long, max 64",
    ),
}
"""Sentences of the kinds that the table knows, from other servers and reports."""


def called(body: object, status: int) -> Call:
    """A call that the server ends with this, in one piece."""
    exchange = Exchange(OpenAIChat(), 0.0, {}, hides_usage=False)
    exchange.open(status, is_stream=False)
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    exchange.take(raw, 0.1)
    exchange.end()
    return exchange.call(1, 0.2)


@pytest.mark.parametrize("wording", known(), ids=lambda entry: entry.example[:40])
def test_each_reported_wording_is_understood_as_its_entry_says(
    wording: Wording,
) -> None:
    found = understood(wording.example)
    assert found is not None
    assert found.means is wording.means
    assert found.shared == wording.shared
    assert wording.source.startswith("https://")


def test_forty_wordings_of_every_meaning_are_known() -> None:
    counts = Counter(entry.means for entry in known())
    assert set(counts) == set(Meaning)
    assert counts.total() >= 40


@pytest.mark.parametrize(
    ("means", "words"),
    [(means, words) for means, several in KINDS.items() for words in several],
)
def test_other_sentences_of_a_known_kind_are_understood(
    means: Meaning, words: str
) -> None:
    found = understood(words)
    assert found is not None
    assert found.means is means


@pytest.mark.parametrize(
    "body",
    [
        [{"error": {"code": 429, "message": "You exceeded your current quota"}}],
        "You exceeded your current quota",
        b"You exceeded your current quota",
    ],
    ids=["in a list", "text in JSON", "plain text"],
)
def test_the_words_of_an_error_are_found_in_any_body(body: object) -> None:
    answer = called(body, 429).answer
    assert answer.means is Meaning.QUOTA
    assert (answer.error or "").endswith("You exceeded your current quota")


@pytest.mark.parametrize(
    ("ended", "outcome"),
    [
        ("network_error", Outcome.UPSTREAM),
        ("model_context_window_exceeded", Outcome.OVERFLOW),
        ("MALFORMED_FUNCTION_CALL", Outcome.UNPARSABLE),
        ("stop", Outcome.ANSWERED),
    ],
)
def test_an_end_that_says_it_failed_is_no_answer(ended: str, outcome: Outcome) -> None:
    choice = {"finish_reason": ended, "message": {"content": ""}}
    assert called({"choices": [choice]}, 200).outcome is outcome


def test_a_stream_that_is_not_called_one_tells_its_tokens() -> None:
    said = {"choices": [{"index": 0, "delta": {"content": "yes"}}]}
    ends = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    tells = {"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 5}}
    lines = [f"data: {json.dumps(each)}\n\n" for each in (said, ends, tells)]
    call = called("".join([*lines, "data: [DONE]\n\n"]).encode(), 200)
    assert call.outcome is Outcome.ANSWERED
    assert (call.answer.tokens_in, call.answer.tokens_out) == (10, 5)


@pytest.mark.parametrize("words", UNHEARD)
@pytest.mark.parametrize("status", [400, 500])
def test_words_that_nobody_has_reported_mean_nothing_and_are_kept(
    words: str, status: int
) -> None:
    assert understood(words) is None
    call = called({"error": {"message": words}}, status)
    assert call.outcome is Outcome.UPSTREAM
    assert call.answer.error == words
    assert call.answer.means is None


def test_another_wording_needs_an_entry_and_no_code(tmp_path: Path) -> None:
    table = tmp_path / "more.toml"
    table.write_text(
        "[[wording]]\nmeans = 'busy'\nsays = 'full house'\n"
        "example = 'Full house'\nsource = 'https://example.org/1'\n"
    )
    (found,) = read(table)
    assert found.found("a FULL HOUSE today")
    assert found.means is Meaning.BUSY


def test_the_table_of_a_run_comes_before_ours(tmp_path: Path) -> None:
    table = tmp_path / "more.toml"
    table.write_text("[[wording]]\nmeans = 'quota'\nsays = 'prompt is too long'\n")
    ours = understood("prompt is too long")
    use(table)
    try:
        theirs = failure({"error": "Prompt is too long"})
    finally:
        use(None)
    assert ours is not None
    assert ours.means is Meaning.OVERFLOW
    assert theirs.means is Meaning.QUOTA
    assert understood("prompt is too long") == ours


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "more.toml: has no [[wording]]"),
        ("wording = []", "more.toml: has no [[wording]]"),
        ("[wording]", "more.toml: has no [[wording]]"),
        ("[[", "more.toml: is not valid UTF-8 TOML: "),
        ("[[wording]]\nsays='x'", "more.toml: [wording 1] means is missing"),
        (
            "[[wording]]\nmeans='bussy'\nsays='x'",
            "more.toml: [wording 1] means is 'bussy', expected one of overflow, quota,",
        ),
        (
            "[[wording]]\nmeans='busy'\nsays='('",
            "more.toml: [wording 1] says is '(', no regular expression: missing ),",
        ),
        (
            "[[wording]]\nmeans='busy'\nsays='x*'",
            "more.toml: [wording 1] says is 'x*', which fits anything",
        ),
        (
            "[[wording]]\nmeans='busy'\nsays='x'\nexample='y'",
            "more.toml: [wording 1] says is not in its example",
        ),
        (
            "[[wording]]\nmeans='busy'\nsays='x'\nsource='s'\nsahred=true",
            "more.toml: [wording 1] unknown key 'sahred' (did you mean 'shared'?)",
        ),
        (
            "[[wording]]\nmeans='busy'\nsays='x'\n[[words]]\na=1",
            "more.toml: unknown section 'words'",
        ),
    ],
)
def test_each_fault_of_a_table_is_one_clear_line(
    tmp_path: Path, text: str, problem: str
) -> None:
    table = tmp_path / "more.toml"
    table.write_text(text)
    with pytest.raises(SettingsError) as refused:
        read(table)
    (found,) = refused.value.problems
    assert str(found).startswith(problem)


def test_all_faults_of_a_table_are_told_at_once(tmp_path: Path) -> None:
    table = tmp_path / "more.toml"
    table.write_text("[[wording]]\nmeans='x'\n[[wording]]\nmeans='busy'\nsays='['\n")
    with pytest.raises(SettingsError) as refused:
        read(table)
    assert len(refused.value.problems) == 3


def test_a_throttle_that_speaks_of_tokens_is_no_overflow() -> None:
    found = understood("ThrottlingException: Too many tokens, please wait")
    assert found is not None
    assert found.means is Meaning.BUSY


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"error": "context length exceeded: 40000 of 32768"}),
        (400, {"object": "error", "message": "maximum context length is 16384 tokens"}),
        (200, {"object": "error", "message": "maximum context length is 16384 tokens"}),
        (400, {"detail": "The prompt is too long."}),
        (400, {"detail": [{"msg": "the prompt is too long", "loc": ["body"]}]}),
        (400, b"prompt is too long"),
        (500, {"error": {"message": "Context size has been exceeded."}}),
        (
            400,
            {
                "error": {
                    "message": "Provider returned error",
                    "metadata": {
                        "raw": '{"error": {"message": "x", "code":'
                        ' "context_length_exceeded"}}'
                    },
                }
            },
        ),
        (
            400,
            {
                "error": {
                    "message": "Provider returned error",
                    "metadata": {"raw": "prompt is too long"},
                }
            },
        ),
        (
            400,
            {
                "error": {
                    "code": 400,
                    "status": "INVALID_ARGUMENT",
                    "message": "The input token count (9) exceeds the maximum number",
                }
            },
        ),
    ],
)
def test_an_overflow_is_known_in_whatever_envelope_it_comes(
    status: int, body: object
) -> None:
    call = called(body, status)
    assert call.outcome is Outcome.OVERFLOW
    assert call.answer.error


@pytest.mark.parametrize(
    "choice",
    [
        {"finish_reason": "error", "message": {"content": ""}},
        {"finish_reason": "stop", "error": {"code": 502, "message": "Upstream error"}},
    ],
)
def test_an_error_within_a_good_answer_is_an_error(choice: Json) -> None:
    assert called({"choices": [choice]}, 200).outcome is Outcome.UPSTREAM
    exchange = Exchange(OpenAIChat(), 0.0, {}, hides_usage=False)
    exchange.open(200, is_stream=True)
    chunk = json.dumps({"choices": [choice]}).encode()
    exchange.take(b"data: " + chunk + b"\n\ndata: [DONE]\n\n", 0.1)
    exchange.end()
    assert exchange.call(1, 0.2).outcome is Outcome.UPSTREAM


@pytest.mark.parametrize(
    ("raw", "is_stream"),
    [
        (b'{"choices": []}', False),
        (b'data: {"choices": []}\n\ndata: [DONE]\n\n', True),
        (
            b'data: {"choices": [{"finish_reason": "error"}]}\n\ndata: [DONE]\n\n',
            True,
        ),
    ],
)
def test_a_provider_that_takes_a_request_and_then_says_nothing_is_broken(
    raw: bytes, *, is_stream: bool
) -> None:
    exchange = Exchange(OpenAIChat(), 0.0, {}, hides_usage=False)
    exchange.open(200, is_stream=is_stream)
    exchange.take(raw, 0.1)
    exchange.end()
    call = exchange.call(1, 0.2)
    assert call.outcome is Outcome.UPSTREAM
    assert call.answer.means is Meaning.BREAKAGE


def test_a_tool_call_that_the_server_cannot_read_is_no_failure_of_the_server() -> None:
    said = {"error": {"message": "Failed to parse input at pos 184: <tool_call>"}}
    assert called(said, 500).outcome is Outcome.UNPARSABLE


def test_an_error_without_words_is_one() -> None:
    assert called({}, 500).answer.error == "an error without words"
    assert failure({"error": {}}).means is None


@pytest.mark.parametrize("wrapped", [0, 1, 2])
def test_an_error_in_lists_without_end_is_looked_into_for_some_of_them(
    wrapped: int,
) -> None:
    inner: list[object] = []
    for _ in range(2000):
        inner = [inner]
    body: object = inner
    for _ in range(wrapped):
        body = {"error": body}
    assert failure(body).error == "an error without words"
