"""Neither what is told nor what is hidden beside it is small."""

from hypothesis import given
from hypothesis import strategies as st

from sitegen.suppression import shown

many = st.dictionaries(st.integers(0, 20), st.integers(1, 12), max_size=10)


@given(many, st.integers(1, 8), st.integers(0, 9))
def test_neither_a_group_nor_the_hidden_rest_is_small(
    sizes: dict[int, int], least: int, outside: int
) -> None:
    kept = shown(sizes, least, outside)
    assert all(sizes[key] >= least for key in kept)
    rest = outside + sum(sizes.values()) - sum(sizes[key] for key in kept)
    assert rest == 0 or rest >= least or not kept


def test_the_smallest_group_joins_what_would_be_too_small_a_rest() -> None:
    def kept(*sizes: int) -> set[int]:
        return shown(dict(enumerate(sizes)), 5)

    assert kept(9, 6, 8, 2) == {0, 2}
    assert kept(6, 2) == set()
    assert kept(6, 5) == {0, 1}
    assert kept(6, 3, 2) == {0}


def test_of_equal_groups_the_first_by_name_joins_the_rest_in_every_process() -> None:
    groups = {f"k{i:02d}": 5 for i in range(40)}
    assert shown(groups | {"z": 1}, 5) == groups.keys() - {"k00"}
