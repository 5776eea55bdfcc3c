"""What servers of each kind tell of themselves, as their documentation has it."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from runner.models.looked import Looked, context_tokens, hashed, is_named, look
from tests.runner.talking import serving

LLAMA = {
    "GET /v1/models": {
        "data": [{"id": "gemma-3-4b", "meta": {"n_ctx_train": 131072}}],
    },
    "GET /props": {
        "build_info": "b9999-abc",
        "chat_template": "{{ messages }}",
        "chat_template_caps": {"supports_tools": True},
        "default_generation_settings": {"n_ctx": 4096},
    },
}
VLLM = {
    "GET /v1/models": {
        "data": [
            {"id": "other", "max_model_len": 1024},
            {"id": "Qwen/Qwen3.6-27B", "max_model_len": 32768},
        ]
    }
}
LM_STUDIO = {
    "GET /v1/models": {"data": [{"id": "qwen3.6-27b"}, {"id": "embed"}]},
    "GET /api/v0/models": {
        "data": [
            {
                "id": "qwen3.6-27b",
                "max_context_length": 262144,
                "loaded_context_length": 8192,
            }
        ]
    },
}
OLLAMA: dict[str, dict[str, Any]] = {
    "GET /v1/models": {"data": [{"id": "qwen3.6:27b"}]},
    "POST /api/show": {
        "model_info": {"qwen3.context_length": 40960},
        "template": "{{ .Prompt }}",
        "capabilities": ["completion"],
    },
}


def looked(answers: dict[str, Any], name: str, path: str = "") -> Looked:
    async def handler(request: web.Request) -> web.StreamResponse:
        found = answers.get(f"{request.method} {request.path}")
        return web.json_response(found or {}, status=200 if found else 404)

    async def ask() -> Looked:
        async with serving(handler) as url:
            return await asyncio.to_thread(look, url + path, name, {})

    return asyncio.run(ask())


def test_llama_server_tells_all() -> None:
    found = looked(LLAMA, "Qwen3.6-27B")
    assert found.names == ("gemma-3-4b",)
    assert found.served_as == "gemma-3-4b", "the only one there answers"
    assert (found.server_build, found.tools) == ("b9999-abc", True)
    assert (found.context_tokens, found.context_at_most) == (4096, 131072)
    assert found.chat_template_sha256 == hashed("{{ messages }}")
    assert found.chat_template_sha256 is not None


def test_vllm_tells_the_length_of_each_model() -> None:
    found = looked(VLLM, "Qwen3.6-27B")
    assert (found.served_as, found.context_tokens) == ("Qwen/Qwen3.6-27B", 32768)
    assert looked(VLLM, "other").context_tokens == 1024
    assert looked(VLLM, "strange").served_as is None, "of several, nobody knows which"


def test_lm_studio_tells_what_is_loaded() -> None:
    found = looked(LM_STUDIO, "Qwen3.6-27B")
    assert (found.context_tokens, found.context_at_most) == (8192, 262144)


def test_ollama_tells_what_it_has_loaded_or_what_the_model_was_made_for() -> None:
    found = looked(OLLAMA, "qwen3.6:27b")
    assert (found.context_tokens, found.context_at_most) == (None, 40960)
    assert (found.tools, found.chat_template_sha256) == (False, hashed("{{ .Prompt }}"))
    running = {"models": [{"model": "qwen3.6:27b", "context_length": 4096}]}
    found = looked(OLLAMA | {"GET /api/ps": running}, "qwen3.6:27b")
    assert found.context_tokens == 4096
    show = OLLAMA["POST /api/show"] | {"parameters": "stop x\nnum_ctx    16384"}
    found = looked(OLLAMA | {"POST /api/show": show}, "qwen3.6:27b")
    assert found.context_tokens == 16384


def test_others_tell_nothing_and_the_list_is_where_their_api_is() -> None:
    assert looked({}, "m") == Looked()
    listed = {"GET /api/paas/v4/models": {"data": [{"id": "glm-5"}, "noise"]}}
    assert looked(listed, "glm-5", "/api/paas/v4").served_as == "glm-5"


@pytest.mark.parametrize(
    ("name", "listed", "expected"),
    [
        ("Qwen3.6-27B", "/models/qwen3.6-27b-Q8_0.gguf", True),
        ("Qwen3.6-27B", "qwen3.6:27b", True),
        ("meta/llama-4", "llama-4", True),
        ("Qwen3.6-27B", "gemma-3-4b", False),
        ("a", "gemma-3-4b", False),
        ("o3", "o3", True),
        ("o3", "o3-mini", False),
    ],
)
def test_a_name_may_be_spelled_in_another_way(
    name: str, listed: str, *, expected: bool
) -> None:
    assert is_named(name, listed) is expected


@pytest.mark.parametrize(
    ("props", "expected"),
    [
        ({"default_generation_settings": {"n_ctx": 8192}}, 8192),
        ({"default_generation_settings": {"n_ctx": "8192"}}, None),
        ({"default_generation_settings": [8192]}, None),
        ({}, None),
    ],
)
def test_the_context_is_that_of_one_slot_where_it_is_told(
    props: dict[str, object], expected: int | None
) -> None:
    assert context_tokens(props) == expected
