"""What every sandbox promises, and what those promise that confine.

Each test runs with every sandbox that this machine can make.
"""

import asyncio
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from harness_bench.registry import names
from runner.harnesses.agent_mounts import INSIDE
from runner.limits import Limits
from runner.preflight.probes import probe
from runner.sandboxes.interpreter import interpreter
from runner.sandboxes.process_tree import TAG
from runner.sandboxes.sandbox import Confined, Exit, Mount, Sandboxed, sandbox_named
from tests.runner.sandboxes.confining import alive, until
from tests.runs import wait_for

pytestmark = pytest.mark.e2e

ALL = {name: sandbox_named(name) for name in names("sandboxes")}
USABLE = [name for name, sandbox in ALL.items() if not sandbox.problems()]
CONFINING = [name for name in USABLE if name != "unsafe"]
every = pytest.mark.parametrize("name", USABLE)
confining = pytest.mark.parametrize("name", CONFINING)

TREE = """
trap '' TERM INT HUP QUIT
(setsid sh -c "trap '' TERM; sleep {mark}; sleep {mark}" &)
(setsid setsid sleep {mark} &)
(nohup sh -c "while :; do sleep {mark}; done" >/dev/null 2>&1 &)
sleep {mark} & sleep {mark} &
sleep 0.5; touch up
"""
"""Processes that do not want to end."""


@pytest.fixture
def mark() -> str:
    """Stands in the command lines of one test's processes; a duration for `sleep`."""
    return f"77{secrets.randbelow(10**8)}"


@pytest.fixture
def place(short_tmp: Path) -> Path:
    """A folder whose path leaves room for a socket's name."""
    return short_tmp.resolve()


def confined(
    place: Path, *command: str, mounts: tuple[Mount, ...] = (), **more: object
) -> Confined:
    workspace = place / "workspace"
    workspace.mkdir(exist_ok=True)
    return Confined(
        command=command,
        mounts=(
            Mount(source=workspace, target="/workspace", writable=True),
            *interpreter().mounts,
            *mounts,
        ),
        **more,  # type: ignore[arg-type]  # fields of Confined
    )


def shell(
    place: Path, script: str, mounts: tuple[Mount, ...] = (), **more: object
) -> Confined:
    return confined(place, "/bin/sh", "-c", script, mounts=mounts, **more)


@asynccontextmanager
async def running(name: str, what: Confined) -> AsyncIterator[Sandboxed]:
    with tempfile.TemporaryFile() as log:
        sandboxed = await ALL[name].start(what, output=log, errors=log)
        try:
            yield sandboxed
        finally:
            await sandboxed.kill()


def ended(name: str, what: Confined) -> tuple[Exit, str, str]:
    """How it ends, what it prints, and its errors."""

    async def whole() -> tuple[Exit, str, str]:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            sandboxed = await ALL[name].start(what, output=out, errors=errors)
            end = await asyncio.wait_for(sandboxed.wait(), 60)
            for file in (out, errors):
                file.seek(0)
            return end, out.read().decode(), errors.read().decode()

    return asyncio.run(whole())


def test_something_confines_on_this_machine() -> None:
    assert CONFINING


@every
def test_a_command_ends_as_it_ended(name: str, place: Path) -> None:
    ends = [ended(name, shell(place, f"exit {code}"))[0] for code in (0, 7, 124)]

    assert ends == [Exit(code=0), Exit(code=7), Exit(code=124)]


@every
def test_output_and_errors_go_to_the_files_given(name: str, place: Path) -> None:
    script = "echo one; echo two >&2; echo three"

    assert ended(name, shell(place, script))[1:] == ("one\nthree\n", "two\n")


@every
def test_it_starts_in_its_folder(name: str, place: Path) -> None:
    (place / "workspace" / "sub").mkdir(parents=True)
    (place / "workspace" / "sub" / "here").touch()

    assert ended(name, shell(place, "ls", folder="/workspace/sub"))[1] == "here\n"


@every
def test_mounts_are_where_its_words_say(name: str, place: Path) -> None:
    (place / "other").mkdir()
    (place / "other" / "file").write_text("text\n")
    (place / "one").write_text("one\n")
    mounts = (
        Mount(source=place / "other", target="/opt/other"),
        Mount(source=place / "one", target="/opt/alone"),
    )
    script = 'cat /opt/other/file /opt/alone "$PLACE"; touch /workspace/made'

    end, out, errors = ended(
        name, shell(place, script, mounts, environment={"PLACE": "/opt/other/file"})
    )

    assert (end, out, errors) == (Exit(code=0), "text\none\ntext\n", "")
    assert (place / "workspace" / "made").stat().st_uid == os.getuid()


@every
def test_its_environment_is_what_was_given(
    name: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "of the machine")
    own = {"PATH", "HOME", "LANG"}
    shells = {"PWD", "OLDPWD", "SHLVL", "_", TAG}

    seen = ended(name, shell(place, "env", environment={"MINE": "yes"}))[1]

    variables = dict(line.split("=", 1) for line in seen.splitlines())
    assert variables["MINE"] == "yes"
    assert own <= set(variables) <= own | shells | {"MINE"}


@every
def test_our_own_python_runs(name: str, place: Path) -> None:
    path = interpreter().path
    what = confined(place, path, "-E", "-s", "-S", "-c", "print(6 * 7)")

    assert ended(name, what)[1] == "42\n"


@every
def test_the_whole_tree_is_dead_when_it_has_been_killed(
    name: str, place: Path, mark: str
) -> None:
    async def killed() -> tuple[int, list[str]]:
        what = shell(place, f"{TREE.format(mark=mark)} wait; sleep {mark}")
        async with running(name, what) as sandboxed:
            await until(place / "workspace" / "up")
            before = len(alive(mark))
            await sandboxed.kill()
            return before, alive(mark)

    before, after = asyncio.run(killed())

    assert before >= 5
    assert after == []


@every
def test_the_whole_tree_is_dead_when_its_command_has_ended(
    name: str, place: Path, mark: str
) -> None:
    assert ended(name, shell(place, f"{TREE.format(mark=mark)} exit 3"))[0] == Exit(
        code=3
    )

    assert alive(mark) == []


@every
def test_what_is_killed_ends_by_a_signal(name: str, place: Path) -> None:
    async def end() -> Exit:
        async with running(name, shell(place, "touch up; sleep 60")) as sandboxed:
            await until(place / "workspace" / "up")
            await sandboxed.kill()
            await sandboxed.kill()
            return await sandboxed.wait()

    assert asyncio.run(end()) == Exit(signal=signal.SIGKILL)


@every
def test_work_is_told_from_idleness(name: str, place: Path) -> None:
    script = """
        i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done
        touch up; exec sleep 60"""

    async def used() -> tuple[float, float]:
        async with running(name, shell(place, script)) as sandboxed:
            await until(place / "workspace" / "up")
            before = sandboxed.cpu_s()
            await asyncio.sleep(0.5)
            return before, sandboxed.cpu_s() - before

    worked, idle = asyncio.run(used())

    assert worked > 0.02
    assert idle < 0.02


_RUNNER = """
import asyncio, sys, tempfile
from pathlib import Path
from tests.runner.sandboxes.test_conformance import ALL, confined, INSIDE, interpreter

async def main(name, place, mark):
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import first, pathlib, time;"
        "first.keep_lifeline(); pathlib.Path('up').touch(); time.sleep(600)"
    )
    what = confined(
        Path(place), interpreter().path, "-c", script, "/opt/inside", mark,
        mounts=(INSIDE,),
    )
    with tempfile.TemporaryFile() as log:
        await (await ALL[name].start(what, output=log, errors=log)).wait()

asyncio.run(main(*sys.argv[1:]))
"""


@every
def test_its_first_process_ends_when_the_runner_is_killed(
    name: str, place: Path, mark: str
) -> None:
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", _RUNNER, name, str(place), mark],
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as runner:
        wait_for((place / "workspace" / "up").exists, 20)
        runner.kill()

    wait_for(lambda: not alive(mark), 20)


@every
def test_files_have_the_size_that_the_limit_says(name: str, place: Path) -> None:
    ended(
        name,
        shell(place, "head -c 5000000 /dev/zero > big", limits=Limits(file_mb=1)),
    )

    assert (place / "workspace" / "big").stat().st_size <= 1 << 20


SERVER = """
import socket, threading
there = socket.create_server(("127.0.0.1", {port}))
threading.Thread(target=lambda: there.accept()[0].sendall(b"mine"), daemon=True).start()
print(socket.create_connection(("127.0.0.1", {port}), 5).recv(9))
"""


@every
def test_its_programs_talk_to_each_other_on_the_ports_given(
    name: str, place: Path
) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    script = SERVER.format(port=port)
    what = confined(place, interpreter().path, "-c", script, ports=(port,))

    assert ended(name, what)[1:] == ("b'mine'\n", "")


SOCKET = """
import socket, sys
with socket.socket(socket.AF_UNIX) as one:
    one.settimeout(5)
    one.connect(sys.argv[1])
    print(one.recv(9))
"""


@every
def test_a_socket_that_is_mounted_leads_outside(name: str, place: Path) -> None:
    (place / "model").mkdir()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(place / "model" / "s"))
        (place / "model" / "s").chmod(0o666)
        door.listen()
        door.settimeout(60)

        async def both() -> str:
            what = confined(
                place,
                *(interpreter().path, "-c", SOCKET, "/run/model/s"),
                mounts=(Mount(source=place / "model", target="/run/model"),),
            )
            answered = asyncio.create_task(asyncio.to_thread(answer, door))
            with tempfile.TemporaryFile() as log:
                sandboxed = await ALL[name].start(what, output=log, errors=log)
                await sandboxed.wait()
                log.seek(0)
                said = log.read().decode()
            await answered
            return said

        assert asyncio.run(both()) == "b'outside'\n"


def answer(door: socket.socket) -> None:
    visitor, _ = door.accept()
    with visitor:
        visitor.sendall(b"outside")


@confining
def test_what_is_mounted_to_be_read_cannot_be_written(name: str, place: Path) -> None:
    (place / "other").mkdir()
    (place / "other" / "file").write_text("text")
    mount = Mount(source=place / "other", target="/opt/other")
    script = "echo x > /opt/other/file; rm -f /opt/other/file; touch /opt/other/new"

    ended(name, shell(place, script, (mount,)))

    assert [path.name for path in (place / "other").iterdir()] == ["file"]
    assert (place / "other" / "file").read_text() == "text"


@confining
def test_nothing_beside_the_mounts_is_read(name: str, place: Path) -> None:
    (place / "hidden").write_text("hidden")
    (place / "hidden").chmod(0o644)
    places = f"{place}/hidden {Path.home()}/. {Path(__file__)} {INSIDE.source}/."

    out = ended(name, shell(place, f"cat {places}; ls {places}; true"))[1]

    assert out == ""


@confining
def test_there_is_no_network_but_the_mounted_socket(name: str, place: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        script = f"""
import socket
for address in (("127.0.0.1", {port}), ("192.0.2.1", 80)):
    try:
        socket.create_connection(address, 2)
    except OSError:
        continue
    print("connected to", address)
"""
        what = confined(place, interpreter().path, "-c", script)

        assert ended(name, what)[1] == ""


@confining
def test_no_attack_gets_through(name: str, place: Path) -> None:
    findings = asyncio.run(probe(ALL[name], place))

    through = {each.name: each.got for each in findings if not each.blocked}
    assert through == {}
