"""How long a neighbour's call takes while another trial sends hostile requests.

Two trials in one runner: one asks a server that answers at once, small calls one after
the other; the agent of the other sends requests of one kind, several at a time.

    .venv/bin/python benchmarks/hostile_requests.py [SECONDS]
"""

import asyncio
import io
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import aiohttp
from aiohttp import web

from runner.limits import Limits
from runner.proxy.proxy import Proxy
from runner.proxy.upstream import Upstream
from runner.proxy.wire.wire import Sampling

PATH = "/v1/chat/completions"
AT_ONCE = 4
MIB = 1 << 20
SMALL = b'{"model":"m","messages":[{"role":"user","content":"x"}]}'
WHOLE = {
    "choices": [{"message": {"content": "Hallo"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 10, "completion_tokens": 5},
}
KINDS = {
    "none": b"",
    "45 MB of `[[],[],…]`": b'{"messages":[' + b"[]," * 15_000_000 + b"[]]}",
    "240,000 values, `[[],[],…]`": b'{"messages":[' + b"[]," * 120_000 + b"[]]}",
    "15 MiB of one text": b'{"messages":"' + b"x" * (15 * MIB) + b'"}',
    "15 MiB of escaped text": b'{"messages":"' + b"\\u00e4" * (15 * MIB // 6) + b'"}',
    "900 levels": b'{"messages":' + b"[" * 900 + b"]" * 900 + b"}",
}


async def main() -> None:
    """Measure, and print a table in Markdown."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 8.0
    async with AsyncExitStack() as stack:
        port = int(await said(await child(stack, "serve")))
        print(
            "| hostile requests | a neighbour's call, median ms | longest ms | sent |"
        )
        print("|---|---|---|---|")
        for kind, raw in KINDS.items():
            with tempfile.TemporaryDirectory() as name:
                found, sent = await side_by_side(
                    Path(name), port, kind if raw else "", seconds
                )
            middle, longest = 1000 * statistics.median(found), 1000 * max(found)
            print(f"| {kind} | {middle:.1f} | {longest:.0f} | {sent} |", flush=True)


async def side_by_side(
    folder: Path, port: int, kind: str, seconds: float
) -> tuple[list[float], int]:
    """The neighbour's times, and how often it was attacked."""
    async with AsyncExitStack() as stack:
        for name in ("one", "other"):
            proxy = Proxy(
                folder / f"{name}.sock",
                upstream=Upstream(f"http://127.0.0.1:{port}"),
                limits=Limits(calls=10**9, tokens=10**9),
                log=folder / f"{name}.jsonl",
                sampling=Sampling(seed=0, output_tokens=8192),
            )
            await stack.enter_async_context(proxy)
        connector = aiohttp.UnixConnector(str(folder / "one.sock"))
        session = aiohttp.ClientSession("http://model", connector=connector)
        one = await stack.enter_async_context(session)
        attacker = None
        if kind:
            words = ("attack", str(folder / "other.sock"), kind, str(seconds))
            attacker = await child(stack, *words)
        found = await neighbour(one, time.monotonic() + seconds)
        return found, int(await said(attacker)) if attacker else 0


async def child(stack: AsyncExitStack, *words: str) -> asyncio.subprocess.Process:
    """This program in another process, which takes no time of the runner's."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, __file__, *words), stdout=asyncio.subprocess.PIPE
    )

    async def end() -> None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()

    stack.push_async_callback(end)
    return process


async def said(process: asyncio.subprocess.Process) -> str:
    """Its next line."""
    assert process.stdout is not None
    return (await process.stdout.readline()).decode()


async def serve() -> None:
    """A model that answers at once."""
    app = web.Application(client_max_size=1 << 28)
    app.router.add_post(PATH, answer)
    server = web.AppRunner(app, access_log=None)
    await server.setup()
    await web.TCPSite(server, "127.0.0.1", 0).start()
    print(server.addresses[0][1], flush=True)
    await asyncio.Event().wait()


async def answer(request: web.Request) -> web.StreamResponse:
    """At once."""
    await request.read()
    return web.json_response(WHOLE)


async def neighbour(one: aiohttp.ClientSession, until: float) -> list[float]:
    """How long its calls take, in seconds."""
    found = []
    while (began := time.monotonic()) < until:
        async with one.post(PATH, data=SMALL) as response:
            response.raise_for_status()
            await response.read()
        found.append(time.monotonic() - began)
        await asyncio.sleep(0.01)
    return found


async def attack(socket: str, kind: str, seconds: float) -> None:
    """Send it again and again, several at a time, whatever is answered."""
    until, sent = time.monotonic() + seconds, [0]
    connector = aiohttp.UnixConnector(socket)
    async with aiohttp.ClientSession("http://model", connector=connector) as other:

        async def one() -> None:
            while time.monotonic() < until:
                with suppress(aiohttp.ClientError):
                    async with other.post(
                        PATH, data=io.BytesIO(KINDS[kind])
                    ) as response:
                        await response.read()
                sent[0] += 1

        await asyncio.gather(*(one() for _ in range(AT_ONCE)))
    print(sent[0], flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve"]:
            asyncio.run(serve())
        case ["attack", socket, kind, seconds]:
            asyncio.run(attack(socket, kind, float(seconds)))
        case _:
            asyncio.run(main())
