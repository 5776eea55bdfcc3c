"""The figure of a chart of a built site, for those who go on with Plotly."""

import json
from pathlib import Path

import plotly.graph_objects as go
import pytest

import harness_bench
from harness_bench.errors import PublishError
from sitegen.publish import publish
from tests.sites import example_site, figures_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found: Path = tmp_path_factory.mktemp("built") / "site"
    publish(example_site(), found)
    return found


def test_every_chart_of_a_site_is_a_figure_of_plotly(folder: Path) -> None:
    listed = json.loads((folder / "data" / "charts.json").read_text("utf-8"))["charts"]
    assert listed
    for chart in listed:
        figure = harness_bench.figure(folder, chart["id"])
        assert isinstance(figure, go.Figure)
        wide = figures_of(example_site(), chart["id"])["wide"]
        assert [trace.type for trace in figure.data] == [
            trace["type"] for trace in wide["data"]
        ]
        assert figure.layout.width == wide["layout"]["width"]


def test_an_unknown_chart_is_told_with_the_nearest_id(folder: Path) -> None:
    with pytest.raises(PublishError, match="speed_vs_accuracy"):
        harness_bench.figure(str(folder), "speed_vs_acuracy")


def test_a_folder_that_is_no_site_has_no_figures(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match=r"charts\.json"):
        harness_bench.figure(tmp_path, "audit")


def test_a_figure_that_is_gone_is_told(folder: Path) -> None:
    (folder / "charts" / "audit.json").unlink()
    with pytest.raises(PublishError, match=r"audit\.json.*build"):
        harness_bench.figure(folder, "audit")
