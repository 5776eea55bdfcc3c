"""Where things are: the px that plotly.js gives them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sitegen.svg_figures import (
    BLUE,
    axis,
    dots,
    draw,
    elements,
    figure,
    texts,
)


def circles(picture: str) -> list[tuple[float, float]]:
    return [
        (float(c.get("cx", "nan")), float(c.get("cy", "nan")))
        for c in elements(picture, "circle")
    ]


def paths(picture: str) -> list[str]:
    return [path.get("d", "") for path in elements(picture, "path")]


def bar(**more: object) -> dict[str, object]:
    return {
        "type": "bar",
        "orientation": "h",
        "x": [4, 8],
        "y": [2, 6],
        "width": 1,
        "marker": {"color": BLUE},
    } | more


def test_x_runs_right_and_y_runs_up_from_the_corner_of_the_plot_area() -> None:
    assert circles(draw(dots((0, 0), (10, 10), (2.5, 5)))) == [
        (50, 120),
        (150, 20),
        (75, 70),
    ]


def test_the_range_of_a_log_axis_is_in_powers_of_ten() -> None:
    picture = draw(dots((10, 0), (1000, 0)), xaxis=axis(0, 4, type="log"))
    assert circles(picture) == [(75, 120), (125, 120)]


def test_a_reversed_range_turns_the_axis_round() -> None:
    assert circles(draw(dots((0, 2)), yaxis=axis(10, 0))) == [(50, 40)]


@given(st.floats(0, 10), st.floats(0, 10))
def test_reversing_both_axes_mirrors_a_mark_in_the_middle(x: float, y: float) -> None:
    ((left, top),) = circles(draw(dots((x, y))))
    ((right, bottom),) = circles(
        draw(dots((x, y)), xaxis=axis(10, 0), yaxis=axis(10, 0))
    )
    assert (left + right, top + bottom) == pytest.approx((200, 140), abs=0.011)


@pytest.mark.parametrize(
    ("shape", "path"),
    [
        ("linear", "M50,120L70,110"),
        ("hv", "M50,120H70V110"),
    ],
)
def test_a_step_turns_where_its_shape_says(shape: str, path: str) -> None:
    line = {"color": BLUE, "shape": shape}
    assert paths(draw(dots((0, 0), (2, 1), mode="lines", line=line))) == [path]


def test_an_unclipped_mark_beyond_the_axes_is_not_drawn() -> None:
    picture = draw(dots((10, 5), (10.5, 5), cliponaxis=False))
    assert circles(picture) == [(150, 70)]


def test_a_clipped_mark_beyond_the_axes_is_cut_by_the_plot_area() -> None:
    picture = draw(dots((10.5, 5)))
    (rect,) = elements(picture, "rect")
    assert rect.attrib == {"x": "50", "y": "20", "width": "100", "height": "100"}
    assert 'clip-path="url(#c1-clip-xy)"' in picture
    assert 'id="c1-clip-xy"' in picture


def test_error_bars_reach_from_the_lower_to_the_upper_value() -> None:
    error = {
        "type": "data",
        "symmetric": False,
        "array": [2],
        "arrayminus": [1],
        "width": 0,
        "color": BLUE,
    }
    assert paths(draw(dots((5, 5), error_x=error))) == ["M120,70H90"]
    assert paths(draw(dots((5, 5), error_y=error))) == ["M100,50V80"]


@pytest.mark.parametrize(
    ("position", "anchor"),
    [("middle left", "end"), ("middle center", "middle"), ("middle right", None)],
)
def test_a_text_hangs_by_the_side_that_its_position_names(
    position: str, anchor: str | None
) -> None:
    trace = dots((5, 5), mode="text", text=["a"], textposition=position)
    picture = draw(trace)
    assert list(texts(picture)) == [("a", 100, 72.5)]
    assert elements(picture, "g")[-1].get("text-anchor") == anchor


def test_a_bar_is_as_wide_as_it_says_around_its_place() -> None:
    over = {"barmode": "overlay"}
    flat = ["M50,105H90V95H50z", "M50,70H130V50H50z"]
    assert paths(draw(bar(width=[1, 2]), **over)) == flat
    upright = ["M85,120V100H95V120z", "M125,120V60H135V120z"]
    assert paths(draw(bar(orientation="v"), **over)) == upright


def test_a_bar_of_no_length_is_not_drawn() -> None:
    assert paths(draw(bar(x=[0, 8]), barmode="overlay")) == ["M50,65H130V55H50z"]


def test_heat_cells_lie_between_the_middles_of_their_centres() -> None:
    heat = {
        "type": "heatmap",
        "z": [[0, 50, None]],
        "x": [2, 4, 6],
        "y": [5],
        "zmin": 0,
        "zmax": 100,
        "colorscale": [[0, "#000000"], [1, "#000000"]],
        "xgap": 2,
        "showscale": False,
    }
    cells = elements(draw(heat), "rect")[1:]
    assert [
        (c.get("x"), c.get("width"), c.get("y"), c.get("height")) for c in cells
    ] == [
        ("61", "18", "65", "10"),
        ("81", "18", "65", "10"),
    ]


def test_grid_lines_are_left_out_on_the_very_edge() -> None:
    grid = axis(0, 10, at=(0, 5, 10), showgrid=True, gridcolor="#e3e5e8")
    assert paths(draw(xaxis=grid)) == ["M100,20v100"]


def test_ticks_outside_the_range_are_left_out() -> None:
    assert [text for text, *_ in texts(draw(xaxis=axis(0, 10, at=(-1, 4, 11))))] == [
        "4"
    ]


def test_labels_stand_off_by_a_pixel_and_what_their_letters_need() -> None:
    picture = draw(xaxis=axis(0, 10, at=(5,)))
    assert list(texts(picture)) == [("5", 100, 120 + 1 + 10)]
    picture = draw(xaxis=axis(0, 10, at=(5,), side="top"))
    assert list(texts(picture)) == [("5", 100, 20 - 1 - 2)]
    picture = draw(yaxis=axis(0, 10, at=(5,)))
    assert list(texts(picture)) == [("5", 49, 73.5)]


def test_a_title_stands_under_the_labels_by_its_standoff() -> None:
    title = {"text": "seconds", "standoff": 10, "font": {"size": 10}}
    picture = draw(xaxis=axis(0, 10, at=(5,), title=title))
    under = 120 + 1 + 12.3 + 10 + 7
    assert list(texts(picture)) == [("5", 100, 131), ("seconds", 100, under)]
    picture = draw(xaxis=axis(0, 10, title=title))
    assert list(texts(picture)) == [("seconds", 100, 120 + 10 + 7)]


def note(**more: object) -> dict[str, object]:
    return {
        "text": "a",
        "x": 5,
        "y": 1,
        "xref": "x",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
    } | more


def test_a_note_hangs_by_its_anchor_two_px_in() -> None:
    (left,) = texts(draw(annotations=[note()]))
    assert left == ("a", 102, 20 - 2 - 2)
    (right,) = texts(draw(annotations=[note(xanchor="right", xshift=3, yshift=1)]))
    assert right == ("a", 101, 20 - 2 - 2 - 1)


def test_a_note_on_a_log_axis_counts_in_powers_of_ten_and_a_shape_does_not() -> None:
    shape = {
        "type": "line",
        "layer": "below",
        "x0": 100,
        "x1": 100,
        "y0": 0,
        "y1": 1,
        "xref": "x",
        "yref": "paper",
        "line": {"width": 1, "color": BLUE},
    }
    log = axis(0, 4, type="log")
    picture = draw(xaxis=log, annotations=[note(x=2)], shapes=[shape])
    assert list(texts(picture)) == [("a", 102, 16)]
    assert paths(picture) == ["M100,120L100,20"]


def test_a_note_beyond_an_axis_is_not_drawn() -> None:
    assert not list(texts(draw(annotations=[note(x=11)])))


def test_a_legend_wraps_into_columns_where_it_is_wider_than_the_plot() -> None:
    legend = {
        "orientation": "h",
        "x": 0,
        "y": 1,
        "xanchor": "left",
        "yanchor": "bottom",
    }
    named = [dots((1, 1), name=name) for name in ("one", "two", "three")]
    found = figure(*named, showlegend=True, legend=legend)
    layout = found["layout"]
    assert isinstance(layout, dict)
    rows = {y for _, _, y in texts(draw(*named, **layout))}
    assert len(rows) == 3
    rows = {y for _, _, y in texts(draw(*named, **layout | {"width": 400}))}
    assert len(rows) == 1
