"""Gates for tests: with private folders and nothing of this machine."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from harness_bench.errors import GateError
from sitegen.gate.machine import Machine
from sitegen.gate.private_text import PrivateText, sources
from sitegen.gate.public import Public
from sitegen.gate.search import Gate
from sitegen.site import Site

NOBODY = Machine({}, names={})


def gate(
    *folders: Path,
    public: Iterable[str] = (),
    machine: Machine = NOBODY,
    shipped: Sequence[bytes] = (),
    clean: set[bytes] | None = None,
) -> Gate:
    """Looks for the text of the folders."""
    private = PrivateText(sources(folders, without=frozenset()), cache=None)
    return Gate(private, machine, Public(public), shipped=shipped, clean=clean)


def refused(gate: Gate, site: Site) -> GateError:
    """What the gate says of a site that it does not let pass."""
    with pytest.raises(GateError) as caught:
        gate.check(site)
    return caught.value


def lets_pass(gate: Gate, *texts: str | bytes) -> bool:
    """Whether these texts may stand in a site."""
    try:
        gate.check(
            {
                f"{number}.html": each.encode() if isinstance(each, str) else each
                for number, each in enumerate(texts)
            }
        )
    except GateError:
        return False
    return True
