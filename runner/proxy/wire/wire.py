"""What a protocol is to the proxy: how to ask, how to read, how to refuse."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final, Literal, Self

from runner.proxy.wire.assembly import ASSEMBLIES, arguments_in, error_in, said
from runner.proxy.wire.dialects import BAD_ENDS, ERROR_WORDS, ERRORS, USAGE_ROOTS
from runner.proxy.wire.loose import (
    Table,
    count,
    dumped,
    number,
    parsed,
    table,
    tables,
    text,
)
from runner.proxy.wire.sse import StreamEvent
from runner.proxy.wire.usage import Told
from runner.proxy.wordings import Meaning, understood

ProtocolName = Literal["openai", "anthropic", "responses"]
"""What a harness speaks, or a server answers: OpenAI's `/v1/chat/completions`,
Anthropic's `/v1/messages`, or OpenAI's newer `/v1/responses`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """What every request asks for, whatever its harness wrote; None: as it wrote."""

    temperature: float | None = None
    seed: int | None = None
    """Not sent where the protocol has no seed (Anthropic's)."""
    output_tokens: int | None = None
    """How many tokens one answer may have."""
    omit: tuple[str, ...] = ()
    """Fields that this server refuses: no request has them."""
    rename: Mapping[str, str] = field(default_factory=dict)
    """Fields that it wants under another name."""

    def shaped(self, body: Table) -> Table:
        """A request as this server takes it."""
        kept = {key: body[key] for key in body if key not in self.omit}
        return {self.rename.get(key, key): value for key, value in kept.items()}

    def text(self, *, has_seed: bool) -> str | None:
        """What the column of this name says: `temperature=0.2 seed=1`."""
        told = {
            "temperature": self.temperature,
            "max_tokens": self.output_tokens,
            "seed": self.seed if has_seed else None,
        }
        items = [
            f"{key}={value}"
            for key, value in told.items()
            if value is not None and key not in self.omit
        ]
        return " ".join(items) or None


AS_WRITTEN: Final = Sampling()
ANSWER_LENGTHS: Final = ("max_tokens", "max_completion_tokens", "max_output_tokens")
SET_BY_US: Final = ("temperature", "seed", "stream_options", *ANSWER_LENGTHS)
"""Under which names the protocols carry it."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model wants to use."""

    name: str
    arguments: str
    """As the model wrote them: JSON, if it can."""

    @classmethod
    def of(cls, holder: Table) -> Self:
        """What holds a name and arguments, which some servers have read already."""
        return cls(text(holder.get("name")), arguments_in(holder.get("arguments")))

    @property
    def is_malformed(self) -> bool:
        """Whether the arguments are no JSON object; none at all are no fault."""
        return bool(self.arguments.strip()) and not isinstance(
            parsed(self.arguments), dict
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the model answered to one call; None: the server did not tell."""

    tokens_in: int | None = None
    """Of the prompt, with those that came from the server's cache."""
    tokens_cached: int | None = None
    tokens_stored: int | None = None
    """Of the prompt, put into a cache, where that costs more than reading it."""
    tokens_out: int | None = None
    prefill: tuple[int, float] | None = None
    """Tokens of the prompt that the server read, for they came from no cache, and the
    milliseconds that this took."""
    thinks_unseen: bool = False
    """Whether `tokens_out` counts thinking that did not come through the stream, so
    that nobody can say how fast it was."""
    finish: str | None = None
    """Why it ended, in the protocol's own word."""
    tool_calls: tuple[ToolCall, ...] = ()
    is_complete: bool = False
    """Whether it has an end: a stream that stops without one is broken."""
    error: str | None = None
    """What the server said went wrong."""
    means: Meaning | None = None
    """What is meant by that; None: no error, or in words that nobody has reported."""
    is_of_shared_cache: bool = False
    """Whether a neighbour that fills a shared cache can have caused it."""


class Wire(ABC):
    """One protocol."""

    name: ClassVar[str]
    has_seed: ClassVar[bool] = False
    beside_cache: ClassVar[bool] = False
    """Whether tokens of a prompt are told without those that touched a cache."""
    lengths: ClassVar[tuple[str, ...]] = ("max_tokens",)
    """Names of the length that an answer may have; the last one where none is given."""
    spent: ClassVar[tuple[int, str]] = (429, "insufficient_quota")
    """Status and kind of the refusal that says: nothing is left to spend."""

    def ask(self, body: Table, sampling: Sampling) -> tuple[Table, bool]:
        """The request with the sampling in it.

        Returns:
            The request, and whether it asks for usage that its sender did not ask for.
        """
        body = dict(body)
        if sampling.temperature is not None:
            body["temperature"] = sampling.temperature
        if sampling.seed is not None and self.has_seed:
            body["seed"] = sampling.seed
        if sampling.output_tokens is not None:
            # The newer name where the harness uses it: servers refuse both at once.
            given = [body.pop(name, None) is not None for name in self.lengths]
            used = self.lengths[given.index(True) if any(given) else -1]
            body[used] = sampling.output_tokens
        return body, False

    def request(self, body: Table, sampling: Sampling) -> tuple[Table, bool]:
        """The same, in the shape that this one server takes."""
        asked, hides_usage = self.ask(body, sampling)
        return sampling.shaped(asked), hides_usage

    @abstractmethod
    def refusal(self, status: int, kind: str, message: str) -> Table:
        """An error in this protocol's words."""

    @abstractmethod
    def said(self, body: Table, *, thought: bool) -> Answer:
        """Read an answer, all but its tokens and errors."""

    def whole(self, body: Table) -> Answer:
        """Read an answer that came in one piece."""
        told = Told(beside_cache=self.beside_cache)
        told.take(body)
        return self.read(body, told)

    def read(self, body: Table, told: Told) -> Answer:
        """The same where what was told of tokens is known."""
        if error_in(body):
            found = failure(body)
        else:
            found = self.said(body, thought=told.thought)
            if (found.finish or "").lower() in BAD_ENDS:
                found = failure({"error": found.finish})
        measured: Table = {**told.tokens, "prefill": prefill(body.get("timings"))}
        return replace(found, **measured)

    def reader(self) -> "Reader":
        """For an answer that comes as a stream."""
        return Reader(self)


class Reader:
    """Reads a copy of one stream."""

    def __init__(self, wire: Wire) -> None:
        self.pieces = 0
        """How many events carried output; each holds at least one token."""
        self._wire = wire
        self._told = Told(beside_cache=wire.beside_cache)
        self._assembly = ASSEMBLIES[wire.name]()

    def take(self, event: StreamEvent) -> bool:
        """Read one event.

        Returns:
            Whether it tells the usage and nothing else.
        """
        told = said(event)
        # Most tell no tokens; to look into each of their choices would take longer.
        if b"usage" in event.raw or not USAGE_ROOTS.isdisjoint(told):
            self._told.take(told)
        self.pieces += self._assembly.take(told)
        return not told.get("choices") and bool(table(told.get("usage")))

    def answer(self) -> Answer:
        """What has come so far."""
        found = self._wire.read(self._assembly.body, self._told)
        if found.error is not None:
            return found
        if self._assembly.is_done:
            has_end, means = found.means is None, found.means
        else:
            has_end, means = found.is_complete and found.finish is not None, None
        if (found.is_complete, found.means) == (has_end, means):  # nearly all
            return found
        return replace(found, is_complete=has_end, means=means)


def alternate(turns: list[object], kind: str = "text") -> list[object]:
    """A conversation in which no turn of the user's follows another: they are one.

    OpenAI's servers take several; templates of local models refuse them.

    Args:
        turns: Messages, or items of which some are.
        kind: What the protocol calls a part that is text.
    """
    found: list[object] = []
    for turn in turns:
        now, last = table(turn), table(found[-1]) if found else {}
        if not now.get("role") == last.get("role") == "user":
            found.append(turn)
            continue
        said = [last.get("content"), now.get("content")]
        joined: object = parts(last, kind) + parts(now, kind)
        if all(isinstance(each, str) for each in said):
            joined = "\n\n".join(map(text, said))
        found[-1] = last | {"content": joined}
    return found


def parts(turn: Table, kind: str) -> list[Table]:
    """What a turn says, part by part, though it may be one text."""
    content = turn.get("content")
    return tables(content) or [{"type": kind, "text": text(content)}]


def failure_in(raw: bytes) -> Answer:
    """The error that a body tells: JSON of any shape, plain text, or a page."""
    said = parsed(raw)
    text = raw.decode(errors="replace").strip()
    return failure(said if isinstance(said, (dict, list, str)) else text)


def failure(body: object) -> Answer:
    """The error that a server's answer tells, wherever in it that stands."""
    told = _words(body) or "an error without words"
    wording = understood(told)
    return Answer(
        error=told,
        means=None if wording is None else wording.means,
        is_of_shared_cache=wording is not None and wording.shared,
    )


_DEEPEST: Final = 8
"""So deep do gateways wrap what another gateway has wrapped."""


def _words(said: object, levels: int = _DEEPEST) -> str:
    """`type: code: message` of an error, or its plain text."""
    if isinstance(said, str) or not (said and levels):
        return text(said)
    if isinstance(said, list):
        for each in tables(said):
            if any(each.get(holder) for holder in ERRORS):  # Google's, through a list
                return _words(each, levels - 1)
        found = (_words(each, levels - 1) for each in said)
        # FastAPI lists what is wrong with a request, each with its place in it.
        return dumped(said).decode() if any(found) else ""
    error = table(said)
    # What a gateway was told itself says more than the gateway's own words.
    raw = text(table(error.get("metadata")).get("raw"))
    if raw:
        return _words(table(parsed(raw)), levels - 1) or raw
    for holder in (*ERRORS, "response"):
        if inner := _words(error.get(holder), levels - 1):
            return inner
    words = [text(error.get(key)) for key in ("type", "code")]
    if isinstance(status := error.get("status"), str):  # Google's word for it
        words.insert(0, status)
    names = (error.get(name) for name in ERROR_WORDS)
    words.append(next((w for each in names if (w := _words(each, levels - 1))), ""))
    return ": ".join(word for word in words if word)


def prefill(timings: object) -> tuple[int, float] | None:
    """How fast a prompt was read, in the `timings` of llama-server."""
    told = table(timings)
    tokens, ms = count(told.get("prompt_n")), number(told.get("prompt_ms"))
    return (tokens, ms) if tokens and ms else None
