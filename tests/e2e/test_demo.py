"""`harness-bench demo`: from nothing to a site of real trials."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from harness_bench.cells_csv import write
from harness_bench.schema import Status, UsageSource
from sitegen.build import build
from sitegen.inputs import read_inputs
from sitegen.metadata import HarnessInfo, read_infos
from sitegen.parsed import read
from tests.needs import needs
from tests.runs import run_command, runner_environment
from tests.sitegen.test_no_statement_contradicts_another import CHECKS

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demonstration has run."""
    for tool in ("bwrap", "cc"):
        needs(tool)
    folder = tmp_path_factory.mktemp("demo")
    ended = run_command("demo", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "site\n"
    return folder


def test_the_oracle_passes_every_task_twice_and_nobody_else_passes_any(
    folder: Path,
) -> None:
    records = read((folder / "runs" / "demo" / "cells.csv").read_bytes())

    found = Counter((record.model, record.status) for record in records)
    assert found == {
        ("oracle", Status.PASS): 6,
        ("null", Status.NO_CHANGE): 6,
        ("wrong", Status.FAIL): 6,
    }
    assert len({record.task for record in records}) == 3
    assert {record.seed for record in records} == {0, 1}


def test_every_trial_says_what_was_measured_and_on_what(folder: Path) -> None:
    for record in read((folder / "runs" / "demo" / "cells.csv").read_bytes()):
        assert record.usage_source is UsageSource.PROXY
        assert record.calls
        assert record.tokens_in
        assert record.tokens_out
        assert record.first_token_s is not None
        # Scripts send an answer in a burst: no speed, unless the machine is busy.
        assert record.tokens_per_s is None or record.tokens_per_s > 0
        assert record.context_peak
        assert record.context_peak <= record.tokens_in + record.tokens_out
        assert record.malformed_calls == 0
        assert record.tests_total
        assert record.agent_time_s is not None
        assert record.model_time_s is not None
        assert record.tool_time_s is not None
        parts = record.model_time_s + record.tool_time_s
        assert record.agent_time_s == pytest.approx(parts, abs=0.002)
        assert record.grade_time_s is not None
        assert record.sandbox == "bubblewrap"
        assert (record.server_build or "").startswith("scripted")
        assert record.task_version
        assert record.harness_version
        assert record.hardware
        assert record.started_at
        assert record.grader_mentions is False


def test_the_csv_is_canonical_and_the_same_bytes_on_every_rebuild(
    folder: Path,
) -> None:
    cells = folder / "runs" / "demo" / "cells.csv"
    first = cells.read_bytes()
    assert write(read(first)) == first
    cells.unlink()

    ended = run_command("export", "runs/demo", cwd=folder)

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "runs/demo/cells.csv\n"
    assert cells.read_bytes() == first


def test_no_statement_of_its_site_contradicts_another(folder: Path) -> None:
    found = read_inputs([folder / "runs" / "demo"])
    for check in CHECKS:
        check((found, build(found)))


def test_a_harness_says_what_ran_and_what_it_began_with(folder: Path) -> None:
    run = folder / "runs" / "demo"
    records = read((run / "cells.csv").read_bytes())
    (version,) = {record.harness_version for record in records}
    found = read_infos(run / "harnesses.csv", HarnessInfo, key="harness")
    (mini,) = found.infos.values()
    assert mini.version == version
    assert mini.settings is None
    assert mini.prompt_tokens is not None
    assert 0 < mini.prompt_tokens < max(record.tokens_in or 0 for record in records)

    page = (folder / "site" / "methodology.html").read_text()
    assert f"Version {version}. Its first request held {mini.prompt_tokens:,}" in page
    assert "No model here is known to be hosted by a vendor" in page


def test_what_was_measured_of_a_harness_follows_from_the_ledger(folder: Path) -> None:
    harnesses = folder / "runs" / "demo" / "harnesses.csv"
    first = harnesses.read_bytes()
    header, name = first.splitlines()[0], b"mini,,,,,,"
    harnesses.write_bytes(header + b"\n" + name + b"\n")

    ended = run_command("export", "runs/demo", cwd=folder)

    assert ended.returncode == 0, ended.stderr
    assert harnesses.read_bytes() == first


def test_a_second_demo_runs_no_trial_again(folder: Path) -> None:
    ledger = sorted((folder / "runs" / "demo" / "ledger").iterdir())

    ended = run_command("demo", cwd=folder)

    assert ended.returncode == 0, ended.stderr
    assert "18 trials, 18 already done, 0 to run" in ended.stderr
    assert sorted((folder / "runs" / "demo" / "ledger").iterdir()) == ledger


@pytest.mark.parametrize("bwrap", [None, "echo 'bwrap: no namespaces' >&2; exit 1"])
def test_without_a_sandbox_it_builds_the_worked_example_and_says_why(
    tmp_path: Path, bwrap: str | None
) -> None:
    (tmp_path / "bin").mkdir()
    if bwrap:
        program = tmp_path / "bin" / "bwrap"
        program.write_text(f"#!/bin/sh\n{bwrap}\n")
        program.chmod(0o755)

    ended = run_command(
        "demo", cwd=tmp_path, environment={"PATH": str(tmp_path / "bin")}
    )

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "site\n"
    why, last = ended.stderr.splitlines()
    assert why.startswith("no trials were run: bubblewrap: ")
    assert last == "open site/index.html: the worked example"
    board = (tmp_path / "site" / "index.html").read_text()
    assert "Reconstruction" in board


LIKE_A_MAC = """\
import asyncio, os, resource, select, signal, subprocess, sys, urllib.request
import click
for module, names in {
    os: "eventfd memfd_create pidfd_open sched_getaffinity setns splice unshare",
    resource: "prlimit",
    select: "epoll",
    signal: "pidfd_send_signal",
}.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
sys.platform = "darwin"
from harness_bench.cli import main
main(["demo"])
"""
"""The command without what only Linux has."""


def test_what_only_linux_has_is_not_needed(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", LIKE_A_MAC],
        cwd=tmp_path,
        env=runner_environment() | {"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stderr
    assert (
        "no trials were run: bubblewrap: needs Linux, and this is darwin;"
        in ended.stderr
    )
    assert (tmp_path / "site" / "index.html").is_file()


def test_every_page_with_results_says_that_they_are_scripted(folder: Path) -> None:
    pages = sorted((folder / "site").rglob("*.html"))
    silent = [
        str(page.relative_to(folder))
        for page in pages
        if re.search(r"oracle|<svg|<table", page.read_text())
        and not re.search(r"not (a )?language model", page.read_text())
    ]
    assert pages
    assert silent == []


def test_an_author_sees_all_of_a_trial(folder: Path) -> None:
    ended = run_command("show", "runs/demo", "oracle/mini/p1_page_ranges/0", cwd=folder)

    assert ended.returncode == 0, ended.stderr
    for part in ("pass", "page", "write", "+++", "grader"):
        assert part in ended.stdout
