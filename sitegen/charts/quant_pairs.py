"""Two quants of each model, joined by a line: what more bits changed."""

from collections.abc import Iterable, Sequence

from sitegen.charts.figure import Chart, ChartKind, Figure, Width
from sitegen.charts.slopes import MOST, Slope, slopes
from sitegen.keys import ModelKey
from sitegen.numbers import points, signed
from sitegen.stats.quants import QuantPair, bits_of
from sitegen.table import Cell, Column, Table, count_cell, name_cell, plain_cell
from sitegen.theme import hue
from sitegen.view import View


def quant_pairs(view: View) -> Chart | None:
    """The most common step in bits, e.g. 4-bit to 8-bit; None without a pair."""
    found = _drawn(view.scope.quant_pairs)
    if not found:
        return None
    below, above = bits_of(found[0])
    more = f" The {MOST} with the most trials are drawn." if len(found) > MOST else ""
    shown = sorted(
        found, key=lambda p: (-(p.n_a + p.n_b), p.model or "", p.quant_a, p.quant_b)
    )[:MOST]
    return Chart(
        id="quant_pairs",
        title="More bits for the same model",
        caption=(
            f"Pass rate of each model at its {below} and at its {above} quant, over "
            "the cells that both ran. A rising line gained from more bits; behind each "
            f"name stands the change in points.{more}"
        ),
        wide=_figure(view, shown, (below, above), "wide"),
        narrow=_figure(view, shown, (below, above), "narrow"),
        table=pair_table(
            view,
            [pair for pair in view.scope.quant_pairs if pair.task is None],
            "Paired quants over the cells that both ran",
        ),
        data=f"{view.data_folder}quant_pairs",
    )


def pair_table(view: View, pairs: Iterable[QuantPair], caption: str) -> Table:
    """Quant pairs as a table; a pooled pair is called "all models".

    Pairs of which it is not known who has more bits stand in it only where no other
    does, and under neutral heads.
    """
    every = list(pairs)
    steps = [pair for pair in every if pair.is_a_step]
    heads = ("Fewer bits", "More bits") if steps else ("Quant", "Other quant")
    return Table(
        caption=caption,
        columns=(
            Column(title="Model", kind="name"),
            Column(title=heads[0], kind="text", folds=True),
            Column(title="Passed", folds=True),
            Column(title=heads[1], kind="text", folds=True),
            Column(title="Passed", folds=True),
            Column(title="Change", hint="passed trials gained; points of pass rate"),
        ),
        rows=tuple(_row(view, pair) for pair in steps or every),
    )


def _row(view: View, pair: QuantPair) -> tuple[Cell, ...]:
    if pair.model is None:
        name = Cell(text="all models", strong=True, sort="")
    else:
        name = name_cell(view.names[ModelKey(pair.model)])
    change = points(pair.delta_rate)
    delta = pair.delta
    return (
        name,
        plain_cell(pair.quant_a),
        count_cell(pair.passed_a, pair.n_a, strong=False),
        plain_cell(pair.quant_b),
        count_cell(pair.passed_b, pair.n_b, strong=False),
        Cell(
            text=signed(delta) if delta is not None else change,
            muted=f" ({change} pt)" if delta is not None else " pt",
            sort=float(pair.delta_rate),
            strong=True,
        ),
    )


def _drawn(pairs: Sequence[QuantPair]) -> list[QuantPair]:
    """Pairs over all tasks that make the most common step in bits."""
    steps: dict[tuple[str, str], list[QuantPair]] = {}
    for pair in pairs:
        if pair.model is not None and pair.task is None and pair.is_a_step:
            steps.setdefault(bits_of(pair), []).append(pair)
    if not steps:
        return []
    return max(steps.items(), key=lambda item: (len(item[1]), item[0]))[1]


def _figure(
    view: View, shown: list[QuantPair], ends: tuple[str, str], width: Width
) -> Figure:
    models = [view.names[ModelKey(pair.model or "")] for pair in shown]
    lines = [
        Slope(
            entity=model,
            rates=(pair.rate_a, pair.rate_b),
            colour=hue(model.hue),
            tells=(
                f"{pair.quant_a}: {pair.passed_a}/{pair.n_a} passed",
                f"{pair.quant_b}: {pair.passed_b}/{pair.n_b} passed",
                f"change {points(pair.delta_rate)} points",
            ),
            change=points(pair.delta_rate),
        )
        for model, pair in zip(models, shown, strict=True)
    ]
    return slopes(lines, ends, width, least=230)


CHART = ChartKind(
    id="quant_pairs",
    home="all",
    question="quants",
    draw=quant_pairs,
)
