"""Along which axes the board's chart can turn."""

from math import log10
from typing import Any

import pytest

from harness_bench.schema import Record
from sitegen.charts.along import Along, along
from sitegen.names import names
from sitegen.stats.results import results
from sitegen.view import View
from tests.records import inputs, record


def axes(records: list[Record]) -> dict[str, Along]:
    found = inputs(records)
    computed = results(found.records, found.settings.policy, default_sweep=None)
    view = View(
        scope=computed.all,
        names=names(computed, found.metadata, found.settings),
        metadata=found.metadata,
        settings=found.settings,
    )
    return {each.id: each for each in along(view)}


def rows(model: str, *, passed: int = 1, **more: object) -> list[Record]:
    return [record(f"{model}//h", f"t{i}", passed=i < passed, **more) for i in range(2)]


def at(found: Along) -> dict[float, float]:
    """The marks: what they cost, and what they passed."""
    traces: list[dict[str, list[float]]] = found.wide["data"]  # type: ignore[assignment]
    return {x: y for t in traces for x, y in zip(t["x"], t["y"], strict=True)}


def test_an_axis_is_offered_for_what_is_known_of_two_combos() -> None:
    one = rows("a", cost_usd=0.5, tokens_in=10, tokens_out=5)
    assert axes([*one, *rows("b")]) == {}
    assert set(axes([*one, *rows("b", cost_usd=0.1)])) == {"cost"}
    tokens = rows("b", cost_usd=0.1, tokens_in=20, tokens_out=30)
    found = axes([*one, *tokens, *rows("c", passed=2)])
    assert set(found) == {"cost", "tokens"}
    assert at(found["tokens"]) == {15: 50, 50: 50}


def test_what_cost_nothing_stands_at_the_least_cost() -> None:
    found = axes(
        [
            *rows("a", cost_usd=0.0),
            *rows("b", cost_usd=0.25, passed=2),
            *rows("c", cost_usd=4.0, passed=0),
        ]
    )["cost"]
    assert set(at(found)) == {0.25, 4}
    low, high = found.wide["layout"]["xaxis"]["range"]  # type: ignore[index]
    assert low < log10(0.25) < log10(4) < high
    assert axes([*rows("a", cost_usd=0.0), *rows("b", cost_usd=0.0)]) == {}


@pytest.mark.parametrize(("other", "offered"), [("gpu", True), ("cpu", False)])
def test_speeds_are_set_beside_each_other_on_one_kind_of_hardware_alone(
    other: str, *, offered: bool
) -> None:
    known: dict[str, Any] = {"tokens_per_s": 40.0, "first_token_s": 0.5}
    found = axes(
        [*rows("a", hardware="gpu", **known), *rows("b", hardware=other, **known)]
    )
    assert set(found) == ({"speed", "first-token"} if offered else set())
    if offered:
        assert "further right is better" in found["speed"].caption
        assert "further left is better" in found["first-token"].caption
