"""Who works for a run is told as long as the one who leads them is there."""

from pathlib import Path

from harness_bench.going import LOCK
from runner.run_folder.workers_file import Crew, WorkerSeen, read_crew, write_crew

CREW = Crew(
    pid=7,
    began=1.5,
    left=20,
    ended=3,
    failed={"gpu1": 1},
    orders={"m": 2},
    workers=(WorkerSeen(name="gpu1", model="m", doing="works"),),
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    (tmp_path / LOCK).write_text("7")
    write_crew(tmp_path, CREW)
    assert read_crew(tmp_path) == CREW


def test_workers_of_an_earlier_run_are_not_told(tmp_path: Path) -> None:
    write_crew(tmp_path, CREW)
    assert read_crew(tmp_path) is None
    (tmp_path / LOCK).write_text("8")
    assert read_crew(tmp_path) is None


def test_a_damaged_file_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / LOCK).write_text("7")
    (tmp_path / "workers.json").write_text("{}")
    assert read_crew(tmp_path) is None
