"""What is known of each task says who is better, and nothing of single cells."""

from collections.abc import Mapping
from dataclasses import replace

from sitegen.keys import QuantKey, TaskKey
from sitegen.policy import Policy
from sitegen.stats.by_task import judged
from sitegen.stats.pairs import Family, Pair
from sitegen.stats.results import Scope, results
from sitegen.stats.standings import Standing
from tests.records import grid

TASKS = [f"t{i:02d}" for i in range(10)]
ASKED: Mapping[Family, None] = {"model": None}


def scope(*, turned: bool = False, without: str = "") -> Scope:
    """Three models in two harnesses that share what a model passed."""

    def marks(model: str, harness: int) -> dict[str, str]:
        least = {"a": 1, "b": 4, "c": 9}[model]
        # Of the tasks in between, one harness has the first half, the other the rest.
        return {
            task: "+-"[place < least + (place + harness + turned) % 2]
            for place, task in enumerate(TASKS)
            if f"{model}{harness}{task}" != without
        }

    cells = {f"{m}//h{h}": marks(m, h) for m in "abc" for h in (0, 1)}
    return results(grid(cells), Policy(), default_sweep=None, totals_only=True).all


def found(
    of: Scope,
) -> tuple[tuple[Standing[QuantKey], ...], tuple[Pair[QuantKey], ...]]:
    bare = [replace(s, rank_range=None, tier="") for s in of.model_quants]
    return judged(bare, of.task_model_quants, ASKED)


def by_task(of: Scope) -> Mapping[TaskKey, set[tuple[QuantKey, int]]]:
    return {
        task: {(s.key, s.passed) for s in own}
        for task, own in of.task_model_quants.items()
    }


def test_it_says_what_all_cells_say() -> None:
    standings, pairs = found(scope())
    full = scope()
    assert standings == full.model_quants
    assert [s.tier for s in standings] == ["a", "a", "b"]
    assert pairs == tuple(pair for pair in full.pairs if pair.kind == "model")
    assert len(pairs) == 3


def test_it_says_the_same_of_all_tables_with_these_sums() -> None:
    one, other = scope(), scope(turned=True)
    assert by_task(one) == by_task(other)
    assert one.task_combos != other.task_combos
    assert found(one) == found(other)


def test_where_some_task_of_one_is_not_known_nothing_is_said() -> None:
    whole = scope()
    hole = {
        task: tuple(s for s in own if (s.key.model, task.task) != ("c", "t00"))
        for task, own in whole.task_model_quants.items()
    }
    bare = [replace(s, rank_range=None, tier="") for s in whole.model_quants]
    assert judged(bare, hole, ASKED) == (tuple(bare), ())
    # Nor where a whole task is missing, and rates rest on it.
    less = {t: own for t, own in whole.task_model_quants.items() if t.task != "t00"}
    assert judged(bare, less, ASKED) == (tuple(bare), ())
    assert judged(bare, {}, ASKED) == (tuple(bare), ())


def test_who_ran_less_is_not_ranked_and_the_others_are() -> None:
    standings, pairs = found(scope(without="b0t03"))
    assert {s.key.model: bool(s.tier) for s in standings} == {
        "a": True,
        "b": False,
        "c": True,
    }
    assert [(pair.a.model, pair.b.model) for pair in pairs] == [("a", "c")]


def test_of_mean_scores_single_tasks_say_nothing() -> None:
    whole = scope()
    scored = [replace(s, score=s.rate) for s in whole.model_quants]
    assert judged(scored, whole.task_model_quants, ASKED) == (tuple(scored), ())
