"""What a picture is made of, and what is refused."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.escape import plotly_text
from sitegen.svg import standalone, svg, text_width
from tests.sitegen.svg_figures import (
    BLUE,
    PALETTE,
    SVG,
    Values,
    axis,
    dots,
    draw,
    elements,
    figure,
    parsed,
    texts,
)

hostile = st.text(max_size=40) | st.sampled_from(
    [
        "<b>bold</b>",
        "a & b",
        "&lt;",
        "&amp;lt;",
        "]]>",
        '"><script>alert(1)</script>',
        "%{text}",
        "$x^2$",
        "\x00\x0b\ufffe",
        "\ud800",
        "{{ site.title }}",
    ]
)


def plain(found: Values, *, description: str = "d") -> str:
    """The picture of a figure whose words do not matter."""
    return svg(found, title="t", description=description, prefix="p", palette=PALETTE)


def shown(text: str) -> str:
    """What of a text a picture can show."""
    forbidden = r"[^\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    one_line = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text)
    return re.sub(forbidden, "\ufffd", one_line)


MARGIN = {"l": 50, "r": 20, "t": 20, "b": 40, "autoexpand": False}


def cells(**more: object) -> Values:
    """A heatmap of two by two."""
    trace: Values = {
        "type": "heatmap",
        "z": [[0.1, 0.2], [0.3, 0.4]],
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[0, "#000000"], [1, "#000000"]],
        "showscale": False,
    }
    return trace | more


def test_a_palette_colour_is_a_class_and_any_other_is_itself() -> None:
    edge = {"width": 1, "color": "#5A5F66"}
    marker = {"color": [BLUE, "#123456"], "line": edge}
    picture = draw(dots((1, 1), (2, 2), marker=marker))
    first, second = (
        group.attrib
        for group in elements(picture, "g")
        if "fill" in group.attrib or "f-" in group.get("class", "")
    )
    assert first == {"class": "f-accent s-muted"}
    assert second == {"class": "s-muted", "fill": "#123456"}


@given(hostile)
def test_every_text_is_shown_literally(text: str) -> None:
    escaped = plotly_text(text)
    picture = draw(
        dots((1, 1), hovertext=[escaped]),
        dots((1, 1), mode="text", text=[escaped]),
        xaxis=axis(0, 10, at=(5,), ticktext=[escaped]),
    )
    said = [found for found, *_ in texts(picture)]
    # Plotly draws nothing for an empty text; an empty tick label is harmless.
    assert said == [shown(text)] * (2 if text else 1)
    titles = [title.text for title in elements(picture, "title")[1:]]
    assert titles == ([shown(text)] if text else [])


@given(hostile, hostile)
def test_title_and_description_name_the_picture_whatever_they_hold(
    title: str, description: str
) -> None:
    picture = svg(
        figure(), title=title, description=description, prefix="p-9", palette={}
    )
    root = parsed(picture)
    named = root.get("aria-labelledby", "").split()
    said = [e.text or "" for e in root for name in named if e.get("id") == name]
    clean = [
        re.sub(
            r"\r\n?",
            "\n",
            re.sub("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", t),
        )
        for t in (title, description)
    ]
    assert said == clean
    assert root.get("role") == "img"


def test_every_id_starts_with_the_prefix() -> None:
    picture = draw(dots((1, 1)))
    ids = re.findall(r' id="([^"]*)"', picture)
    assert ids
    assert all(name.startswith("c1-") for name in ids)
    assert len(set(ids)) == len(ids)


def test_line_breaks_become_lines_one_and_three_tenths_apart() -> None:
    picture = draw(xaxis=axis(0, 10, at=(5,), ticktext=["one<br>two"]))
    spans = elements(picture, "tspan")
    assert [(s.text, s.get("x"), s.get("dy")) for s in spans] == [
        ("one", "100", None),
        ("two", "100", "13"),
    ]


@pytest.mark.parametrize("description", ["d", ""])
def test_only_a_standalone_picture_has_namespace_size_and_style(
    description: str,
) -> None:
    inline = plain(figure(), description=description)
    root = parsed(standalone(inline, "a>b{fill:red}"))
    assert root.tag == f"{SVG}svg"
    assert (root.get("width"), root.get("height")) == ("170", "160")
    style = root.find(f"{SVG}style")
    assert style is not None
    assert style.text == "a>b{fill:red}"
    assert "xmlns" not in inline
    assert "<style" not in inline
    assert "width" not in parsed(inline).attrib


@given(st.floats(-1e6, 1e6))
def test_coordinates_are_short_and_never_minus_zero(value: float) -> None:
    picture = draw(dots((value, 5)), xaxis=axis(-1e6, 1e6))
    for place in re.findall(r'c[xy]="([^"]*)"', picture):
        assert re.fullmatch(r"-?(0|[1-9]\d*)(\.\d?[1-9])?", place)
        assert place != "-0"


def test_eighty_five_marks_take_less_than_sixty_bytes_each() -> None:
    colors = [BLUE, "#123456", "#654321"] * 28 + [BLUE]
    points = [(i / 9 + 0.001, i / 10 + 0.001) for i in range(85)]

    def each(order: list[str]) -> float:
        marker = {"color": order, "size": 9}
        return (len(draw(dots(*points, marker=marker))) - len(draw())) / 85

    assert each(sorted(colors)) < 60
    assert each(colors) < 100


def test_marks_keep_their_order_when_they_are_grouped() -> None:
    marker = {"color": [BLUE, "#123456", BLUE], "size": 8}
    circles = elements(draw(dots((1, 1), (2, 2), (3, 3), marker=marker)), "circle")
    assert [c.get("cx") for c in circles] == ["60", "70", "80"]


def test_marks_beyond_two_hundred_have_no_tooltips() -> None:
    def titles(count: int) -> int:
        points = [(1.0, 1.0)] * count
        trace = dots(*points, hovertext=["x"] * count)
        return len(elements(draw(trace), "title")) - 1

    assert (titles(200), titles(201)) == (200, 0)


def test_hover_settings_change_nothing() -> None:
    quiet = dots((1, 1))
    loud = quiet | {
        "hovertemplate": "%{x}<extra></extra>",
        "customdata": [1],
        "hoverlabel": {"align": "left"},
        "meta": {"a": 1},
    }
    assert draw(quiet) == draw(loud, hovermode="closest", dragmode=False)


def test_the_same_figure_read_back_from_json_draws_the_same_bytes() -> None:
    found = figure(dots((1, 2), (3, 4)))
    again = json.loads(json.dumps(found))
    assert plain(found) == plain(again)


@pytest.mark.parametrize(
    ("trace", "layout", "message"),
    [
        ({"type": "pie"}, {}, r"data\[0\]\.type: is 'pie'"),
        (dots((1, 1), fill="tozeroy"), {}, r"data\[0\]\.fill: is not drawn"),
        (
            dots((1, 1), marker={"color": BLUE, "symbol": "star"}),
            {},
            "symbol: is 'star'",
        ),
        (dots((1, 1), marker={"size": 3}), {}, "marker.color: is missing"),
        (dots((1, 1), x=["a"]), {}, r"x\[0\]: is 'a', expected a finite number"),
        (dots((1, float("nan"))), {}, r"y\[0\]: is nan, expected a finite number"),
        (dots((1, 1), marker={"color": "javascript:"}), {}, "colour 'javascript:'"),
        (dots((1, 1), mode="markers", hoveron="fills"), {}, "hoveron"),
        (dots((0, 1)), {"xaxis": axis(0, 1, type="log")}, "no place on a log axis"),
        (dots((1, 1)), {"xaxis": {"zeroline": False}}, "range: is missing"),
        (dots((1, 1)), {"xaxis": axis(0, 1, automargin=True)}, "automargin"),
        (dots((1, 1)), {"yaxis": axis(0, 1, showgrid=None)}, "showgrid: is missing"),
        (
            dots((1, 1)),
            {"xaxis": axis(0, 1, at=(1,), tickangle=None)},
            "tickangle: is missing",
        ),
        (dots((1, 1)), {"xaxis2": {}}, "layout.xaxis2: is not drawn"),
        (dots((1, 1)), {"template": {}}, "layout.template: is not drawn"),
        (dots((1, 1)), {"paper_bgcolor": "#fff"}, "paper_bgcolor: is '#fff'"),
        (
            dots((1, 1), mode="text", text=["<b>x</b>"]),
            {},
            "has markup, expected escaped text",
        ),
        (dots((1, 1)), {"annotations": [{"text": "a", "x": 1, "y": 1}]}, "showarrow"),
        *(
            (dots((1, 1)), {"margin": {**MARGIN, side: 150}}, "leave room for the plot")
            for side in "lrtb"
        ),
        (dots((1, 1)), {"margin": {**MARGIN, "pad": 1}}, "pad: is 1"),
        (dots((1, 1), mode="markers+text"), {}, "mode: is 'markers\\+text'"),
        (dots((1, 1), marker={"color": BLUE, "opacity": 0.5}), {}, "opacity: is 0.5"),
        (dots((1, 1), marker={"color": BLUE, "size": [4]}), {}, "opacity: is missing"),
        (dots((1, 1), error_x={"type": "data", "width": 1}), {}, "symmetric"),
        (dots((1, 1)), {"yaxis": axis(0, 1, title={"text": "a"})}, "title: is"),
        (dots((1, 1)), {"xaxis": axis(0, 1, showline=True)}, "showline: is True"),
        (dots((1, 1)), {"xaxis": axis(0, 1, ticks="outside")}, "ticks: is 'outside'"),
        (
            {"type": "bar", "x": [], "y": []},
            {"barmode": "stack"},
            "barmode: is 'stack'",
        ),
        (cells(texttemplate="%{z}"), {}, "texttemplate: is not drawn"),
        (cells(colorscale=[[0, "#000000"], [1, "#ffffff"]]), {}, "expected steps"),
        (cells(z=[[1, 2], [3]]), {}, "z: .* rows of one length"),
        (cells(x=[0]), {}, "x: .* 2 numbers, as z"),
        (cells(y=[0, 1, 2]), {}, "y: .* 2 numbers, as z"),
        (cells(x=[0, None]), {}, r"x\[1\]: is None"),
        (cells(z=[["a"]]), {}, "z: .* finite numbers"),
        (cells(z=[]), {}, "z: .* rows of one length"),
        (cells(x=[1, 0]), {}, "x: .* rising numbers"),
        (cells(x=[1, 1]), {}, "x: .* rising numbers"),
        (cells(x=[1, 2]), {"xaxis": axis(0, 1, type="log")}, "x: .* a linear axis"),
    ],
)
def test_what_would_look_different_is_refused_by_name(
    trace: Values, layout: Values, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        draw(trace, **layout)


def test_every_unknown_key_of_an_object_is_named_at_once() -> None:
    with pytest.raises(
        ValueError, match=r"(?s)data\[0\]\.fill:.*data\[0\]\.stackgroup:"
    ):
        draw(dots((1, 1), fill="tozeroy", stackgroup="a"))


def test_a_legend_or_colour_bar_that_could_move_the_plot_is_refused() -> None:
    margin = {"l": 50, "r": 20, "t": 20, "b": 40}
    legend = {"orientation": "h", "x": 0, "y": 1, "xanchor": "left", "yanchor": "top"}
    with pytest.raises(ValueError, match=r"margin\.autoexpand: is missing"):
        draw(dots((1, 1), name="a"), showlegend=True, legend=legend, margin=margin)


@given(st.text(max_size=50), st.text(max_size=50))
def test_a_longer_text_is_never_narrower(head: str, tail: str) -> None:
    assert text_width(head + tail, 12) >= text_width(head, 12) >= 0


def test_estimated_widths_are_near_those_of_common_fonts() -> None:
    # Measured in Chromium: DejaVu Sans 12 px; Helvetica is about a tenth narrower.
    measured = {"Two & more": 71.6, "dashed": 43.8, "Qwen3.6-27B": 81.0}
    for text, width in measured.items():
        assert 0.85 * width < text_width(text, 12) < 1.15 * width
    assert text_width("漢字", 10) == 20
    assert text_width("e\u0301", 10) == text_width("e", 10)
