"""Bubblewrap: what a sandbox shows, how it ends, what it holds its commands to."""

import asyncio
import glob
import os
import secrets
import signal
import tempfile
from pathlib import Path

import pytest

from harness_bench.errors import SandboxError
from runner.limits import Limits
from runner.sandboxes import process_limit
from runner.sandboxes.bubblewrap import Bubblewrap
from runner.sandboxes.sandbox import Exit, Mount
from tests.needs import needs
from tests.runner.sandboxes.confining import alive, confined, printed, running, until

pytestmark = pytest.mark.e2e


@pytest.fixture(autouse=True)
def _bubblewrap() -> None:
    needs("bwrap")
    assert Bubblewrap().problems() == ()


def output(script: str, workspace: Path, **options: object) -> str:
    return asyncio.run(printed(confined(script, workspace, **options)))[1]  # type: ignore[arg-type]  # see confined


def test_a_command_ends_as_it_ended(tmp_path: Path) -> None:
    async def ends() -> list[Exit]:
        scripts = ("exit 0", "exit 7", "exit 200", "exec no-such-program")
        return [(await printed(confined(s, tmp_path)))[0] for s in scripts]

    assert asyncio.run(ends()) == [
        Exit(code=0),
        Exit(code=7),
        Exit(code=200),
        Exit(code=127),
    ]


def test_what_is_killed_from_outside_ends_by_a_signal(tmp_path: Path) -> None:
    async def end() -> Exit:
        async with running(confined("sleep 60", tmp_path)) as sandboxed:
            await sandboxed.kill()
            await sandboxed.kill()
            return await sandboxed.wait()

    assert asyncio.run(end()) == Exit(signal=signal.SIGKILL)


def test_output_and_errors_go_to_the_files_given(tmp_path: Path) -> None:
    async def both() -> tuple[bytes, bytes]:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
            sandboxed = await Bubblewrap().start(
                confined("echo one; echo two >&2", tmp_path), output=out, errors=errors
            )
            await sandboxed.wait()
            out.seek(0)
            errors.seek(0)
            return out.read(), errors.read()

    assert asyncio.run(both()) == (b"one\n", b"two\n")


def test_all_that_is_printed_is_there_when_it_has_ended(tmp_path: Path) -> None:
    assert len(output("head -c 3000000 /dev/zero", tmp_path)) == 3_000_000


def test_what_was_printed_cannot_be_taken_back(tmp_path: Path) -> None:
    script = "echo before; : > /proc/self/fd/1; : > /dev/stdout; echo after"

    assert output(script, tmp_path).split() == ["before", "after"]


def test_an_endless_printer_is_ended_and_its_log_has_an_end(tmp_path: Path) -> None:
    async def end() -> tuple[Exit, int]:
        end, text = await printed(
            confined("yes; echo $? > ended", tmp_path, limits=Limits(file_mb=2))
        )
        return end, len(text)

    assert asyncio.run(end()) == (Exit(code=0), 2 << 20)
    assert (tmp_path / "ended").read_text() == "141\n"  # 128 + SIGPIPE


def test_when_memory_runs_out_the_sandbox_goes_before_the_runner(
    tmp_path: Path,
) -> None:
    ours = int(Path("/proc/self/oom_score_adj").read_text())
    assert int(output("cat /proc/self/oom_score_adj", tmp_path)) >= max(ours, 500)


def test_only_what_is_listed_is_in_the_root(tmp_path: Path) -> None:
    seen = set(output("ls -A /", tmp_path).split())

    assert seen <= {
        *("usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "etc"),
        *("proc", "dev", "tmp", "var", "run", "home", "workspace"),
    }
    assert {"usr", "workspace"} <= seen


def test_only_what_is_listed_is_in_the_environment(tmp_path: Path) -> None:
    names = {line.partition("=")[0] for line in output("env", tmp_path).splitlines()}

    assert names <= {"PATH", "HOME", "LANG", "PWD", "OLDPWD", "SHLVL", "_"}


def test_its_files_are_the_users_own_outside(tmp_path: Path) -> None:
    assert output("id -u; echo x > made", tmp_path) == "1000\n"
    assert (tmp_path / "made").stat().st_uid == os.getuid()


def test_read_only_mounts_cannot_be_written_and_writable_ones_can(
    tmp_path: Path,
) -> None:
    workspace, other = tmp_path / "w", tmp_path / "o"
    workspace.mkdir()
    other.mkdir()
    mount = Mount(source=other, target="/workspace/sub")

    output("mkdir -p sub; touch a sub/b", workspace, mounts=(mount,))

    assert (workspace / "a").exists()
    assert list(other.iterdir()) == []


def test_what_is_outside_the_given_folders_takes_no_memory(tmp_path: Path) -> None:
    script = """
        for place in / /dev /etc /opt /home /proc /usr /var; do
            touch $place/x 2>/dev/null && echo $place
        done"""

    assert output(script, tmp_path) == ""


def test_tmp_holds_what_the_limit_says_and_runs_programs(tmp_path: Path) -> None:
    script = """
        head -c 5000000 /dev/zero > /tmp/big 2>/dev/null; stat -c %s /tmp/big
        rm /tmp/big; printf '#!/bin/sh\necho ran\n' > /tmp/s; chmod +x /tmp/s; /tmp/s"""

    seen = output(script, tmp_path, limits=Limits(disk_mb=2))

    assert seen == f"{2 << 20}\nran\n"


def test_a_file_can_be_as_large_as_the_limit_says(tmp_path: Path) -> None:
    output("head -c 5000000 /dev/zero > big", tmp_path, limits=Limits(file_mb=1))

    assert (tmp_path / "big").stat().st_size == 1 << 20


def test_no_core_is_dumped(tmp_path: Path) -> None:
    assert output("ulimit -c; ulimit -Hc", tmp_path) == "0\n0\n"


def test_there_are_no_more_processes_than_the_limit_says(tmp_path: Path) -> None:
    # Bounded: where the limit does not hold, this test must not fell the machine.
    (tmp_path / "forks.py").write_text("""
import os, time
for count in range(1, 300):
    try:
        if os.fork() == 0:
            time.sleep(60)
    except BlockingIOError:
        break
print(count)
""")
    script = "exec /usr/bin/python3 forks.py"

    seen = output(script, tmp_path, limits=Limits(processes=64))

    assert process_limit.problem() is None
    assert seen == "64\n"


def test_processor_time_is_that_of_all_its_processes(tmp_path: Path) -> None:
    script = """
        (i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done) &
        wait; touch done; sleep 60"""

    async def cpu_s() -> list[float]:
        async with running(confined(script, tmp_path)) as sandboxed:
            await until(tmp_path / "done")
            first = sandboxed.cpu_s()
            await asyncio.sleep(0.3)
            second = sandboxed.cpu_s()
        return [first, second, sandboxed.cpu_s()]

    worked, idle, dead = asyncio.run(cpu_s())

    assert worked > 0.05
    assert idle - worked < 0.02
    assert dead == 0


def test_a_missing_folder_is_told_with_what_bubblewrap_said(tmp_path: Path) -> None:
    mount = Mount(source=tmp_path / "gone", target="/gone")

    with pytest.raises(SandboxError) as caught:
        output("true", tmp_path, mounts=(mount,))

    assert str(caught.value).startswith("bubblewrap: Can't find source path")


def test_a_command_that_is_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(SandboxError) as caught:
        output("x" * 200_000, tmp_path)

    assert str(caught.value) == (
        "bubblewrap: cannot be started (argument list too long)"
    )


def test_sockets_are_of_families_that_namespaces_confine(tmp_path: Path) -> None:
    (tmp_path / "sockets.py").write_text("""
import socket
for family in range(1, 46):
    try:
        socket.socket(family, socket.SOCK_DGRAM).close()
    except PermissionError:
        print('permitted but for its kind', family)
    except OSError:
        continue
    else:
        print(family)
""")

    seen = output("exec /usr/bin/python3 sockets.py", tmp_path)

    assert {"1", "2"} <= set(seen.split()) <= {"1", "2", "10", "16"}


def test_programs_can_be_debugged_by_their_own_parents(tmp_path: Path) -> None:
    (tmp_path / "trace.py").write_text("""
import ctypes, os, signal
if (child := os.fork()) == 0:
    ctypes.CDLL(None).ptrace(0, 0, 0, 0)
    os.kill(os.getpid(), signal.SIGSTOP)
    os._exit(0)
print(os.WIFSTOPPED(os.waitpid(child, 0)[1]))
""")

    assert output("exec /usr/bin/python3 trace.py", tmp_path) == "True\n"


def test_a_hundred_starts_leave_no_descriptor_and_no_control_group(
    tmp_path: Path,
) -> None:
    own = f"harness-bench-{os.getpid()}-*"
    groups = (f"/sys/fs/cgroup/{own}", f"/sys/fs/cgroup/pids/{own}")

    async def some(times: int) -> tuple[int, int]:
        gone = Mount(source=tmp_path / "gone", target="/gone")
        for _ in range(times):
            await printed(confined("true", tmp_path))
            with pytest.raises(SandboxError):
                await printed(confined("true", tmp_path, mounts=(gone,)))
        open_now = os.listdir("/proc/self/fd")  # noqa: PTH208 - names
        return len(open_now), sum(len(glob.glob(name)) for name in groups)  # noqa: PTH207 - a count

    async def before_and_after() -> tuple[tuple[int, int], tuple[int, int]]:
        return await some(2), await some(50)

    before, after = asyncio.run(before_and_after())

    assert before == after


def test_a_start_that_is_cancelled_leaves_nothing(tmp_path: Path) -> None:
    mark = f"77{secrets.randbelow(10**8)}"

    async def cancelled(after_s: float) -> None:
        with tempfile.TemporaryFile() as log:
            try:
                async with asyncio.timeout(after_s):
                    sandboxed = await Bubblewrap().start(
                        confined(f"sleep {mark}", tmp_path), output=log, errors=log
                    )
            except TimeoutError:
                return
            await sandboxed.kill()

    for step in range(20):
        asyncio.run(cancelled(step / 1000))

    assert alive(mark) == []


def test_an_event_loop_that_ends_takes_its_sandboxes_along(tmp_path: Path) -> None:
    mark = f"77{secrets.randbelow(10**8)}"

    async def forgets() -> None:
        with tempfile.TemporaryFile() as log:
            await Bubblewrap().start(
                confined(f"touch up; sleep {mark}", tmp_path), output=log, errors=log
            )
            await until(tmp_path / "up")

    asyncio.run(forgets())

    assert alive(mark) == []


def test_the_program_itself_is_not_seen_through_what_holds_it(tmp_path: Path) -> None:
    here = Path(__file__).parents[3]
    mount = Mount(source=here, target="/here")

    seen = output("ls /here; ls /here/runner /here/sitegen", tmp_path, mounts=(mount,))

    assert "pyproject.toml" in seen
    assert "limits.py" not in seen
    assert "gate.py" not in seen


def test_a_machine_without_bubblewrap_is_told_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    (problem,) = map(str, Bubblewrap().problems())

    assert problem.startswith("bubblewrap: bwrap is not on PATH; install it")
    assert "apt install bubblewrap" in problem
    with pytest.raises(SandboxError, match="bwrap is not on PATH"):
        output("true", tmp_path)


@pytest.mark.parametrize("times", [1, 2])
def test_a_ctrl_c_that_meets_it_as_it_starts_is_no_fault_of_the_sandbox(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    fake = tmp_path / "bin" / "bwrap"
    fake.parent.mkdir()
    fake.write_text(
        f'#!/bin/sh\necho . >>"{tmp_path}/starts"\n'
        f'[ "$(wc -l <"{tmp_path}/starts")" -gt {times} ] || kill -INT $$\n'
        f'exec {needs("bwrap")} "$@"\n'
    )
    fake.chmod(0o755)
    (tmp_path / "work").mkdir()
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")

    if times == 1:
        assert output("echo done", tmp_path / "work").endswith("done\n")
    else:
        with pytest.raises(SandboxError):
            output("true", tmp_path / "work")
