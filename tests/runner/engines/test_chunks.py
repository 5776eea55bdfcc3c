"""Which trials a worker is given: few loads, all busy, nothing lost or doubled."""

from collections import Counter

from runner.engines.chunks import Waiting
from runner.plan import Trial, plan, trials
from tests.runner.specs import attempt, model, spec, task

SPEC = spec((model("a"), model("b"), model("c", quant="q4")), seeds=10)
TRIALS = trials(SPEC, (task("one"), task("two")))
ALL = {"a", "b", "c q4"}


def waiting(planned: tuple[Trial, ...] = TRIALS, *, balanced: bool = False) -> Waiting:
    return Waiting(plan(planned, balanced=balanced))


def labels(taken: tuple[Trial, ...]) -> set[str]:
    return {trial.model.label for trial in taken}


def test_a_worker_keeps_its_model_as_long_as_there_is_work_of_it() -> None:
    left = waiting()
    for _ in range(20):
        if not (taken := left.take("b", fit={"a", "b"}, holders={})):
            break
        if labels(taken) == {"a"}:
            break
        assert labels(taken) == {"b"}
    assert not left.has_any_of({"b"})


def test_the_model_with_most_work_for_each_of_its_workers_comes_first() -> None:
    left = waiting(TRIALS[:10] + TRIALS[20:])  # ten of a, twenty of b and of c
    assert labels(left.take(None, fit=ALL, holders={"b": 1, "c q4": 3})) == {"a"} or (
        labels(left.take(None, fit=ALL, holders={"b": 0})) == {"b"}
    )
    assert labels(waiting().take(None, fit=ALL, holders={"a": 1, "b": 1})) == {"c q4"}


def test_chunks_become_shorter_and_hold_every_trial_once() -> None:
    left = waiting()
    sizes, given = [], Counter[str]()
    while taken := left.take("a", fit={"a"}, holders={}):
        sizes.append(len(taken))
        given.update(trial.id for trial in taken)
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == 10
    assert given == Counter(trial.id for trial in TRIALS if trial.model.name == "a")


def test_loading_is_a_twentieth_of_a_chunk_at_most() -> None:
    left = waiting()
    left.note("a", attempt(agent_time_s=9.0, grade_time_s=1.0))
    left.note_load("a", 7.0)
    assert len(left.take(None, fit={"a"}, holders={})) == 14  # 140 s for 7 s
    # What is left is worth no second load while another has the model.
    assert left.take(None, fit={"a"}, holders={"a": 1}) == ()
    assert len(left.take("a", fit={"a"}, holders={})) == 3


def test_past_rows_say_how_long_trials_take() -> None:
    past = [attempt(model="a", agent_time_s=1.0)]
    left = Waiting(plan(TRIALS), past)
    left.note_load("a", 0.9)
    assert len(left.take(None, fit={"a"}, holders={})) == 18


def test_what_a_lost_worker_has_not_done_goes_to_the_next() -> None:
    left = waiting()
    taken = left.take(None, fit={"a"}, holders={})
    left.put_back(taken[3:])
    assert left.take(None, fit={"a"}, holders={})[:3] == taken[3:6]
    assert len(left) + len(taken) == 60 - 3 + len(taken) - 9


def test_a_worker_gets_only_models_that_it_can_run() -> None:
    left = waiting()
    assert labels(left.take("b", fit={"c q4"}, holders={})) == {"c q4"}
    assert left.take(None, fit=set(), holders={}) == ()


def test_what_is_given_up_waits_no_more() -> None:
    left = waiting()
    left.drop(lambda trial: trial.model.name == "a")
    assert not left.has_any_of({"a"})
    assert len(left) == 40


def test_a_balanced_plan_keeps_its_order_of_seeds() -> None:
    left = waiting(balanced=True)
    taken = left.take(None, fit=ALL, holders={})
    while seed := {trial.seed for trial in taken}:
        assert len(seed) <= 2  # a model that stays loaded does the next one, too
        taken = left.take(None, fit=ALL, holders={})
        if not taken:
            break
        assert min(trial.seed for trial in taken) >= min(seed)
