"""One process of a model server under its watchdog, from its start to its end."""

import asyncio
import os
import secrets
import socket
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Final

import aiohttp

from harness_bench.errors import ModelError, Problem, refused, shown
from runner.machine.durable import make_folder
from runner.machine.memory import peak_bytes
from runner.proxy.wire.loose import Table, dumped, parsed, table

_WATCHDOG: Final = Path(__file__).with_name("parent_watchdog.py")
_GRACE_S: Final = 10.0
"""Between being asked to end and being killed."""
_LOOK_S: Final = 0.1
_LONGEST_LOOK_S: Final = 2.0
_ANSWER_S: Final = 60.0
"""A server that is well says so at once, also while it works."""
_REASON_BYTES: Final = 1 << 16


class Served:
    """A server that listens on a port of this machine.

    Args:
        process: The watchdog; it ends when the server has ended.
        port: Of 127.0.0.1.
        key: What the server wants to hear from those who ask: other users of this
            machine reach it too, and so does what runs in their browsers.
        log: What the server says goes there.
    """

    def __init__(
        self, process: asyncio.subprocess.Process, port: int, key: str, log: Path
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.headers = MappingProxyType({"Authorization": f"Bearer {key}"})
        self._process = process
        self._log = log

    @classmethod
    async def start(cls, command: Sequence[str], *, port: int, log: Path) -> "Served":
        """Start it; it does not answer yet.

        Raises:
            ModelError: The log cannot be written, or no process be made.
        """
        key = secrets.token_hex(16)  # no argument: those can be read by everyone
        # Some variables would change a server beside its arguments.
        ours = {k: v for k, v in os.environ.items() if not k.startswith("LLAMA_")}
        try:
            with _fresh(log) as output:
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-I", "-S", str(_WATCHDOG), str(_GRACE_S)),
                    *command,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=output,
                    stderr=output,
                    env=ours | {"LLAMA_API_KEY": key},
                )
        except OSError as error:
            done = f"started with its log in {log}"
            raise ModelError(refused(command[0], done, error)) from error
        return cls(process, port, key, log)

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it is alive."""
        return self._process.returncode is not None

    def peak_memory_bytes(self) -> int | None:
        """The most main memory that it has held; None: it is not known."""
        return peak_bytes(self._process.pid)

    async def loaded(self, longest_s: float) -> None:
        """Wait until it answers; it says 503 while it loads the model.

        Raises:
            ModelError: It has ended, or the time is over.
        """
        deadline = time.monotonic() + longest_s
        pause_s = _LOOK_S
        while not await self._answers():
            if self.has_ended:
                raise ModelError(self._obituary())
            if time.monotonic() > deadline:
                what = f"the model was not loaded within {longest_s:g} s"
                advice = f"raise load_s, or see the server's log, {self._log}"
                raise ModelError(Problem("", what, advice))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), pause_s)
            pause_s = min(2 * pause_s, _LONGEST_LOOK_S)

    async def is_well(self) -> bool:
        """Whether it runs and answers."""
        return not self.has_ended and await self._answers()

    async def _answers(self) -> bool:
        asking = asyncio.ensure_future(self.ask("/health", within_s=_ANSWER_S))
        # On a port that another program took first, ours has ended.
        ended = asyncio.ensure_future(self._process.wait())
        try:
            await asyncio.wait([asking, ended], return_when=asyncio.FIRST_COMPLETED)
            status = asking.result()[0] if asking.done() else None
        except ModelError:
            return False
        finally:
            asking.cancel()
            ended.cancel()
        return status == 200 and not self.has_ended  # noqa: PLR2004 - its name is OK

    async def ask(
        self, path: str, body: Table | None = None, *, within_s: float
    ) -> tuple[int, Table]:
        """Status and answer of a request; with a body it is a POST.

        Raises:
            ModelError: There is no answer.
        """
        limit = aiohttp.ClientTimeout(total=within_s)
        content = None if body is None else dumped(body)
        kind = {} if body is None else {"Content-Type": "application/json"}
        try:
            async with (
                aiohttp.ClientSession(timeout=limit) as session,
                session.request(
                    "GET" if body is None else "POST",
                    self.url + path,
                    data=content,
                    headers={**self.headers, **kind},
                ) as answer,
            ):
                return answer.status, table(parsed(await answer.read()))
        except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is one
            if self.has_ended:
                raise ModelError(self._obituary()) from error
            why = str(error) or type(error).__name__
            what = f"{path} of the model server does not answer ({why})"
            raise ModelError(Problem("", what, f"see its log, {self._log}")) from error

    def _obituary(self) -> Problem:
        code = self._process.returncode
        what = f"the model server ended with code {code} ({_reason(self._log)})"
        return Problem("", what, f"see its log, {self._log}")

    async def stop(self) -> None:
        """End it; returns when nothing of it is alive."""
        stdin = self._process.stdin
        if stdin is None:  # it always has one
            return
        try:
            with suppress(ConnectionError):
                stdin.write(b".")
                await stdin.drain()
            await self._process.wait()
        finally:  # also when we are not let wait: it is killed then
            stdin.close()


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens at this moment.

    Raises:
        ModelError: There is none.
    """
    try:
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            port: int = listening.getsockname()[1]
    except OSError as error:
        where = "a port of 127.0.0.1"
        raise ModelError(refused(where, "opened", error)) from error
    return port


def is_taken(port: int) -> bool:
    """Whether another program listens on a port of 127.0.0.1."""
    with socket.socket() as listening:
        # As servers do: connections of one that has ended are no hindrance.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _fresh(log: Path) -> BinaryIO:
    """An empty private file; a server of another runner keeps the one it writes."""
    make_folder(log.parent)
    log.unlink(missing_ok=True)
    return os.fdopen(os.open(log, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")


def _reason(log: Path) -> str:
    """The line of a log that tells most: the first of those about an error."""
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - _REASON_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    said = [" ".join(line.split()) for line in lines if line.strip()]
    errors = [line for line in said if "error" in line.lower()]
    return shown((errors or said[-1:] or ["it said nothing"])[0])
