"""What is written, and what is not; tests/sitegen/test_parsed.py reads it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_bench.cells_csv import write
from harness_bench.errors import SchemaError
from harness_bench.schema import COLUMNS, Record, Status
from sitegen.parsed import read
from tests.strategies import ODD_NAMES, tables


@given(tables())
def test_what_is_written_is_read_back(records: list[Record]) -> None:
    assert set(read(write(records))) == set(records)


@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_records_does_not_change_the_file(
    records: list[Record], shuffler: random.Random
) -> None:
    shuffled = list(records)
    shuffler.shuffle(shuffled)

    assert write(shuffled) == write(records)


def test_every_odd_name_comes_back_as_it_was() -> None:
    records = [
        Record(model=name, harness=name, task=name, passed=True) for name in ODD_NAMES
    ]

    assert sorted(r.model for r in read(write(records))) == sorted(ODD_NAMES)


def test_the_header_does_not_depend_on_the_rows() -> None:
    header = ",".join(column.name for column in COLUMNS)

    assert write([]) == f"{header}\n".encode()
    assert write([Record(model="m", harness="h", task="t", passed=True)]).startswith(
        f"{header}\n,m,,h,,t,0,,1,".encode()
    )


@pytest.mark.parametrize(
    "record",
    [
        Record(model="", harness="h", task="t", passed=True),
        Record(model=" m", harness="h", task="t", passed=True),
        Record(model="m\n", harness="h", task="t", passed=True),
        Record(model="m\0", harness="h", task="t", passed=True),
        Record(model="\ud800", harness="h", task="t", passed=True),
        Record(model="m" * 200_000, harness="h", task="t", passed=True),
        Record(model="m", harness="h", task="t", passed=True, hardware=""),
        Record(model="m", harness="h", task="t", passed=True, score=float("nan")),
        Record(model="m", harness="h", task="t", passed=True, status=Status.FAIL),
        Record(model="m", harness="h", task="t"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(record: Record) -> None:
    with pytest.raises(SchemaError):
        write([record])


def test_one_key_is_not_written_twice() -> None:
    record = Record(model="m", harness="h", task="t", passed=True)

    with pytest.raises(SchemaError, match="the row has the same sweep"):
        write([record, record])
