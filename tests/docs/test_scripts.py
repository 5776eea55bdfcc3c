"""Whoever looks into scripts/ finds in CONTRIBUTING.md what each is for."""

import pytest

from tests.docs.documents import ROOT

SCRIPTS = sorted(path.name for path in (ROOT / "scripts").iterdir() if path.is_file())


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_is_explained(name: str) -> None:
    assert f"{name}`" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
