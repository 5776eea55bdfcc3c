"""What sets combos of one model, quant and harness apart: effort, profile, format."""

import json
from dataclasses import replace
from fractions import Fraction
from itertools import product

from harness_bench.schema import Record
from sitegen.build import build
from sitegen.keys import ComboKey
from sitegen.policy import Policy
from sitegen.stats.results import results
from tests.records import grid, inputs, record, scope_of
from tests.sites import broken_links, page_text

TASKS = [f"t{i:02d}" for i in range(12)]
HIGH, NONE = ComboKey("m", "q", "x", "high"), ComboKey("m", "q", "x")


def varied() -> list[Record]:
    """Two models in two harnesses; effort "high" passes all, none three tasks."""
    return [
        record(
            f"{model}/q/{harness}",
            task,
            variant=variant,
            passed=bool(variant) or index < 3,
        )
        for model, harness, variant in product("mn", "xy", ("", "high"))
        for index, task in enumerate(TASKS)
    ]


def test_variants_are_combos_of_their_own() -> None:
    scope = scope_of(varied())
    rates = {s.key: s.rate for s in scope.combos}
    assert len(rates) == 8
    assert rates[HIGH] == 1
    assert rates[NONE] == 1 / 4
    assert scope.size.cells == 8 * 12


def test_variants_of_one_combo_are_paired_and_no_others() -> None:
    found = [p for p in scope_of(varied()).pairs if p.kind == "variant"]
    assert len(found) == 4
    for pair in found:
        assert isinstance(pair.a, ComboKey)
        assert isinstance(pair.b, ComboKey)
        assert pair.a.plain == pair.b.plain
        assert (pair.a.variant, pair.b.variant) == ("high", "")
        assert (pair.found.wins, pair.found.losses, pair.n_cells) == (9, 0, 12)
        assert pair.separable


def test_harnesses_and_models_are_compared_within_a_variant() -> None:
    """Where one harness ran only the better variant, that is not its merit."""
    records = [r for r in varied() if r.harness == "y" or r.variant]
    (pair,) = [p for p in scope_of(records).pairs if p.kind == "harness"]
    assert pair.found.mean == 0
    assert pair.n_cells == 2 * 12


def test_quants_are_compared_within_a_variant() -> None:
    records = [
        record(f"m/{quant}/x", task, variant=variant, passed=bool(variant))
        for quant, variant in (("Q4", "high"), ("Q8", ""), ("Q8", "high"))
        for task in TASKS
    ]
    (pair,) = [p for p in scope_of(records).quant_pairs if p.task is None]
    assert (pair.n_cells, pair.delta) == (12, 0)


def test_each_variant_has_a_page_that_shows_the_others_and_a_sound_site() -> None:
    site = build(inputs(varied(), cells=True))
    pages = {path: content for path, content in site.items() if path.endswith(".html")}
    assert broken_links(pages, site) == []
    page = page_text(site, "combos/m--q--x--high.html")
    assert "m + x (high)" in page
    assert "Its variants" in page
    board = page_text(site, "index.html")
    assert "Variant" in board
    assert "high" in board
    assert "Does the variant matter?" in page_text(site, "analysis.html")


def test_the_heatmap_has_a_column_for_each_harness_and_variant() -> None:
    page = page_text(build(inputs(varied(), cells=True)), "index.html")
    for column in ("x (high)", "y (high)"):
        assert column in page


def test_the_column_variant_is_there_where_any_combo_of_the_site_has_one() -> None:
    def columns(records: list[Record], name: str) -> list[str]:
        site = build(inputs(records, cells=True))
        return site[f"data/{name}.csv"].decode().splitlines()[0].split(",")

    plain = [r for r in varied() if not r.variant]
    for name in ("combos", "frontier", "coverage", "cells"):
        assert "variant" in columns(varied(), name)
        assert "variant" not in columns(plain, name)
    assert {"variant_a", "variant_b"} <= set(columns(varied(), "pairs"))
    assert "variant_a" not in columns(plain, "pairs")


def test_a_variant_stands_in_the_data_as_it_was_given() -> None:
    site = build(inputs(varied(), cells=True))
    rows = json.loads(site["data/combos.json"])["rows"]
    assert sorted((r["model"], r["harness"], r["variant"]) for r in rows) == sorted(
        product("mn", "xy", ("", "high"))
    )


def test_the_effect_of_a_harness_in_several_variants_is_that_of_their_mean() -> None:
    marks = {("m", "x"): "+-", ("m", "y"): "--", ("n", "x"): "++", ("n", "y"): "+-"}
    records = [
        replace(found, variant=variant)
        for variant, seeds in (("", 1), ("high", 3))
        for found in grid(
            {
                f"{model}//{harness}": {
                    task: mark * seeds for task, mark in zip("ab", row, strict=True)
                }
                for (model, harness), row in marks.items()
            }
        )
    ]
    found = results(records, Policy(), default_sweep=None).all.axes
    assert found is not None
    assert found.grid.trials.shape == (2, 2, 2)
    assert found.grid.outside == 0
    # It is not known what a second trial of the plain variant would have brought.
    assert "seed" not in {component.source for component in found.components}
    plain = [r for r in records if not r.variant]
    alone = results(plain, Policy(), default_sweep=None).all.axes
    assert alone is not None
    assert found.harnesses == alone.harnesses
    assert found.models == alone.models


def test_variants_weigh_the_same_however_often_they_ran() -> None:
    # In the plain variant x passes all, in the other, run three times, nothing.
    records = [
        replace(r, variant=variant)
        for variant, x, y in (("", "+", "-"), ("high", "---", "+++"))
        for r in grid(
            {
                f"{m}//{h}": dict.fromkeys("ab", x if h == "x" else y)
                for m in "mn"
                for h in "xy"
            }
        )
    ]
    found = results(records, Policy(), default_sweep=None).all.axes
    assert found is not None
    assert [effect.points for effect in found.harnesses] == [0, 0]
    assert found.rate == Fraction(1, 2)
