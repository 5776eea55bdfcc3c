"""The server gets what a coding agent needs, and nothing that acts elsewhere."""

import asyncio
import gzip
import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.limits import Limits
from runner.proxy.pass_through import acts_outside, passed, passed_headers
from runner.proxy.wire.loose import Table
from runner.proxy.wire.wire import Sampling
from tests.runner.proxy.servers import CHAT, WHOLE, Remembering, between
from tests.runner.streams import ANTHROPIC, OPENAI, RESPONSES, Json
from tests.runner.talking import logged, proxied, serving

PATHS = {
    "openai_chat": CHAT,
    "anthropic_messages": "/v1/messages",
    "openai_responses": "/v1/responses",
}
FUNCTION: Json = {"type": "function", "function": {"name": "bash", "parameters": {}}}


def asked(folder: Path, *requests: tuple[str, Json], **more: Any) -> list[Json]:  # noqa: ANN401 - what a proxy takes
    """What the server gets of them."""

    async def ask() -> list[Json]:
        server = Remembering()
        async with between(folder, server.answer, **more) as (_, client):
            for path, body in requests:
                await (await client.post(path, json=body)).read()
        return server.bodies

    return asyncio.run(ask())


def test_model_and_length_are_ours_whatever_the_harness_wrote(tmp_path: Path) -> None:
    greedy = {
        "model": "better",
        "n": 5,
        "n_predict": 9**9,
        "max_tokens": 9**9,
        "max_completion_tokens": 9**9,
        "best_of": 3,
        "num_predict": -1,
        "options": {"num_predict": -1},
        "models": ["best"],
        "lora": [1],
        "max_output_tokens": 9**9,
        "id_slot": 1,
        "min_tokens": 9**9,
    }
    chat, message, response, count = asked(
        tmp_path,
        (CHAT, greedy | {"messages": []}),
        ("/v1/messages", greedy | {"messages": []}),
        ("/v1/responses", greedy | {"input": "x"}),
        ("/v1/messages/count_tokens", {"model": "better", "messages": []}),
        sampling=Sampling(output_tokens=512),
        model="ours",
    )
    assert chat == {"model": "ours", "messages": [], "max_completion_tokens": 512}
    assert message == {"model": "ours", "messages": [], "max_tokens": 512}
    assert response == {"model": "ours", "input": "x", "max_output_tokens": 512}
    assert count == {"model": "ours", "messages": []}
    first, *_ = logged(tmp_path)
    assert {"n", "n_predict", "options", "models"} <= set(first["dropped"])
    assert "model" not in first["dropped"]


def test_the_second_of_two_values_of_a_name_does_not_slip_through(
    tmp_path: Path,
) -> None:
    async def ask() -> list[Json]:
        server = Remembering()
        async with between(tmp_path, server.answer, model="ours") as (_, client):
            raw = b'{"model": "a", "messages": [], "model": "b", "\\u006dodel": "c"}'
            await (await client.post(CHAT, data=raw)).read()
        return server.bodies

    assert asyncio.run(ask()) == [{"model": "ours", "messages": []}]


def test_a_turn_is_looked_at_again_unless_it_is_as_it_was() -> None:
    def conversation(*links: str) -> dict[str, object]:
        content = [{"type": "image_url", "image_url": {"url": link}} for link in links]
        return {"messages": [{"role": "user", "content": [one]} for one in content]}

    before = conversation("data:a", "data:b")
    assert acts_outside("openai_chat", before) is None
    longer = conversation("data:a", "data:b", ELSEWHERE)
    assert acts_outside("openai_chat", longer, before=before)
    assert longer["messages"][0] is before["messages"][0]  # type: ignore[index]
    for changed in (conversation(ELSEWHERE), conversation("data:a", ELSEWHERE)):
        assert acts_outside("openai_chat", changed, before=before)


def test_what_only_stores_or_labels_is_left_out_and_written_down(
    tmp_path: Path,
) -> None:
    labels = {
        "user": "me",
        "metadata": {"user_id": "x"},
        "safety_identifier": "y",
        "prompt_cache_key": "z",
        "service_tier": "priority",
    }
    response = {"input": "x", "store": True, "include": ["web_search_call.results"]}
    chat, message, other = asked(
        tmp_path,
        (CHAT, {"messages": [], "store": True, **labels}),
        ("/v1/messages", {"messages": [], **labels}),
        ("/v1/responses", response | labels),
    )
    assert chat == message == {"messages": []}
    assert other == {"input": "x", "store": False, "include": []}
    assert logged(tmp_path)[0]["dropped"][:2] == ["store", "user"]


@pytest.mark.parametrize(
    ("protocol", "fields"),
    [
        ("openai_chat", {"tools": [{"type": "web_search"}]}),
        ("openai_chat", {"tools": [FUNCTION, {"type": "mcp", "server_url": "x"}]}),
        ("openai_chat", {"tools": [{"googleSearch": {}}]}),
        ("openai_chat", {"tools": ["web_search"]}),
        ("openai_chat", {"tools": {"type": "web_search"}}),
        ("openai_chat", {"web_search_options": {"search_context_size": "low"}}),
        ("openai_chat", {"search_parameters": {"mode": "on"}}),
        ("openai_chat", {"plugins": [{"id": "web"}]}),
        ("openai_chat", {"enable_search": True}),
        ("openai_chat", {"ENABLE_SEARCH": True}),
        ("anthropic_messages", {"mcp_servers": [{"type": "url", "url": "x"}]}),
        ("anthropic_messages", {"container": "c_1"}),
        ("anthropic_messages", {"tools": [{"type": "web_search_20250305"}]}),
        ("anthropic_messages", {"tools": [{"type": "web_fetch_20250910"}]}),
        ("anthropic_messages", {"tools": [{"type": "code_execution_20250825"}]}),
        ("anthropic_messages", {"tools": [{"type": "mcp_toolset"}]}),
        ("openai_responses", {"tools": [{"type": "web_search_preview"}]}),
        ("openai_responses", {"tools": [{"type": "code_interpreter"}]}),
        ("openai_responses", {"tools": [{"type": "file_search"}]}),
        ("openai_responses", {"tools": [{"type": "image_generation"}]}),
        (
            "openai_responses",
            {"tools": [{"type": "shell", "environment": {"type": "container_auto"}}]},
        ),
        ("openai_responses", {"previous_response_id": "resp_1"}),
        ("openai_responses", {"conversation": "conv_1"}),
        ("openai_responses", {"background": True}),
        ("openai_responses", {"prompt": {"id": "pmpt_1"}}),
        ("openai_responses", {"input": [{"type": "item_reference", "id": "msg_1"}]}),
    ],
)
def test_what_acts_outside_is_refused_in_the_words_of_the_protocol(
    tmp_path: Path, protocol: str, fields: Json
) -> None:
    async def ask() -> tuple[int, Json, list[str]]:
        server = Remembering()
        async with (
            between(tmp_path, server.answer) as (proxy, client),
            client.post(PATHS[protocol], json={"model": "m", **fields}) as response,
        ):
            said = await response.json()
            assert proxy.usage().calls == 0
            assert proxy.meter.last is None
            assert proxy.meter.stop is None
            return response.status, said, server.paths

    status, said, paths = asyncio.run(ask())
    assert (status, paths) == (400, [])
    assert said["error"]["type"] == "invalid_request_error"
    assert "acts outside of the sandbox" in said["error"]["message"]
    assert said.get("type") == ("error" if protocol == "anthropic_messages" else None)


def part(**fields: object) -> Json:
    return {"messages": [{"role": "user", "content": [fields]}]}


ELSEWHERE = "http://169.254.169.254/latest"


@pytest.mark.parametrize(
    "body",
    [
        part(type="image_url", image_url={"url": ELSEWHERE}),
        part(type="image_url", image_url=ELSEWHERE),
        part(type="image_url", image_url={"url": "file:///etc/passwd"}),
        part(type="image_url", image_url={"url": "/etc/passwd"}),
        part(type="image_url", Image_URL={"URL": ELSEWHERE}),
        part(type="input_image", image_url=" " + ELSEWHERE),
        part(type="input_image", file_id="file_1"),
        part(type="input_file", file_url=ELSEWHERE),
        part(type="video_url", video_url={"url": ELSEWHERE}),
        part(type="file", file={"file_id": "file_1"}),
        part(type="image", source={"type": "url", "url": ELSEWHERE}),
        part(type="document", source={"type": "file", "file_id": "file_1"}),
        part(type="image", image=ELSEWHERE),
        part(type="container_upload", file_id="file_1"),
        part(
            type="tool_result",
            content=[{"type": "image", "source": {"type": "url", "url": ELSEWHERE}}],
        ),
        {"system": part(type="image", source={"url": ELSEWHERE})["messages"]},
        {"input": part(type="input_image", image_url=ELSEWHERE)["messages"]},
    ],
)
def test_no_server_fetches_what_an_agent_names(body: Json) -> None:
    for protocol in PATHS:
        assert acts_outside(protocol, body)


ADDRESSES = (
    "url uri image_url video_url audio_url file_url file_uri document_url fileUri "
    "input_image image video audio"
)


@pytest.mark.parametrize("name", ADDRESSES.split())
def test_no_name_of_an_address_is_overlooked(name: str) -> None:
    named = acts_outside("openai_chat", part(type="new", new={name: ELSEWHERE}))
    assert named == f"{name} that is no data: URL"
    inside = part(type="new", new={name: "data:image/png;base64,AA=="})
    assert acts_outside("openai_chat", inside) is None


@pytest.mark.parametrize("place", range(4))
def test_an_address_is_found_in_whichever_part_of_whichever_message(place: int) -> None:
    contents: list[list[Json]] = [
        [{"type": "text", "text": "a", "parts": [{"x": [n]}]} for n in range(3)]
        for _ in range(2)
    ]
    body: Json = {
        "messages": [{"role": "user", "content": each} for each in contents],
    }
    assert acts_outside("openai_chat", body) is None
    contents[place // 2][2 * (place % 2)]["parts"].append({"url": ELSEWHERE})
    assert acts_outside("openai_chat", body) == "url that is no data: URL"


@pytest.mark.parametrize("name", ["file_id", "file_ids", "vector_store_ids"])
def test_nothing_that_is_stored_elsewhere_is_taken_up(name: str) -> None:
    assert acts_outside("openai_responses", part(type="new", **{name: "x"})) == name
    assert acts_outside("openai_responses", part(type="new", **{name: ""})) is None


OUTSIDE = (
    "mcp_servers container plugins connectors tool_resources previous_response_id "
    "conversation prompt background web_search_options search_parameters enable_search "
    "web_search search_options citation_options agent_options"
)


@pytest.mark.parametrize("name", OUTSIDE.split())
def test_no_name_of_what_acts_elsewhere_is_overlooked(name: str) -> None:
    for protocol in PATHS:
        assert acts_outside(protocol, {name: True}) == name
        assert acts_outside(protocol, {name: False}) is None


IN_ALL = (
    "model stream temperature top_p top_k tools tool_choice thinking reasoning "
    "parallel_tool_calls"
)


@pytest.mark.parametrize(
    ("protocol", "names"),
    [
        (
            "openai_chat",
            (
                "messages stream_options functions function_call max_tokens "
                "max_completion_tokens seed stop min_p typical_p presence_penalty "
                "frequency_penalty repeat_penalty repetition_penalty logit_bias "
                "logprobs top_logprobs response_format verbosity grammar json_schema "
                "reasoning_effort reasoning_format include_reasoning enable_thinking "
                "thinking_budget thinking_budget_tokens chat_template_kwargs"
            ),
        ),
        (
            "anthropic_messages",
            (
                "messages system max_tokens stop_sequences cache_control output_config "
                "output_format"
            ),
        ),
        (
            "openai_responses",
            (
                "input instructions max_output_tokens text include stream_options "
                "truncation top_logprobs store"
            ),
        ),
    ],
)
def test_what_decides_how_a_model_answers_is_passed_on(
    protocol: str, names: str
) -> None:
    body: Table = dict.fromkeys(f"{IN_ALL} {names}".split(), 0)
    found = passed(protocol, {**body, "label": "x"})
    assert found.fields == body
    assert found.dropped == ("label",)


OF_WORDS = "role text input arguments citations annotations signature data"


@pytest.mark.parametrize("key", OF_WORDS.split())
def test_what_holds_words_is_not_read_as_an_address(key: str) -> None:
    body = part(type="new", **{key: {"url": ELSEWHERE}})
    assert acts_outside("anthropic_messages", body) is None


@pytest.mark.parametrize(
    ("protocol", "kinds"),
    [
        ("openai_chat", "function custom"),
        (
            "anthropic_messages",
            "custom bash_1 text_editor_1 memory_1 computer_1",
        ),
        (
            "openai_responses",
            "function custom local_shell shell apply_patch computer_use_preview",
        ),
    ],
)
def test_a_tool_of_the_agent_is_known_by_its_whole_type(
    protocol: str, kinds: str
) -> None:
    for kind in kinds.split():
        tool = {"type": kind, "name": "x"}
        assert acts_outside(protocol, {"tools": [tool]}) is None
        told = acts_outside(protocol, {"tools": [{"type": f"x{kind}"}]})
        assert told == f"the tool x{kind}"
    assert acts_outside(protocol, {"tools": [{}]}) == "a tool without a name"


HARMLESS = (
    "claude-code interleaved-thinking fine-grained-tool-streaming "
    "token-efficient-tools prompt-caching extended-cache-ttl effort "
    "structured-outputs"
)


@pytest.mark.parametrize("beta", HARMLESS.split())
def test_a_beta_that_brings_neither_tool_nor_model_is_passed_on(beta: str) -> None:
    sent = {"Anthropic-Beta": f"{beta}-2026-01-01, {beta}x"}
    found = passed_headers(sent)
    assert found.fields == {"Anthropic-Beta": f"{beta}-2026-01-01"}
    assert found.dropped == (f"anthropic-beta: {beta}x",)


def test_only_headers_that_say_something_to_a_model_are_passed_on() -> None:
    said = {"Accept": "x", "anthropic-version": "1"}
    ours = dict.fromkeys(("Host", "TE", "Cookie", "X-API-Key", "Content-Type"), "x")
    found = passed_headers(said | ours | {"X-Odd": "1"})
    assert found.fields == said
    assert found.dropped == ("X-Odd",)


def test_what_is_left_out_of_a_list_leaves_the_rest() -> None:
    kept = ["reasoning.encrypted_content", "message.output_text.logprobs"]
    body = {"include": [*kept, "file_search_call.results"], "store": False}
    found = passed("openai_responses", body)
    assert found.fields == {"include": kept, "store": False}


@pytest.mark.parametrize(
    "body",
    [
        part(type="text", text=f"see {ELSEWHERE}"),
        part(type="image_url", image_url={"url": "data:image/png;base64,AA=="}),
        part(type="image_url", image_url="data:image/png;base64,AA=="),
        part(type="image", source={"type": "base64", "data": "AA==", "media_type": ""}),
        part(type="tool_use", name="fetch", input={"url": ELSEWHERE}),
        part(type="tool_result", content=ELSEWHERE),
        part(type="image", image="iVBORw0KGgo"),
        {"messages": [{"role": "user", "content": ELSEWHERE}]},
        {"messages": [{"role": "assistant", "tool_calls": [{"url": ELSEWHERE}]}]},
        {"input": [{"type": "function_call", "arguments": {"url": ELSEWHERE}}]},
        {"input": ELSEWHERE, "instructions": ELSEWHERE},
        {"tools": [{"name": "fetch", "input_schema": {"url": ELSEWHERE}}]},
        {"tools": None, "background": False, "mcp_servers": []},
    ],
)
def test_what_an_agent_says_and_does_itself_is_its_own_affair(body: Json) -> None:
    for protocol in PATHS:
        assert acts_outside(protocol, body) is None


@pytest.mark.parametrize(
    ("protocol", "tool"),
    [
        ("openai_chat", FUNCTION),
        ("openai_chat", {"type": "custom", "custom": {"name": "x"}}),
        ("anthropic_messages", {"name": "Bash", "input_schema": {}}),
        ("anthropic_messages", {"type": "custom", "name": "Bash"}),
        ("anthropic_messages", {"type": "bash_20250124", "name": "bash"}),
        ("anthropic_messages", {"type": "text_editor_20250728", "name": "edit"}),
        ("openai_responses", {"type": "function", "name": "shell"}),
        ("openai_responses", {"type": "local_shell"}),
        ("openai_responses", {"type": "shell", "environment": {"type": "local"}}),
    ],
)
def test_tools_that_the_agent_runs_are_passed_on(protocol: str, tool: Json) -> None:
    assert acts_outside(protocol, {"tools": [tool]}) is None
    assert passed(protocol, {"tools": [tool]}).fields == {"tools": [tool]}


@pytest.mark.parametrize("stream", [OPENAI, ANTHROPIC, RESPONSES])
def test_what_harnesses_send_is_left_as_it_is(stream: Any) -> None:  # noqa: ANN401 - a Stream
    found = passed(stream.wire.name, stream.request)
    assert found.fields == stream.request
    assert found.dropped == ()


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["messages", "tools", "type", "url", "content", "name"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from(sorted(PATHS)), st.dictionaries(st.text(), JUNK), JUNK)
def test_no_request_breaks_it(protocol: str, body: Table, junk: object) -> None:
    for each in (body, {"messages": junk, "tools": junk, "include": junk}):
        acts_outside(protocol, each)
        found = passed(protocol, each)
        assert set(found.fields) | set(found.dropped) == set(each)


def test_headers_that_bring_tools_or_labels_are_left_out(tmp_path: Path) -> None:
    betas = "claude-code-20250219, mcp-client-2025-04-04,interleaved-thinking-2025"
    sent = {
        "anthropic-beta": betas,
        "anthropic-version": "2023-06-01",
        "X-Title": "me",
        "HTTP-Referer": "x",
        "X-Stainless-OS": "Linux",
        "X-Forwarded-For": "10.0.0.1",
        "Authorization": "Bearer sk-local",
    }

    async def ask() -> Remembering:
        server = Remembering()
        async with between(tmp_path, server.answer) as (_, client):
            url = "/v1/messages?beta=true&key=secret"
            await (await client.post(url, json={}, headers=sent)).read()
        return server

    server = asyncio.run(ask())
    got = {name.lower(): value for name, value in server.headers[0].items()}
    assert server.paths == ["/v1/messages?beta=true"]
    assert got["anthropic-beta"] == "claude-code-20250219,interleaved-thinking-2025"
    assert got["anthropic-version"] == "2023-06-01"
    assert not {"x-title", "http-referer", "x-forwarded-for", "authorization"} & set(
        got
    )
    (call,) = logged(tmp_path)
    dropped = ["anthropic-beta: mcp-client-2025-04-04", "X-Title", "HTTP-Referer"]
    assert call["dropped"] == [*dropped, "X-Forwarded-For"]
    assert passed_headers({"anthropic-beta": "mcp-client-1"}).fields == {}


def test_no_path_of_a_model_is_told_and_each_path_is_written_down(
    tmp_path: Path,
) -> None:
    async def ask() -> tuple[Json, Json]:
        server = Remembering({"data": [{"id": "/home/me/models/secret.gguf"}]})
        limits = Limits(calls=3, tokens=100)
        more = {"model": "ours", "limits": limits}
        async with between(tmp_path, server.answer, **more) as (proxy, client):
            listed = await (await client.get("/v1/models")).json()
            closed = await (await client.post("/v1/embeddings", json={})).json()
            for _ in range(5):
                await (await client.get("/v1/models")).read()
            assert proxy.usage().calls == 0
            assert proxy.meter.stop is None
        assert server.paths == []
        return listed, closed

    listed, closed = asyncio.run(ask())
    assert [model["id"] for model in listed["data"]] == ["ours"]
    assert "/v1/embeddings is not open here" in closed["error"]["message"]
    assert logged(tmp_path) == [], "no call of the model"
    lines = (tmp_path / "calls.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"aside": "GET /v1/models", "status": 200},
        {"aside": "POST /v1/embeddings", "status": 404},
        {"aside": "GET /v1/models", "status": 200},
    ], "as many as calls, so that no agent fills the disk"


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b'{"messages":[' + b"[]," * 400_000 + b"[]]}", 400),
        (b'{"messages":' + b'["a"' + b',"a"' * 300_000 + b"]}", 400),
        (b'{"messages":"' + rb"[],\"{\\" * 300_000 + b'"}', 200),
        (b'{"messages":"' + b"x" * 17 * 1024**2 + b'"}', 413),
        (b'{"messages":"' + b"x" * 15 * 1024**2 + b'"}', 200),
        (b'{"messages":' + b"[" * 900 + b"]" * 900 + b"}", 400),
    ],
    ids=["too many values", "too many texts", "code", "too long", "long", "too deep"],
)
def test_a_request_has_a_size(tmp_path: Path, raw: bytes, status: int) -> None:
    async def ask() -> tuple[int, Json]:
        server = Remembering()
        async with (
            between(tmp_path, server.small) as (_, client),
            client.post(CHAT, data=io.BytesIO(raw)) as response,
        ):
            return response.status, await response.json()

    found, said = asyncio.run(ask())
    assert found == status
    if status != 200:
        assert said["error"]["message"]


def test_a_compressed_request_is_refused_as_it_came(tmp_path: Path) -> None:
    """A megabyte of it would be a gigabyte, unpacked where all have their turns."""
    body = gzip.compress(b'{"messages":[]}')

    async def ask() -> tuple[int, str, int]:
        server = Remembering()
        headers = {"Content-Encoding": "gzip"}
        async with (
            between(tmp_path, server.small) as (proxy, client),
            client.post(CHAT, data=body, headers=headers) as response,
        ):
            return response.status, await response.text(), proxy.meter.calls

    status, said, calls = asyncio.run(ask())
    assert (status, calls) == (415, 0)
    assert "must not be compressed" in said


def test_a_server_gets_no_field_that_it_refuses_and_others_by_its_names(
    tmp_path: Path,
) -> None:
    sampling = Sampling(
        temperature=0.5,
        seed=3,
        output_tokens=9,
        omit=("seed", "stream_options", "temperature"),
        rename={"max_tokens": "max_completion_tokens"},
    )

    async def ask() -> tuple[list[Json], str | None]:
        server = Remembering(WHOLE)
        async with between(tmp_path, server.answer, sampling=sampling) as (proxy, http):
            body = {"model": "m", "messages": [], "stream": True}
            await (await http.post(CHAT, json=body)).read()
            answer = await proxy.probe("m", within_s=10)
            assert answer is not None
            return server.bodies, proxy.sampling

    (call, probe), said = asyncio.run(ask())
    assert call == {
        "model": "m",
        "messages": [],
        "stream": True,
        "max_completion_tokens": 9,
    }
    assert set(probe) == {"model", "messages", "max_completion_tokens"}
    assert said == "max_tokens=9", "the row tells only what was asked for"


RAW = b'{"messages":[]}'
CLEAN = b"Host: model\r\nContent-Length: %d\r\n" % len(RAW)
INSIDE = b"POST /v1/responses HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
SMUGGLING = {
    "absolute": (b"http://10.0.0.1:1/v1/chat/completions", CLEAN, RAW),
    "another host": (b"/v1/chat/completions", b"Host: 10.0.0.1\r\n" + CLEAN[13:], RAW),
    "two lengths": (b"/v1/chat/completions", CLEAN + b"Content-Length: 0\r\n", RAW),
    "length and chunks": (
        b"/v1/chat/completions",
        CLEAN + b"Transfer-Encoding: chunked\r\n",
        b"0\r\n\r\n" + INSIDE,
    ),
    "odd chunks": (
        b"/v1/chat/completions",
        b"Host: model\r\nTransfer-Encoding: xchunked, chunked\r\n",
        b"f\r\n" + RAW + b"\r\n0\r\n\r\n",
    ),
    "a line in the query": (b"/v1/messages?beta=true%0d%0aX-Evil:%201", CLEAN, RAW),
    "a way up": (b"/v1/chat/completions/../../props", CLEAN, RAW),
    "an empty part": (b"//v1/chat/completions", CLEAN, RAW),
    "a folded header": (b"/v1/chat/completions", CLEAN + b"X: 1\r\n Y: 2\r\n", RAW),
    "behind the body": (b"/v1/chat/completions", CLEAN, RAW + INSIDE),
}


@pytest.mark.parametrize("name", SMUGGLING)
def test_whatever_a_request_looks_like_the_server_gets_one_of_ours(
    tmp_path: Path, name: str
) -> None:
    target, head, body = SMUGGLING[name]
    server = Remembering()

    async def ask() -> str:
        async with serving(server.answer) as url, proxied(tmp_path, url):
            reader, writer = await asyncio.open_unix_connection(tmp_path / "model.sock")
            writer.write(b"POST " + target + b" HTTP/1.1\r\n" + head + b"\r\n" + body)
            await writer.drain()
            with suppress(TimeoutError):
                async with asyncio.timeout(0.3):
                    await reader.read()
            writer.close()
            return url

    url = asyncio.run(ask())
    assert set(server.paths) <= {CHAT, "/v1/messages"}
    assert len(server.paths) <= 1
    for headers in server.headers:
        assert headers["Host"] == url.removeprefix("http://")
        assert not {"X-Evil", "X", "Y", "Transfer-Encoding"} & set(headers)
