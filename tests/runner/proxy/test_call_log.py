"""The log of calls holds everything once, and gives every request back whole."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.proxy.call_log import CallLog, read_calls
from runner.proxy.metering import Call, Outcome
from runner.proxy.wire.wire import Answer

Json = dict[str, Any]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=5,
)
REQUESTS = st.dictionaries(
    st.sampled_from(["messages", "tools", "model", "as_before"]),
    VALUES | st.lists(VALUES, max_size=4),
)


def call(request: Json) -> Call:
    return Call(
        number=1,
        protocol="openai_chat",
        outcome=Outcome.ANSWERED,
        status=200,
        started_s=0.0,
        first_token_s=None,
        last_token_s=None,
        ended_s=1.0,
        answer=Answer(),
        pieces=0,
        pauses=0,
        request=request,
        response="",
    )


def written(folder: Path, requests: list[Json]) -> bytes:
    path = folder / "calls.jsonl"
    with path.open("wb", buffering=0) as file:
        log = CallLog(file)
        for request in requests:
            log.add(call(request))
    return path.read_bytes()


@given(requests=st.lists(REQUESTS, max_size=6))
def test_every_request_comes_back(
    tmp_path_factory: pytest.TempPathFactory, requests: list[Json]
) -> None:
    log = written(tmp_path_factory.mktemp("log"), requests)
    assert [found["request"] for found in read_calls(log.split(b"\n"))] == requests


def test_what_was_said_before_is_not_written_again(tmp_path: Path) -> None:
    turns = [
        {"role": "user", "content": f"turn {number} " * 100} for number in range(40)
    ]
    tools = [{"name": "bash", "description": "runs a command " * 100}]
    requests: list[Json] = [
        {"model": "m", "tools": tools, "messages": turns[: number + 1]}
        for number in range(40)
    ]
    log = written(tmp_path, requests)
    assert log.count(b"turn 7 ") == 100
    assert log.count(b"runs a command ") == 100
    assert [found["request"] for found in read_calls(log.split(b"\n"))] == requests


def test_a_conversation_that_was_shortened_is_whole(tmp_path: Path) -> None:
    requests: list[Json] = [
        {"messages": ["a", "b", "c"], "stream": True},
        {"messages": ["a", "x"]},
        {"messages": []},
        {"messages": "a"},
        {"messages": ["a"], "stream": None},
    ]
    log = written(tmp_path, requests)
    assert [found["request"] for found in read_calls(log.split(b"\n"))] == requests


def test_a_line_after_one_that_could_not_be_written_is_whole(tmp_path: Path) -> None:
    request: Json = {"model": "m", "messages": ["a"]}
    path = tmp_path / "calls.jsonl"
    with (
        Path("/dev/full").open("wb", buffering=0) as full,
        path.open("wb", buffering=0) as file,
    ):
        log = CallLog(file)
        log.add(call(request))
        log._file = full  # noqa: SLF001 - the disk becomes full
        with pytest.raises(OSError, match="No space left"):
            log.add(call(request))
        log._file = file  # noqa: SLF001 - and has room again
        log.add(call(request))
    first, last = path.read_bytes().splitlines()
    assert json.loads(last)["request"] == json.loads(first)["request"] == request


@given(junk=st.lists(REQUESTS | VALUES))
def test_no_foreign_log_breaks_the_reader(junk: list[object]) -> None:
    lines = [{"request": item, "as_before": item} for item in junk]
    log = "\n".join(["{", *map(json.dumps, lines), *map(json.dumps, junk)]).encode()
    for found in read_calls(log.split(b"\n")):
        assert isinstance(found["request"], dict)
