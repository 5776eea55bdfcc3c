"""What defined a run when it was started, to compare with what defines it now.

lock.json in the run folder holds what the ids of its trials are hashes of: models,
harnesses, tasks with their versions, limits, sandbox. A trial whose definition was
changed is another trial, so that nothing is mixed; the lock says what was changed.
Where only some trials are asked for, the lock is about these: the files of the other
models may be on other machines.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from harness_bench import __version__
from harness_bench.errors import Problem, RunError, refused, shown
from runner.machine.durable import replacing
from runner.plan import Trial, with_identity

_NAME: Final = "lock.json"
_FORMAT: Final = 1
_PARTS: Final = ("model", "harness", "task")
_DEFINING: Final = ("sandbox", *_PARTS)
_CHANGED: Final = "{0} was {1}, is now {2}"
_ABSENT: Final = object()


def definitions(trials: Iterable[Trial]) -> dict[str, Any]:
    """What defines trials, each thing once, under its name."""
    told: dict[str, Any] = {"format": _FORMAT, "runner": __version__, "sandbox": None}
    told |= {part: {} for part in _PARTS}
    for trial in trials:
        found = trial.definition
        told["sandbox"] = found["sandbox"]
        told["model"][trial.model.label] = found["model"]
        told["harness"][trial.harness.label] = found["harness"]
        limits = {"limits": found["limits"]}
        told["task"][trial.task.name] = found["task"] | limits
    return told


def keep_lock(
    folder: Path, trials: Sequence[Trial], *, chosen: Sequence[Trial] | None = None
) -> None:
    """Write down what defines a run; the same as before is not written again.

    Where only some are chosen, what was written about others stays.

    Raises:
        OSError: It cannot be written.
    """
    path = folder / _NAME
    every = definitions(trials)
    known = _asked_for(every, chosen)
    if chosen is not None:
        was = _was(path)
        for part in _PARTS:
            there = {**was.get(part, {}), **known[part]}
            known[part] = {name: there[name] for name in every[part] if name in there}
    text = json.dumps(known, indent=1, sort_keys=True).encode()
    if path.exists() and path.read_bytes() == text:
        return
    with replacing(path) as file:
        file.write(text)


def verify(
    folder: Path, trials: Sequence[Trial], *, chosen: Sequence[Trial] | None = None
) -> None:
    """Refuse a run that is no longer defined as it was.

    What was added is no difference: it makes new trials and changes none.

    Raises:
        RunError: There is nothing to compare with, or with the first difference.
    """
    path = folder / _NAME
    try:
        was = _read(path)
    except OSError as error:
        advice = "--verify needs a run that was started before"
        raise RunError(refused(path, "read", error, advice)) from error
    except ValueError as error:
        raise RunError(Problem(str(path), "is damaged")) from error
    now = json.loads(json.dumps(_asked_for(definitions(trials), chosen)))
    if chosen is not None and len(chosen) < len(trials):
        for part in _PARTS:
            was[part] = {
                name: found
                for name, found in was.get(part, {}).items()
                if name in now[part]
            }
    difference = next(_differences((), was, now), None)
    if difference is not None:
        advice = "--verify allows no change since the run was started"
        raise RunError(Problem(str(path), _difference(*difference), advice))


def _asked_for(every: dict[str, Any], chosen: Sequence[Trial] | None) -> dict[str, Any]:
    """Of what defines a run, what chosen trials have to do with."""
    if chosen is None:
        return every
    found = definitions(chosen)
    return every | {part: found[part] for part in _PARTS}


def _was(path: Path) -> dict[str, Any]:
    """The lock that is there; what cannot be read is written anew."""
    try:
        return _read(path)
    except (OSError, ValueError):
        return {}


def _read(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_bytes())
    if not isinstance(found, dict):
        raise ValueError(path)  # noqa: TRY004 - as of what is no JSON
    return found


def known_again(folder: Path, trials: Sequence[Trial]) -> tuple[Trial, ...]:
    """Trials, with the hashes of files that are not here as the lock tells them.

    A model that was measured stays what it was when its file is deleted, or is on
    another machine.
    """
    return as_told(trials, _was(folder / _NAME))


def as_told(trials: Sequence[Trial], told: Mapping[str, Any]) -> tuple[Trial, ...]:
    """Trials, with the hashes of files that are not here as definitions tell them."""
    was, found = told.get("model", {}), []
    for trial in trials:
        now = trial.definition["model"]["identity"]
        known = was.get(trial.model.label, {}).get("identity", {})
        identity = {name: now[name] or known.get(name, "") for name in now}
        found.append(trial if identity == now else with_identity(trial, identity))
    return tuple(found)


def what_changed(folder: Path, trials: Sequence[Trial]) -> str:
    """The first difference to what defined the run before; empty: there is none."""
    was, now = _was(folder / _NAME), json.loads(json.dumps(definitions(trials)))
    return first_difference({name: was[name] for name in _DEFINING if name in was}, now)


def first_difference(
    was: Mapping[str, Any],
    now: Mapping[str, Any],
    words: str = _CHANGED,
) -> str:
    """Where definitions differ from others; empty: nowhere.

    Only of what the others have; what was removed from them changes no trial that is
    left.
    """
    found = _differences((), was, {name: now[name] for name in was})
    changed = (each for each in found if each[-1] is not _ABSENT)
    return next((_difference(*each, words) for each in changed), "")


def _differences(
    where: tuple[str, ...], was: object, now: object
) -> Iterator[tuple[tuple[str, ...], object, object]]:
    """Where two definitions differ; names that only the second has are passed over."""
    if not (isinstance(was, Mapping) and isinstance(now, Mapping)):
        if was != now:
            yield where, was, now
        return
    # A setting that is new is a difference, a model that is new is not.
    added = [] if len(where) <= 1 else [name for name in now if name not in was]
    for name in [*was, *added]:
        yield from _differences(
            (*where, name), was.get(name, _ABSENT), now.get(name, _ABSENT)
        )


def _difference(
    where: Sequence[str], before: object, after: object, words: str = _CHANGED
) -> str:
    return words.format(" ".join(where), _words(before), _words(after))


def _words(value: object) -> str:
    if value is _ABSENT:
        return "missing"
    if isinstance(value, Mapping):
        return "there"
    return shown(value)
