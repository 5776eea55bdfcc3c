"""OpenAI responses: `POST /v1/responses`.

Source:
    https://platform.openai.com/docs/api-reference/responses and …-streaming.
"""

from dataclasses import dataclass, field, replace

from runner.proxy.wire.loose import Table, count, parsed, table, tables, text
from runner.proxy.wire.sse import Event
from runner.proxy.wire.wire import Answer, Sampling, ToolCall, failure, prefill


class OpenAIResponses:
    """The protocol."""

    name = "openai_responses"
    has_seed = False
    spent = (429, "insufficient_quota")

    def ask(self, body: Table, sampling: Sampling) -> tuple[Table, bool]:
        """Inject the sampling. The protocol knows no seed; usage is always told."""
        body = dict(body)
        if sampling.temperature is not None:
            body["temperature"] = sampling.temperature
        if sampling.output_tokens is not None:
            body["max_output_tokens"] = sampling.output_tokens
        return body, False

    def reader(self) -> "_Reader":
        """For `response.created` … `response.completed`."""
        return _Reader()

    def whole(self, body: Table) -> Answer:
        """One `response` object."""
        if body.get("error"):
            return failure(body)
        usage = table(body.get("usage"))
        status = text(body.get("status"))
        return Answer(
            tokens_in=count(usage.get("input_tokens")),
            tokens_cached=count(
                table(usage.get("input_tokens_details")).get("cached_tokens")
            ),
            tokens_out=count(usage.get("output_tokens")),
            prefill=prefill(body.get("timings")),
            thinks_unseen=bool(
                count(table(usage.get("output_tokens_details")).get("reasoning_tokens"))
            ),
            finish=status or None,
            tool_calls=tuple(
                ToolCall(text(item.get("name")), text(item.get("arguments")))
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


@dataclass(slots=True)
class _Reader:
    pieces: int = 0
    _showed_thinking: bool = False
    """Whether it came as it was; a summary is not what was counted."""
    _answer: Answer = field(default_factory=Answer)

    def take(self, event: Event) -> bool:
        said = table(parsed(event.field("data") or b""))
        kind = text(said.get("type"))
        if kind in {"response.completed", "response.incomplete"}:
            # llama-server puts its timings beside the response.
            timings = {"timings": said.get("timings")}
            body = table(said.get("response")) | timings
            self._answer = OpenAIResponses().whole(body)
        elif kind == "response.failed":
            self._answer = failure(said)
        elif kind == "error":
            # The error lies in the event itself, where no object holds it.
            self._answer = failure(said if said.get("error") else {"error": said})
        elif kind.endswith(".delta") and text(said.get("delta")):
            self.pieces += 1
            self._showed_thinking |= kind == "response.reasoning_text.delta"
        return False

    def answer(self) -> Answer:
        if self._showed_thinking:
            return replace(self._answer, thinks_unseen=False)
        return self._answer
