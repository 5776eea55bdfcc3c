"""Nobody wins by going on after the limit, and nobody is left to try.

The candidates write a wrong answer, sleep past the limit, and write the right one.
`make torture` does the same more often.
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness_bench.schema import Status
from runner.run_folder.ledger import read_ledger
from runner.workspace.workspace import thaw
from tests.needs import needs
from tests.runs import (
    left_running,
    run_command,
    write_files,
    write_shell_harnesses,
    write_small_task,
)

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(3000)]

REPEATS = int(os.environ.get("HARNESS_BENCH_DEADLINES", "5"))
LIMIT_S = 1.0
SLEEP_S = LIMIT_S + 0.3
GRACE_S = 1.0
"""So long after the limit, at most, a process may be alive."""

SPEC = f"""\
[run]
packs = ["pack"]
seeds = {REPEATS}
jobs = 2
[limits]
agent_s = {LIMIT_S}
[[model]]
name = "m"
script = "null"
[[harness]]
name = "plain"
[[harness]]
name = "deaf"
[[harness]]
name = "daemon"
"""
LATE = f"sleep {SLEEP_S}; echo right > answer"
DEAF = f"trap '' TERM INT HUP QUIT; {LATE}; sleep 600"
HARNESSES = {
    "plain": f"echo wrong > answer; {LATE}",
    "deaf": f"echo wrong > answer; {DEAF}",
    "daemon": f'echo wrong > answer; (setsid setsid sh -c "{DEAF}" &); {DEAF}',
}


class Watch:
    """Looks from outside how old each process of an agent becomes."""

    def __init__(self) -> None:
        self.ages_s: dict[tuple[int, int], float] = {}
        """Process and when it was started -> its age when it was last seen."""
        self._ends = threading.Event()

    def run(self) -> None:
        while not self._ends.wait(0.02):
            for process in Path("/proc").iterdir():
                self._look(process / "stat")

    def stop(self) -> None:
        self._ends.set()

    def _look(self, stat: Path) -> None:
        try:
            words = (stat.parent / "cmdline").read_bytes().split(b"\0")
            # The harness's own; those of the sandbox began before its time did.
            if words[0] not in {b"/bin/sh", b"sh"} or b"> answer" not in words[2]:
                return
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended this moment
            return
        if fields[0] not in "ZX":
            began = int(fields[19])  # proc(5): starttime
            now = time.clock_gettime(time.CLOCK_BOOTTIME)
            age = now - began / os.sysconf("SC_CLK_TCK")
            self.ages_s[int(stat.parent.name), began] = age


@contextmanager
def watched() -> Iterator[Watch]:
    watch = Watch()
    thread = threading.Thread(target=watch.run)
    thread.start()
    try:
        yield watch
    finally:
        watch.stop()
        thread.join()


def test_wrong_then_sleep_past_the_limit_then_right_never_passes(
    tmp_path: Path, short_tmp: Path
) -> None:
    needs("bwrap")
    write_files(tmp_path, {"run.toml": SPEC})
    write_small_task(tmp_path / "pack" / "t")
    found = write_shell_harnesses(tmp_path, HARNESSES)

    with watched() as watch:
        ended = run_command(
            *("run", "run.toml", "--run", "out"),
            cwd=tmp_path,
            timeout=60 + 15 * REPEATS,
            environment={**found, "TMPDIR": str(short_tmp)},
        )
        left = left_running(short_tmp)

    assert ended.returncode == 0, ended.stderr
    attempts = [
        attempt
        for each in read_ledger(tmp_path / "out").by_trial.values()
        for attempt in each
    ]
    assert len(attempts) == 3 * REPEATS
    assert {each.record.status for each in attempts} == {Status.AGENT_TIMEOUT}
    assert not any(each.record.passed for each in attempts)
    for digest in {each.workspace for each in attempts}:
        thaw(tmp_path / "out" / "archives" / f"{digest}.tar.gz", tmp_path / "then")
        assert (tmp_path / "then" / "answer").read_text() == "wrong\n"
    assert left == []
    # The shell of each, and of a daemon the one that left the session too.
    assert len(watch.ages_s) >= 4 * REPEATS
    oldest_s = max(watch.ages_s.values())
    times = [each.record.agent_time_s or 0.0 for each in attempts]
    print(  # noqa: T201 - figures for those who ask with -s
        f"{len(attempts)} of {len(attempts)} failed; the last of"
        f" {len(watch.ages_s)} processes was seen {max(0, oldest_s - LIMIT_S):.3f} s"
        f" after the limit; agent time at most {max(times):.3f} s"
    )
    assert oldest_s < LIMIT_S + GRACE_S
