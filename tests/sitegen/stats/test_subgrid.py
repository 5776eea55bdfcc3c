"""The complete part of a sweep."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from harness_bench.schema import Record, Status
from sitegen.keys import QuantKey, TaskKey
from sitegen.policy import Policy
from sitegen.stats.counts import counts
from sitegen.stats.ranking import ranking
from sitegen.stats.subgrid import Subgrid, subgrid
from sitegen.stats.trials import trials
from tests.records import grid, record

COMBOS = [f"{m}/q/{h}" for m in "abcd" for h in "xyz"]
holes = st.dictionaries(
    st.sampled_from(COMBOS),
    st.dictionaries(
        st.sampled_from("1234"), st.sampled_from(["+", "-", "+-"]), min_size=1
    ),
    min_size=1,
)


def of(cells: dict[str, dict[str, str]]) -> Subgrid | None:
    return whole(grid(cells))


def whole(records: list[Record]) -> Subgrid | None:
    own = trials(records, Policy())
    return subgrid(own, ranking(counts(own, own.combo), QuantKey, Fraction(9, 10)))


def full() -> dict[str, dict[str, str]]:
    return {combo: dict.fromkeys("1234", "+") for combo in COMBOS}


def test_a_grid_without_a_gap_is_taken_whole() -> None:
    found = of(full())
    assert found is not None
    assert found.trials.shape == (4, 3, 4)
    assert (found.outside, found.without_models, found.without_tasks) == (0, (), ())


def test_a_task_that_one_combo_missed_is_left_out() -> None:
    cells = full()
    del cells["a/q/x"]["3"]
    found = of(cells)
    assert found is not None
    assert found.without_tasks == (TaskKey("3"),)
    assert found.trials.shape == (4, 3, 3)
    assert found.outside == 11


def test_a_model_that_met_one_harness_is_left_out() -> None:
    cells = full()
    for harness in "yz":
        del cells[f"d/q/{harness}"]
    found = of(cells)
    assert found is not None
    assert found.without_models == (QuantKey("d", "q"),)
    assert found.outside == 4


def test_a_lost_trial_is_a_gap() -> None:
    records = [
        r for r in grid(full()) if (r.model, r.harness, r.task) != ("a", "x", "3")
    ]
    lost = record("a/q/x", "3", status=Status.INFRA_SERVER)
    found = whole([*records, lost])
    assert found is not None
    assert found.without_tasks == (TaskKey("3"),)


def test_two_models_that_never_met_a_harness_share_no_grid() -> None:
    assert of({"a/q/x": {"1": "+", "2": "+"}, "b/q/y": {"1": "+", "2": "+"}}) is None
    assert of({"a/q/x": {"1": "+"}}) is None


@given(holes)
def test_a_sub_grid_has_no_gap_and_accounts_for_every_cell(
    cells: dict[str, dict[str, str]],
) -> None:
    found = of(cells)
    if found is None:
        return
    assert min(found.trials.shape) >= 2
    for m, quant in enumerate(found.models):
        for h, harness in enumerate(found.harnesses):
            for t, task in enumerate(found.tasks):
                marks = cells[f"{quant.model}/q/{harness.harness}"][task.task]
                assert found.trials[m, h, t] == len(marks)
                assert found.passed[m, h, t] == marks.count("+")
    n_cells = sum(len(tasks) for tasks in cells.values())
    assert found.outside == n_cells - found.trials.size
