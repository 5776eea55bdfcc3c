"""OpenAI chat completions: `POST /v1/chat/completions`.

Aider, OpenCode, Pi, Qwen Code and mini speak it; llama-server answers it, with
`timings` beside the usage.

Source:
    https://platform.openai.com/docs/api-reference/chat and llama.cpp's
    tools/server/README.md.
"""

from dataclasses import replace

from runner.proxy.wire.assembly import arguments_in, error_in_choice, thinking
from runner.proxy.wire.loose import Table, table, tables, text
from runner.proxy.wire.wire import Answer, Sampling, ToolCall, Wire, failure
from runner.proxy.wordings import Meaning


class OpenAIChat(Wire):
    """The protocol."""

    name = "openai_chat"
    has_seed = True

    def ask(self, body: Table, sampling: Sampling) -> tuple[Table, bool]:
        """Inject the sampling; a stream is asked to tell its usage."""
        body = dict(body)
        if sampling.temperature is not None:
            body["temperature"] = sampling.temperature
        if sampling.seed is not None:
            body["seed"] = sampling.seed
        if sampling.output_tokens is not None:
            # The newer name where the harness uses it: servers refuse both at once.
            newer = body.pop("max_completion_tokens", None) is not None
            body.pop("max_tokens", None)
            name = "max_completion_tokens" if newer else "max_tokens"
            body[name] = sampling.output_tokens
        options = table(body.get("stream_options"))
        hides_usage = body.get("stream") is True and not options.get("include_usage")
        if hides_usage:
            body["stream_options"] = {**options, "include_usage": True}
        return body, hides_usage

    def said(self, body: Table, *, thought: bool) -> Answer:
        """One `chat.completion` object."""
        choice = next(iter(tables(body.get("choices"))), {})
        if error_in_choice(choice):
            return _broken(choice)
        message = table(choice.get("message"))
        return Answer(
            thinks_unseen=thought and not thinking(message),
            finish=text(choice.get("finish_reason")) or None,
            tool_calls=tuple(
                ToolCall(
                    text(function.get("name")), arguments_in(function.get("arguments"))
                )
                for function in _called(message)
            ),
            is_complete=bool(choice),
            means=None if choice else Meaning.BREAKAGE,
        )

    def refusal(self, status: int, kind: str, message: str) -> Table:
        """An `error` object; llama-server puts the status in `code`, OpenAI a word."""
        code = kind if kind == self.spent[1] else status
        error = {"message": message, "type": kind, "param": None, "code": code}
        return {"error": error}


def _called(message: Table) -> list[Table]:
    """The calls of tools in a message; an older name has one."""
    calls = [table(call.get("function")) for call in tables(message.get("tool_calls"))]
    older = table(message.get("function_call"))
    return calls or ([older] if older else [])


def _broken(choice: Table) -> Answer:
    """Such a report in words.

    Whoever accepts a request and then fails is broken, unless the words say otherwise.
    """
    said = failure(choice)
    return replace(said, means=said.means or Meaning.BREAKAGE)
