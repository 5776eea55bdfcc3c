"""The kernel that runner and sitegen share, and `figure` for those who use a site."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # `typing` is slow to import, and so is `pathlib`
if TYPE_CHECKING:
    import os

    from plotly.graph_objects import Figure

__version__ = "0.1.0"


def figure(site: str | os.PathLike[str], chart_id: str) -> Figure:
    """The figure of a chart of a built site, to change, show or save with Plotly.

    Args:
        site: Folder that `harness-bench build` wrote.
        chart_id: As `harness-bench embed` lists it: "speed_vs_accuracy", "q8/audit".

    Raises:
        BenchError: There is no built site, or no chart of this id; close ids are named.
    """
    from pathlib import Path  # noqa: PLC0415 - slow, and a build may be answered without

    # The kernel knows neither side; this door for users opens when it is used.
    found: Figure = import_module("sitegen.embed").figure(Path(site), chart_id)
    return found
