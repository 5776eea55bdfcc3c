"""Records as columns: the one table from which every number is counted.

Identity columns become integer codes into sorted label tuples, amounts become
whole steps, so that every sum is exact and does not depend on the order of the
rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, TypeVar, get_args

import numpy as np
import numpy.typing as npt

from harness_bench.schema import INFRA, UNMEASURED, GraderAccess, Record, Status
from sitegen.keys import ComboKey, HarnessKey, KeyT, ModelKey, QuantKey, TaskKey
from sitegen.kinds import Kind
from sitegen.measures import MEASURES, SCORE, Measure, Resource
from sitegen.policy import CHOICES, TIMEOUTS, Fate, Policy
from sitegen.records import Coded, Records
from sitegen.texts import Codes, dense, firsts, ranked

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

    @classmethod
    def unrecorded(cls, n_trials: int) -> Amounts:
        """Known of none; takes no memory, for most tables have few measures."""
        none = np.broadcast_to(np.bool_(False), n_trials)  # noqa: FBT003 - a value
        steps = np.broadcast_to(np.int64(0), n_trials)
        return cls(steps=steps, known=none, cut=none)

    def where(self, keep: BoolArray | IntArray) -> Amounts:
        """The amounts of the trials of `keep`, flags or places."""
        if self.steps.strides == (0,):
            return Amounts.unrecorded(len(self.known[keep]))
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

    def cells(self, of: BoolArray | IntArray) -> tuple[Codes, Codes]:
        """The cells (combo and task) of the trials of `of`, flags or places.

        Returns:
            Of each of these trials, the place of its cell; and the cells, sorted, each
            as the code of its combo times the number of tasks, and that of its task.
        """
        n_tasks = len(self.task)
        codes = self.combo.codes[of] * n_tasks + self.task.codes[of]
        return dense(codes, len(self.combo) * n_tasks)

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
    codes, used = dense(axis.codes[keep], len(axis))
    return Axis(
        labels=tuple(axis.labels[code] for code in used),
        codes=codes.astype(np.int64),
    )


def axis(label: Callable[..., LabelT], *columns: Coded) -> Axis[LabelT]:
    """Group by what all columns hold together, which is what a label is made of."""
    ordered = [column.ordered() for column in columns]
    size = len(columns[0].codes)
    groups = ranked(((each.codes, len(each.values)) for each in ordered), size)
    rows = firsts(groups)
    parts = [each.at(rows) for each in ordered]
    return Axis(labels=tuple(map(label, *parts)), codes=groups.astype(np.int64))


def _keyed(records: Records, key: type[KeyT]) -> Axis[KeyT]:
    """Group by the columns that a key is made of."""
    return axis(key, *(records.coded(field.name) for field in fields(key)))


def trials(records: Iterable[Record], policy: Policy) -> Trials:
    """Columns of records, counted as the policy says."""
    found = Records.of(records)
    status = found.coded("status")
    setup = [found.coded(name).changed(lambda value: value or "") for name in SETUP]
    return Trials(
        sweep=axis(str, found.coded("sweep")),
        model=_keyed(found, ModelKey),
        quant=_keyed(found, QuantKey),
        harness=_keyed(found, HarnessKey),
        task=_keyed(found, TaskKey),
        combo=_keyed(found, ComboKey),
        partner=axis(
            lambda *both: both, found.coded("harness"), found.coded("variant")
        ),
        seed=found.seeds(),
        stopped=status.among(_STOPPED),
        hardware=axis(str, setup[0]).codes,
        setup=axis(lambda *parts: parts, *setup),
        mention=_mention(found),
        access=_numbered(found.coded("grader_access"), _ACCESS_CODE.__getitem__),
        infra=status.among(INFRA),
        cancelled=status.among({Status.CANCELLED}),
        void=status.among({Status.VOID_CHEAT}),
        confined=_numbered(found.coded("sandbox"), _confined),
        **_counted(found, policy),
    )


def recounted(trials: Trials, records: Records, policy: Policy) -> Trials:
    """The same trials under another policy; they share what does not depend on it."""
    counted = _counted(records, policy)
    measures = {
        each: found if each is SCORE else replace(found, steps=own.steps)
        for each, found in counted["measures"].items()
        for own in (trials.measures[each],)
    }
    return replace(trials, **{**counted, "measures": measures})


def _counted(records: Records, policy: Policy) -> dict[str, Any]:
    """The columns that depend on the policy."""
    leaves, fails = _fates(records, replace(policy, grader_access="keep"))
    measured_as_run, passed_as_run = _outcomes(records, policy, leaves, fails)
    leaves, fails = _fates(records, policy)
    measured, passed = _outcomes(records, policy, leaves, fails)
    measures = {each: _amounts(each, records, measured) for each in MEASURES}
    score = measures[SCORE]
    cheating = records.coded("status").among({Status.VOID_CHEAT}) | (fails & ~leaves)
    measures[SCORE] = replace(score, steps=np.where(cheating, 0, score.steps))
    return {
        "measured": measured,
        "passed": passed,
        "passed_as_run": passed_as_run,
        "measured_as_run": measured_as_run,
        "measures": measures,
    }


def _fates(records: Records, policy: Policy) -> tuple[BoolArray, BoolArray]:
    """The trials that leave the denominator, and those that fail, by the choices."""
    found = {fate: np.zeros(len(records), np.bool_) for fate in get_args(Fate)}
    for name, choice in CHOICES.items():
        if choice.about:
            column, values = choice.about
            fate = choice.ways[getattr(policy, name)].fate
            found[fate] |= records.coded(column).among(values)
    return found["leaves"], found["fails"]


def _outcomes(
    records: Records, policy: Policy, leaves: BoolArray, fails: BoolArray
) -> tuple[BoolArray, BoolArray]:
    """Which trials are in the denominator, and which of them passed.

    Infrastructure failures and cancelled trials tell nothing about the agent.
    """
    status, verdict = records.coded("status"), records.coded("passed")
    passed = records.amounts("score") >= policy.pass_score
    passed = np.where(status.known, status.among({Status.PASS}), passed)
    passed = np.where(verdict.known, verdict.among({True}), passed)
    measured = ~status.among(UNMEASURED) & ~leaves
    return measured, measured & passed & ~fails & ~status.among({Status.VOID_CHEAT})


def _amounts(measure: Measure, records: Records, counted: BoolArray) -> Amounts:
    values = np.sum([records.amounts(name) for name in measure.columns], axis=0)
    recorded = values <= measure.most
    if not recorded.any():
        return Amounts.unrecorded(len(values))
    known = counted & recorded
    steps = np.rint(np.clip(np.nan_to_num(values), 0, measure.most) * measure.steps)
    limit = measure.limit if isinstance(measure, Resource) else None
    cut = known & records.coded("status").among({limit} - {None})
    return Amounts(steps=steps.astype(np.int64), known=known, cut=cut)


def _numbered(column: Coded, number: Callable[[Any], int]) -> IntArray:
    return np.array([number(value) for value in column.values], np.int64)[column.codes]


def _confined(sandbox: str | None) -> int:
    return -1 if sandbox is None else int(sandbox.lower() not in _OPEN)


def _mention(records: Records) -> IntArray:
    said = records.coded("grader_mentions")
    access = _numbered(records.coded("grader_access"), _ACCESS_CODE.__getitem__)
    return np.where(said.known, said.among({True}), np.minimum(access, 1))
