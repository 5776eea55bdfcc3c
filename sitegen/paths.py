"""`[input] paths`: what the path of a table says of all its rows."""

import re
from dataclasses import replace
from pathlib import Path

from harness_bench.errors import shown
from sitegen.config import PART
from sitegen.raw_table import Origin, RawTable
from sitegen.texts import blank


def found_in(folder: Path, template: str) -> list[Path]:
    """The files in a folder whose paths the template fits."""
    return sorted(
        each for each in folder.glob(PART.sub("*", template)) if each.is_file()
    )


def with_parts(table: RawTable, path: Path, template: str) -> RawTable:
    """The table with the columns that its path fills, where its rows do not.

    Args:
        table: As it was read.
        path: Where it lies.
        template: The end of the path, columns in braces: `{hardware}/{model}.csv`.
            A part ends where what follows it in the template first comes; `*` stands
            for anything in one name.
    """
    if not template or not table.header:
        return table
    pattern = "".join(
        f"(?P<{part}>[^/]+?)" if index % 2 else re.escape(part).replace(r"\*", "[^/]*")
        for index, part in enumerate(PART.split(template))
    )
    found = re.search(f"(?:^|/){pattern}(?:\\.gz)?$", path.absolute().as_posix())
    if found is None:
        problem = Origin(table.file, 0).problem(
            "path", f"its path does not end as [input] paths says: {shown(template)}"
        )
        return replace(table, problems=[*table.problems, problem])
    told = found.groupdict()
    filled = {
        name: (texts := table.text(name)).put(texts.where(blank), text)
        for name, text in told.items()
    }
    new = [name for name in told if name not in table.header]
    return replace(
        table, header=(*table.header, *new), columns={**table.columns, **filled}
    )
