"""The one module that packages of other people import."""

import ast
import inspect
import re

import pytest

from harness_bench.registry import load, names
from runner import plugins
from tests.docs.documents import ROOT, blocks


def test_the_guide_to_harnesses_imports_from_there_alone() -> None:
    text = "\n".join(
        block.text for block in blocks(ROOT / "docs" / "how-to" / "add-a-harness.md")
    )
    modules = re.findall(r"^from (runner[\w.]*) import (.+)$", text, re.MULTILINE)
    assert {module for module, _ in modules} == {"runner.plugins"}
    for _, taken in modules:
        assert set(taken.split(", ")) <= set(plugins.__all__)


@pytest.mark.parametrize("name", names("harnesses"))
def test_no_harness_of_ours_needs_more_than_is_offered_there(name: str) -> None:
    source = inspect.getsource(inspect.getmodule(load("harnesses", name)) or plugins)
    taken = {
        each.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("runner.")
        for each in node.names
    }
    assert taken
    assert taken <= set(plugins.__all__)
