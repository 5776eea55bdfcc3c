"""What a harness is to the runner: a command, its surroundings, its version."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol, runtime_checkable

from harness_bench.errors import Problem
from runner.proxy.wire.wire import ProtocolName
from runner.sandboxes.sandbox import Mount


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a harness is asked to do."""

    instruction: str
    """The task's text: the prompt."""
    base_url: str
    """Where the model answers inside the sandbox, without `/v1`."""
    model: str
    """The name to call it by."""
    context_tokens: int
    """How many tokens the model can hold."""
    output_tokens: int
    """How many tokens one answer may have."""
    files: tuple[str, ...] = ()
    """The text files that the workspace begins with; relative paths, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How the harness is started in the sandbox; its standard input is empty."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    home: Mapping[str, str] = field(default_factory=dict)
    """Files in the private home folder: relative path to text."""
    mounts: tuple[Mount, ...] = ()
    """Where its program is; read-only."""


@runtime_checkable
class Speaking(Protocol):
    """A harness that says which protocol it speaks.

    With a model that does not answer it, a run is refused. Of a harness that does not
    say, nothing is checked. One with a false `offers_tools` gives its model none.
    """

    speaks: ClassVar[ProtocolName]


class Harness(Protocol):
    """An agent program; what an entry point of `harness_bench.harnesses` makes.

    The entry point names a frozen dataclass: its fields are the settings of a
    `[[harness]]` table, beside `name`. It may also have `speaks`; see `Speaking`.
    """

    @property
    def version(self) -> str:
        """What stands in the column `harness_version`."""
        ...

    def problems(self) -> tuple[Problem, ...]:
        """Why it cannot run on this machine, a line each; empty: it can."""
        ...

    def launch(self, order: Order) -> Launch:
        """How to start it for one trial."""
        ...
