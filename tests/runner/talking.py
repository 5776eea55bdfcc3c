"""Real servers, sockets and processes for tests of what stands around a model."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, UnixConnector, web

from runner.limits import Limits
from runner.proxy.back_off import BackOff
from runner.proxy.call_log import read_calls
from runner.proxy.proxy import Proxy
from runner.proxy.upstream import Upstream
from runner.proxy.wire.wire import AS_WRITTEN, Sampling
from runner.tasks import Task
from tests.runner.specs import task

MINI = Path(__file__).parents[2] / "runner" / "inside" / "mini.py"
HIGH = Limits(tokens=10**9, calls=10**9)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def a_task(folder: Path, name: str = "add") -> Task:
    """A task with a solution of several files and two wrong answers."""
    files = {
        "starter/add.py": "def add(a, b):\n    raise NotImplementedError\n",
        "starter/README.md": "Adds.\n",
        "solution/add.py": "def add(a, b):\n    return a + b\n",
        "solution/notes/über uns.txt": "Zwölf “quotes” and 'quotes'\n" * 40,
        "solution/run.sh": "#!/bin/sh\necho done\n",
        "wrong/minus/add.py": "def add(a, b):\n    return a - b\n",
        "wrong/times/add.py": "def add(a, b):\n    return a * b\n",
    }
    for path, content in files.items():
        file = folder / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    (folder / name / "solution" / "run.sh").chmod(0o755)
    (folder / name / "solution" / "bytes.bin").write_bytes(bytes(range(256)))
    return task(name, folder=folder / name)


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """A server of one handler for every path; gives its address."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(
        app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
    )
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def proxied(
    folder: Path,
    upstream: str,
    *,
    limits: Limits = HIGH,
    sampling: Sampling = AS_WRITTEN,
    headers: Callable[[str], Mapping[str, str]] = lambda _: {},
    back_off: BackOff | None = None,
    model: str = "",
) -> AsyncIterator[tuple[Proxy, ClientSession]]:
    """A proxy, and a client that knows nothing but its socket."""
    socket = folder / "model.sock"
    proxy = Proxy(
        socket,
        upstream=Upstream(upstream, keys=headers, back_off=back_off or BackOff()),
        limits=limits,
        log=folder / "calls.jsonl",
        sampling=sampling,
        model=model,
    )
    connector = UnixConnector(str(socket))
    async with proxy, ClientSession("http://model", connector=connector) as client:
        yield proxy, client


def logged(folder: Path) -> list[dict[str, Any]]:
    """What the proxy wrote down."""
    return list(read_calls((folder / "calls.jsonl").read_bytes().splitlines()))


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what happens in another task."""
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


@asynccontextmanager
async def relayed(socket: Path) -> AsyncIterator[str]:
    """A TCP port for a UNIX socket, as a sandbox has it; gives its address."""
    writers: list[asyncio.StreamWriter] = []

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_unix_connection(socket)
        writers.extend((writer, inner_writer))
        await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))

    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await server.wait_closed()
        await asyncio.sleep(0.01)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while part := await reader.read(1 << 16):
            writer.write(part)
            await writer.drain()
    except OSError:
        pass
    writer.close()


@asynccontextmanager
async def mini(
    base_url: str, workspace: Path, instruction: str = "Do it."
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that runs mini, killed at the end of the block."""
    home = workspace.with_name(f"{workspace.name}-home")
    home.mkdir(exist_ok=True)
    (home / "instruction.md").write_text(instruction)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-E", "-s", "-S", str(MINI), "--base-url", base_url),
        *("--model", "scripted", "--output-tokens", "4096", "~/instruction.md"),
        cwd=workspace,
        env={"HOME": str(home), "PATH": os.defpath},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
