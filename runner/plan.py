"""From a spec to the trials that are still to be run, in the order that wastes least.

A model is loaded once: its trials are a group. Within a group all cells have their
first seed before any has its second, and every harness has a task before any has the
next, so that a run that is cut short has compared what it ran.
"""

import hashlib
import json
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, cast

from harness_bench.errors import Problem, SettingsError, TaskError, near_miss, shown
from runner.limits import Limits
from runner.spec import HarnessSpec, ModelSpec, Spec, variant_of
from runner.tasks import Task

ID_LENGTH = 16
"""Hexadecimal digits of a trial's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A cell with one seed, and within which limits."""

    id: str
    """Hash of all that defines it: a changed prompt or quant is another trial."""
    model: ModelSpec
    harness: HarnessSpec
    task: Task
    seed: int
    """From 0."""
    limits: Limits
    definition: Mapping[str, Any] = field(repr=False, compare=False)
    """What the id is the hash of, beside the seed; plain values, as JSON has them."""

    @property
    def label(self) -> str:
        """What people read, and `show` finds it by."""
        return label(*self.identity)

    @property
    def identity(self) -> tuple[str, str, str, str, str, str, int]:
        """That of its row."""
        return (
            self.model.sweep,
            self.model.name,
            self.model.quant,
            self.harness.name,
            variant_of(self.model, self.harness),
            self.task.name,
            self.seed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Trials for which a model is loaded once."""

    model: ModelSpec
    trials: tuple[Trial, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which trials are meant: those that fit every pattern, or one by its id."""

    text: str
    """As it was given."""
    patterns: tuple[tuple[str, str], ...] = ()
    """Key and glob."""
    id: str = ""
    """How the id begins."""

    def fits(self, trial: Trial) -> bool:
        """Whether the trial is among those that are meant."""
        if self.id:
            return trial.id.startswith(self.id)
        return all(_fits(_NAMED[key](trial), glob) for key, glob in self.patterns)


def label(
    sweep: str, model: str, quant: str, harness: str, variant: str, task: str, seed: int
) -> str:
    """What people read of a trial."""
    models = " ".join(filter(None, (model, quant, sweep)))
    return f"{models}/{f'{harness} {variant}'.strip()}/{task}/{seed}"


def id_with(trial: Trial, *, task_version: str) -> str:
    """The id that the trial had if its task were of this version, all else as it is."""
    task = {**trial.definition["task"], "version": task_version}
    return _hash({**trial.definition, "task": task, "seed": trial.seed})


def with_identity(trial: Trial, identity: Mapping[str, str]) -> Trial:
    """The trial if its model were this one, all else as it is."""
    model = {**trial.definition["model"], "identity": dict(identity)}
    definition = {**trial.definition, "model": model}
    found = _hash({**definition, "seed": trial.seed})
    return replace(trial, id=found, definition=definition)


def parse_choice(text: str) -> Choice:
    """The choice that `model=Qwen*,harness=pi` stands for, or the start of an id.

    Raises:
        SettingsError: It is neither.
    """
    if _ID_START.fullmatch(text):
        return Choice(text=text, id=text)
    patterns = []
    # A comma in a name is part of it, unless a key comes next.
    for part in re.split(r",(?=\s*\w+=)", text):
        key, equals, glob = part.strip().partition("=")
        if not equals or key not in _NAMED:
            what = f"{shown(key)} is not a key{near_miss(key, _NAMED)}"
            advice = (
                "give the first digits of a trial's id, or KEY=PATTERN,... with"
                f" {', '.join(_NAMED)}"
            )
            raise SettingsError(Problem(shown(text), what, advice))
        patterns.append((key, glob))
    return Choice(text=text, patterns=tuple(patterns))


def choose_tasks(spec: Spec, tasks: Iterable[Task]) -> tuple[Task, ...]:
    """The tasks that the spec names, in the order of the packs.

    Raises:
        SettingsError: A name or pattern fits no task.
        TaskError: Two packs have a task of one name.
    """
    tasks = tuple(tasks)
    known = [task.name for task in tasks]
    problems = [
        Problem(
            spec.path.name, f"[run] tasks names {shown(glob)}, which no pack has{near}"
        )
        for glob in spec.run.tasks
        if not any(_fits(name, glob) for name in known)
        for near in [near_miss(glob, known)]
    ]
    if problems:
        raise SettingsError(*problems)
    chosen = tuple(
        task for task in tasks if any(_fits(task.name, glob) for glob in spec.run.tasks)
    )
    by_name: dict[str, list[str]] = {}
    for task in chosen:
        by_name.setdefault(task.name, []).append(task.pack)
    twice = [
        Problem(name, f"is in several packs: {', '.join(packs)}", "rename one")
        for name, packs in by_name.items()
        if len(packs) > 1
    ]
    if twice:
        raise TaskError(*twice)
    return chosen


def trials(
    spec: Spec,
    tasks: Iterable[Task],
    *,
    only: Sequence[Choice] = (),
    without: Sequence[Choice] = (),
) -> tuple[Trial, ...]:
    """The trials of a spec that are meant, in the order in which they are run.

    Raises:
        SettingsError: A name, pattern or choice fits nothing.
        TaskError: Two packs have a task of one name.
    """
    return choose(all_trials(spec, tasks), spec, only=only, without=without)


def all_trials(spec: Spec, tasks: Iterable[Task]) -> tuple[Trial, ...]:
    """All trials of a spec, in the order in which they are run.

    Raises:
        SettingsError: A name or pattern fits no task.
        TaskError: Two packs have a task of one name.
    """
    chosen = choose_tasks(spec, tasks)
    # Each is asked once: a version may take starting a program, an identity hashing
    # gigabytes.
    harnesses = {each.label: _of_harness_alone(each) for each in spec.harnesses}
    return tuple(
        trial
        for model in spec.models
        for trial in _of_model(spec, model, harnesses, chosen)
    )


def choose(
    found: Sequence[Trial],
    spec: Spec,
    *,
    only: Sequence[Choice] = (),
    without: Sequence[Choice] = (),
) -> tuple[Trial, ...]:
    """Those trials that are meant.

    Args:
        found: All trials of the spec.
        spec: Where they come from, for messages.
        only: Where there are any, a trial must fit one of them.
        without: A trial that fits one of them is left out.

    Raises:
        SettingsError: With each choice that fits nothing: it is misspelt.
    """
    problems = [
        Problem(shown(choice.text), f"fits no trial of {spec.path.name}")
        for choice in (*only, *without)
        if not any(map(choice.fits, found))
    ]
    if problems:
        raise SettingsError(*problems)
    return tuple(
        trial
        for trial in found
        if (not only or any(choice.fits(trial) for choice in only))
        and not any(choice.fits(trial) for choice in without)
    )


def plan(
    planned: Iterable[Trial], *, done: Container[str] = (), balanced: bool = False
) -> tuple[Group, ...]:
    """Trials by model; one with nothing left to do is not loaded.

    Args:
        planned: In the order in which they are run.
        done: Ids of those that need no execution any more.
        balanced: First seeds of all models come before any second, and so on: models
            are loaded again for each seed. The last one of a seed stays loaded and is
            the first of the next.
    """
    left = [trial for trial in planned if trial.id not in done]
    if not balanced:
        return _by_model(left)
    groups: list[Group] = []
    for turn, seed in enumerate(sorted({trial.seed for trial in left})):
        found = _by_model(trial for trial in left if trial.seed == seed)
        for group in reversed(found) if turn % 2 else found:
            if groups and groups[-1].model is group.model:
                last = groups.pop()
                group = replace(last, trials=last.trials + group.trials)  # noqa: PLW2901 - the same one, longer
            groups.append(group)
    return tuple(groups)


def _by_model(trials: Iterable[Trial]) -> tuple[Group, ...]:
    groups: dict[int, list[Trial]] = {}
    for trial in trials:
        groups.setdefault(id(trial.model), []).append(trial)
    return tuple(
        Group(model=group[0].model, trials=tuple(group)) for group in groups.values()
    )


def _of_model(
    spec: Spec,
    model: ModelSpec,
    harnesses: Mapping[str, Mapping[str, Any]],
    tasks: Sequence[Task],
) -> Iterable[Trial]:
    """The trials of a model."""
    defined = {"model": _of_model_alone(model), "sandbox": spec.run.sandbox}
    cells = []
    for task in tasks:
        limits = spec.limits.at_most(task.limits)
        about_task = {"name": task.name, "version": task.version}
        defined |= {"task": about_task, "limits": asdict(limits)}
        for harness in spec.harnesses:
            definition = defined | {"harness": harnesses[harness.label]}
            cells.append((harness, task, limits, definition))
    return (
        Trial(
            id=_hash({**definition, "seed": seed}),
            model=model,
            harness=harness,
            task=task,
            seed=seed,
            limits=limits,
            definition=definition,
        )
        for seed in range(spec.run.seeds)
        for harness, task, limits, definition in cells
    )


def _of_model_alone(model: ModelSpec) -> dict[str, Any]:
    return {
        "name": model.name,
        "quant": model.quant,
        "sweep": model.sweep,
        "server": model.server,
        "context_tokens": model.context_tokens,
        "output_tokens": model.output_tokens,
        "temperature": model.temperature,
        "identity": dict(model.model.identity()),
        **({"omit": list(model.omit)} if model.omit else {}),
        **({"rename": dict(model.rename)} if model.rename else {}),
        **_if_said(model.variant),
    }


def _of_harness_alone(harness: HarnessSpec) -> dict[str, Any]:
    program = harness.harness
    return {
        "name": harness.name,
        "version": program.version,
        "settings": {
            item.name: _plain(getattr(program, item.name))
            for item in fields(cast("Any", program))
        },
        **_if_said(harness.variant),
    }


def _if_said(variant: str) -> dict[str, str]:
    """Left out where there is none, so that trials from before have their ids."""
    return {"variant": variant} if variant else {}


def _hash(definition: Mapping[str, Any]) -> str:
    text = json.dumps(definition, sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:ID_LENGTH]


def _plain(value: object) -> object:
    """A setting as JSON: a path by its name, for it may move with its folder."""
    match value:
        case Path():
            return value.name
        case Enum():
            return value.value
        case tuple():
            return [_plain(item) for item in value]
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case _:
            return value


def _fits(name: str, glob: str) -> bool:
    # A name may have brackets in it: as a pattern it would not fit itself.
    return name == glob or fnmatchcase(name, glob)


_ID_START = re.compile(rf"[0-9a-f]{{4,{ID_LENGTH}}}")
_NAMED: Mapping[str, Callable[[Trial], str]] = {
    "model": lambda trial: trial.model.name,
    "quant": lambda trial: trial.model.quant,
    "sweep": lambda trial: trial.model.sweep,
    "harness": lambda trial: trial.harness.name,
    "variant": lambda trial: variant_of(trial.model, trial.harness),
    "task": lambda trial: trial.task.name,
    "seed": lambda trial: str(trial.seed),
}
"""Key of a choice, and what its pattern is compared with."""
