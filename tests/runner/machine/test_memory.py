"""How much memory a machine leaves, and what programs took of it."""

import subprocess
from pathlib import Path

from runner.machine.memory import free_bytes, memory_bytes, peak_bytes


def test_memory_is_what_machine_and_container_leave(tmp_path: Path) -> None:
    system, group = tmp_path / "meminfo", tmp_path / "group"
    group.mkdir()
    assert memory_bytes(system, group) is None
    system.write_text("MemTotal:        1000 kB\nMemFree:  1 kB\n")
    assert memory_bytes(system, group) == 1_024_000
    (group / "memory.max").write_text("max\n")
    assert memory_bytes(system, group) == 1_024_000
    (group / "memory.max").write_text("5000\n")
    assert memory_bytes(system, group) == 5000


def test_what_is_free_is_what_the_system_says_is_available(tmp_path: Path) -> None:
    system = tmp_path / "meminfo"
    assert free_bytes(system) is None
    system.write_text("MemTotal:  900 kB\nMemFree:  1 kB\nMemAvailable:   300 kB\n")
    assert free_bytes(system) == 300 * 1024


def test_the_peak_is_that_of_all_who_come_from_a_process_and_not_its_own(
    tmp_path: Path,
) -> None:
    for pid, children, kb in (
        (1, "2 3", 1_000_000),
        (2, "4", 100),
        (3, "", 20),
        (4, "", 3),
        (5, "", 7_000),
    ):
        (tmp_path / f"{pid}/task/{pid}").mkdir(parents=True)
        (tmp_path / f"{pid}/task/{pid}/children").write_text(children)
        status = f"Name:\tgrüße\nVmPeak:\t  999 kB\nVmHWM:\t {kb} kB\nVmRSS:\t 1 kB\n"
        (tmp_path / f"{pid}/status").write_text(status)
    assert peak_bytes(1, tmp_path) == 123 * 1024
    assert peak_bytes(4, tmp_path) is None
    assert peak_bytes(6, tmp_path) is None


def test_processes_may_end_while_they_are_looked_at() -> None:
    script = "while :; do /bin/true & /bin/true & /bin/true; done"
    with subprocess.Popen(["/bin/sh", "-c", script]) as busy:
        peaks = [peak_bytes(busy.pid) for _ in range(300)]
        busy.kill()
    assert any(peaks) == Path("/proc/self").exists()
