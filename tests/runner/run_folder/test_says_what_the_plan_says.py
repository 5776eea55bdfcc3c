"""A law: whatever was edited, run, chosen and killed, cells.csv says the plan alone.

The runner is the real one but for its engine, which plays trials: how one ends follows
from its id, so that a fresh run of the same plan ends in the same rows.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness_bench import cells_csv
from harness_bench.errors import SettingsError
from harness_bench.schema import Record, Status
from runner.engines.engine import Stop, Work
from runner.plan import Trial, parse_choice
from runner.run import Prepared, perform, prepare
from runner.run_folder.attempt import Attempt
from runner.run_folder.export import export
from runner.run_folder.ledger import read_ledger
from runner.run_folder.plan_file import planned_ids
from runner.telling.events import AttemptEnded, Event
from sitegen.parsed import read
from tests.runs import write_files, write_small_task

POINTS = "[harness_bench.engines]\nplayed = {}:Played\n"
ENDS = (Status.PASS, Status.FAIL, Status.INFRA_SERVER)


class KilledError(Exception):
    """The runner's process is no more."""


def ending(trial: Trial, number: int) -> Attempt:
    """How an execution ends: the third of a trial says something, whatever its id."""
    status = ENDS[int(trial.id, 16) % 3] if number < 3 else Status.PASS
    model, harness = trial.model, trial.harness
    return Attempt(
        trial=trial.id,
        number=number,
        folder=f"{trial.id}-{number}",
        record=Record(
            model=model.name,
            harness=harness.name,
            task=trial.task.name,
            seed=trial.seed,
            status=status,
            task_version=trial.task.version,
            agent_time_s=int(trial.id, 16) % 1000 / 10,
        ),
        detail="",
        workspace=None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """An engine that executes nothing."""

    is_elsewhere = False

    async def execute(self, work: Work, stop: Stop) -> AsyncGenerator[Event]:
        del stop
        for place, trial in enumerate(t for g in work.groups for t in g.trials):
            if place == LEFT[0]:
                raise KilledError
            number = work.made.get(trial.id, 0) + 1
            attempt = ending(trial, number)
            yield AttemptEnded(trial=trial, attempt=attempt, again=False)


LEFT: list[int | None] = [None]
"""How many trials a runner has left to live."""


@pytest.fixture
def played(tmp_path: Path) -> Iterator[None]:
    info = {"METADATA": "Metadata-Version: 2.1\nName: played\nVersion: 1\n"}
    info |= {"entry_points.txt": POINTS.format(__name__)}
    write_files(tmp_path / "played-1.dist-info", info)
    sys.path.insert(0, str(tmp_path))
    yield
    sys.path.remove(str(tmp_path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Settings as they are edited, and a run of them."""

    models: str
    seeds: int
    agent_s: int
    temperature: float
    tasks: str
    """Name and text of the tests of each: `tT`."""
    only: str | None
    left: int | None

    def write(self, folder: Path) -> Path:
        for name in ("t", "u"):
            text = "echo 1..1 >&3\n# other\n" if name in self.tasks else "echo 1..1\n"
            write_small_task(folder / "pack" / name, text)
        tables = "".join(
            f'[[model]]\nname = "{name}"\nscript = "oracle"\n'
            f"temperature = {self.temperature}\n"
            for name in self.models
        )
        path = folder / "run.toml"
        path.write_text(
            f'[run]\npacks = ["pack"]\nengine = "played"\nseeds = {self.seeds}\n'
            f'[limits]\nagent_s = {self.agent_s}\n{tables}[[harness]]\nname = "mini"\n'
        )
        return path

    def prepared(self, folder: Path, run: Path) -> Prepared:
        only = [parse_choice(self.only)] if self.only else []
        path = self.write(folder)
        return prepare(path, folder=run, only=only, unsafe=True)


STEPS = st.builds(
    Step,
    models=st.sampled_from(["a", "b", "ab"]),
    seeds=st.integers(1, 2),
    agent_s=st.integers(29, 30),
    temperature=st.sampled_from([0.0, 0.5]),
    tasks=st.sampled_from(["", "t", "u"]),
    only=st.sampled_from([None, None, "model=a", "seed=1", "task=t"]),
    left=st.sampled_from([None, None, 0, 1, 3]),
)


def run(prepared: Prepared, *, left: int | None) -> None:
    LEFT[0] = left
    with suppress(KilledError):
        asyncio.run(perform(prepared, tell=lambda _: None, say=lambda _: None))


def rows(folder: Path) -> tuple[Record, ...]:
    data = (folder / "cells.csv").read_bytes()
    return read(data) if data.count(b"\n") > 1 else ()


@pytest.mark.usefixtures("played")
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(STEPS, min_size=1, max_size=5))
def test_cells_csv_is_what_a_fresh_run_of_the_last_plan_would_have_written(
    steps: list[Step],
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        out = folder / "out"
        last = None
        for step in steps:
            try:
                last = step.prepared(folder, out)
            except SettingsError:  # the choice fits nothing: nothing is touched
                continue
            run(last, left=step.left)
            now = {trial.id for trial in last.everything}
            made = read_ledger(out)
            known = {
                each.record for trial in now for each in made.by_trial.get(trial, ())
            }
            assert known.issuperset(rows(out))
            export(out, made, planned=planned_ids(out))
            fresh = [
                next((e for e in ends if e.is_valid), ends[-1]).record
                for trial in last.everything
                if (count := len(made.by_trial.get(trial.id, ())))
                if (ends := [ending(trial, place + 1) for place in range(count)])
            ]
            assert rows(out) == cells_csv.canonical(fresh)
            others = sum(len(e) for t, e in made.by_trial.items() if t not in now)
            told = out / "not-counted.txt"
            assert told.exists() == bool(others)
            assert not others or told.read_text().startswith(f"{others} earlier ")
