"""OpenAI chat completions: `POST /v1/chat/completions`.

Aider, OpenCode, Pi, Qwen Code and mini speak it; llama-server answers it, with
`timings` beside the usage.

Source:
    https://platform.openai.com/docs/api-reference/chat and llama.cpp's
    tools/server/README.md.
"""

from dataclasses import replace

from runner.proxy.wire.assembly import error_in_choice, thinking
from runner.proxy.wire.loose import Table, table, tables, text
from runner.proxy.wire.wire import (
    Answer,
    Sampling,
    ToolCall,
    Wire,
    alternate,
    failure,
)
from runner.proxy.wordings import Meaning


class OpenAIChat(Wire):
    """The protocol."""

    name = "openai_chat"
    has_seed = True
    lengths = ("max_completion_tokens", "max_tokens")

    def ask(self, body: Table, sampling: Sampling) -> tuple[Table, bool]:
        """A stream is asked to tell its usage, and turns of the user's are joined."""
        body, _ = super().ask(body, sampling)
        # mini-SWE-agent answers one with another.
        if isinstance(body.get("messages"), list):
            body["messages"] = alternate(body["messages"])
        options = table(body.get("stream_options"))
        hides_usage = body.get("stream") is True and not options.get("include_usage")
        if hides_usage:
            body["stream_options"] = {**options, "include_usage": True}
        return body, hides_usage

    def said(self, body: Table, *, thought: bool) -> Answer:
        """One `chat.completion` object."""
        choice = next(iter(tables(body.get("choices"))), {})
        if error_in_choice(choice):
            # Who accepts a request and then fails is broken, unless the words say else.
            broken = failure(choice)
            return replace(broken, means=broken.means or Meaning.BREAKAGE)
        message = table(choice.get("message"))
        calls = [
            table(each.get("function")) for each in tables(message.get("tool_calls"))
        ]
        older = table(message.get("function_call"))
        return Answer(
            thinks_unseen=thought and not thinking(message),
            finish=text(choice.get("finish_reason")) or None,
            tool_calls=tuple(map(ToolCall.of, calls or ([older] if older else []))),
            is_complete=bool(choice),
            means=None if choice else Meaning.BREAKAGE,
        )

    def refusal(self, status: int, kind: str, message: str) -> Table:
        """An `error` object; llama-server puts the status in `code`, OpenAI a word."""
        code = kind if kind == self.spent[1] else status
        error = {"message": message, "type": kind, "param": None, "code": code}
        return {"error": error}
