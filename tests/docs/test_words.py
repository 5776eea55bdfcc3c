"""The words of the documentation are explained, and the tutorials need few of them."""

import re
from pathlib import Path

import pytest

from tests.docs.documents import ROOT, prose

TUTORIALS = ROOT / "docs" / "tutorials"
WORDS = ROOT / "docs" / "explanation" / "words.md"
A_VERB_TOO = {"run"}
"""One model ran in two harnesses, or is run."""


def explained() -> dict[str, list[str]]:
    """The words of each section."""
    parts = re.split(r"^## (.+)$", WORDS.read_text("utf-8"), flags=re.MULTILINE)
    return {
        title: re.findall(r"^- \*\*([^*]+)\*\*: \S", text, re.MULTILINE)
        for title, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def used(words: list[str], page: Path) -> list[str]:
    """Those of the words that a page has, in one number or the other."""
    text = prose(page).lower()
    return [word for word in words if re.search(rf"\b{word}(e?s)?\b", text)]


def test_eight_words_do_for_a_first_site_and_eight_more_for_a_first_run() -> None:
    site, run, rest = explained().values()
    assert (len(site), len(run)) == (8, 8)
    every = [*site, *run, *rest]
    assert len(every) == len(set(every))


@pytest.mark.parametrize(("page", "sections"), [("first-site", 1), ("first-run", 2)])
def test_a_tutorial_uses_no_other_special_words(page: str, sections: int) -> None:
    later = [word for each in list(explained().values())[sections:] for word in each]
    found = set(used(later, TUTORIALS / f"{page}.md")) - A_VERB_TOO
    assert found == set()


def test_the_words_of_the_first_run_are_those_that_its_tutorial_needs() -> None:
    _, run, _ = explained().values()
    assert used(run, TUTORIALS / "first-run.md") == run


def test_there_are_three_tutorials() -> None:
    named = {"first-site", "first-run", "notebook"}
    assert {path.stem for path in TUTORIALS.iterdir()} == named
