"""Records as columns: the one table from which every number is counted.

Identity columns become integer codes into sorted label tuples, amounts become
whole steps, so that every sum is exact and does not depend on the order of the
rows.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from harness_bench.schema import GraderAccess, Record, Status
from sitegen.keys import ComboKey, HarnessKey, KeyT, ModelKey, QuantKey, TaskKey
from sitegen.kinds import Kind
from sitegen.measures import MEASURES, SCORE, Measure, Resource
from sitegen.policy import TIMEOUTS, Policy, fate, outcome

M = TypeVar("M", bound=Measure)

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
LabelT = TypeVar("LabelT")
LabelT_co = TypeVar("LabelT_co", covariant=True)

SETUP = ("hardware", "harness_version", "server_build")
"""Trials of a combo that differ in one of these are told apart."""
_STOPPED = TIMEOUTS | {Status.AGENT_BUDGET}
_OPEN = frozenset({"none", "unsafe"})
"""What `sandbox` says of a trial that nothing confined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis(Generic[LabelT_co]):
    """One way to group trials: labels, and the label index of each trial."""

    labels: tuple[LabelT_co, ...]
    """Sorted."""
    codes: IntArray
    """Shape (n_trials,)."""

    def __len__(self) -> int:
        """The number of labels."""
        return len(self.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """A quantity of each trial, where it is known."""

    steps: IntArray
    """Shape (n_trials,), in the steps of its measure; 0 where not recorded."""
    known: BoolArray
    """Measured trials whose amount is known."""
    cut: BoolArray
    """Those that a limit on this very measure stopped: they would have gone on."""

    def where(self, keep: BoolArray | IntArray) -> Amounts:
        """The amounts of the trials of `keep`, flags or places."""
        return Amounts(
            steps=self.steps[keep], known=self.known[keep], cut=self.cut[keep]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """Every record of a scope, as columns of equal length."""

    sweep: Axis[str]
    model: Axis[ModelKey]
    quant: Axis[QuantKey]
    harness: Axis[HarnessKey]
    task: Axis[TaskKey]
    combo: Axis[ComboKey]
    partner: Axis[tuple[str, str]]
    """What a model at a quant met: a harness and a variant."""
    seed: IntArray
    measured: BoolArray
    """In the denominator, after the policy."""
    passed: BoolArray
    """Passed, after the policy; False where not measured."""
    passed_as_run: BoolArray
    """Passed, whatever the policy on grader access says."""
    measured_as_run: BoolArray
    """In the denominator, whatever the policy on grader access says."""
    stopped: BoolArray
    """Stopped from outside, by a limit of time or budget: what it would have
    gone on to do is not known."""
    measures: Mapping[Measure, Amounts]
    """The score of a trial that counts as cheating is 0."""
    hardware: IntArray
    """Equal numbers: on the same, or both not recorded, or told apart by nobody. Its
    name stays behind."""
    setup: Axis[tuple[str, ...]]
    """The columns of `SETUP`; empty where not recorded. They stay behind too."""
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

    def recorded(self, sort: type[M]) -> Iterator[tuple[M, Amounts]]:
        """The measures of one sort that are known of some trial."""
        for measure, amounts in self.measures.items():
            if isinstance(measure, sort) and amounts.known.any():
                yield measure, amounts

    def axis(self, kind: Kind[KeyT]) -> Axis[KeyT]:
        """The axis of a kind of entity."""
        found: Axis[KeyT] = getattr(self, kind.axis)
        return found

    def where(self, keep: BoolArray) -> Trials:
        """The trials of `keep`, with labels that no longer occur removed."""
        return Trials(
            **{name: _kept(getattr(self, name), keep) for name in self.__slots__}
        )


def _kept(column: Any, keep: BoolArray) -> Any:  # noqa: ANN401 - of any field
    match column:
        case Axis():
            return _narrow(column, keep)
        case Mapping():
            return {measure: found.where(keep) for measure, found in column.items()}
        case _:
            return column[keep]


_ACCESS_CODE = {
    None: -1,
    GraderAccess.NONE: 0,
    GraderAccess.MENTIONED: 1,
    GraderAccess.RAN: 2,
    GraderAccess.READ: 3,
}


def _narrow(axis: Axis[LabelT], keep: BoolArray) -> Axis[LabelT]:
    used, codes = np.unique(axis.codes[keep], return_inverse=True)
    return Axis(
        labels=tuple(axis.labels[code] for code in used),
        codes=codes.astype(np.int64),
    )


def axis(label: Callable[..., LabelT], *columns: Iterable[str]) -> Axis[LabelT]:
    """Group by what all columns hold together, which is what a label is made of."""
    values = list(zip(*columns, strict=True))
    known = sorted(set(values))
    return Axis(
        labels=tuple(label(*parts) for parts in known), codes=_encode(values, known)
    )


def _keyed(records: Sequence[Record], key: type[KeyT]) -> Axis[KeyT]:
    """Group by the columns that a key is made of."""
    names = [field.name for field in fields(key)]
    return axis(key, *([getattr(r, name) for r in records] for name in names))


def trials(records: Sequence[Record], policy: Policy) -> Trials:
    """Columns of `records`, counted as the policy says."""
    keeping = replace(policy, grader_access="keep")
    as_run = [outcome(record, keeping) for record in records]
    counted = [outcome(record, policy) for record in records]
    measured = _flags(value is not None for value in counted)
    void = _flags(record.status is Status.VOID_CHEAT for record in records)
    cheating = void | _flags(fate(record, policy) == "fails" for record in records)
    measures = {each: _amounts(each, records, measured) for each in MEASURES}
    score = measures[SCORE]
    measures[SCORE] = replace(score, steps=np.where(cheating, 0, score.steps))
    return Trials(
        sweep=axis(str, (record.sweep for record in records)),
        model=_keyed(records, ModelKey),
        quant=_keyed(records, QuantKey),
        harness=_keyed(records, HarnessKey),
        task=_keyed(records, TaskKey),
        combo=_keyed(records, ComboKey),
        partner=axis(
            lambda *both: both,
            (record.harness for record in records),
            (record.variant for record in records),
        ),
        seed=_ints(record.seed for record in records),
        measured=measured,
        passed=_flags(value is True for value in counted),
        passed_as_run=_flags(value is True for value in as_run),
        measured_as_run=_flags(value is not None for value in as_run),
        stopped=_flags(record.status in _STOPPED for record in records),
        measures=measures,
        hardware=axis(str, (record.hardware or "" for record in records)).codes,
        setup=axis(
            lambda *parts: parts,
            *([getattr(r, name) or "" for r in records] for name in SETUP),
        ),
        mention=_ints(_mention(record) for record in records),
        access=_ints(_ACCESS_CODE[record.grader_access] for record in records),
        infra=_flags(bool(r.status and r.status.is_infra) for r in records),
        cancelled=_flags(r.status is Status.CANCELLED for r in records),
        void=void,
        confined=_ints(_confined(record) for record in records),
    )


def _amounts(
    measure: Measure, records: Sequence[Record], counted: BoolArray
) -> Amounts:
    found = [measure.read(record) for record in records]
    values = np.array([value or 0 for value in found], dtype=np.float64)
    known = _flags(value is not None for value in found) & (values <= measure.most)
    steps = np.rint(np.minimum(values, measure.most) * measure.steps)
    known &= counted
    limit = measure.limit if isinstance(measure, Resource) else None
    cut = known & _flags(limit is not None and r.status is limit for r in records)
    return Amounts(steps=steps.astype(np.int64), known=known, cut=cut)


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
