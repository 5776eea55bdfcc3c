"""Links of the documentation lead somewhere, and settings in it are settings."""

import re
from pathlib import Path

import pytest

from sitegen.claims import read_claims
from sitegen.config import read_settings
from sitegen.gate.public import allowed
from tests.docs.documents import NAMES, ROOT, anchors, blocks, links


@pytest.mark.parametrize("name", NAMES)
def test_every_relative_link_leads_to_a_file_and_a_heading(name: str) -> None:
    page = ROOT / name
    for target in links(page):
        if target.startswith(("https://", "http://")):
            continue
        path, _, fragment = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), f"{name}: {target}"
        assert found.is_relative_to(ROOT), f"{name}: {target}"
        if fragment:
            assert fragment in anchors(found), f"{name}: {target}"


def test_every_page_of_docs_is_reached_from_its_index() -> None:
    index = ROOT / "docs" / "README.md"
    reached, waiting = {index}, [index]
    while waiting:
        page = waiting.pop()
        for target in links(page):
            found = (page.parent / target.partition("#")[0]).resolve()
            if found.suffix == ".md" and found.is_file() and found not in reached:
                reached.add(found)
                waiting.append(found)
    assert set((ROOT / "docs").rglob("*.md")) <= reached


@pytest.mark.parametrize("name", NAMES)
def test_every_toml_block_for_a_site_can_be_read(name: str, tmp_path: Path) -> None:
    others = ("[project", "[task]", "[pack]", "[run]", "[[model]]", "[[harness]]")
    for block in blocks(ROOT / name):
        if block.language == "toml" and not any(word in block.text for word in others):
            path = tmp_path / "site.toml"
            (tmp_path / "claims.toml").touch()
            path.write_text(block.text, encoding="utf-8")
            if "[[claim]]" in block.text:
                assert read_claims(path)
            elif "[[allow]]" in block.text:
                assert allowed(path)
            else:
                assert read_settings(path).path == path


def test_settings_quoted_from_a_real_table_are_its_settings() -> None:
    quoted = [
        block.text
        for block in blocks(ROOT / "docs" / "how-to" / "bring-a-foreign-table.md")
        if block.language == "toml" and not block.file
    ]
    real = [
        path.read_text(encoding="utf-8")
        for path in (ROOT / "tests" / "data" / "real").glob("*.site.toml")
    ]
    assert quoted
    for text in quoted:
        assert any(text in settings for settings in real), text


def test_no_page_holds_an_unfinished_word() -> None:
    for name in NAMES:
        text = (ROOT / name).read_text(encoding="utf-8")
        for word in ("TODO", "FIXME", "XXX", "lorem"):
            assert word not in text, name


def test_decisions_have_their_parts_and_count_without_a_gap() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
    assert [int(path.name[:4]) for path in pages] == list(range(1, len(pages) + 1))
    parts = ("Context", "Options", "Decision", "Consequences", "What would change")
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(path.name[:4])}. ")
        if path in replaced(pages):
            continue
        places = [text.find(f"**{part}") for part in parts]
        assert -1 not in places, path.name
        assert places == sorted(places), path.name


def test_a_replaced_decision_says_only_which_later_one_holds() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
    found = replaced(pages)
    for path, (number, file) in found.items():
        later = path.with_name(file)
        assert later in pages, path.name
        assert int(file[:4]) == int(number) > int(path.name[:4])
        assert later not in found, path.name
    assert found, "nothing is looked at"


def replaced(pages: list[Path]) -> dict[Path, tuple[str, str]]:
    """The pages of a title and a line that names a later decision."""
    line = re.compile(r"# .+\n\nReplaced by \[decision (\d+)\]\(([^)]+)\)\.\n")
    texts = {path: line.fullmatch(path.read_text(encoding="utf-8")) for path in pages}
    return {path: (text[1], text[2]) for path, text in texts.items() if text}
