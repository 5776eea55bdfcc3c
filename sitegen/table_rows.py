"""The rows of a table as markup: a site has hundreds of thousands of cells."""

from collections.abc import Callable

from markupsafe import Markup, escape

from sitegen.table import Cell, Column, Table


def table_rows(found: Table, url: Callable[[str], str]) -> Markup:
    """What stands in the body of a table.

    Args:
        found: The table.
        url: The link to a path of the site, from the page that shows the table.
    """
    columns = [(column, *_opening(column)) for column in found.columns]
    rows = (
        "".join(
            f'{empty if cell.sort is None else f"{filled}{escape(cell.key)}"}">'
            f"{_content(cell, column, url)}</td>"
            for cell, (column, empty, filled) in zip(row, columns, strict=True)
        )
        for row in found.rows
    )
    heads = {
        place: '<tr class="group"><th scope="rowgroup"'
        f' colspan="{len(columns)}">{escape(text)}</th></tr>'
        for place, text in found.heads.items()
    }
    # Safe: every text in it was escaped.
    return Markup(  # noqa: S704
        "".join(
            f"{heads.get(place, '')}<tr>{row}</tr>" for place, row in enumerate(rows)
        )
    )


def _opening(column: Column) -> tuple[str, str]:
    """Of a cell: up to where its attributes end, where it is empty and where not."""
    start = f'<td class="{column.kind}{" folds" if column.folds else ""}'
    labelled = column.folds and column.kind != "text"
    label = f'" data-label="{escape(column.title)}' if labelled else ""
    return f"{start} empty{label}", f'{start}{label}" data-sort="'


def _content(cell: Cell, column: Column, url: Callable[[str], str]) -> str:
    before, text, muted = "", escape(cell.text), ""
    if column.kind == "name":
        before = f'<span class="dot h{cell.hue}" aria-hidden="true"></span>'
    if cell.span:
        # Lines: a strict content policy refuses styles. That without length is a dot.
        low, high, at = cell.span.low, cell.span.high, cell.span.at
        lines = f'<line x1="{low}%" x2="{high}%"/><line x1="{at}%" x2="{at}%"/>'
        before += f'<svg class="span" aria-hidden="true">{lines}</svg>'
    if cell.href:
        shown = f'<a href="{escape(url(cell.href))}">{text}</a>'
    elif cell.span:
        shown = f'<span class="range">{text}</span>'
    else:
        shown = f"<b>{text}</b>" if cell.strong else text
    if cell.muted:
        blank = " " if column.kind == "name" else ""
        muted = f'<span class="muted">{blank}{escape(cell.muted)}</span>'
    return f"{before}{shown}{muted}"
