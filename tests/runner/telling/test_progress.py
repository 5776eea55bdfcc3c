"""What a person at the terminal sees of a run."""

import io
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from harness_bench.schema import Status
from runner.plan import all_trials, plan
from runner.telling.events import (
    AttemptEnded,
    Event,
    GivenUp,
    ModelLoading,
    ModelStarted,
    Noticed,
    TrialStarted,
)
from runner.telling.progress import drawn, duration, outcome, progress
from runner.telling.run_progress import RunProgress
from tests.runner.specs import attempt, harness, model, spec, task

(GROUP,) = plan(
    all_trials(
        spec((model("Qwen", quant="Q4"),), (harness("pi"),), seeds=3), [task("sum")]
    )
)
FIRST, SECOND, THIRD = GROUP.trials


def ended(status: Status, *, again: bool = False, detail: str = "") -> AttemptEnded:
    found = attempt(FIRST.id, status, agent_time_s=0.44, calls=1)
    return AttemptEnded(trial=FIRST, attempt=replace(found, detail=detail), again=again)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (ended(Status.PASS), "Qwen Q4 pi sum seed 0: pass, 0.4 s, 1 call"),
        (
            ended(Status.INFRA_SERVER, again=True, detail="it is dead"),
            (
                "Qwen Q4 pi sum seed 0: infra_server, 0.4 s, 1 call, it is dead,"
                " trying again"
            ),
        ),
    ],
)
def test_an_attempt_is_told_in_a_line(event: AttemptEnded, expected: str) -> None:
    assert outcome(event) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.4, "0 s"), (59.6, "1 min 0 s"), (3599, "59 min 59 s"), (11_130, "3 h 5 min")],
)
def test_durations_are_told_as_people_do(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


EVENTS: list[Event] = [
    ModelLoading(group=GROUP, seconds=20.0),
    ModelStarted(group=GROUP),
    TrialStarted(trial=FIRST),
    ended(Status.INFRA_SERVER, again=True),
    ended(Status.FAIL),
    GivenUp(what="harness pi", why="infra_setup in three trials in a row"),
    Noticed(what="Qwen Q4", text="its tokens are estimates"),
]


def test_where_there_is_no_terminal_each_event_is_a_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress([GROUP], done=4, terminal=False) as progressing:
        for event in EVENTS:
            progressing.tell(event)
    said = capsys.readouterr()
    assert said.out == ""
    lines = said.err.splitlines()
    assert lines[:2] == ["Qwen Q4: loading, 20 s", "Qwen Q4: ready, 3 trials"]
    assert lines[2].startswith("4/7 Qwen Q4 pi sum seed 0: infra_server")
    assert lines[3].startswith("5/7 Qwen Q4 pi sum seed 0: fail")
    assert " left)" in lines[3]
    assert lines[4] == "harness pi: given up, infra_setup in three trials in a row"
    assert lines[5] == "Qwen Q4: its tokens are estimates"


def seen(run: RunProgress, width: int = 90) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    with console.capture() as captured:
        console.print(drawn(run))
    return [line.rstrip() for line in captured.get().splitlines()]


def test_the_view_tells_model_combo_rate_rest_and_failures() -> None:
    now = [0.0]
    run = RunProgress([GROUP], done=4, clock=lambda: now[0])
    for event in EVENTS:
        now[0] += 30
        run.note(event)
    run.note(TrialStarted(trial=SECOND))
    now[0] += 61

    whole, of_model, under_way, counts = seen(run)

    assert whole.split()[0] == "all"
    assert "5/7" in whole
    assert of_model.startswith("Qwen Q4")
    assert "1/3" in of_model
    assert "/h, about" in of_model or "/min, about" in of_model
    assert under_way == "Qwen Q4 pi sum seed 1, 1 min 1 s"
    assert counts == "0 pass · 1 fail · 1 tried again"


def test_the_view_says_that_a_model_loads() -> None:
    run = RunProgress([GROUP], done=0, clock=lambda: 0.0)
    run.note(ModelLoading(group=GROUP, seconds=75.0))
    assert "Qwen Q4: loading, 1 min 15 s" in seen(run)


def test_the_view_stays_small_however_many_trials_are_under_way() -> None:
    (many,) = plan(all_trials(spec(seeds=40), [task("t" * 80)]))
    run = RunProgress([many], done=0, clock=lambda: 0.0)
    run.note(ModelStarted(group=many))
    for trial in many.trials:
        run.note(TrialStarted(trial=trial))
    lines = seen(run, width=60)
    assert len(lines) == 2 + 4 + 1 + 1
    assert "and 36 more" in lines
    assert all(len(line) <= 60 for line in lines)


def test_a_run_goes_on_when_nobody_reads_its_words_any_more() -> None:
    program = (
        "import sys\n"
        "from runner.telling.progress import progress\n"
        "with progress([], done=0, terminal=False) as said:\n"
        "    for _ in range(9):\n"
        "        said.say('x')\n"
        "print('lost', file=sys.stderr, flush=True)\n"
        "print('done')\n"
    )
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE,
            stderr=writing,
            text=True,
            check=False,
            cwd=Path(__file__).parents[3],
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stdout) == (0, "done\n")
