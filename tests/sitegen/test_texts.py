"""Columns of text."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sitegen.texts import Texts, TextsBuilder, firsts, grouped, members, stacked

WORDS = st.lists(st.sampled_from(["", " ", "a", "b", "NA"]), max_size=9)


@given(WORDS)
def test_a_column_gives_back_its_texts(words: list[str]) -> None:
    texts = Texts.of(words)

    assert list(texts) == words
    assert len(texts) == len(words)
    assert dict(texts.counted()) == {word: words.count(word) for word in words}


@given(WORDS, WORDS)
def test_columns_below_one_another_are_one_column(
    above: list[str], below: list[str]
) -> None:
    assert list(stacked([Texts.of(above), Texts.of(below)])) == above + below


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), max_size=9))
def test_a_builder_keeps_rows_as_columns_and_equal_rows_are_a_group(
    rows: list[tuple[str, str]],
) -> None:
    builder = TextsBuilder(2)
    builder.add(rows[:3])
    builder.add(rows[3:])
    left, right = builder.columns()

    assert list(zip(left, right, strict=True)) == rows
    groups = grouped([(left.codes, left.words), (right.codes, right.words)])
    once = list(dict.fromkeys(rows))
    assert [once[group] for group in groups] == rows
    assert [rows[row] for row in firsts(groups)] == once
    rows_of = members(groups)
    for group, row in enumerate(once):
        assert [rows[each] for each in rows_of(group)] == [row] * rows.count(row)


def test_a_text_is_changed_once_with_the_count_of_its_rows() -> None:
    asked = []

    def change(text: str, count: int) -> str:
        asked.append((text, count))
        return text.upper()

    texts = Texts.of(["a", "b", "a"])

    assert list(texts.changed(change)) == ["A", "B", "A"]
    assert asked == [("a", 2), ("b", 1)]
    assert list(texts.put(texts.where("a".__eq__), "x")) == ["x", "b", "x"]
    kept = texts.kept(np.array([True, False, False]))
    assert list(kept.changed(change)) == ["A"]
    assert asked[2:] == [("a", 1)]
