"""What every part of a picture needs: the plot area, its axes and the ink."""

from dataclasses import dataclass

from sitegen.svg.axes import Area, Axis
from sitegen.svg.markup import Ink, group, number, tag
from sitegen.svg.options import Options
from sitegen.svg.text import Font


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The picture that marks are drawn into."""

    width: float
    height: float
    area: Area
    x: Axis
    y: Axis
    ink: Ink
    font: Font
    """What a text has that says nothing of its own."""
    prefix: str
    """Of every id, so that many pictures fit on one page."""
    layout: Options

    def clip(self, name: str = "xy") -> str:
        """The id of a clip path: `x`, `y` or `xy` names the sides that cut."""
        return f"{self.prefix}-clip-{name}"

    def clipped(self, content: str, name: str = "xy") -> str:
        """Content cut at the edges of the plot area."""
        return group({"clip-path": f"url(#{self.clip(name)})"}, content)

    def clip_paths(self, content: str) -> str:
        """The clip paths that some content uses."""
        area = self.area
        across = (area.left, area.width), (0.0, self.width)
        down = (area.top, area.height), (0.0, self.height)
        drawn = ""
        for name in ("xy", "x", "y"):
            if f"url(#{self.clip(name)})" not in content:
                continue
            left, width = across["x" not in name]
            top, height = down["y" not in name]
            box = {
                "x": number(left),
                "y": number(top),
                "width": number(width),
                "height": number(height),
            }
            drawn += tag("clipPath", {"id": self.clip(name)}, tag("rect", box))
        return drawn
