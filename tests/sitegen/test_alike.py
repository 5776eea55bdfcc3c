"""Names that a reader would take for one."""

import pytest

from sitegen.alike import alike


def _found(*models: str) -> dict[str, list[tuple[str, ...]]]:
    return alike({"model": models, "task": {"t"}})


@pytest.mark.parametrize(
    "other", ["M-1.5b", "m 1.5B", "m\u20111.5b", "m-\u200b1.5b", "p/m-1.5b", "m_1-5b"]
)
def test_a_second_spelling_is_found(other: str) -> None:
    assert _found("m-1.5b", other) == {"model": [tuple(sorted(("m-1.5b", other)))]}


@pytest.mark.parametrize("other", ["m-15b", "m-1.5", "n-1.5b", "m-1.5bb", "+", ""])
def test_another_name_is_another_name(other: str) -> None:
    assert _found("m-1.5b", other or "-") == {}


def test_names_of_punctuation_alone_are_not_one() -> None:
    assert _found("+", "-", "c++", "c#") == {"model": [("c#", "c++")]}
