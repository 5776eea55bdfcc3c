"""What answering was like: how fast, in how much context, with calls of what form."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from sitegen.definitions import DEFINITIONS
from sitegen.measures import CONTEXT, FIRST_TOKEN, SPEED
from sitegen.numbers import UNKNOWN, count_of, decimal, seconds
from sitegen.page import Section
from sitegen.sections.combo_table import in_harness_cell
from sitegen.table import (
    EMPTY,
    SCREENFUL,
    Cell,
    Column,
    Table,
    count_cell,
    name_cell,
    plain_cell,
    ranks,
)
from sitegen.words import entity, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sitegen.stats.speed import Speed
    from sitegen.view import View
    from sitegen.words import Run, Words

_ROUND = 100
"""From here on, digits after the point say nothing."""
_FEW = Fraction(1, 100)
_SHORT_S = Fraction(1, 10)
_MS = 1000
_TITLE = "How fast does it answer?"

_SPEED = (
    Column(
        title="Speed",
        hint="median over trials, of tokens a second after the first",
        about="answer-speed",
    ),
    Column(
        title="First token",
        folds=True,
        hint="median over trials, of the time from a call to its first output",
        about="first-token",
    ),
)
_MALFORMED = Column(
    title="Malformed",
    hint="calls of tools, for each 100 calls of the model",
    about="malformed",
)
_CALLS = (
    replace(_MALFORMED, folds=True),
    Column(
        title="Of calls",
        folds=True,
        hint="malformed calls of tools / calls of the model",
    ),
    Column(
        title="Context",
        folds=True,
        hint="tokens: the most that one call held",
        about="context-peak",
    ),
    Column(title="Trials", folds=True, hint="of which these figures are known"),
)


def models_speed(view: View) -> tuple[Section, ...]:
    """All models of a scope, the fastest first."""
    found = sorted(
        (each for each in view.scope.speeds if each.kind == "model"), key=_fastest_first
    )
    if not found:
        return ()
    head = Column(title="Model", kind="name")
    names = [name_cell(view.names.model_quants[each.key]) for each in found]
    return (
        Section(
            title="How fast do they answer?",
            anchor="speed",
            findings=_fastest(view, found),
            paragraphs=_how_to_read(view, found),
            table=_table(f"Answers of models, {view.label}", head, names, found),
        ),
    )


def model_speed(
    view: View, label: str, quants: Collection[tuple[str, ...]]
) -> tuple[Section, ...]:
    """A model's quants in each harness."""
    own = [each for each in view.scope.speeds if each.key[:2] in quants]
    whole = [each for each in own if each.kind == "model"]
    found = sorted((e for e in own if e.kind == "combo"), key=_fastest_first)
    if not found:
        return ()
    head = Column(title="Harness", kind="name")
    names = [in_harness_cell(view, each.key) for each in found]
    return (
        Section(
            title=_TITLE,
            anchor="speed",
            findings=tuple(_said(view, each) for each in whole if _is_timed(each)),
            paragraphs=_how_to_read(view, found),
            table=_table(f"Answers of {label} in each harness", head, names, found),
        ),
    )


def combo_speed(view: View, key: tuple[str, ...]) -> tuple[Section, ...]:
    """One combo, in words."""
    found = next((s for s in view.scope.speeds if s.key == key), None)
    if found is None:
        return ()
    terms = tuple(_terms(found))
    return (
        Section(
            title=_TITLE,
            anchor="speed",
            paragraphs=_left_out([found]),
            terms=tuple((DEFINITIONS[about].term, text) for about, text in terms),
            about=tuple(about for about, _ in terms),
        ),
    )


def harness_speed(view: View, label: str, harness: str) -> tuple[Section, ...]:
    """Every model in one harness."""
    found = sorted(
        (each for each in view.scope.speeds if each.key[2:] == (harness,)),
        key=_fastest_first,
    )
    if not found:
        return ()
    whole = next(each for each in view.scope.speeds if each.key == (harness,))
    head = Column(title="Model", kind="name")
    names = [name_cell(view.names.combos[each.key]) for each in found]
    return (
        Section(
            title="How do models answer in it?",
            anchor="speed",
            findings=(words(_calls_of(whole), "."),) if whole.calls else (),
            paragraphs=_how_to_read(view, found),
            table=_table(f"Answers in {label}", head, names, found),
        ),
    )


def harnesses_calls(view: View) -> tuple[Section, ...]:
    """In which harness calls of tools come out malformed."""
    found = [e for e in view.scope.speeds if e.kind == "harness" and e.calls]
    if not found:
        return ()
    found.sort(key=lambda each: (-(each.malformed_per_100 or 0), each.key))
    names = [name_cell(view.names.harnesses[each.key]) for each in found]
    columns = (
        Column(title="Harness", kind="name"),
        replace(_MALFORMED, sorted="descending"),
        *_CALLS[1:],
    )
    return (
        Section(
            title="Where do calls of tools come out malformed?",
            anchor="malformed",
            findings=(_worst(view, found),),
            table=Table(
                caption=f"Calls of tools, {view.label}",
                columns=columns,
                rows=tuple(
                    (name, *_calls_cells(each), _trials_cell(_calls_known(each)))
                    for name, each in zip(names, found, strict=True)
                ),
            ),
        ),
    )


def _terms(found: Speed) -> Iterator[tuple[str, Words]]:
    """Anchor of a definition, and what of it is known of an entity."""
    speed, wait = found.figures[SPEED], found.figures[FIRST_TOKEN]
    if speed.value is not None:
        n = count_of(speed.n_trials, "trial")
        yield "answer-speed", words(f"{_rate(speed.value)}, median over {n}")
    if wait.value is not None:
        n = count_of(wait.n_trials, "trial")
        yield "first-token", words(f"{' '.join(_wait(wait.value))}, median over {n}")
    context = found.figures[CONTEXT]
    if context.value is not None:
        n = count_of(context.n_trials, "trial")
        peak = count_of(int(context.value), "token")
        yield "context-peak", words(f"at most {peak} in a call, over {n}")
    if found.malformed_per_100 is not None:
        n = count_of(found.n_calls, "trial")
        yield (
            "malformed",
            words(
                f"{found.malformed:,} in {count_of(found.calls, 'call')} of the model, "
                f"over {n}"
            ),
        )


def _fastest_first(found: Speed) -> tuple[Fraction, tuple[str, ...]]:
    return -(found.figures[SPEED].value or Fraction(-1)), found.key


def _is_timed(found: Speed) -> bool:
    return found.figures[SPEED].value is not None


def _table(
    caption: str, head: Column, names: Sequence[Cell], found: Sequence[Speed]
) -> Table:
    return Table(
        caption=caption,
        columns=(head, replace(_SPEED[0], sorted="descending"), _SPEED[1], *_CALLS),
        rows=tuple(
            (name, *_row(each)) for name, each in zip(names, found, strict=True)
        ),
        filterable=len(found) > SCREENFUL,
    )


def _row(found: Speed) -> tuple[Cell, ...]:
    speed, wait = found.figures[SPEED], found.figures[FIRST_TOKEN]
    timed = [each.n_trials for each in (speed, wait) if each.value is not None]
    return (
        EMPTY
        if speed.value is None
        else Cell(
            text=_rate(speed.value),
            muted=" tok/s",
            sort=float(speed.value),
            strong=True,
        ),
        EMPTY if wait.value is None else _wait_cell(wait.value),
        *_calls_cells(found),
        _trials_cell([*timed, *_calls_known(found)]),
    )


def _calls_cells(found: Speed) -> tuple[Cell, ...]:
    per_100, peak = found.malformed_per_100, found.figures[CONTEXT].value
    return (
        EMPTY
        if per_100 is None
        else Cell(text=_in_100(per_100), muted=" in 100", sort=float(per_100)),
        count_cell(found.malformed, found.calls, strong=False),
        plain_cell(None if peak is None else int(peak)),
    )


def _calls_known(found: Speed) -> list[int]:
    """How many trials are behind the calls and the context, where they are told."""
    peak = found.figures[CONTEXT]
    context = [] if peak.value is None else [peak.n_trials]
    return [*context, found.n_calls] if found.calls else context


def _rate(tokens_per_s: Fraction) -> str:
    if tokens_per_s >= _ROUND:
        return f"{round(tokens_per_s):,}"
    return decimal(tokens_per_s, 1)


def _in_100(malformed: Fraction) -> str:
    if 0 < malformed < _FEW:
        return f"< {decimal(_FEW, 2)}"
    return decimal(malformed, 2 if malformed else 0)


def _wait_cell(wait_s: Fraction) -> Cell:
    text, unit = _wait(wait_s)
    return Cell(text=text, muted=f" {unit}", sort=float(wait_s))


def _wait(wait_s: Fraction) -> tuple[str, str]:
    if wait_s < _SHORT_S:
        return decimal(wait_s * _MS, 0), "ms"
    return seconds(wait_s)


def _trials_cell(numbers: Sequence[int]) -> Cell:
    """The number behind every figure of the row, or the range of these numbers."""
    if not numbers:
        return EMPTY
    return Cell(text=ranks((min(numbers), max(numbers))), sort=max(numbers))


def _how_to_read(view: View, found: Sequence[Speed]) -> tuple[Words, ...]:
    medians = words("Speed and first token are medians over trials.")
    timed = any(_is_timed(each) for each in found)
    elsewhere: Words = ()
    if timed and not view.scope.one_hardware:
        elsewhere = words(
            " Not all that was timed ran on one kind of hardware, which is not "
            "published: a faster row may be a faster machine."
        )
    return ((*medians, *elsewhere), *_left_out(found)) if timed else _left_out(found)


def _left_out(found: Sequence[Speed]) -> tuple[Words, ...]:
    """Why a row has no speed."""
    if not any(each.mixed for each in found):
        return ()
    return (
        words(
            "Where the trials of a row ran on different hardware, its speed and first "
            f"token are left out ({UNKNOWN}): times of two machines have no median "
            "that is true of either."
        ),
    )


def _fastest(view: View, found: Sequence[Speed]) -> tuple[Words, ...]:
    """First and last, where they may be compared."""
    timed = [each for each in found if _is_timed(each)]
    if len(timed) <= 1 or not view.scope.one_hardware:
        return tuple(_said(view, each) for each in timed[:1] if len(timed) == 1)
    first, last = timed[0], timed[-1]
    return (
        words(
            *_said(view, first),
            f" The slowest of {count_of(len(timed), 'model')}, ",
            _named(view, last),
            f", writes {_rate(last.figures[SPEED].value or Fraction(0))} a second.",
        ),
    )


def _said(view: View, found: Speed) -> Words:
    speed, wait = found.figures[SPEED], found.figures[FIRST_TOKEN]
    n, begins = [speed.n_trials], ""
    if wait.value is not None:
        n.append(wait.n_trials)
        begins = f" begins to answer after {' '.join(_wait(wait.value))} and"
    return words(
        _named(view, found),
        f"{begins} writes {_rate(speed.value or Fraction(0))} tokens a second: "
        f"{'medians' if begins else 'the median'} over {ranks((min(n), max(n)))} "
        f"{'trial' if max(n) == 1 else 'trials'}.",
    )


def _named(view: View, found: Speed) -> Run:
    return entity(view.names.model_quants[found.key])


def _calls_of(found: Speed) -> str:
    n = count_of(found.calls, "call")
    if not found.malformed:
        return f"In {n} of a model, no call of a tool came out malformed"
    return (
        f"In {n} of a model, {count_of(found.malformed, 'call')} of tools came out "
        f"malformed: {_in_100(found.malformed_per_100 or Fraction(0))} in 100"
    )


def _worst(view: View, found: Sequence[Speed]) -> Words:
    calls, lost = sum(e.calls for e in found), sum(e.malformed for e in found)
    first = found[0]
    if not first.malformed:
        return words(
            f"Nowhere: in {count_of(calls, 'call')} of a model, no call of a tool "
            "came out malformed."
        )
    return words(
        "Most often in ",
        entity(view.names.harnesses[first.key]),
        f", {_in_100(first.malformed_per_100 or Fraction(0))} in 100 calls of a model"
        + (
            f"; over all harnesses it is {_in_100(Fraction(100 * lost, calls))}."
            if len(found) > 1
            else "."
        ),
    )
