"""A real model outside the box, and real harnesses inside it."""

import re
from pathlib import Path

import pytest

from harness_bench.cache import cache_folder
from runner.box.engine import engine_named
from runner.box.image import image_id
from sitegen.parsed import read
from tests.llama.runs_of_models import await_no_process, write_spec
from tests.runs import run_command

pytestmark = [pytest.mark.llama, pytest.mark.box, pytest.mark.timeout(1200)]

HARNESSES = ("claude", "mini", "pi")


def test_what_is_counted_inside_is_what_the_server_counts(
    model: Path, tmp_path: Path
) -> None:
    image_id(engine_named("podman"))
    spec = write_spec(tmp_path, model, harnesses=HARNESSES, calls=2)
    logs = cache_folder() / "llama-server"

    done = run_command(
        *("run", spec, "--box", "podman", "--run", "out"), cwd=tmp_path, timeout=1000
    )

    assert done.returncode == 0, done.stderr
    rows = read((tmp_path / "out" / "cells.csv").read_bytes())
    assert sorted(row.harness for row in rows) == [*HARNESSES]
    (log,) = logs.glob("gemma-3-270m*.log")
    held = re.findall(r"stop processing: n_tokens = (\d+)", log.read_text())
    # The first question is the runner's own. The last token of an answer is said, and
    # never held.
    calls = sum(row.calls or 0 for row in rows)
    assert len(held) == calls + 1
    counted = sum((row.tokens_in or 0) + (row.tokens_out or 0) for row in rows)
    assert counted - calls == sum(map(int, held[1:]))
    await_no_process(model, tmp_path)
