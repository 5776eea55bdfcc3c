"""Sweeps that are drawn, not run: the truth about them is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

TASKS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Tasks of varying difficulty, each tried a few times."""

    name: str
    rate: float
    """The mean pass rate over all tasks that there could be: what is estimated."""
    spread: float
    """a + b of the Beta distribution of the tasks' pass rates; small is U-shaped."""
    seeds: int

    def tasks(self, draw: np.random.Generator, size: int) -> npt.NDArray[np.float64]:
        """The chance to pass each task, shape (size, TASKS)."""
        a = self.rate * self.spread
        return draw.beta(a, self.spread - a, size=(size, TASKS))


DESIGNS = (
    Design(name="p = 0.5, U-shaped, 3 seeds", rate=0.5, spread=1.0, seeds=3),
    Design(name="p = 0.2, 3 seeds", rate=0.2, spread=1.0, seeds=3),
    Design(name="p = 0.05, 3 seeds", rate=0.05, spread=1.0, seeds=3),
    Design(name="p = 0.5, U-shaped, 5 seeds", rate=0.5, spread=1.0, seeds=5),
)


def table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
