"""mini: a small coding agent. One model, three tools, a loop.

    mini.py --base-url http://127.0.0.1:8080 --model NAME --output-tokens N FILE

FILE holds the instruction; work is done in the current folder. It ends when the model
answers without using a tool. 0: so it did; 1: the model could not be reached, refused,
or went on breaking off.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

# What it shares with the proxy lies beside it, in the sandbox as in the package.
sys.path.append(os.path.abspath(f"{__file__}/../../.."))

from runner.proxy.wire.assembly import ChatAssembly, error_in, error_in_choice, said
from runner.proxy.wire.dialects import THINKING, THINKING_PARTS
from runner.proxy.wire.loose import tables
from runner.proxy.wire.sse import Events, StreamEvent

Json = dict[str, Any]

SYSTEM = """\
You are a coding agent. You work in the folder {folder}, on your own: nobody answers
questions. Use the tools to look at the files, to change them, and to check your work
by running it. When the task is done, answer with one short sentence and no tool call.
"""
WAITS_S = (0.5, 1.0, 2.0)
"""Before each further try, where the server is not there or breaks off."""
SHOWN = 16_000
"""Most bytes of a tool's result that the model sees: its beginning and its end."""
COMMAND_S = 120
"""How long a command may take, unless the model says."""
ANSWER_S = 7200.0
"""Silence of the model that is longer is a machine that hangs."""


class UnreachableError(Exception):
    """The model is not there, or broke off: trying again may help."""


class RefusedError(Exception):
    """The model does not want this conversation: trying again will not help."""


def tool(name: str, description: str, *required: str, **takes: Json) -> Json:
    """A tool as the model is told of it."""
    parameters = {"type": "object", "properties": takes, "required": list(required)}
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": description,
            "parameters": parameters,
        },
    }


TOOLS = (
    tool("read", "Read a text file.", "path", path={"type": "string"}),
    tool(
        "write",
        "Write a text file, all of it; its folder is made where it is missing.",
        "path",
        "content",
        path={"type": "string"},
        content={"type": "string"},
    ),
    tool(
        "bash",
        f"Run a command with bash. After timeout_s ({COMMAND_S}) seconds it is killed.",
        "command",
        command={"type": "string"},
        timeout_s={"type": "integer"},
    ),
)


def main() -> int:
    """Until the model is done; the exit code."""
    *given, file = sys.argv[1:]
    options = dict(zip(given[::2], given[1::2], strict=True))
    instruction = Path(file).expanduser().read_text(encoding="utf-8")
    messages: list[Json] = [
        {"role": "system", "content": SYSTEM.format(folder=Path.cwd())},
        {"role": "user", "content": instruction},
    ]
    request = {
        "model": options["--model"],
        "max_tokens": int(options["--output-tokens"]),
        "messages": messages,
        "tools": TOOLS,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    try:
        while work(messages, answered(options["--base-url"], request)):
            pass
    except (RefusedError, UnreachableError) as error:
        say(f"mini: {error}")
        return 1
    return 0


def work(messages: list[Json], answer: Json) -> bool:
    """Do what the model wants done; whether that was anything."""
    messages.append(answer)
    say(words(answer))
    for call in answer.get("tool_calls", ()):
        function = call["function"]
        say(f"> {function['name']} {function['arguments'][:SHOWN]}")
        result = used(function["name"], json.loads(function["arguments"]))
        say(result)
        messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
    return "tool_calls" in answer


# The model.


def answered(base_url: str, request: Json) -> Json:
    """The model's next message; a server that fails is tried again.

    Raises:
        RefusedError: The server does not want this conversation.
        UnreachableError: It failed at every try.
    """
    for wait_s in WAITS_S:
        try:
            return asked(base_url, request)
        except UnreachableError as error:
            say(f"mini: {error}; trying again")
            time.sleep(wait_s)
    return asked(base_url, request)


def asked(base_url: str, request: Json) -> Json:
    """The model's next message, at one try."""
    place = urllib.parse.urlsplit(base_url)
    connection = http.client.HTTPConnection(
        place.hostname or "", place.port, timeout=ANSWER_S
    )
    try:
        connection.request(
            "POST",
            f"{place.path}/v1/chat/completions",
            json.dumps(request).encode(),
            {"Content-Type": "application/json", "Authorization": "Bearer none"},
        )
        response = connection.getresponse()
        if response.status != http.client.OK:
            told = response.read(SHOWN).decode(errors="replace")
            is_broken = response.status >= http.client.INTERNAL_SERVER_ERROR
            kind = UnreachableError if is_broken else RefusedError
            raise kind(f"the model answers {response.status}: {told}")
        return message(response)
    except (OSError, http.client.HTTPException) as error:
        raise UnreachableError(f"{type(error).__name__}: {error}") from error
    finally:
        connection.close()


def message(response: http.client.HTTPResponse) -> Json:
    """A streamed answer in one piece, as the model is told of it afterwards.

    Raises:
        UnreachableError: It ends before its end, or tells an error.
    """
    assembly = ChatAssembly()
    for event in events(response):
        assembly.take(said(event))
    answer = assembly.body
    choice = next(iter(tables(answer.get("choices"))), {})
    if error := error_in(answer) or error_in_choice(choice):
        raise UnreachableError(f"the model reports an error: {error}")
    if not choice or not (assembly.is_done or choice.get("finish_reason")):
        raise UnreachableError("the answer ends early")
    return handed_back(choice["message"])


def events(response: http.client.HTTPResponse) -> Iterator[StreamEvent]:
    """The parts of a stream."""
    stream = Events()
    while chunk := response.read1(SHOWN):
        yield from stream.feed(chunk)
    yield StreamEvent(stream.rest())


def handed_back(answer: Json) -> Json:
    """A message of the model for the rest of the conversation, thinking included.

    What a server says of the thinking comes back under the name it gave, with its
    signatures: the model reads it again, and some vendors refuse a call of a tool
    without it (ggml-org/llama.cpp#25887, AgentiLoop/Agent#22).
    """
    names = (*THINKING, *THINKING_PARTS)
    found: Json = {"role": "assistant", "content": answer.get("content") or ""}
    found.update({name: answer[name] for name in names if answer.get(name)})
    calls = tables(answer.get("tool_calls"))
    known = [call["id"] for call in calls]
    for place, call in enumerate(calls):
        function = call["function"]
        arguments = json.dumps(understood(function["arguments"]))
        call["type"] = "function"
        call["function"] = {"name": function["name"], "arguments": arguments}
        # A result has to say whose it is.
        if not call["id"] or call["id"] in known[:place]:
            call["id"] = f"call_{place}"
    if calls:
        found["tool_calls"] = calls
    return found


def words(answer: Json) -> str:
    """What it says, for the log; some say it in parts."""
    content = answer["content"]
    if isinstance(content, str):
        return content
    return "".join(str(part.get("text", "")) for part in tables(content))


def understood(arguments: str) -> Json:
    """A tool's arguments; empty where they are no JSON object.

    Chat templates read them again, and some servers fail at what is no JSON.
    """
    try:
        found = json.loads(arguments)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


# The tools.


def used(name: str, arguments: Mapping[str, object]) -> str:
    """What using a tool brings: its result, or what went wrong."""
    known = {"read": read, "write": write, "bash": bash}
    if name not in known:
        return f"error: there is no tool {name}; there are {', '.join(known)}"
    try:
        return known[name](arguments)
    except KeyError as error:
        return f"error: {name} needs {error}, as JSON"
    except (OSError, ValueError) as error:
        return f"error: {error}"


def read(arguments: Mapping[str, object]) -> str:
    """The text of a file."""
    with Path(str(arguments["path"])).open("rb") as file:
        return shown(file)


def write(arguments: Mapping[str, object]) -> str:
    """Put a text in a file."""
    path, content = Path(str(arguments["path"])), str(arguments["content"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode())
    return f"wrote {len(content)} characters to {path}"


def bash(arguments: Mapping[str, object]) -> str:
    """Run a command; what it leaves running may go on."""
    limit_s = arguments.get("timeout_s", COMMAND_S)
    # Into a file, not a pipe: what was left running would hold the pipe open.
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # noqa: S603 - what the model wants is run
            ["/bin/bash", "-c", str(arguments["command"])],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait(float(str(limit_s)))
            ended = f"exit code {code}"
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            ended = f"killed after {limit_s} seconds"
        return f"{shown(output)}\n[{ended}]"


def shown(file: BinaryIO) -> str:
    """The text of a file, without its middle where it is long."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    if size <= SHOWN:
        return file.read().decode(errors="replace")
    head = file.read(SHOWN // 2).decode(errors="replace")
    file.seek(size - SHOWN // 2)
    tail = file.read().decode(errors="replace")
    return f"{head}\n[{size - SHOWN} bytes left out]\n{tail}"


def say(text: str) -> None:
    """One more line of the log."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
