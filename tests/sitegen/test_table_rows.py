"""Rows of a table as markup: what is shown, linked, sorted by and escaped."""

import pytest

from sitegen.table import EMPTY, Cell, Column, Span, Table
from sitegen.table_rows import table_rows

NAME = Column(title='A "name"', kind="name")
TIME = Column(title='<"time">', folds=True)
WORDS = Column(title="Words", kind="text", folds=True)


def row(cell: Cell, column: Column) -> str:
    found = Table(caption="", columns=(column,), rows=((cell,),))
    start, end = "<tr><td ", "</td></tr>"
    text = str(table_rows(found, lambda path: f"../{path}&"))
    assert text.startswith(start)
    assert text.endswith(end)
    return text.removeprefix(start).removesuffix(end)


@pytest.mark.parametrize(
    ("cell", "column", "shown"),
    [
        (EMPTY, Column(title="N"), 'class="number empty">–'),
        (
            Cell(text="<a>", muted="'q'", href="m.html", sort='"s"', hue=3),
            NAME,
            (
                'class="name" data-sort="&#34;s&#34;">'
                '<span class="dot h3" aria-hidden="true"></span>'
                '<a href="../m.html&amp;">&lt;a&gt;</a>'
                '<span class="muted"> &#39;q&#39;</span>'
            ),
        ),
        (
            Cell(text="9", muted=" s", sort=1 / 3),
            TIME,
            (
                'class="number folds" data-label="&lt;&#34;time&#34;&gt;"'
                ' data-sort="0.333333333">9<span class="muted"> s</span>'
            ),
        ),
        (EMPTY, WORDS, 'class="text folds empty">–'),
        (Cell(text="<", strong=True, sort=0), WORDS, None),
        (
            Cell(text="1–2", sort=0.0, span=Span(low=1.5, high=2.0, at=1.75)),
            Column(title="I", kind="interval"),
            (
                'class="interval" data-sort="0"><svg class="span" aria-hidden="true">'
                '<line x1="1.5%" x2="2.0%"/><line x1="1.75%" x2="1.75%"/></svg>'
                '<span class="range">1–2</span>'
            ),
        ),
    ],
)
def test_a_cell_is_laid_out_and_escaped(
    cell: Cell, column: Column, shown: str | None
) -> None:
    shown = shown or 'class="text folds" data-sort="0"><b>&lt;</b>'
    assert row(cell, column) == shown


def test_every_row_and_cell_is_there_in_order() -> None:
    cells = [[Cell(text=f"{r}{c}", sort=r) for c in "ab"] for r in range(2)]
    columns = (Column(title="A"), Column(title="B"))
    rows = tuple(map(tuple, cells))
    text = str(table_rows(Table(caption="", columns=columns, rows=rows), str))
    assert [text.index(f">{each}<") for each in ("0a", "0b", "1a", "1b")] == sorted(
        text.index(f">{each}<") for each in ("0a", "0b", "1a", "1b")
    )
    assert text.count("<tr>") == 2


def test_a_head_stands_before_its_row() -> None:
    rows = tuple((Cell(text=f"r{number}"),) for number in range(3))
    found = Table(caption="", columns=(Column(title="A"),), rows=rows, heads={1: "<b"})
    parts = str(table_rows(found, str)).split("</tr>")
    assert parts[1] == ('<tr class="group"><th scope="rowgroup" colspan="1">&lt;b</th>')
    assert [part.count("r1") for part in parts] == [0, 0, 1, 0, 0]
