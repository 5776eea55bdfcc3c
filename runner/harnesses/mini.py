"""mini, our own small harness: a loop around three tools (read, write, bash)."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from harness_bench.errors import Problem
from runner.harnesses.harness import Launch, Order
from runner.proxy.wire.wire import ProtocolName
from runner.sandboxes.interpreter import interpreter
from runner.sandboxes.sandbox import Mount

_OURS: Final = Path(__file__).parents[1]
_PROGRAM: Final = _OURS / "inside" / "mini.py"
_SHARED: Final = _OURS / "proxy" / "wire"
"""Where the module lies that puts streams together."""
_PLACE: Final = "/opt/mini/runner"
_INSTRUCTION: Final = "instruction.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mini:
    """It has no settings."""

    speaks: ClassVar[ProtocolName] = "openai"

    @property
    def version(self) -> str:
        """The beginning of its program's hash: prompt and tools are in there."""
        names = ("assembly.py", "dialects.py", "loose.py", "sse.py")
        files = (_PROGRAM, *(_SHARED / name for name in names))
        found = hashlib.sha256(b"".join(file.read_bytes() for file in files))
        return f"sha256-{found.hexdigest()[:12]}"

    def problems(self) -> tuple[Problem, ...]:
        """None: what it needs, every sandbox has."""
        return ()

    def launch(self, order: Order) -> Launch:
        """The program, with what it shares with the proxy two folders above it."""
        return Launch(
            command=(
                *interpreter().command,
                f"{_PLACE}/inside/mini.py",
                *("--base-url", order.base_url),
                *("--model", order.model),
                *("--output-tokens", str(order.output_tokens)),
                f"~/{_INSTRUCTION}",
            ),
            # In a file: the longest argument of a command is 128 KiB.
            home={_INSTRUCTION: order.instruction},
            mounts=(
                Mount(source=_PROGRAM, target=f"{_PLACE}/inside/mini.py"),
                Mount(source=_SHARED, target=f"{_PLACE}/proxy/wire"),
            ),
        )
