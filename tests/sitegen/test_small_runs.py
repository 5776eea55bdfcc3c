"""A site of a handful of trials reads as well as one of thousands."""

import re
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness_bench.schema import GraderAccess, Record, Status
from sitegen.build import build
from sitegen.charts.figure import Chart, Width
from sitegen.charts.speed_vs_accuracy import speed_vs_accuracy
from sitegen.config import Settings
from sitegen.metadata import Metadata
from sitegen.names import names
from sitegen.site import Site
from sitegen.stats.results import results
from sitegen.view import View
from tests.records import inputs, record
from tests.sitegen.charts.test_labels import faults

MODELS = {"null": 0.17, "oracle": 0.22, "wrong": 0.23}
"""Scripted models with the time that each of their trials takes."""


def trials() -> list[Record]:
    """What the demonstration leaves: 3 models, 1 harness, 3 tasks, 2 seeds."""
    return [
        record(
            f"{model}//mini",
            task,
            seed=seed,
            status=Status.PASS if model == "oracle" else Status.FAIL,
            agent_time_s=time_s + seed / 100,
            grader_mentions=False,
            grader_access=GraderAccess.NONE,
            sandbox="bubblewrap",
            server_build="scripted 1",
        )
        for model, time_s in MODELS.items()
        for task in ("ring", "intervals", "report")
        for seed in (0, 1)
    ]


@cache
def site() -> Site:
    return build(inputs(trials()))


def words(path: str) -> str:
    """The text of a page, on one line."""
    text = re.sub(r"<[^>]*>", "", site()[path].decode()).replace(
        "\N{NO-BREAK SPACE}", " "
    )
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("index.html", "3 combos of 3 models and 1 harness on 3 tasks."),
        (
            "index.html",
            "is the only one to pass all 3 tasks, averaging 0.22 s per task.",
        ),
        (
            "models/index.html",
            (
                "oracle passed 6 of 6 trials (100.0 %), averaging 0.22 s per task, in "
                "mini."
            ),
        ),
        ("models/oracle.html", "All of its trials are of one combo, oracle + mini."),
        ("harnesses/index.html", "over 3 models. The 95 % interval"),
        ("analysis.html", "There is only one harness: mini."),
        (
            "analysis.html",
            "oracle + mini passed 6 of 6 trials (100.0 %), averaging 0.22 s per task.",
        ),
        (
            "analysis.html",
            "No log of 18 audited trials mentions the hidden grader.",
        ),
        ("analysis.html", "No task is harder than another"),
        (
            "tasks/index.html",
            "No task is harder than another: 33.3 % of the trials of each passed.",
        ),
        ("tasks/ring.html", "The others were passed equally often."),
    ],
)
def test_its_sentences_are_about_what_is_there(path: str, sentence: str) -> None:
    assert sentence in words(path)


@pytest.mark.parametrize(
    "phrase", ["times as fast", "model-quant", "all 1 harness", "whatever the sweep"]
)
def test_nothing_is_said_that_few_trials_cannot_tell(phrase: str) -> None:
    # Those of data explain all columns.
    of_data = {"data.html", "gallery.html"}
    for path in site():
        is_of_data = path in of_data or path.startswith("embed/tables/")
        if path.endswith(".html") and not is_of_data:
            assert phrase not in words(path), path


def test_a_chart_with_nothing_in_it_is_left_out() -> None:
    embedded = {path for path in site() if path.startswith("embed/")}
    assert {path for path in embedded if "/tables/" not in path} == {
        "embed/harnesses/mini.html",
        "embed/speed_vs_accuracy.html",
        "embed/success_within_budget.html",
        "embed/task_difficulty.html",
    }


def test_nobody_is_praised_for_failing_fast() -> None:
    assert "both better and faster" in words("combos/oracle--mini.html")
    assert "both better and faster" not in words("combos/null--mini.html")


def drawn(records: list[Record]) -> Chart:
    computed = results(records, Settings().policy, default_sweep=None)
    chart = speed_vs_accuracy(
        View(
            scope=computed.all,
            names=names(computed, Metadata(), Settings()),
            metadata=Metadata(),
            settings=Settings(),
        )
    )
    assert chart is not None
    return chart


def layout(chart: Chart, width: Width) -> dict[str, Any]:
    figure: dict[str, Any] = chart.wide if width == "wide" else chart.narrow
    found: dict[str, Any] = figure["layout"]
    return found


@settings(deadline=None, max_examples=60)
@given(st.floats(0.001, 1e8), st.floats(1, 100))
def test_the_axis_of_time_has_its_ticks_whatever_the_times(
    fastest_s: float, times: float
) -> None:
    chart = drawn(
        [
            record("a//h", "t", agent_time_s=fastest_s),
            record("b//h", "t", agent_time_s=fastest_s * times),
        ]
    )
    for width in ("wide", "narrow"):
        axis = layout(chart, width)["xaxis"]
        assert 3 <= len(axis["tickvals"]) <= 20
        assert len(set(axis["ticktext"])) == len(axis["ticktext"])
        assert axis["tickvals"] == sorted(axis["tickvals"])


def named(chart: Chart, width: Width) -> set[str]:
    return {
        re.sub("<[^>]*>", "", note["text"])
        for note in layout(chart, width)["annotations"]
    }


def test_few_marks_are_all_named_where_there_is_room() -> None:
    chart = drawn(trials())
    for width in ("wide", "narrow"):
        assert set(MODELS) <= named(chart, width)


def test_names_of_marks_that_lie_on_each_other_do_not_touch() -> None:
    crowded = drawn(
        [
            record(f"{name}//h", "t", passed=name == "a", agent_time_s=10 + place / 100)
            for place, name in enumerate("abcd")
        ]
    )
    assert "a" in named(crowded, "wide")
    assert list(faults(crowded)) == []


def test_no_name_lies_on_the_title_of_its_axis() -> None:
    best = record("the best of all//h", "t", agent_time_s=0.07)
    others = [
        record(f"{name}//h", "t", passed=False, agent_time_s=time_s)
        for name, time_s in (("b", 0.05), ("c", 5.0))
    ]
    chart = drawn([best, *others])
    for width in ("wide", "narrow"):
        assert "the best of all" in named(chart, width)
    assert list(faults(chart)) == []


def test_the_first_page_has_a_chart_wherever_one_can_be_drawn() -> None:
    """Of four columns, as in the README; of one harness; of a single trial."""

    def charts(*rows: Record) -> list[str]:
        page = build(inputs(list(rows)))["index.html"].decode()
        return re.findall(r'data-chart="([^"]+)"', page)

    four = [
        record("m//pi", "a"),
        record("m//pi", "b", passed=False),
        record("m//aider", "a"),
        record("m//aider", "b"),
    ]
    assert charts(*four) == ["harness_ranking"]
    assert charts(*four[:2]) == ["task_difficulty"]
    assert charts(four[0]) == []
    timed = [replace(row, agent_time_s=1.0) for row in four]
    assert charts(*timed) == ["speed_vs_accuracy"]
