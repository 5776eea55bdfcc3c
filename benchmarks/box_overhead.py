"""What the box costs: a whole run, and a call of a model. Writes figures/box.md.

python benchmarks/box_overhead.py [podman]
"""

import csv
import json
import statistics
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.runs import run_command, write_spec

SEEDS = 10
ROUNDS = 2
OUT = Path(__file__).with_name("figures") / "box.md"


class Server(BaseHTTPRequestHandler):
    """Answers at once."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Tell of no models."""
        self._answer({"data": []})

    def do_POST(self) -> None:
        """Say nothing to do."""
        self.rfile.read(int(self.headers["Content-Length"]))
        message = {"role": "assistant", "content": "Nothing to do."}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        usage = {"prompt_tokens": 7, "completion_tokens": 3}
        self._answer({"id": "1", "model": "m", "choices": [choice], "usage": usage})

    def _answer(self, said: object) -> None:
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def measure(box: str, url: str) -> tuple[float, float]:
    """Seconds of a run, and milliseconds of a call: the median."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spec = write_spec(folder, scripts=["x"], seeds=SEEDS)
        text = spec.read_text().replace(
            'name = "x"\nscript = "x"', f'name = "m"\nbase_url = "{url}"'
        )
        spec.write_text(text)
        began = time.monotonic()
        done = run_command("run", spec, "--box", box, cwd=folder, timeout=1800)
        took = time.monotonic() - began
        assert done.returncode == 0, done.stderr
        with (folder / "runs/test/cells.csv").open(newline="") as file:
            times = [
                float(row["model_time_s"]) / int(row["calls"])
                for row in csv.DictReader(file)
            ]
    return took, 1000 * statistics.median(times)


def main(engine: str = "podman") -> None:
    """Measure in turns, and write the medians down."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    found: dict[str, list[tuple[float, float]]] = {"none": [], engine: []}
    for _ in range(ROUNDS):
        for box, times in found.items():
            times.append(measure(box, url))
            print(box, times[-1])
    lines = ["| box | run of 30 trials, s | a call, ms |", "|---|---|---|"]
    for box, times in found.items():
        run, call = (statistics.median(part) for part in zip(*times, strict=True))
        lines.append(f"| {box} | {run:.1f} | {call:.1f} |")
    OUT.write_text(
        "# What the box costs\n\n"
        f"Medians of {ROUNDS} rounds, one call a trial, an endpoint outside that"
        " answers at once: `benchmarks/box_overhead.py`.\n\n" + "\n".join(lines) + "\n"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
