"""Runs of a real model, and the processes of its server."""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from runner.harnesses.install import packaged
from tests.needs import everything_is_required
from tests.runs import PRACTICE, left_running

SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
"""Of the model that `scripts/llama.sh` brings."""
STRICT = Path(__file__).with_name("strict.jinja")
"""A chat template that refuses a conversation whose turns are out of order."""
_SPEC = """\
[run]
name = "llama"
packs = ["{packs}"]
tasks = ["p1_page_ranges"]
attempts = {attempts}

[limits]
agent_s = 900
grader_s = 60
calls = {calls}

[[model]]
name = "gemma-3-270m"
quant = "Q4_K_M"
gguf = "{gguf}"
server_args = ["--chat-template-file", "{strict}"]
context_tokens = 32_768
output_tokens = {output}
"""


def write_spec(
    folder: Path,
    gguf: Path,
    *,
    harnesses: Sequence[str] = ("mini",),
    output: int = 64,
    calls: int = 1,
    attempts: int = 1,
) -> Path:
    """A run.toml for the model with one task."""
    text = _SPEC.format(
        packs=PRACTICE,
        gguf=gguf,
        strict=STRICT,
        output=output,
        calls=calls,
        attempts=attempts,
    )
    text += "".join(f'\n[[harness]]\nname = "{name}"\n' for name in harnesses)
    path = folder / "run.toml"
    path.write_text(text)
    return path


def all_harnesses() -> tuple[str, ...]:
    """`mini`, and those that can be installed; where all is required, they must be.

    The newest two have met a strict server of ours, and not llama-server yet.
    """
    new = {"codex", "mini-swe-agent"}
    packages = {name: each for name, each in packaged().items() if name not in new}
    missing = [name for name in packages if packages[name].problems()]
    if missing and everything_is_required():
        pytest.fail(f"not installed: {', '.join(missing)}")
    return ("mini", *(name for name in packages if name not in missing))


def servers(gguf: Path) -> list[int]:
    """Processes that have this model among their arguments."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            arguments = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if process.name.isdigit() and str(gguf).encode() in arguments:
            found.append(int(process.name))
    return found


def await_no_process(gguf: Path, temporary: Path) -> None:
    """Wait, not long, until nothing of a server or a sandbox runs any more."""
    deadline = time.monotonic() + 5
    while left := [*servers(gguf), *left_running(temporary)]:
        assert time.monotonic() < deadline, f"left running: {left}"
        time.sleep(0.02)


def await_trial(runner: subprocess.Popen[bytes], folder: Path, attempt: int) -> None:
    """Wait until so many attempts have begun."""
    deadline = time.monotonic() + 120
    while len(list(folder.glob("traces/*/agent.log"))) < attempt:
        assert runner.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
