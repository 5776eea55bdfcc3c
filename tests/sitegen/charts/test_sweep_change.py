"""What changed from sweep to sweep, and what only because other models ran."""

from itertools import pairwise

import pytest

from harness_bench.schema import Record
from sitegen.build import build
from sitegen.charts.figure import Chart
from sitegen.charts.sweep_change import sweep_change
from sitegen.disclosure import publishable
from sitegen.names import names
from sitegen.stats.results import results
from sitegen.view import View
from tests.records import grid, inputs
from tests.sites import figures_of

TASKS = [f"t{i}" for i in range(8)]


def passing(n: int, tasks: list[str] = TASKS) -> dict[str, str]:
    return {task: "+" if i < n else "-" for i, task in enumerate(tasks)}


def rows(
    sweep: str, passed: dict[str, dict[str, int]], tasks: list[str] = TASKS
) -> list[Record]:
    """Of each harness, how many tasks each model passed."""
    return grid(
        {
            f"{model}/{sweep}/{harness}": passing(n, tasks)
            for harness, models in passed.items()
            for model, n in models.items()
        },
        sweep=sweep,
    )


ONE = {"pi": {"a": 8, "b": 6, "c": 1}, "aider": {"a": 4, "b": 4, "c": 8}}
TWO = {"pi": {"a": 2, "b": 2}, "aider": {"a": 8, "b": 6}}


def chart_of(records: list[Record], *, cells: bool = True) -> Chart | None:
    found = inputs(records, cells=cells, min_cells=3)
    computed = publishable(
        results(
            found.records,
            found.settings.policy,
            default_sweep="one",
            totals_only=not cells,
        ),
        found.settings.publish,
    )
    return sweep_change(
        View(
            scope=computed.main,
            names=names(computed, found.metadata, found.settings),
            metadata=found.metadata,
            settings=found.settings,
            others=tuple(s for s in computed.sweeps if s is not computed.main),
        )
    )


def told(chart: Chart | None) -> dict[str, list[str]]:
    assert chart is not None
    return {row[0].text: [cell.text for cell in row[1:]] for row in chart.table.rows}


@pytest.mark.parametrize("cells", [True, False])
def test_the_stop_between_holds_only_the_models_of_both_sweeps(*, cells: bool) -> None:
    chart = chart_of([*rows("one", ONE), *rows("two", TWO)], cells=cells)
    assert told(chart) == {
        "aider": ["66.7", "50.0", "87.5", "+37.5"],
        "pi": ["62.5", "87.5", "25.0", "−62.5"],
    }
    assert chart is not None
    heads = ["sweep one, 3 models", "of these, 2 models", "sweep two, the same"]
    assert [column.title for column in chart.table.columns[1:-1]] == heads
    assert "Up to the middle only the choice of models changes" in chart.caption


def test_sweeps_of_the_same_models_have_two_stops() -> None:
    both = {harness: {"a": n["a"], "b": n["b"]} for harness, n in ONE.items()}
    chart = chart_of([*rows("one", both), *rows("two", TWO)])
    assert told(chart) == {
        "pi": ["87.5", "25.0", "−62.5"],
        "aider": ["50.0", "87.5", "+37.5"],
    }
    assert chart is not None
    assert "Up to the middle" not in chart.caption
    assert "same tasks" not in chart.caption
    fewer = chart_of([*rows("one", both), *rows("two", TWO, TASKS[:7])])
    assert fewer is not None
    assert "The sweeps did not run all the same tasks." in fewer.caption


def test_of_several_sweeps_that_with_most_of_the_models_is_taken() -> None:
    third = {harness: {"a": 1, "b": 1, "c": 1} for harness in ONE}
    chart = chart_of([*rows("one", ONE), *rows("two", TWO), *rows("three", third)])
    assert told(chart)["pi"] == ["62.5", "12.5", "−50.0"]


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"pi": {"d": 4}, "aider": {"d": 5}},
        {"pi": {"a": 4}},
        {"pi": {"a": 4, "b": 1}, "claude": {"a": 4, "b": 1}},
    ],
)
def test_without_two_harnesses_and_a_model_in_both_nothing_is_drawn(
    other: dict[str, dict[str, int]],
) -> None:
    assert chart_of([*rows("one", ONE), *rows("two", other)]) is None


def test_nothing_is_drawn_from_combos_whose_totals_are_not_told() -> None:
    few = grid({"b/two/pi": passing(2, TASKS[:2])}, sweep="two")
    rest = {"pi": {"a": 2}, "aider": TWO["aider"]}
    records = [*rows("one", ONE), *rows("two", rest), *few]
    assert chart_of(records, cells=False) is None


def test_names_at_an_end_are_17_pixels_apart_though_rates_are_equal() -> None:
    passed = {f"harness-{i}": {"a": 5, "b": 5} for i in range(9)}
    site = build(inputs([*rows("one", passed), *rows("two", passed)]))
    for figure in figures_of(site, "sweep_change").values():
        layout = figure["layout"]
        low, high = layout["yaxis"]["range"]
        tall = layout["height"] - layout["margin"]["t"] - layout["margin"]["b"]
        for end in (0, 1):
            at = sorted(n["y"] for n in layout["annotations"] if n["x"] == end)
            assert len(at) == 9
            steps = [(b - a) * tall / (high - low) for a, b in pairwise(at)]
            assert min(steps) >= 17 - 0.1
