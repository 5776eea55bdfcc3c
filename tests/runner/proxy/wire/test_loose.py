"""A request that was changed is the changed request, however it was written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.proxy.wire.loose import parsed, rewritten

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
    assert parsed(rewritten(text.encode(encoding), before, after)) == after


@pytest.mark.parametrize("raw", [b'{"a": 1.50, "b": "\xc3\xbc"}', b' {"a" :1.5}\n'])
def test_what_the_harness_wrote_stays_as_it_was_written(raw: bytes) -> None:
    before = parsed(raw)
    assert isinstance(before, dict)
    longer = rewritten(raw, before, {**before, "seed": 3})
    assert longer == raw.strip()[:-1] + b',"seed":3}'
    assert rewritten(raw, before, before) == raw
