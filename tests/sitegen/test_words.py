"""Sentences made from numbers."""

from sitegen.names import Entity
from sitegen.words import Run, entity, link, strong, words


def test_a_number_keeps_its_unit_beside_it() -> None:
    (run,) = words("passed 82.5 % in 474 s of 2.0 h, with 27 B of 3 bits")
    assert (
        run.text == "passed 82.5\xa0% in 474\xa0s of 2.0\xa0h, with 27\xa0B of 3 bits"
    )


def test_names_in_a_sentence_are_left_as_they_are() -> None:
    assert words(strong("Qwen 3 B")) == (Run(text="Qwen 3 B", strong=True),)


def test_empty_text_leaves_no_run() -> None:
    assert words("", "a", "") == (Run(text="a"),)
    assert words() == ()


def test_an_entity_is_called_by_its_full_name_and_linked() -> None:
    named = Entity(label="M", quant="Q4", href="models/m.html")
    assert entity(named) == Run(text="M Q4", href="models/m.html")
    assert link("here", "data.html") == Run(text="here", href="data.html")
