"""Many problems, told in a few lines and kept whole in a file.

One wrong column of a long table is as many problems as it has rows; ten of them show
what is wrong, and the rest would only hide the other sorts.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from harness_bench.errors import Problem, SchemaError

SHOWN = 10
"""So many of each sort are told."""

_HEAD = "Problems that harness-bench found"


def in_brief(error: SchemaError, *, out: Path | None = None) -> SchemaError:
    """The same error with the first problems of each sort and a count of the rest.

    Args:
        error: With all problems, the summary last. Returned as it is where no sort has
            more than `SHOWN`.
        out: The folder of the site, beside which the whole list is kept. None: nowhere.
    """
    counts = Counter(problem.sort for problem in error.problems if problem.sort)
    if not any(count > SHOWN for count in counts.values()):
        return error
    lines = list(_few(error.problems, counts))
    if out is not None:
        path = list_file(out)
        try:
            path.write_text(f"{_HEAD}:\n\n{error}\n", encoding="utf-8")
        except OSError:
            pass  # The list is a convenience: what is wrong is told above.
        else:
            lines.append(Problem("", f"the whole list is in {path}"))
    return type(error)(*lines)


def list_file(out: Path) -> Path:
    """Where the whole list for a site is: beside its folder, never inside."""
    out = out.absolute()
    return out.with_name(f"{out.name}.problems.txt")


def forget(out: Path) -> None:
    """Remove the list of an earlier build; another file of its name stays."""
    path = list_file(out)
    try:
        with path.open(encoding="utf-8") as file:
            ours = file.readline().startswith(_HEAD)
        if ours:
            path.unlink()
    except (OSError, UnicodeDecodeError):
        return


def _few(problems: Sequence[Problem], counts: Counter[str]) -> Iterable[Problem]:
    told: Counter[str] = Counter()
    for problem in problems:
        told[problem.sort] += 1
        if not problem.sort or told[problem.sort] <= SHOWN:
            yield problem
        if problem.sort and told[problem.sort] == SHOWN < counts[problem.sort]:
            more = counts[problem.sort] - SHOWN
            yield Problem("", f"… and {more:,} more: {problem.sort}")
