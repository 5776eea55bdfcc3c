import os
from pathlib import Path

import pytest

from harness_bench.errors import SandboxError
from runner.box.engine import Engine, engine_named


@pytest.mark.parametrize("name", ["docker", "podman"])
def test_a_box_has_no_network_no_mounts_of_the_machine_and_no_rights(name: str) -> None:
    command = Engine(name=name, is_podman=name == "podman").start("id", name="box-1")
    words = " ".join(command[:-5])
    for flag in (
        *("run --rm --interactive", "--network none", "--cap-drop ALL", "--read-only"),
        *("--user 1000:1000", "--pull never", "--security-opt no-new-privileges"),
        *("--log-driver none", "--volume /box --workdir / id"),
    ):
        assert flag in words
    assert "unmask=ALL" in words or name == "docker"
    assert "systempaths=unconfined" in words or name == "podman"
    assert "--privileged" not in words
    assert "exec" not in command
    # No folder of the machine: a volume with a colon would be one.
    assert not [
        each
        for each in command
        if each.startswith("/") and ":" in each and not each.endswith("size=2g")
    ]


def _command(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_an_engine_that_does_not_answer_is_one_line_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SandboxError) as none:
        engine_named("any")
    assert str(none.value) == (
        "docker: is not on PATH; install it\npodman: is not on PATH; install it"
    )
    _command(tmp_path, "docker", "echo 'Cannot connect to the daemon' >&2; exit 1")
    with pytest.raises(SandboxError) as refusing:
        engine_named("docker")
    assert str(refusing.value) == (
        "docker: refuses: 'Cannot connect to the daemon'; start it"
    )
    _command(tmp_path, "podman", "echo podman version 5")
    assert engine_named("any") == Engine(name="podman", is_podman=True)


def test_podman_under_the_name_of_docker_is_podman(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    _command(tmp_path, "docker", "echo Podman Engine")
    assert engine_named("docker") == Engine(name="docker", is_podman=True)
