"""The profile that macOS is given; `test_conformance.py` runs it where macOS is."""

import asyncio
import sys
import tempfile
from pathlib import Path

import pytest

from harness_bench.errors import SandboxError
from runner.sandboxes.places import in_place
from runner.sandboxes.sandbox import Confined, Mount
from runner.sandboxes.seatbelt import Seatbelt, profile


def confined(place: Path) -> Confined:
    for name in ("work", "shown", "model"):
        (place / name).mkdir()
    return Confined(
        command=("/bin/sh", "-c", "true"),
        mounts=(
            Mount(source=place / "work", target="/workspace", writable=True),
            Mount(source=place / "shown", target="/opt/shown"),
            Mount(source=place / "model", target="/run/model"),
        ),
        ports=(40001,),
    )


def test_all_is_refused_but_what_is_listed(tmp_path: Path) -> None:
    rules = profile(in_place(confined(tmp_path))).splitlines()

    assert rules[:2] == ["(version 1)", "(deny default)"]
    writes = [rule for rule in rules if "file-write*" in rule]
    assert writes == [
        f'(allow file-read* file-write* (subpath "{tmp_path}/work"))',
    ]
    network = [rule for rule in rules if "localhost" in rule]
    assert network == [
        '(allow network-bind network-inbound (local tcp "localhost:40001"))',
        '(allow network-outbound (remote tcp "localhost:40001"))',
    ]
    assert f'(allow file-read* (subpath "{tmp_path}/shown"))' in rules
    assert not any("/Users" in rule or "/home" in rule for rule in rules)


def test_a_path_cannot_end_its_rule() -> None:
    what = Confined(
        command=("true",),
        mounts=(Mount(source=Path('/a"))(allow default)(x "\\'), target="/opt/a"),),
    )

    (rule,) = (each for each in profile(what).splitlines() if "allow default" in each)

    assert rule == '(allow file-read* (literal "/a\\"))(allow default)(x \\"\\\\"))'


def test_a_folder_too_deep_for_sockets_is_told(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 80)
    deep.mkdir()
    what = Confined(
        command=("true",), mounts=(Mount(source=deep, target="/run/model"),)
    )

    async def start() -> None:
        with tempfile.TemporaryFile() as log:
            await Seatbelt().start(what, output=log, errors=log)

    with pytest.raises(SandboxError, match="is too long for the path of a socket"):
        asyncio.run(start())


def test_another_system_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a Mac, another system is a mock."""
    if sys.platform == "darwin":
        monkeypatch.setattr(sys, "platform", "linux")
    (line,) = map(str, Seatbelt().problems())

    assert line == f"seatbelt: needs macOS, and this is {sys.platform}"
