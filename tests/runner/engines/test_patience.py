"""When something that fails is given up, and when it is not."""

from collections.abc import Sequence

import pytest

from harness_bench.schema import INFRA, Status
from runner.engines.patience import Patience
from runner.plan import Trial, trials
from tests.runner.specs import harness, model, spec, task

MANY = trials(
    spec((model("a"), model("b")), (harness("x"), harness("y")), seeds=5),
    (task("one"), task("two")),
)


def one(*, of: str = "a", by: str = "x", at: str = "one") -> Trial:
    return next(
        each
        for each in MANY
        if (each.model.name, each.harness.name, each.task.name) == (of, by, at)
    )


def noted(patience: Patience, found: Sequence[Status], trial: Trial) -> list[str]:
    """What was given up, one after the other."""
    given_up = [patience.note(trial, status) for status in found]
    return [what for what in given_up if what is not None]


@pytest.mark.parametrize(
    ("status", "what", "lost", "untouched"),
    [
        (Status.INFRA_SERVER, "a", one(by="y", at="two"), one(of="b")),
        (Status.INFRA_SETUP, "harness x", one(of="b", at="two"), one(by="y")),
        (Status.INFRA_GRADER, "task one", one(of="b", by="y"), one(at="two")),
    ],
)
def test_what_failed_three_times_is_given_up_and_nothing_else(
    status: Status, what: str, lost: Trial, untouched: Trial
) -> None:
    patience = Patience()
    assert noted(patience, [status] * 2, one()) == []
    assert not patience.is_lost_on(one())
    assert noted(patience, [status], one()) == [what]
    assert patience.is_lost_on(lost)
    assert not patience.is_lost_on(untouched)


def test_a_machine_that_cannot_make_sandboxes_is_given_up_for_every_trial() -> None:
    patience = Patience()
    assert noted(patience, [Status.INFRA_SANDBOX] * 4, one()) == ["this machine"]
    assert all(map(patience.is_lost_on, MANY))


@pytest.mark.parametrize("status", sorted(INFRA))
@pytest.mark.parametrize("valid", [Status.PASS, Status.FAIL, Status.AGENT_TIMEOUT])
def test_what_works_once_is_trusted_again(status: Status, valid: Status) -> None:
    patience = Patience()
    course = [status, status, valid, status, status]
    assert noted(patience, course, one()) == []


def test_another_failure_says_nothing_for_or_against() -> None:
    patience = Patience()
    course = [Status.INFRA_GRADER, Status.INFRA_SERVER, Status.CANCELLED]
    assert noted(patience, course * 2, one()) == []
    assert noted(patience, course, one()) == ["task one", "a"]
