"""Whoever solves for the cells behind a site finds those that its totals tell, no more.

`make torture` attacks all designs and the example.
"""

import os

import pytest

from sitegen.build import build, results_of
from sitegen.inputs import Inputs
from sitegen.site import Site
from sitegen.stats.results import ToldByTotals
from tests.attacks.attacker import Attack, Solved
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


def has_twins(inputs: Inputs) -> None:
    """Other cells behind the same totals give a site of the same bytes."""
    site = build(inputs)
    attack = Attack.on(inputs, site)
    other = attack.twin(inputs)
    assert inputs.records != other.records
    same = build(other)
    assert rows(same) != rows(site) or same == site


@pytest.mark.parametrize("seed", range(N_DESIGNS) if ALL else TWINS)
def test_other_cells_with_these_totals_give_the_same_bytes(seed: int) -> None:
    inputs = design(seed)
    if all(record.score is None for record in inputs.records):
        has_twins(inputs)


@pytest.mark.slow
def test_so_do_other_cells_of_the_example() -> None:
    has_twins(with_publish(read(EXAMPLE), cells=False))


@pytest.mark.slow
def test_nor_does_it_on_the_example() -> None:
    by_totals, found, told = attack(with_publish(read(EXAMPLE), cells=False))
    assert len(by_totals) == told.by_totals
    assert len(found - by_totals) == told.by_groups
