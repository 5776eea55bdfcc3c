"""Every number that the 2026 post printed, against the data files of the site.

`published.json` holds the aggregates as printed. The walk below marks each
leaf that it has compared; a leaf that no test looks at fails the last one.
"""

import json
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from sitegen.build import build
from sitegen.inputs import Inputs, read_inputs

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "harness-bench-2026"
PRINTED: dict[str, Any] = json.loads(
    (ROOT / "tests" / "data" / "published.json").read_text()
)
PROSE = {"about", "rounding", "hardware"}
"""Leaves that describe; they print no number of the results."""

Row = Mapping[str, Any]
Files = Mapping[str, list[Row]]


def _without_settings() -> Inputs:
    """The example as it is read where no site.toml lies beside the CSV."""
    found = read_inputs([EXAMPLE / "cells.csv"])
    return Inputs(
        records=found.records,
        settings=type(found.settings)(),
        metadata=found.metadata,
    )


@pytest.fixture(scope="module", params=["without settings", "with its site.toml"])
def data(request: pytest.FixtureRequest) -> Files:
    inputs = (
        _without_settings()
        if request.param == "without settings"
        else read_inputs([EXAMPLE / "cells.csv"])
    )
    return {
        path.removeprefix("data/").removesuffix(".json"): json.loads(content)["rows"]
        for path, content in build(inputs).items()
        if re.fullmatch(r"data/(q[48]/)?[a-z_]+\.json", path)
        and not path.endswith("charts.json")
    }


def rounded(value: float | Fraction, digits: int = 0) -> str:
    """Half-even on the exact decimal fraction, as the post rounds."""
    scaled = round(Fraction(str(value)) * 10**digits)
    return f"{scaled / 10**digits:.{digits}f}"


def percent(rate: float) -> Fraction:
    """Of the decimal digits in the file: 100 * 0.6375 is 63.75, not a float's."""
    return Fraction(str(rate)) * 100


def same(printed: float, value: float | Fraction, digits: int = 0) -> bool:
    return Fraction(str(printed)) == Fraction(rounded(value, digits))


def one(rows: list[Row], **key: object) -> Row:
    (found,) = [r for r in rows if all(r[name] == key[name] for name in key)]
    return found


def test_combos_with_15_or_better_stand_in_the_printed_order(data: Files) -> None:
    printed = PRINTED["combos_15_or_better_both_sweeps"]
    best = [row for row in data["combos"] if row["passed"] >= 15]
    assert [(r["model"], r["quant"], r["harness"]) for r in best] == [
        (p["model"], p["quant"], p["harness"]) for p in printed
    ]
    for row, p in zip(best, printed, strict=True):
        assert (row["passed"], row["n_trials"]) == (p["passed"], p["of"])
        assert same(p["agent_time_mean_s"], row["agent_time_mean_s"])


def test_combos_near_perfect_are_counted_by_harness(data: Files) -> None:
    assert {
        row["harness"]: row["combos_near_perfect"] for row in data["harnesses"]
    } == PRINTED["combos_15_or_better_by_harness"]


def _check_ranking(rows: list[Row], printed: list[Row], *keys: str) -> None:
    assert [[r[k] for k in keys] for r in rows] == [
        [p[k] for k in keys] for p in printed
    ]
    for row, p in zip(rows, printed, strict=True):
        assert (row["passed"], row["n_trials"]) == (p["passed"], p["of"])
        assert same(p["rate_percent"], percent(row["rate"]), 1)
        assert same(p["agent_time_mean_s"], row["agent_time_mean_s"])


def test_models_of_the_q4_sweep_are_as_printed(data: Files) -> None:
    _check_ranking(data["q4/models"], PRINTED["models_in_sweep_q4"], "model", "quant")


def test_harnesses_of_the_q4_sweep_are_as_printed(data: Files) -> None:
    _check_ranking(data["q4/harnesses"], PRINTED["harnesses_in_sweep_q4"], "harness")


def test_the_audit_over_both_sweeps_is_as_printed(data: Files) -> None:
    for p in PRINTED["audit_both_sweeps"]:
        row = one(data["audit"], harness=p["harness"])
        assert row["mentions"] == p["cells_mentioning_grader"]
        assert row["accesses"] == p["cells_accessing_grader"]
        assert row["ran"] + row["read"] == row["accesses"]
    assert len(data["audit"]) == len(PRINTED["audit_both_sweeps"])
    accessing_and_passed = sum(row["accesses_passed"] for row in data["audit"])
    assert accessing_and_passed == PRINTED["accessing_cells_that_passed_both_sweeps"]


def test_three_ways_of_counting_accessing_cells_are_as_printed(data: Files) -> None:
    printed = PRINTED["opencode_without_accessing_cells"]
    if "cells" not in data:
        # One trial of the other sweep touched it: what it did would be told.
        assert not data["q4/audit"]
        return
    row = one(data["q4/audit"], harness="opencode")
    for name, ours in (
        ("keep", "kept"),
        ("counted_as_failed", "failed"),
        ("dropped", "dropped"),
    ):
        passed, n, rate = row[f"passed_{ours}"], row[f"n_{ours}"], row[f"rate_{ours}"]
        shown = f"{passed}/{n} = {rounded(percent(rate), 1)} %"
        assert shown == printed["in_cells_csv"][name]
    # The post subtracts the accesses of both sweeps from the passes of one.
    both = one(data["audit"], harness="opencode")["accesses"]
    left = Fraction(row["passed_kept"] - both, row["n_kept"]) * 100
    assert printed["as_the_post_subtracts"].startswith(
        f"({row['passed_kept']} - {both}) / {row['n_kept']} = {float(left):.1f} %"
    )
    assert printed["printed"] == (
        f"{rounded(percent(row['rate_kept']), 1)} % drops to roughly {round(left)} %"
    )


def test_quant_pairs_and_their_jax1_columns_are_as_printed(data: Files) -> None:
    rows = data["quant_pairs"]
    for p in PRINTED["quant_pairs_q4_q8"]:
        whole = one(rows, model=p["model"], task=None)
        assert (whole["passed_a"], whole["n_a"]) == (p["q4_passed"], p["of"])
        assert (whole["passed_b"], whole["n_b"]) == (p["q8_passed"], p["of"])
        assert whole["delta"] == p["delta"]
        jax = one(rows, model=p["model"], task="jax1_complex_lp")
        assert (jax["passed_a"], jax["n_a"]) == (p["q4_jax1"], p["jax1_of"])
        assert (jax["passed_b"], jax["n_b"]) == (p["q8_jax1"], p["jax1_of"])
    models = {row["model"] for row in rows} - {None}
    assert models == {p["model"] for p in PRINTED["quant_pairs_q4_q8"]}


def test_the_pooled_quant_pair_is_as_printed(data: Files) -> None:
    p = PRINTED["quant_pairs_total"]
    whole = one(data["quant_pairs"], model=None, task=None)
    assert (whole["quant_a"], whole["quant_b"]) == ("4-bit", "8-bit")
    assert (whole["passed_a"], whole["n_a"]) == (p["q4_passed"], p["of"])
    assert (whole["passed_b"], whole["n_b"]) == (p["q8_passed"], p["of"])
    assert whole["delta"] == p["delta"]
    jax = one(data["quant_pairs"], model=None, task="jax1_complex_lp")
    assert (jax["passed_a"], jax["n_a"]) == (p["q4_jax1"], p["jax1_of"])
    assert (jax["passed_b"], jax["n_b"]) == (p["q8_jax1"], p["jax1_of"])


def test_tasks_are_counted_and_ordered_as_printed(data: Files) -> None:
    printed, rows = PRINTED["tasks"], data["tasks"]
    assert len(rows) == printed["n"]
    assert sum(row["n_cells"] for row in rows) == printed["cells"]
    assert len(data["combos"]) == printed["combos"]
    hardest = printed["hardest_first"]
    assert [row["task"] for row in rows[: len(hardest)]] == hardest
    always = {row["task"] for row in rows if row["always_passed"]}
    assert always == set(printed["always_passed"])


def test_pt7_has_both_of_its_denominators(data: Files) -> None:
    p = PRINTED["tasks"]["pt7_prompt_blend"]
    for sweep in ("q4", "q8"):
        row = one(data[f"{sweep}/tasks"], task="pt7_prompt_blend")
        assert row["passed"] == p[f"{sweep}_passed"]
        assert row["n_trials"] == p[f"{sweep}_of"]
        assert same(p[f"{sweep}_percent_as_printed"], percent(row["rate"]))
    assert p["note"].startswith("unpaired")
    paired = one(data["quant_pairs"], model=None, task="pt7_prompt_blend")
    assert (paired["n_a"], paired["n_b"]) == (35, 35)


def test_gemma_falls_from_13_to_8_in_opencode(data: Files) -> None:
    p = PRINTED["gemma-4-31b-it_opencode"]
    key = {"model": "gemma-4-31b-it", "harness": "opencode"}
    for sweep in ("q4", "q8"):
        row = one(data[f"{sweep}/combos"], **key)
        assert (row["passed"], row["n_trials"]) == (p[sweep], p["of"])


def test_the_perfect_combo_takes_six_times_as_long_as_the_fastest_of_15(
    data: Files,
) -> None:
    fast, perfect = data["frontier"]
    assert (fast["passed"], perfect["passed"]) == (15, 16)
    assert PRINTED["speed"]["fastest_15_of_16_vs_perfect"] == (
        f"{rounded(perfect['agent_time_mean_s'])} s / "
        f"{rounded(fast['agent_time_mean_s'])} s, printed as about "
        f"{rounded(perfect['times_slower'])}x"
    )


def test_rounding_is_half_even_on_the_exact_fraction() -> None:
    for before, after in re.findall(r"([\d.]+) -> ([\d.]+)", PRINTED["rounding"]):
        assert same(float(after), float(before), 1)


def test_no_printed_aggregate_is_left_out() -> None:
    source = Path(__file__).read_text()

    def leaves(value: object, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if isinstance(value, dict):
            for name, item in value.items():
                yield from leaves(item, (*path, name))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for item in value:
                yield from leaves(item, path)
        else:
            yield path

    unread = {
        path
        for path in leaves(PRINTED, ())
        if path[0] not in PROSE and f'"{path[-1]}"' not in source
    }
    by_sweep = {path for path in unread if re.fullmatch(r"q[48]_\w+|q[48]", path[-1])}
    by_harness = {p for p in unread if p[0] == "combos_15_or_better_by_harness"}
    assert unread - by_sweep - by_harness == set()
