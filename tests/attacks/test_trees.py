"""No tree, file or process that an agent leaves turns its failure into another's.

Each harness plays several tricks and writes the wrong answer, or the right one where
only a limit stands against it. None leaves the denominator, none passes after a limit,
and none stops a later command.
"""

import os
from pathlib import Path
from types import MappingProxyType

import pytest

from harness_bench.schema import Status
from runner.run_folder.ledger import read_ledger
from tests.needs import needs
from tests.runs import (
    left_running,
    run_command,
    write_files,
    write_shell_harnesses,
    write_small_task,
)

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(900)]

REPEATS = int(os.environ.get("HARNESS_BENCH_TREES", "1"))
LIMIT_MB = 48
SPEC = """\
[run]
packs = ["pack"]
seeds = {repeats}
jobs = 2
[limits]
agent_s = 15
disk_mb = {limit}
[[model]]
name = "m"
script = "null"
"""

PYTHON = "exec python3 - <<'END'\nimport os, time, socket, mmap\n{}\nEND\n"
DEEP = """
home = os.getcwd()
for _ in range({levels}):
    os.mkdir("{name}")
    os.chdir("{name}")
{then}
"""


def _deep(levels: int, name: str, then: str = "") -> str:
    return PYTHON.format(DEEP.format(levels=levels, name=name, then=then))


WRITE = """
def write(name, mib):
    fd = os.open(name, os.O_CREAT | os.O_RDWR)
    for _ in range(mib):
        os.write(fd, bytes(1 << 20))
    return fd
"""
RIGHT = 'open("answer", "w").write("right\\n")'

FAILS = MappingProxyType(
    {
        "links": """
            ln -s /proc/1/root a; ln -s /proc/1/cwd b; ln -s /proc/self/fd c
            ln -s /proc/1/root/proc/1/root d; ln -s loop loop; ln -s ../.. e
            ln -s /dev/zero f; ln -s /dev/stdin g; ln -s /run/model/model.sock h
            ln -s /grader i; ln -s "$(printf 'x%.0s' $(seq 4000))" long
            mkdir sub; ln -s . sub/self; ln -s sub/self/self/self/../.. j
            rm answer; ln -s /proc/1/environ answer
        """,
        "names": """
            touch "$(printf '\\377\\376')" "$(printf 'a\\nb')" "$(printf '\\033[2J')"
            mkdir "$(printf '\\200')"; touch "$(printf '\\200/\\201')" -- -rf '*' ' '
            mkdir -p .git/hooks .cargo conftest.py/Makefile Makefile
            touch .git/hooks/x .1 .2; mkdir -p .3/.1/.2/.3
            echo wrong > answer
        """,
        "kinds": """
            mkfifo pipe; python3 -c 'import socket
            socket.socket(socket.AF_UNIX).bind("sock")'
            truncate -s 400M sparse; mkdir shut; touch shut/x; chmod 0 shut answer
            cp /bin/true prog; chmod 6755 prog; chmod 1777 .; mknod dev c 1 5
            mkfifo Makefile; ln -s pipe conftest.py; rm -f answer; mkfifo answer
        """,
        "locked": "mkdir -p a/b/c; chmod 0 a/b/c a/b a; chmod 0 answer .",
        "gone": "rm -rf ./* ./.??*; rmdir ../workspace; cd /; true",
        "times": """
            touch -d 1900-01-01 answer; touch -d 2500-01-01 later; mkdir old
            touch -d @-9999999999 old; touch -d @99999999999 older
        """,
        "levels": _deep(1500, "d"),
        "path": _deep(40, "d" * 250, 'os.symlink("/proc/1/root", "p"); os.mkfifo("f")'),
        "home levels": "cd; " + _deep(3000, "d" * 100),
        "abyss": _deep(15_000, "dddd"),
        "hard links": PYTHON.format("""
os.chdir(os.environ["HOME"])
open("one", "w").close()
for number in range(20_000):
    os.link("one", f"link{number}")
os.chdir("/workspace")
for number in range(10_000):
    os.link("answer", f"link{number}")
"""),
        "self killed": "sh -c 'kill -9 $PPID'; kill -9 $$",
        "killer": "kill -9 1; kill -9 -1",
        "orphans": "for n in 1 2 3; do (setsid setsid sleep 999 &); done; exit 3",
        "stopped": "(setsid sh -c 'kill -STOP $$' &) ; kill -STOP 1; exit 0",
        "forks": "python3 -c 'import os\nwhile True: os.fork()' 2>/dev/null; true",
    }
)
"""Name -> what the shell runs; none of it is the right answer."""

STOPPED = MappingProxyType(
    {
        "unlinked": PYTHON.format(f"""{WRITE}
fd = write("big", 90)
os.unlink("big")
{RIGHT}
time.sleep(5)
"""),
        "unlinked many": PYTHON.format(f"""{WRITE}
held = []
for number in range(90):
    held.append(write("part", 1))
    os.unlink("part")
{RIGHT}
time.sleep(5)
"""),
        "deep writing": _deep(
            30, "d" * 200, f'{WRITE}\nwrite("big", 90)\nos.chdir(home)\n{RIGHT}'
        ),
        "last moment": PYTHON.format(f'{WRITE}\n{RIGHT}\nwrite("big", 90)'),
        "home": "cd; " + PYTHON.format(f"{WRITE}\nwrite('big', 60)\ntime.sleep(5)"),
        "shut folder": PYTHON.format(f"""{WRITE}
os.mkdir("shut")
write("shut/big", 90)
{RIGHT}
os.chmod("shut", 0)
"""),
        "after the limit": "sleep 16; echo right > answer",
    }
)
"""Name -> what writes more than it may, and then the right answer."""


def test_whatever_an_agent_leaves_it_is_the_one_that_failed(
    tmp_path: Path, short_tmp: Path
) -> None:
    needs("bwrap")
    tricks = {**FAILS, **STOPPED}
    named = {name.replace(" ", "_"): script for name, script in tricks.items()}
    spec = SPEC.format(repeats=REPEATS, limit=LIMIT_MB)
    spec += "".join(f'[[harness]]\nname = "{name}"\n' for name in named)
    write_files(tmp_path, {"run.toml": spec})
    write_small_task(tmp_path / "pack" / "t")
    found = write_shell_harnesses(tmp_path, named)
    environment = {**found, "TMPDIR": str(short_tmp)}

    def command(*words: str, code: int = 0) -> str:
        ended = run_command(
            *words, cwd=tmp_path, timeout=600 * REPEATS, environment=environment
        )
        assert ended.returncode == code, (words, ended.stdout, ended.stderr)
        return ended.stdout

    command("run", "run.toml", "--run", "out")
    assert left_running(short_tmp) == []
    places = [each for each in short_tmp.rglob("*") if each.name != "lock"]
    assert [each for each in places if each.parent != short_tmp] == []
    ledger = read_ledger(tmp_path / "out").by_trial.values()
    statuses = {
        attempt.record.harness: attempt.record.status
        for attempts in ledger
        for attempt in attempts
    }
    assert sum(map(len, ledger)) == len(named) * REPEATS
    wrong = {
        name: each
        for name, each in statuses.items()
        if each is None or not each.is_measured
    }
    assert wrong == {}
    assert Status.PASS not in statuses.values(), statuses
    for name in STOPPED:
        limit = (Status.AGENT_BUDGET, Status.AGENT_TIMEOUT)[name == "after the limit"]
        assert statuses[name.replace(" ", "_")] is limit, statuses
    for words in (
        ("run", "run.toml", "--run", "out"),
        ("status", "out"),
        ("show", "out", "m/kinds"),
        ("show", "out", "m/links"),
        ("export", "out"),
        ("tasks", "check", "pack"),
    ):
        command(*words)
    # Of those that were too much to keep, nothing can be judged again.
    command("regrade", "run.toml", "--run", "out", code=3)
