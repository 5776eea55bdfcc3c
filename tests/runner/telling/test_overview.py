"""How far a run is, by model and harness."""

from harness_bench.schema import Status
from runner.plan import Trial, all_trials
from runner.run_folder.ledger import Attempts
from runner.run_folder.plan_file import planned
from runner.telling.overview import ComboProgress, overview
from tests.runner.specs import attempt, harness, model, spec, task

TRIALS = all_trials(
    spec((model("a"), model("b")), (harness("x"), harness("y")), seeds=2), [task()]
)


def part(of: str, by: str, attempts: Attempts) -> ComboProgress:
    return next(
        each
        for each in overview(planned(TRIALS), attempts)
        if (each.model, each.harness) == (of, by)
    )


def trials(of: str, by: str) -> list[Trial]:
    return [each for each in TRIALS if (each.model.name, each.harness.name) == (of, by)]


def test_each_model_and_harness_is_a_part_in_the_order_of_the_plan() -> None:
    found = overview(planned(TRIALS), Attempts(by_trial={}))
    assert [(each.model, each.harness, each.planned) for each in found] == [
        ("a", "x", 2),
        ("a", "y", 2),
        ("b", "x", 2),
        ("b", "y", 2),
    ]
    assert {each.left_s for each in found} == {None}
    assert {each.valid for each in found} == {0}


def test_only_the_attempt_that_counts_is_a_status_and_all_are_attempts() -> None:
    first, second = trials("a", "x")
    attempts = Attempts.of(
        [
            attempt(first.id, Status.INFRA_SERVER, number=1, folder="1"),
            attempt(first.id, Status.FAIL, number=2, folder="2"),
            attempt(second.id, Status.INFRA_GRADER, number=1, folder="3"),
            attempt(second.id, Status.CANCELLED, number=2, folder="4"),
        ]
    )
    found = part("a", "x", attempts)
    assert found.statuses == {Status.FAIL: 1, Status.CANCELLED: 1}
    assert (found.valid, found.attempts) == (1, 4)


def test_what_is_left_is_estimated_from_what_is_most_alike() -> None:
    (ax, _), (ay, _) = trials("a", "x"), trials("a", "y")
    attempts = Attempts.of(
        [
            attempt(ax.id, agent_time_s=10.0, grade_time_s=2.0),
            attempt(ay.id, agent_time_s=100.0),
        ]
    )
    assert part("a", "x", attempts).left_s == 12.0
    assert part("a", "y", attempts).left_s == 100.0
    assert part("b", "x", attempts).left_s == 2 * (12.0 + 100.0) / 2


def test_the_same_model_tells_more_than_another_one_in_the_same_harness() -> None:
    (ax, _), (bx, _) = trials("a", "x"), trials("b", "x")
    attempts = Attempts.of(
        [
            attempt(ax.id, agent_time_s=10.0, grade_time_s=None),
            attempt(bx.id, agent_time_s=None, grade_time_s=40.0),
        ]
    )
    assert part("a", "y", attempts).left_s == 20.0
    assert part("b", "y", attempts).left_s == 80.0
    untimed = Attempts.of([attempt(ax.id, agent_time_s=None, grade_time_s=None)])
    assert part("a", "x", untimed).valid == 1
    assert part("a", "x", untimed).left_s is None


def test_attempts_of_other_trials_have_no_part_in_it() -> None:
    attempts = Attempts.of([attempt("f" * 16, agent_time_s=5.0)])
    assert overview(planned(TRIALS), attempts) == overview(
        planned(TRIALS), Attempts(by_trial={})
    )
