"""A request that was changed is the changed request, however it was written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.proxy.wire.loose import Table, parsed
from runner.proxy.wire.written import written

VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())
TABLES = st.dictionaries(st.text(max_size=2), VALUES, max_size=5)


@given(
    before=TABLES,
    after=TABLES,
    keeps=st.booleans(),
    indent=st.none() | st.integers(0, 2),
    around=st.text(" \n", max_size=2),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"]),
)
def test_the_text_says_what_the_object_is(
    *,
    before: dict[str, object],
    after: dict[str, object],
    keeps: bool,
    indent: int | None,
    around: str,
    encoding: str,
) -> None:
    after = {**after, **before} if keeps else after
    text = around + json.dumps(before, indent=indent, ensure_ascii=False) + around
    raw = text.encode(encoding)
    assert parsed(raw) == before
    assert parsed(changed(raw, after)) == after


def changed(raw: bytes, after: Table) -> bytes:
    """Its text with those fields; what is equal is what it was."""
    before = written(raw)
    assert before is not None
    same = {key: before.fields[key] for key in after if key in before.fields}
    kept = {key: value for key, value in same.items() if value == after[key]}
    return before.rewritten(after | kept)


@pytest.mark.parametrize("raw", [b'{"a": 1.50, "b": "\xc3\xbc"}', b' {"a" :1.50}\n'])
def test_what_the_harness_wrote_stays_as_it_was_written(raw: bytes) -> None:
    before = parsed(raw)
    assert isinstance(before, dict)
    longer = changed(raw, {**before, "seed": 3})
    assert longer == (
        b'{"a":1.50,"b":"\xc3\xbc","seed":3}'
        if "b" in before
        else b'{"a":1.50,"seed":3}'
    )


def test_of_two_values_of_one_name_the_last_holds_and_goes_on_alone() -> None:
    assert changed(b'{"a":1,"b":2,"a":3}', {"a": 3, "b": 2}) == b'{"a":3,"b":2}'
    assert changed(b'{"a":1,"\\u0061":3}', {"a": 3}) == b'{"a":3}'


@given(st.text('{}[]:,"a1 \n', max_size=12))
def test_an_object_is_read_where_there_is_one_and_nowhere_else(said: str) -> None:
    value = parsed(said)
    found = written(said.encode())
    assert (found.fields if found else None) == (
        value if isinstance(value, dict) else None
    )


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{", b'{"a"}', b'{"a":1,}', b"{}{}", b"\xff", b"[" * 100_000]
)
def test_what_is_no_object_is_none(raw: bytes) -> None:
    assert written(raw) is None
