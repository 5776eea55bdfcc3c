"""Whoever solves for the cells behind a site finds those that its totals tell, no more.

`make torture` attacks all designs and the example.
"""

import os

import pytest

from sitegen.build import build, results_of
from sitegen.inputs import Inputs
from sitegen.site import Site
from sitegen.stats.results import ToldByTotals
from tests.attacks.attacker import Attack, Solved, Table
from tests.attacks.designs import N_DESIGNS, design
from tests.records import EXAMPLE, read, with_publish

SOME = (1, 2, 5, 8, 12, 17)
SCORED = (6, 24, 104)
TWINS = (2, 37)
ALL = os.environ.get("HARNESS_BENCH_DESIGNS") == "all"


def attack(inputs: Inputs) -> tuple[set[Solved], set[Solved], ToldByTotals]:
    """The cells that a solver determines from totals, those from all, and the count."""
    told = results_of(inputs).told
    assert told is not None
    site = build(inputs)
    by_totals = Attack.on(inputs, site, totals_only=True).determined()
    return by_totals, Attack.on(inputs, site).determined(), told


@pytest.mark.parametrize("seed", range(N_DESIGNS) if ALL else SOME)
def test_a_solver_finds_no_cell_but_those_that_totals_tell(seed: int) -> None:
    by_totals, found, told = attack(design(seed))
    assert by_totals <= found
    assert len(found - by_totals) <= told.by_groups
    # Where cells ran in three or more numbers of times, rates may tell some more.
    assert told.by_totals <= len(by_totals)


@pytest.mark.parametrize("seed", range(N_DESIGNS) if ALL else SCORED)
def test_nor_any_score_to_within_a_twentieth(seed: int) -> None:
    inputs = design(seed)
    site, told = build(inputs), results_of(inputs).told
    assert told is not None
    attack = Attack.on(inputs, site)
    by_totals = attack.scores(site, of_combos=True)
    assert attack.scores(site, of_combos=False) == by_totals
    assert len(by_totals) == told.by_scores


def rows(site: Site) -> dict[str, int]:
    """Of how many something is told, which may depend on cells."""
    return {path: text.count(b"\n") for path, text in site.items() if ".csv" in path}


@pytest.mark.parametrize("seed", range(N_DESIGNS) if ALL else TWINS)
def test_others_may_be_behind_the_same_bytes(seed: int) -> None:
    """Of each cell whose value no total tells: what is missing does not, either."""
    inputs = design(seed)
    if all(record.score is None for record in inputs.records):
        site = build(inputs)
        attack = Attack.on(inputs, site)
        told = results_of(inputs)

        def fits(table: Table) -> bool:
            other = attack.with_passed(inputs, table)
            return results_of(other) == told and build(other) == site

        assert attack.determined(fits) == Attack.on(inputs, site).determined()


@pytest.mark.slow
def test_other_cells_of_the_example_give_the_same_bytes() -> None:
    inputs = with_publish(read(EXAMPLE), cells=False)
    site = build(inputs)
    other = Attack.on(inputs, site).twin(inputs)
    assert inputs.records != other.records
    same = build(other)
    assert rows(same) != rows(site) or same == site


@pytest.mark.slow
def test_without_a_solver_cells_are_read_only_where_they_are_public() -> None:
    public = with_publish(read(EXAMPLE), cells=True)
    attack, site = Attack.on(public, {}), build(public)
    truth: dict[Solved, int] = {cell[:4]: n for cell, n in attack.truth.items()}
    private = build(with_publish(public, cells=False))
    for sweep in ("q4", "q8"):
        found = attack.readings(site, sweep)
        assert found
        assert all(truth[cell] == passed for cell, passed in found.items())
        assert not attack.readings(private, sweep)


@pytest.mark.slow
def test_nor_does_it_on_the_example() -> None:
    by_totals, found, told = attack(with_publish(read(EXAMPLE), cells=False))
    assert len(by_totals) == told.by_totals
    assert len(found - by_totals) == told.by_groups
