"""Whoever solves for the cells behind a site finds those that its totals tell, no more.

`make torture` attacks all designs and the example.
"""

import os

import pytest

from sitegen.build import build, results_of
from sitegen.inputs import Inputs
from tests.attacks.attacker import Attack
from tests.attacks.designs import N_DESIGNS, design
from tests.records import EXAMPLE, read, with_publish

SOME = (1, 2, 5, 8, 12, 17)
ALL = os.environ.get("HARNESS_BENCH_DESIGNS") == "all"


def attack(inputs: Inputs) -> tuple[set[tuple[str, ...]], int]:
    """The cells that a solver determines, and how many the site says totals tell."""
    told = results_of(inputs).told
    assert told is not None
    found = Attack.on(inputs, build(inputs)).determined()
    return found, told.by_totals + told.by_groups


@pytest.mark.parametrize("seed", range(N_DESIGNS) if ALL else SOME)
def test_a_solver_finds_no_cell_but_those_that_totals_tell(seed: int) -> None:
    found, told = attack(design(seed))
    assert len(found) <= told


@pytest.mark.slow
def test_nor_does_it_on_the_example() -> None:
    found, told = attack(with_publish(read(EXAMPLE), cells=False))
    assert len(found) == told
