"""Marker symbols; their proportions are Plotly's."""

from collections.abc import Callable

from sitegen.svg.markup import Attributes, number, tag

SYMBOLS = "circle square diamond triangle-up"


def symbol(
    name: str,
    x: float,
    y: float,
    size: float,
    extra: Attributes,
    child: str = "",
) -> str:
    """One marker.

    Args:
        name: One of `SYMBOLS`.
        x: Its centre, in px.
        y: Its centre, in px.
        size: Diameter in px, as Plotly counts it.
        extra: Attributes of this marker alone.
        child: Markup inside it.
    """
    r = size / 2
    if name == "circle":
        place = {"cx": number(x), "cy": number(y), "r": number(r)}
        return tag("circle", place | extra, child)
    return tag("path", {"d": _PATHS[name](x, y, r)} | extra, child)


def _square(x: float, y: float, r: float) -> str:
    side = number(2 * r)
    return f"M{number(x - r)},{number(y - r)}h{side}v{side}h-{side}z"


def _diamond(x: float, y: float, r: float) -> str:
    d = number(1.3 * r)
    return f"M{number(x - 1.3 * r)},{number(y)}l{d},-{d}l{d},{d}l-{d},{d}z"


def _triangle(x: float, y: float, r: float) -> str:
    half, high = 2 * r / 3**0.5, number(1.5 * r)
    foot = f"M{number(x - half)},{number(y + r / 2)}"
    return f"{foot}h{number(2 * half)}l-{number(half)},-{high}z"


_PATHS: dict[str, Callable[[float, float, float], str]] = {
    "square": _square,
    "diamond": _diamond,
    "triangle-up": _triangle,
}
