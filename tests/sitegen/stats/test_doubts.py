"""Why results are preliminary follows from the data."""

from fractions import Fraction

from harness_bench.schema import Record
from sitegen.policy import Policy
from sitegen.stats.doubts import Doubts, doubts
from sitegen.stats.results import results
from tests.records import UNMEASURED, grid, record

NONE = Doubts(ran_once=None, unconfined=0, no_sandbox_recorded=False, covered=None)


def of(records: list[Record]) -> Doubts:
    return doubts(results(records, Policy(), default_sweep=None))


def test_repeated_sandboxed_complete_results_raise_no_doubt() -> None:
    found = of(grid({"m//h": {"t": "+-", "u": "++"}}, sandbox="bubblewrap"))
    assert found == NONE


def test_each_doubt_has_its_reason() -> None:
    cells = {"m//h": {"t": "+-", "u": "+", "v": "-"}, "n//h": {"t": "+"}}
    found = of(grid(cells, sandbox="none"))
    assert found.ran_once == Fraction(3, 4)
    assert found.unconfined == 5
    assert not found.no_sandbox_recorded
    assert found.covered == Fraction(4, 6)


def test_half_of_the_cells_run_twice_is_enough_and_so_is_one_sandbox() -> None:
    records = grid({"m//h": {"t": "+-", "u": "+"}})
    found = of([*records, record("m//h", "u", seed=7, sandbox="x")])
    assert found.ran_once is None
    assert not found.no_sandbox_recorded


def test_a_tenth_may_be_missing() -> None:
    every = {f"{n}": "+-" for n in range(10)}
    some = {f"m{i}//h": dict(list(every.items())[: 10 - i]) for i in range(3)}
    assert of(grid(some, sandbox="x")).covered is None
    fewer = some | {"m2//h": {"0": "+-"}}
    assert of(grid(fewer, sandbox="x")).covered == Fraction(20, 30)
    less = some | {"m2//h": dict(list(every.items())[:7])}
    assert of(grid(less, sandbox="x")).covered == Fraction(26, 30)


def test_sweeps_need_not_share_their_tasks() -> None:
    records = [
        *grid({"m//h": {"t": "++"}}, sweep="a", sandbox="x"),
        *grid({"n//h": {"u": "++"}}, sweep="b", sandbox="x"),
    ]
    assert of(records).covered is None


def test_nothing_measured_is_no_share_of_anything() -> None:
    found = of([record(status=status, seed=i) for i, status in enumerate(UNMEASURED)])
    assert found.ran_once is None
    assert found.covered == 0
