"""No two labels of a chart cover each other, or are the same where names differ."""

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.chart_pictures import ChartPictures
from sitegen.charts.figure import Chart
from sitegen.charts.labels import (
    SMALL,
    Mark,
    Plot,
    apart,
    beside,
    fit,
    fit_all,
    in_lines,
)
from sitegen.svg import text_width
from tests.odd_names import ODD, written
from tests.records import EXAMPLE
from tests.sitegen.test_charts import DATA, charts

UP, DOWN = 0.73, 0.2
"""How far letters reach over and under their line, in font sizes."""
SLACK_PX = 0.5


class Said(NamedTuple):
    """One line of text on a picture, and where it is."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


def lines_on(
    element: ET.Element, size: float = 13, anchor: str = "start", weight: str = ""
) -> Iterator[Said]:
    """Every line of text below an element of our SVG."""
    size = float(element.get("font-size", size))
    anchor = element.get("text-anchor", anchor)
    weight = element.get("font-weight", weight)
    if element.tag == "text":
        y = float(element.get("y", 0))
        spans = [(float(s.get("dy", 0)), s.text or "") for s in element] or [
            (0.0, element.text or "")
        ]
        x = float(element.get("x", 0))
        for down, text in spans:
            y += down
            wide = text_width(text.strip(), size, bold=bool(weight))
            left = x - wide * {"start": 0, "middle": 0.5, "end": 1}[anchor]
            yield Said(text, left, y - UP * size, left + wide, y + DOWN * size)
    for child in element:
        yield from lines_on(child, size, anchor, weight)


def pictures(chart: Chart) -> Iterator[list[Said]]:
    inline = ChartPictures().inline(chart, "c")
    both = ET.fromstring(f"<div>{inline}</div>")  # noqa: S314 - ours
    for svg in both.iter("svg"):
        yield [said for said in lines_on(svg) if said.text.strip()]


def cover(a: Said, b: Said) -> bool:
    return (
        min(a.right, b.right) - max(a.left, b.left) > SLACK_PX
        and min(a.bottom, b.bottom) - max(a.top, b.top) > SLACK_PX
    )


def faults(chart: Chart) -> Iterator[str]:
    for said in pictures(chart):
        for a, b in combinations(said, 2):
            if cover(a, b):
                yield f"{chart.id}: {a.text!r} covers {b.text!r}"
        cut = Counter(each.text for each in said if "…" in each.text)
        yield from (f"{chart.id}: {t!r} {n} times" for t, n in cut.items() if n > 1)


MANY = [name if not n else f"{name}{n}" for n in range(10) for name in ODD]
"""Ten times as many odd names as there are; each stands in one of the sets below."""
ODD_SETS: dict[str, dict[str, list[str]]] = {
    "odd models": {"models": MANY[:100], "quants": ["Q4_K_M", "Q8_0"]},
    "odd harnesses": {"harnesses": MANY[100:300]},
    "odd tasks": {"tasks": MANY[300:]},
}


@pytest.mark.parametrize("name", [*DATA, *ODD_SETS])
def test_no_two_labels_of_a_chart_touch_or_are_cut_to_the_same(
    name: str, tmp_path: Path
) -> None:
    if name in DATA:
        found = charts(DATA[name])
    else:
        names = ODD_SETS[name]
        families = {m: f"family {m}" for m in names.get("models", ["m", "n"])}
        found = charts(written(tmp_path, families=families, **names))  # type: ignore[arg-type]  # names alone
    assert found
    assert [fault for chart in found for fault in faults(chart)] == []


def test_the_test_sees_labels_that_touch() -> None:
    said = [Said("a", 0, 0, 10, 10), Said("b", 9, 9, 20, 20), Said("c", 20, 0, 30, 9)]
    assert [cover(*pair) for pair in combinations(said, 2)] == [True, False, False]
    assert any(len(lines) > 10 for lines in pictures(charts(EXAMPLE)[0]))


NAMES = st.lists(st.sampled_from(ODD) | st.text(min_size=1, max_size=60), max_size=30)


@given(NAMES, st.sampled_from([60.0, 100.0, 330.0]))
def test_different_names_stay_different_in_little_room(
    names: list[str], room: float
) -> None:
    shown = fit_all(names, room, SMALL)
    plain = fit_all(names, 1e9, SMALL)
    assert len(set(shown)) == len(set(plain))
    assert all(text_width(text, SMALL) <= room for text in shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Pi", "Pi"),
        ("Claude Code", "Claude\nCode"),
        ("mini-swe-agent-2.0", "mini-swe-\nagent-2.0"),
        ("averyverylongword", fit("averyverylongword", 70, SMALL)),
    ],
)
def test_a_heading_takes_two_lines_before_it_is_cut(text: str, shown: str) -> None:
    assert in_lines([text], 70, SMALL) == [shown]


@given(st.lists(st.floats(0, 100), max_size=20))
def test_ends_are_moved_apart_in_their_order_and_stay_inside(
    values: list[float],
) -> None:
    placed = apart(values, 5, 0, 100)
    pairs = sorted(zip(values, placed, strict=True))
    assert all(b[1] - a[1] >= 5 - 1e-9 for a, b in pairwise(pairs)) or len(
        set(values)
    ) < len(values)
    assert all(-1e-9 <= place <= 100 + 1e-9 for place in placed)


def test_what_is_apart_already_stays() -> None:
    assert apart([10, 50, 90], 5, 0, 100) == [10, 50, 90]


def test_a_name_over_a_mark_near_the_edge_is_moved_in() -> None:
    plot = Plot(width=100, height=60, left=0, right=1, bottom=0, top=100)
    name = "name of 60"
    wide = text_width(name, SMALL)
    assert 50 < wide < 90
    # Right of the mark there is no room, and left of it is another one.
    marks = [Mark(x=10**0.8, y=50, size=9, name=name), Mark(x=10**0.6, y=50, size=9)]
    (place,) = beside(marks, plot)
    assert place.anchor == "center"
    assert 80 + place.shift[0] + wide / 2 <= 100


def test_a_name_without_room_is_left_out() -> None:
    plot = Plot(width=100, height=60, left=0, right=1, bottom=0, top=100)
    marks = [Mark(x=3, y=50, size=9, name=name) for name in ("first", "x" * 40)]
    assert [place.mark.name for place in beside(marks, plot)] == ["first"]
