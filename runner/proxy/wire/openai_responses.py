"""OpenAI responses: `POST /v1/responses`, which Codex CLI speaks.

llama-server answers it too, by making a chat completion of it.

Source:
    https://platform.openai.com/docs/api-reference/responses and …-streaming, and
    llama.cpp's tools/server/server-chat.cpp.
"""

from runner.proxy.wire.assembly import RESPONSE_CALLS, arguments_in
from runner.proxy.wire.loose import Table, dumped, table, tables, text
from runner.proxy.wire.wire import Answer, Sampling, ToolCall, Wire


class OpenAIResponses(Wire):
    """The protocol."""

    name = "openai_responses"

    def ask(self, body: Table, sampling: Sampling) -> tuple[Table, bool]:
        """Inject the sampling; make turns of the input that any template takes.

        The protocol knows no seed; usage is always told.
        """
        body = body | _in_turns(body)
        if sampling.temperature is not None:
            body["temperature"] = sampling.temperature
        if sampling.output_tokens is not None:
            body["max_output_tokens"] = sampling.output_tokens
        return body, False

    def said(self, body: Table, *, thought: bool) -> Answer:
        """One `response` object."""
        status = text(body.get("status"))
        return Answer(
            # A summary of the thinking is not what was counted.
            thinks_unseen=thought and not body.get("shows_thinking"),
            finish=status or None,
            tool_calls=tuple(
                ToolCall(text(item.get("name")), _arguments(item))
                for item in tables(body.get("output"))
                if item.get("type") in RESPONSE_CALLS
            ),
            is_complete=status in {"completed", "incomplete"},
        )

    def refusal(self, status: int, kind: str, message: str) -> Table:
        """An `error` object."""
        del status
        error = {"message": message, "type": kind, "param": None, "code": kind}
        return {"error": error}


def _arguments(item: Table) -> str:
    """What the model wrote for a tool; free text becomes JSON that holds it."""
    if item["type"] == "function_call":
        return arguments_in(item.get("arguments"))
    return dumped({"input": text(item.get("input"))}).decode()


def _in_turns(body: Table) -> Table:
    """One system text, then turns that alternate.

    Codex CLI begins with several turns of developer and user; OpenAI's servers take
    that, and templates of local models refuse it.
    """
    given = body.get("input")
    system, turns = [text(body.get("instructions"))], list[object]()
    for item in given if isinstance(given, list) else ():
        turn = table(item)
        role = turn.get("role")
        if role in {"system", "developer"}:
            if not turns:
                system += [text(part.get("text")) for part in _parts(turn)]
                continue
            role = "user"
        last = table(turns[-1]) if turns else {}
        if role == last.get("role") == "user":
            turns[-1] = last | {"content": _parts(last) + _parts(turn)}
        else:
            turns.append(turn | {"role": role} if role else item)
    if not turns:
        return {}
    told = "\n\n".join(filter(None, system))
    return {"input": turns} | ({"instructions": told} if told else {})


def _parts(turn: Table) -> list[Table]:
    content = turn.get("content")
    return tables(content) or [{"type": "input_text", "text": text(content)}]
