"""Writes benchmarks/RESULTS.md: what a build costs beside what others need.

Each side in turn, A B C A B C, each in a process of its own: seconds of the processor
and of the clock, and the peak of memory, as medians. A peer that is not installed is
left out, by name.

    .venv/bin/python -m benchmarks.peers [ROUNDS]

Hugo is given the pages of the example as ready data: tables as cells, all else as it
is written, so that its pages hold the same text. asv is given the same 1,360 results, a
benchmark for each task and a parameter for each combo.
"""

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from benchmarks.build_time import (
    EXAMPLE,
    GROUPED,
    MANY_TASKS,
    OURS,
    ROOT,
    drawn,
    environment,
    forget,
)

RESULTS = Path(__file__).parent / "RESULTS.md"
PLAIN = Path(__file__).with_name("plain_site.py")
ASV = (str(Path(sys.executable).with_name("uv")), "tool", "run", "asv==0.6.6")
TABLE = re.compile(r"(<table.*?</table>)", re.DOTALL)
ROW = re.compile(r"(<tr(?:\s[^>]*)?>.*?</tr>)", re.DOTALL)
CELL = re.compile(r"(<t[dh](?:\s[^>]*)?>)([^<&'\"+]*)(</t[dh]>)")
STARTER = """
import os, sys, time
begun = time.monotonic()
pid = os.posix_spawnp(
    sys.argv[1], sys.argv[1:], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, 2, 1)]
)
_, status, used = os.wait4(pid, 0)
wall = time.monotonic() - begun
print(used.ru_utime + used.ru_stime, wall, used.ru_maxrss / 1024)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Starts a program and tells its cost. A program's peak of memory begins with that of
whoever started it, so that this is a small one."""
LAYOUT = """\
{{- range .Params.parts }}{{ with .h }}{{ . | safeHTML }}{{ end }}\
{{ range .rows }}{{ range . }}{{ with .h }}{{ . | safeHTML }}{{ end }}\
{{ with .o }}{{ . | safeHTML }}{{ end }}{{ with .t }}{{ . }}{{ end }}{{ end }}{{ end }}\
{{ end -}}
"""
HUGO = """\
baseURL = "https://example.org/"
disableKinds = ["home", "section", "taxonomy", "term", "RSS", "sitemap", "404"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A program that is measured."""

    command: Sequence[str]
    before: Callable[[], object] = lambda: None
    """What is made ready for it, and not measured."""
    folder: Path | None = None
    """Where it runs."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a program took."""

    cpu_s: float
    wall_s: float
    peak_mb: float


def main(rounds: int = 5) -> None:
    """Measure all, and write the file."""
    parts = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sides, missing = of_example(folder)
        parts.append(told("The example: 1,360 trials", measured(sides, folder, rounds)))
        few = max(1, rounds // 3)
        large = folder / "large" / "cells.csv"
        large.parent.mkdir()
        drawn(large, *MANY_TASKS)
        title = f"{MANY_TASKS[0]} combos × {MANY_TASKS[1]:,} tasks"
        parts.append(told(title, measured(of_large(large, folder), folder, few)))
    left_out = "".join(f"\n- {each}" for each in missing)
    RESULTS.write_text(
        "# What a build costs, beside others\n\n"
        f"`make bench`, {rounds} rounds, medians; {os.cpu_count()} cores, load of"
        f" {os.getloadavg()[1]:.1f} at the end. Compare within a table.\n\n"
        + "\n".join(parts)
        + (f"\nLeft out, since it is not here:{left_out}\n" if missing else "")
        + "\n`inspect view bundle` is not compared: it takes logs, and not results.\n",
        encoding="utf-8",
    )
    print(RESULTS.read_text(encoding="utf-8"))


def of_example(folder: Path) -> tuple[dict[str, Side], list[str]]:
    """The sides of the example, and who is missing."""
    out, source = folder / "site", folder / "example"
    # Its posts quote numbers that one changed cell makes false.
    shutil.copytree(EXAMPLE.parent, source, ignore=shutil.ignore_patterns("posts"))
    table = source / EXAMPLE.name
    ours = (*OURS, "build", str(table), "--out", str(out))

    cold = partial(forget, folder / "cache", out)

    def turned() -> None:
        head, first, *rest = table.read_text(encoding="utf-8").splitlines()
        names, cells = head.split(","), first.split(",")
        at = names.index("passed")
        cells[at] = "0" if cells[at] == "1" else "1"
        table.write_text("\n".join([head, ",".join(cells), *rest, ""]), "utf-8")

    run(Side(command=ours), folder)  # pictures of shared links are drawn once
    sides = {
        "harness-bench, cold": Side(command=ours, before=cold),
        "the same without its gate": Side(command=(*ours, "--no-gate"), before=cold),
        "harness-bench, one cell changed": Side(command=ours, before=turned),
        "harness-bench, nothing changed": Side(
            # The first whole build made the folder while it was at work.
            command=ours,
            before=lambda: run(Side(command=ours), folder),
        ),
        "a bare interpreter": Side(command=(sys.executable, "-I", "-c", "pass")),
        "import of pandas": Side(command=(sys.executable, "-c", "import pandas")),
        "bare pandas: read and group": Side(
            command=(sys.executable, "-c", GROUPED, str(table))
        ),
        "pandas, plotly and Jinja2, the plain way": Side(
            command=(sys.executable, str(PLAIN), str(table), str(folder / "plain"))
        ),
    }
    missing = []
    if hugo := shutil.which("hugo"):
        ready(out, folder / "hugo", hugo)
        sides["Hugo, the same pages from ready data"] = Side(
            command=(hugo, "--quiet"),
            before=lambda: shutil.rmtree(folder / "hugo/public", ignore_errors=True),
            folder=folder / "hugo",
        )
    else:
        missing.append("Hugo")
    if as_benchmarks(table, folder / "asv"):
        sides["`asv publish` of the same results"] = Side(
            command=(*ASV, "publish"), folder=folder / "asv"
        )
    else:
        missing.append("asv")
    return sides, missing


def of_large(table: Path, folder: Path) -> dict[str, Side]:
    """The sides of a table of many tasks."""
    out = folder / "large site"
    ours = (*OURS, "build", str(table), "--out", str(out))
    return {
        "harness-bench, cold": Side(
            command=ours, before=lambda: shutil.rmtree(out, ignore_errors=True)
        ),
        "bare pandas: read and group": Side(
            command=(sys.executable, "-c", GROUPED, str(table))
        ),
    }


def ready(site: Path, folder: Path, hugo: str) -> None:
    """Write the pages of a site as data for Hugo, which makes the same of them."""
    (folder / "layouts/_default").mkdir(parents=True)
    (folder / "config.toml").write_text(HUGO, encoding="utf-8")
    (folder / "layouts/_default/single.html").write_text(LAYOUT, encoding="utf-8")
    (folder / "content").mkdir()
    wanted = 0
    for number, page in enumerate(sorted(site.rglob("*.html"))):
        text = page.read_text(encoding="utf-8")
        wanted += len(text.encode())
        data = {"url": f"/{page.relative_to(site)}", "parts": parts_of(text)}
        said = json.dumps(data, ensure_ascii=False, indent=1)
        (folder / f"content/page{number:04}.html").write_text(said, encoding="utf-8")
    subprocess.run([hugo, "--quiet"], cwd=folder, check=True)
    made = sum(page.stat().st_size for page in (folder / "public").rglob("*.html"))
    if abs(made / wanted - 1) > 0.01:  # noqa: PLR2004 - one percent
        raise SystemExit(f"Hugo made {made:,} bytes of {wanted:,}")


def parts_of(text: str) -> list[dict[str, object]]:
    """A page as pieces: tables as rows of cells, all else as it is written."""
    parts: list[dict[str, object]] = []
    for piece in TABLE.split(text):
        if not piece.startswith("<table"):
            parts.append({"h": piece})
            continue
        rows = [cells_of(row) for row in ROW.split(piece) if row]
        parts.append({"rows": rows})
    return parts


def cells_of(row: str) -> list[dict[str, str]]:
    """A row as pieces; `o` opens and `t` is a text, `h` is anything else."""
    cells: list[dict[str, str]] = []
    end = 0
    for found in CELL.finditer(row):
        if found.start() > end:
            cells.append({"h": row[end : found.start()]})
        cells.append({"o": found[1], "t": found[2]})
        cells.append({"h": found[3]})
        end = found.end()
    if end < len(row):
        cells.append({"h": row[end:]})
    return cells


def as_benchmarks(table: Path, folder: Path) -> bool:
    """Write a table as results of asv; whether asv is here."""
    cells = pd.read_csv(table)
    combo = cells["model"] + " " + cells["quant"] + " " + cells["harness"]
    wide = cells.assign(combo=combo).pivot_table(
        index="task", columns="combo", values="passed", aggfunc="mean"
    )
    (folder / "results/machine").mkdir(parents=True)
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")
    for command in (
        ("init", "-q", "-b", "main"),
        ("commit", "-qm", "a", "--allow-empty"),
    ):
        subprocess.run([*git, *command], cwd=folder, check=True)
    asked = subprocess.run(
        [*git, "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True
    )
    commit = asked.stdout.decode().strip()
    names = [repr(name) for name in wide.columns]
    told: dict[str, object] = {
        f"track.{task}": {
            "code": "",
            "name": f"track.{task}",
            "param_names": ["combo"],
            "params": [names],
            "type": "track",
            "unit": "share",
            "version": "1",
        }
        for task in wide.index
    }
    results = {
        f"track.{task}": [[float(value) for value in row], [names], "1"]
        for task, row in zip(wide.index, wide.to_numpy(), strict=True)
    }
    machine = {
        "arch": "",
        "cpu": "",
        "machine": "machine",
        "num_cpu": "",
        "os": "",
        "ram": "",
    }
    files: dict[str, object] = {
        "asv.conf.json": {
            "version": 1,
            "project": "example",
            "project_url": "https://example.org",
            "repo": ".",
            "branches": ["main"],
            "results_dir": "results",
            "html_dir": "html",
        },
        "results/benchmarks.json": {**told, "version": 2},
        "results/machine/machine.json": {**machine, "version": 1},
        f"results/machine/{commit[:8]}-existing.json": {
            "commit_hash": commit,
            "env_name": "existing",
            "date": 1_700_000_000_000,
            "params": {**machine, "python": ""},
            "python": "",
            "requirements": {},
            "env_vars": {},
            "result_columns": ["result", "params", "version"],
            "results": results,
            "durations": {},
            "version": 2,
        },
    }
    for name, value in files.items():
        (folder / name).write_text(json.dumps(value), encoding="utf-8")
    tried = subprocess.run(
        [*ASV, "publish"], cwd=folder, capture_output=True, check=False
    )
    return tried.returncode == 0


def measured(
    sides: Mapping[str, Side], folder: Path, rounds: int
) -> dict[str, list[Cost]]:
    """What each side takes, in turn, after one round that is not counted."""
    found: dict[str, list[Cost]] = {name: [] for name in sides}
    for number in range(rounds + 1):
        for name, side in sides.items():
            side.before()
            cost = run(side, folder)
            if number:
                found[name].append(cost)
    return found


def run(side: Side, folder: Path) -> Cost:
    """One run of a program; its cache is in the folder."""
    around = environment(folder / "cache")
    around.setdefault("UV_CACHE_DIR", str(Path.home() / ".cache/uv"))
    with (folder / "said").open("wb") as said:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", STARTER, *side.command],
            cwd=side.folder or ROOT,
            env=around,
            stdout=subprocess.PIPE,
            stderr=said,
            check=False,
        )
    if done.returncode:
        raise SystemExit(f"{side.command}: {(folder / 'said').read_text()[-2000:]}")
    return Cost(*(float(each) for each in done.stdout.split()))


def told(title: str, found: Mapping[str, Sequence[Cost]]) -> str:
    """A table in Markdown; each beside the first."""
    lines = [
        f"## {title}\n",
        "| | processor, s | least to most | clock, s | peak, MB | of the first |",
        "|---|---|---|---|---|---|",
    ]
    first = statistics.median(cost.cpu_s for cost in next(iter(found.values())))
    for name, costs in found.items():
        cpu = sorted(cost.cpu_s for cost in costs)
        middle = statistics.median(cpu)
        wall = statistics.median(cost.wall_s for cost in costs)
        peak = statistics.median(cost.peak_mb for cost in costs)
        lines.append(
            f"| {name} | {middle:.3f} | {cpu[0]:.3f} to {cpu[-1]:.3f} | {wall:.3f}"
            f" | {peak:.0f} | {middle / first:.3f} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(*(int(given) for given in sys.argv[1:]))
