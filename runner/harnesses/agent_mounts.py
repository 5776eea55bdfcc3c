"""What an agent's sandbox shows of the machine: to trials, and to the attacks on it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from runner.harnesses.harness import Harness, Order
from runner.sandboxes.interpreter import interpreter
from runner.sandboxes.sandbox import Mount

INSIDE: Final = Mount(source=Path(__file__).parents[1] / "inside", target="/opt/inside")
"""Our own programs."""


def agent_mounts(
    *, workspace: Path, home: Path, model: Path, harness: Iterable[Mount]
) -> tuple[Mount, ...]:
    """All of it.

    Args:
        workspace: The trial's own.
        home: The same.
        model: Holds the socket that leads to the model.
        harness: What the harness needs.
    """
    return (
        Mount(source=workspace, target="/workspace", writable=True, own=True),
        Mount(source=home, target="/home/agent", writable=True, own=True),
        Mount(source=model, target="/run/model"),
        INSIDE,
        *interpreter().mounts,
        *harness,
    )


def mounts_of(harnesses: Iterable[Harness]) -> tuple[tuple[Mount, ...], ...]:
    """What each harness needs, each set once; one that cannot run needs nothing."""
    nothing = Order(
        instruction="", base_url="", model="", context_tokens=1, output_tokens=1
    )
    sets = (
        harness.launch(nothing).mounts
        for harness in harnesses
        if not harness.problems()
    )
    return tuple(dict.fromkeys(sets))
