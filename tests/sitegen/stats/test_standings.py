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
    return counts(own, own.harness).times_s[0]


def keys(found: tuple[Standing[Key], ...]) -> list[str]:
    return [standing.key.values[-1] for standing in found]


def test_the_best_is_first_and_ties_stand_by_time_then_by_name() -> None:
    found = harnesses(
        [
            record("m//late", "t", agent_time_s=9.0),
            record("m//soon", "t", agent_time_s=1.0),
            record("m//untimed", "t"),
            record("m//also-untimed", "t"),
            record("m//quick-but-failing", "t", passed=False, agent_time_s=0.1),
            record("m//broken", "t", status=Status.INFRA_SERVER),
        ]
    )
    assert keys(found) == [
        "soon",
        "late",
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
    # The mean over cells of 1, 1/2 and 0, not 3 of 5 trials.
    assert (found.n_trials, found.passed, found.rate) == (5, 3, Fraction(1, 2))
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
        noise=None,
        rank=None,
        rank_range=None,
        tier="",
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
    (alone,) = standings(counts(own, own.combo), independent=True)
    assert clustered.interval is not None
    assert alone.interval is not None
    assert alone.interval.low > clustered.interval.low


def test_who_stands_apart_comes_after_all_that_are_ranked_and_has_no_rank() -> None:
    tasks = [f"t{i}" for i in range(1, 9)]
    found = harnesses(
        [
            *(record("m//whole", t, passed=t == "t2") for t in tasks),
            *(record("m//none", t, passed=False) for t in tasks),
            *(record("m//half", t) for t in tasks[:4]),
            *(record("m//lost", t) for t in tasks[:1]),
            *(record("m//lost", t, status=Status.INFRA_SERVER) for t in tasks[1:]),
        ]
    )
    assert [(s.key.harness, s.rank, s.rank_range, s.n_across) for s in found] == [
        ("whole", 1, (1, 2), 8),
        ("none", 2, (1, 2), 8),
        ("half", None, None, 4),
        ("lost", None, None, 1),
    ]


def test_the_numbers_of_the_ranked_are_over_what_all_ranked_ones_ran() -> None:
    tasks = [f"t{i:02}" for i in range(20)]
    found = harnesses(
        [
            *(record("m//whole", t, passed=t < "t10") for t in tasks),
            *(record("m//gap", t, passed=t < "t10") for t in tasks[1:]),
            *(record("m//apart", t) for t in tasks[:9]),
        ]
    )
    assert [(s.key.harness, s.n_trials, s.passed, s.rate, s.rank) for s in found] == [
        ("gap", 19, 9, Fraction(9, 19), 1),
        ("whole", 19, 9, Fraction(9, 19), 1),
        ("apart", 9, 9, Fraction(1), None),
    ]


def test_running_a_task_again_changes_no_rate_no_time_and_no_rank() -> None:
    rows = [
        record(f"m//{h}", f"t{t}", passed=(t + len(h)) % 3 > 0, agent_time_s=9.0 * t)
        for h in ("a", "bb")
        for t in range(6)
    ]
    again = [
        replace(one, seed=seed)
        for one in rows
        for seed in range(5 if one.task in {"t1", "t2"} and one.harness == "a" else 1)
    ]

    def told(found: tuple[Standing[HarnessKey], ...]) -> list[object]:
        return [(s.key, s.rate, s.time_mean_s, s.rank, s.rank_range) for s in found]

    assert told(harnesses(again)) == told(harnesses(rows))


def test_noise_is_not_split_where_unlike_models_meet_in_a_task() -> None:
    # On each task one model always passes and the other never: what differs within
    # a task is the model, and calling that seeds would be wrong.
    records = [
        one
        for task in ("t1", "t2", "t3")
        for one in (
            *repeated("a//h", task, [True, True]),
            *repeated("b//h", task, [False, False]),
        )
    ]
    assert [s.noise for s in harnesses(records)] == [None]
    # Of a combo it is the seeds.
    combos = scope_of(
        [
            *repeated("a//h", "t1", [True, False]),
            *repeated("a//h", "t2", [True, False]),
            *repeated("b//h", "t1", [True, True]),
            *repeated("b//h", "t2", [False, False]),
        ]
    ).combos
    assert all(s.noise is not None and s.noise.seeds > 0 for s in combos)


def test_seeds_and_tasks_are_told_apart_as_soon_as_any_cell_ran_twice() -> None:
    once = [record("m//h", t, passed=t == "t2") for t in ("t1", "t2", "t3")]
    assert [s.noise for s in harnesses(once)] == [None]
    again = [*once, *repeated("m//h", "t4", [True, False])]
    (found,) = harnesses(again)
    assert found.noise is not None
    assert found.noise.seeds > 0


def test_whom_an_entity_met_is_what_its_numbers_are_over() -> None:
    tasks = [f"t{i}" for i in range(6)]
    found = scope_of(
        [
            *(record("a/Q4/pi", t) for t in tasks),
            *(record("b/Q4/pi", t, passed=False) for t in tasks),
            *(record("b/Q4/other", t) for t in tasks),
        ]
    )
    models = {s.key.model: {p[0] for p in s.partners} for s in found.model_quants}
    # Ranked over the one harness that both met, whatever else b ran.
    assert models == {"a": {"pi"}, "b": {"pi"}}
    met = {s.key.harness: {p[0] for p in s.partners} for s in found.harnesses}
    assert met == {"pi": {"b"}, "other": {"b"}}
