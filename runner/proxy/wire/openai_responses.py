"""OpenAI responses: `POST /v1/responses`, which Codex CLI speaks.

llama-server answers it too, by making a chat completion of it.

Source:
    https://platform.openai.com/docs/api-reference/responses and …-streaming, and
    llama.cpp's tools/server/server-chat.cpp.
"""

from runner.proxy.wire.assembly import RESPONSE_CALLS
from runner.proxy.wire.loose import Table, dumped, table, tables, text
from runner.proxy.wire.wire import (
    Answer,
    Sampling,
    ToolCall,
    Wire,
    alternate,
    parts,
)


class OpenAIResponses(Wire):
    """The protocol; it knows no seed, and always tells usage."""

    name = "openai_responses"
    lengths = ("max_output_tokens",)

    def ask(self, body: Table, sampling: Sampling) -> tuple[Table, bool]:
        """Turns of the input are made such as any template takes."""
        return super().ask(body | _in_turns(body), sampling)

    def said(self, body: Table, *, thought: bool) -> Answer:
        """One `response` object."""
        status = text(body.get("status"))
        return Answer(
            # A summary of the thinking is not what was counted.
            thinks_unseen=thought and not body.get("shows_thinking"),
            finish=status or None,
            tool_calls=tuple(
                _call(item)
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


def _call(item: Table) -> ToolCall:
    """A use of a tool; free text that is written for it becomes JSON that holds it."""
    if item["type"] == "function_call":
        return ToolCall.of(item)
    told = dumped({"input": text(item.get("input"))}).decode()
    return ToolCall(text(item.get("name")), told)


def _in_turns(body: Table) -> Table:
    """One system text, then turns that alternate: Codex CLI begins with two of each."""
    given = body.get("input")
    system, turns = [text(body.get("instructions"))], list[object]()
    for item in given if isinstance(given, list) else ():
        turn = table(item)
        if turn.get("role") not in {"system", "developer"}:
            turns.append(item)
        elif turns:
            turns.append(turn | {"role": "user"})
        else:
            system += [text(part.get("text")) for part in parts(turn, "input_text")]
    if not turns:
        return {}
    told = "\n\n".join(filter(None, system))
    alternating = {"input": alternate(turns, "input_text")}
    return alternating | ({"instructions": told} if told else {})
