"""build, serve and embed as a person runs them, on a small table."""

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from sitegen.publish import MANIFEST

pytestmark = pytest.mark.e2e

ROWS = "model,harness,task,passed\n" + "".join(
    f"{model},{harness},{task},{int(task != 'hard' or model == 'm1')}\n"
    for model in ("m1", "m2")
    for harness in ("aider", "pi")
    for task in ("easy", "hard", "odd")
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "my results.csv"
    path.write_text(ROWS)
    return path


def run(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "harness_bench", *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": ""},
    )


def bytes_below(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_build_prints_the_folder_and_tells_the_rest(table: Path) -> None:
    done = run(table.parent, "build", table.name)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "site\n"
    assert "files written, 0 unchanged, 0 deleted" in done.stderr
    assert "preview with: harness-bench serve 'my results.csv'" in done.stderr
    assert (table.parent / "site" / "index.html").exists()
    again = run(table.parent, "build", table.name)
    assert "0 files written, " in again.stderr


def test_bad_rows_end_with_1_and_leave_the_site(table: Path) -> None:
    assert run(table.parent, "build", table.name).returncode == 0
    before = bytes_below(table.parent / "site")
    table.write_text(ROWS + "m3,aider,easy,2\n,aider,easy,1\n")
    done = run(table.parent, "build", table.name)
    assert done.returncode == 1
    assert done.stdout == ""
    for line in (14, 15):
        assert f"my results.csv:{line}: " in done.stderr
    assert bytes_below(table.parent / "site") == before


def test_build_takes_a_run_folder(table: Path) -> None:
    run_folder = table.parent / "runs" / "first"
    run_folder.mkdir(parents=True)
    refused = run(table.parent, "build", "runs/first")
    assert refused.returncode == 1
    assert refused.stderr == (
        "runs/first: holds no cells.csv; give a CSV file, or the folder of a run that"
        " has begun; for other results, `harness-bench init` writes [input] paths\n"
    )
    assert not (table.parent / "site").exists()
    table.rename(run_folder / "cells.csv")
    done = run(table.parent, "build", "runs/first")
    assert done.returncode == 0, done.stderr
    assert "preview with: harness-bench serve runs/first" in done.stderr
    assert (table.parent / "site" / "index.html").exists()


def test_serve_waits_for_the_first_trial_of_a_run(table: Path) -> None:
    run_folder = table.parent / "runs" / "first"
    run_folder.mkdir(parents=True)
    with subprocess.Popen(
        [sys.executable, "-m", "harness_bench", "serve", run_folder, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        assert "No finished trials yet" in fetched(address)
        (run_folder / "cells.csv").write_text(ROWS.partition("\n")[0] + "\n")
        table.replace(run_folder / "cells.csv")
        until = time.monotonic() + 60
        while "m1" not in fetched(address) and time.monotonic() < until:
            time.sleep(0.1)
        assert "m1" in fetched(address)
        server.send_signal(signal.SIGINT)
        _, said = server.communicate(timeout=30)
    assert server.returncode == 0
    assert said.startswith("no finished trials yet\n")


def test_a_foreign_folder_ends_with_1_and_force_overrides(table: Path) -> None:
    done = run(table.parent, "build", table.name, "--out", ".")
    assert done.returncode == 1
    assert "--force" in done.stderr
    assert [file.name for file in table.parent.iterdir()] == [table.name]
    assert run(table.parent, "build", table.name, "--out", ".", "--force").stdout
    assert table.read_text() == ROWS
    assert (table.parent / MANIFEST).exists()


def test_embed_reads_what_build_wrote(table: Path) -> None:
    run(table.parent, "build", table.name)
    found = run(table.parent, "embed").stdout.splitlines()
    listed = [line for line in found if not line.startswith("data/")]
    assert listed
    for line in listed:
        chart = line.partition("\t")[0]
        done = run(table.parent, "embed", chart, "--base-url", "https://example.org")
        assert done.stdout.startswith('<iframe src="https://example.org/embed/')
        source = done.stdout.partition("https://example.org/")[2].partition('"')[0]
        assert (table.parent / "site" / source).is_file()


def test_serve_prints_its_address_follows_the_table_and_stops(table: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "harness_bench", "serve", table, "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:")
        assert "m1" in fetched(address)
        table.write_text(ROWS.replace("m1", "another-model"))
        until = time.monotonic() + 60
        while "another-model" not in fetched(address) and time.monotonic() < until:
            time.sleep(0.1)
        assert "another-model" in fetched(address)
        server.send_signal(signal.SIGINT)
        _, said = server.communicate(timeout=30)
    assert server.returncode == 0
    assert said.splitlines()[-1] == "stopped"
    assert "Traceback" not in said
    with pytest.raises(urllib.error.URLError):
        fetched(address)


def fetched(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310 - our own
        return str(answer.read().decode())
