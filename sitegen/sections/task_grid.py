"""Who passed a task: a grid of marks, models by harnesses, sorted into a staircase."""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from sitegen.keys import ComboKey, Key, KeyT
from sitegen.names import Names, in_harness
from sitegen.numbers import seconds
from sitegen.page import Section
from sitegen.sections.entities import gathered
from sitegen.stats.standings import Standing
from sitegen.table import Grid, Line, Mark
from sitegen.words import link, paragraph


def who_passes(names: Names, combos: Sequence[Standing[ComboKey]]) -> Section:
    """The grid of one task, and how it is read."""
    once = all(s.n_trials == 1 for s in combos)
    timed = any(s.time_mean_s for s in combos)
    how = (
        "Filled: passed; crossed: failed. "
        if once
        else "Filled: every trial passed; crossed: none did; else so many did. "
    )
    which = "The number is the time" if once else "The last number is the mean time"
    time = f"{which} in seconds. " if timed else ""
    return Section(
        title="Who passes it",
        anchor="combos",
        paragraphs=paragraph(
            f"{how}{time}Models and harnesses that pass it most come first. ",
            link("All cells as data", "data.html"),
            ".",
        ),
        grid=task_grid(names, combos, "Who passes it"),
    )


def task_grid(names: Names, combos: Sequence[Standing[ComboKey]], caption: str) -> Grid:
    """The grid of what combos did on one task."""
    rows = _by(combos, lambda key: (key.quant_of, key.variant))
    columns = _by(combos, lambda key: (key.harness_of, ""))
    done = {
        ((s.key.quant_of, s.key.variant), s.key.harness_of): _mark(s) for s in combos
    }
    return Grid(
        caption=caption,
        columns=tuple(
            Line(
                label=names[harness].label,
                muted="",
                href=names[harness].href,
                passed=_passed(own),
            )
            for (harness, _), own in columns
        ),
        rows=tuple(
            Line(
                label=in_harness(names[quant].label, variant),
                muted=names[quant].quant,
                href=names[quant].href,
                passed=_passed(own),
                marks=tuple(
                    done.get(((quant, variant), harness)) for (harness, _), _ in columns
                ),
            )
            for (quant, variant), own in rows
        ),
    )


def _by(
    combos: Iterable[Standing[ComboKey]], part: Callable[[ComboKey], tuple[KeyT, str]]
) -> list[tuple[tuple[KeyT, str], list[Standing[ComboKey]]]]:
    """Combos by what they share, those that pass most first."""
    found = gathered(combos, lambda s: part(s.key))
    return sorted(found.items(), key=lambda line: (-_share(line[1]), line[0]))


def _share(own: Iterable[Standing[Key]]) -> Fraction:
    rates = [s.rate for s in own if s.rate is not None]
    return sum(rates, Fraction(0)) / max(1, len(rates))


def _passed(own: Iterable[Standing[Key]]) -> str:
    known = [s for s in own if s.n_trials]
    passed, n = sum(s.passed for s in known), sum(s.n_trials for s in known)
    return f"{passed:,} of {n:,}"


def _mark(found: Standing[ComboKey]) -> Mark | None:
    if found.rate is None:
        return None
    time, unit = seconds(found.time_mean_s) if found.time_mean_s else ("", "")
    count = f"{found.passed:,}/{found.n_trials:,}" if found.n_trials > 1 else ""
    look = "p" if found.rate == 1 else "s" if found.rate else "f"
    time = time if unit in {"", "s"} else f"{time} {unit}"
    return Mark(look=look, text=" ".join(filter(None, (count, time))))
