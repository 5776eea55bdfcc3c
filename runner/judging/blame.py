"""Who failed, and so how a trial ended: one table, decided from outside the sandbox.

Exit codes of harnesses are not believed: some end with 0 when their model never
answered, others with an error after good work. An agent that fails must not look like
a server that does, nor the other way round. Where what was seen does not tell the two
apart, the trial is executed once more, alone on a fresh server that has answered a
probe; whatever ends in such doubt again is the agent's.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum, auto
from http import HTTPStatus
from signal import Signals
from typing import Any, Final, Self, TypeVar

from harness_bench.schema import Status
from runner.proxy.wordings import BUSY, Meaning, understood
from runner.sandboxes.sandbox import Exit


class End(StrEnum):
    """What ended the harness."""

    ITSELF = auto()
    TIME = auto()
    IDLE = auto()
    BUDGET = auto()
    DISK = auto()
    SERVER = auto()
    """The model server was dead, hung or refused everything."""
    CANCELLED = auto()


class Blame(StrEnum):
    """Whose doing the end of a trial is."""

    AGENT = auto()
    """The model with its harness: what is measured, success too."""
    HARNESS = auto()
    """Counted as the agent's, of which it is a part."""
    SERVER = auto()
    VENDOR = auto()
    SETUP = auto()
    """What we or the settings ask of this model with this harness."""
    TASK = auto()
    MACHINE = auto()
    NOBODY = auto()


class Again(StrEnum):
    """Whether the trial is executed once more."""

    NO = auto()
    YES = auto()
    """As long as there are attempts left."""
    LAST_ALONE = auto()
    """The same, and the last as with `ALONE`, or one more that is: where neighbours may
    have kept the server busy."""
    ALONE = auto()
    """Once, with no other trial beside it, on a fresh server that answers a probe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The last call that the server ended, where it ended it with an error."""

    status: int | None
    """What the server answered; None: it did not."""
    means: Meaning | None
    """What its words mean; None: nobody has reported such words."""
    words: str
    """The server's own."""
    is_first: bool = False
    """Whether this harness has not worked with this model in this run, and the model
    has said nothing in this trial either, or the words name what we set or left out."""
    again: bool = False
    """Whether the same request fails in the same way once more, while nothing else is
    asked of a server that answers a probe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A small question of ours to the server, once the agent is dead."""

    is_well: bool | None
    """None: it did not answer in the time that it had."""
    means: Meaning | None = None
    words: str = ""
    names_ours: bool = False
    """Whether the words name a parameter that we set in each request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known about an attempt whose harness was started."""

    end: End
    exit: Exit
    killed_from_outside: bool
    """Whether it was ended by what is neither in the sandbox nor us."""
    server_failed_last: bool
    """Whether the last thing that the model server did was to fail."""
    context_overflow: bool
    """Whether the model server refused a prompt for its length."""
    changed: bool
    """Whether the workspace differs from the starter."""
    passed: bool | None
    """The verdict; None: the grader gave none."""
    failure: Failure | None = None
    probe: Probe | None = None
    """None: there was no reason to ask."""
    waiting: bool = False
    """Whether it was waiting for the server when a limit ended it."""
    overflow_in_doubt: bool = False
    """Whether a neighbour may have filled the context: this trial's own tokens and
    answer do not reach it, as far as is known."""
    cut_by_us: bool = False
    """Whether the answer that could not be read had the length that we allow."""
    memory_ran_out: bool = False
    """Whether it was killed while the machine's memory ran out. That another process
    was killed for it, and the harness killed itself, looks the same."""
    alone: bool = False
    """Whether this was the execution alone on a fresh, probed server, after one that
    ended in doubt."""
    slept: bool = False
    """Whether the machine slept during it."""
    renewed: bool = False
    """Whether that server is ours, and was started anew for it."""

    @property
    def server_is_unwell(self) -> bool:
        """Whether the server failed, and failed a probe too or was not asked."""
        if self.probe is None or (self.probe.is_well is None and not self.has_limit):
            return self.server_failed_last or self.end is End.SERVER
        return self.probe.is_well is False

    @property
    def waited_in_vain(self) -> bool:
        """Whether time ran out while it waited for a server that fails a probe.

        A probe without an answer in its time is believed once: an agent can keep a
        server at work.
        """
        is_silent = self.probe is not None and self.probe.is_well is None
        return (
            self.end in {End.TIME, End.IDLE}
            and not self.renewed
            and (self.waiting or self.server_failed_last)
            and (self.server_is_unwell or (is_silent and not self.alone))
        )

    @property
    def has_limit(self) -> bool:
        """Whether a limit ended it."""
        return self.end in _LIMITS

    def means(self, *meanings: Meaning) -> bool:
        """Whether the server failed last, with words of one of these meanings."""
        return self.failure is not None and self.failure.means in meanings

    @property
    def breaks_again(self) -> bool:
        """Whether it is the request that breaks this server, and no bad moment.

        A busy server is busy for whoever asks: that says nothing of the request. And
        one that takes a request with status 200 has no reason to break at it.
        """
        if self.failure is None or not self.failure.again:
            return False
        is_refused = (self.failure.status or 0) >= HTTPStatus.BAD_REQUEST
        is_bad = self.means(Meaning.BREAKAGE, Meaning.LOADING)
        return self.alone and is_refused and is_bad

    @property
    def is_troubled(self) -> bool:
        """Whether the server failed last, or everything ended with its failure."""
        return self.server_failed_last or self.end is End.SERVER

    def text(self) -> str:
        """As it is kept, so that a later verdict can be weighed in the same way."""
        values = asdict(self)
        values |= {"exit": self.exit.code, "signal": self.exit.signal}
        return json.dumps(values)

    @classmethod
    def parse(cls, text: str) -> Self:
        """What `text` wrote; the files of older versions have fewer keys.

        Raises:
            ValueError: It is something else.
        """
        try:
            values = json.loads(text)
            signal = values.pop("signal")
            return cls(
                end=End(values.pop("end")),
                exit=Exit(
                    code=values.pop("exit"),
                    signal=None if signal is None else Signals(signal),
                ),
                failure=_part(Failure, values.pop("failure", None)),
                probe=_part(Probe, values.pop("probe", None)),
                **values,
            )
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(text) from error


_Part = TypeVar("_Part", Failure, Probe)


def _part(kind: type[_Part], values: dict[str, Any] | None) -> _Part | None:
    if values is None:
        return None
    means = values.pop("means")
    return kind(means=None if means is None else Meaning(means), **values)


_LIMITS: Final = {
    End.TIME: Status.AGENT_TIMEOUT,
    End.IDLE: Status.AGENT_IDLE,
    End.BUDGET: Status.AGENT_BUDGET,
    End.DISK: Status.AGENT_BUDGET,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What follows from the evidence."""

    status: Status
    blame: Blame
    again: Again = Again.NO
    gives_up: bool = False
    """Whether it counts towards giving up what is blamed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of the table."""

    when: str
    """What was seen, in words."""
    holds: Callable[[Evidence], bool]
    then: Judgement | None
    """None: what follows stands in the limit that was passed."""


def _infra(
    status: Status, blame: Blame, again: Again, *, gives_up: bool = False
) -> Judgement:
    return Judgement(status=status, blame=blame, again=again, gives_up=gives_up)


_DOUBT: Final = _infra(Status.INFRA_SERVER, Blame.SERVER, Again.ALONE)

RULES: Final = (
    Rule(
        when="a person stopped it",
        holds=lambda seen: seen.end is End.CANCELLED,
        then=Judgement(status=Status.CANCELLED, blame=Blame.NOBODY),
    ),
    Rule(
        when="the machine slept meanwhile",
        holds=lambda seen: seen.slept,
        then=_infra(Status.INFRA_SANDBOX, Blame.MACHINE, Again.YES),
    ),
    Rule(
        when="it passed a limit, and was not waiting for a server that failed a probe",
        holds=lambda seen: seen.has_limit and not seen.waited_in_vain,
        then=None,
    ),
    Rule(
        when="the vendor says that nothing is left to spend",
        holds=lambda seen: (
            seen.means(Meaning.QUOTA)
            or (seen.probe is not None and seen.probe.means is Meaning.QUOTA)
        ),
        then=_infra(Status.INFRA_SERVER, Blame.VENDOR, Again.NO, gives_up=True),
    ),
    Rule(
        when="a probe is refused too, for a parameter that we set",
        holds=lambda seen: (
            seen.probe is not None
            and seen.probe.means is Meaning.REFUSAL
            and seen.probe.names_ours
        ),
        then=_infra(Status.INFRA_SETUP, Blame.SETUP, Again.NO, gives_up=True),
    ),
    Rule(
        when="the server failed, and failed a probe too; on one of ours that was fresh,"
        " the agent did it",
        holds=lambda seen: (
            (seen.is_troubled or seen.waiting)
            and seen.server_is_unwell
            and not seen.renewed
        ),
        then=_infra(Status.INFRA_SERVER, Blame.SERVER, Again.LAST_ALONE, gives_up=True),
    ),
    Rule(
        when="time ran out, and a probe had no answer in its time, for the first time",
        holds=lambda seen: seen.waited_in_vain,
        then=_DOUBT,
    ),
    Rule(
        when="the server says that it is broken, busy or loading, and is well again;"
        " with the same exception, and unless, alone, the same request breaks it again",
        holds=lambda seen: (
            seen.means(Meaning.BREAKAGE, Meaning.BUSY, Meaning.LOADING)
            and not seen.renewed
            and not seen.breaks_again
        ),
        then=_infra(Status.INFRA_SERVER, Blame.SERVER, Again.LAST_ALONE),
    ),
    Rule(
        when="the sandbox was killed and memory did not run out: nothing inside can do"
        " that",
        holds=lambda seen: seen.killed_from_outside and not seen.memory_ran_out,
        then=_infra(Status.INFRA_SANDBOX, Blame.MACHINE, Again.YES, gives_up=True),
    ),
    Rule(
        when="the sandbox or the harness was killed while memory ran out, for the first"
        " time",
        holds=lambda seen: seen.memory_ran_out and not seen.alone,
        then=_infra(Status.INFRA_SANDBOX, Blame.MACHINE, Again.ALONE),
    ),
    Rule(
        when="a request was refused before the model had said anything, or for what we"
        " set or left out before a trial of both was measured",
        holds=lambda seen: (
            seen.means(Meaning.REFUSAL)
            and seen.failure is not None
            and seen.failure.is_first
        ),
        then=_infra(Status.INFRA_SETUP, Blame.SETUP, Again.NO, gives_up=True),
    ),
    Rule(
        when="the server failed for a reason that is not known, for the first time",
        holds=lambda seen: (
            seen.is_troubled and not seen.alone and not seen.means(Meaning.REFUSAL)
        ),
        then=_DOUBT,
    ),
    Rule(
        when="the grader gave no verdict",
        holds=lambda seen: seen.passed is None,
        then=_infra(Status.INFRA_GRADER, Blame.TASK, Again.YES, gives_up=True),
    ),
    Rule(
        when="the tests pass",
        holds=lambda seen: seen.passed is True,
        then=Judgement(status=Status.PASS, blame=Blame.AGENT),
    ),
    Rule(
        when="the context was full, and this trial alone cannot have filled it, or a"
        " tool call was cut where we end answers, for the first time",
        holds=lambda seen: (
            (seen.overflow_in_doubt or seen.cut_by_us) and not seen.alone
        ),
        then=_DOUBT,
    ),
    Rule(
        when="the conversation became longer than the context",
        holds=lambda seen: seen.context_overflow,
        then=Judgement(status=Status.CONTEXT_OVERFLOW, blame=Blame.AGENT),
    ),
    Rule(
        when="its last request was refused",
        holds=lambda seen: seen.means(Meaning.REFUSAL),
        then=Judgement(status=Status.AGENT_CRASH, blame=Blame.HARNESS),
    ),
    Rule(
        when="the harness ended with an error or a signal",
        holds=lambda seen: seen.exit != Exit(code=0),
        then=Judgement(status=Status.AGENT_CRASH, blame=Blame.AGENT),
    ),
    Rule(
        when="it changed nothing",
        holds=lambda seen: not seen.changed,
        then=Judgement(status=Status.NO_CHANGE, blame=Blame.AGENT),
    ),
    Rule(
        when="anything else",
        holds=lambda _: True,
        then=Judgement(status=Status.FAIL, blame=Blame.AGENT),
    ),
)
"""The first that holds decides."""


_SPENT: Final = HTTPStatus.PAYMENT_REQUIRED
_LOAD: Final = BUSY | {HTTPStatus.SERVICE_UNAVAILABLE}


def believed(
    means: Meaning | None, *, status: int | None, words: str, request: str
) -> Meaning | None:
    """What the words of a failed call are worth.

    Servers repeat parts of a request that they refuse. An agent that writes "out of
    memory" into a malformed one must not be taken for a server that said it.

    Args:
        means: What the words mean.
        status: What the server answered; those of load and payment need no words, and
            are not given for what stands in a request.
        words: The server's own.
        request: The text of the call, as the server got it.
    """
    if means is None and status in BUSY | {_SPENT}:
        return Meaning.QUOTA if status == _SPENT else Meaning.BUSY
    wording = understood(words)
    if status in _LOAD | {_SPENT} or wording is None:
        return means
    said = wording.found(words)
    is_repeated = said is not None and said[0].lower() in request.lower()
    return None if is_repeated else means


def judge(evidence: Evidence) -> Judgement:
    """Who failed, what the trial's status is, and whether it is executed again."""
    found = next(rule for rule in RULES if rule.holds(evidence))
    return found.then or Judgement(status=_LIMITS[evidence.end], blame=Blame.AGENT)
