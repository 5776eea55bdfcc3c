"""What a run has come to, from its events alone."""

from typing import Any

import pytest

from harness_bench.schema import Status
from runner.plan import Group, Trial, all_trials, plan
from runner.telling.events import AttemptEnded, ModelLoading, ModelStarted, TrialStarted
from runner.telling.run_progress import RunProgress
from tests.runner.specs import attempt, model, spec, task

GROUPS = plan(all_trials(spec((model("a"), model("b")), seeds=4), [task()]))


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Told:
    """The progress of a run, and a clock that goes on by what each trial takes."""

    def __init__(self, **more: Any) -> None:  # noqa: ANN401 - arguments of RunProgress
        self.clock = Clock()
        self.run = RunProgress(GROUPS, clock=self.clock, **{"done": 0} | more)

    def begin(self, group: Group) -> None:
        self.run.note(ModelStarted(group=group))

    def trial(
        self,
        trial: Trial,
        seconds: float,
        status: Status = Status.PASS,
        *,
        again: bool = False,
    ) -> None:
        self.run.note(TrialStarted(trial=trial))
        self.clock.now += seconds
        ended = attempt(trial.id, status)
        self.run.note(AttemptEnded(trial=trial, attempt=ended, again=again))


def test_the_rest_takes_as_long_as_what_has_ended() -> None:
    told = Told(done=2)
    told.begin(GROUPS[0])
    assert told.run.all.left_s(told.clock.now) is None
    for trial in GROUPS[0].trials[:2]:
        told.trial(trial, 30.0)
    now = told.clock.now
    assert told.run.all.left_s(now) == pytest.approx(6 * 30)
    assert told.run.of_group.left_s(now) == pytest.approx(2 * 30)
    assert (told.run.done, told.run.total) == (4, 10)


def test_a_model_has_a_rate_of_its_own() -> None:
    told = Told()
    told.begin(GROUPS[0])
    for trial in GROUPS[0].trials:
        told.trial(trial, 10.0)
    told.begin(GROUPS[1])
    assert told.run.of_group.left_s(told.clock.now) is None
    told.trial(GROUPS[1].trials[0], 50.0)
    assert told.run.of_group.left_s(told.clock.now) == pytest.approx(3 * 50)
    assert told.run.all.left_s(told.clock.now) == pytest.approx(3 * 90 / 5)


def test_failures_are_told_by_class_and_what_is_tried_again_apart() -> None:
    told = Told()
    told.begin(GROUPS[0])
    first, second, third, fourth = GROUPS[0].trials
    told.trial(first, 1.0)
    told.trial(second, 1.0, Status.FAIL)
    told.trial(third, 1.0, Status.INFRA_SERVER, again=True)
    told.trial(third, 1.0, Status.INFRA_SERVER)
    told.trial(fourth, 1.0, Status.FAIL)
    assert told.run.failures == {Status.FAIL: 2, Status.INFRA_SERVER: 1}
    assert told.run.repeated == 1
    assert told.run.done == 4


def test_what_is_under_way_is_known_with_its_time() -> None:
    told = Told()
    first, second, *_ = GROUPS[0].trials
    told.run.note(TrialStarted(trial=first))
    told.clock.now += 5
    told.run.note(TrialStarted(trial=second))
    told.clock.now += 2
    assert told.run.running() == ((first, 7.0), (second, 2.0))


def test_a_model_that_loads_is_not_ready() -> None:
    told = Told()
    assert (told.run.group, told.run.loading_s) == (None, None)
    told.run.note(ModelLoading(group=GROUPS[0], seconds=40.0))
    assert (told.run.group, told.run.loading_s) == (GROUPS[0], 40.0)
    told.begin(GROUPS[0])
    assert told.run.loading_s is None
