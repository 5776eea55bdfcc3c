"""From a number to a colour."""

from dataclasses import dataclass
from itertools import pairwise

from sitegen.svg.markup import hex_color
from sitegen.svg.options import Options, is_number

_HEX_LENGTH = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Colorscale:
    """Colours between two ends, in steps."""

    low: float
    high: float
    stops: tuple[tuple[float, str], ...]

    def color(self, value: float) -> str:
        """The colour of a value; beyond the ends, that of the end."""
        share = (value - self.low) / (self.high - self.low)
        for (left, color), (right, _) in pairwise(self.stops):
            if left <= max(share, 0.0) < right:
                return color
        return self.stops[-1][1]


def colorscale(trace: Options) -> Colorscale:
    """The colour scale of a heatmap, whose ends must be given."""
    low, high = trace.number("zmin"), trace.number("zmax")
    if not low < high:
        raise trace.error("zmax", "a number above zmin")
    stops: list[tuple[float, str]] = []
    for item in trace.items("colorscale"):
        match item:
            case (position, str(color)) | [position, str(color)] if is_number(position):
                stops.append((float(str(position)), hex_color(color)))
            case _:
                raise trace.error("colorscale", "a list of [position, '#rrggbb']")
    places = [place for place, _ in stops]
    if places != sorted(places) or not places or (places[0], places[-1]) != (0, 1):
        raise trace.error("colorscale", "positions that rise from 0 to 1")
    if any(len(color) != _HEX_LENGTH for _, color in stops):
        raise trace.error("colorscale", "colours written #rrggbb")
    if any(a != b and left != right for (left, a), (right, b) in pairwise(stops)):
        raise trace.error("colorscale", "steps: each colour at both of its ends")
    return Colorscale(low=low, high=high, stops=tuple(stops))
