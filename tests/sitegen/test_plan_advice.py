"""The words and tables of `harness-bench power`."""

from functools import cache

from sitegen.plan_advice import advice, spread_of

SPREAD, SOURCE = spread_of(None, rate=0.5, alike=0.5, correlation=0.5)


@cache
def told(*, tasks: int, seeds: int, comparisons: int = 1) -> list[str]:
    return advice(SPREAD, SOURCE, tasks=tasks, seeds=seeds, comparisons=comparisons)


def test_what_is_assumed_is_said() -> None:
    assert SOURCE == (
        "assumed: a pass rate of 50%, an agreement of 0.5 between trials of a task,"
        " and of 0.5 between combos on which tasks are hard"
    )


def test_the_answer_comes_first_and_both_tables_follow() -> None:
    lines = told(tasks=40, seeds=4)

    assert lines[0].startswith("40 tasks, 4 seeds: two combos that differ by ")
    assert lines[0].endswith("are told apart in 80 % of such sweeps")
    assert lines[1] == SOURCE
    assert lines[3] == "smallest difference, in points"
    head, *rows = lines[4:11]
    assert head.split("  ")[-1] == "160 tasks"
    assert head.split() == [
        *("seeds", "20", "tasks", "40", "tasks", "80", "tasks", "160", "tasks")
    ]
    assert [row.split()[0] for row in rows] == ["1", "2", "3", "4", "5", "10"]
    assert lines[12] == "tasks needed"
    assert lines[13].split()[:3] == ["points", "1", "seed"]
    assert [line.split()[0] for line in lines[14:]] == ["5", "10", "15", "20", "30"]
    assert len({len(line) for line in lines[4:11]}) == 1, (
        "columns stand below each other"
    )


def test_more_trials_tell_smaller_differences_apart() -> None:
    rows = [
        [float(cell) for cell in line.split()[1:]]
        for line in told(tasks=40, seeds=4)[5:11]
    ]
    for row in rows:
        assert row == sorted(row, reverse=True)
    for column in zip(*rows, strict=True):
        assert list(column) == sorted(column, reverse=True)


def test_one_of_many_comparisons_is_said_and_needs_more() -> None:
    one = told(tasks=40, seeds=4)
    many = told(tasks=40, seeds=4, comparisons=1000)
    assert many[0].startswith("40 tasks, 4 seeds, one of 1,000 comparisons: ")
    assert float(many[6].split()[1]) > float(one[6].split()[1])


def test_where_nothing_would_be_found_that_is_the_answer() -> None:
    lines = told(tasks=1, seeds=1, comparisons=1000)
    assert lines[0] == (
        "1 task, 1 seed, one of 1,000 comparisons:"
        " no difference would be found in 80 % of such sweeps"
    )
