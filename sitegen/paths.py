"""`[input] paths`: what the path of a table says of all its rows."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from harness_bench.columns import BLANKS
from harness_bench.csv_rows import Origin, RawTable
from harness_bench.errors import shown

if TYPE_CHECKING:
    from pathlib import Path

_PART = re.compile(r"\{(\w+)\}")


def columns_in(template: str) -> list[str]:
    """The columns that a template names."""
    return _PART.findall(template)


def with_parts(table: RawTable, path: Path, template: str) -> RawTable:
    """The table with the columns that its path fills, where its rows do not.

    Args:
        table: As it was read.
        path: Where it lies.
        template: The end of the path, columns in braces: `{hardware}/{model}.csv`.
            A part ends where what follows it in the template first comes.
    """
    if not template or not table.header:
        return table
    parts = _PART.split(template)
    pattern = "".join(
        f"(?P<{part}>[^/]+?)" if index % 2 else re.escape(part)
        for index, part in enumerate(parts)
    )
    found = re.search(f"(?:^|/){pattern}(?:\\.gz)?$", path.absolute().as_posix())
    if found is None:
        problem = Origin(table.file, 0).problem(
            "path", f"its path does not end as [input] paths says: {shown(template)}"
        )
        return replace(table, problems=[*table.problems, problem])
    told = found.groupdict()
    new = [name for name in told if name not in table.header]
    return replace(
        table,
        header=(*table.header, *new),
        rows=[
            (origin, row | {n: v for n, v in told.items() if not _said(row, n)})
            for origin, row in table.rows
        ],
    )


def _said(row: dict[str, str], name: str) -> str:
    return row.get(name, "").strip(BLANKS)
