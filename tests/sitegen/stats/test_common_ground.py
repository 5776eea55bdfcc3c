"""Who is ranked on what: by what was run, never by how it came out."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sitegen.stats.common_ground import common_ground, complete, shared_partners

MOST = Fraction(9, 10)


def grid(*rows: str) -> np.ndarray:
    """One row an entry: # ran, . did not."""
    return np.array([[cell == "#" for cell in row] for row in rows])


def test_where_all_ran_everything_all_are_ranked_on_everything() -> None:
    ground = common_ground(grid("###", "###"), MOST)
    assert ground.ranked.all()
    assert ground.shared.all()


def test_one_missing_task_of_many_costs_the_task_and_not_the_entry() -> None:
    ran = np.ones((5, 20), dtype=np.bool_)
    ran[2, 7] = False
    ground = common_ground(ran, MOST)
    assert ground.ranked.all()
    assert np.flatnonzero(~ground.shared).tolist() == [7]


def test_who_lacks_many_tasks_is_set_apart() -> None:
    ground = common_ground(grid("##########", "##########", "######...."), MOST)
    assert ground.ranked.tolist() == [True, True, False]
    assert ground.shared.all()


def test_a_task_that_few_ran_is_none_of_the_scope() -> None:
    ground = common_ground(grid("####", "###.", "###.", "###."), MOST)
    assert ground.ranked.all()
    assert ground.shared.tolist() == [True, True, True, False]


def test_of_equals_the_last_by_name_goes() -> None:
    ground = common_ground(grid("####", "####", "###.", ".###"), Fraction(1))
    assert ground.ranked.tolist() == [True, True, False, False]
    ground = common_ground(grid("####", "####", "###.", ".###"), Fraction(3, 4))
    assert ground.ranked.tolist() == [True, True, True, False]


def test_the_one_goes_without_whom_most_is_shared_though_others_lack_more() -> None:
    two = "#..#######"
    ran = grid("#" * 10, "#" * 10, "#" * 10, ".#########", two, two)
    ground = common_ground(ran, Fraction(8, 10))
    assert ground.ranked.tolist() == [True, True, True, False, True, True]
    assert np.flatnonzero(~ground.shared).tolist() == [1, 2]


def test_an_outsider_with_tasks_of_its_own_changes_nothing() -> None:
    inside = common_ground(grid("####....", "####....", "###....."), MOST)
    both = common_ground(grid("####....", "####....", "###.....", "....####"), MOST)
    assert both.ranked[:3].tolist() == inside.ranked.tolist()
    assert not both.ranked[3]
    assert both.shared.tolist() == inside.shared.tolist()


def test_many_outsiders_that_share_nothing_change_nothing() -> None:
    ran = np.zeros((9, 12), dtype=np.bool_)
    ran[:2, :4] = True
    for row in range(2, 9):
        ran[row, 2 + row] = True
    ground = common_ground(ran, MOST)
    assert ground.ranked.tolist() == [True, True] + [False] * 7
    assert np.flatnonzero(ground.shared).tolist() == [0, 1, 2, 3]


def test_of_two_scopes_the_one_of_more_entries_counts_however_little_they_ran() -> None:
    few_tasks = grid("#.....", "#.....", "#.....", ".#####", ".#####")
    ground = common_ground(few_tasks, MOST)
    assert ground.ranked.tolist() == [True, True, True, False, False]
    assert ground.shared.tolist() == [True] + [False] * 5


def test_where_everyone_misses_another_tenth_nobody_is_ranked() -> None:
    ran = ~np.eye(10, dtype=np.bool_)
    ground = common_ground(ran, Fraction(95, 100))
    assert not ground.ranked.any()
    assert not ground.shared.any()


@given(st.data())
def test_all_that_are_ranked_ran_all_that_is_shared(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(st.integers(1, 8), st.integers(1, 12)))
    cells = data.draw(
        st.lists(st.booleans(), min_size=shape[0] * shape[1], max_size=96)
    )
    ran = np.array(cells[: shape[0] * shape[1]]).reshape(shape)
    ground = common_ground(ran, MOST)
    assert ran[np.ix_(ground.ranked, ground.shared)].all()
    assert int(ground.ranked.sum()) != 1
    if ground.ranked.any():
        assert int(ground.shared.sum()) >= MOST * int(ground.wanted.sum())


def test_models_that_met_unlike_harnesses_are_compared_on_those_all_met() -> None:
    models, harnesses = shared_partners(grid("#....", "#####"))
    assert models.all()
    assert harnesses.tolist() == [True, False, False, False, False]


def test_a_model_that_met_one_harness_of_five_is_set_apart_from_the_rest() -> None:
    models, harnesses = shared_partners(grid("#####", "#####", "#####", "#...."))
    assert models.tolist() == [True, True, True, False]
    assert harnesses.all()


def test_where_half_met_more_nobody_is_dropped_for_more_harnesses() -> None:
    met = grid("##.....", "##.....", "#######", "#######")
    models, harnesses = shared_partners(met)
    assert models.all()
    assert harnesses.tolist() == [True, True] + [False] * 5


def test_models_each_in_a_harness_of_its_own_share_none() -> None:
    models, harnesses = shared_partners(np.eye(5, dtype=np.bool_))
    assert not models.any()
    assert not harnesses.any()


def test_complete_are_those_who_ran_all_that_anybody_ran() -> None:
    ground = complete(grid("##.", "#..", "##."))
    assert ground.ranked.tolist() == [True, False, True]
    assert ground.shared.tolist() == [True, True, False]
    assert not complete(grid("..", "..")).ranked.any()
