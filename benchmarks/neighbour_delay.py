"""How long one trial can hold up another in the same runner.

A neighbour asks a model that answers at once, every 20 ms, and notes how long that
takes at most; beside it a whole trial is executed that does its worst.

    .venv/bin/python benchmarks/neighbour_delay.py
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from aiohttp import ClientSession, UnixConnector, web  # noqa: E402 - as below

from harness_bench.schema import Status  # noqa: E402 - as below
from runner.harnesses.harness import Launch, Order  # noqa: E402 - as below
from runner.limits import Limits  # noqa: E402 - as below
from runner.plan import Trial, all_trials  # noqa: E402 - as below
from runner.proxy.proxy import Proxy  # noqa: E402 - as below
from runner.proxy.upstream import Upstream  # noqa: E402 - as below
from runner.sandboxes.bubblewrap import Bubblewrap  # noqa: E402 - as below
from runner.trial import Bench, execute  # noqa: E402 - as below
from tests.runner.specs import IdleHarness, harness, model, spec  # noqa: E402 - as below
from tests.runner.test_trial import Ready  # noqa: E402 - as below
from tests.runner.verdicts import a_task  # noqa: E402 - found through the line above

PATH = "/v1/chat/completions"
WHOLE = {"choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}]}
PAUSE_S = 0.02
ASK = """
import socket, threading
def send(body):
    with socket.create_connection(("127.0.0.1", 8080)) as one:
        head = "POST /v1/chat/completions HTTP/1.1\\r\\nHost: x\\r\\n"
        head += "Content-Length: %d\\r\\n\\r\\n" % len(body)
        one.sendall(head.encode() + body)
        one.recv(100)
def together(body, times):
    asking = [threading.Thread(target=send, args=(body,)) for _ in range(times)]
    for each in asking: each.start()
    for each in asking: each.join()
"""
LINKS = """
import os
os.chdir(os.environ["HOME"])
for folder in range(20):
    os.mkdir(str(folder)); os.chdir(str(folder)); open("one", "w").close()
    for number in range(50_000): os.link("one", f"link{number}")
    os.chdir("..")
"""
WORST: Mapping[str, str] = {
    "nothing": "",
    "a million hard links in its home": LINKS,
    "90,000 files in its workspace": """
for number in range(90_000): open(f"file{number}", "w").close()
""",
    "5,000 nested folders": """
import os
for _ in range(5000): os.mkdir("d"); os.chdir("d")
""",
    "400 MB of output": "import os\nfor _ in range(400): os.write(1, bytes(1 << 20))",
    "a body of 45 MB of `[[],[],…]`, three times at once": ASK
    + 'together(b"[" + b"[]," * 15_000_000 + b"[]]", 3)',
    "a request of 20 MB of words, three times at once": ASK
    + """
said = b"word " * 4_000_000
text = b'{"model":"m","messages":[{"role":"user","content":"%s"}]}' % said
together(text, 3)
""",
    "a request of 15 MB of words, three times at once": ASK
    + """
said = b"word " * 3_000_000
text = b'{"model":"m","messages":[{"role":"user","content":"%s"}]}' % said
together(text, 3)
""",
    "a request of 15 MB of escapes, three times at once": ASK
    + r"""
said = rb"\u20ac" * 2_500_000
text = b'{"model":"m","messages":[{"role":"user","content":"%s"}]}' % said
together(text, 3)
""",
    "a request of 240,000 values, three times at once": ASK
    + """
text = b'{"model":"m","messages":[%s[]]}' % (b"[]," * 80_000)
together(text + b" " * 2_000_000, 3)
""",
    "800 kB of gzip that unpack to 800 MB, four times at once": ASK.replace(
        'head += "Content', 'head += "Content-Encoding: gzip\\r\\nContent'
    )
    + "import gzip; together(gzip.compress(bytes(800 << 20)), 4)",
    "300 MB of random bytes in its workspace": """
import os
for number in range(20): open(f"file{number}", "wb").write(os.urandom(15 << 20))
""",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Worst(IdleHarness):
    """A harness that does one of these."""

    script: str

    def launch(self, order: Order) -> Launch:
        """The script, whatever is asked."""
        del order
        return Launch(command=("python3", "-c", self.script))


async def main() -> None:
    """Measure, and print a table in Markdown."""
    print(
        "| beside a trial with | calls | longest, ms | the trial itself, s | ends as |"
    )
    print("|---|---|---|---|---|")
    for name, script in WORST.items():
        with tempfile.TemporaryDirectory() as folder:
            await beside(name, script, Path(folder))


async def beside(name: str, script: str, folder: Path) -> None:
    """One line of the table."""
    app = web.Application(client_max_size=1 << 30)
    app.router.add_post("/{path:.*}", answer)
    server = web.AppRunner(app, access_log=None)
    await server.setup()
    await web.TCPSite(server, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{server.addresses[0][1]}"
    for each in ("run/traces", "run/archives", "scratch"):
        (folder / each).mkdir(parents=True)
    waits: list[float] = []
    asking = asyncio.create_task(neighbour(folder, url, waits))
    began = time.monotonic()
    attempt = await execute(
        trial(folder, script),
        number=1,
        endpoint=Ready(url=url),
        bench=Bench(
            sandbox=Bubblewrap(),
            scratch=folder / "scratch",
            run=folder / "run",
            hardware="this machine",
        ),
        cancelled=asyncio.Event(),
    )
    took_s = time.monotonic() - began
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking
    await server.cleanup()
    found = attempt.record.status or Status.CANCELLED
    longest_ms = 1000 * max(waits)
    print(f"| {name} | {len(waits)} | {longest_ms:.0f} | {took_s:.1f} | `{found}` |")


def trial(folder: Path, script: str) -> Trial:
    """Of a tiny task with a harness that runs a script."""
    worst = harness("worst", harness=Worst(version="1", script=script))
    asked = spec((model("m"),), (worst,), limits=Limits(agent_s=120))
    (found,) = all_trials(asked, [a_task(folder)])
    return replace(found)


async def neighbour(folder: Path, url: str, waits: list[float]) -> None:
    """Ask again and again, through a proxy of its own."""
    socket = folder / "model.sock"
    proxy = Proxy(
        socket,
        upstream=Upstream(url),
        limits=Limits(calls=10**9, tokens=10**9),
        log=folder / "calls.jsonl",
    )
    connector = UnixConnector(str(socket))
    async with proxy, ClientSession("http://model", connector=connector) as client:
        while True:
            began = time.monotonic()
            await asyncio.sleep(PAUSE_S)
            async with client.post(PATH, json={"model": "m", "messages": []}) as said:
                await said.read()
            waits.append(time.monotonic() - began - PAUSE_S)


async def answer(request: web.Request) -> web.Response:
    """A server that answers at once."""
    await request.read()
    return web.json_response(WHOLE)


if __name__ == "__main__":
    asyncio.run(main())
