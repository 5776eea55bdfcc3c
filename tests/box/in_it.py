"""Suites of this checkout, performed in the box as any command is.

python -m tests.box.in_it ENGINE WORD... gives the words to pytest there. The box is the
one of a run: what is its program's is there, and beside it the tests and pytest.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

import click
import pytest

from runner.box import outside
from runner.box.cli import boxable
from runner.box.code import code
from runner.box.engine import engine_named
from runner.box.image import image_id
from runner.box.order import Order
from tests.runs import ROOT

_WITH_IT = ("pyproject.toml", "docs/explanation", "tests")
_NEEDED = ("pytest", "iniconfig", "pytest-timeout", "hypothesis", "sortedcontainers")
"""Distributions that tests need, and no run."""


@click.command()
@boxable
def suites(words: Sequence[str]) -> None:
    """Run them; a skip is a failure."""
    os.environ["HARNESS_BENCH_REQUIRE"] = "all"
    os.chdir(ROOT)
    sys.exit(pytest.main(["-p", "no:cacheprovider", *words]))


def _with_tests() -> Iterator[tuple[str, Path | bytes]]:
    yield from code()
    for name in _WITH_IT:
        yield name, ROOT / name
    for name in _NEEDED:
        found = metadata.distribution(name)
        for place in {each.parts[0] for each in found.files or ()} - {".."}:
            yield place, Path(str(found.locate_file(place)))


def main(name: str, words: Sequence[str]) -> int:
    """Have a box of this engine run them; the exit code of pytest."""
    setattr(outside, "code", _with_tests)  # noqa: B010 - what goes in
    engine = engine_named(name)
    order = Order(target=f"{__name__}:suites", given={"words": tuple(words)})
    return outside.perform(engine, image_id(engine), outside.Boxed(order=order))


if __name__ == "__main__":
    # Under the name by which the box knows it.
    from tests.box import in_it

    sys.exit(in_it.main(sys.argv[1], sys.argv[2:]))
