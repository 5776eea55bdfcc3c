"""Pages say what trials ran with where it differs, once, and name nothing."""

from dataclasses import replace

from sitegen.build import build
from sitegen.site import Site
from tests.records import grid, inputs, record
from tests.sites import page_text

TIMED = {"hardware": "secret gpu", "harness_version": "secret 1", "agent_time_s": 10.0}
SLOW = {"hardware": "secret cpu", "harness_version": "secret 2", "agent_time_s": 900.0}
MIXED = [
    *(record("m//pi", f"t{i}", **TIMED) for i in range(5)),
    *(record("m//pi", f"u{i}", **SLOW) for i in range(5)),
    *(record("k//pi", f"t{i}", passed=False, **TIMED) for i in range(5)),
    *(record("k//pi", f"u{i}", passed=False, **TIMED) for i in range(5)),
]
SAID = (
    "Mixed: these trials ran with 2 kinds of hardware and up to 2 versions of a "
    "harness. No time is averaged over unlike hardware."
)
TITLE = "By hardware and version"


def test_what_differs_is_said_once_on_the_pages_that_show_it() -> None:
    site = build(inputs(MIXED))
    for path in (
        "index.html",
        "combos/m--pi.html",
        "models/m.html",
        "harnesses/pi.html",
    ):
        assert page_text(site, path).count(SAID) == 1, path
    for path in ("combos/k--pi.html", "models/k.html", "tasks/t0.html"):
        assert "Mixed" not in page_text(site, path), path
    assert SAID.encode() not in site["404.html"]
    assert not [path for path, content in site.items() if b"secret" in content]


def test_no_mean_time_is_over_two_machines_and_each_has_a_row_of_its_own() -> None:
    site = build(inputs(MIXED))
    named = {path for path in site if "assets/" in path or path.endswith(".jsonld")}
    ours = {path: site[path] for path in site.keys() - named}
    assert not [path for path, content in ours.items() if b"455" in content]
    text = page_text(site, "combos/m--pi.html")
    assert TITLE in text
    assert "hardware 1, harness version 1 5 5 /5 100.0 %" in text
    rows = text.split("hardware 1, harness version 1", 1)[1]
    assert "10 s" in rows.split("hardware 2, harness version 2", 1)[0]
    assert "900 s" in rows.split("hardware 2, harness version 2", 1)[1]


def test_of_private_cells_no_small_or_telling_row_is_shown() -> None:
    few = [each for each in MIXED if each.task != "u4"]
    assert TITLE not in page_text(build(inputs(few, cells=False)), "combos/m--pi.html")
    assert TITLE in page_text(build(inputs(few, cells=True)), "combos/m--pi.html")


def test_rows_that_would_tell_a_cell_by_subtraction_are_not_shown() -> None:
    # k ran the tasks of m's first row and one more: that row less the totals of its
    # tasks leaves what k passed of them, and k's total then tells the one.
    rows = [
        *(record("m//pi", f"t{i}", **TIMED) for i in range(5)),
        *(record("m//pi", f"u{i}", **SLOW) for i in range(5)),
        *(record("k//pi", f"t{i}", **TIMED) for i in range(5)),
        record("k//pi", "u0", **TIMED),
        *(record("z//pi", f"u{i}", **TIMED) for i in range(5)),
    ]
    assert TITLE not in page_text(build(inputs(rows, cells=False)), "combos/m--pi.html")
    assert TITLE in page_text(build(inputs(rows, cells=True)), "combos/m--pi.html")


def test_a_harness_in_a_sandbox_and_in_none_stands_side_by_side() -> None:
    tasks = dict.fromkeys("abcde", "+")
    sealed = grid({"m//pi": tasks | {"a": "-"}}, sweep="in", sandbox="bubblewrap")
    unsealed = grid({"m//pi": tasks}, sweep="out", sandbox="none")
    site: Site = build(inputs([*sealed, *unsealed]))
    text = page_text(site, "harnesses/pi.html")
    assert "In a sandbox and in none Over the cells (combo and task)" in text
    assert "in a sandbox 5 4 /5 80.0 %" in text
    assert "in none 5 5 /5 100.0 %" in text
    assert "2 kinds of sandbox" in text
    assert "In a sandbox and in none" not in page_text(
        build(inputs(sealed)), "harnesses/pi.html"
    )
    apart = [
        replace(each, task=each.task.upper()) if each.sandbox == "none" else each
        for each in (*sealed, *unsealed)
    ]
    text = page_text(build(inputs(apart)), "harnesses/pi.html")
    assert "No cell ran both ways: the two rates are over different cells" in text
