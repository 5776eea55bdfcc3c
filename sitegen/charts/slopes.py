"""Lines from stop to stop: pass rates of the same entities, named at the end."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf

from sitegen.charts.figure import (
    PX,
    Figure,
    Margin,
    Trace,
    Width,
    axis,
    figure,
    hover,
    in_percent,
    interval_bars,
    left_margin,
    note,
    telling,
)
from sitegen.charts.labels import SMALL, apart, fit, fit_all
from sitegen.names import Entity
from sitegen.numbers import percent
from sitegen.stats.intervals import Interval
from sitegen.theme import HAIRLINE, INK, MUTED

_LABEL_PX = 17
"""Between the middles of two names, at least."""
_LINE_PX = 16
_OVER_PX = 13
"""From a mark to the number over or under it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """One entity with its rate at each stop."""

    entity: Entity
    rates: tuple[Fraction, ...]
    intervals: tuple[Interval | None, ...] = ()
    """Drawn where there are some."""
    colour: str
    ink: str = ""
    """Of its name, which is bold then; otherwise names are as usual."""
    tells: tuple[str, ...]
    """Lines behind the name when it is pointed at."""
    change: str = ""
    """Behind the name."""


MOST = 14
"""Of lines on one picture."""


def slopes(
    shown: Sequence[Slope], stops: Sequence[str], width: Width, *, least: int
) -> Figure:
    """A line for each entity, `MOST` at most, over a plot that is so high at least.

    A line break in the name of a stop is one on the picture.
    """
    narrow, last = width == "narrow", len(stops) - 1
    tall = max(least, 34 * len(shown) + 50)
    every = [float(rate) for each in shown for rate in each.rates]
    every += [
        end for each in shown for i in each.intervals if i for end in (i.low, i.high)
    ]
    low, high = in_percent(min(every)) - 3, in_percent(max(every)) + 3
    gap = _LABEL_PX * (high - low) / tall
    left = 40 if narrow else 60
    room = 206 if narrow else 320
    labels = [each.entity.label for each in shown]
    both = not narrow and last > 1  # names at both ends
    if last > 1:
        room = 132 if narrow else left_margin(labels, 190) + 30
        left = left if narrow else room
    top = 5 + _LINE_PX * max(stop.count("\n") + 1 for stop in stops)
    across = (PX[width] - left - room - 16) / last
    heads = [
        "\n".join(
            fit(line, min(across - 8, 2 * left), SMALL) for line in stop.split("\n")
        )
        for stop in stops
    ]
    names = fit_all(labels, room - (62 if last == 1 else 30), SMALL)
    notes: list[dict[str, object]] = []
    for stop in range(last + 1):
        at = [in_percent(each.rates[stop]) for each in shown]
        if 0 < stop < last:
            notes += _between(stop, at, shown, (high - low) / tall)
            continue
        placed = apart(at, gap, low + gap / 2, high - gap / 2)
        for each, name, y in zip(shown, names, placed, strict=True):
            rate = percent(each.rates[stop], 0)
            if stop:
                text = f"{rate}  {name}  {each.change}".rstrip()
            else:
                text = f"{name}  {rate}" if both else rate
            notes.append(
                note(
                    text,
                    x=stop,
                    y=round(y, 3),
                    anchor=("left" if stop else "right", "middle"),
                    shift=(10 if stop else -10, 0),
                    colour=each.ink or (INK if stop else MUTED),
                    bold=bool(each.ink),
                )
            )
    return figure(
        [_line(each) for each in shown],
        width=width,
        height=top + tall + 6,
        margin=Margin(left=left, right=room + 16, top=top, bottom=6),
        xaxis=axis(0, last, enumerate(heads), side="top", colour=INK),
        yaxis=axis(low, high),
        annotations=notes,
        shapes=[
            {
                "type": "line",
                "xref": "x",
                "yref": "paper",
                "x0": x,
                "x1": x,
                "y0": 0,
                "y1": 1,
                "layer": "below",
                "line": {"color": HAIRLINE, "width": 1},
            }
            for x in range(last + 1)
        ],
    )


def _line(each: Slope) -> Trace:
    stops = len(each.rates)
    found: Trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": each.entity.label,
        "x": list(range(stops)),
        "y": [in_percent(rate) for rate in each.rates],
        "line": {"color": each.colour, "width": 2, "shape": "linear"},
        "marker": {"size": 8, "color": each.colour},
        **telling(
            [hover(each.entity.label, *each.tells)] * stops, [each.entity.href] * stops
        ),
        "cliponaxis": False,
    }
    if any(each.intervals):
        found["error_y"] = interval_bars(each.rates, each.intervals)
    return found


def _between(
    stop: int, at: Sequence[float], shown: Sequence[Slope], pixel: float
) -> Iterator[dict[str, object]]:
    """Rates at a stop between the ends, over or under their marks where there is room.

    Args:
        stop: Which one.
        at: The rates there.
        shown: Whose they are.
        pixel: How much of a rate it is.
    """
    near, clear = 24 * pixel, 40 * pixel
    taken, last = inf, inf  # down to where texts reach, and the mark before
    for index in sorted(range(len(at)), key=lambda i: (-at[i], not shown[i].ink)):
        y = at[index]
        under = min((y - other for other in at if other < y), default=clear)
        side = 1 if min(taken, last) - y >= near else -1 if under >= near else 0
        if side and y != last:
            yield note(
                percent(shown[index].rates[stop], 0),
                x=stop,
                y=y,
                anchor=("center", "middle"),
                shift=(0, side * _OVER_PX),
                colour=shown[index].ink or MUTED,
                bold=bool(shown[index].ink),
            )
            taken = y - (clear - near) if side < 0 else y
        last = y
