"""Contact with the hidden grader, by harness."""

from sitegen.charts.figure import (
    Chart,
    ChartKind,
    Figure,
    Margin,
    Width,
    axis,
    figure,
    hover,
    left_margin,
    legend_above,
    names_beside,
    telling,
    words_at,
)
from sitegen.keys import HarnessKey
from sitegen.numbers import count_of
from sitegen.stats.audit import Audit
from sitegen.table import Column, Table, count_cell, name_cell, percent_cell, plain_cell
from sitegen.theme import ACCENT, BAND, INK
from sitegen.view import View

_MOST = 40


def audit(view: View) -> Chart | None:
    """Every harness of the scope; None where no agent came near the grader."""
    lines = _sorted(view)
    if not any(line.mentions or line.accesses for line in lines):
        return None
    return Chart(
        id="audit",
        title="Contact with the hidden grader",
        caption=(
            f"Trials of each harness, {view.label}, whose log mentions the hidden "
            "grader, and among them those whose agent ran or read it."
        ),
        wide=_figure(view, "wide"),
        narrow=_figure(view, "narrow"),
        table=Table(
            caption=f"Contact with the hidden grader, {view.label}",
            columns=(
                Column(title="Harness", kind="name"),
                Column(title="Mentioned"),
                Column(title="Ran", folds=True),
                Column(title="Read", folds=True),
                Column(title="Of these passed", folds=True),
                Column(title="Rate kept", folds=True),
                Column(title="Counted as failed", folds=True),
                Column(title="Dropped", folds=True),
            ),
            rows=tuple(
                (
                    name_cell(view.names[HarnessKey(line.harness)]),
                    plain_cell(line.mentions),
                    plain_cell(line.ran),
                    plain_cell(line.read),
                    count_cell(line.accesses_passed, line.accesses, strong=False)
                    if line.accesses
                    else plain_cell(0),
                    percent_cell(line.kept.rate),
                    percent_cell(line.failed.rate),
                    percent_cell(line.dropped.rate),
                )
                for line in lines
            ),
        ),
        data=f"{view.data_folder}audit",
    )


def _sorted(view: View) -> list[Audit]:
    return sorted(view.scope.audit, key=lambda a: (a.accesses, a.mentions, a.harness))


def _figure(view: View, width: Width) -> Figure:
    lines = _sorted(view)[-_MOST:]
    narrow = width == "narrow"
    labels = [view.names[HarnessKey(line.harness)].label for line in lines]
    left = left_margin(labels, 110 if narrow else 300)
    rows = list(range(len(lines)))
    most = max(
        [1, *(line.mentions for line in lines), *(line.accesses for line in lines)]
    )
    step = max(1, -(-most // 5))
    ticks = [(value, f"{value}") for value in range(0, most + 1, step)]
    return figure(
        [
            _bars(
                view, lines, rows, "mentioned", BAND, [line.mentions for line in lines]
            ),
            _bars(
                view,
                lines,
                rows,
                "ran or read",
                ACCENT,
                [line.accesses for line in lines],
            ),
            words_at(
                "counts",
                [max(line.mentions, line.accesses) for line in lines],
                rows,
                [
                    f"{line.mentions}"
                    + (f", {line.accesses} ran or read" if line.accesses else "")
                    for line in lines
                ],
            )
            | {"showlegend": False},
        ],
        width=width,
        height=len(lines) * 32 + (103 if narrow else 84),
        margin=Margin(left=left, right=140, top=51 if narrow else 32, bottom=42),
        xaxis=axis(0, most, ticks, title="trials"),
        yaxis=axis(
            -0.6,
            len(lines) - 0.4,
            names_beside(labels, left),
            colour=INK,
        ),
        legend=legend_above(1.02, order="normal"),
    )


def _bars(
    view: View,
    lines: list[Audit],
    rows: list[int],
    name: str,
    colour: str,
    counts: list[int],
) -> dict[str, object]:
    harnesses = [view.names[HarnessKey(line.harness)] for line in lines]
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "x": counts,
        "y": rows,
        "width": 0.56,
        "marker": {"color": colour},
        **telling(
            [
                hover(entity.label, f"{count_of(n, 'trial')} {name} it")
                for entity, n in zip(harnesses, counts, strict=True)
            ],
            [entity.href for entity in harnesses],
        ),
        "showlegend": True,
    }


CHART = ChartKind(
    id="audit",
    home="all",
    question="grader",
    draw=audit,
)
