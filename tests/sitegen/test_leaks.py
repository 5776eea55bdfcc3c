"""Which numbers are withheld, because with the others they would give cells away."""

from collections.abc import Iterable

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from harness_bench.schema import Record
from sitegen.keys import ComboKey, GroupKey, HarnessKey, Key, QuantKey, TaskKey
from sitegen.leaks import EVERYWHERE, Cells, Numbers, safe
from sitegen.policy import Policy
from sitegen.stats.results import ToldByTotals, results
from tests.records import grid, record

A, B = ComboKey("a", "", "h"), ComboKey("b", "", "h")


def cells_of(records: Iterable[Record], **languages: str) -> Cells:
    told = {"language": languages} if languages else None
    return Cells.of(results(list(records), Policy(), default_sweep=None, told=told))


LEAST = 2


def beside(kept: Numbers) -> set[tuple[Key, Key | str]]:
    """What is told but totals."""
    return {(key, of) for key, of in kept if of != EVERYWHERE}


def all_of(cells: Cells, *numbers: tuple[Key, Key | str]) -> Numbers:
    return frozenset(
        [*((key, EVERYWHERE) for key in (*cells.combos, *cells.tasks)), *numbers]
    )


def test_a_cell_in_two_sweeps_is_one_cell_that_is_known_in_both_or_in_none() -> None:
    swept = [record("a//h", "t", sweep=s, seed=i) for i, s in enumerate(("x", "y", ""))]
    cells = cells_of(swept)
    assert [*zip(cells.sweeps, cells.trials.tolist(), strict=True)] == [
        ("x", 1),
        ("y", 1),
        (None, 1),
    ]
    assert cells.passed.tolist() == [1, 1, 1]
    assert cells.count(cells.combos) == {A: 1}
    assert cells.count(cells.sweeps) == {"x": 1, "y": 1, None: 1}
    assert cells.distinct(cells.trials > 0) == 1
    assert cells.distinct(cells.passed * 0 + [1, 0, 1] > 0) == 0


def test_a_cell_in_two_sweeps_is_told_where_each_sweep_alone_would_tell_its_part() -> (
    None
):
    cells = cells_of(
        record(
            f"{model}//h", "t", sweep=sweep, seed=i, passed=(model == "a") == (not i)
        )
        for model in "ab"
        for i, sweep in enumerate("xy")
    )
    combo = np.array([int(key.model == "b") for key in cells.combos])
    sweep = np.array([int(name == "y") for name in cells.sweeps])
    unknown = np.zeros(4, dtype=np.bool_)

    def beyond(columns: NDArray[np.int64], known: NDArray[np.bool_]) -> bool:
        return cells.beyond((sweep, columns), combo, cells.trials, known)

    # Each sum is 1: either sweep may be the one that passed, and both make one pass.
    assert beyond(combo, unknown)
    assert not beyond(combo, ~unknown)
    assert not beyond(0 * combo, unknown)


def test_of_many_cells_one_that_is_told_is_enough() -> None:
    cells = cells_of(
        grid(
            {
                "a//h": {"s": "+", "t": "+"},
                "b//h": {"s": "+", "t": "-"},
                "c//h": {"s": "-", "t": "+"},
            }
        )
    )
    row, column, cell = (
        np.unique(list(map(str, of)), return_inverse=True)[1]
        for of in (
            cells.combos,
            cells.tasks,
            zip(cells.combos, cells.tasks, strict=True),
        )
    )
    by_a = np.array([combo == A for combo in cells.combos])
    for known, told in ((~by_a, True), (by_a & False, True), (by_a, False)):
        assert cells.beyond((row, column), cell, cells.trials, known) == told


def test_sweeps_that_no_number_tells_apart_tell_nothing() -> None:
    cells = cells_of(
        record(f"{model}//h", task, sweep=sweep, passed=(model == "a") == (task == "s"))
        for model in "ab"
        for task, sweep in (("s", "x"), ("t", "y"))
    )
    row = np.array([int(combo == A) for combo in cells.combos])
    column = np.array([int(task.task == "s") for task in cells.tasks])
    unknown = np.zeros(4, dtype=np.bool_)
    cell = np.arange(4)
    assert not cells.beyond((row, column), cell, cells.trials, unknown)
    # Of each combo one cell: all follow.
    assert cells.beyond((2 * row + column, column), cell, cells.trials, unknown)


def test_of_many_cells_one_that_its_sweeps_tell_is_enough() -> None:
    cells = cells_of(
        record(
            f"{model}//h", "t", sweep=sweep, seed=i, passed=(model == "a") == (not i)
        )
        for model, sweeps in (("a", "xy"), ("b", "xy"), ("c", "x"))
        for i, sweep in enumerate(sweeps)
    )
    combo = np.array(["abc".index(key.model) for key in cells.combos])
    sweep = np.array([int(name == "y") for name in cells.sweeps])
    # Nobody else ran in the column of c.
    for known, told in ((combo == 2, True), (combo <= 2, False)):
        assert cells.beyond((sweep, combo), combo, cells.trials, known) == told


def test_totals_of_all_or_nothing_are_told_and_what_follows_from_them() -> None:
    cells = cells_of(grid({"a//h": {"s": "+", "t": "+"}, "b//h": {"s": "+", "t": "-"}}))
    kept, told = safe(cells, all_of(cells), LEAST)
    assert kept == all_of(cells)
    assert told == ToldByTotals(cells=4, by_totals=4, at_most=4, by_groups=0)


def test_a_total_that_is_not_told_leaves_its_cells_open() -> None:
    cells = cells_of(grid({"a//h": {"s": "+", "t": "-"}, "b//h": {"s": "+", "t": "-"}}))
    combos = frozenset((combo, EVERYWHERE) for combo in cells.combos)
    assert safe(cells, frozenset(), 1)[1].by_totals == 0
    assert safe(cells, combos, 1)[1].by_totals == 0
    assert safe(cells, all_of(cells), 1)[1].by_totals == 4


def test_a_total_that_is_not_told_is_granted_to_nobody() -> None:
    cells = cells_of(grid({"a//h": {"s": "+", "t": "-"}, "b//h": {"s": "-", "t": "-"}}))
    # With the totals of b and of t, both nothing, all would follow.
    some = frozenset({(A, EVERYWHERE), (TaskKey("s"), EVERYWHERE)})
    assert safe(cells, some, 1)[1].by_totals == 0


def test_a_number_that_is_a_cell_is_withheld_and_a_larger_one_told() -> None:
    marks = {"s": "+", "t": "-"}, {"s": "-", "t": "+"}
    cells = cells_of(
        grid({f"{m}//h{i}": marks[(i + (m == "b")) % 2] for m in "ab" for i in (0, 1)})
    )
    by_model = [(QuantKey(m, ""), TaskKey(t)) for m in "ab" for t in "st"]
    by_harness = [(HarnessKey(f"h{i}"), TaskKey(t)) for i in (0, 1) for t in "st"]
    kept, told = safe(cells, all_of(cells, *by_model, *by_harness), LEAST)
    # Of each model one cell passed and one failed. With harnesses too, all follows.
    assert beside(kept) == {*by_model}
    assert told == ToldByTotals(cells=8, by_totals=0, at_most=0, by_groups=0)
    assert beside(safe(cells, all_of(cells, *by_harness), LEAST)[0]) == {*by_harness}


def test_what_passed_or_failed_whole_is_told_and_counted() -> None:
    cells = cells_of(
        grid({f"{m}//h{i}": {"s": "+-"[m == "b"], "t": "-+"[m == "b"]}
              for m in "ab" for i in (0, 1)})
    )  # fmt: skip
    by_model = [(QuantKey(m, ""), TaskKey(t)) for m in "ab" for t in "st"]
    kept, told = safe(cells, all_of(cells, *by_model), LEAST)
    assert beside(kept) == {*by_model}
    assert told == ToldByTotals(cells=8, by_totals=0, at_most=0, by_groups=8)


def test_an_entity_that_tells_too_much_somewhere_is_told_nowhere() -> None:
    both = {"s": "++", "t": "--"}, {"s": "--", "t": "++"}
    cells = cells_of(
        grid(
            {
                "a//h0": both[0],
                "a//h1": both[1],
                "b//h0": {"s": "+-", "t": "-+"},
                "c//h0": both[1],
                "c//h1": both[0],
            }
        )
    )
    numbers = [(QuantKey(m, ""), TaskKey(t)) for m in "abc" for t in "st"]
    kept, _ = safe(cells, all_of(cells, *numbers), LEAST)
    # Of b one combo ran: its numbers are cells, and so is what the others would leave.
    assert {key for key, _ in beside(kept)} == {QuantKey("a", "")}


def test_parts_of_a_combo_or_task_are_withheld_where_they_are_cells() -> None:
    first = grid({"a//h": {"s": "+-"}, "b//h": {"s": "-+"}}, sweep="x")
    second = grid({"a//h": {"t": "-+"}, "b//h": {"t": "+-"}}, sweep="y")
    cells = cells_of([*first, *second])
    numbers = [(key, s) for key in (A, B) for s in "xy"]
    assert beside(safe(cells, all_of(cells, *numbers), LEAST)[0]) == set()
    # Of a task all is in one sweep: nothing new.
    tasks = [(TaskKey("s"), "x"), (TaskKey("t"), "y")]
    assert beside(safe(cells, all_of(cells, *tasks), LEAST)[0]) == {*tasks}


def test_groups_of_tasks_are_told_of_combos_unless_they_are_cells() -> None:
    combos = {f"{m}//h": dict.fromkeys("123456", "+-") for m in "ab"}
    two = {task: "x" if task in "1234" else "y" for task in "123456"}
    one = {task: "x" if task == "1" else "y" for task in "123456"}
    for languages, kept in ((two, True), (one, False)):
        cells = cells_of(grid(combos), **languages)
        numbers = [(key, GroupKey("language", "x")) for key in (A, B)]
        found = beside(safe(cells, all_of(cells, *numbers), LEAST)[0])
        assert bool(found) == kept


def test_groups_of_tasks_are_told_task_by_task_where_combos_have_one_of_each() -> None:
    marks = {"s": "+", "t": "-"}, {"s": "-", "t": "+"}
    records = grid(
        {f"{m}//h{i}": marks[(i + (m == "b")) % 2] for m in "ab" for i in (0, 1)}
    )
    cells = cells_of(records, s="x", t="y")
    groups = [GroupKey("language", group) for group in "xy"]
    for keys in (
        [QuantKey(m, "") for m in "ab"],
        [HarnessKey(f"h{i}") for i in (0, 1)],
    ):
        numbers = {(key, group) for key in keys for group in groups}
        assert beside(safe(cells, all_of(cells, *numbers), LEAST)[0]) == numbers


def test_groups_of_tasks_are_told_combo_by_combo_where_tasks_have_one_of_each() -> None:
    cells = cells_of(
        grid({f"{m}//{m}": dict(zip("stuv", marks, strict=True))
              for m, marks in (("a", "+-+-"), ("b", "-+-+"))}),
        s="x", t="x", u="y", v="y",
    )  # fmt: skip
    groups = [GroupKey("language", group) for group in "xy"]
    for keys in ([QuantKey(m, "") for m in "ab"], [HarnessKey(m) for m in "ab"]):
        numbers = {(key, group) for key in keys for group in groups}
        assert beside(safe(cells, all_of(cells, *numbers), LEAST)[0]) == numbers


def test_what_is_left_of_hidden_combos_is_told_unless_it_is_a_cell() -> None:
    marks = {"s": "+", "t": "-"}, {"s": "-", "t": "+"}
    cells = cells_of(
        grid({f"{m}//h{i}": marks[(i + (m == "b")) % 2] for m in "ab" for i in (0, 1)})
    )

    def hidden(of: Cells) -> Numbers:
        told = [*of.tasks, *(QuantKey(m, "") for m in "ab")]
        return frozenset((key, EVERYWHERE) for key in told)

    kept, told = safe(cells, hidden(cells), LEAST)
    assert kept == hidden(cells)
    assert told.by_totals + told.by_groups == 0
    alone = cells_of(grid({"a//h": {"s": "+"}, "b//h": {"s": "-"}}))
    # Of each a single cell.
    kept, told = safe(alone, hidden(alone), LEAST)
    assert kept == {(TaskKey("s"), EVERYWHERE)}
    assert told == ToldByTotals(cells=2, by_totals=0, at_most=0, by_groups=0)


def test_where_cells_ran_three_numbers_of_times_the_count_has_two_bounds() -> None:
    one, other = {"s": "+", "t": "+-", "u": "++-"}, {"s": "-", "t": "+-", "u": "+--"}
    cells = cells_of(grid({"a//h": one, "b//h": other}))
    told = safe(cells, all_of(cells), 1)[1]
    assert (told.by_totals, told.at_most) == (0, 6)
    assert "0 to 6 follow" in told.said
    # Two numbers of times are told apart by the passes and the rate.
    two = cells_of(grid({"a//h": {"s": "+", "t": "--"}, "b//h": {"s": "+", "t": "--"}}))
    assert safe(two, all_of(two), 1)[1].by_totals == 4


def test_a_number_of_few_cells_is_withheld_with_what_would_leave_few() -> None:
    marks = {"s": "+", "t": "-"}, {"s": "-", "t": "+"}
    harnesses = {"a": 2, "b": 4, "c": 4}
    cells = cells_of(
        grid(
            {f"{m}//h{i}": marks[i % 2] for m, n in harnesses.items() for i in range(n)}
        )
    )
    numbers = [(QuantKey(m, ""), TaskKey(t)) for m in "abc" for t in "st"]
    told = {
        least: {
            key for key, _ in beside(safe(cells, all_of(cells, *numbers), least)[0])
        }
        for least in (2, 3, 5)
    }
    # Two cells of a are too few for three: without c, they hide among six.
    assert told == {
        2: {QuantKey(m, "") for m in "abc"},
        3: {QuantKey("b", "")},
        5: set(),
    }


# Against all tables that there are.

places = st.tuples(*map(st.sampled_from, ("ab", ("h0", "h1", "h2"), "stuv")))


@given(
    passed=st.dictionaries(places, st.booleans(), min_size=4, max_size=11),
    least=st.integers(1, 3),
    swept=st.booleans(),
)
@settings(max_examples=40)
def test_all_that_is_told_fixes_no_cell_but_those_that_are_counted(
    passed: dict[tuple[str, str, str], bool], least: int, *, swept: bool
) -> None:
    where = {"h0": "x", "h1": "y", "h2": "x"} if swept else {}
    languages = {"s": "c", "t": "c", "u": "go", "v": "go"}
    cells = cells_of(
        (
            record(f"{m}//{h}", t, passed=did, sweep=where.get(h, ""))
            for (m, h, t), did in passed.items()
        ),
        **languages,
    )
    kinds = (QuantKey, HarnessKey, ComboKey, TaskKey)
    own = {kind: cells.part(kind) for kind in kinds}
    groups = cells.group("language") if cells.columns else []
    members: dict[tuple[Key, Key | str], NDArray[np.bool_]] = {}
    for keys in own.values():
        for of in ([EVERYWHERE] * len(keys), cells.tasks, cells.sweeps, groups):
            for place, (key, one) in enumerate(zip(keys, of, strict=False)):
                if one is not None and not isinstance(key, type(one)):
                    none = np.zeros(len(keys), np.bool_)
                    members.setdefault((key, one), none)[place] = True
    tables = (
        np.arange(2 ** len(cells.tasks))[:, None] >> np.arange(len(cells.tasks))
    ) & 1

    def same(numbers: Iterable[tuple[Key, Key | str]]) -> NDArray[np.bool_]:
        fits = np.ones(len(tables), np.bool_)
        for number in numbers:
            sums = tables[:, members[number]].sum(axis=1)
            fits &= sums == cells.passed[members[number]].sum()
        fixed: NDArray[np.bool_] = (tables[fits] == cells.passed).all(axis=0)
        return fixed

    kept, told = safe(cells, frozenset(members), least)
    totals = all_of(cells)
    assert totals <= kept
    by_totals = same(totals)
    assert told.cells == len(passed)
    assert told.by_totals == by_totals.sum()
    assert (same(kept) & ~by_totals).sum() <= told.by_groups
    if least == 1:
        parts = {(key, EVERYWHERE) for kind in kinds for key in own[kind]}
        assert parts <= kept, "sums of combos that are told"
