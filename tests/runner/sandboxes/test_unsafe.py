"""Without a sandbox: only when a person says so, and then every row says so too."""

from pathlib import Path

import pytest

from harness_bench.registry import names
from harness_bench.schema import Status
from sitegen.parsed import read
from tests.runs import run_command, write_files, write_small_task

SPEC = """\
[run]
packs = ["pack"]
sandbox = "{sandbox}"
[limits]
agent_s = 30
[[model]]
name = "oracle"
script = "oracle"
workspace = "."
[[model]]
name = "wrong"
script = "wrong"
workspace = "."
[[harness]]
name = "mini"
"""
# The word is asked for by a path that is the same in every sandbox.
TESTS = """\
echo 1..1 >&3
said=$(candidate cat answer)
if [ "$said" = right ]; then echo ok 1 >&3; else echo not ok 1 >&3; fi
"""


def write(folder: Path, sandbox: str) -> None:
    write_files(folder, {"run.toml": SPEC.format(sandbox=sandbox)})
    write_small_task(folder / "pack" / "t", TESTS)


@pytest.mark.e2e
@pytest.mark.slow
def test_trials_run_without_a_sandbox_when_asked_and_rows_say_so(
    tmp_path: Path,
) -> None:
    write(tmp_path, "bubblewrap")

    ended = run_command(
        *("run", "run.toml", "--run", "out", "--unsafe-no-sandbox"), cwd=tmp_path
    )

    assert ended.returncode == 0, ended.stderr
    rows = read((tmp_path / "out" / "cells.csv").read_bytes())
    assert [(row.status, row.sandbox) for row in rows] == [
        (Status.PASS, "unsafe"),
        (Status.FAIL, "unsafe"),
    ]


def test_settings_alone_never_turn_the_sandbox_off(tmp_path: Path) -> None:
    write(tmp_path, "unsafe")

    ended = run_command("run", "run.toml", "--run", "out", cwd=tmp_path)

    assert ended.returncode == 1
    assert ended.stderr == (
        "run.toml: [run] sandbox is 'unsafe', which confines nothing; name"
        " another, or give --unsafe-no-sandbox\n"
    )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("sandbox", "expected"),
    [
        (
            "bubblewrap:x",
            "[run] sandbox is 'bubblewrap:x', which is not installed (did you mean",
        ),
        (
            "docker",
            "[run] sandbox is 'docker', which is not installed; choose one of "
            + ", ".join(names("sandboxes")),
        ),
    ],
)
def test_a_sandbox_that_cannot_be_had_is_one_line_and_no_trial(
    tmp_path: Path, sandbox: str, expected: str
) -> None:
    write(tmp_path, sandbox)

    ended = run_command("run", "run.toml", "--run", "out", cwd=tmp_path)

    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert expected in line
    assert not (tmp_path / "out").exists()


def test_a_hosted_models_key_is_never_left_to_an_agent_that_nothing_confines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXAMPLE_API_KEY", "secret")
    write(tmp_path, "bubblewrap")
    (tmp_path / "pack" / "pack.toml").write_text("[pack]\nallow_hosted = true\n")
    hosted = 'base_url = "http://127.0.0.1:9"\nprotocol = "openai"\n'
    spec = (tmp_path / "run.toml").read_text()
    key = 'key_env = "EXAMPLE_API_KEY"\nvendor = "V"'
    written = 'script = "oracle"\nworkspace = "."'
    assert written in spec
    (tmp_path / "run.toml").write_text(spec.replace(written, f"{hosted}{key}"))

    ended = run_command(
        *("run", "run.toml", "--run", "out", "--unsafe-no-sandbox"), cwd=tmp_path
    )

    assert ended.returncode == 1
    assert "oracle: is hosted, and without a sandbox agents could read" in ended.stderr
    assert not (tmp_path / "out").exists()
