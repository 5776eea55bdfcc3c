"""What a model runs on."""

import os
import platform
from pathlib import Path

import pytest

from runner.machine.hardware import hardware


def test_a_processor_is_named_as_linux_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "cpuinfo"
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    info.write_bytes(
        b"flags: x\nmodel name:\nmodel name\t:  Big\t\xff  Chip \nmodel name: B"
    )
    assert hardware(info) == "Big \N{REPLACEMENT CHARACTER} Chip, 2 cores"


def test_where_nothing_is_told_the_kind_of_machine_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    monkeypatch.setattr(platform, "processor", lambda: "")
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    assert hardware(tmp_path / "none") == "arm64, 1 core"
    monkeypatch.setattr(platform, "processor", lambda: "M4")
    assert hardware(tmp_path / "none") == "M4, 1 core"


def test_a_system_that_tells_no_cores_for_us_tells_those_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 12)
    assert hardware(tmp_path / "none").endswith(", 12 cores")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert hardware(tmp_path / "none").endswith(", 1 core")
