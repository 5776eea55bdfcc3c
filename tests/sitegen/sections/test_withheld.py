"""What a board says where totals are withheld, because cells are private."""

from harness_bench.schema import Status
from sitegen.build import build
from tests.records import inputs, record
from tests.sites import page_text


def test_of_too_few_cells_the_board_names_who_ran_and_build_says_what_shows_them() -> (
    None
):
    found = [record(f"m//{harness}", "t") for harness in ("aider", "pi")]
    said: list[str] = []
    site = build(inputs(found, cells=False), say=said.append)
    board = page_text(site, "index.html")
    assert "Too little was run to tell how they did: m + aider and m + pi." in board
    assert said[-1] == (
        "No combo is shown: while cells are private, each number needs 5 cells;"
        " [publish] cells = true shows them all."
    )
    assert "Too little was run" not in page_text(build(inputs(found)), "index.html")


def test_many_are_counted_and_what_is_told_is_not_among_them() -> None:
    few = [record(f"m{i:02d}//pi", "t0") for i in range(15)]
    many = [
        record(
            f"large{n}//pi", f"t{i}", status=Status.PASS if i < 6 + n else Status.FAIL
        )
        for n in range(2)
        for i in range(12)
    ]
    said: list[str] = []
    board = page_text(
        build(inputs(few + many, cells=False), say=said.append), "index.html"
    )
    assert "m00 + pi, m01 + pi" in board
    assert "m11 + pi and 3 more." in board
    assert "large0 + pi," not in board
    assert not any("No combo is shown" in each for each in said)


def test_a_kind_of_which_only_some_are_told_says_so() -> None:
    rows = [
        record(combo, f"t{i:02d}", passed=(7 * i + len(combo) + ord(combo[0])) % 3 > 0)
        for combo, n in (("a//pi", 20), ("b//pi", 20), ("c//aider", 4), ("d//q", 4))
        for i in range(n)
    ]
    private, public = (build(inputs(rows, cells=cells)) for cells in (False, True))
    for page in ("analysis.html", "harnesses/index.html"):
        assert "Of 3 harnesses, 1 is shown: the totals" in page_text(private, page)
        assert "the totals of the others" not in page_text(public, page)
    for page in ("analysis.html", "models/index.html"):
        assert "Of 4 models, 2 are shown: the totals" in page_text(private, page)
    analysis = page_text(private, "analysis.html")
    assert "only one harness" not in analysis
    assert "All 40 trials of the combos shown were measured" in analysis
    assert "All 48 trials were measured" in page_text(public, "analysis.html")
