"""Draws a Plotly figure as the same picture in SVG, with no browser.

Positions follow what plotly.js does with the same figure; what this package
does not know is an error that names it, never a different picture.
"""

from sitegen.svg.drawing import standalone, svg
from sitegen.svg.text import text_width

__all__ = ["standalone", "svg", "text_width"]
