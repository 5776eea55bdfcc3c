"""OpenAI responses: `POST /v1/responses`.

Source:
    https://platform.openai.com/docs/api-reference/responses and …-streaming.
"""

from runner.proxy.wire.assembly import arguments_in
from runner.proxy.wire.loose import Table, tables, text
from runner.proxy.wire.wire import Answer, Sampling, ToolCall, Wire


class OpenAIResponses(Wire):
    """The protocol."""

    name = "openai_responses"

    def ask(self, body: Table, sampling: Sampling) -> tuple[Table, bool]:
        """Inject the sampling. The protocol knows no seed; usage is always told."""
        body = dict(body)
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
                ToolCall(text(item.get("name")), arguments_in(item.get("arguments")))
                for item in tables(body.get("output"))
                if item.get("type") == "function_call"
            ),
            is_complete=status in {"completed", "incomplete"},
        )

    def refusal(self, status: int, kind: str, message: str) -> Table:
        """An `error` object."""
        del status
        error = {"message": message, "type": kind, "param": None, "code": kind}
        return {"error": error}
