"""Whether a sandbox holds: attacks from inside, seen from inside and from outside.

The attacks are in `runner/inside/probe.py` and run in one sandbox that is mounted
like an agent's. What they look for is planted here (`baits`).
"""

import asyncio
import json
import secrets
import socket
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final

import runner
from harness_bench.errors import Problem, SandboxError
from runner.harnesses.agent_mounts import agent_mounts
from runner.preflight.baits import Baits, planted
from runner.sandboxes.interpreter import interpreter
from runner.sandboxes.sandbox import Confined, Exit, Mount, Sandbox
from runner.workspace.scratch import fresh

_RUNNER: Final = Path(runner.__file__).parent
_BESIDE: Final = (".git", "tests", "tasks", "examples")
"""What a checkout has beside the runner."""
_PLAN: Final = "/workspace/plan.json"
_ATTACKS_S: Final = 60.0
"""They take less than a second; this long only on a machine that hangs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackResult:
    """How an attack went."""

    name: str
    tries: str
    """What it tries, in a sentence."""
    got: str | None
    """What it got; None: nothing."""

    @property
    def blocked(self) -> bool:
        """Whether the sandbox held."""
        return self.got is None


async def probe(
    sandbox: Sandbox,
    scratch: Path,
    *,
    hidden: Sequence[Path] = (),
    mounts: Sequence[Mount] = (),
) -> tuple[AttackResult, ...]:
    """Attack a sandbox that is mounted like an agent's.

    Args:
        sandbox: What confines.
        scratch: Takes baits and workspace.
        hidden: Files and folders of this run that no agent may see: its run folder,
            its task packs.
        mounts: What the harness of its agents needs.

    Returns:
        One finding for each attack.

    Raises:
        SandboxError: The sandbox cannot be started, or the attacks did not end.
    """
    own = fresh(scratch)
    with ExitStack() as until:
        baits = until.enter_context(planted(own))
        workspace, home, model = fresh(own), fresh(own), fresh(own)
        door = until.enter_context(socket.socket(socket.AF_UNIX))
        door.bind(str(model / "model.sock"))
        (workspace / "link").symlink_to(baits.grader / "test.sh")
        plan = _Plan(baits=baits, around=own, hidden=hidden)
        (workspace / "plan.json").write_text(plan.text(), encoding="utf-8")
        confined = Confined(
            command=(*interpreter().command, "/opt/inside/probe.py", _PLAN),
            mounts=agent_mounts(
                workspace=workspace, home=home, model=model, harness=mounts
            ),
        )
        findings = await _attack(sandbox, confined)
        seen = dict.fromkeys(baits.visitors(), "somebody outside was reached")
        if not baits.is_unharmed():
            seen["kill"] = "a process outside was harmed"
        if _alive(plan.daemon):
            seen["daemons"] = "processes live on"
    return tuple(
        replace(finding, got=finding.got or seen.get(finding.name))
        for finding in findings
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What the attacks are told: where everything is, had they a way there."""

    baits: Baits
    around: Path
    """The folder that holds everything of the probes."""
    hidden: Sequence[Path]
    daemon: str = field(default_factory=partial(secrets.token_hex, 12))
    """Marks processes that are meant to live on."""

    def text(self) -> str:
        """As `inside/probe.py` reads it."""
        baits = self.baits
        plan: dict[str, object] = {
            "path": _PLAN,
            "words": baits.words,
            "hidden": _paths(
                baits.grader,
                baits.solution,
                *(place.resolve() for place in self.hidden),
            ),
            "links": ["/workspace/link"],
            "others": _paths(self.around, baits.other),
            "run": _paths(baits.run),
            "own": _paths(_RUNNER, *(_RUNNER.parent / name for name in _BESIDE)),
            "git": _paths(baits.repository / ".git"),
            "pid": baits.process.pid,
            "daemon": self.daemon,
            "hostname": socket.gethostname(),
            "hosts": _addresses(),
            "tcp": baits.tcp.getsockname()[1],
            "tcp6": baits.tcp6.getsockname()[1] if baits.tcp6 else 80,
            "udp": baits.udp.getsockname()[1],
            "abstract": baits.abstract.getsockname()[1:].decode(),
            "unix": baits.unix.getsockname(),
            "shm_key": baits.shm_key,
            "key": baits.words["a key"],
        }
        return json.dumps(plan)


def _paths(*places: Path) -> list[str]:
    """Files and folders, and what is in the folders."""
    inside = (path for place in places if place.is_dir() for path in place.iterdir())
    return [str(path) for path in (*places, *inside)]


def _addresses() -> list[str]:
    """Addresses of this machine beside loopback; none are asked of anybody."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("192.0.2.1", 9))  # sends nothing; chooses an own address
        except OSError:
            return []
        return [one.getsockname()[0]]


async def _attack(sandbox: Sandbox, confined: Confined) -> list[AttackResult]:
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as errors:
        sandboxed = await sandbox.start(confined, output=said, errors=errors)
        try:
            async with asyncio.timeout(_ATTACKS_S):
                end = await sandboxed.wait()
        except TimeoutError:
            what = f"did not finish within {_ATTACKS_S:.0f} s (normally a few seconds)"
            raise SandboxError(Problem("probes", what)) from None
        finally:
            await sandboxed.kill()
        said.seek(0)
        errors.seek(0)
        findings = [AttackResult(**json.loads(line)) for line in said]
        if end != Exit(code=0):
            last = (errors.read().decode(errors="replace").splitlines() or ["?"])[-1]
            what = f"ended early, after {len(findings)} attacks ({last})"
            advice = "the sandbox has to run Python"
            raise SandboxError(Problem("probes", what, advice))
    return findings


def _alive(mark: str) -> bool:
    """Whether a process of the machine has a word among its arguments."""
    # No glob: it fails itself where a process ends while it looks.
    for process in Path("/proc").iterdir():
        with suppress(OSError):  # it ended this moment
            if mark.encode() in (process / "cmdline").read_bytes():
                return True
    return False
