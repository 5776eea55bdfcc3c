"""Runs a task's tests and says how they went, as the first process of their sandbox.

The report is one JSON line on standard output. Only this process holds that: the
tests print into the private log and tell of each test on descriptor 3, and the
candidate's code is in another sandbox, where none of the three exists.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
import time
from contextlib import suppress

import first
from grading import SOCKET, UNTIL, answers

TESTS = "test.sh"
"""In the folder of the tests, where all of them start."""
START_S = 10.0
"""How long the candidate's sandbox may take to begin; none of its code runs yet."""
LARGEST = 4 << 20
"""Bytes that tests may report."""

_PLAN = re.compile(r"1\.\.(\d+)")
_RESULT = re.compile(r"(not )?ok (\d+)(?![^\s])(.*)", re.DOTALL)
_SKIP = re.compile(r"(?<!\\)#\s*skip\b", re.IGNORECASE)


class Tally:
    """What the tests have reported, as lines of the Test Anything Protocol."""

    def __init__(self) -> None:
        self.planned: int | None = None
        self.passed = 0
        self.failed = 0
        self.skipped = 0
        self.problem: str | None = None
        self._seen: set[int] = set()

    def read(self, report: bytes) -> None:
        """Count every line."""
        for line in report.decode("utf-8", errors="replace").split("\n"):
            self._read(line.rstrip())
        seen, planned = self._seen or {0}, self.planned
        if planned is None:
            self._wrong("has no plan line 1..N")
        elif (min(seen), max(seen), len(seen)) != (1, planned, planned):
            self._wrong(
                f"plans {self.planned} tests and reports {len(self._seen)}; each from"
                " 1 to N has to be reported once"
            )

    def _read(self, line: str) -> None:
        if not line or line.startswith(("#", " ", "TAP version ")):
            return
        if plan := _PLAN.fullmatch(line):
            if self.planned is not None:
                self._wrong("has two plans")
            self.planned = int(plan[1])
        elif result := _RESULT.fullmatch(line):
            self._count(int(result[2]), failed=bool(result[1]), rest=result[3])
        else:
            self._wrong(
                f"holds {line!r:.80}, expected 'ok N - name', 'not ok N - name'"
                " or '1..N'"
            )

    def _count(self, number: int, *, failed: bool, rest: str) -> None:
        if number in self._seen:
            self._wrong(f"reports test {number} twice")
        self._seen.add(number)
        if failed:
            self.failed += 1
        elif _SKIP.search(rest):
            self.skipped += 1
        else:
            self.passed += 1

    def _wrong(self, what: str) -> None:
        self.problem = self.problem or "the report " + what


def run_tests(until: float) -> tuple[bytes, int]:
    """What the tests wrote to descriptor 3, and how they exited."""
    reading, writing = os.pipe()
    python = sys.executable.rpartition("/")[0]
    own = os.path.dirname(os.path.abspath(__file__))
    environment = {
        # Our Python last: it may have been carried in from elsewhere.
        "PATH": f"{own}:{os.environ['PATH']}:{python}",
        "HOME": "/tmp",  # noqa: S108 - of this sandbox alone
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "PYTHONPATH": own,
        "PYTHONDONTWRITEBYTECODE": "1",
        SOCKET: os.environ[SOCKET],
        UNTIL: str(until),
    }
    tests = os.posix_spawn(
        "/bin/sh",
        ["sh", TESTS],
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, 2, 1),
            (os.POSIX_SPAWN_DUP2, writing, 3),
        ],
        setsid=True,
        setsigdef=first.SIGNALS,
    )
    os.close(writing)
    report = bytearray()
    reader = threading.Thread(target=_read_all, args=(reading, report), daemon=True)
    reader.start()
    exit_code = first.reap_until(tests)
    # What tests left running would hold the pipe open.
    if os.getpid() == 1:
        with suppress(OSError):  # nobody is left
            os.kill(-1, signal.SIGKILL)
    reader.join(timeout=1.0)
    return bytes(report), exit_code


def _read_all(reading: int, report: bytearray) -> None:
    while len(report) <= LARGEST and (part := os.read(reading, 65536)):
        report += part


def _starts() -> bool:
    """Whether the candidate's sandbox comes up in good time."""
    end = time.monotonic() + START_S
    while not answers(START_S):
        if time.monotonic() >= end:
            return False
        time.sleep(0.002)
    return True


def main() -> None:
    """Report once, with the nonce that makes the report ours."""
    first.keep_lifeline()
    nonce = os.environ.pop("HARNESS_BENCH_NONCE")
    candidate_s = float(os.environ.pop("HARNESS_BENCH_CANDIDATE_S"))
    tally, exit_code, alive = Tally(), 0, False
    if began := _starts():
        until = time.monotonic() + candidate_s
        report, exit_code = run_tests(until)
        tally.read(report)
        left = until - time.monotonic()
        alive = left > 0 and answers(min(left, START_S))
    else:
        tally.problem = "the sandbox of the candidate did not answer"
    whole = {
        "nonce": nonce,
        "planned": tally.planned,
        "passed": tally.passed,
        "failed": tally.failed,
        "skipped": tally.skipped,
        "exit": exit_code,
        "candidate": alive,
        "problem": tally.problem,
        "began": began,
    }
    os.write(1, json.dumps(whole).encode() + b"\n")
    first.leave(0)


if __name__ == "__main__":
    main()
