"""Attacks the sandbox it runs in, as its first process, and says what it got.

    probe.py PLAN

PLAN is a JSON file; the runner has planted what it names: files, sockets, a process,
shared memory, a key, all marked with words that nobody inside can know. Prints one
JSON line for each attack: its name, what it tries, and what it got (null: nothing).
An attack that cannot be carried out counts as one that got through. None does harm
where it does get through: a sandbox may be leaky.

`runner/preflight/probes.py` plants, and looks from outside at what became of it.
"""

import ctypes
import errno
import glob
import json
import os
import socket
import stat
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import first

LARGEST = 1 << 20
ANSWER_S = 0.3
"""Refusals are immediate; an answer from this machine takes less."""
OWN_ENVIRONMENT = {"PATH", "HOME", "LANG", "PWD", "LC_CTYPE"}
OWN_DEVICES = {
    *("null", "zero", "full", "random", "urandom", "tty", "console"),
    *("ptmx", "pts", "shm", "fd", "stdin", "stdout", "stderr", "core"),
}

Attack = Callable[[], Any]
ATTACKS: list[tuple[str, Attack]] = []
PLAN: dict[str, Any] = {}
"""What is planted, and where."""

libc = ctypes.CDLL(None, use_errno=True)


def attack(name: str) -> Callable[[Attack], Attack]:
    """Add to the attacks; the docstring says what is tried."""

    def add(function: Attack) -> Attack:
        ATTACKS.append((name, function))
        return function

    return add


def main() -> None:
    """Carry out all attacks."""
    first.keep_lifeline()
    with open(sys.argv[1], encoding="utf-8") as file:
        PLAN.update(json.load(file))
    for name, function in ATTACKS:
        tries = (function.__doc__ or "").strip()
        found = {"name": name, "tries": tries, "got": carried_out(function)}
        sys.stdout.write(json.dumps(found) + "\n")
    first.leave(0)


def carried_out(function: Attack) -> "str | None":
    """What an attack got, in a process of its own: it may break that."""
    answer, question = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(answer)
        try:
            got = function()
        except OSError:  # refused
            got = None
        except BaseException as error:  # noqa: BLE001 - the attack's fault
            got = f"the attack itself failed: {error!r}"
        os.write(question, json.dumps(got).encode())
        os._exit(0)
    os.close(question)
    with open(answer, "rb") as file:
        said = file.read()
    os.waitpid(child, 0)
    return json.loads(said) if said else "the attack itself crashed"


# ---- what attacks are made of


def call(name: str, *arguments: object) -> int:
    """A function of the C library.

    Raises:
        OSError: It failed.
    """
    result = int(getattr(libc, name)(*arguments))
    if result == -1:
        raise OSError(ctypes.get_errno(), name)
    return result


def read(path: str) -> bytes:
    """The beginning of a file; nothing from what would block."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    with open(descriptor, "rb") as file:
        return file.read(LARGEST) or b""


def marked(data: bytes) -> "str | None":
    """The first planted word in it."""
    for name, word in PLAN["words"].items():
        if word.encode() in data:
            return f"the word that marks {name}"
    return None


def any_of(tries: "Iterable[Callable[[], str | None]]") -> "str | None":
    """What the first one got that was not refused."""
    for one in tries:
        try:
            got = one()
        except OSError:
            continue
        if got is not None:
            return got
    return None


def readable(path: str) -> "str | None":
    """Its listing or beginning, which should not be had at all."""
    if os.path.isdir(path):
        return f"{path}: {os.listdir(path)[:3]}"
    return f"{path}: {read(path)[:40]!r}"


def first_readable(paths: "list[str]") -> "str | None":
    """What the first of these holds that can be read."""
    return any_of(partial(readable, path) for path in paths)


def processes() -> "list[str]":
    """What /proc shows of each process, this one among them."""
    return [*glob.glob("/proc/[0-9]*"), "/proc/self"]


def marked_file(path: str) -> "str | None":
    """A planted word in a file."""
    return marked(read(path))


def marked_in(pattern: str) -> "str | None":
    """A planted word in a file of any process."""
    return any_of(
        partial(marked_file, path)
        for process in processes()
        for path in glob.glob(f"{process}/{pattern}")
    )


def made(path: str) -> str:
    """That a file could be made."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    os.unlink(path)
    return f"made {path}"


def changed(path: str) -> str:
    """That a file could be changed."""
    os.close(os.open(path, os.O_WRONLY))
    return f"could write to {path}"


def connected(family: int, address: object) -> "str | None":
    """That somebody answers there."""
    with socket.socket(family, socket.SOCK_STREAM) as one:
        one.settimeout(ANSWER_S)
        one.connect(address)  # type: ignore[arg-type]  # of any family
        one.sendall(b"probe\n")
        return f"reached {address!r}"


def sent(address: "tuple[str, int]") -> "str | None":
    """That an answer came back."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.settimeout(ANSWER_S)
        one.connect(address)  # so that a refusal is told at once
        one.send(b"probe\n")
        return f"{address}: {one.recv(100)!r}"


# ---- files of the machine


@attack("absolute path")
def absolute_path() -> "str | None":
    """Open the grader, the solution and the run folder where they are outside."""
    return first_readable(PLAN["hidden"])


@attack("dot dot")
def dot_dot() -> "str | None":
    """Climb out of the workspace with `..`, by path and by an open folder."""
    folder = os.open("/workspace", os.O_RDONLY)

    def by_folder(path: str) -> str:
        os.stat("../" * 20 + path.lstrip("/"), dir_fd=folder)
        return f"found {path}"

    return first_readable(
        ["/workspace/" + "../" * 20 + path.lstrip("/") for path in PLAN["hidden"]]
    ) or any_of(partial(by_folder, path) for path in PLAN["hidden"])


@attack("symlink")
def symlink() -> "str | None":
    """Follow a symbolic link from the workspace to the grader."""
    for number, path in enumerate(PLAN["hidden"]):
        os.symlink(path, f"link-{number}")
    return first_readable(glob.glob("link-*"))


@attack("planted symlink")
def planted_symlink() -> "str | None":
    """Follow a symbolic link to the grader that was there from the start."""
    return first_readable(PLAN["links"])


@attack("hard link")
def hard_link() -> "str | None":
    """Link the grader into the workspace as another name of the same file."""

    def linked(path: str) -> str:
        os.link(path, "hard", follow_symlinks=False)
        return f"linked {path}"

    return any_of(partial(linked, path) for path in PLAN["hidden"])


@attack("file handle")
def file_handle() -> "str | None":
    """Open the machine's root by its number on the disk (open_by_handle_at)."""
    root = os.open("/workspace", os.O_RDONLY)
    handle = struct.pack("=IiQ", 8, 1, 2)
    opened = call("open_by_handle_at", root, handle, os.O_RDONLY)
    return f"opened {os.readlink(f'/proc/self/fd/{opened}')}"


@attack("other trials")
def other_trials() -> "str | None":
    """List the folder around the workspace, and another trial's workspace."""
    return first_readable(PLAN["others"])


@attack("run folder")
def run_folder() -> "str | None":
    """List the run folder, and read the ledger."""
    return first_readable(PLAN["run"])


@attack("the program itself")
def the_program_itself() -> "str | None":
    """Read the runner, its tests and its practice tasks, or import them."""
    python = sys.executable or "/usr/bin/python3"
    for name in ("harness_bench", "sitegen"):
        # Not the package alone: an empty folder in its place can be imported too.
        code = f"import {name}.__init__"
        result = subprocess.run(  # noqa: S603 - ourselves
            [python, "-c", code],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if result.returncode == 0:
            return f"imported {name}"
    return first_readable(PLAN["own"])


@attack("homes and mounts")
def homes_and_mounts() -> "str | None":
    """List the homes, disks and logs of the machine."""
    homes = [path for path in glob.glob("/home/*") if path != "/home/agent"]
    places = ("/root", "/mnt", "/media", "/srv", "/boot", "/var/log", "/var/lib")
    return first_readable([*homes, *places])


@attack("files of /etc")
def files_of_etc() -> "str | None":
    """Read accounts, names and keys of the machine in /etc."""
    accounts = read("/etc/passwd")
    if accounts.count(b"\n") != 1:
        return f"/etc/passwd: {accounts[:40]!r}"
    names = ("shadow", "hostname", "machine-id", "resolv.conf", "fstab", "ssh")
    return first_readable([f"/etc/{name}" for name in (*names, "ssl/private")])


@attack("search by name")
def search_by_name() -> "str | None":
    """Search every folder for a planted name."""
    words = tuple(PLAN["words"].values())
    for folder, folders, files in walked():
        for name in folders + files:
            if any(word in name for word in words):
                return os.path.join(folder, name)
    return None


@attack("search by content")
def search_by_content() -> "str | None":
    """Search every file outside /usr for a planted word."""
    for folder, _, files in walked():
        for name in files:
            path = os.path.join(folder, name)
            if path == PLAN["path"]:
                continue
            try:
                if stat.S_ISREG(os.stat(path).st_mode) and marked(read(path)):
                    return path
            except OSError:
                continue
    return None


def walked() -> "Iterator[tuple[str, list[str], list[str]]]":
    """All folders, but /proc, which has attacks of its own, and /usr."""
    for folder, folders, files in os.walk("/"):
        if folder == "/":
            folders[:] = [name for name in folders if name not in {"proc", "usr"}]
        yield folder, folders, files


@attack("git")
def git() -> "str | None":
    """Find a repository around the workspace: history, objects, remotes."""
    around = ["/workspace/.git", "/.git", "/workspace/../.git", *PLAN["git"]]
    return first_readable(around) or os.environ.get("GIT_DIR")


# ---- other processes


@attack("process list")
def process_list() -> "str | None":
    """See processes of the machine."""
    shown = [int(name) for name in os.listdir("/proc") if name.isdecimal()]
    others = [pid for pid in shown if pid not in {os.getpid(), os.getppid()}]
    return f"processes {others}" if others else None


@attack("/proc/PID/root")
def proc_root() -> "str | None":
    """Reach the grader through the root and working folder of each process."""
    return first_readable(
        [
            f"{process}/{way}{path}"
            for process in processes()
            for way in ("root", "cwd/" + "../" * 20)
            for path in PLAN["hidden"]
        ]
    )


@attack("/proc/PID/environ")
def proc_environ() -> "str | None":
    """Read a secret in the environment of each process."""
    return marked_in("environ")


@attack("/proc/PID/cmdline")
def proc_cmdline() -> "str | None":
    """Read a secret or a folder of the machine in the command line of each process."""
    return marked_in("cmdline")


@attack("/proc/PID/mountinfo")
def proc_mountinfo() -> "str | None":
    """Read names of tasks and runs in where mounts come from."""
    return marked_in("mount*")


@attack("/proc/PID/maps")
def proc_maps() -> "str | None":
    """Read names of files in the memory map of each process."""
    return marked_in("maps") or marked_in("map_files/*")


@attack("/proc/PID/fd")
def proc_fd() -> "str | None":
    """Open files that other processes hold open, or that were left open for us."""
    for path in glob.glob("/proc/[0-9]*/fd/*"):
        target = os.readlink(path)
        if target.startswith("/") and not os.path.exists(target):
            return f"{path} is {target}"
    return marked_in("fd/*")


@attack("open descriptors")
def open_descriptors() -> "str | None":
    """Find more than the three standard streams open in a new program."""
    result = subprocess.run(
        ["/bin/sh", "-c", "ls /proc/$$/fd; :"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        close_fds=False,
        check=True,
    )
    return f"{result.stdout!r}" if result.stdout != b"0\n1\n2\n" else None


@attack("kill")
def kill() -> "str | None":
    """Send a signal to a process of the machine."""
    os.kill(PLAN["pid"], 0)
    return f"could send one to {PLAN['pid']}"


@attack("ptrace")
def ptrace() -> "str | None":
    """Attach to a process of the machine as a debugger, and read its memory."""
    seize = 0x4206
    call("ptrace", seize, PLAN["pid"], None, None)
    return f"attached to {PLAN['pid']}"


@attack("process memory")
def process_memory() -> "str | None":
    """Read the memory of a process of the machine (process_vm_readv)."""
    buffer = ctypes.create_string_buffer(8)
    vector = struct.pack("=QQ", ctypes.addressof(buffer), 8)
    call("process_vm_readv", PLAN["pid"], vector, 1, vector, 1, 0)
    return f"read memory of {PLAN['pid']}"


@attack("namespaces of others")
def namespaces_of_others() -> "str | None":
    """Enter the namespaces of a process of the machine."""
    for kind in ("user", "mnt", "pid", "net"):
        opened = os.open(f"/proc/{PLAN['pid']}/ns/{kind}", os.O_RDONLY)
        call("setns", opened, 0)
    return "entered them"


@attack("daemons")
def daemons() -> "str | None":
    """Leave processes behind: own session, two forks, signals ignored."""
    mark = PLAN["daemon"]
    code = (
        "import os, signal, time\n"
        "for number in range(1, 32):\n"
        "    try: signal.signal(number, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\n"
        "os.setsid()\n"
        "if os.fork() == 0:\n"
        "    time.sleep(5)\n"
    )
    for _ in range(3):
        subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-E", "-s", "-S", "-c", code, mark],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    # Whether they lived on is seen from outside.
    time.sleep(0.05)
    return None


# ---- network


@attack("TCP to this machine")
def tcp_to_this_machine() -> "str | None":
    """Connect to a server that listens on the machine."""
    return any_of(
        partial(connected, socket.AF_INET, (host, PLAN["tcp"]))
        for host in ("127.0.0.1", "0.0.0.0", *PLAN["hosts"])  # noqa: S104 - a target
    )


@attack("TCP to the world")
def tcp_to_the_world() -> "str | None":
    """Connect to public addresses, private ones, and a cloud's metadata server."""
    return any_of(
        partial(connected, socket.AF_INET, to)
        for to in (("1.1.1.1", 443), ("10.0.0.1", 80), ("169.254.169.254", 80))
    )


@attack("UDP")
def udp() -> "str | None":
    """Send a datagram to a server that listens on the machine."""
    return any_of(
        partial(sent, (host, PLAN["udp"])) for host in ("127.0.0.1", *PLAN["hosts"])
    )


@attack("DNS")
def dns() -> "str | None":
    """Look up a name, which can carry data out."""
    query = b"\0\1\1\0\0\1\0\0\0\0\0\0\7example\3com\0\0\1\0\1"
    for server in ("127.0.0.53", "1.1.1.1", "8.8.8.8"):
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
                one.settimeout(ANSWER_S)
                one.connect((server, 53))
                one.send(query)
                return f"{server} answered {len(one.recv(512))} bytes"
        except OSError:
            continue
    return f"{socket.getaddrinfo('example.com', 80)[0][4]}"


@attack("IPv6")
def ipv6() -> "str | None":
    """Connect over IPv6 to the machine and to the world."""
    return any_of(
        partial(connected, socket.AF_INET6, to)
        for to in (("::1", PLAN["tcp6"]), ("2606:4700:4700::1111", 443))
    )


@attack("interfaces")
def interfaces() -> "str | None":
    """Find a network interface beside loopback."""
    names = [name for _, name in socket.if_nameindex()]
    return f"{names}" if set(names) - {"lo"} else None


@attack("abstract socket")
def abstract_socket() -> "str | None":
    """Connect to a unix socket that has a name but no file."""
    return connected(socket.AF_UNIX, "\0" + PLAN["abstract"])


@attack("unix socket")
def unix_socket() -> "str | None":
    """Connect to a unix socket in the machine's file system."""
    return any_of(
        partial(connected, socket.AF_UNIX, path)
        for path in (
            PLAN["unix"],
            "/var/run/docker.sock",
            "/run/dbus/system_bus_socket",
        )
    )


@attack("vsock")
def vsock() -> "str | None":
    """Open a socket to the host of a virtual machine, which no namespace confines."""
    socket.socket(40, socket.SOCK_STREAM).close()
    return "made one"


@attack("raw sockets")
def raw_sockets() -> "str | None":
    """Open raw and packet sockets."""

    def opened(family: int, kind: int, protocol: int) -> str:
        socket.socket(family, kind, protocol).close()
        return f"made one of family {family}"

    ways = (
        (socket.AF_INET, socket.SOCK_RAW, 1),
        (socket.AF_PACKET, socket.SOCK_RAW, 3),
    )
    return any_of(partial(opened, *way) for way in ways)


@attack("the model's socket")
def the_models_socket() -> "str | None":
    """Replace the socket that leads to the model."""
    os.unlink("/run/model/model.sock")
    return "removed it"


# ---- secrets and memory


@attack("environment")
def environment() -> "str | None":
    """Find more in the environment than was given."""
    extra = set(os.environ) - OWN_ENVIRONMENT
    return f"{sorted(extra)}" if extra else None


@attack("keyrings")
def keyrings() -> "str | None":
    """Read a key in the kernel's keyrings, which no namespace confines, or its name."""
    numbers = {"x86_64": 250, "aarch64": 219}
    search, read_key, session = 10, 11, -3

    def found() -> "str | None":
        number, name = numbers[os.uname().machine], PLAN["key"].encode()
        key = call("syscall", number, search, session, b"user", name, 0)
        buffer = ctypes.create_string_buffer(100)
        call("syscall", number, read_key, key, buffer, 100)
        return marked(buffer.value)

    return any_of([found, partial(marked_file, "/proc/keys")])


@attack("System V memory")
def system_v_memory() -> "str | None":
    """Attach shared memory of the machine."""
    identity = call("shmget", PLAN["shm_key"], 0, 0)
    return f"found segment {identity}"


@attack("POSIX memory")
def posix_memory() -> "str | None":
    """Read shared memory of the machine in /dev/shm."""
    names = os.listdir("/dev/shm")  # noqa: S108 - a target
    return f"{names}" if names else None


@attack("message queues")
def message_queues() -> "str | None":
    """Open a System V message queue of the machine."""
    return f"found queue {call('msgget', PLAN['shm_key'], 0)}"


# ---- the kernel


@attack("writing outside")
def writing_outside() -> "str | None":
    """Write outside workspace, home and temporary folders."""
    places = ["/", "/usr", "/usr/bin", "/etc", "/opt", "/opt/inside", "/home", "/dev"]
    files = ["/opt/inside/agent.py", "/etc/passwd", "/etc/hosts", "/usr/bin/env"]
    new = [os.path.join(path, "probe") for path in places + PLAN["hidden"]]
    return any_of(partial(made, path) for path in new) or any_of(
        partial(changed, path) for path in files + PLAN["hidden"]
    )


@attack("kernel settings")
def kernel_settings() -> "str | None":
    """Open settings of the kernel for writing, such as the one that starts programs."""
    names = ("kernel/core_pattern", "kernel/modprobe", "vm/drop_caches", "fs/file-max")
    return any_of(
        partial(changed, path)
        for path in [
            *(f"/proc/sys/{name}" for name in names),
            *("/proc/sysrq-trigger", "/proc/irq/default_smp_affinity"),
        ]
    )


@attack("kernel log")
def kernel_log() -> "str | None":
    """Read the kernel's log and memory."""
    buffer = ctypes.create_string_buffer(100)

    def log() -> "str | None":
        return f"{call('klogctl', 3, buffer, 100)} bytes"

    paths = ["/dev/kmsg", "/proc/kmsg", "/proc/kcore", "/dev/mem", "/dev/kmem"]
    return any_of([log]) or first_readable(paths)


@attack("/sys")
def sys_files() -> "str | None":
    """Read what the kernel tells of hardware and control groups."""
    return first_readable(["/sys/kernel", "/sys/fs/cgroup", "/sys/class/net"])


@attack("devices")
def devices() -> "str | None":
    """Find devices that give more than noise and nothing."""
    extra = set(os.listdir("/dev")) - OWN_DEVICES
    return f"{sorted(extra)}" if extra else None


@attack("making devices")
def making_devices() -> "str | None":
    """Make a device for the machine's memory and disks."""
    for folder in ("/tmp", "/workspace"):  # noqa: S108 - a target
        for kind, number in ((stat.S_IFCHR, (1, 1)), (stat.S_IFBLK, (254, 0))):
            path = os.path.join(folder, f"device-{kind}")
            try:
                os.mknod(path, kind | 0o600, os.makedev(*number))
            except OSError:
                continue
            os.unlink(path)
            return f"made {path}"
    return None


@attack("terminal")
def terminal() -> "str | None":
    """Open the terminal that the runner was started from."""
    os.close(os.open("/dev/tty", os.O_RDWR))
    return "opened it"


@attack("mount")
def mount() -> "str | None":
    """Mount, change and unmount file systems."""
    remount, bind, detach = 0x20, 0x1000, 2
    place = b"/workspace/mount"
    os.mkdir(place)
    ways: list[tuple[str, tuple[object, ...]]] = [
        ("mount", (b"none", place, b"tmpfs", 0, None)),
        ("mount", (b"/", place, None, bind, None)),
        ("mount", (b"proc", place, b"proc", 0, None)),
        ("mount", (None, b"/workspace", None, remount | bind, None)),
        ("umount2", (place, detach)),
        ("syscall", (428, -100, b"/", 1)),  # open_tree, with a clone
        ("syscall", (430, b"tmpfs", 0)),  # fsopen
    ]

    def done(name: str, given: "tuple[object, ...]") -> str:
        call(name, *given)
        return f"{name}{given}"

    return any_of(partial(done, name, given) for name, given in ways)


@attack("new namespaces")
def new_namespaces() -> "str | None":
    """Make namespaces of one's own, with all capabilities in them."""
    kinds = {"user": 0x10000000, "mount": 0x20000, "pid": 0x20000000, "net": 0x40000000}

    def unshared(kind: str) -> str:
        call("unshare", kinds[kind])
        return f"made a {kind} namespace"

    return any_of(partial(unshared, kind) for kind in kinds)


@attack("chroot")
def chroot() -> "str | None":
    """Change the root, which is the first half of a known way out."""
    os.chroot("/tmp")  # noqa: S108 - a target
    return "changed it"


@attack("capabilities")
def capabilities() -> "str | None":
    """Have or get a capability, or be able to gain one from a program."""
    held = [
        line
        for line in read("/proc/self/status").decode().splitlines()
        if line.startswith(("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"))
        and int(line.split()[1], 16)
    ]
    if held:
        return f"{held}"
    if b"NoNewPrivs:\t1" not in read("/proc/self/status"):
        return "programs may gain privileges"
    return None


@attack("becoming root")
def becoming_root() -> "str | None":
    """Change the user, and run programs that change it by themselves."""

    def become(function: "Callable[[int], object]") -> str:
        function(0)
        return f"is user {os.getuid()}, group {os.getgid()}"

    got = any_of([partial(become, os.setuid), partial(become, os.setgid)])
    if got:
        return got
    suid = [
        line
        for line in read("/proc/self/mounts").decode().splitlines()
        if "nosuid" not in line.split()[3].split(",")
    ]
    return f"mounts with nosuid missing: {suid}" if suid else None


@attack("kernel interfaces")
def kernel_interfaces() -> "str | None":
    """Use system calls that have let others out: bpf, perf, io_uring, userfaultfd."""
    numbers = {
        "x86_64": {"bpf": 321, "perf_event_open": 298, "userfaultfd": 323},
        "aarch64": {"bpf": 280, "perf_event_open": 241, "userfaultfd": 282},
    }.get(os.uname().machine, {})
    numbers["io_uring_setup"] = 425
    blank = ctypes.create_string_buffer(128)
    for name, number in numbers.items():
        ctypes.set_errno(0)
        if libc.syscall(number, 0, blank, 0, 0, 0) != -1:
            return name
        if ctypes.get_errno() not in {errno.EPERM, errno.ENOSYS, errno.EACCES}:
            return f"{name}: {os.strerror(ctypes.get_errno())}"
    return None


@attack("clock and name")
def clock_and_name() -> "str | None":
    """Set the clock or the machine's name, or restart it."""

    def named() -> str:
        socket.sethostname(socket.gethostname())
        return "could change the name"

    def set_clock() -> str:
        time.clock_settime(time.CLOCK_REALTIME, time.time())
        return "could set the clock"

    def restarted() -> str:
        call("reboot", 0)  # turns Ctrl-Alt-Del off: the same right, without the harm
        return "may restart it"

    return any_of([named, set_clock, restarted])


@attack("host name")
def host_name() -> "str | None":
    """Learn the name of the machine."""
    name = socket.gethostname()
    return name if name == PLAN["hostname"] else None


@attack("rewriting the log")
def rewriting_the_log() -> "str | None":
    """Hold the private log as a file, which could be emptied."""
    held = [stream for stream in (1, 2) if stat.S_ISREG(os.fstat(stream).st_mode)]
    return f"descriptors {held} are files" if held else None


if __name__ == "__main__":
    main()
