"""Sandboxes by what run.toml calls them."""

import pytest

from harness_bench.errors import PluginError
from runner.sandboxes.bubblewrap import Bubblewrap
from runner.sandboxes.sandbox import sandbox_named


def test_a_name_is_the_sandbox() -> None:
    assert isinstance(sandbox_named("bubblewrap"), Bubblewrap)


@pytest.mark.parametrize("name", ["nowhere", "bubblewrap:x", "bubblewrap:", ""])
def test_one_that_is_not_there_is_named(name: str) -> None:
    with pytest.raises(PluginError, match=f"'{name}' is not installed"):
        sandbox_named(name)
