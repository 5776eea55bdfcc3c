"""From a number to a colour."""

from dataclasses import dataclass
from itertools import pairwise

from sitegen.svg.markup import hex_color
from sitegen.svg.options import Options, is_number

_HEX_LENGTH = 7
_HALF_BRIGHT = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Colorscale:
    """Colours between two ends; steps where two stops share a position."""

    low: float
    high: float
    stops: tuple[tuple[float, str], ...]

    def color(self, value: float) -> str:
        """The colour of a value; beyond the ends, that of the end."""
        share = (value - self.low) / (self.high - self.low)
        share = min(max(share, 0.0), 1.0)
        for (left, before), (right, after) in pairwise(self.stops):
            if left <= share < right or share == right == 1:
                return _between(before, after, (share - left) / (right - left))
        return self.stops[-1][1]

    @property
    def stepped(self) -> bool:
        """Whether colours only change in jumps."""
        return all(
            a == b or left == right for (left, a), (right, b) in pairwise(self.stops)
        )


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
    return Colorscale(low=low, high=high, stops=tuple(stops))


def _channels(color: str) -> tuple[int, ...]:
    return tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))


def _between(before: str, after: str, share: float) -> str:
    mixed = (
        int(a + share * (b - a) + 0.5)
        for a, b in zip(_channels(before), _channels(after), strict=True)
    )
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def contrast(color: str) -> str:
    """Plotly's text colour on a ground: white on dark, dark grey on light."""
    red, green, blue = _channels(color)
    bright = (299 * red + 587 * green + 114 * blue) / 1000
    return "#ffffff" if bright < _HALF_BRIGHT else "#444444"
