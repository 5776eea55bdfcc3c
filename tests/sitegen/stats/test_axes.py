"""Models and harnesses taken apart."""

from fractions import Fraction
from itertools import product
from math import isfinite
from random import Random

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.formula.api import ols

from harness_bench.schema import Record
from sitegen.keys import HarnessKey, QuantKey
from sitegen.policy import Policy
from sitegen.stats.axes import Axes, axes
from sitegen.stats.counts import counts
from sitegen.stats.joint_test import LEVEL, joint_contrasts, joint_test
from sitegen.stats.ranking import ranking
from sitegen.stats.trials import trials
from tests.records import EXAMPLE, grid, read

MODELS, HARNESSES, TASKS = "abc", "xyz", "1234567"


def of(records: list[Record]) -> Axes | None:
    own = trials(records, Policy())
    return axes(own, ranking(counts(own, own.combo), QuantKey, Fraction(9, 10)))


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


def test_effects_and_interactions_add_up_to_every_rate() -> None:
    result = found(some(2))
    assert sum(e.points for e in result.models) == 0
    assert sum(e.points for e in result.harnesses) == 0
    model = {e.key: e.points for e in result.models}
    harness = {e.key: e.points for e in result.harnesses}
    for meeting in result.meetings:
        together = model[meeting.model] + harness[meeting.harness]
        assert meeting.expected == result.rate + together
        assert meeting.interaction == meeting.rate - meeting.expected
    for key in model:
        own = [m.interaction for m in result.meetings if m.model == key]
        assert sum(own) == 0
    for place in harness:
        own = [m.interaction for m in result.meetings if m.harness == place]
        assert sum(own) == 0


def table(result: Axes) -> pd.DataFrame:
    """The rate of every cell, a row each."""
    rates = result.grid.passed / result.grid.trials
    rows = [(m, h, t, float(rates[m, h, t])) for m, h, t in np.ndindex(rates.shape)]
    return pd.DataFrame(rows, columns=["m", "h", "t", "y"])


@pytest.mark.parametrize("seed", [2, 5, 9])
def test_interactions_are_those_of_a_least_squares_fit(seed: int) -> None:
    result = found(some(seed))
    fitted = ols("y ~ C(m, Sum) * C(h, Sum)", table(result)).fit().params
    for meeting in result.meetings:
        m = result.grid.models.index(meeting.model)
        h = result.grid.harnesses.index(meeting.harness)
        if m < 2 and h < 2:
            name = f"C(m, Sum)[S.{m}]:C(h, Sum)[S.{h}]"
            assert float(meeting.interaction) == pytest.approx(fitted[name], abs=1e-9)


def by_statsmodels(cells: pd.DataFrame) -> dict[str, float]:
    """Variance components of some of the cells; a component may be below 0."""
    fitted = ols("y ~ (C(m) + C(h) + C(t)) ** 2", cells).fit()
    squares = sm.stats.anova_lm(fitted)["mean_sq"]
    rest = squares["Residual"]
    m, h, t = squares["C(m)"], squares["C(h)"], squares["C(t)"]
    mh, mt, ht = squares["C(m):C(h)"], squares["C(m):C(t)"], squares["C(h):C(t)"]
    n_tasks = cells["t"].nunique()
    return {
        "model": (m - mh - mt + rest) / (3 * n_tasks),
        "harness": (h - mh - ht + rest) / (3 * n_tasks),
        "meeting": (mh - rest) / n_tasks,
        "task": (t - mt - ht + rest) / (3 * 3),
    }


@pytest.mark.parametrize("seed", [2, 5, 9])
def test_variance_components_follow_from_the_mean_squares_of_statsmodels(
    seed: int,
) -> None:
    result = found(some(seed))
    expected = by_statsmodels(table(result))
    assert {c.source for c in result.components} == set(expected)
    for part in result.components:
        value = max(0.0, float(expected[part.source]))
        assert part.spread**2 == pytest.approx(value, abs=1e-9)


def test_cells_that_ran_unlike_often_are_taken_apart_exactly() -> None:
    chance = Random(3)  # noqa: S311 - data, not secrets
    # What all of these divide has 38 bits: its squares are beyond 64.
    often = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31]
    cells = {
        f"{m}/q/{h}": {
            t: "".join(
                "+" if chance.random() < int(t) / 8 else "-"
                for _ in range(chance.choice(often))
            )
            for t in TASKS
        }
        for m, h in product(MODELS, HARNESSES)
    }
    records = grid(cells)
    result = found(records)
    assert result.rate == cell_rate(records)
    for effect in result.harnesses:
        assert effect.rate == cell_rate(records, harness=effect.key.harness)
    expected = by_statsmodels(table(result))
    spreads: dict[str, float] = {p.source: p.spread for p in result.components}
    for source, value in expected.items():
        assert spreads[source] ** 2 == pytest.approx(max(0.0, value), abs=1e-9)
    assert spreads["task"] > 0.1


def test_the_ends_of_a_component_are_a_jackknife_over_the_tasks() -> None:
    result = found(some(2))
    cells = table(result)
    whole = by_statsmodels(cells)
    n = len(TASKS)
    without = [by_statsmodels(cells[cells["t"] != task]) for task in range(n)]
    for part in result.components:
        value = whole[part.source]
        each = [n * value - (n - 1) * one[part.source] for one in without]
        half = scipy.stats.t.ppf(0.975, n - 1) * scipy.stats.sem(each)
        assert part.low is not None
        assert part.high is not None
        assert part.low**2 == pytest.approx(max(0.0, value - half), abs=1e-9)
        assert part.high**2 == pytest.approx(max(0.0, value + half), abs=1e-9)


def test_the_spread_of_a_single_trial_is_known_where_every_cell_ran_twice() -> None:
    twice = {
        f"{m}/q/{h}": {t: "+-" if t in "123" else "++" for t in TASKS}
        for m, h in product(MODELS, HARNESSES)
    }
    (seed,) = [c for c in found(grid(twice)).components if c.source == "seed"]
    # Three tasks of seven vary, each with the variance of a fair coin, 1/4 * 2/1.
    assert seed.spread**2 == pytest.approx(3 / 7 * 0.5)
    twice["a/q/x"]["1"] = "+"
    sources = [c.source for c in found(grid(twice)).components]
    assert sources == ["model", "harness", "meeting", "task"]


def test_components_find_the_spreads_that_rates_were_drawn_with() -> None:
    draw = np.random.default_rng(8)
    sizes = {"m": 18, "h": 18, "t": 18}
    value = (
        0.5
        + 0.1 * draw.normal(size=(18, 1, 1))
        + 0.05 * draw.normal(size=(1, 18, 1))
        + 0.08 * draw.normal(size=(1, 1, 18))
    )
    passed = draw.binomial(4, np.clip(value, 0, 1) + np.zeros((18, 18, 18)))
    cells = {
        f"m{m:02}/q/h{h:02}": {
            f"t{t:02}": "+" * int(passed[m, h, t]) + "-" * (4 - int(passed[m, h, t]))
            for t in range(sizes["t"])
        }
        for m, h in product(range(sizes["m"]), range(sizes["h"]))
    }
    spread = {c.source: c.spread for c in found(grid(cells)).components}
    assert spread["model"] == pytest.approx(0.1, abs=0.04)
    assert spread["harness"] == pytest.approx(0.05, abs=0.02)
    assert spread["task"] == pytest.approx(0.08, abs=0.03)
    assert spread["meeting"] < 0.02
    assert spread["seed"] == pytest.approx(0.5, abs=0.03)


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
    assert worst.p <= LEVEL
    assert worst.p_interaction <= LEVEL
    assert worst.interaction < 0
    assert worst.rate < worst.expected
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


def test_where_everyone_passes_nothing_adds_anything() -> None:
    result = found(
        grid({f"{m}/q/{h}": {"1": "+", "2": "+"} for m in "ab" for h in "xy"})
    )
    assert {e.points for e in (*result.models, *result.harnesses)} == {0}
    for meeting in result.meetings:
        assert meeting.interaction == 0
        assert meeting.expected == 1
        assert (meeting.p, meeting.p_interaction) == (1, 1)
    assert {c.spread for c in result.components} == {0}


def test_meetings_are_tested_jointly_as_contrasts_over_tasks() -> None:
    result = found(some(6))
    rates = result.grid.passed / result.grid.trials
    left = (
        rates
        - rates.mean(axis=1, keepdims=True)
        - rates.mean(axis=0, keepdims=True)
        + rates.mean(axis=(0, 1), keepdims=True)
    )
    drop = (rates - rates.mean(axis=1, keepdims=True)) * 3 / 2
    for contrast, name in ((left, "p_interaction"), (drop, "p")):
        # All rates are sixths, their means over three and nine eighteenths of sixths.
        steps = np.rint(contrast.reshape(9, 7) * 108).astype(np.int64)
        expected = joint_contrasts(steps).reshape(3, 3)
        for meeting in result.meetings:
            m = result.grid.models.index(meeting.model)
            h = result.grid.harnesses.index(meeting.harness)
            assert getattr(meeting, name) == expected[m, h]


def test_rivals_are_those_that_the_joint_test_does_not_tell_from_the_best() -> None:
    result = found(some(7))
    rates = result.grid.passed / result.grid.trials
    for line in result.sensitivity:
        m = result.grid.models.index(line.model)
        test = joint_test(np.rint(rates[m] * 6).astype(np.int64))
        best = result.grid.harnesses.index(line.best)
        assert line.rivals == tuple(
            harness
            for h, harness in enumerate(result.grid.harnesses)
            if h != best and not test.apart(best, h)
        )


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
    for meeting in result.meetings:
        assert 0 <= meeting.rate <= 1
        assert 0 <= meeting.elsewhere <= 1
        assert -1 <= meeting.expected <= 2
        assert float(meeting.drop.p) <= meeting.p + 1e-12 <= 1 + 1e-12
        assert 0 < meeting.p_interaction <= 1
    for part in result.components:
        ends = [x for x in (part.low, part.high) if x is not None]
        assert all(isfinite(x) and x >= 0 for x in (part.spread, *ends))
        assert ends == sorted(ends)
        assert len(ends) in {0, 2}


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
