"""What the doctor looks at for a run: the machine, its harnesses, its models."""

from pathlib import Path

from runner.demo import practice
from runner.doctor import Check, State, examine
from runner.limits import Limits
from runner.run import run_folder
from runner.sandboxes.named import sandbox_named
from runner.scratch import scratch
from runner.spec import Spec, read_spec
from runner.tasks import read_packs


async def check_up(settings: Path | None) -> tuple[Check, ...]:
    """Look at everything that a run needs.

    Args:
        settings: The run.toml; None: the practice tasks.

    Raises:
        BenchError: The settings or the tasks do not fit.
    """
    spec = read_spec(settings) if settings else None
    packs = spec.run.packs if spec else (practice(),)
    name = spec.run.sandbox if spec else "bubblewrap"
    with scratch() as own:
        checks = await examine(
            sandbox_named(name),
            scratch=own,
            run=run_folder(spec, None) if spec else Path("runs"),
            tools=[tool for task in read_packs(packs) for tool in task.tools],
            hidden=packs,
            harnesses=[item.harness for item in spec.harnesses] if spec else (),
            limits=spec.limits if spec else Limits(),
        )
    return (*checks, *(_of_spec(spec) if spec else ()))


def _of_spec(spec: Spec) -> tuple[Check, ...]:
    """A check for each harness and each model."""
    found = [
        *(("harness", item.name, item.harness.problems()) for item in spec.harnesses),
        *(("model", item.label, item.model.problems()) for item in spec.models),
    ]
    return tuple(_check(f"{kind} {name}", problems) for kind, name, problems in found)


def _check(name: str, problems: tuple[str, ...]) -> Check:
    if not problems:
        return Check(name=name, state=State.OK, found="can be used")
    return Check(name=name, state=State.BAD, found="; ".join(problems))
