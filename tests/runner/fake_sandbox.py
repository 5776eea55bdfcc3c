"""A sandbox in which no program runs: a test plays what happens in it."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from aiohttp import ClientSession, UnixConnector

from harness_bench.errors import Problem
from runner.sandboxes.sandbox import Confined, Exit, Sandboxed


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """What there is in a sandbox."""

    confined: Confined
    output: BinaryIO
    errors: BinaryIO

    def real(self, target: str) -> Path:
        """Where something that is mounted is on the machine."""
        mounts = {mount.target: mount.source for mount in self.confined.mounts}
        return mounts[target]

    @asynccontextmanager
    async def model(self) -> AsyncIterator[ClientSession]:
        """The way to the model."""
        socket = self.real("/run/model") / "model.sock"
        connector = UnixConnector(str(socket))
        async with ClientSession("http://model", connector=connector) as client:
            yield client


Play = Callable[[Inside], Awaitable[Exit]]


async def waits(_: Inside) -> Exit:
    """Does nothing until it is killed."""
    await asyncio.Event().wait()
    return Exit(code=0)


async def begins(inside: Inside) -> Exit:
    """A harness that is started and ends without doing anything."""
    async with inside.model() as model:
        await model.get("/bench/ready")
    return Exit(code=0)


def reports(*, code: int = 0, problem: str | None = None, **counts: object) -> Play:
    """Tests that end with this report of the supervisor; else one test that passed."""

    async def tests(inside: Inside) -> Exit:
        nonce = inside.confined.environment["HARNESS_BENCH_NONCE"]
        told = {"nonce": nonce, "problem": problem, "exit": code, "began": True}
        told |= {"planned": 1, "passed": 1, "failed": 0, "skipped": 0}
        told |= {"candidate": True}
        inside.output.write(json.dumps(told | counts).encode())
        inside.output.flush()
        return Exit(code=0)

    return tests


@dataclass(frozen=True, slots=True, kw_only=True)
class FakeSandbox:
    """Plays the agent, and both sides of the grader.

    What is played ends as a command would: killed, it has the exit of a killed one.
    """

    agent: Play = begins
    tests: Play = field(default_factory=reports)
    candidate: Play = waits
    program: Play = waits
    """Any other command."""
    name: str = "fake"
    has_own_network: bool = True
    started: list[Confined] = field(default_factory=list)
    """All that was asked for, in its order."""

    def problems(self) -> tuple[Problem, ...]:
        return ()

    async def start(
        self, confined: Confined, *, output: BinaryIO, errors: BinaryIO
    ) -> Sandboxed:
        self.started.append(confined)
        plays = {
            "/opt/inside/agent.py": self.agent,
            "/opt/inside/supervise.py": self.tests,
            "/opt/inside/candidate_server.py": self.candidate,
        }
        found = (plays[word] for word in confined.command if word in plays)
        play = next(found, self.program)
        inside = Inside(confined=confined, output=output, errors=errors)
        return self.played(asyncio.ensure_future(play(inside)))

    def played(self, play: asyncio.Future[Exit]) -> Sandboxed:
        return Playing(play)


class Playing:
    """Something that is played."""

    def __init__(self, play: asyncio.Future[Exit]) -> None:
        self._play = play

    async def wait(self) -> Exit:
        await asyncio.wait([self._play])
        if self._play.cancelled():
            return Exit(signal=signal.SIGKILL)
        return self._play.result()

    async def kill(self) -> None:
        self._play.cancel()
        await asyncio.wait([self._play])

    def cpu_s(self) -> float:
        return 0.0
