"""Tasks from the hardest to the easiest."""

from math import ceil

from sitegen.charts.figure import (
    RATE_TICKS,
    Chart,
    ChartKind,
    Figure,
    Margin,
    Width,
    axis,
    figure,
    hover,
    in_percent,
    left_margin,
    names_above,
    names_beside,
    passed_words,
    telling,
    words_at,
)
from sitegen.charts.labels import SMALL
from sitegen.keys import TaskKey
from sitegen.numbers import correlation, seconds
from sitegen.stats.difficulty import Discrimination
from sitegen.stats.standings import Standing
from sitegen.svg import text_width
from sitegen.table import (
    EMPTY,
    HARDEST_FIRST,
    SCREENFUL,
    Cell,
    Column,
    Table,
    measures,
    name_cell,
    plain_cell,
)
from sitegen.theme import ACCENT, BAND, INK
from sitegen.view import View

_MOST = 60
_HARD = 0.5
"""Below this pass rate a bar takes the accent."""


def task_difficulty(view: View) -> Chart | None:
    """Every measured task of the scope; None with a single one."""
    tasks = [s for s in view.scope.tasks if s.rate is not None]
    if len(tasks) <= 1:
        return None
    more = f" The hardest {_MOST} are drawn." if len(tasks) > _MOST else ""
    return Chart(
        id="task_difficulty",
        title="Task difficulty",
        caption=(
            f"Share of trials that passed each task, {view.label}, hardest first; "
            "the stronger bars are tasks that fewer than half of the trials "
            f"passed.{more}"
        ),
        wide=_figure(view, "wide"),
        narrow=_figure(view, "narrow"),
        table=task_table(view),
        data=f"{view.data_folder}tasks",
    )


def task_table(view: View) -> Table:
    """The tasks of the scope, hardest first."""
    info = view.metadata.tasks
    found = {d.task: d for d in view.scope.discrimination}

    def about(task: str) -> str | None:
        known = info.get(task)
        return (known.language or known.category) if known else None

    return Table(
        caption=f"Tasks, {view.label}",
        columns=(
            Column(title="Task", kind="name"),
            Column(title="Language", kind="text", folds=True),
            *HARDEST_FIRST,
            Column(
                title="Discrimination",
                folds=True,
                hint="correlation with the results elsewhere, with its 95 % interval",
                about="discrimination",
            ),
        ),
        rows=tuple(
            (
                name_cell(view.names[s.key]),
                plain_cell(about(s.key.task)),
                *measures(s),
                _discrimination(found.get(s.key.task)),
            )
            for s in view.scope.tasks
        ),
        filterable=len(view.scope.tasks) > SCREENFUL,
    ).tidy


def _discrimination(found: Discrimination | None) -> Cell:
    """The item-rest correlation; strong where it is surely above 0."""
    if found is None or found.correlation is None:
        return EMPTY
    ends = (
        f" ({correlation(found.low)} to {correlation(found.high)})"
        if found.low is not None and found.high is not None
        else ""
    )
    return Cell(
        text=correlation(found.correlation),
        muted=ends,
        sort=round(found.correlation, 6),
        strong=found.separates,
    )


def _figure(view: View, width: Width) -> Figure:
    shown = [s for s in view.scope.tasks if s.rate is not None][:_MOST]
    narrow = width == "narrow"
    line = 40 if narrow else 26
    labels = [view.names[s.key].label for s in shown]
    rows = list(range(len(shown)))
    left = 6 if narrow else left_margin(labels, 300)
    offset = 0.18 if narrow else 0
    counts = [f"{s.passed:,}/{s.n_trials:,}" for s in shown]
    right = ceil(max((text_width(text, SMALL) for text in counts), default=0)) + 8
    values = [in_percent(s.rate) for s in shown]
    traces: list[dict[str, object]] = [
        {
            "type": "bar",
            "orientation": "h",
            "name": "pass rate",
            "x": values,
            "y": [row + offset for row in rows],
            "width": 0.36 if narrow else 0.62,
            "marker": {"color": [ACCENT if v < _HARD * 100 else BAND for v in values]},
            **telling(
                [_hover(view, s) for s in shown],
                [view.names[s.key].href for s in shown],
            ),
        },
        words_at("counts", values, [row + offset for row in rows], counts),
    ]
    if narrow:
        traces.append(names_above(labels, 0, [row - 0.28 for row in rows]))
    names = () if narrow else names_beside(labels, left)
    return figure(
        traces,
        width=width,
        height=len(shown) * line + 56,
        margin=Margin(left=left, right=right, top=1, bottom=45),
        xaxis=axis(-0.7, 100, RATE_TICKS, title="pass rate, %"),
        yaxis=axis(len(shown) - 0.4, -0.6, names, colour=INK),
    )


def _hover(view: View, standing: Standing[TaskKey]) -> str:
    time, unit = seconds(standing.time_mean_s)
    return hover(
        view.names[standing.key].label,
        passed_words(standing),
        f"{time} {unit} on average" if unit else "",
    )


CHART = ChartKind(
    id="task_difficulty",
    home="all",
    question="tasks",
    draw=task_difficulty,
)
