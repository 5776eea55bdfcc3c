"""The kernel that runner and sitegen share, and what notebooks use of them.

Results are a path (a table in any format, or the folder of a run) or a pandas frame.
Settings are the sections of site.toml as a dictionary, or the path of such a file;
without them those beside the results hold.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # `typing` is slow to import, and so is `pathlib`
if TYPE_CHECKING:
    import os
    from collections.abc import Mapping
    from pathlib import Path
    from typing import Any, TypeAlias

    import pandas as pd
    from plotly.graph_objects import Figure

    Results: TypeAlias = "pd.DataFrame | str | os.PathLike[str]"
    Settings: TypeAlias = "Mapping[str, Any] | str | os.PathLike[str] | None"

__version__ = "0.1.0"

# The kernel knows neither side; these doors for users open when they are used.


def read(results: Results, settings: Settings = None) -> pd.DataFrame:
    """The trials, a row each, in the words and types of cells.csv; unknown is NA.

    Raises:
        BenchError: The results or the settings do not fit; with every problem.
    """
    found: pd.DataFrame = import_module("sitegen.notebook").read(results, settings)
    return found


def standings(results: Results, settings: Settings = None) -> pd.DataFrame:
    """The combos in the order of the board: rates, their 95 % intervals, ranks, tiers.

    Columns are those of `data/combos.csv` of a site whose cells are public: shares are
    in 0..1, times in seconds, what is unknown is NA.

    Raises:
        BenchError: As `read`.
    """
    module = import_module("sitegen.notebook")
    found: pd.DataFrame = module.standings(results, settings)
    return found


def build(
    results: Results, out: str | os.PathLike[str] = "site", settings: Settings = None
) -> Path:
    """The folder of a site of the results.

    It is the one that `harness-bench build` writes. For a frame, the feed of changes is
    dated by SOURCE_DATE_EPOCH, or now.

    Raises:
        BenchError: As `read`; or the folder cannot be used, or the gate found private
            text, and nothing was written.
    """
    module = import_module("sitegen.notebook")
    found: Path = module.build(results, out, settings)
    return found


def figure(site: str | os.PathLike[str], chart_id: str) -> Figure:
    """The figure of a chart of a built site, to change, show or save with Plotly.

    Args:
        site: Folder that `harness-bench build` wrote.
        chart_id: As `harness-bench embed` lists it: "speed_vs_accuracy", "q8/audit".

    Raises:
        BenchError: There is no built site, or no chart of this id; close ids are named.
    """
    from pathlib import Path  # noqa: PLC0415 - slow, and a build may be answered without

    found: Figure = import_module("sitegen.embed").figure(Path(site), chart_id)
    return found
