"""What statistics mean is said so that people can read it."""

import re

import pytest

from sitegen.definitions import DEFINITIONS
from sitegen.words import text_of


@pytest.mark.parametrize("anchor", DEFINITIONS)
def test_a_definition_is_made_of_sentences_and_shouts_none(anchor: str) -> None:
    text = text_of(DEFINITIONS[anchor].text)
    assert text[0] == text[0].upper()
    assert text.endswith(".")
    assert not re.search(r"[A-Z]{2,} [A-Z]{2,}", text)
