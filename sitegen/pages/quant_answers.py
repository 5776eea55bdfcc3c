"""The analysis page's answer about quants: paired, over all tasks and by task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.charts.quant_pairs import pair_table
from sitegen.numbers import points
from sitegen.pages.desk import titled
from sitegen.pages.page import Section
from sitegen.table import Cell, Column, Table, count_cell, plain_cell
from sitegen.words import Words, entity, words

if TYPE_CHECKING:
    from sitegen.pages.desk import Desk
    from sitegen.stats.quants import QuantPair


def quant_sections(desk: Desk) -> tuple[Section, ...]:
    """Paired quants of one model: over all tasks, and for each task."""
    view = desk.everything
    pairs = view.scope.quant_pairs
    title = "Do more bits help?"
    whole = [pair for pair in pairs if pair.task is None]
    if not whole:
        text = words("No model ran at two quants on the same cells.")
        return (Section(title=title, anchor="quant-pairs", findings=(text,)),)
    texts = [_pooled(pair) for pair in whole if pair.model is None]
    gains = [p for p in whole if p.model is not None]
    if len(gains) > 1:
        most = max(gains, key=lambda p: (p.delta_rate, p.model))
        least = min(gains, key=lambda p: (p.delta_rate, p.model))
        names = desk.names.models
        texts.append(
            words(
                entity(names[most.model or "",]),
                f" changes most for the better ({points(most.delta_rate)} points), ",
                entity(names[least.model or "",]),
                f" most for the worse ({points(least.delta_rate)} points). "
                "Each rests on "
                "the cells that both quants ran.",
            )
        )
    sections = desk.chart_sections(desk.results.all, "quant_pairs")
    if not sections:
        sections = (
            Section(
                title="",
                anchor="quant-pairs",
                table=pair_table(view, whole, "Paired quants"),
            ),
        )
    return (*titled(title, sections, texts), *_by_task(desk))


def _pooled(pair: QuantPair) -> Words:
    return words(
        f"From {pair.quant_a} to {pair.quant_b}, all models together: "
        f"{pair.passed_a:,} of {pair.n_a:,} against {pair.passed_b:,} of {pair.n_b:,}, "
        f"a change of {points(pair.delta_rate)} points."
    )


def _by_task(desk: Desk) -> tuple[Section, ...]:
    """Pooled pairs task by task, where enough cells stand behind each."""
    pairs = desk.results.all.quant_pairs
    pooled = [p for p in pairs if p.model is None and p.task is not None]
    chosen = pooled or [p for p in pairs if p.task is not None]
    place = {s.key[0]: i for i, s in enumerate(desk.results.all.tasks)}
    rows = tuple(
        _task_row(desk, pair, several=not pooled)
        for pair in sorted(chosen, key=lambda p: (place[p.task or ""], p.model or ""))
    )
    if not rows:
        return ()
    model = (Column(title="Model", kind="text", folds=True),)
    return (
        Section(
            title="More bits, task by task",
            anchor="quant-tasks",
            paragraphs=(
                words(
                    "Paired: only cells that both quants ran. A task's own page counts "
                    "every trial and so can differ."
                ),
            ),
            table=Table(
                caption="Paired quants by task",
                columns=(
                    Column(title="Task", kind="name"),
                    *(() if pooled else model),
                    Column(title="Fewer bits", folds=True),
                    Column(title="More bits", folds=True),
                    Column(title="Change"),
                ),
                rows=rows,
            ),
        ),
    )


def _task_row(desk: Desk, pair: QuantPair, *, several: bool) -> tuple[Cell, ...]:
    task = desk.names.tasks[pair.task or "",]
    model = plain_cell(desk.names.models[pair.model,].label if pair.model else None)
    return (
        Cell(text=task.label, href=task.href, sort=task.label.lower()),
        *((model,) if several else ()),
        count_cell(pair.passed_a, pair.n_a, strong=False),
        count_cell(pair.passed_b, pair.n_b, strong=False),
        Cell(
            text=points(pair.delta_rate),
            muted=" pt",
            sort=float(pair.delta_rate),
            strong=True,
        ),
    )
