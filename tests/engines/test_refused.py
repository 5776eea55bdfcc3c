"""A machine that is not as the run's gets no work, and the run says why in one line."""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from runner.models.served import free_port
from tests.engines.sweeps import holds, said, scheduler, started, until
from tests.runner.models.gguf_files import write_gguf
from tests.runs import write_shell_harnesses, write_small_task

pytestmark = [pytest.mark.engines, pytest.mark.timeout(600)]

SETTINGS = """\
[run]
name = "r"
packs = ["{pack}"]
hardware = "{hardware}"
seeds = 3

[[model]]
name = "served"
gguf = "$MODELS/tiny.gguf"
context_tokens = 4096
output_tokens = 1024
program = "{program}"

[[harness]]
name = "right"
version = "{version}"
"""
LEAKY = """\
#!/usr/bin/env python3
import os, sys
place = sys.argv.index("--args") + 1
with open(int(sys.argv[place]), "rb") as file:
    words = [each for each in file.read().split(b"\\0") if each != b"--unshare-net"]
kept = os.memfd_create("kept", 0)
os.write(kept, b"\\0".join(words))
os.lseek(kept, 0, os.SEEK_SET)
sys.argv[place] = str(kept)
os.execv("/usr/bin/bwrap", ["bwrap", *sys.argv[1:]])
"""
FAKE = Path(__file__).parents[1] / "runner" / "models" / "fake_llama_server.py"


def settings(folder: Path, hardware: str, version: str = "1") -> Path:
    path = folder / f"{hardware}.toml"
    path.write_text(
        SETTINGS.format(
            pack=folder / "pack", program=FAKE, hardware=hardware, version=version
        )
    )
    return path


def is_refused(cwd: Path, name: str) -> bool:
    return f"worker {name}: gets no work" in said(cwd, "run")


def test_a_machine_that_differs_gets_no_work(tmp_path: Path) -> None:
    write_small_task(tmp_path / "pack" / "one")
    plugins = write_shell_harnesses(tmp_path, {"right": "echo right > answer"})
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_gguf(tmp_path / name)
    with (tmp_path / "b" / "tiny.gguf").open("ab") as file:
        file.write(b"\0")
    leaky = tmp_path / "bin"
    leaky.mkdir()
    (leaky / "bwrap").write_text(LEAKY)
    (leaky / "bwrap").chmod(0o755)
    ours = {**plugins, "MODELS": str(tmp_path / "a")}
    bad: Mapping[str, tuple[Path, Mapping[str, str], str]] = {
        "other-version": (
            settings(tmp_path, "card-1", version="2"),
            ours,
            "harness right version is '2' there, and '1' here",
        ),
        "other-model": (
            settings(tmp_path, "card-2"),
            {**ours, "MODELS": str(tmp_path / "b")},
            "model served identity",
        ),
        "leaky": (
            settings(tmp_path, "card-3"),
            {**ours, "PATH": f"{leaky}:{os.environ['PATH']}"},
            "attacks: ",
        ),
    }
    port = free_port()
    there = ("--scheduler", f"tcp://127.0.0.1:{port}")
    run = ("run", settings(tmp_path, "lead"), "--run", tmp_path / "r", *there)
    with ExitStack() as left:
        left.enter_context(scheduler(tmp_path, port))
        for name, (path, environment, _) in bad.items():
            words = ("worker", path, *there, "--name", name)
            left.enter_context(started(*words, cwd=tmp_path, **environment))
        leader = left.enter_context(started(*run, cwd=tmp_path, **ours))
        for name, (_, _, why) in bad.items():
            until(partial(is_refused, tmp_path, name), f"{name} is refused", 200)
            (line,) = [
                line
                for line in said(tmp_path, "run").splitlines()
                if f"worker {name}:" in line
            ]
            assert why in line
        good = ("worker", settings(tmp_path, "card-4"), *there, "--name", "good")
        left.enter_context(started(*good, cwd=tmp_path, **ours))
        assert leader.wait(timeout=120) == 0, said(tmp_path, "run")
    holds(tmp_path / "r", 3)
    text = (tmp_path / "r" / "cells.csv").read_text()
    assert text.count("card-4") == 3
