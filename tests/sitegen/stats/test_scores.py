"""What agents pass at the first try, where they are told what failed."""

from dataclasses import replace
from fractions import Fraction

from sitegen.build import build
from sitegen.config import Publish
from sitegen.policy import Policy
from sitegen.stats.scores import first_tries
from sitegen.stats.trials import trials
from tests.records import grid, inputs

CELLS = {"m/q/a": {"t": "++", "u": "+-"}, "m/q/b": {"t": "--", "u": "-+"}}
TRIES = (1, 2, 1, None, None, None, None, 2)
RECORDS = [replace(each, tries=n) for each, n in zip(grid(CELLS), TRIES, strict=True)]


def test_only_the_first_try_counts_and_failed_trials_count_as_failed() -> None:
    found = {
        each.key.values: each.found for each in first_tries(trials(RECORDS, Policy()))
    }

    assert {key: (f.mean, f.n_trials) for key, f in found.items()} == {
        ("m", "q"): (Fraction(1, 4), 8),
        ("a",): (Fraction(1, 2), 4),
        ("b",): (Fraction(0), 4),
        ("m", "q", "a", ""): (Fraction(1, 2), 4),
        ("m", "q", "b", ""): (Fraction(0), 4),
    }


def test_a_pass_without_a_number_of_tries_is_unknown() -> None:
    (first, *others) = RECORDS
    found = first_tries(trials([replace(first, tries=None), *others], Policy()))

    assert {each.found.n_trials for each in found if "a" in each.key.values} == {3}


def test_without_tries_there_is_no_such_rate() -> None:
    assert first_tries(trials(grid(CELLS), Policy())) == ()


def test_both_rates_are_on_the_page_of_a_combo_and_a_column_of_the_board() -> None:
    site = build(inputs(RECORDS))
    page = site["combos/m--q--a.html"].decode()

    assert "Passed at the first try" in page
    assert "50.0\xa0%, over 4 trials" in page
    assert "75.0" in page
    assert b"Passed at the first try" in site["board/all.js"]


def test_where_cells_are_private_the_first_try_stays_private() -> None:
    found = inputs(RECORDS)
    private = replace(found.settings, publish=Publish(cells=False, min_cells=1))

    site = build(replace(found, settings=private))

    said = [path for path, text in site.items() if b"first try" in text]
    assert said == ["methodology.html"]
