"""Small specs, tasks and attempts for tests, and plugins that do nothing."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from harness_bench.errors import Problem
from harness_bench.schema import Record, Status
from runner.harnesses.harness import Launch, Order
from runner.limits import Limits
from runner.models.model import Endpoint
from runner.run_folder.attempt import Attempt
from runner.spec import HarnessSpec, ModelSpec, RunSettings, Spec
from runner.tasks import Task

POINTS = """\
[harness_bench.models]
still = tests.runner.specs:StillModel
far = tests.runner.specs:FarModel
no_class = tests.runner.specs:POINTS
broken = no_such_module_anywhere:Model
[harness_bench.harnesses]
idle = tests.runner.specs:IdleHarness
lazy = tests.runner.specs:IdleHarness
[harness_bench.sandboxes]
open = tests.runner.specs:POINTS
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StillModel:
    """A model that is only ever asked who it is."""

    is_hosted: ClassVar[bool] = False

    script: Literal["oracle", "null"] = "null"
    base_url: str = ""
    args: tuple[str, ...] = ()
    context_tokens: int = 0

    def identity(self) -> Mapping[str, str]:
        return {"script": self.script, "args": " ".join(self.args)}

    def problems(self) -> tuple[Problem, ...]:
        return ()

    def serve(self) -> AbstractAsyncContextManager[Endpoint]:
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class FarModel(StillModel):
    """One that a vendor hosts, of a plugin that does not tell which."""

    is_hosted: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleHarness:
    """A harness that is only ever asked for its version."""

    edits: str = "whole"
    config: Path | None = None
    version: str = "1.0"

    def problems(self) -> tuple[Problem, ...]:
        return ()

    def launch(self, order: Order) -> Launch:
        return Launch(command=(order.model,))


def install_plugins(folder: Path) -> None:
    """What pip leaves behind, so that the plugins are found through a path."""
    info = folder / "idle-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: idle\nVersion: 1\n")
    (info / "entry_points.txt").write_text(POINTS)


def model(name: str = "m", **more: Any) -> ModelSpec:  # noqa: ANN401 - any setting
    given: dict[str, Any] = {"server": "still", "model": StillModel()}
    return ModelSpec(name=name, **given | more)


def harness(name: str = "h", **more: Any) -> HarnessSpec:  # noqa: ANN401 - any setting
    given: dict[str, Any] = {"harness": IdleHarness()}
    return HarnessSpec(name=name, **given | more)


def spec(
    models: tuple[ModelSpec, ...] = (model(),),
    harnesses: tuple[HarnessSpec, ...] = (harness(),),
    *,
    limits: Limits | None = None,
    **run: Any,  # noqa: ANN401 - any setting
) -> Spec:
    return Spec(
        run=RunSettings(**{"name": "r", "packs": (Path("packs"),)} | run),
        limits=limits or Limits(),
        models=models,
        harnesses=harnesses,
        path=Path("run.toml"),
    )


# What a task has that sets none.
HIGH = Limits(**dict.fromkeys(Limits.__dataclass_fields__, 10**9))


def task(name: str = "t", **more: Any) -> Task:  # noqa: ANN401 - any field
    given: dict[str, Any] = {
        "pack": "p",
        "folder": Path("p") / name,
        "title": name.title(),
        "language": "Python",
        "category": "repair",
        "instruction": "Mend it.",
        "tools": (),
        "toolchains": (),
        "difficulty": "",
        "limits": HIGH,
        "owns": (),
        "in_process": False,
        "version": "0123456789ab",
    }
    return Task(name=name, **given | more)


def attempt(
    trial: str = "00" * 8,
    status: Status = Status.PASS,
    *,
    number: int = 1,
    folder: str = "f",
    prompt_tokens: int | None = None,
    **more: Any,  # noqa: ANN401 - any field of a record
) -> Attempt:
    fields = {"model": "m", "harness": "h", "task": "t", "started_at": "2026-11-01"}
    return Attempt(
        trial=trial,
        number=number,
        folder=folder,
        record=Record(**fields | {"status": status} | more),
        detail="",
        workspace=None,
        prompt_tokens=prompt_tokens,
    )


def many_attempts(trials: int) -> Iterator[Attempt]:
    """One passed attempt of each of so many trials."""
    for place in range(trials):
        yield attempt(
            f"{place:016x}",
            folder=f"{place:x}",
            task=f"task-{place % 100}",
            seed=place // 100,
            agent_time_s=place / 1000,
            tokens_in=place,
            harness_version="1.0",
            started_at=f"2026-11-01T00:00:00.{place:06}Z",
        )
