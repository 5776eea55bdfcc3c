"""`[policy] missing = "fail"`: what was never tried counts as failed."""

from fractions import Fraction

import pytest

from harness_bench.schema import Record, Status
from sitegen.keys import ComboKey, HarnessKey, QuantKey
from sitegen.policy import Policy
from sitegen.stats.missing import failed_where_missing
from sitegen.stats.results import Scope, results
from sitegen.stats.trials import trials
from tests.records import UNMEASURED, grid, record, scope_of


def rates(scope: Scope) -> dict[str, Fraction | None]:
    return {s.key.harness: s.rate for s in scope.combos}


FULL = grid({"m//full": dict.fromkeys("abcd", "+"), "m//half": {"a": "++", "b": "+-"}})


def test_a_task_that_a_combo_left_out_counts_as_failed() -> None:
    assert rates(scope_of(FULL)) == {"full": 1, "half": Fraction(3, 4)}
    found = scope_of(FULL, missing="fail")
    assert rates(found) == {"full": 1, "half": Fraction(3, 8)}
    by_harness = {s.key: s.rate for s in found.harnesses}
    assert by_harness[HarnessKey("half")] == Fraction(3, 8)
    (model,) = found.model_quants
    # Of eight cells five and a half passed, two of which were never tried.
    assert (model.key, model.rate) == (QuantKey("m", ""), Fraction(11, 16))
    assert {s.key.harness: (s.passed, s.n_trials) for s in found.combos} == {
        "full": (4, 4),
        "half": (3, 6),
    }


def test_everybody_who_took_part_is_then_ranked() -> None:
    assert [s.rank for s in scope_of(FULL).combos] == [None, None]
    assert [s.rank for s in scope_of(FULL, missing="fail").combos] == [1, 2]


def test_how_hard_a_task_is_and_what_was_run_stays_as_it_is() -> None:
    before, after = scope_of(FULL), scope_of(FULL, missing="fail")
    for same in ("tasks", "size", "task_combos", "coverage", "audit", "consistency"):
        assert getattr(before, same) == getattr(after, same), same


@pytest.mark.parametrize("status", UNMEASURED)
def test_a_combo_without_a_measured_trial_and_a_trial_that_was_lost_do_not_fail(
    status: Status,
) -> None:
    records = [
        *grid({"m//full": {"a": "+", "b": "+"}, "m//lost": {"a": "+"}}),
        record("m//lost", "b", status=status),
        record("m//untried", "a", status=status),
    ]
    found = rates(scope_of(records, missing="fail"))
    assert found == {"full": 1, "lost": 1, "untried": None}


def test_a_cell_with_fewer_seeds_is_not_missing() -> None:
    records = grid({"m//three": {"a": "+++"}, "m//one": {"a": "+"}})
    assert rates(scope_of(records, missing="fail")) == {"three": 1, "one": 1}


def test_a_task_is_missing_only_in_sweeps_that_the_combo_took_part_in() -> None:
    def swept(sweep: str, cells: dict[str, dict[str, str]]) -> list[Record]:
        return grid(cells, sweep=sweep)

    records = [
        *swept("one", {"m//x": {"a": "+", "b": "+"}, "m//y": {"a": "+"}}),
        *swept("two", {"m//x": {"c": "+"}, "m//z": {"c": "+", "b": "+"}}),
    ]
    found = results(records, Policy(missing="fail"), default_sweep=None)
    assert rates(found.all) == {"x": 1, "y": Fraction(1, 2), "z": 1}
    one, two = found.sweeps
    assert rates(one) == {"x": 1, "y": Fraction(1, 2)}
    # It ran b, if elsewhere.
    assert rates(two) == {"x": 1, "z": 1}


def test_with_private_cells_nothing_is_counted_that_was_never_tried() -> None:
    found = results(
        FULL, Policy(missing="fail"), default_sweep=None, totals_only=True
    ).all
    assert rates(found) == {"full": 1, "half": Fraction(3, 4)}
    assert {s.trials for s in found.switches if s.setting == "missing"} == {0}


def test_what_is_added_has_failed_and_nothing_else_is_known_of_it() -> None:
    records = [
        *grid({"m/q/h": {"a": "+", "b": "+"}}, agent_time_s=5.0, hardware="gpu"),
        record("m/q/g", "a", agent_time_s=5.0, hardware="cpu", sandbox="bubblewrap"),
    ]
    before = trials(records, Policy())
    after = failed_where_missing(before)
    new = after.where(after.seed >= 0)
    assert len(new) == len(before) + 1
    assert after.combo.labels[after.combo.codes[-1]] == ComboKey("m", "q", "g")
    assert after.task.labels[after.task.codes[-1]].task == "b"
    assert after.hardware[-1] == before.hardware[-1]
    assert (after.measured[-1], after.passed[-1]) == (True, False)
    assert (after.access[-1], after.mention[-1], after.confined[-1]) == (-1, -1, -1)
    known = {m.name for m, a in after.measures.items() if a.known[-1]}
    assert known == {"score"}


def test_the_switch_says_how_many_tasks_were_left_out_and_who_would_move() -> None:
    (switch,) = [s for s in scope_of(FULL).switches if s.setting == "missing"]
    assert (switch.value, switch.trials) == ("fail", 2)
    back = [s for s in scope_of(FULL, missing="fail").switches if s.value == "apart"]
    assert [s.trials for s in back] == [2]
    assert {r.kind.word: len(r.left) for r in back[0].rankings}["combo"] == 2
