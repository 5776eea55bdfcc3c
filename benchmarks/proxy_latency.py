"""What the recording proxy adds to a call of the model, in milliseconds.

A server that answers at once is called directly and through the proxy, turn about.
Its stream has 60 parts; the request is a conversation of a given length, of which the
last turn is new in each call.

    .venv/bin/python benchmarks/proxy_latency.py [CALLS]
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from aiohttp import ClientSession, UnixConnector, web

from runner.limits import Limits
from runner.proxy.proxy import Proxy
from runner.proxy.upstream import Upstream
from runner.proxy.wire.wire import Sampling

PATH = "/v1/chat/completions"
PARTS = 60
KILOBYTES = (6, 20, 80, 400)
CHUNK = b'data: {"choices":[{"index":0,"delta":{"content":"word "}}]}\n\n'
END = (
    b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
    b'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":60}}\n\n'
    b"data: [DONE]\n\n"
)


async def main() -> None:
    """Measure, and print a table in Markdown."""
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    app = web.Application(client_max_size=1 << 24)
    app.router.add_post(PATH, answer)
    server = web.AppRunner(app, access_log=None)
    await server.setup()
    await web.TCPSite(server, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{server.addresses[0][1]}"
    with tempfile.TemporaryDirectory() as name:
        socket = Path(name) / "model.sock"
        proxy = Proxy(
            socket,
            upstream=Upstream(url),
            limits=Limits(calls=10**9, tokens=10**9),
            log=Path(name) / "calls.jsonl",
            # As in a trial.
            sampling=Sampling(seed=0, output_tokens=8192),
        )
        connector = UnixConnector(str(socket))
        async with (
            proxy,
            ClientSession(url) as direct,
            ClientSession("http://model", connector=connector) as through,
        ):
            await compare(direct, through, calls)
    await server.cleanup()


async def compare(direct: ClientSession, through: ClientSession, calls: int) -> None:
    """The table: medians of both ways, and of what the proxy adds."""
    print(f"medians of {calls} calls, milliseconds; streams of {PARTS} parts\n")
    print("| request | usage | direct | through the proxy | added |")
    print("|---|---|---|---|---|")
    for kilobytes in KILOBYTES:
        for usage in ("asked for", "hidden"):
            plain, recorded = [], []
            for number in range(calls):
                body = request(kilobytes, number, include_usage=usage == "asked for")
                plain.append(await milliseconds(direct, body))
                recorded.append(await milliseconds(through, body))
            before, after = statistics.median(plain), statistics.median(recorded)
            print(
                f"| {kilobytes} kB | {usage} | {before:.2f} | {after:.2f}"
                f" | {after - before:.2f} |"
            )


async def answer(request: web.Request) -> web.StreamResponse:
    """A model that answers at once."""
    await request.read()
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for _ in range(PARTS):
        await response.write(CHUNK)
    await response.write(END)
    return response


def request(kilobytes: int, number: int, *, include_usage: bool) -> bytes:
    """A conversation of that length, with a last turn of this number."""
    turn = {"role": "user", "content": "x" * 1000}
    messages = [turn] * (kilobytes - 1) + [turn | {"content": f"{number:1000}"}]
    options = {"stream_options": {"include_usage": True}} if include_usage else {}
    body = {
        "model": "m",
        "stream": True,
        "max_tokens": 8192,
        "messages": messages,
        **options,
    }
    return json.dumps(body).encode()


async def milliseconds(client: ClientSession, body: bytes) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    headers = {"Content-Type": "application/json"}
    async with client.post(PATH, data=body, headers=headers) as response:
        response.raise_for_status()
        await response.read()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    asyncio.run(main())
