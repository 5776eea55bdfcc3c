"""Sentences and tables about who can be told apart."""

from dataclasses import replace
from typing import TYPE_CHECKING

from sitegen.build import build
from sitegen.claims import Best
from sitegen.config import Settings
from sitegen.definitions import DEFINITIONS
from sitegen.judge.verdict import PRIVATE
from sitegen.keys import HarnessKey
from sitegen.kinds import HARNESS, QUANT
from sitegen.metadata import Metadata
from sitegen.names import names
from sitegen.sections.compare import (
    apart,
    compared,
    seen_by,
    standing_among,
    verdict,
)
from sitegen.stats.results import results
from sitegen.view import View
from sitegen.words import Words
from tests.records import grid
from tests.sitegen.test_cards import small
from tests.sitegen.test_feed import closed
from tests.sites import page_text

if TYPE_CHECKING:
    from harness_bench.schema import Record

TASKS = [f"t{i:02d}" for i in range(16)]


def view_of(rows: dict[str, str]) -> View:
    """Harnesses with one model; of each the marks on sixteen tasks."""
    records: list[Record] = grid(
        {
            f"m/q/{name}": dict(zip(TASKS, marks, strict=True))
            for name, marks in rows.items()
        }
    )
    settings = Settings()
    found = results(records, settings.policy, default_sweep=None)
    return View(
        scope=found.all,
        names=names(found, Metadata(), settings),
        metadata=Metadata(),
        settings=settings,
    )


def text(paragraphs: tuple[Words, ...]) -> str:
    return " ".join("".join(run.text for run in words) for words in paragraphs)


def told(rows: dict[str, str]) -> str:
    view = view_of(rows)
    return text(verdict(view, HARNESS, view.scope.harnesses))


def test_the_one_pair_that_can_be_told_apart_is_named() -> None:
    assert told({"good": "+" * 16, "bad": "-" * 16, "middle": "+" * 13 + "-" * 3}) == (
        "Of the 3 pairs of 3 harnesses, 2 can be told apart: good is 100 points "
        "better than bad; middle is 81 points better than bad. If the true lead of "
        "the first over the second were the one seen, 19 points, about 39 tasks would "
        "show it (now 16 tasks); it may be none. "
    )


def test_where_nothing_can_be_told_apart_it_is_said() -> None:
    assert told({"a": "+" * 16, "b": "+" * 15 + "-"}).startswith(
        "The two harnesses cannot be told apart: it may be chance. If the true lead"
    )
    assert told({"a": "+" * 16, "b": "-" * 16}) == (
        "The two harnesses can be told apart by 100 points. "
    )
    assert told({"a": "+" * 16, "b": "+" * 16}) == (
        "The two harnesses did equally well and cannot be told apart."
    )
    assert told(dict.fromkeys("abc", "-" * 16)) == (
        "All 3 harnesses did equally well and cannot be told apart."
    )
    tied = told({"a": "+" * 16, "b": "+" * 16, "c": "-" * 16})
    assert tied.endswith(" The first two did equally well. ")
    assert told({"alone": "+" * 16}) == ""
    few = told({"a": "+" * 16, "b": "+" * 14 + "--", "c": "+" * 15 + "-"})
    assert few.startswith(
        "Of the 3 pairs of 3 harnesses, none can be told apart: all of it may be "
        "chance. If the true lead of the first over the second were the one seen, "
    )
    assert told({"a": "+" * 16, "b": "+" * 8 + "-" * 8, "c": "-" * 16}).startswith(
        "All of the 3 pairs of 3 harnesses can be told apart. "
    )


def test_a_pair_is_seen_from_both_sides() -> None:
    view = view_of({"good": "+" * 16, "bad": "-" * 15 + "+"})
    seen = seen_by(view.scope, HARNESS)
    (above,), (below,) = seen[HarnessKey("good")], seen[HarnessKey("bad")]
    assert above.found.mean == -below.found.mean > 0
    won = above.found.wins, above.found.losses, above.found.ties
    assert won == (below.found.losses, below.found.wins, below.found.ties) == (15, 0, 1)
    assert above.found.interval is not None
    assert below.found.interval == above.found.interval.turned
    assert below.turned == above
    assert text((standing_among(HARNESS, [above]),)) == (
        "It is better than the other harness: the two can be told apart."
    )


def test_from_how_many_an_entity_is_told_apart_is_a_whole_sentence() -> None:
    view = view_of({"a": "+" * 16, "b": "+" * 15 + "-", "c": "-" * 16})
    seen = seen_by(view.scope, HARNESS)
    first, second, last = (seen[HarnessKey(name)] for name in "abc")
    assert text((standing_among(HARNESS, first),)) == (
        "Of 2 other harnesses compared, it is better than 1; it cannot be told apart "
        "from the remaining 1."
    )
    assert text((standing_among(HARNESS, last),)) == (
        "It is worse than each of 2 other harnesses: all are told apart."
    )
    open_ones = [one for one in second if not one.separable]
    assert text((standing_among(HARNESS, open_ones),)) == (
        "It cannot be told apart from the other harness."
    )
    assert text((standing_among(HARNESS, open_ones * 2),)) == (
        "It cannot be told apart from any of the 2 harnesses compared."
    )


def test_whoever_stands_apart_is_said_to() -> None:
    cells = {
        "m/q/all": dict.fromkeys(TASKS, "+"),
        "m/q/too": dict.fromkeys(TASKS, "-"),
        "m/q/few": dict.fromkeys(TASKS[:3], "+"),
    }

    def said(names: tuple[str, ...]) -> str:
        chosen = {f"m/q/{name}": cells[f"m/q/{name}"] for name in names}
        found = results(grid(chosen), Settings().policy, default_sweep=None).all
        # A lone model is ranked among nobody, and that is no news.
        assert apart(QUANT, found.model_quants) == ()
        return text(apart(HARNESS, found.harnesses))

    assert said(("all", "too", "few")) == (
        "1 harness stands apart, below the ranked ones and without a verdict: too "
        "little of what those share was run. The number of tasks stands instead of a "
        "rank."
    )
    assert said(("all", "few")) == (
        "No harness is ranked: these harnesses share too little of what they ran."
    )
    assert said(("all", "too")) == said(("few",)) == ""


def test_every_statistic_of_the_table_has_a_definition() -> None:
    view = view_of({"good": "+" * 16, "bad": "-" * 16})
    key = HarnessKey("good")
    (section,) = compared(view, HARNESS, key, seen_by(view.scope, HARNESS)[key])
    assert section.statistics == {"difference", "p", "needed"}
    assert section.statistics <= set(DEFINITIONS)
    assert section.table is not None
    ((name, mean, interval, record, p, need),) = section.table.rows
    assert [c.text for c in (name, mean, record, p)] == [
        "bad",
        "+100.0",
        "16–0–0",
        "< 0.001",
    ]
    # All tasks differ by the same: no interval; told apart: nothing to settle.
    assert interval.text == need.text == "–"


def test_of_a_long_ranking_the_first_and_the_nearest_are_listed() -> None:
    rows = {f"h{i:02d}": "+" * (16 - i // 2) + "-" * (i // 2) for i in range(30)}
    view = view_of(rows)
    key = HarnessKey("h20")
    (section,) = compared(view, HARNESS, key, seen_by(view.scope, HARNESS)[key])
    assert section.table is not None
    assert [row[0].text for row in section.table.rows] == [
        "h00",
        "h18",
        "h19",
        "h21",
        "h22",
    ]


def test_private_cells_promise_no_comparison_and_say_so_once() -> None:
    inputs = closed(small(), min_cells=2)
    who = ("large + pi", "small + pi")
    claims = [Best(says=one, of="combo", who=one) for one in who]
    site = build(replace(inputs, claims=tuple(claims)))
    page = page_text(site, "compare/index.html")
    assert "this page then shows their totals." in page
    board = page_text(site, "index.html")
    assert board.count("private") == 2  # where a verdict would stand, and at the end
    assert "A blank cell was not run, or is not published." in board
    frame = page_text(site, "embed/tables/claims.html")
    assert frame.partition("A bench")[2].count(PRIVATE) == 1


def test_public_cells_are_all_published() -> None:
    site = build(small())
    assert "how far they differ, and how surely" in page_text(
        site, "compare/index.html"
    )
    assert "A blank cell was not run." in page_text(site, "index.html")
