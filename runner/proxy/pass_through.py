"""What of a request the server gets: what a coding agent needs, and nothing else.

A server is not a network. Whatever makes it search, run code, fetch an address or
remember for somebody is refused; what only stores or labels, or asks for what we set,
is left out. So an agent is its model, its harness and its sandbox, and no more.

Source:
    The reference pages of the three protocols, platform.openai.com/docs/api-reference
    and docs.anthropic.com/en/api; OpenRouter's, xAI's and DashScope's for `plugins`,
    `search_parameters` and `enable_search`; llama.cpp's tools/server/README.md.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from runner.proxy.wire.loose import Table, in_common, table, text

_COMMON: Final = (
    *("model", "stream", "temperature", "top_p", "top_k", "tools", "tool_choice"),
    *("thinking", "reasoning", "parallel_tool_calls"),
)
_KEPT: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "openai_chat": frozenset(
            (
                *_COMMON,
                *("messages", "stream_options", "functions", "function_call"),
                *("max_tokens", "max_completion_tokens", "seed", "stop"),
                *("min_p", "typical_p", "presence_penalty", "frequency_penalty"),
                *("repeat_penalty", "repetition_penalty", "logit_bias"),
                *("logprobs", "top_logprobs", "response_format", "verbosity"),
                *("grammar", "json_schema", "reasoning_effort", "reasoning_format"),
                *("include_reasoning", "enable_thinking", "thinking_budget"),
                *("thinking_budget_tokens", "chat_template_kwargs"),
            )
        ),
        "anthropic_messages": frozenset(
            (
                *_COMMON,
                *("messages", "system", "max_tokens", "stop_sequences"),
                *("cache_control", "output_config", "output_format"),
            )
        ),
        "openai_responses": frozenset(
            (
                *_COMMON,
                *("input", "instructions", "max_output_tokens", "text", "include"),
                *("stream_options", "truncation", "top_logprobs", "store"),
            )
        ),
    }
)
"""What a request may hold, by the name of its protocol; the rest is left out."""
_OUTSIDE: Final = frozenset(
    (
        *("mcp_servers", "container", "plugins", "connectors", "tool_resources"),
        *("previous_response_id", "conversation", "prompt", "background"),
        *("web_search_options", "search_parameters", "enable_search", "web_search"),
        *("search_options", "citation_options", "agent_options"),
    )
)
"""What makes a server act elsewhere, or remember."""
_TOOLS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "openai_chat": ("function", "custom"),
        "anthropic_messages": (
            "custom",
            *("bash_", "text_editor_", "memory_", "computer_"),
        ),
        "openai_responses": (
            *("function", "custom", "local_shell", "shell", "apply_patch"),
            "computer_use_preview",
        ),
    }
)
"""Types of tools that the agent runs itself; behind a `_` at the end comes a date."""
_INCLUDED: Final = ("reasoning.encrypted_content", "message.output_text.logprobs")
_LINKS: Final = frozenset(
    (
        *("url", "uri", "image_url", "video_url", "audio_url", "file_url", "file_uri"),
        *("document_url", "input_image", "image", "video", "audio", "fileuri"),
    )
)
"""Where parts of a message may name something to fetch."""
_STORED: Final = frozenset(("file_id", "file_ids", "vector_store_ids"))
_WORDS: Final = frozenset(
    (
        *("role", "type", "text", "input", "arguments", "tool_calls", "function_call"),
        *("citations", "annotations", "signature", "data", "reasoning_details"),
    )
)
"""What holds words, or what the model wrote for a tool: no server fetches that."""
_ADDRESS: Final = re.compile(r"\s*[a-z][a-z0-9+.-]*:", re.IGNORECASE)

_HEADERS: Final = ("accept", "anthropic-version")
_BETA: Final = "anthropic-beta"
_HARMLESS_BETAS: Final = (
    *("claude-code-", "interleaved-thinking-", "fine-grained-tool-streaming-"),
    *("token-efficient-tools-", "prompt-caching-", "extended-cache-ttl-"),
    *("effort-", "structured-outputs-"),
)
"""How names of betas begin that bring the agent no tool and no other model."""
_OF_HTTP: Final = re.compile(
    r"(?i)host|user-agent|connection|keep-alive|transfer-encoding|te|expect|cookie"
    r"|accept-.*|content-.*|authorization|x-api-key|sec-.*|x-stainless-.*|x-app"
)
"""Headers that say nothing to a model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A request, or headers, for the server."""

    fields: Table
    dropped: tuple[str, ...]
    """Names of what was left out."""


def passed(protocol: str, body: Table) -> Passed:
    """The request that the server gets, before what we set is put in."""
    kept = _KEPT[protocol]
    fields = {key: value for key, value in body.items() if key in kept}
    if isinstance(include := fields.get("include"), list):
        fields["include"] = [each for each in include if each in _INCLUDED]
    if fields.get("store"):
        fields["store"] = False
    return Passed(fields=fields, dropped=tuple(key for key in body if key not in kept))


def passed_headers(headers: Mapping[str, str]) -> Passed:
    """The headers that the server gets; the harness's made-up key is none of them."""
    fields: Table = {}
    dropped = []
    for name, value in headers.items():
        lower = name.lower()
        if lower in _HEADERS:
            fields[name] = value
        elif lower == _BETA:
            betas = [beta.strip() for beta in value.split(",") if beta.strip()]
            kept = [beta for beta in betas if beta.startswith(_HARMLESS_BETAS)]
            dropped += [f"{_BETA}: {beta}" for beta in betas if beta not in kept]
            if kept:
                fields[name] = ",".join(kept)
        elif not _OF_HTTP.fullmatch(name):
            dropped.append(name)
    return Passed(fields=fields, dropped=tuple(dropped))


def acts_outside(
    protocol: str, body: Table, *, before: Table | None = None
) -> str | None:
    """What of a request would make the server act elsewhere; None: nothing.

    Args:
        protocol: Its name.
        body: The request. Turns that it begins with as `before` does become the very
            same ones: they are compared and kept once.
        before: A request of which nothing did.
    """
    for key, value in body.items():
        # Servers written in Go take a name in any case.
        if value and key.lower() in _OUTSIDE:
            return key
    tools = body.get("tools")
    for tool in tools if isinstance(tools, list) else [tools] if tools else []:
        if not _is_run_by_agent(protocol, table(tool)):
            kind = text(table(tool).get("type"))
            return f"the tool {kind}".rstrip() if kind else "a tool without a name"
    for key in ("messages", "input", "system"):
        said, known = body.get(key), (before or {}).get(key)
        if isinstance(said, list) and isinstance(known, list):
            same = in_common(said, known)
            said[:same], said = known[:same], said[same:]
        if link := _link(said):
            return link
    return None


def _is_run_by_agent(protocol: str, tool: Table) -> bool:
    if tool.get("type") is None:
        return bool(text(tool.get("name")) or table(tool.get("function")))
    kind = text(tool["type"])
    # OpenAI's shell may be one of its own containers.
    is_theirs = table(tool.get("environment")).get("type", "local") != "local"
    return not is_theirs and any(
        kind == known or (known.endswith("_") and kind.startswith(known))
        for known in _TOOLS[protocol]
    )


def _link(messages: object) -> str | None:
    """What in messages would be fetched, or is stored; None: all is in them."""
    waiting: list[object] = [messages]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += [each for each in part if isinstance(each, _HOLDERS)]
            continue
        found = table(part)
        if found.get("type") == "item_reference":
            return "an item_reference"
        for key, value in found.items():
            if key in _WORDS or not value:
                continue
            if isinstance(value, _HOLDERS):
                waiting.append(value)
            elif (lower := key.lower()) in _STORED:
                return key
            elif lower in _LINKS and _is_fetched(lower, value):
                return f"{key} that is no data: URL"
    return None


_HOLDERS: Final = (dict, list)


def _is_fetched(key: str, value: object) -> bool:
    said = text(value)
    if said.lstrip().lower().startswith("data:"):
        return False
    return bool(said) and ("ur" in key or bool(_ADDRESS.match(said)))
