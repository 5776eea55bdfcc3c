"""What the doctor looks at for a run: the machine, and every part of the plan."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from runner.demo import practice
from runner.limits import Limits
from runner.plan import Choice, plan, trials
from runner.preflight.doctor import TOOLS, Check, State, bad, examine
from runner.preflight.plan_check import Requirement, requirements
from runner.preflight.trying import tried
from runner.sandboxes.sandbox import sandbox_named
from runner.spec import Spec, read_spec
from runner.tasks import read_packs
from runner.workspace.scratch import scratch


async def report(
    settings: Path | Spec | None,
    *,
    folder: Path | None = None,
    only: Sequence[Choice] = (),
    without: Sequence[Choice] = (),
) -> tuple[Check, ...]:
    """Look at everything that a run needs.

    Args:
        settings: The run.toml; None: the practice tasks.
        folder: The run folder; None: the one that the run would have.
        only: Where there are any, what is looked at is for trials that fit one.
        without: Nothing is looked at for trials that fit one of them.

    Raises:
        BenchError: The settings or the tasks do not fit.
    """
    spec = read_spec(settings) if settings else None
    packs = spec.run.packs if spec else (practice(),)
    sandbox = sandbox_named(spec.run.sandbox if spec else "bubblewrap")
    tasks = read_packs(packs)
    run = spec.run_folder(folder) if spec else folder or Path("runs")
    planned = trials(spec, tasks, only=only, without=without) if spec else ()
    needed = [trial.task for trial in planned] if spec else tasks
    harnesses = {trial.harness.label: trial.harness.harness for trial in planned}
    with scratch() as own:
        checks = await examine(
            sandbox,
            scratch=own,
            run=run,
            tasks=needed,
            hidden=packs,
            harnesses=tuple(harnesses.values()),
            limits=spec.limits if spec else Limits(),
        )
    if spec is None:  # what is not there is left out of a demonstration
        checks = tuple(
            replace(each, state=State.WARN)
            if each.name == TOOLS and each.state is State.BAD
            else each
            for each in checks
        )
    groups = plan(planned)
    parts = await asyncio.to_thread(lambda: list(requirements(groups, sandbox)))
    if not any(part.problems for part in parts):
        parts += await tried(groups)
    found = [_checks(part) for part in parts]
    return (*checks, *chain.from_iterable(found))


def _checks(part: Requirement) -> list[Check]:
    name = f"{part.kind} {part.name}"
    noticed = [replace(bad(name, notice), state=State.WARN) for notice in part.notices]
    found = [bad(name, problem) for problem in part.problems] + noticed
    return found or [Check(name=name, state=State.OK, found="can be used")]
