"""Each quant against the reference of its model."""

from fractions import Fraction
from itertools import product
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_bench.schema import Record
from sitegen.keys import QuantKey
from sitegen.policy import Policy
from sitegen.stats.changes import Change, Ladders, ladders, reference
from sitegen.stats.counts import counts
from sitegen.stats.ranking import Verdicts, ranking
from sitegen.stats.shared import Cells
from sitegen.stats.trials import Trials, trials
from tests.records import EXAMPLE, grid, read, record

MARGIN = Fraction(1, 20)


def of(records: list[Record]) -> Ladders:
    own = trials(records, Policy())
    return ladders(own, Cells(own), verdicts(own), MARGIN)


def verdicts(own: Trials) -> Verdicts[QuantKey]:
    combos = counts(own, own.combo)
    return ranking(combos, QuantKey, Fraction(9, 10)).verdicts()


def changes(found: Ladders) -> dict[tuple[str, str], Change]:
    return {(r.model, r.quant): r.paired for r in found.rungs if r.paired}


@pytest.mark.parametrize(
    ("quants", "expected"),
    [
        (["Q4_K_M", "Q8_0", "IQ2_M"], "Q8_0"),
        (["BF16", "Q8_0"], "BF16"),
        (["", "Q4_0"], "Q4_0"),
        (["a", "b"], "b"),
    ],
)
def test_the_reference_has_the_most_bits_that_a_name_tells(
    quants: list[str], expected: str
) -> None:
    assert reference(quants) == expected


def test_a_ladder_keeps_paired_and_unpaired_figures_apart() -> None:
    found = of(
        grid(
            {
                "m/Q2_K/h": {"a": "+", "b": "-"},
                "m/Q4_0/h": {"a": "-", "b": "-", "alone": "+"},
                "m/Q8_0/h": {"a": "+", "b": "+"},
                "single/Q4_0/h": {"a": "+"},
            }
        )
    )
    lines = [
        (r.quant, r.bits, r.is_reference, r.passed, r.n_trials) for r in found.rungs
    ]
    assert lines == [
        ("Q2_K", 2, False, 1, 2),
        ("Q4_0", 4, False, 1, 3),
        ("Q8_0", 8, True, 2, 2),
    ]
    paired = changes(found)
    assert set(paired) == {("m", "Q2_K"), ("m", "Q4_0")}
    assert paired["m", "Q4_0"].n_cells == 2
    assert paired["m", "Q4_0"].found.mean == 1
    assert paired["m", "Q2_K"].found.mean == Fraction(1, 2)


def test_quants_that_share_no_cell_are_on_the_ladder_without_a_change() -> None:
    found = of(grid({"m/Q4/h": {"a": "+"}, "m/Q8/h": {"b": "+"}}))
    assert [(r.quant, r.paired) for r in found.rungs] == [("Q4", None), ("Q8", None)]
    assert (found.pooled, found.by_task) == ((), ())


marks = st.sampled_from(["", "+", "-", "+-", "++", "--+"])
cells = st.fixed_dictionaries(
    {
        f"{model}/{quant}/{harness}": st.fixed_dictionaries(dict.fromkeys("abc", marks))
        for model, quant, harness in product("mn", ["Q4", "Q8"], ["x", "y"])
    }
)


@given(cells)
def test_changes_are_means_over_tasks_of_means_over_cells(
    found: dict[str, dict[str, str]],
) -> None:
    records = grid(found)
    if not records:
        return
    ours = of(records)

    def lead(model: str, harness: str, task: str) -> Fraction | None:
        low, high = (found[f"{model}/{q}/{harness}"][task] for q in ("Q4", "Q8"))
        if not low or not high:
            return None
        return Fraction(high.count("+"), len(high)) - Fraction(low.count("+"), len(low))

    def mean(values: list[Fraction | None]) -> Fraction | None:
        known = [value for value in values if value is not None]
        return sum(known, start=Fraction(0)) / len(known) if known else None

    for (model, _), change in changes(ours).items():
        by_task = [mean([lead(model, h, t) for h in "xy"]) for t in "abc"]
        assert change.found.mean == mean(by_task)
    for pool in ours.pooled:
        by_task = [mean([lead(m, h, t) for m, h in product("mn", "xy")]) for t in "abc"]
        assert pool.found.mean == mean(by_task)
        assert (pool.quant, pool.reference) == ("4-bit", "8-bit")
    for part in ours.by_task:
        task = cast("str", part.task)
        by_model = [mean([lead(m, h, task) for h in "xy"]) for m in "mn"]
        assert part.found.mean == mean(by_model)


@given(cells)
def test_no_change_claims_more_than_its_numbers(
    found: dict[str, dict[str, str]],
) -> None:
    records = grid(found)
    if not records:
        return
    ours = of(records)
    own = verdicts(trials(records, Policy()))
    for change in (*changes(ours).values(), *ours.pooled, *ours.by_task):
        if change.p is None:
            assert change.model is not None
            assert change.finding in {"equal", "open"}
        else:
            assert 0 < change.p <= 1
        if change.model is None:
            assert change.p is not None
            assert float(change.found.p) <= change.p
        assert change.finding in {"equal", "different", "slightly different", "open"}
        assert change.equivalence.p is None or 0 <= change.equivalence.p <= 1
    for (model, quant), change in changes(ours).items():
        # The verdict on two quants is that of the ranking, and no other.
        other = QuantKey(model, change.reference)
        assert change.p == own.p(QuantKey(model, quant), other)


def test_quants_are_told_apart_where_the_ranking_tells_them_apart() -> None:
    tasks = "123456789abc"
    cells = {f"m/{q}/h": dict.fromkeys(tasks, m) for q, m in (("Q2", "-"), ("Q8", "+"))}
    cells["m/Q4/h"] = dict.fromkeys(tasks[:4], "+")
    found = changes(of(grid(cells)))
    assert found["m", "Q2"].finding == "different"
    # Of 1,999 drawn choices of signs one was all plus or all minus.
    assert found["m", "Q2"].p == 2 / 2000
    # Its four tasks are too few to be ranked on: nothing is told, nothing claimed.
    assert found["m", "Q4"].p is None
    assert found["m", "Q4"].n_cells == 4
    assert found["m", "Q4"].finding == "open"


def test_time_and_tokens_stand_beside_a_change() -> None:
    rows = [
        record(f"m/{quant}/h", task, agent_time_s=time, tokens_in=90, tokens_out=10)
        for quant, factor in (("Q4", 1), ("Q8", 3))
        for task, time in (("a", 10.0 * factor), ("b", 30.0 * factor + factor))
    ]
    [change] = changes(of(rows)).values()
    costs = {cost.measure.name: cost for cost in change.costs}
    assert set(costs) == {"time", "tokens"}
    assert costs["time"].a == Fraction(41, 2)
    assert costs["time"].b == Fraction(123, 2)
    assert costs["time"].ratio is not None
    assert costs["time"].ratio.value == pytest.approx(3)
    assert costs["tokens"].a == costs["tokens"].b == 100


def test_in_the_example_8_bits_are_equal_to_4_within_five_points() -> None:
    inputs = read(EXAMPLE)
    own = trials(inputs.records, inputs.settings.policy)
    found = ladders(own, Cells(own), verdicts(own), MARGIN)
    [pooled] = found.pooled
    assert (pooled.n_cells, pooled.found.mean) == (560, Fraction(-6, 560))
    assert pooled.finding == "equal"
    assert {change.finding for change in changes(found).values()} == {"open"}
    gains = {model: change.found.mean for (model, _), change in changes(found).items()}
    assert gains["gpt-oss-20b"] == Fraction(7, 80)
    assert gains["gemma-4-31b-it"] == Fraction(-6, 80)
