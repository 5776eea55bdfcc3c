"""The whole picture of a figure."""

import re
from collections.abc import Mapping

from sitegen.escape import xml_text
from sitegen.svg import bars, heatmap, scatter
from sitegen.svg.axes import Area, axis, font_of
from sitegen.svg.frame import Frame
from sitegen.svg.legend import legend
from sitegen.svg.markup import Ink, is_clear, number, tag
from sitegen.svg.notes import annotations, shapes
from sitegen.svg.options import Options
from sitegen.svg.text import Font

_LAYOUT = (
    "width height margin paper_bgcolor plot_bgcolor font xaxis yaxis annotations"
    " shapes legend showlegend barmode bargap"
)
_KEYS = {"scatter": scatter.KEYS, "bar": bars.KEYS, "heatmap": heatmap.KEYS}
_PLOTLY_FONT = Font(size=12, color="#444444")
_SIZE = re.compile(r'<svg (?=viewBox="0 0 (\S+) (\S+)")')
_HEAD_END = re.compile(r"</desc>|<desc [^>]*/>")


def svg(
    figure: Mapping[str, object],
    *,
    title: str,
    description: str,
    prefix: str,
    palette: Mapping[str, str],
) -> str:
    """Draw a Plotly figure as it looks in a browser.

    Args:
        figure: `data` and `layout`, fully stated: ranges, ticks, colours and
            anchors are given, texts are escaped by `escape.plotly_text`.
        title: Name of the picture, plain text.
        description: What it shows, plain text.
        prefix: Start of every id; different for each picture on a page.
        palette: Lower-case `#rrggbb` to a token. Such a colour becomes the
            class `f-<token>` where it fills and `s-<token>` where it strokes,
            so that the style sheet chooses it; others are written as they are.

    Raises:
        ValueError: The figure holds or leaves open something that would look
            different here than in Plotly; the message names it.
    """
    root = Options(figure, "figure", "data layout config frames")
    layout = root.child("layout", _LAYOUT)
    frame = _frame(layout, prefix, palette)
    content = _content(_traces(root), frame)
    names = f"{prefix}-title", f"{prefix}-desc"
    attributes = {
        "viewBox": f"0 0 {number(frame.width)} {number(frame.height)}",
        "role": "img",
        "aria-labelledby": " ".join(names),
    }
    return tag(
        "svg",
        attributes,
        tag("title", {"id": names[0]}, xml_text(title)),
        tag("desc", {"id": names[1]}, xml_text(description)),
        frame.clip_paths(content),
        content,
    )


def standalone(picture: str, css: str) -> str:
    """A picture of `svg` as a file: with a namespace, its size and a style sheet."""
    sized = _SIZE.sub(
        r'<svg xmlns="http://www.w3.org/2000/svg" width="\1" height="\2"'
        r' font-family="sans-serif" ',
        picture,
        count=1,
    )
    style = f"<style>{xml_text(css)}</style>"
    return _HEAD_END.sub(lambda found: found[0] + style, sized, count=1)


def _frame(layout: Options, prefix: str, palette: Mapping[str, str]) -> Frame:
    for key in ("paper_bgcolor", "plot_bgcolor"):
        if not is_clear(layout.text(key)):
            raise layout.error(key, "a transparent colour")
    width, height = layout.number("width"), layout.number("height")
    margin = layout.child("margin", "l r t b autoexpand pad")
    if margin.number("pad", 0):
        raise margin.error("pad", "0")
    area = Area(
        left=margin.number("l"),
        top=margin.number("t"),
        width=width - margin.number("l") - margin.number("r"),
        height=height - margin.number("t") - margin.number("b"),
    )
    if not (area.width > 0 and area.height > 0):
        raise layout.error("margin", "margins that leave room for the plot")
    font = font_of(layout, _PLOTLY_FONT)
    return Frame(
        width=width,
        height=height,
        area=area,
        x=axis("x", layout, area, font),
        y=axis("y", layout, area, font),
        ink=Ink(palette),
        font=font,
        prefix=prefix,
        layout=layout,
    )


def _traces(root: Options) -> list[Options]:
    """All traces."""
    found = []
    for i, value in enumerate(root.items("data", default=())):
        path = f"{root.path}.data[{i}]"
        kind = str(value.get("type", "scatter")) if isinstance(value, Mapping) else ""
        if kind not in _KEYS:
            raise ValueError(
                f"{path}.type: is {kind!r}, expected one of {', '.join(_KEYS)}"
            )
        trace = Options({"type": kind, **dict(value)}, path, _KEYS[kind])  # type: ignore[call-overload]  # a Mapping, or kind is ""
        found.append(trace)
    return found


def _content(traces: list[Options], frame: Frame) -> str:
    """Everything, in the order in which Plotly lays it down."""
    ink = frame.ink

    def of(kind: str) -> list[Options]:
        return [trace for trace in traces if trace.text("type") == kind]

    parts = [
        shapes(frame),
        frame.x.grid(ink),
        frame.y.grid(ink),
        *(heatmap.heatmap(trace, frame) for trace in of("heatmap")),
        *(bars.bars(trace, frame) for trace in of("bar")),
        *(scatter.scatter(trace, frame) for trace in of("scatter")),
        frame.x.labels(ink),
        frame.y.labels(ink),
        legend(traces, frame),
        frame.x.title(ink),
        annotations(frame),
    ]
    return "".join(parts)
