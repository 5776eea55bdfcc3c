"""The words and tables of `harness-bench power`."""

from sitegen.plan_advice import Answer, advice, answer, plans, world_of
from sitegen.stats.power import Plan, World
from tests.records import grid, scope_of

ASKED = Plan(world=World(), combos=10, tasks=40, seeds=4)
SOURCE = world_of(None, World())[1]
FOUND = {
    plan: Answer(plan.tasks / 1000 if plan.tasks < 160 else None, plan.seeds / 20)
    for plan in plans(ASKED)
}


def test_what_is_assumed_is_said() -> None:
    assert SOURCE == (
        "assumed: a pass rate of 50%, an agreement of 0.5 between trials of a task,"
        " of 0.8 between combos on which tasks are hard and true rates that are"
        " spread by 10 points"
    )


def test_the_answer_comes_first_and_both_tables_follow() -> None:
    assert advice(ASKED, FOUND, SOURCE) == [
        (
            "40 tasks, 4 seeds, 10 combos: two that truly differ by 4 points or more"
            " are told apart in 80% of such sweeps; the first is truly the best in 20%"
        ),
        SOURCE,
        "",
        "smallest true difference that is found, in points",
        "seeds  20 tasks  40 tasks  80 tasks  160 tasks",
        "    1         2         4         8          –",
        "    3         2         4         8          –",
        "    4         2         4         8          –",
        "   10         2         4         8          –",
        "",
        "the first is truly the best, in % of sweeps",
        "seeds  20 tasks  40 tasks  80 tasks  160 tasks",
        "    1         5         5         5          5",
        "    3        15        15        15         15",
        "    4        20        20        20         20",
        "   10        50        50        50         50",
    ]


def test_where_nothing_would_be_found_that_is_the_answer() -> None:
    small = Plan(world=World(), combos=2, tasks=1, seeds=1)
    found = {plan: answer(plan, small) for plan in plans(small) if plan.tasks < 5}
    assert advice(small, found, SOURCE)[0].startswith(
        "1 task, 1 seed, 2 combos: no difference would be found in 80% of such sweeps; "
    )


def test_what_was_measured_and_what_was_not_is_said() -> None:
    marks = {"a": "++-+--+-", "b": "+-+++-+-", "c": "---+-+--"}
    cells = {f"{m}//h": {f"t{i}": x for i, x in enumerate(r)} for m, r in marks.items()}
    world, source = world_of(scope_of(grid(cells)), World())
    assert world != World()
    assert source.startswith(
        "measured: a pass rate of 46%, and how far trials of a task and combos agree;"
        " assumed: an agreement of 0.5 between trials of a task"
    )
    nothing = scope_of(grid({"a//h": {"t": "+"}}))
    world, source = world_of(nothing, World())
    assert world == World()
    assert source == f"the results show no variation to measure; {SOURCE}"
