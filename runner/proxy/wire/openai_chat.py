"""OpenAI chat completions: `POST /v1/chat/completions`.

Aider, OpenCode, Pi, Qwen Code and mini speak it; llama-server answers it, with
`timings` beside the usage.

Source:
    https://platform.openai.com/docs/api-reference/chat and llama.cpp's
    tools/server/README.md.
"""

from dataclasses import dataclass, field, replace

from runner.proxy.wire.loose import Table, count, parsed, table, tables, text
from runner.proxy.wire.sse import Event
from runner.proxy.wire.wire import Answer, Sampling, ToolCall, failure, prefill
from runner.proxy.wordings import Meaning


class OpenAIChat:
    """The protocol."""

    name = "openai_chat"
    has_seed = True
    spent = (429, "insufficient_quota")

    def ask(self, body: Table, sampling: Sampling) -> tuple[Table, bool]:
        """Inject the sampling; a stream is asked to tell its usage."""
        body = dict(body)
        if sampling.temperature is not None:
            body["temperature"] = sampling.temperature
        if sampling.seed is not None:
            body["seed"] = sampling.seed
        if sampling.output_tokens is not None:
            # The newer name where the harness uses it: servers refuse both at once.
            newer = "max_completion_tokens"
            body[newer if newer in body else "max_tokens"] = sampling.output_tokens
        options = table(body.get("stream_options"))
        hides_usage = body.get("stream") is True and not options.get("include_usage")
        if hides_usage:
            body["stream_options"] = {**options, "include_usage": True}
        return body, hides_usage

    def reader(self) -> "_Reader":
        """For `data: {…}` … `data: [DONE]`."""
        return _Reader()

    def whole(self, body: Table) -> Answer:
        """One `chat.completion` object."""
        if body.get("error"):
            return failure(body)
        choice = next(iter(tables(body.get("choices"))), {})
        finish = text(choice.get("finish_reason")) or None
        if _is_broken(choice):
            return _broken(choice)
        usage = _usage(body)
        return Answer(
            tokens_in=usage.get("tokens_in"),
            tokens_cached=usage.get("tokens_cached"),
            tokens_out=usage.get("tokens_out"),
            prefill=prefill(body.get("timings")),
            finish=finish,
            tool_calls=tuple(
                _tool_call(table(call.get("function")))
                for call in tables(table(choice.get("message")).get("tool_calls"))
            ),
            is_complete=bool(choice),
            means=None if choice else Meaning.BREAKAGE,
        )

    def refusal(self, status: int, kind: str, message: str) -> Table:
        """An `error` object; llama-server puts the status in `code`, OpenAI a word."""
        code = kind if kind == self.spent[1] else status
        error = {"message": message, "type": kind, "param": None, "code": code}
        return {"error": error}


@dataclass(slots=True)
class _Reader:
    pieces: int = 0
    _usage: dict[str, int] = field(default_factory=dict)
    _prefill: tuple[int, float] | None = None
    _finish: str | None = None
    _calls: dict[int | None, list[str]] = field(default_factory=dict)
    """By index: name and arguments so far."""
    _thought: bool = False
    """Whether the server counts tokens of thinking."""
    _showed_thinking: bool = False
    _has_choices: bool = False
    _is_done: bool = False
    _failure: Answer | None = None

    def take(self, event: Event) -> bool:
        data = event.field("data")
        if data is None:
            # llama-server has also told errors in a field of that name.
            if (told := event.field("error")) is not None:
                self._failure = failure({"error": parsed(told)})
            return False
        if data.strip() == b"[DONE]":
            self._is_done = True
            return False
        chunk = table(parsed(data))
        if chunk.get("error"):
            self._failure = failure(chunk)
        if "usage" in chunk or "timings" in chunk:
            self._usage.update(_usage(chunk))
            self._prefill = prefill(chunk.get("timings")) or self._prefill
            details = table(table(chunk.get("usage")).get("completion_tokens_details"))
            self._thought |= bool(count(details.get("reasoning_tokens")))
        choices = tables(chunk.get("choices"))
        for choice in choices:
            self._take_choice(choice)
        return not choices and bool(table(chunk.get("usage")))

    def _take_choice(self, choice: Table) -> None:
        if _is_broken(choice):
            self._failure = _broken(choice)
        self._has_choices = True
        delta = table(choice.get("delta"))
        self._finish = text(choice.get("finish_reason")) or self._finish
        calls = tables(delta.get("tool_calls"))
        for call in calls:
            function = table(call.get("function"))
            known = self._calls.setdefault(count(call.get("index")), ["", ""])
            known[0] += text(function.get("name"))
            known[1] += text(function.get("arguments"))
        # OpenRouter and newer vLLM shorten the name of what DeepSeek began.
        thinking = text(delta.get("reasoning_content")) or text(delta.get("reasoning"))
        self._showed_thinking |= bool(thinking)
        if calls or thinking or text(delta.get("content")):
            self.pieces += 1

    def answer(self) -> Answer:
        if self._failure is not None:
            return self._failure
        has_finish = self._finish is not None
        is_empty = self._is_done and not self._has_choices
        return Answer(
            tokens_in=self._usage.get("tokens_in"),
            tokens_cached=self._usage.get("tokens_cached"),
            tokens_out=self._usage.get("tokens_out"),
            prefill=self._prefill,
            thinks_unseen=self._thought and not self._showed_thinking,
            finish=self._finish,
            tool_calls=tuple(ToolCall(*call) for call in self._calls.values()),
            is_complete=self._has_choices and (self._is_done or has_finish),
            means=Meaning.BREAKAGE if is_empty else None,
        )


def _is_broken(choice: Table) -> bool:
    """Whether a gateway reports, within a good answer, that its provider broke.

    Source:
        https://openrouter.ai/docs/api/reference/errors-and-debugging, "mid-stream".
    """
    return bool(choice.get("error")) or choice.get("finish_reason") == "error"


def _broken(choice: Table) -> Answer:
    """Such a report in words.

    Whoever accepts a request and then fails is broken, unless the words say otherwise.
    """
    said = failure(choice)
    return replace(said, means=said.means or Meaning.BREAKAGE)


def _tool_call(function: Table) -> ToolCall:
    return ToolCall(text(function.get("name")), text(function.get("arguments")))


def _usage(body: Table) -> dict[str, int]:
    """Tokens by their name in `Answer`, as far as they are told."""
    usage = table(body.get("usage"))
    cached = count(table(usage.get("prompt_tokens_details")).get("cached_tokens"))
    if cached is None:
        cached = count(table(body.get("timings")).get("cache_n"))
    told = {
        "tokens_in": count(usage.get("prompt_tokens")),
        "tokens_cached": cached,
        "tokens_out": count(usage.get("completion_tokens")),
    }
    return {key: value for key, value in told.items() if value is not None}
