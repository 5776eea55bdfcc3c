"""mini as it is: a process, its tools, and how it bears a server that fails."""

import asyncio
import json
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from aiohttp import web

from runner.harnesses.harness import Order
from runner.harnesses.mini import Mini
from tests.runner.streams import Json, chunk, lines
from tests.runner.talking import Handler, mini, serving

DONE = [chunk({"content": "Done."}), chunk({}, "stop")]
END = b"data: [DONE]\n\n"


def wants(name: str, arguments: str) -> list[Json]:
    """A stream in which the model uses a tool."""
    function = {"name": name, "arguments": arguments}
    call = {"index": 0, "id": "call_0", "type": "function", "function": function}
    return [chunk({"tool_calls": [call]}), chunk({}, "tool_calls")]


class Model:
    """Answers one prepared stream after the other, and keeps what it was asked."""

    def __init__(self, streams: Iterable[bytes]) -> None:
        self.asked: list[Json] = []
        self._streams = iter(streams)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.json())
        headers = {"Content-Type": "text/event-stream"}
        return web.Response(body=next(self._streams), headers=headers)

    @property
    def result(self) -> str:
        """What the last tool brought."""
        return str(self.asked[-1]["messages"][-1]["content"])


def run(
    workspace: Path, handler: Handler, instruction: str = "Do it."
) -> tuple[int, str]:
    async def to_the_end() -> tuple[int, str]:
        async with (
            serving(handler) as url,
            mini(url, workspace, instruction) as process,
        ):
            said, _ = await asyncio.wait_for(process.communicate(), 60)
            assert process.returncode is not None
            return process.returncode, said.decode()

    return asyncio.run(to_the_end())


def used(workspace: Path, name: str, **arguments: object) -> str:
    """What the model is told after it has used a tool."""
    streams = [wants(name, json.dumps(arguments)), DONE]
    model = Model(lines(stream) + END for stream in streams)
    code, said = run(workspace, model.answer)
    assert code == 0, said
    return model.result


@pytest.fixture(name="workspace")
def _workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


def test_mini_is_told_the_instruction_and_where_it_is(workspace: Path) -> None:
    model = Model([lines(DONE) + END])
    assert run(workspace, model.answer, "Schreibe „add“ 你好")[0] == 0
    (asked,) = model.asked
    assert asked["model"] == "scripted"
    assert asked["max_tokens"] == 4096
    system, user = asked["messages"]
    assert str(workspace) in system["content"]
    assert user == {"role": "user", "content": "Schreibe „add“ 你好"}
    names = [tool["function"]["name"] for tool in asked["tools"]]
    assert names == ["read", "write", "bash"]


def test_files_are_written_and_read(workspace: Path) -> None:
    used(workspace, "write", path="a/b/c.txt", content="Zwölf\r\n")
    assert (workspace / "a/b/c.txt").read_bytes() == "Zwölf\r\n".encode()
    assert used(workspace, "read", path="a/b/c.txt") == "Zwölf\r\n"


def test_commands_run_in_the_workspace_and_tell_how_they_ended(workspace: Path) -> None:
    told = used(workspace, "bash", command="pwd; echo oh >&2; exit 3")
    assert told == f"{workspace}\noh\n\n[exit code 3]"


def test_long_output_loses_its_middle(workspace: Path) -> None:
    told = used(workspace, "bash", command="echo first; seq 1000000; echo last")
    assert told.startswith("first\n1\n2\n")
    assert "bytes left out" in told
    assert told.endswith("1000000\nlast\n\n[exit code 0]")
    assert len(told) < 17_000


def test_a_command_is_killed_with_its_children_after_its_time(workspace: Path) -> None:
    began = time.monotonic()
    told = used(workspace, "bash", command="sleep 60 & echo $!; sleep 60", timeout_s=1)
    assert time.monotonic() - began < 20
    assert told.endswith("[killed after 1 seconds]")
    child = int(told.split()[0])
    assert not Path(f"/proc/{child}").exists() or _state(child) == "Z"


def test_a_child_that_stays_does_not_hold_its_command_up(workspace: Path) -> None:
    began = time.monotonic()
    told = used(workspace, "bash", command="sleep 30 & echo started")
    assert time.monotonic() - began < 15
    assert told == "started\n\n[exit code 0]"


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("read", '{"path": "missing"}', "error: [Errno 2] No such file or directory"),
        ("read", '{"path": "."}', "error: [Errno 21] Is a directory"),
        ("read", '{"path": "\\u0000"}', "error: embedded null byte"),
        ("write", '{"path": "a"}', "error: write needs 'content', as JSON"),
        ("bash", '{"command": ', "error: bash needs 'command', as JSON"),
        ("bash", "[]", "error: bash needs 'command', as JSON"),
        ("bash", '{"command": "ls", "timeout_s": "soon"}', "error: could not convert"),
        ("fly", "{}", "error: there is no tool fly; there are read, write, bash"),
    ],
)
def test_what_went_wrong_is_told_to_the_model(
    workspace: Path, name: str, arguments: str, expected: str
) -> None:
    streams = [wants(name, arguments), DONE]
    model = Model(lines(stream) + END for stream in streams)
    assert run(workspace, model.answer)[0] == 0
    assert model.result.startswith(expected)


def test_malformed_arguments_are_not_sent_back_to_the_server(workspace: Path) -> None:
    model = Model(lines(stream) + END for stream in (wants("bash", '{"a'), DONE))
    assert run(workspace, model.answer)[0] == 0
    (call,) = model.asked[-1]["messages"][-2]["tool_calls"]
    assert call["function"] == {"name": "bash", "arguments": "{}"}


def test_several_tools_may_be_used_at_once(workspace: Path) -> None:
    calls = [
        {
            "index": number,
            "id": f"call_{number}",
            "function": {"name": "bash", "arguments": f'{{"command":"echo {number}"}}'},
        }
        for number in range(2)
    ]
    both = [chunk({"tool_calls": [call]}) for call in calls]
    model = Model(lines(stream) + END for stream in (both, DONE))
    assert run(workspace, model.answer)[0] == 0
    results = model.asked[-1]["messages"][-2:]
    assert [result["tool_call_id"] for result in results] == ["call_0", "call_1"]
    assert [result["content"][0] for result in results] == ["0", "1"]


def test_a_stream_that_breaks_off_is_tried_again(workspace: Path) -> None:
    model = Model([lines(DONE[:1]), b"data: {\n\n" + END, lines(DONE) + END])
    code, said = run(workspace, model.answer)
    assert code == 0
    assert said.count("trying again") == 2
    assert len(model.asked) == 3


def test_a_stream_that_says_how_it_ended_needs_no_other_end(workspace: Path) -> None:
    model = Model([lines(DONE)])
    assert run(workspace, model.answer) == (0, "Done.\n")


@pytest.mark.parametrize(
    "thought",
    [
        {"reasoning_content": "I have to look."},
        {"reasoning": "I have to look."},
        {"thinking": "I have to look."},
        {
            "reasoning": "look",
            "reasoning_details": [
                {"type": "reasoning.text", "text": "look", "index": 0, "signature": "s"}
            ],
        },
        {"thinking_blocks": [{"type": "thinking", "thinking": "x", "signature": "s"}]},
    ],
)
def test_thinking_comes_back_to_the_server_as_it_gave_it(
    workspace: Path, thought: Json
) -> None:
    signed = {"extra_content": {"google": {"thought_signature": "abc"}}}
    function = {"name": "bash", "arguments": '{"command": "ls"}'}
    call = {"id": "a", "type": "function", "function": function, **signed}
    streams = [[chunk(thought), chunk({"tool_calls": [call]}, "tool_calls")], DONE]
    model = Model(lines(stream) for stream in streams)
    assert run(workspace, model.answer)[0] == 0
    answer = model.asked[-1]["messages"][-2]
    expected = {"role": "assistant", "content": "", **thought, "tool_calls": [call]}
    assert answer == expected


def test_calls_without_an_id_of_their_own_get_one(workspace: Path) -> None:
    function = {"name": "bash", "arguments": '{"command": "ls"}'}
    calls = [{"function": function}, {"function": function, "id": "x"}]
    calls += [{"function": function, "id": "x", "index": place} for place in (5, 6)]
    streams = [[chunk({"tool_calls": [call]}) for call in calls], DONE]
    model = Model(lines(stream) + END for stream in streams)
    assert run(workspace, model.answer)[0] == 0
    *_, said, _, _, _, _ = model.asked[-1]["messages"]
    results = model.asked[-1]["messages"][-4:]
    ids = [call["id"] for call in said["tool_calls"]]
    assert ids == [result["tool_call_id"] for result in results]
    assert len(set(ids)) == 4


def failing(status: int) -> tuple[list[int], Handler]:
    seen: list[int] = []

    async def handler(_: web.Request) -> web.StreamResponse:
        seen.append(status)
        return web.json_response({"error": {"message": "because"}}, status=status)

    return seen, handler


@pytest.mark.parametrize(("status", "tries"), [(500, 4), (503, 4), (400, 1), (429, 1)])
def test_what_may_pass_is_tried_again_and_what_will_not_is_not(
    workspace: Path, status: int, tries: int
) -> None:
    seen, handler = failing(status)
    code, said = run(workspace, handler)
    assert code == 1
    assert "because" in said
    assert len(seen) == tries


def test_the_version_is_that_of_the_program() -> None:
    version = Mini().version
    assert version.startswith("sha256-")
    assert len(version) == len("sha256-") + 12


def test_it_is_launched_with_what_it_shares_with_the_proxy() -> None:
    launch = Mini().launch(
        Order(
            instruction="x" * 1_000_000,
            base_url="http://127.0.0.1:8080",
            model="m",
            context_tokens=1000,
            output_tokens=100,
        )
    )
    assert launch.command[4:] == (
        *("/opt/mini/runner/inside/mini.py", "--base-url", "http://127.0.0.1:8080"),
        *("--model", "m", "--output-tokens", "100", "~/instruction.md"),
    )
    assert launch.home == {"instruction.md": "x" * 1_000_000}
    assert [mount.target for mount in launch.mounts] == [
        *("/opt/mini/runner/inside/mini.py", "/opt/mini/runner/proxy/wire")
    ]
    assert all(mount.source.exists() for mount in launch.mounts)
    assert Mini().problems() == ()


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
