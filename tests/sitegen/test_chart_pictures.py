"""A chart is drawn once for all places, and its ids are those of its place."""

import re
from unittest.mock import patch

import pytest

from sitegen.chart_pictures import ChartPictures
from sitegen.charts.figure import Chart
from sitegen.svg import svg
from tests.records import TAU
from tests.sitegen.test_charts import charts


@pytest.fixture
def chart() -> Chart:
    """Any chart."""
    return charts(TAU)[0]


def test_each_place_has_ids_of_its_own(chart: Chart) -> None:
    pictures = ChartPictures()
    one, other = (pictures.inline(chart, prefix) for prefix in ("one", "other"))
    ids = re.findall(r' id="([^"]*)"', one)
    assert ids
    assert all(found.startswith(("one-w", "one-n")) for found in ids)
    assert len(set(ids)) == len(ids)
    assert other == one.replace("one-", "other-")


def test_a_file_is_the_picture_of_the_page(chart: Chart) -> None:
    pictures = ChartPictures()
    page = pictures.inline(chart, "a")
    for width, prefix in (("wide", "a-w"), ("narrow", "a-n")):
        said = pictures.file(chart, width).decode()  # type: ignore[arg-type]  # of two
        drawing = said[said.index("</style>") + len("</style>") :]
        assert (
            drawing.replace('"c-', f'"{prefix}-').replace("#c-", f"#{prefix}-") in page
        )


def test_it_is_drawn_once_for_each_width(chart: Chart) -> None:
    pictures = ChartPictures()
    with patch("sitegen.chart_pictures.svg", wraps=svg) as drawn:
        for prefix in ("a", "b"):
            pictures.inline(chart, prefix)
            pictures.file(chart)
    assert drawn.call_count == 2
