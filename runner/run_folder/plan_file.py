"""What a run is after, kept in its folder, and that it is alone there.

The plan is what run.toml and the task packs said when the run was last started: the
trials that were asked for, and the others. It is a copy for readers: a run itself plans
anew.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from harness_bench.errors import Problem, RunError, refused
from harness_bench.going import LOCK
from runner.machine.durable import make_folder, replacing
from runner.plan import Trial

_NAME: Final = "plan.json"
_FORMAT: Final = 1
_PARTS: Final = ("trials", "others")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One planned trial, for readers."""

    id: str
    model: str
    """With quant, variant and sweep, as people read it."""
    harness: str
    """With its variant."""
    task: str
    seed: int


def planned(trials: Iterable[Trial]) -> tuple[Planned, ...]:
    """What readers need to know of trials."""
    return tuple(
        Planned(
            id=trial.id,
            model=trial.model.label,
            harness=trial.harness.label,
            task=trial.task.name,
            seed=trial.seed,
        )
        for trial in trials
    )


def write_plan(
    folder: Path, trials: Iterable[Trial], *, others: Iterable[Trial] = ()
) -> None:
    """Write the plan into the run folder, in place of the last one.

    What was measured of the others of the settings still counts.

    Raises:
        OSError: It cannot be written.
    """
    _write(folder, planned(trials), planned(others))


def put_in_plan(folder: Path, trials: Iterable[Trial]) -> None:
    """Let trials stand for those of the plan that are the same but for their ids.

    Raises:
        RunError: There is no plan that can be read, or it cannot be written.
    """
    before = _read(folder)
    ids = {replace(trial, id=""): trial.id for trial in planned(trials)}
    after = tuple(
        tuple(replace(each, id=ids.get(replace(each, id=""), each.id)) for each in part)
        for part in before
    )
    try:
        if after != before:
            _write(folder, *after)
    except OSError as error:
        raise RunError(refused(folder, "written", error)) from error


def _write(folder: Path, *parts: Iterable[Planned]) -> None:
    told = {
        name: [asdict(trial) for trial in part]
        for name, part in zip(_PARTS, parts, strict=False)
    }
    with replacing(folder / _NAME) as file:
        file.write(json.dumps({"format": _FORMAT, **told}, indent=0).encode())


def read_plan(folder: Path) -> tuple[Planned, ...]:
    """The trials that a run was last asked for.

    Raises:
        RunError: There is no plan that can be read.
    """
    return _read(folder)[0]


def _read(folder: Path) -> tuple[tuple[Planned, ...], ...]:
    """The parts of a plan; those of older versions have no others.

    Raises:
        RunError: There is none that can be read.
    """
    path = folder / _NAME
    try:
        document = json.loads(path.read_bytes())
        if document["format"] != _FORMAT:
            what = f"has format {document['format']}, but this version reads {_FORMAT}"
            raise RunError(Problem(str(path), what))
        names = [name for name in _PARTS if name == _PARTS[0] or name in document]
        return tuple(
            tuple(Planned(**item) for item in document[name]) for name in names
        )
    except OSError as error:
        advice = "name a run's folder"
        raise RunError(refused(path, "read", error, advice)) from error
    except (ValueError, KeyError, TypeError) as error:
        advice = "`harness-bench run` writes it again"
        raise RunError(Problem(str(path), "is damaged", advice)) from error


def planned_ids(folder: Path) -> frozenset[str]:
    """Ids of all trials of the settings that a run was last started with.

    None where no plan is kept, or one of a version that kept only some of them.

    Raises:
        RunError: The plan cannot be read.
    """
    parts = _read(folder) if (folder / _NAME).exists() else ()
    if len(parts) < len(_PARTS):
        return frozenset()
    return frozenset(trial.id for part in parts for trial in part)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the run folder: one runner at a time.

    The lock is the kernel's: it ends with the process, however that dies.

    Raises:
        RunError: Another runner holds it, or it cannot be written.
    """
    with ExitStack() as held:
        try:
            make_folder(folder)
            lock = held.enter_context((folder / LOCK).open("ab+"))
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            lock.truncate(0)
            lock.write(str(os.getpid()).encode())
            lock.flush()
        except BlockingIOError:
            pid = (folder / LOCK).read_text(encoding="ascii", errors="replace")
            holder = f" (process {pid})" if pid.isdigit() else ""
            what = f"another runner is using this folder{holder}"
            raise RunError(Problem(str(folder), what, "wait for it")) from None
        except OSError as error:
            raise RunError(refused(folder, "written", error)) from error
        yield
