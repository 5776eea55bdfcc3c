"""Seeds for repeats that have none."""

from hypothesis import given
from hypothesis import strategies as st

from sitegen.repeats import Numbered, number

Row = dict[str, str]


def _rows(seeds: list[str]) -> list[tuple[Row, Row]]:
    return [
        ({"task": "t", "seed": seed}, {"seed": seed, "note": str(place)})
        for place, seed in enumerate(seeds)
    ]


@given(st.lists(st.sampled_from(["", "0", "3", "a", "b"]), min_size=1, max_size=8))
def test_repeats_get_the_first_whole_numbers_whatever_their_order(
    seeds: list[str],
) -> None:
    rows, again = _rows(seeds), _rows(seeds)[::-1]

    number(rows, repeats=True)
    number(again, repeats=True)

    if len({seed or "0" for seed in seeds}) < len(seeds):
        assert sorted(int(ours["seed"]) for ours, _ in rows) == [*range(len(seeds))]
    by_note = {theirs["note"]: ours["seed"] for ours, theirs in rows}
    assert by_note == {theirs["note"]: ours["seed"] for ours, theirs in again}


def test_text_is_numbered_in_its_order_and_numbers_come_first() -> None:
    rows = _rows(["run b", "10", "run a", "9"])

    assert number(rows, repeats=False) == Numbered(named=4)
    assert [ours["seed"] for ours, _ in rows] == ["3", "1", "2", "0"]


def test_seeds_that_are_numbers_stay_as_they_are() -> None:
    rows = _rows(["7", "3"])

    assert number(rows, repeats=True) == number(rows, repeats=False) == Numbered()
    assert [ours["seed"] for ours, _ in rows] == ["7", "3"]
