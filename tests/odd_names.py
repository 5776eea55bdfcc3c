"""Names that a CSV may hold, and sites made of them."""

import csv
import io
import json
import tempfile
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

from sitegen.build import build
from sitegen.inputs import read_inputs
from sitegen.site import Site

LONG = "a-very-long-name/" * 112
ODD = (
    "a/b",
    "a\\b",
    "a b",
    "  spaces around ",
    "...",
    "..",
    "../../etc/passwd",
    "index",
    "Index.html",
    "all",
    "schema",
    "combos",
    "combos.json",
    "audit",
    "charts.json",
    "con",
    "_config.yml",
    ".hidden",
    "#anchor",
    "tilde~",
    "?query=1&b=2",
    "100 %",
    "%2e%2e",
    "Qwen",
    "qwen",
    "QWEN",
    "c++",
    "c",
    "C#",
    "größe",
    "gro\u0308ße",
    "模型",
    "🦙 llama 🦙",
    "שלום model",
    "\u202eright to left",
    "zero\u200bwidth",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "</title></script></svg>",
    '"><b onmouseover=alert(3)>',
    "'quoted' & \"quoted\" &amp;",
    "{{ x }}",
    "{% raw %}{% endraw %}",
    "{# no comment #}",
    "%{x}",
    "$x^2$",
    "<b>bold</b><br>",
    "=1+1",
    "-1",
    "1e5",
    "nan",
    "None",
    "javascript:alert(4)",
    LONG,
)
"""Of models, harnesses and tasks; several would have one file name."""

SWEEPS = (
    "all",
    "schema",
    "combos.json",
    "charts.json",
    "audit.csv",
    "audit.html",
    "audit.js",
    "audit.svg",
    "..",
    "models",
    "tasks",
    "sweeps",
    "../q4",
    "index",
    "Q4",
    "q4",
    "<i>q4</i>",
    "{{ q4 }}",
    LONG,
)
"""Of sweeps, which become folders; some are names that a site has already."""

Names = Sequence[str]


def built(
    *,
    models: Names = ("m", "n"),
    quants: Names = ("q",),
    harnesses: Names = ("h", "i"),
    tasks: Names = ("t", "u"),
    sweeps: Names = ("",),
    titles: Mapping[str, str] | None = None,
    site: Mapping[str, str] | None = None,
) -> Site:
    """A site with these names, through files as a user would make them.

    Args:
        models: Each in every quant, harness and sweep, on every task.
        quants: Followed by the number of the sweep, so that there are pairs.
        harnesses: As for the models.
        tasks: As for the models.
        sweeps: "" for none.
        titles: Title and note of models, harnesses and tasks, by their names.
        site: Settings of this section.
    """
    with tempfile.TemporaryDirectory() as place:
        cells = written(
            Path(place),
            models=models,
            quants=quants,
            harnesses=harnesses,
            tasks=tasks,
            sweeps=sweeps,
            titles=titles,
            site=site,
        )
        return build(read_inputs([cells]))


def written(  # noqa: PLR0913 - as `built`
    folder: Path,
    *,
    models: Names = ("m", "n"),
    quants: Names = ("q",),
    harnesses: Names = ("h", "i"),
    tasks: Names = ("t", "u"),
    sweeps: Names = ("",),
    titles: Mapping[str, str] | None = None,
    site: Mapping[str, str] | None = None,
    families: Mapping[str, str] | None = None,
) -> Path:
    """The results with these names and what is known of them, as files.

    Args:
        folder: Where they are written.
        models: As for `built`, and so the rest.
        quants: See there.
        harnesses: See there.
        tasks: See there.
        sweeps: See there.
        titles: See there.
        site: See there.
        families: Of models, whose sizes are made up then.
    """
    rows = _rows(models, quants, harnesses, tasks, sweeps)
    _write(folder / "cells.csv", rows)
    known = [[name, title, title] for name, title in (titles or {}).items()]
    for key, file in (
        ("model", "models.csv"),
        ("harness", "harnesses.csv"),
        ("task", "tasks.csv"),
    ):
        _write(folder / file, [[key, "title", "note"], *known])
    if families:
        sizes = [
            [name, family, str(1 + size)]
            for size, (name, family) in enumerate(families.items())
        ]
        head = ["model", "family", "total_params_b"]
        _write(folder / "models.csv", [head, *sizes])
    # A JSON string is a TOML string, but for characters beyond U+FFFF.
    words = {
        key: json.dumps(value, ensure_ascii=False)
        for key, value in (site or {}).items()
    }
    lines = ["[site]", *(f"{key} = {value}" for key, value in words.items())]
    settings = "\n".join([*lines, "[publish]", "cells = true", ""])
    (folder / "site.toml").write_text(settings, encoding="utf-8")
    return folder / "cells.csv"


def _rows(
    models: Names, quants: Names, harnesses: Names, tasks: Names, sweeps: Names
) -> list[list[str]]:
    """Trials that differ in outcome, time and audit, so that every chart is drawn."""
    columns = ["sweep", "model", "quant", "harness", "task", "passed", "agent_time_s"]
    rows = [[*columns, "grader_mentions", "grader_access"]]
    trials = product(enumerate(sweeps), models, quants, harnesses, tasks)
    for number, ((sweep, name), model, quant, harness, task) in enumerate(trials, 1):
        passed = str(number * 7 % 11 % 2)
        access = "read" if number % 5 == 0 else "none"
        identity = [name, model, f"{quant}{sweep}", harness, task]
        rows.append([*identity, passed, str(number), passed, access])
    return rows


def _write(path: Path, rows: Sequence[Sequence[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8")
