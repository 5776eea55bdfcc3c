"""How servers differ in what they answer: data, with who was seen to do it.

Another dialect of a kind that is known here needs an entry and no code.
"""

from __future__ import annotations

USAGE_PLACES = (
    ("usage",),  # OpenAI, Anthropic, llama-server
    ("choices", "usage"),  # Moonshot: earendil-works/pi#2017
    ("x_groq", "usage"),  # Groq: vercel/ai#1651
    ("message", "usage"),  # Anthropic's message_start
    ("response", "usage"),  # OpenAI responses, at their end
    ("usageMetadata",),  # Google: zendev-sh/goai#122
    ("usage_metadata",),
    ("timings",),  # llama-server: llama.cpp's tools/server/README.md
    ("amazon-bedrock-invocationMetrics",),  # docs.aws.amazon.com/bedrock
    (),  # Ollama: github.com/ollama/ollama/blob/main/docs/api.md
)
"""Where in an answer, or in an event of one, tokens are told."""
USAGE_ROOTS = frozenset(
    (
        *("prompt_eval_count", "eval_count"),
        *(path[0] for path in USAGE_PLACES if path and path[0] != "choices"),
    )
)
"""Without one of these only choices can tell tokens."""
PROMPT = (
    "prompt_tokens",
    "input_tokens",
    "promptTokenCount",
    "prompt_token_count",
    "prompt_eval_count",
    "promptTokens",
    "inputTokens",
    "inputTokenCount",
    "prompt_cache_hit_tokens+prompt_cache_miss_tokens",
    "prompt_n+cache_n",
)
"""Names of all tokens of the prompt; what `+` joins is added up."""
PROMPT_BESIDE_CACHE = (
    "input_tokens+cache_read_input_tokens+cache_creation_input_tokens",
    *(name for name in PROMPT if name != "input_tokens"),
)
"""The same in Anthropic's protocol, which counts what touches the cache apart."""
CACHED = (
    "prompt_tokens_details.cached_tokens",
    "input_tokens_details.cached_tokens",
    "cached_tokens",  # Kimi: NousResearch/hermes-agent#61871
    "prompt_cache_hit_tokens",  # DeepSeek: BerriAI/litellm#5017
    "cache_read_input_tokens",
    "cacheReadInputTokens",
    "cachedContentTokenCount",
    "cached_content_token_count",
    "cache_n",
)
STORED = ("cache_creation_input_tokens", "cacheWriteInputTokens")
ANSWER = (
    "completion_tokens",
    "output_tokens",
    "candidatesTokenCount",
    "candidates_token_count",
    "eval_count",
    "completionTokens",
    "outputTokens",
    "outputTokenCount",
    "predicted_n",
)
THOUGHT = (
    "completion_tokens_details.reasoning_tokens",
    "output_tokens_details.reasoning_tokens",
    "reasoning_tokens",
    "thoughtsTokenCount",
    "thoughts_token_count",
)
"""Part of the answer, or beside it: then the total tells (vercel/ai#12425)."""
TOTAL = ("total_tokens", "totalTokenCount", "total_token_count", "totalTokens")

THINKING = (
    "reasoning_content",  # DeepSeek, llama-server
    "reasoning",  # OpenRouter; vLLM since 0.19: strands-agents/harness-sdk#2191
    "thinking",  # Ollama
)
"""Names of thinking in a message, as text."""
THINKING_PARTS = (
    "reasoning_details",  # OpenRouter: earendil-works/pi#260
    "thinking_blocks",  # LiteLLM: BerriAI/litellm#16434
)
"""Names of thinking in parts, with signatures that the server wants to see again."""
GROWING = frozenset(
    (
        *("content", "text", "summary", "refusal", "partial_json"),
        *THINKING,
    )
)
"""Texts of which a stream brings one piece after the other."""

ERRORS = (
    "error",
    "errors",  # Cloudflare
    "fault",  # Apigee
    "exception",
    "base_resp",  # MiniMax, which sends it with each answer: status_code 0 is none
)
"""What holds an error."""
ERROR_WORDS = (
    "message",
    "msg",
    "Message",
    "errorMessage",
    "error_message",
    "status_msg",
    "faultstring",
    "detail",
    "title",
)
"""Names of what an error says."""
CONTENT = frozenset(
    ("choices", "content", "delta", "done", "output", "type", "usage", "timings")
)
"""With one of these an object is an answer, or an event of one, though it has words."""

BAD_ENDS = frozenset(
    (
        "network_error",  # Zhipu
        "insufficient_system_resource",  # DeepSeek
        "abort",  # SGLang
        "model_context_window_exceeded",  # Anthropic; GLM
        "malformed_function_call",  # Google
    )
)
"""Words for the end of an answer that say that it has failed; in `wordings.toml` stands
what each means."""
