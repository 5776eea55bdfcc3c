"""Whether the answer changes: with the sweep, the policy, the hardware, the version."""

from dataclasses import replace

from harness_bench.schema import GraderAccess, Record
from sitegen.build import build
from tests.records import grid, inputs, record
from tests.sites import page_text

TASKS = [f"t{i}" for i in range(8)]
GOOD, BAD = dict.fromkeys(TASKS, "+"), dict.fromkeys(TASKS, "-")
HALF = GOOD | dict.fromkeys(TASKS[:4], "-")


def said(records: list[Record], *, cells: bool = True) -> str:
    text = page_text(build(inputs(records, cells=cells)), "analysis.html")
    if "Does the answer change?" not in text:
        return ""
    # The first stands among the contents.
    return text.split("Does the answer change?")[-1].split("Does the ranking", 1)[0]


def test_two_sweeps_are_compared_pair_by_pair_and_side_by_side() -> None:
    text = said(
        [
            *grid({"m//pi": GOOD, "m//aider": BAD, "m//claude": HALF}, sweep="one"),
            *grid({"m//pi": BAD, "m//aider": GOOD, "m//claude": HALF}, sweep="two"),
        ]
    )
    assert "First among harnesses: pi (sweep one); aider (sweep two)." in text
    assert (
        "Of 3 pairs of harnesses ranked in both, the sweep one and the sweep two, "
        "3 stand in the opposite order. A change of the difference itself is shown "
        "for 3 pairs: aider against claude, aider against pi and claude against pi "
        "(one test of all 3, on 8 tasks that both ran)."
    ) in text
    assert "pi harness 1 /3 3 /3" in text
    assert "claude harness 2 /3 2 /3" in text
    # Of combos only those whose rank differs are listed.
    assert "m + pi combo 1 /3 3 /3" in text
    assert "m + claude combo" not in text


def test_what_is_the_same_everywhere_is_said_to_be_so() -> None:
    grids = {"m//pi": GOOD, "m//aider": BAD}
    text = said([*grid(grids, sweep="one"), *grid(grids, sweep="two")])
    assert "The same harness is first in both orders of harnesses: pi." in text
    assert "Of 1 pair of harnesses ranked in both" in text
    assert "1 stands in the same order. A change of the difference" in text
    assert "itself is shown for none (a test, on 8 tasks" in text


def test_a_policy_is_an_order_of_its_own() -> None:
    rows = grid({"m//pi": GOOD, "m//aider": HALF})
    touched = [
        replace(each, grader_access=GraderAccess.READ) if each.harness == "pi" else each
        for each in rows
    ]
    text = said(touched)
    assert (
        "First among harnesses: pi (all trials); aider (trials that touched the grader "
        "count as failed)." in text
    )


def test_one_kind_of_hardware_and_one_version_are_orders_of_their_own() -> None:
    rows = [
        record(f"m//{harness}", task, hardware=hardware, seed=seed, passed=passed)
        for seed, hardware in enumerate(("gpu", "gpu", "cpu"))
        for harness, passed in (("pi", hardware == "gpu"), ("aider", hardware == "cpu"))
        for task in TASKS
    ]
    text = said(rows)
    assert "pi (all trials, hardware 1 alone); aider (hardware 2 alone)" in text
    assert said(rows, cells=False) == ""
    versions = [
        replace(each, harness_version="2" if each.seed == 2 else "1", hardware=None)
        for each in rows
        if each.harness == "pi" or each.seed < 2
    ]
    text = said(versions)
    assert "Each harness in the version of most trials" in text
    assert "Hardware" not in text


def test_one_order_alone_is_held_against_nothing() -> None:
    assert said(grid({"m//pi": GOOD, "m//aider": BAD})) == ""
