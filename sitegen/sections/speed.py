"""What answering was like: how fast, in how much context, with calls of what form."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from sitegen.definitions import DEFINITIONS
from sitegen.keys import ComboKey, HarnessKey, Key, QuantKey
from sitegen.measures import (
    FIRST_TOKEN,
    MALFORMED,
    SPEED,
    Answer,
    Pace,
    Peak,
    shown,
)
from sitegen.numbers import UNKNOWN, count_of, decimal
from sitegen.page import Section
from sitegen.sections.combo_table import in_harness_cell
from sitegen.stats.speed import Speed
from sitegen.table import (
    EMPTY,
    SCREENFUL,
    Cell,
    Column,
    Table,
    count_cell,
    name_cell,
    ranks,
)
from sitegen.view import View
from sitegen.words import Words, entity, paragraph, words

_FEW = Fraction(1, 100)
_TITLE = "How fast does it answer?"


def models_speed(view: View) -> Iterator[Section]:
    """All models of a scope, the fastest first."""
    found = [each for each in view.scope.speeds if isinstance(each.key, QuantKey)]
    return _answers(
        view,
        found,
        title="How fast do they answer?",
        caption=f"Answers of models, {view.label}",
        head="Model",
        findings=_fastest(view, sorted(found, key=_fastest_first)),
    )


def model_speed(
    view: View, label: str, quants: Collection[QuantKey]
) -> Iterator[Section]:
    """A model's quants in each harness."""
    whole = [each for each in view.scope.speeds if each.key in quants]
    return _answers(
        view,
        _of_combos(view, lambda combo: combo.quant_of in quants),
        title=_TITLE,
        caption=f"Answers of {label} in each harness",
        head="Harness",
        findings=tuple(_said(view, each) for each in whole if _is_timed(each)),
    )


def combo_speed(view: View, key: ComboKey) -> Iterator[Section]:
    """One combo, in words."""
    found = next((s for s in view.scope.speeds if s.key == key), None)
    if found is None:
        return
    terms = tuple(_terms(found))
    yield Section(
        title=_TITLE,
        anchor="speed",
        paragraphs=_left_out([found]),
        terms=tuple((DEFINITIONS[about].term, text) for about, text in terms),
        about=tuple(about for about, _ in terms),
    )


def harness_speed(view: View, label: str, harness: HarnessKey) -> Iterator[Section]:
    """Every model in one harness."""
    whole = [each for each in view.scope.speeds if each.key == harness and each.calls]
    return _answers(
        view,
        _of_combos(view, lambda combo: combo.harness_of == harness),
        title="How do models answer in it?",
        caption=f"Answers in {label}",
        head="Model",
        findings=tuple(words(_calls_of(each)) for each in whole),
    )


def harnesses_calls(view: View) -> Iterator[Section]:
    """In which harness calls of tools come out malformed."""
    found = [e for e in view.scope.speeds if isinstance(e.key, HarnessKey) and e.calls]
    if not found:
        return
    found.sort(key=lambda each: (-(each.malformed_per_100 or 0), each.key))
    caption = f"Tool calls, {view.label}"
    yield Section(
        title="Which harnesses get malformed tool calls?",
        anchor="malformed",
        findings=(_worst(view, found),),
        table=_table(view, caption, "Harness", found, timed=False),
    )


def _of_combos(view: View, which: Callable[[ComboKey], bool]) -> list[Speed]:
    return [
        each
        for each in view.scope.speeds
        if isinstance(each.key, ComboKey) and which(each.key)
    ]


def _answers(
    view: View,
    found: Collection[Speed],
    *,
    title: str,
    caption: str,
    head: str,
    findings: tuple[Words, ...],
) -> Iterator[Section]:
    """A section with a row each, the fastest first; nothing without any."""
    if not found:
        return
    ordered = sorted(found, key=_fastest_first)
    yield Section(
        title=title,
        anchor="speed",
        findings=findings,
        paragraphs=_how_to_read(view, ordered),
        table=_table(view, caption, head, ordered),
    )


def _terms(found: Speed) -> Iterator[tuple[str, Words]]:
    """Anchor of a definition, and what of it is known of an entity."""
    for each, figure in found.figures.items():
        if figure.value is not None:
            trials = count_of(figure.n_trials, "trial")
            said = each.said.format(amount=each.text(figure.value), trials=trials)
            yield each.anchor, words(said)
    if found.calls:
        calls = count_of(found.calls, "model call")
        trials = count_of(found.n_calls, "trial")
        yield MALFORMED.anchor, words(f"{found.malformed:,} in {calls}, over {trials}")


def _fastest_first(found: Speed) -> tuple[Fraction, Key]:
    return -(found.figures[SPEED].value or Fraction(-1)), found.key


def _is_timed(found: Speed) -> bool:
    return found.figures[SPEED].value is not None


def _table(
    view: View,
    caption: str,
    head: str,
    found: Sequence[Speed],
    *,
    timed: bool = True,
) -> Table:
    """Rows in the order given: the fastest first, or the most malformed calls."""
    paces = shown(Pace, view.scope.recorded) if timed else ()
    peaks = shown(Peak, view.scope.recorded)
    named = in_harness_cell if timed and head == "Harness" else name_cell
    return Table(
        caption=caption,
        columns=(
            Column(title=head, kind="name"),
            *(_column(each) for each in paces),
            Column(
                title="Malformed",
                hint="tool calls, for each 100 model calls",
                about=MALFORMED.anchor,
                folds=timed,
                sorted="" if timed else "descending",
            ),
            Column(
                title="Of calls", folds=True, hint="malformed tool calls / model calls"
            ),
            *(_column(each) for each in peaks),
            Column(title="Trials", folds=True, hint="of which these figures are known"),
        ),
        rows=tuple(
            (
                named(view.names[each.key]),
                *pace_cells(each, paces),
                _malformed_cell(each),
                count_cell(each.malformed, each.calls, strong=False),
                *(_cell(each, measure) for measure in peaks),
                _trials_cell(each, (*paces, *peaks)),
            )
            for each in found
        ),
        filterable=len(found) > SCREENFUL,
    )


def _column(measure: Answer) -> Column:
    return Column(
        title=measure.label,
        folds=measure != SPEED,
        sorted="descending" if measure == SPEED else "",
        hint=measure.hint,
        about=measure.anchor,
    )


def _malformed_cell(found: Speed) -> Cell:
    per_100 = found.malformed_per_100
    if per_100 is None:
        return EMPTY
    return Cell(text=_in_100(per_100), muted=" in 100", sort=float(per_100))


def pace_columns(paces: Iterable[Pace]) -> Iterator[Column]:
    """The heads of `pace_cells`, of a table in another order."""
    return (replace(_column(each), sorted="") for each in paces)


def pace_cells(found: Speed | None, paces: Iterable[Pace]) -> tuple[Cell, ...]:
    """How fast an entity answered."""
    return tuple(_cell(found, pace) if found else EMPTY for pace in paces)


def _cell(found: Speed, measure: Answer) -> Cell:
    value = found.figures[measure].value
    if value is None:
        return EMPTY
    text, unit = measure.written(value)
    muted = f" {unit}" if unit else ""
    return Cell(text=text, muted=muted, sort=float(value), strong=measure == SPEED)


def _in_100(malformed: Fraction) -> str:
    if 0 < malformed < _FEW:
        return f"< {decimal(_FEW, 2)}"
    return decimal(malformed, 2 if malformed else 0)


def _trials_cell(found: Speed, measures: Iterable[Answer]) -> Cell:
    """The number behind every figure of the row, or the range of these numbers."""
    figures = [found.figures[each] for each in measures]
    numbers = [each.n_trials for each in figures if each.value is not None]
    if found.calls:
        numbers.append(found.n_calls)
    if not numbers:
        return EMPTY
    return Cell(text=ranks((min(numbers), max(numbers))), sort=max(numbers))


def _how_to_read(view: View, found: Sequence[Speed]) -> tuple[Words, ...]:
    if not any(_is_timed(each) for each in found):
        return _left_out(found)
    said = ["Speeds and times are medians over trials."]
    if not view.scope.one_hardware:
        said.append(
            "Not all of them were measured on one kind of hardware, which is not "
            "published, so a faster row may be a faster machine."
        )
    return (words(" ".join(said)), *_left_out(found))


def _left_out(found: Sequence[Speed]) -> tuple[Words, ...]:
    """Why a row has no speed."""
    if not any(each.mixed for each in found):
        return ()
    return paragraph(
        "Where the trials of a row ran on different hardware, its speeds and times "
        f"are left out ({UNKNOWN}): no median over two machines is true of either."
    )


def _fastest(view: View, found: Sequence[Speed]) -> tuple[Words, ...]:
    """First and last, where they may be compared."""
    timed = [each for each in found if _is_timed(each)]
    if len(timed) <= 1 or not view.scope.one_hardware:
        return tuple(_said(view, each) for each in timed[:1] if len(timed) == 1)
    first, last = timed[0], timed[-1]
    return paragraph(
        *_said(view, first),
        f" The slowest of {count_of(len(timed), 'model')}, ",
        entity(view.names[last.key]),
        f", writes {_rate(last)} per second.",
    )


def _said(view: View, found: Speed) -> Words:
    speed, wait = found.figures[SPEED], found.figures[FIRST_TOKEN]
    if wait.value is None:
        return words(
            entity(view.names[found.key]),
            f" writes {_rate(found)} tokens per second, the median over "
            f"{count_of(speed.n_trials, 'trial')}.",
        )
    low, high = sorted((speed.n_trials, wait.n_trials))
    trials = count_of(high, "trial") if low == high else f"{low:,} to {high:,} trials"
    return words(
        entity(view.names[found.key]),
        f" begins to answer after {FIRST_TOKEN.text(wait.value)} and writes "
        f"{_rate(found)} tokens per second: medians over {trials}.",
    )


def _rate(found: Speed) -> str:
    return SPEED.written(found.figures[SPEED].value or Fraction(0))[0]


def _calls_of(found: Speed) -> str:
    calls = count_of(found.calls, "model call")
    if not found.malformed:
        return f"In {calls}, no tool call was malformed."
    malformed = count_of(found.malformed, "malformed tool call")
    per_100 = _in_100(found.malformed_per_100 or Fraction(0))
    return f"{malformed} in {calls}: {per_100} in 100."


def _worst(view: View, found: Sequence[Speed]) -> Words:
    calls, lost = sum(e.calls for e in found), sum(e.malformed for e in found)
    first = found[0]
    if not first.malformed:
        said = f"In {count_of(calls, 'model call')}, no tool call was malformed."
        return words(f"No harness does. {said}")
    overall = (
        f" Over all harnesses it is {_in_100(Fraction(100 * lost, calls))} in 100."
    )
    return words(
        entity(view.names[first.key]),
        " gets the most: ",
        f"{_in_100(first.malformed_per_100 or Fraction(0))} in 100 model calls.",
        overall if len(found) > 1 else "",
    )
