"""mini, our own small harness: a loop around three tools (read, write, bash)."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from harness_bench.errors import Problem
from runner.harnesses.harness import Launch, Order
from runner.proxy.wire.wire import ProtocolName
from runner.sandboxes.interpreter import interpreter

_PROGRAM: Final = Path(__file__).parents[1] / "inside" / "mini.py"
_INSTRUCTION: Final = "instruction.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mini:
    """It has no settings."""

    speaks: ClassVar[ProtocolName] = "openai"

    @property
    def version(self) -> str:
        """The beginning of its program's hash: prompt and tools are in there."""
        return f"sha256-{hashlib.sha256(_PROGRAM.read_bytes()).hexdigest()[:12]}"

    def problems(self) -> tuple[Problem, ...]:
        """None: what it needs, every sandbox has."""
        return ()

    def launch(self, order: Order) -> Launch:
        """The program from the folder that every agent's sandbox has."""
        return Launch(
            command=(
                *interpreter().command,
                "/opt/inside/mini.py",
                *("--base-url", order.base_url),
                *("--model", order.model),
                *("--output-tokens", str(order.output_tokens)),
                f"~/{_INSTRUCTION}",
            ),
            # In a file: the longest argument of a command is 128 KiB.
            home={_INSTRUCTION: order.instruction},
        )
