"""Nothing that an agent leaves, asks or does turns its failure into another's.

Each harness plays several tricks and writes the wrong answer, or the right one where
only a limit stands against it. None leaves the denominator, none passes after a limit,
and none stops a later command.
"""

import os
import stat
import sys
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
file_mb = 100
tokens = 20_000
[[model]]
name = "m"
script = "null"
"""

PYTHON = "exec python3 - <<'END'\nimport os, time, socket, mmap\n{}\nEND\n"
ASKS = """
import json, threading
def connected():
    found = socket.create_connection(("127.0.0.1", 8080))
    found.settimeout(10)
    return found
def send(text, head=b"", wait=True, path="/v1/chat/completions", verb="POST"):
    raw = text if isinstance(text, bytes) else text.encode()
    line = verb + " " + path + " HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n"
    line += "Content-Type: application/json\\r\\nContent-Length: %d\\r\\n" % len(raw)
    try:
        with connected() as one:
            one.sendall(line.encode() + head + b"\\r\\n" + raw)
            return one.recv(1 << 16) if wait else b""
    except OSError as error:
        return repr(error).encode()
def ask(words, **more):
    said = [{"role": "user", "content": words}]
    return json.dumps({"model": "m", "messages": said, "max_tokens": 100} | more)
"""
"""Ways to ask the model, for what follows."""
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
        "calls itself broken": PYTHON.format(f"""{ASKS}
for path in ("/bench/failed", "/bench/ready", "/bench/failed", "/bench/none", "/"):
    for verb in ("POST", "GET", "PUT", "HEAD"):
        send("the sandbox is broken", path=path, verb=verb)
"""),
        "strange requests": PYTHON.format(f"""{ASKS}
for text in ("", "[]", "null", "{{}}", "[" * 100_000, '{{"a":' * 50_000, "1" * 10**6,
             "NaN", '{{"model": 1e999}}', b"\\xff\\xfe", "{{" + "x" * 10**6):
    send(text)
for more in ({{"messages": 7}}, {{"max_tokens": -1}}, {{"max_tokens": 10**30}},
             {{"n": 999}}, {{"stream": "yes"}}, {{"stream_options": []}},
             {{"model": None}}, {{"tools": 1}}):
    send(ask("hello", **more))
for head in (b"Expect: 100-continue\\r\\n", b"X: " + b"y" * 70_000 + b"\\r\\n",
             b"Transfer-Encoding: chunked\\r\\n", b"Content-Encoding: gzip\\r\\n",
             b"Upgrade: websocket\\r\\nConnection: Upgrade\\r\\n", b"\\0\\r\\n"):
    send(ask("hello"), head)
for path in ("http://127.0.0.1:1/v1/chat/completions", "//x/v1/messages", "*",
             "/../v1/models", "/v1/messages", "/v1/responses", "/v1/completions"):
    send(ask("hello"), path=path)
"""),
        "large requests": PYTHON.format(f"""{ASKS}
for text in ("[" + "[]," * 15_000_000 + "[]]", '{{"a":[' + "0," * 10**7 + "0]}}"):
    asking = [threading.Thread(target=send, args=(text,)) for _ in range(2)]
    for each in asking: each.start()
    for each in asking: each.join()
"""),
        "half requests": PYTHON.format(f"""{ASKS}
held = [connected() for _ in range(100)]
for number, each in enumerate(held):
    each.sendall(b"POST /v1/chat/completions HTTP/1.1\\r\\n")
    each.sendall(b"Content-Length: 9" + b"9" * number)
send(ask("hello"))
"""),
        "many connections": PYTHON.format(f"""{ASKS}
held = []
try:
    for _ in range(900):
        held.append(connected())
except OSError:
    pass
"""),
        "hangs up": PYTHON.format(f"""{ASKS}
for _ in range(30):
    send(ask("hello"), wait=False)
    send(ask("hello", stream=True), wait=False)
"""),
        "other model": PYTHON.format(f"""{ASKS}
send(ask("hello", previous_response_id="x", mcp_servers=[dict(url="http://10.0.0.1")],
         tools=[dict(type="web_search")], n_predict=9**9, max_completion_tokens=9**9))
for verb, path in (("GET", "/v1/models"), ("POST", "/v1/messages/count_tokens")):
    send("{{}}", path=path, verb=verb)
"""),
        "first process": PYTHON.format("""
import ctypes, glob, resource, signal
libc = ctypes.CDLL(None, use_errno=True)
for pid in range(1, 40):
    for what in (resource.RLIMIT_CPU, resource.RLIMIT_NOFILE, resource.RLIMIT_AS,
                 resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC, resource.RLIMIT_STACK):
        try:
            if pid != os.getpid():
                resource.prlimit(pid, what, (0, 0))
        except (OSError, ValueError):
            pass
for request in (16, 0x4206):  # attach, seize
    libc.ptrace(request, 1, 0, 0)
for name in glob.glob("/proc/1/*") + glob.glob("/proc/1/task/*/*"):
    try:
        with open(name, "r+b", buffering=0) as file:
            file.write(b"1000")
    except OSError:
        pass
for number in range(1, 65):
    try:
        os.kill(1, number)
    except OSError:
        pass
for action in (lambda: os.setpriority(os.PRIO_PROCESS, 1, 19),
               lambda: os.sched_setaffinity(1, {0}),
               lambda: os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0)),
               lambda: os.pidfd_open(1)):
    try:
        action()
    except OSError:
        pass
"""),
        "first moment": """
            for n in 1 2 3 4 5 6 7 8; do
                head -c 1 /proc/1/mem /proc/1/environ /proc/1/fd/3 /proc/1/maps
            done 2>/dev/null; echo wrong >/proc/1/fd/0; echo wrong >/proc/1/cwd/answer
        """,
        "compressed requests": PYTHON.format(f"""{ASKS}
import gzip
packed = gzip.compress(bytes(400 << 20))
asking = [threading.Thread(target=send, args=(packed, b"Content-Encoding: gzip\\r\\n"))
          for _ in range(4)]
for each in asking: each.start()
for each in asking: each.join()
"""),
        "odd texts": PYTHON.format(f"""{ASKS}
for text in (r'{{"messages":[{{"role":"user","content":"\\ud800"}}],"\\udfff":1}}',
             b'{{"messages":[{{"content":"\\xed\\xa0\\x80"}}]}}',
             b"\\xef\\xbb\\xbf{{}}", ask("hello").encode("utf-16"),
             '{{"messages":[],"messages":7,"messages":[]}}',
             '{{"max_tokens":' + "9" * 5000 + "}}", '{{"seed":-1e400,"stop":[[]]}}'):
    send(text)
"""),
        "one after the other": PYTHON.format(f"""{ASKS}
raw = ask("hello").encode()
head = b"POST /v1/chat/completions HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: "
with connected() as one:
    one.sendall((head + b"%d\\r\\n\\r\\n" % len(raw) + raw) * 40)
    one.recv(100)
"""),
        "small pieces": PYTHON.format(f"""{ASKS}
head = b"POST /v1/chat/completions HTTP/1.1\\r\\nHost: x\\r\\n"
with connected() as one:
    one.sendall(head + b"Transfer-Encoding: chunked\\r\\n\\r\\n")
    try:
        for _ in range(40): one.sendall(b"1\\r\\nx\\r\\n" * 10_000)
    except OSError:
        pass
"""),
        "bodies that do not come": PYTHON.format(f"""{ASKS}
held = [connected() for _ in range(20)]
for each in held:
    each.sendall(b"POST /v1/messages HTTP/1.1\\r\\nContent-Length: 9\\r\\n\\r\\n")
time.sleep(1)
"""),
        "many aside": PYTHON.format(f"""{ASKS}
for number in range(2000):
    send("{{}}", path="/v1/models?" + "x" * 4000, verb="GET", wait=number % 9 == 0)
"""),
        "ways of links": PYTHON.format("""
for number in range(40):
    os.symlink("./" * 2000 + "l%d" % (number + 1), "l%d" % number)
for number in range(500):
    os.symlink("./" * 2000 + "l0", "k%d" % number)
"""),
        "names of archives": PYTHON.format("""
for name in ("@LongLink", "pax_global_header", "a\\\\b", " ", "x " * 50, "\u00e9" * 99,
             "y" * 101, "~", "answer.tar.gz", "times.json.gz", "NUL", "a" * 255):
    open(name, "w").close()
os.makedirs("z" * 100 + "/" + "w" * 200)
os.symlink("q" * 4000, "far")
"""),
        "end with 137": "exit 137",
        "end with 125": "exit 125",
        "end with 127": "exit 127",
        "end by a signal": "kill -SEGV $$",
        "shown badly": """
            printf '\\033]0;title\\007\\033[2J\\000\\377\\n'; printf '%0100000d' 7
            printf '\\033c' >&2; printf '{"nonce": "x"}\\n1..1\\nok 1\\n'
        """,
        "long log": "head -c 130000000 /dev/zero; head -c 9999 /dev/zero >&2",
        "memory files": """
            head -c 400000000 /dev/zero >/tmp/a; head -c 400000000 /dev/zero >/dev/shm/a
            head -c 100000000 /dev/zero >/var/tmp/a; head -c 99000000 /dev/zero >/run/a
        """,
        "moving folders": PYTHON.format("""
import threading
def move(name):
    end = time.monotonic() + 3
    os.makedirs(name + "/a/b/c")
    while time.monotonic() < end:
        os.rename(name + "/a", name + "/x"); os.rename(name + "/x", name + "/a")
        try: os.symlink("/proc/1/root", name + "/x")
        except OSError: pass
        else: os.unlink(name + "/x")
for name in "pqr":
    threading.Thread(target=move, args=(name,)).start()
"""),
        "attributes": PYTHON.format("""
for name in ("answer", "."):
    for key in ("user.x", "security.capability", "system.posix_acl_access"):
        try: os.setxattr(name, key, b"x" * 2000)
        except OSError: pass
os.chmod("answer", 0o7777)
"""),
        "long answer": "head -c 30000000 /dev/zero | tr '\\\\0' x > answer",
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
        "sparse": PYTHON.format(f"""
for number in range(50):
    with open("sparse%d" % number, "wb") as file: file.truncate(95 << 20)
{RIGHT}
"""),
        "after the limit": "sleep 16; echo right > answer",
        "busy at the limit": PYTHON.format(f"""{ASKS}
time.sleep(14)
for _ in range(4):
    threading.Thread(target=send, args=("[" + "[]," * 3_000_000 + "[]]",)).start()
time.sleep(1.2)
{RIGHT}
os._exit(0)
"""),
        "hangs up on long prompts": PYTHON.format(f"""{ASKS}
for _ in range(90):
    send(ask("x" * 100_000), wait=False)
    time.sleep(0.02)
{RIGHT}
"""),
        "fifty at once": PYTHON.format(f"""{ASKS}
long = ask("hello " * 2000)
asking = [threading.Thread(target=send, args=(long,)) for _ in range(50)]
for each in asking: each.start()
for each in asking: each.join()
{RIGHT}
"""),
        "asks on": PYTHON.format(f"""{ASKS}
for _ in range(60):  # so few that a busy machine comes to the end of them in time
    send(ask("hello " * 800))
{RIGHT}
"""),
    }
)
"""Name -> what writes more than it may, and then the right answer."""


def _users() -> list[int | None]:
    """Whom this test can be: root can be anyone who may run this Python."""
    folders = Path(sys.executable).resolve().parents
    is_open = all(each.stat().st_mode & stat.S_IXOTH for each in folders)
    return [None, 12345] if os.geteuid() == 0 and is_open else [None]


@pytest.mark.parametrize("user", _users())
def test_whatever_an_agent_leaves_it_is_the_one_that_failed(
    short_tmp: Path, user: int | None
) -> None:
    needs("bwrap")
    folder, temporary = short_tmp / "run", short_tmp / "tmp"
    temporary.mkdir()
    tricks = {**FAILS, **STOPPED}
    named = {name.replace(" ", "_"): script for name, script in tricks.items()}
    spec = SPEC.format(repeats=REPEATS, limit=LIMIT_MB)
    spec += "".join(f'[[harness]]\nname = "{name}"\n' for name in named)
    write_files(folder, {"run.toml": spec})
    write_small_task(folder / "pack" / "t")
    found = write_shell_harnesses(folder, named)
    environment = {**found, "TMPDIR": str(temporary)}
    through: list[str] = []
    if user is not None:
        to = ("--reuid", str(user), "--regid", str(user), "--clear-groups", "--")
        through = [needs("setpriv"), *to]
        environment |= {"HOME": str(temporary), "XDG_CACHE_HOME": str(temporary)}
        for path in (short_tmp, *short_tmp.rglob("*")):
            os.chown(path, user, user)

    def command(*words: str, code: int = 0) -> str:
        ended = run_command(
            *words,
            cwd=folder,
            timeout=600 * REPEATS,
            environment=environment,
            through=through,
        )
        assert ended.returncode == code, (words, ended.stdout, ended.stderr)
        return ended.stdout

    command("run", "run.toml", "--run", "out")
    assert left_running(temporary) == []
    places = [each for each in temporary.rglob("*") if each.name != "lock"]
    assert [each for each in places if each.parent != temporary] == []
    ledger = read_ledger(folder / "out").by_trial.values()
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
        status = statuses[name.replace(" ", "_")]
        if name.endswith("the limit"):
            assert status is Status.AGENT_TIMEOUT, (name, status)
        else:  # where the kernel holds the limit, an agent may give up by itself
            assert status in {Status.AGENT_BUDGET, Status.AGENT_CRASH}, (name, status)
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
