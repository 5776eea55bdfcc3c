"""Which numbers are withheld, because with the others they would give cells away."""

from collections.abc import Iterable

from harness_bench.schema import Record
from sitegen.keys import ComboKey, GroupKey, HarnessKey, Key, QuantKey, TaskKey
from sitegen.leaks import WHOLE, Cells, Told, safe
from sitegen.policy import Policy
from sitegen.stats.results import ToldByTotals, results
from tests.records import grid, record

A, B = ComboKey("a", "", "h"), ComboKey("b", "", "h")


def cells_of(records: Iterable[Record], **languages: str) -> Cells:
    told = {"language": languages} if languages else None
    return Cells.of(results(list(records), Policy(), default_sweep=None, told=told))


def all_of(cells: Cells, *numbers: tuple[Key, Key | str]) -> Told:
    return Told(
        combos=frozenset(cells.combos),
        tasks=frozenset(cells.tasks),
        numbers=frozenset(numbers),
    )


def test_a_cell_in_two_sweeps_is_one_cell_that_is_known_in_both_or_in_none() -> None:
    swept = [record("a//h", "t", sweep=s, seed=i) for i, s in enumerate(("x", "y", ""))]
    cells = cells_of(swept)
    assert [*zip(cells.sweeps, cells.trials.tolist(), strict=True)] == [
        ("x", 1),
        ("y", 1),
        (None, 1),
    ]
    assert cells.count(cells.combos) == {A: 1}
    assert cells.count(cells.sweeps) == {"x": 1, "y": 1, None: 1}
    assert cells.distinct(cells.trials > 0) == 1
    assert cells.distinct(cells.passed * 0 + [1, 0, 1] > 0) == 0


def test_totals_of_all_or_nothing_are_told_and_what_follows_from_them() -> None:
    cells = cells_of(grid({"a//h": {"s": "+", "t": "+"}, "b//h": {"s": "+", "t": "-"}}))
    kept, told = safe(cells, all_of(cells))
    assert kept == all_of(cells)
    assert told == ToldByTotals(cells=4, by_totals=4, by_groups=0)


def test_a_total_that_is_not_told_leaves_its_cells_open() -> None:
    cells = cells_of(grid({"a//h": {"s": "+", "t": "-"}, "b//h": {"s": "+", "t": "-"}}))
    nothing = Told(combos=frozenset(), tasks=frozenset())
    assert safe(cells, nothing)[1].by_totals == 0
    combos = Told(combos=frozenset(cells.combos), tasks=frozenset())
    assert safe(cells, combos)[1].by_totals == 0
    assert safe(cells, all_of(cells))[1].by_totals == 4


def test_a_number_that_is_a_cell_is_withheld_and_a_larger_one_told() -> None:
    marks = {"s": "+", "t": "-"}, {"s": "-", "t": "+"}
    cells = cells_of(
        grid({f"{m}//h{i}": marks[(i + (m == "b")) % 2] for m in "ab" for i in (0, 1)})
    )
    by_model = [(QuantKey(m, ""), TaskKey(t)) for m in "ab" for t in "st"]
    by_harness = [(HarnessKey(f"h{i}"), TaskKey(t)) for i in (0, 1) for t in "st"]
    kept, told = safe(cells, all_of(cells, *by_model, *by_harness))
    # Of each model one cell passed and one failed. With harnesses too, all follows.
    assert kept.numbers == {*by_model}
    assert told == ToldByTotals(cells=8, by_totals=0, by_groups=0)
    assert safe(cells, all_of(cells, *by_harness))[0].numbers == {*by_harness}


def test_what_passed_or_failed_whole_is_told_and_counted() -> None:
    cells = cells_of(
        grid({f"{m}//h{i}": {"s": "+-"[m == "b"], "t": "-+"[m == "b"]}
              for m in "ab" for i in (0, 1)})
    )  # fmt: skip
    by_model = [(QuantKey(m, ""), TaskKey(t)) for m in "ab" for t in "st"]
    kept, told = safe(cells, all_of(cells, *by_model))
    assert kept.numbers == {*by_model}
    assert told == ToldByTotals(cells=8, by_totals=0, by_groups=8)


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
    kept, _ = safe(cells, all_of(cells, *numbers))
    # Of b one combo ran: its numbers are cells, and so is what the others would leave.
    assert {key for key, _ in kept.numbers} == {QuantKey("a", "")}


def test_parts_of_a_combo_or_task_are_withheld_where_they_are_cells() -> None:
    first = grid({"a//h": {"s": "+-"}, "b//h": {"s": "-+"}}, sweep="x")
    second = grid({"a//h": {"t": "-+"}, "b//h": {"t": "+-"}}, sweep="y")
    cells = cells_of([*first, *second])
    numbers = [(key, s) for key in (A, B) for s in "xy"]
    assert safe(cells, all_of(cells, *numbers))[0].numbers == set()
    # Of a task all is in one sweep: nothing new.
    tasks = [(TaskKey("s"), "x"), (TaskKey("t"), "y")]
    assert safe(cells, all_of(cells, *tasks))[0].numbers == {*tasks}


def test_groups_of_tasks_are_told_of_combos_unless_they_are_cells() -> None:
    combos = {f"{m}//h": dict.fromkeys("123456", "+-") for m in "ab"}
    two = {task: "x" if task in "1234" else "y" for task in "123456"}
    one = {task: "x" if task == "1" else "y" for task in "123456"}
    for languages, kept in ((two, True), (one, False)):
        cells = cells_of(grid(combos), **languages)
        numbers = [(key, GroupKey("language", "x")) for key in (A, B)]
        found = safe(cells, all_of(cells, *numbers))[0].numbers
        assert bool(found) == kept


def test_what_is_left_of_hidden_combos_is_told_unless_it_is_a_cell() -> None:
    marks = {"s": "+", "t": "-"}, {"s": "-", "t": "+"}
    cells = cells_of(
        grid({f"{m}//h{i}": marks[(i + (m == "b")) % 2] for m in "ab" for i in (0, 1)})
    )
    hidden = Told(
        combos=frozenset(),
        tasks=frozenset(cells.tasks),
        numbers=frozenset((QuantKey(m, ""), WHOLE) for m in "ab"),
    )
    kept, told = safe(cells, hidden)
    assert kept == hidden
    assert told.by_totals + told.by_groups == 0
    alone = cells_of(grid({"a//h": {"s": "+"}, "b//h": {"s": "-"}}))
    whole = Told(
        combos=frozenset(),
        tasks=frozenset(alone.tasks),
        numbers=frozenset((QuantKey(m, ""), WHOLE) for m in "ab"),
    )
    # Of each a single cell.
    kept, told = safe(alone, whole)
    assert kept.numbers == frozenset()
    assert told == ToldByTotals(cells=2, by_totals=0, by_groups=0)
