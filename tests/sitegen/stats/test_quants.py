"""Bits read from a name, and two quants on the cells that both ran."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_bench.schema import Record, Status
from sitegen.policy import Policy
from sitegen.stats.quants import QuantPair, quant_bits, quant_pairs
from sitegen.stats.shared import Cells
from sitegen.stats.trials import trials
from tests.records import grid, record


@pytest.mark.parametrize(
    ("name", "bits"),
    [
        ("UD-Q4_K_XL", 4),
        ("Q4_K_M", 4),
        ("q4_0", 4),
        ("Q2_K", 2),
        ("Q3_K_S", 3),
        ("Q5_K_M", 5),
        ("Q6_K", 6),
        ("Q8_0", 8),
        ("UD-Q8_K_XL", 8),
        ("IQ1_S", 1),
        ("IQ3_XXS", 3),
        ("UD-IQ2_M", 2),
        ("IQ4_NL", 4),
        ("MXFP4", 4),
        ("MXFP4_MOE", 4),
        ("NVFP4", 4),
        ("BF16", 16),
        ("F16", 16),
        ("FP16", 16),
        ("F32", 32),
        ("FP8", 8),
        ("fp8-e4m3", 8),
        ("int4", 4),
        ("GPTQ-Int8", 8),
        ("8bit", 8),
        ("4-bit", 4),
        ("AWQ-4bit", 4),
        ("bnb-8bits", 8),
        ("w4a16", 4),
        ("W8A8", 8),
        ("q4f16_1", 4),
        ("", None),
        ("GPTQ", None),
        ("AWQ", None),
        ("unknown", None),
        ("Q64", None),
        ("Q0", None),
        ("a16", None),
        ("faq8", None),
        ("BNB-NF4", 4),
        ("EXL2-2.4", 2.4),
        ("exl3_4.0", 4),
        ("EXL2", None),
        ("exl2-3.5bpw", 3.5),
        ("AWQ-4b", 4),
        ("1.58bit", 1.58),
        ("TQ1_0", 1),
    ],
)
def test_bits_are_read_from_the_names_that_quants_have(
    name: str, bits: float | None
) -> None:
    assert quant_bits(name) == bits


@given(st.text(max_size=20))
def test_any_name_gives_1_to_32_bits_or_none(name: str) -> None:
    bits = quant_bits(name)
    assert bits is None or 1 <= bits <= 32


def found_in(records: list[Record]) -> tuple[QuantPair, ...]:
    own = trials(records, Policy())
    return quant_pairs(own, Cells(own))


def pairs(records: list[Record]) -> dict[tuple[str | None, str | None], QuantPair]:
    """By model and task, where each model has two quants."""
    return {(p.model, p.task): p for p in found_in(records)}


def test_only_cells_that_both_quants_ran_are_compared() -> None:
    found = pairs(
        grid(
            {
                "m/Q4_K_M/aider": {"a": "+", "b": "-", "only-q4": "+"},
                "m/Q8_0/aider": {"a": "+", "b": "+", "only-q8": "-"},
                "m/Q8_0/pi": {"a": "-"},
            }
        )
    )
    assert set(found) == {("m", None), ("m", "a"), ("m", "b")}
    whole = found["m", None]
    assert (whole.quant_a, whole.quant_b) == ("Q4_K_M", "Q8_0")
    assert (whole.n_cells, whole.n_a, whole.n_b) == (2, 2, 2)
    assert (whole.passed_a, whole.passed_b, whole.delta) == (1, 2, 1)
    assert whole.delta_rate == 0.5


def test_unequal_repeats_have_rates_to_compare_but_no_gained_trials() -> None:
    found = pairs(grid({"m/Q4/h": {"a": "+-"}, "m/Q8/h": {"a": "+"}}))
    assert found["m", "a"].delta is None
    assert found["m", "a"].delta_rate == 0.5


def test_a_cell_without_a_measured_trial_is_not_shared() -> None:
    lost = record("m/Q8/h", "a", status=Status.INFRA_SERVER)
    assert pairs([*grid({"m/Q4/h": {"a": "+"}}), lost]) == {}


def test_the_quant_with_fewer_bits_comes_first_and_unknown_ones_last() -> None:
    found = quants_of(["Q8_0", "BF16", "", "IQ3_XXS", "GPTQ", "Q4_K_M", "Q4_0"])
    assert found == ["IQ3_XXS", "Q4_0", "Q4_K_M", "Q8_0", "BF16", "", "GPTQ"]


def quants_of(names: list[str]) -> list[str]:
    """Names in the order in which they occur in pairs."""
    pairs = found_in(grid({f"m/{name}/h": {"t": "+"} for name in names}))
    whole = [pair for pair in pairs if pair.task is None and pair.model]
    return list(dict.fromkeys(q for p in whole for q in (p.quant_a, p.quant_b)))


def test_pools_add_up_every_pair_with_the_same_bits() -> None:
    found = found_in(
        grid(
            {
                "m/Q4_K_M/h": {"a": "+", "b": "-"},
                "m/Q8_0/h": {"a": "+", "b": "+"},
                "n/UD-Q4_K_XL/h": {"a": "-"},
                "n/8bit/h": {"a": "-"},
                "o/Q4_0/h": {"a": "+"},
                "o/BF16/h": {"a": "+"},
            }
        )
    )
    pooled = {pair.task: pair for pair in found if pair.model is None}
    assert {(p.quant_a, p.quant_b) for p in pooled.values()} == {("4-bit", "8-bit")}
    assert set(pooled) == {None, "a", "b"}
    assert (pooled[None].passed_a, pooled[None].n_a) == (1, 3)
    assert (pooled[None].passed_b, pooled[None].n_b) == (2, 3)
    assert pooled["a"].n_cells == 2
    assert pooled["b"].n_cells == 1


@pytest.mark.parametrize("quants", [("Q4_0", "GPTQ"), ("GPTQ", ""), ("Q4_0", "Q4_K")])
def test_where_bits_are_not_known_or_the_same_there_is_no_pool(
    quants: tuple[str, str],
) -> None:
    found = grid({f"{m}/{q}/h": {"t": "+"} for m, q in product("ab", quants)})
    assert {pair.model for pair in found_in(found)} == {"a", "b"}


def test_a_single_pair_needs_no_pool() -> None:
    found = found_in(grid({"m/Q4/h": {"a": "+"}, "m/Q8/h": {"a": "+"}}))
    assert {pair.model for pair in found} == {"m"}


marks = st.sampled_from(["", "+", "-", "+-", "++", "--+"])
cells = st.fixed_dictionaries(
    {
        f"{model}/{quant}/{harness}": st.fixed_dictionaries({"a": marks, "b": marks})
        for model, quant, harness in product("mn", ["Q4", "Q8"], ["x", "y"])
    }
)


@given(cells)
def test_pairs_are_what_counting_by_hand_gives(
    found: dict[str, dict[str, str]],
) -> None:
    records = grid(found)
    if not records:
        return
    ours = {
        (p.model, p.task): (p.n_cells, p.n_a, p.n_b, p.passed_a, p.passed_b)
        for p in found_in(records)
        if p.model is not None
    }
    by_hand = {}
    for model, tasks in product("mn", [("a", "b"), ("a",), ("b",)]):
        shared = [
            (found[f"{model}/Q4/{harness}"][task], found[f"{model}/Q8/{harness}"][task])
            for harness, task in product("xy", tasks)
        ]
        shared = [(a, b) for a, b in shared if a and b]
        if shared:
            fewer, more = ("".join(side) for side in zip(*shared, strict=True))
            by_hand[model, tasks[0] if len(tasks) == 1 else None] = (
                len(shared),
                len(fewer),
                len(more),
                fewer.count("+"),
                more.count("+"),
            )
    assert ours == by_hand


@given(cells)
def test_a_pool_is_the_sum_of_its_pairs(found: dict[str, dict[str, str]]) -> None:
    records = grid(found)
    if not records:
        return
    pairs = found_in(records)
    for pool in (pair for pair in pairs if pair.model is None):
        parts = [p for p in pairs if p.model is not None and p.task == pool.task]
        for name in ("n_cells", "n_a", "n_b", "passed_a", "passed_b"):
            assert getattr(pool, name) == sum(getattr(part, name) for part in parts)
