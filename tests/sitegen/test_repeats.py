"""Seeds for repeats that have none."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sitegen.repeats import Numbered, number
from sitegen.texts import Texts


def _numbered(rows: list[tuple[str, str]], *, repeats: bool) -> Numbered:
    """One cell; of each row its seed and a note."""
    return number(
        np.zeros(len(rows), np.int32),
        Texts.of([seed for seed, _ in rows]),
        lambda row: dict(zip(("seed", "note"), rows[row], strict=True)),
        repeats=repeats,
    )


def _rows(seeds: list[str]) -> list[tuple[str, str]]:
    return [(seed, str(place)) for place, seed in enumerate(seeds)]


@given(st.lists(st.sampled_from(["", "0", "3", "a", "b"]), min_size=1, max_size=8))
def test_repeats_get_the_first_whole_numbers_whatever_their_order(
    seeds: list[str],
) -> None:
    rows = _rows(seeds)

    found = list(_numbered(rows, repeats=True).seeds)
    again = list(_numbered(rows[::-1], repeats=True).seeds)

    if len({seed or "0" for seed in seeds}) < len(seeds):
        assert sorted(map(int, found)) == [*range(len(seeds))]
    assert found == again[::-1]


def test_text_is_numbered_in_its_order_and_numbers_come_first() -> None:
    numbered = _numbered(_rows(["run b", "10", "run a", "9"]), repeats=False)

    assert (numbered.named, numbered.repeated, numbered.alike) == (4, 0, 0)
    assert list(numbered.seeds) == ["3", "1", "2", "0"]


def test_seeds_that_are_numbers_stay_as_they_are() -> None:
    for repeats in (True, False):
        numbered = _numbered(_rows(["7", "3"]), repeats=repeats)

        assert (numbered.named, numbered.repeated, numbered.alike) == (0, 0, 0)
        assert list(numbered.seeds) == ["7", "3"]
