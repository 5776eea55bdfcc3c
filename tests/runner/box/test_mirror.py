from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_bench.errors import RunError
from runner.box.mirror import Change, Watched, keep


def _sync(watched: Watched, outside: Path) -> list[str]:
    names = []
    for change in watched.changes():
        data = (watched.root / change.name).read_bytes()[change.start : change.end]
        keep(outside, change, data)
        watched.sent(change)
        names.append(change.name)
    return names


def _all(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


_step = st.tuples(
    st.sampled_from(["append", "replace", "sync"]),
    st.sampled_from(["ledger/a.jsonl", "traces/t/log", "plan.json"]),
    st.binary(min_size=1, max_size=40),
)


@given(st.lists(_step, max_size=12))
def test_the_folder_outside_becomes_the_one_inside(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, bytes]]
) -> None:
    inside = tmp_path_factory.mktemp("inside")
    outside = tmp_path_factory.mktemp("outside")
    watched = Watched(inside)
    for what, name, data in [*steps, ("sync", "", b"")]:
        path = inside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        match what:
            case "append":
                with path.open("ab") as file:
                    file.write(data)
            case "replace" if name == "plan.json":
                aside = path.with_name(".aside")
                aside.write_bytes(data)
                aside.replace(path)
            case _:
                _sync(watched, outside)
    assert _all(outside) == _all(inside)


def test_a_line_of_the_ledger_comes_after_what_it_speaks_of(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    (inside / "ledger").mkdir(parents=True)
    (inside / "traces").mkdir()
    watched = Watched(inside)
    (inside / "ledger/a.jsonl").write_bytes(b"line")
    (inside / "traces/log").write_bytes(b"log")
    (inside / "lock").write_bytes(b"1")
    (inside / ".plan.json.1234").write_bytes(b"half")
    assert _sync(watched, outside) == ["traces/log", "ledger/a.jsonl"]
    assert _sync(watched, outside) == []
    # What is written while others are sent waits for the next turn.
    changes = watched.changes()
    (inside / "ledger/a.jsonl").write_bytes(b"line and more")
    found = list(changes)
    assert [(each.name, each.start, each.end) for each in found] == [
        ("ledger/a.jsonl", 4, 13)
    ]


@pytest.mark.parametrize(
    "name", ["../out", "/etc/passwd", "a/../../b", "", "lock", ".reserve", "a/.b"]
)
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RunError):
        keep(tmp_path / "run", Change(name=name, start=0, end=1), b"x")
    assert not _all(tmp_path)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    run, other = tmp_path / "run", tmp_path / "other"
    run.mkdir()
    other.mkdir()
    (run / "traces").symlink_to(other)
    (run / "file").symlink_to(other / "file")
    (other / "file").write_bytes(b"mine")
    with pytest.raises(RunError):
        keep(run, Change(name="traces/log", start=0, end=1), b"x")
    with pytest.raises(RunError):
        keep(run, Change(name="file", start=1, end=2), b"x")
    assert _all(other) == {"file": b"mine"}
