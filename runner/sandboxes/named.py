"""A sandbox by what run.toml calls it: `bubblewrap`, or `container:IMAGE`."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, cast

from harness_bench.errors import Problem, SandboxError, shown
from harness_bench.registry import load
from runner.sandboxes.sandbox import Sandbox


def sandbox_named(text: str) -> Sandbox:
    """The sandbox.

    Args:
        text: An entry point of `harness_bench.sandboxes`, and behind a colon what it
            is to be told, where it takes something.

    Raises:
        PluginError: There is no such entry point.
        SandboxError: It takes nothing.
    """
    name, _, told = text.partition(":")
    kind = load("sandboxes", name)
    if not told:
        return cast("Callable[[], Sandbox]", kind)()
    if not fields(cast("Any", kind)):
        what = f"{name} takes nothing after a colon"
        raise SandboxError(Problem(shown(text), what, f"write '{name}'"))
    return cast("Callable[[str], Sandbox]", kind)(told)
