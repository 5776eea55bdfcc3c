"""Trials as columns say what they say as records."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_bench.cells_csv import canonical
from harness_bench.schema import Record, Status
from sitegen.records import Coded, Records
from tests import strategies
from tests.records import record


@given(strategies.tables(max_size=3))
def test_columns_give_back_their_records(records: list[Record]) -> None:
    columns = Records.of(records)

    assert list(columns) == records
    assert len(columns) == len(records)
    assert tuple(columns.canonical()) == canonical(records)
    assert list(columns.take(np.arange(len(records))[::-1])) == records[::-1]


@given(st.lists(st.sampled_from("cab"), max_size=9), st.data())
def test_a_column_holds_what_some_row_has_and_nothing_twice(
    words: list[str], data: st.DataObject
) -> None:
    values = data.draw(st.permutations([*"abc", "a", "d"]))
    column = Coded.of(np.array([values.index(word) for word in words], int), values)

    assert column.at(np.arange(len(words))) == words
    assert sorted(column.values) == sorted({*words})
    assert column.ordered().values == tuple(sorted({*words}))
    assert column.ordered().at(np.arange(len(words))) == words


def test_integers_stay_exact_and_what_is_not_known_is_no_number() -> None:
    large = 2**63 - 1
    found = Records.of([record(tokens_in=large), record(seed=1, score=0.0)])

    assert found.values("tokens_in") == [large, None]
    assert found.values("score") == [None, 0.0]
    assert np.isnan(found.amounts("tokens_in")).tolist() == [False, True]
    assert np.isnan(found.amounts("energy_wh")).all()


def test_columns_can_be_left_out_and_put_in_the_place_of_others() -> None:
    found = Records.of([record(task="u", hardware="M2"), record(task="t")])
    task = found.coded("task").changed(str.upper)

    assert [r.hardware for r in found.without(["hardware"])] == [None, None]
    assert [r.task for r in found.put("task", task)] == ["U", "T"]


@pytest.mark.parametrize(
    ("names", "groups"), [(("model",), [1, 0, 1]), (("model", "seed"), [2, 0, 1])]
)
def test_groups_are_in_the_order_of_their_values(
    names: tuple[str, ...], groups: list[int]
) -> None:
    found = Records.of(
        [record("n//h", seed=9), record(seed=5), record("n//h", status=Status.FAIL)]
    )

    assert found.groups(*names).tolist() == groups
