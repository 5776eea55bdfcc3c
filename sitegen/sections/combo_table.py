"""Combos as a table: on the board, and on pages of models, harnesses and tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from sitegen.keys import ComboKey
from sitegen.names import Entity
from sitegen.stats.standings import Standing
from sitegen.table import (
    MEASURES,
    PASSED,
    RATE,
    Cell,
    Column,
    Table,
    measures,
    name_cell,
    plain_cell,
    rank_cell,
    rank_column,
)
from sitegen.view import View


def combo_table(
    view: View,
    standings: Sequence[Standing[ComboKey]],
    caption: str,
    *,
    filterable: bool = False,
    same: Literal["", "model", "harness"] = "",
    ranked: bool = True,
) -> Table:
    """Combos with model and harness in columns of their own, but for what is `same`."""
    harness = Column(title="Harness", kind="text", folds=True)
    heads = {
        "": (Column(title="Model", kind="name"), harness),
        "model": (Column(title="Harness", kind="name"),),
        "harness": (Column(title="Model", kind="name"),),
    }
    varied = same != "model" and any(s.key.variant for s in standings)
    variant = (Column(title="Variant", kind="text", folds=True),) if varied else ()

    def named(standing: Standing[ComboKey]) -> tuple[Cell, ...]:
        if same == "model":
            return (in_harness_cell(view.names[standing.key]),)
        return (
            name_cell(view.names[standing.key]),
            *(() if same else (_harness_cell(view, standing),)),
            *((plain_cell(standing.key.variant),) if varied else ()),
        )

    return Table(
        caption=caption,
        columns=(
            *((rank_column(standings),) if ranked else ()),
            *heads[same],
            *variant,
            *MEASURES,
        ),
        rows=tuple(
            (
                *((rank_cell(s, view.scope.size.tasks),) if ranked else ()),
                *named(s),
                *measures(s),
            )
            for s in standings
        ),
        filterable=filterable,
    )


def board_table(
    view: View,
    standings: Sequence[Standing[ComboKey]],
    caption: str,
    heads: Mapping[int, str],
    tool: str,
) -> Table:
    """The board: who passed how much, within what interval, and how fast."""
    whole = combo_table(view, standings, caption, ranked=False)
    scored = any(s.score is not None for s in standings)
    left_out = () if scored else (RATE,)
    kept = [i for i, column in enumerate(whole.columns) if column not in left_out]
    rates = [s.headline for s in standings if s.rate is not None]
    falls = all(a >= b for a, b in pairwise(rates) if a is not None and b is not None)

    def column(found: Column) -> Column:
        if found is PASSED and (scored or not falls):
            return replace(found, sorted="")
        return replace(found, sorted="descending") if found is RATE and falls else found

    return replace(
        whole,
        columns=tuple(column(whole.columns[i]) for i in kept),
        rows=tuple(tuple(row[i] for i in kept) for row in whole.rows),
        heads=heads,
        tool=tool if len(standings) > 1 else "",
    )


def in_harness_cell(found: Entity) -> Cell:
    """A combo among others of its model: by its harness, the quant muted."""
    return Cell(
        text=found.harness,
        muted=found.quant,
        href=found.href,
        sort=f"{found.harness} {found.quant}".lower(),
    )


def _harness_cell(view: View, standing: Standing[ComboKey]) -> Cell:
    found = view.names[standing.key.harness_of]
    return Cell(text=found.label, href=found.href, sort=found.label.lower())
