"""The order of a ranking, and what a standing counts."""

from dataclasses import replace
from fractions import Fraction
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from harness_bench.schema import Record, Status
from sitegen.keys import HarnessKey, Key
from sitegen.policy import Policy
from sitegen.stats.counts import counts
from sitegen.stats.standings import Standing, standings
from sitegen.stats.trials import trials
from tests.records import UNMEASURED, record, repeated, scope_of


def harnesses(records: list[Record]) -> tuple[Standing[HarnessKey], ...]:
    return scope_of(records).harnesses


def mean_time(records: list[Record]) -> Fraction | None:
    own = trials(records, Policy())
    return counts(own, own.harness).time_mean_s(0)


def keys(found: tuple[Standing[Key], ...]) -> list[str]:
    return [standing.key.values[-1] for standing in found]


def test_the_best_is_first_and_ties_stand_by_time_then_by_name() -> None:
    found = harnesses(
        [
            record("m//slow", "t", agent_time_s=9.0),
            record("m//fast", "t", agent_time_s=1.0),
            record("m//untimed", "t"),
            record("m//also-untimed", "t"),
            record("m//quick-but-failing", "t", passed=False, agent_time_s=0.1),
            record("m//broken", "t", status=Status.INFRA_SERVER),
        ]
    )
    assert keys(found) == [
        "fast",
        "slow",
        "also-untimed",
        "untimed",
        "quick-but-failing",
        "broken",
    ]
    assert [s.rank for s in found] == [1, 1, 1, 1, 5, None]


def test_a_time_of_zero_is_a_time() -> None:
    found = harnesses(
        [record("m//timed", agent_time_s=0.0), record("m//a-untimed", "t")]
    )
    assert keys(found) == ["timed", "a-untimed"]
    assert [s.time_mean_s for s in found] == [0, None]


def test_tasks_come_hardest_first_and_without_ranks() -> None:
    found = scope_of(
        [
            record(task="easy", agent_time_s=1.0),
            record(task="hard-slow", passed=False, agent_time_s=9.0),
            record(task="hard-fast", passed=False, agent_time_s=1.0),
            record(task="lost", status=Status.CANCELLED),
        ]
    ).tasks
    assert keys(found) == ["hard-fast", "hard-slow", "easy", "lost"]
    assert {s.rank for s in found} == {None}
    assert {s.rank_range for s in found} == {None}


def test_a_standing_counts_trials_cells_tasks_and_what_it_missed() -> None:
    (found,) = harnesses(
        [
            *repeated("m//h", "always", [True, True]),
            *repeated("m//h", "sometimes", [True, False]),
            *repeated("n//h", "always", [False]),
            record("n//h", "lost", status=Status.INFRA_GRADER),
        ]
    )
    assert (found.n_trials, found.passed, found.rate) == (5, 3, Fraction(3, 5))
    assert (found.n_cells, found.n_across) == (3, 2)
    assert found.missed == 2


def test_unmeasured_groups_have_nothing_but_a_name() -> None:
    (found,) = harnesses(
        [record(status=status, seed=i) for i, status in enumerate(UNMEASURED)]
    )
    assert found == Standing(
        key=HarnessKey("h"),
        n_trials=0,
        n_cells=0,
        n_across=0,
        passed=0,
        rate=None,
        interval=None,
        time_mean_s=None,
        missed=0,
        complete=False,
    )


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=9), st.randoms())
def test_the_mean_time_does_not_depend_on_the_order_of_rows(
    times: list[float], chance: Random
) -> None:
    records = [record(seed=i, agent_time_s=time) for i, time in enumerate(times)]
    before = mean_time(records)
    chance.shuffle(records)
    exact = Fraction(sum(round(t * 1_000_000) for t in times), len(times) * 1_000_000)
    assert before == mean_time(records) == exact


def test_only_measured_trials_with_a_time_enter_the_mean_time() -> None:
    (found,) = harnesses(
        [
            record(seed=0, agent_time_s=10.0),
            record(seed=1, agent_time_s=20.0, passed=False),
            record(seed=2),
            record(seed=3, agent_time_s=900.0, status=Status.INFRA_SANDBOX),
        ]
    )
    assert found.time_mean_s == 15


def test_seeds_of_one_cell_are_independent_when_nothing_else_groups_them() -> None:
    own = trials(repeated("m/q/h", "t", [True] * 3 + [False]), Policy())
    (clustered,) = standings(counts(own, own.combo))
    (alone,) = standings(counts(own, own.combo), clustered=False)
    assert clustered.interval is not None
    assert alone.interval is not None
    assert alone.interval.low > clustered.interval.low


def test_the_incomplete_stand_after_all_complete_ones_and_have_no_rank() -> None:
    found = harnesses(
        [
            record("m//whole", "t1", passed=False),
            record("m//whole", "t2"),
            record("m//half", "t1"),
            record("m//lost", "t1"),
            record("m//lost", "t2", status=Status.INFRA_SERVER),
            record("m//none", "t1", passed=False),
            record("m//none", "t2", passed=False),
        ]
    )
    assert [(s.key.harness, s.rank, s.complete) for s in found] == [
        ("whole", 1, True),
        ("none", 2, True),
        ("half", None, False),
        ("lost", None, False),
    ]


def test_noise_is_split_by_cells_not_by_tasks() -> None:
    # Two models in one harness: on each task one always passes, the other never.
    records = [
        one
        for task in ("t1", "t2", "t3")
        for one in (
            *repeated("a//h", task, [True, True]),
            *repeated("b//h", task, [False, False]),
        )
    ]
    (sure,) = harnesses(records)
    assert sure.noise is not None
    assert (sure.noise.seeds, sure.noise.tasks) == (0, 0)
    shaky = [replace(one, passed=one.seed == 0) for one in records]
    (found,) = harnesses(shaky)
    assert found.noise is not None
    assert found.noise.seeds > 0


def test_where_a_cell_ran_once_seeds_and_tasks_cannot_be_told_apart() -> None:
    cells = [*repeated("m//h", "t1", [True, False]), record("m//h", "t2")]
    assert [s.noise for s in harnesses(cells)] == [None]
    again = [*cells, record("m//h", "t2", seed=1)]
    assert [s.noise is None for s in harnesses(again)] == [False]
