"""Models and harnesses taken apart."""

from fractions import Fraction
from itertools import product
from math import exp, isfinite
from random import Random
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness_bench.schema import Record
from sitegen.keys import HarnessKey, Key, QuantKey
from sitegen.policy import Policy
from sitegen.stats.axes import Axes, axes
from sitegen.stats.logistic import fit
from sitegen.stats.trials import trials
from tests.records import EXAMPLE, grid, read

MODELS, HARNESSES, TASKS = "abc", "xyz", "1234567"


def of(records: list[Record]) -> Axes | None:
    return axes(trials(records, Policy()))


def some(seed: int) -> list[Record]:
    chance = Random(seed)  # noqa: S311 - data, not secrets
    marks = ["+", "-", "+-", "++", "--+"]
    return grid(
        {
            f"{m}/q/{h}": {t: chance.choice(marks) for t in TASKS}
            for m, h in product(MODELS, HARNESSES)
        }
    )


def found(records: list[Record]) -> Axes:
    result = of(records)
    assert result is not None
    return result


def cell_rate(records: list[Record], **where: str) -> Fraction:
    """Mean over cells of the share that passed."""
    cells: dict[tuple[str, str, str], list[bool]] = {}
    for r in records:
        if all(getattr(r, name) == value for name, value in where.items()):
            cells.setdefault((r.model, r.harness, r.task), []).append(bool(r.passed))
    rates = [Fraction(sum(cell), len(cell)) for cell in cells.values()]
    return sum(rates, start=Fraction(0)) / len(rates)


def test_rates_and_points_are_means_over_cells() -> None:
    records = some(1)
    result = found(records)
    assert result.rate == cell_rate(records)
    for effect in (*result.models, *result.harnesses):
        where = {n: v for n, v in effect.key.parts.items() if n != "quant"}
        assert effect.rate == cell_rate(records, **where)
        assert effect.points == effect.rate - result.rate


def test_effects_and_interactions_add_up_to_the_fitted_log_odds() -> None:
    result = found(some(2))
    fitted = fit(result.grid.passed, result.grid.trials)
    assert fitted is not None
    value: dict[Key, float] = {
        e.key: e.effect.value for e in (*result.models, *result.harnesses) if e.effect
    }
    assert sum(value[QuantKey(m, "q")] for m in MODELS) == pytest.approx(0, abs=1e-9)
    assert sum(value[HarnessKey(h)] for h in HARNESSES) == pytest.approx(0, abs=1e-9)
    middle = float(fitted.combo.mean())
    for meeting in result.meetings:
        m = MODELS.index(meeting.model.model)
        h = HARNESSES.index(meeting.harness.harness)
        assert meeting.interaction is not None
        alone = middle + value[meeting.model] + value[meeting.harness]
        assert alone + meeting.interaction.value == pytest.approx(
            float(fitted.combo[m, h]), abs=1e-9
        )
        chances = [1 / (1 + exp(-(alone + float(task)))) for task in fitted.task]
        assert meeting.expected == pytest.approx(mean(chances), abs=1e-9)


def test_a_drop_is_the_rate_here_less_that_in_the_other_harnesses() -> None:
    records = some(3)
    for meeting in found(records).meetings:
        model, harness = meeting.model.model, meeting.harness.harness
        others = [r for r in records if r.harness != harness]
        assert meeting.rate == cell_rate(records, model=model, harness=harness)
        assert meeting.elsewhere == cell_rate(others, model=model)
        assert meeting.drop.mean == meeting.rate - meeting.elsewhere


def test_a_model_that_fails_in_one_harness_alone_collapses_there() -> None:
    tasks = "123456789abc"
    cells = {f"{m}/q/{h}": dict.fromkeys(tasks, "+-+") for m in "abcd" for h in "xyz"}
    cells["b/q/y"] = dict.fromkeys(tasks, "---")
    result = found(grid(cells))
    worst = result.meetings[0]
    assert (worst.model, worst.harness) == (QuantKey("b", "q"), HarnessKey("y"))
    assert worst.p_holm < 0.05
    assert worst.interaction is not None
    assert worst.interaction.high < 0
    first = result.sensitivity[0]
    assert (first.model, first.worst, first.spread) == (
        QuantKey("b", "q"), HarnessKey("y"), Fraction(2, 3),
    )  # fmt: skip
    assert first.rivals == (HarnessKey("z"),)


def test_the_order_of_rows_is_irrelevant() -> None:
    records = some(4)
    before = found(records)
    after = found(records[::-1])
    assert (after.models, after.harnesses, after.meetings, after.sensitivity) == (
        before.models,
        before.harnesses,
        before.meetings,
        before.sensitivity,
    )


def test_where_everyone_passes_no_log_odds_are_claimed() -> None:
    result = found(
        grid({f"{m}/q/{h}": {"1": "+", "2": "+"} for m in "ab" for h in "xy"})
    )
    assert {e.effect for e in (*result.models, *result.harnesses)} == {None}
    for meeting in result.meetings:
        assert (meeting.interaction, meeting.expected) == (None, None)
        assert meeting.p_holm == 1


marks = st.sampled_from(["", "+", "-", "+-", "+++++"])


@settings(max_examples=60)
@given(
    st.fixed_dictionaries(
        {
            f"{m}/q/{h}": st.fixed_dictionaries(dict.fromkeys("123", marks))
            for m, h in product("ab", "xyz")
        }
    )
)
def test_whatever_the_cells_no_number_is_endless(
    cells: dict[str, dict[str, str]],
) -> None:
    records = grid(cells)
    result = of(records) if records else None
    if result is None:
        return
    logged = [e.effect for e in (*result.models, *result.harnesses)] + [
        m.interaction for m in result.meetings
    ]
    for effect in logged:
        if effect is not None:
            assert effect.low < effect.value < effect.high
            assert isfinite(effect.low)
            assert isfinite(effect.high)
    for meeting in result.meetings:
        assert meeting.expected is None or 0 < meeting.expected < 1
        assert meeting.drop.p <= meeting.p_holm <= 1


def test_in_the_example_the_two_collapses_of_the_post_are_the_largest_drops() -> None:
    inputs = read(EXAMPLE)
    q4 = [r for r in inputs.records if r.sweep == "q4"]
    result = found(q4)
    assert [(m.model.model, m.harness.harness) for m in result.meetings[:2]] == [
        ("gpt-oss-120b", "opencode"),
        ("Qwen3.6-27B", "aider"),
    ]
    assert [m.drop.p for m in result.meetings[:2]] == [
        Fraction(3, 256),
        Fraction(1, 64),
    ]
    assert result.grid.outside == 0
