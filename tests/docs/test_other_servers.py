"""The run.toml of each server is as short as the page says, and right."""

import pytest

from runner.models.endpoint import ServedElsewhere
from runner.spec import read_spec
from tests.docs.documents import ROOT, Block, blocks

PAGE = ROOT / "docs" / "how-to" / "other-servers.md"
SETTINGS = [block for block in blocks(PAGE) if block.language == "toml"]


def test_each_of_the_four_servers_has_one() -> None:
    assert len(SETTINGS) == PAGE.read_text().count("**") // 2 == 4


@pytest.mark.parametrize("block", SETTINGS)
def test_six_lines_are_a_whole_run(
    block: Block, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert len(block.text.splitlines()) == 6
    spec = read_spec(ROOT / "run.toml", block.text.encode())
    (model,), (harness,) = spec.models, spec.harnesses
    assert isinstance(model.model, ServedElsewhere)
    assert model.model.settings_problems() == ()
    assert harness.harness.problems() == ()
