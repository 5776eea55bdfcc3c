"""What is there of boxes on this machine, for tests."""

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from runner.box.engine import LABEL, Engine
from runner.box.pid_one import PLACE

NAME = os.environ.get("HARNESS_BENCH_BOX", "podman")
"""The engine that is tested."""


def left(engine: Engine) -> tuple[list[str], list[str]]:
    """Boxes and volumes that are there."""
    boxes = engine.asked("ps", "--all", "--quiet", "--filter", f"label={LABEL}")
    volumes = engine.asked("volume", "ls", "--quiet")
    return boxes.split(), volumes.split()


def processes(engine: Engine) -> list[int]:
    """Processes of its boxes: those that have a volume of its as a box's folder."""
    form = "{{.Store.VolumePath}}" if engine.is_podman else "{{.DockerRootDir}}"
    volumes = re.escape(engine.asked("info", "--format", form))
    mounted = re.compile(rf" {volumes}\S* {PLACE} ")
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mounted.search((process / "mountinfo").read_text()):
                found.append(int(process.name))
    return sorted(found)


def client(runner: int) -> int:
    """The engine's client of a runner."""
    (found,) = Path(f"/proc/{runner}/task/{runner}/children").read_text().split()
    return int(found)


def monitors(boxes: Sequence[str]) -> list[int]:
    """Processes of the engine that hold these: conmon, or a shim of containerd."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            name = (process / "comm").read_text()
            told = (process / "cmdline").read_text()
            if name.startswith(("conmon", "containerd-shim")) and any(
                box in told for box in boxes
            ):
                found.append(int(process.name))
    return found
