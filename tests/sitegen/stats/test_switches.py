"""The ranking under other ways of counting."""

from fractions import Fraction

from harness_bench.schema import GraderAccess, Record, Status
from sitegen.keys import HarnessKey, Key
from sitegen.kinds import HARNESS, Kind
from sitegen.policy import CHOICES, Policy
from sitegen.records import Records
from sitegen.stats.switches import Reordered, Switch, subsets, switches, turned
from sitegen.stats.trials import trials
from tests.records import EXAMPLE, grid, read, record


def of(records: list[Record], **policy: str) -> dict[tuple[str, str], Switch]:
    counted = Policy(**policy)  # type: ignore[arg-type]  # words of the policy
    least = Fraction(9, 10)
    now = trials(records, counted)
    found = switches(now, turned(Records.of(records), counted, now), least)
    return {(switch.setting, switch.value): switch for switch in found}


def ranking(switch: Switch, kind: Kind[Key]) -> Reordered:
    return next(found for found in switch.rankings if found.kind is kind)


def test_there_is_a_switch_for_every_other_value_of_the_policy() -> None:
    found = set(of([record()]))
    assert found == {
        (setting, value)
        for setting, choice in CHOICES.items()
        for value in choice.ways
        if value != getattr(Policy(), setting)
    }
    assert {("timeout", "drop"), ("grader_access", "fail")} < found
    assert ("timeout", "fail") in of([record()], timeout="drop")


def test_a_switch_that_touches_no_trial_changes_no_ranking() -> None:
    for switch in of(grid({"m/q/h": {"a": "+-"}})).values():
        assert (switch.trials, switch.rankings) == (0, ())


def test_a_leader_that_read_the_grader_falls_when_that_counts_as_failed() -> None:
    read_it = {"grader_access": GraderAccess.READ}
    records = [
        *(record("m/q/a", t, **read_it) for t in "12"),
        *(record("m/q/b", t, passed=t == "1") for t in "12"),
        *(record("m/q/c", t, passed=False) for t in "12"),
    ]
    found = of(records)
    failed = ranking(found["grader_access", "fail"], HARNESS)
    assert found["grader_access", "fail"].trials == 2
    assert (failed.first, failed.first_otherwise) == (
        (HarnessKey("a"),),
        (HarnessKey("b"),),
    )
    assert (failed.moved, failed.furthest, failed.n) == (
        (HarnessKey("a"), HarnessKey("b"), HarnessKey("c")),
        1,
        3,
    )
    dropped = ranking(found["grader_access", "drop"], HARNESS)
    assert (dropped.left, dropped.first_otherwise) == (
        (HarnessKey("a"),),
        (HarnessKey("b"),),
    )


def test_time_outs_that_leave_the_denominator_can_move_a_rank() -> None:
    late = Status.AGENT_TIMEOUT
    records = [
        *(record("m/q/a", t, seed=s, passed=True) for t in "12" for s in (0, 1)),
        record("m/q/a", "1", seed=2, status=late),
        *(record("m/q/b", t, seed=s, passed=True) for t in "12" for s in (0, 1)),
    ]
    found = ranking(of(records)["timeout", "drop"], HARNESS)
    assert found.first == (HarnessKey("b"),)
    assert found.first_otherwise == (HarnessKey("a"), HarnessKey("b"))


def test_in_the_example_dropping_accesses_puts_nobody_above_pi() -> None:
    inputs = read(EXAMPLE)
    q4 = [r for r in inputs.records if r.sweep == "q4"]
    found = of(q4)
    for value, n in (("fail", 12), ("drop", 13)):  # one of the 13 failed anyway
        assert found["grader_access", value].trials == n
        harnesses = ranking(found["grader_access", value], HARNESS)
        assert harnesses.first == harnesses.first_otherwise == (HarnessKey("pi"),)
    assert ranking(found["grader_access", "fail"], HARNESS).moved == (
        HarnessKey("aider"),
        HarnessKey("opencode"),
    )
    assert found["timeout", "drop"].trials == 0


def test_the_ranking_is_made_again_on_each_hardware_and_on_first_versions() -> None:
    """On big machines a leads, on small ones b; of a two versions were run."""
    outcomes = {
        ("a", "big", "1"): "++",
        ("a", "small", "1"): "--",
        ("a", "small", "2"): "--",
        ("b", "big", "1"): "--",
        ("b", "small", "1"): "+++",
    }
    rows = [
        record(
            f"m/q/{harness}",
            task,
            seed=len(hardware) * 10 + int(version) * 100 + seed,
            passed=mark == "+",
            hardware=hardware,
            harness_version=version,
        )
        for (harness, hardware, version), marks in outcomes.items()
        for task in "12"
        for seed, mark in enumerate(marks)
    ]
    numbers = {
        ("hardware", "", "big"): 1,
        ("hardware", "", "small"): 2,
        ("harness_version", "a", "1"): 1,
        ("harness_version", "a", "2"): 2,
        ("harness_version", "b", "1"): 1,
    }
    now = trials(rows, Policy())
    found = {
        (switch.setting, switch.value): switch
        for switch in subsets(now, numbers, Fraction(9, 10))
    }
    assert {key: switch.trials for key, switch in found.items()} == {
        ("hardware", "1"): 14,
        ("hardware", "2"): 8,
        ("harness_version", "1"): 4,
    }
    first = {
        key: ranking(switch, HARNESS).first_otherwise for key, switch in found.items()
    }
    a, b = HarnessKey("a"), HarnessKey("b")
    assert first["hardware", "1"] == (a,)
    assert first["hardware", "2"] == (b,)
    assert subsets(now, numbers, None) == ()
