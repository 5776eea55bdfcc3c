"""Each chart is drawn once, for pages, frames and files alike."""

from markupsafe import Markup

from sitegen.charts.figure import Chart, Width
from sitegen.svg import standalone, svg
from sitegen.theme import PALETTE, picture_stylesheet

_PREFIX = "picture-5d1f0c7b52a8463e"
"""Stands for the name that a picture has where it is shown."""


class ChartPictures:
    """The pictures of one site's charts; keeps what it has drawn."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[int, Width], tuple[Chart, str]] = {}

    def inline(self, chart: Chart, prefix: str) -> Markup:
        """A chart as inline SVG, once for wide screens and once for narrow ones.

        Args:
            chart: What is drawn.
            prefix: Start of every id; different for each picture on a page.
        """
        wide = self._picture(chart, "wide", f"{prefix}-w")
        narrow = self._picture(chart, "narrow", f"{prefix}-n")
        # Safe: svg() escapes every text it was given.
        return Markup(  # noqa: S704
            f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>'
        )

    def file(self, chart: Chart, width: Width = "wide") -> bytes:
        """A chart as an SVG file, light or dark as its surroundings are."""
        picture = self._picture(chart, width, "c")
        return standalone(picture, picture_stylesheet()).encode()

    def _picture(self, chart: Chart, width: Width, prefix: str) -> str:
        key = id(chart), width
        if key not in self._drawn:
            picture = svg(
                chart.wide if width == "wide" else chart.narrow,
                title=chart.title,
                description=chart.caption,
                prefix=_PREFIX,
                palette=PALETTE,
            )
            self._drawn[key] = chart, picture  # a chart that is kept keeps its id
        return self._drawn[key][1].replace(_PREFIX, prefix)
