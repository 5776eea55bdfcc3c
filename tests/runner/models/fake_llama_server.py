#!/usr/bin/env python3
"""What llama-server does around a model, without one.

Its faults are arguments: it loads for a while, ends while it loads or when it is asked
something, ignores SIGTERM, holds fewer tokens than it is told to, starts a child, takes
memory for a moment.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

WHOLE = {
    "choices": [{"message": {"content": "Hi"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 1},
}

STREAM = (
    b"".join(
        b"data: %s\n\n" % json.dumps(chunk).encode()
        for chunk in (
            {"choices": [{"index": 0, "delta": {"content": "Done."}}]},
            {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
            {
                "choices": [],
                "usage": WHOLE["usage"],
                "timings": {"prompt_n": 19, "prompt_ms": 95.0},
            },
        )
    )
    + b"data: [DONE]\n\n"
)
PROPS = {"chat_template": "{{ messages }}"}
KEY = f"Bearer {os.environ.get('LLAMA_API_KEY')}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--model")
    parser.add_argument("--alias")
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    parser.add_argument("--ctx-size", type=int)
    parser.add_argument("--parallel")
    parser.add_argument("--jinja", action="store_true")
    parser.add_argument("--version", action="store_true")
    parser.add_argument("--device", default="none")
    parser.add_argument("--load-s", type=float, default=0.0)
    parser.add_argument("--dies-loading", action="store_true")
    parser.add_argument("--ignores-term", action="store_true")
    parser.add_argument("--with-child", action="store_true")
    parser.add_argument("--no-template", action="store_true")
    parser.add_argument("--takes-mb", type=int, default=0)
    parser.add_argument("--build", default="b1-fake")
    parser.add_argument("--holds", type=int)
    parser.add_argument("--pids", type=Path)
    parser.add_argument("--crash-file", type=Path)
    parser.add_argument("--crash-once", type=Path)
    given = parser.parse_args()
    if missing := set(given.device.split(",")) - {"none", "CUDA0", "CUDA1"}:
        sys.exit(
            'error while handling argument "--device": invalid device: '
            + ",".join(missing)
        )
    if given.version:
        return
    if given.ignores_term:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        server = ThreadingHTTPServer((given.host, given.port), handler(given))
    except OSError:
        sys.exit("couldn't bind HTTP server socket")
    if given.pids:
        if given.pids.exists() and any(map(is_alive, given.pids.read_text().split())):
            given.pids.with_suffix(".overlap").touch()
        with given.pids.open("a") as file:
            print(os.getpid(), file=file)
            if given.with_child:
                child = subprocess.Popen(["/bin/sleep", "1000"])
                print(child.pid, file=file)
    # Written to, and so taken; given back at once: a peak.
    bytearray(b"x") * (given.takes_mb * 10**6)
    sys.stdout.write(json.dumps(sorted(os.environ)) + "\n")
    sys.stdout.flush()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    time.sleep(given.load_s)
    if given.dies_loading:
        sys.stderr.write("llama_model_load: error loading model: it is bad\n")
        sys.exit("exiting due to model loading error")
    given.loaded = True
    while True:
        signal.pause()


def is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    return True


def settings(given: argparse.Namespace) -> dict[str, Any]:
    return {
        "build_info": given.build,
        "default_generation_settings": {"n_ctx": given.holds or given.ctx_size},
    }


def crash_if_told(given: argparse.Namespace) -> None:
    # The first question is the warm-up: only later ones may be too much.
    if given.crash_once and given.asked > 1 and not given.crash_once.exists():
        given.crash_once.touch()
        os._exit(1)
    if given.crash_file and given.crash_file.exists():
        given.crash_file.unlink()
        os._exit(1)


def handler(given: argparse.Namespace) -> type[BaseHTTPRequestHandler]:
    given.loaded = False
    given.asked = 0

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            if given.loaded:
                self._tell(200, PROPS | settings(given))
            else:
                self._tell(503, {"error": {"message": "Loading model"}})

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            given.asked += 1
            crash_if_told(given)
            if self.headers["Authorization"] != KEY:
                self._tell(401, {"error": {"message": "Invalid API Key"}})
            elif given.no_template:
                self._tell(500, {"error": {"message": "no chat template"}})
            elif asked.get("stream"):
                self._send(200, "text/event-stream", STREAM)
            else:
                self._tell(200, WHOLE)

        def _tell(self, status: int, body: dict[str, Any]) -> None:
            self._send(status, "application/json", json.dumps(body).encode())

        def _send(self, status: int, kind: str, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler


if __name__ == "__main__":
    main()
