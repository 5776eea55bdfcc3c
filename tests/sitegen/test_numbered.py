"""With `task_ids = "numbered"` no task name leaves."""

from dataclasses import replace
from pathlib import Path

from sitegen.build import build
from sitegen.inputs import read_inputs
from sitegen.numbered import number_tasks

EXAMPLE = Path(__file__).parents[2] / "examples" / "harness-bench-2026" / "cells.csv"


def test_no_emitted_byte_holds_a_task_name() -> None:
    inputs = read_inputs([EXAMPLE])
    settings = inputs.settings
    hidden = replace(
        inputs,
        notes="",
        posts=(),
        settings=replace(
            settings, publish=replace(settings.publish, task_ids="numbered")
        ),
    )
    site = build(hidden)
    names = {record.task for record in inputs.records}
    leaks = [
        (path, name)
        for path, content in site.items()
        for name in names
        if name.encode() in content or name in path
    ]
    assert leaks == []
    assert "tasks/task-01.html" in site
    assert "tasks/task-16.html" in site


def test_numbers_follow_the_sorted_names_and_keep_the_language() -> None:
    inputs = read_inputs([EXAMPLE])
    numbered = number_tasks(inputs)
    before = sorted({record.task for record in inputs.records})
    after = sorted({record.task for record in numbered.records})
    assert after == [f"task-{place:02d}" for place in range(1, 17)]
    language = inputs.metadata.tasks[before[0]].language
    assert numbered.metadata.tasks["task-01"].language == language
    assert numbered.metadata.tasks["task-01"].title is None
