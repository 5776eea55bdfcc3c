"""What a run refuses before it begins: one clear line each, and nothing half done."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.needs import needs
from tests.runs import (
    PRACTICE,
    runner_command,
    runner_environment,
    write_spec,
)

pytestmark = pytest.mark.e2e


def refused(*command: str | Path, cwd: Path, **environment: str) -> list[str]:
    """What a command that must fail says, line by line."""
    ended = subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        env=runner_environment(**environment),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1, (ended.returncode, ended.stderr)
    assert ended.stdout == ""
    return ended.stderr.splitlines()


def in_own_mounts(script: str) -> list[str]:
    """A shell in which file systems can be mounted that nobody else sees."""
    unshare = needs("unshare")
    own_user = [] if os.getuid() == 0 else ["--map-root-user"]
    return [unshare, *own_user, "--mount", "sh", "-ec", script, "sh"]


def test_no_bubblewrap(tmp_path: Path) -> None:
    spec = write_spec(tmp_path, scripts=["null"])
    (tmp_path / "bin").mkdir()

    lines = refused(
        *runner_command("run", spec), cwd=tmp_path, PATH=str(tmp_path / "bin")
    )

    assert len(lines) == 1
    assert lines[0].startswith("bubblewrap: bwrap is not on PATH; install it")
    assert not (tmp_path / "runs").exists()


def test_no_user_namespaces(tmp_path: Path) -> None:
    bwrap = needs("bwrap")
    spec = write_spec(tmp_path, scripts=["null"])
    outer = (bwrap, "--unshare-user", "--disable-userns", "--dev-bind", "/", "/")

    lines = refused(*outer, "--", *runner_command("run", spec), cwd=tmp_path)

    assert lines
    assert all("namespace" in line or "bubblewrap" in line for line in lines), lines
    assert not (tmp_path / "runs").exists()


def test_a_full_disk(tmp_path: Path) -> None:
    needs("bwrap")
    spec = write_spec(tmp_path, scripts=["null"])
    (tmp_path / "full").mkdir()
    mounted = in_own_mounts('mount -t tmpfs -o size=1m none full; exec "$@"')

    lines = refused(
        *mounted, *runner_command("run", spec, "--run", "full/run"), cwd=tmp_path
    )

    assert len(lines) == 1
    assert lines[0].startswith(
        "full/run: only 1 MiB are free there, and a run needs 256;"
    )


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    needs("bwrap")
    spec = write_spec(tmp_path, scripts=["null"])
    (tmp_path / "closed").mkdir()
    mounted = in_own_mounts('mount -t tmpfs -o ro,size=1g none closed; exec "$@"')

    lines = refused(
        *mounted, *runner_command("run", spec, "--run", "closed/run"), cwd=tmp_path
    )

    (line,) = lines
    assert line == (
        "closed/run: cannot be written (read-only file system); choose another folder"
        " with --run"
    )


GOOD = """\
[run]
packs = ["PACKS"]
[limits]
agent_s = 60
tokens = 1000
[[model]]
name = "m"
script = "null"
[[harness]]
name = "mini"
"""


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        (
            "[limits]",
            "sedes = 3\n[limits]",
            ["unknown key 'sedes' (did you mean 'seeds'?); the keys are "],
        ),
        (
            '"mini"',
            '"minni"',
            ["'minni', which is not installed (did you mean 'mini'?); choose one of "],
        ),
        (
            "[limits]",
            'tasks = ["no-such-task"]\n[limits]',
            ["names 'no-such-task', which no pack has"],
        ),
        ("PACKS", "nowhere", ["names 'nowhere', which is not a folder"]),
        (
            "60\ntokens = ",
            "0\ntokens = -",
            [
                "agent_s is 0.0, expected a number above 0",
                "tokens is -1000, expected a number above 0",
            ],
        ),
    ],
    ids=["unknown key", "unknown harness", "missing task", "missing pack", "limits"],
)
def test_settings_that_cannot_be_meant(
    tmp_path: Path, good: str, bad: str, expected: list[str]
) -> None:
    needs("bwrap")
    spec = tmp_path / "run.toml"
    spec.write_text(GOOD.replace(good, bad).replace("PACKS", str(PRACTICE)))

    lines = refused(*runner_command("run", spec), cwd=tmp_path)

    assert len(lines) == len(expected), lines
    for line, words in zip(lines, expected, strict=True):
        assert words in line
    assert not (tmp_path / "runs").exists()
