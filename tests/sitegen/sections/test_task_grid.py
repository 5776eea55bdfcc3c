"""Who passed a task, as a grid."""

from sitegen.build import _site_data
from sitegen.sections.task_grid import task_grid
from sitegen.table import Mark
from tests.records import grid, inputs


def test_models_and_harnesses_that_pass_most_come_first() -> None:
    cells = {
        "weak/Q4/a": {"t": "-"},
        "weak/Q4/b": {"t": "+"},
        "strong/Q4/a": {"t": "+"},
        "strong/Q4/b": {"t": "+"},
    }
    data = _site_data(inputs(grid(cells)), ())
    (combos,) = data.results.all.task_combos.values()
    found = task_grid(data.names, combos, "Who")
    assert [line.label for line in found.rows] == ["strong", "weak"]
    assert [line.label for line in found.columns] == ["b", "a"]
    assert [line.passed for line in found.rows] == ["2 of 2", "1 of 2"]
    looks = [[mark and mark.look for mark in line.marks] for line in found.rows]
    assert looks == [["p", "p"], ["p", "f"]]


def test_one_trial_is_a_mark_and_several_are_counted() -> None:
    cells = {"m//a": {"t": "+-"}, "n//b": {"t": "+"}}
    data = _site_data(inputs(grid(cells)), ())
    (combos,) = data.results.all.task_combos.values()
    marks = [line.marks for line in task_grid(data.names, combos, "Who").rows]
    assert marks == [
        (Mark(look="p", text=""), None),
        (None, Mark(look="s", text="1/2")),
    ]
