"""Sandboxes by what run.toml calls them."""

import pytest

from harness_bench.errors import PluginError, SandboxError
from runner.sandboxes.bubblewrap import Bubblewrap
from runner.sandboxes.container import Container
from runner.sandboxes.named import sandbox_named


def test_a_name_alone_is_the_sandbox_as_it_is() -> None:
    assert isinstance(sandbox_named("bubblewrap"), Bubblewrap)


def test_what_stands_after_the_first_colon_is_what_it_is_told() -> None:
    assert sandbox_named("container:registry:5000/image:tag") == Container(
        "registry:5000/image:tag"
    )


def test_one_that_takes_nothing_is_told_nothing() -> None:
    with pytest.raises(SandboxError, match="bubblewrap takes nothing"):
        sandbox_named("bubblewrap:x")
    assert isinstance(sandbox_named("bubblewrap:"), Bubblewrap)


def test_one_that_is_not_there_is_named() -> None:
    with pytest.raises(PluginError, match="nowhere"):
        sandbox_named("nowhere:x")
