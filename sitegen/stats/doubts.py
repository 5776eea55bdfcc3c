"""Why numbers may not hold yet, found in the data themselves."""

from dataclasses import dataclass
from fractions import Fraction

from sitegen.stats.results import Results


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """What makes results preliminary."""

    ran_once: Fraction | None
    """The share of cells with one trial, where it is most of them."""
    unconfined: int
    """Trials that are known to have run in no sandbox."""
    no_sandbox_recorded: bool
    """Of no trial it is known whether it ran in a sandbox."""
    covered: Fraction | None
    """The share of cells (every combo on every task) that were measured, where
    it is low."""


_MOST = Fraction(1, 2)
_LOW = Fraction(9, 10)


def doubts(results: Results) -> Doubts:
    """The doubts about a whole site.

    Coverage is that within sweeps, where there are some: combos of different
    sweeps need not have the same tasks.
    """
    size = results.all.size
    scopes = results.sweeps or (results.all,)
    wanted = sum(scope.size.combos * scope.size.tasks for scope in scopes)
    measured = sum(scope.size.cells for scope in scopes)
    covered = Fraction(measured, wanted) if wanted else None
    once = Fraction(size.cells_run_once, size.cells) if size.cells else None
    return Doubts(
        ran_once=once if once is not None and once > _MOST else None,
        unconfined=size.unconfined,
        no_sandbox_recorded=size.sandbox_unknown == size.rows,
        covered=covered if covered is not None and covered < _LOW else None,
    )
