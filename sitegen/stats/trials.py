"""Records as columns: the one table from which every number is counted.

Identity columns become integer codes into sorted label tuples, times become
whole microseconds, so that every sum is exact and does not depend on the order
of the rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from harness_bench.schema import GraderAccess, Status
from sitegen.policy import TIMEOUTS, fate, outcome

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from harness_bench.schema import Record
    from sitegen.policy import Policy

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_MICRO = 1_000_000
_STOPPED = TIMEOUTS | {Status.AGENT_BUDGET}
_OPEN = frozenset({"none", "unsafe"})
"""What `sandbox` says of a trial that nothing confined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One way to group trials: labels, and the label index of each trial."""

    labels: tuple[tuple[str, ...], ...]
    """Sorted; a model-quant is `(model, quant)`, a harness `(harness,)`."""
    codes: IntArray
    """Shape (n_trials,)."""

    def __len__(self) -> int:
        """The number of labels."""
        return len(self.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """A quantity of each trial, where it is known."""

    values: FloatArray
    """Shape (n_trials,); 0 where unknown."""
    known: BoolArray
    """Measured trials whose amount is known."""

    def where(self, keep: BoolArray) -> Amounts:
        """The amounts of the trials of `keep`."""
        return Amounts(values=self.values[keep], known=self.known[keep])


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """What the model's answers were like in each trial."""

    tokens_per_s: Amounts
    first_token_s: Amounts
    context_peak: Amounts
    malformed: Amounts
    calls: Amounts
    """Of the model, whether a tool was called or not."""
    hardware: IntArray
    """Equal numbers: on the same, or both not recorded. Its name stays behind."""

    def where(self, keep: BoolArray) -> Answering:
        """The answers of the trials of `keep`."""
        return Answering(
            tokens_per_s=self.tokens_per_s.where(keep),
            first_token_s=self.first_token_s.where(keep),
            context_peak=self.context_peak.where(keep),
            malformed=self.malformed.where(keep),
            calls=self.calls.where(keep),
            hardware=self.hardware[keep],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """Every record of a scope, as columns of equal length."""

    sweep: Axis
    model: Axis
    quant: Axis
    """Model-quants: `(model, quant)`."""
    harness: Axis
    task: Axis
    combo: Axis
    """`(model, quant, harness)`."""
    seed: IntArray
    measured: BoolArray
    """In the denominator, after the policy."""
    passed: BoolArray
    """Passed, after the policy; False where not measured."""
    passed_as_run: BoolArray
    """Passed, whatever the policy on grader access says."""
    measured_as_run: BoolArray
    """In the denominator, whatever the policy on grader access says."""
    time_us: IntArray
    """Agent wall clock in microseconds; 0 where unknown (see `timed`)."""
    timed: BoolArray
    """Measured, and its time is known."""
    stopped: BoolArray
    """Stopped from outside, by a limit of time or budget: what it would have
    gone on to do is not known."""
    score: Amounts
    """The grader's mark, in 0..1; 0 for a trial that counts as cheating."""
    tokens: Amounts
    """Prompt and written tokens together."""
    cost_usd: Amounts
    answering: Answering
    mention: IntArray
    """1 the log mentions the hidden grader, 0 not, -1 not recorded."""
    access: IntArray
    """0 none, 1 mentioned, 2 ran, 3 read, -1 not recorded."""
    infra: BoolArray
    cancelled: BoolArray
    void: BoolArray
    confined: IntArray
    """1 in a sandbox, 0 in none, -1 not recorded."""

    def __len__(self) -> int:
        """The number of trials, measured or not."""
        return len(self.seed)

    @property
    def accessing(self) -> BoolArray:
        """Trials whose agent ran or read the hidden grader."""
        return self.access >= _ACCESS_CODE[GraderAccess.RAN]

    @property
    def kinds(self) -> tuple[tuple[str, Axis], ...]:
        """The kinds of entity that are compared, each with its axis."""
        return (("model", self.quant), ("harness", self.harness), ("combo", self.combo))

    def where(self, keep: BoolArray) -> Trials:
        """The trials of `keep`, with labels that no longer occur removed."""
        return Trials(
            sweep=_narrow(self.sweep, keep),
            model=_narrow(self.model, keep),
            quant=_narrow(self.quant, keep),
            harness=_narrow(self.harness, keep),
            task=_narrow(self.task, keep),
            combo=_narrow(self.combo, keep),
            seed=self.seed[keep],
            measured=self.measured[keep],
            passed=self.passed[keep],
            passed_as_run=self.passed_as_run[keep],
            measured_as_run=self.measured_as_run[keep],
            time_us=self.time_us[keep],
            timed=self.timed[keep],
            stopped=self.stopped[keep],
            score=self.score.where(keep),
            tokens=self.tokens.where(keep),
            cost_usd=self.cost_usd.where(keep),
            answering=self.answering.where(keep),
            mention=self.mention[keep],
            access=self.access[keep],
            infra=self.infra[keep],
            cancelled=self.cancelled[keep],
            void=self.void[keep],
            confined=self.confined[keep],
        )


_ACCESS_CODE = {
    None: -1,
    GraderAccess.NONE: 0,
    GraderAccess.MENTIONED: 1,
    GraderAccess.RAN: 2,
    GraderAccess.READ: 3,
}


def _narrow(axis: Axis, keep: BoolArray) -> Axis:
    used, codes = np.unique(axis.codes[keep], return_inverse=True)
    return Axis(
        labels=tuple(axis.labels[code] for code in used),
        codes=codes.astype(np.int64),
    )


def axis(values: Sequence[tuple[str, ...]]) -> Axis:
    """Group by `values`, one a trial."""
    labels = tuple(sorted(set(values)))
    return Axis(labels=labels, codes=_encode(values, labels))


def trials(records: Sequence[Record], policy: Policy) -> Trials:
    """Columns of `records`, counted as the policy says."""
    keeping = replace(policy, grader_access="keep")
    as_run = [outcome(record, keeping) for record in records]
    counted = [outcome(record, policy) for record in records]
    measured = _flags(value is not None for value in counted)
    known = _flags(record.agent_time_s is not None for record in records)
    void = _flags(record.status is Status.VOID_CHEAT for record in records)
    cheating = void | _flags(fate(record, policy) == "fails" for record in records)
    scores = _amounts((record.score for record in records), measured)
    return Trials(
        sweep=axis([(record.sweep,) for record in records]),
        model=axis([(record.model,) for record in records]),
        quant=axis([(record.model, record.quant) for record in records]),
        harness=axis([(record.harness,) for record in records]),
        task=axis([(record.task,) for record in records]),
        combo=axis([(r.model, r.quant, r.harness) for r in records]),
        seed=_ints(record.seed for record in records),
        measured=measured,
        passed=_flags(value is True for value in counted),
        passed_as_run=_flags(value is True for value in as_run),
        measured_as_run=_flags(value is not None for value in as_run),
        time_us=_ints(round((r.agent_time_s or 0) * _MICRO) for r in records),
        timed=known & measured,
        stopped=_flags(record.status in _STOPPED for record in records),
        score=replace(scores, values=np.where(cheating, 0.0, scores.values)),
        tokens=_amounts((_tokens(record) for record in records), measured),
        cost_usd=_amounts((record.cost_usd for record in records), measured),
        answering=_answering(records, measured),
        mention=_ints(_mention(record) for record in records),
        access=_ints(_ACCESS_CODE[record.grader_access] for record in records),
        infra=_flags(bool(r.status and r.status.is_infra) for r in records),
        cancelled=_flags(r.status is Status.CANCELLED for r in records),
        void=void,
        confined=_ints(_confined(record) for record in records),
    )


def _amounts(values: Iterable[float | None], counted: BoolArray) -> Amounts:
    found = list(values)
    known = _flags(value is not None for value in found)
    return Amounts(
        values=np.fromiter((value or 0.0 for value in found), dtype=np.float64),
        known=known & counted,
    )


def _answering(records: Sequence[Record], counted: BoolArray) -> Answering:
    return Answering(
        tokens_per_s=_amounts((r.tokens_per_s for r in records), counted),
        first_token_s=_amounts((r.first_token_s for r in records), counted),
        context_peak=_amounts((r.context_peak for r in records), counted),
        malformed=_amounts((r.malformed_calls for r in records), counted),
        calls=_amounts((r.calls for r in records), counted),
        hardware=axis([(record.hardware or "",) for record in records]).codes,
    )


def _tokens(record: Record) -> int | None:
    if record.tokens_in is None or record.tokens_out is None:
        return None
    return record.tokens_in + record.tokens_out


def _confined(record: Record) -> int:
    if record.sandbox is None:
        return -1
    return int(record.sandbox.lower() not in _OPEN)


def _mention(record: Record) -> int:
    if record.grader_mentions is not None:
        return int(record.grader_mentions)
    if record.grader_access is None:
        return -1
    return int(record.grader_access is not GraderAccess.NONE)


def _encode(values: Iterable[Hashable], labels: Sequence[Hashable]) -> IntArray:
    index = {label: code for code, label in enumerate(labels)}
    return _ints(index[value] for value in values)


def _ints(values: Iterable[int]) -> IntArray:
    return np.fromiter(values, dtype=np.int64)


def _flags(values: Iterable[bool]) -> BoolArray:
    return np.fromiter(values, dtype=np.bool_)
