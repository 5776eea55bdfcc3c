"""A real Slurm of two nodes on this machine, for the length of a test."""

import os
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.engines.sweeps import until

CONFIG = """\
ClusterName=test
SlurmctldHost={host}
SlurmctldPort={ports[0]}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock,cred_expire=10
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmdTimeout=15
KillWait=5
JobRequeue=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
GresTypes=slot
NodeName=n1 NodeHostname={host} Port={ports[1]} CPUs=1 Gres=slot:1
NodeName=n2 NodeHostname={host} Port={ports[2]} CPUs=1 Gres=slot:1
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slurm:
    """What a test does with it."""

    folder: Path
    environment: Mapping[str, str]
    left: ExitStack
    """Ends what was started."""

    def ask(self, *words: str) -> str:
        """What a command of Slurm says; nothing, while nobody answers it."""
        return subprocess.run(
            words,
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        ).stdout

    def start(self, name: str, *command: str) -> None:
        """Start a daemon; what it says goes to a file of its name."""
        with (self.folder / f"{name}.log").open("ab") as log:
            daemon = subprocess.Popen(
                command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.left.callback(daemon.wait)
        self.left.callback(daemon.terminate)

    def node(self, name: str) -> None:
        """Start a node."""
        self.start(name, "/usr/sbin/slurmd", "-D", "-N", name)


@contextmanager
def slurm(folder: Path) -> Iterator[Slurm]:
    """Munge, a controller and the nodes n1 and n2; all ended at the end."""
    folder.mkdir()
    (folder / "munge.key").write_bytes(os.urandom(1024))
    (folder / "munge.key").chmod(0o600)
    for name in ("state", "spool.n1", "spool.n2"):
        (folder / name).mkdir()
    config = folder / "slurm.conf"
    config.write_text(
        CONFIG.format(folder=folder, host=socket.gethostname(), ports=_ports(3))
    )
    (folder / "gres.conf").write_text("NodeName=n[1-2] Name=slot Count=1\n")
    environment = {**os.environ, "SLURM_CONF": str(config)}
    commands: Sequence[Sequence[str]] = (
        (
            *("/usr/sbin/munged", "--foreground", "--force"),
            f"--socket={folder}/munge.sock",
            f"--key-file={folder}/munge.key",
            f"--pid-file={folder}/munge.pid",
            f"--seed-file={folder}/munge.seed",
            f"--log-file={folder}/munge.log",
        ),
        ("/usr/sbin/slurmctld", "-D"),
    )
    with ExitStack() as left:
        it = Slurm(folder=folder, environment=environment, left=left)
        for command in commands:
            it.start(Path(command[0]).name, *command)
            until((folder / "munge.sock").exists, "munge answers")
        for name in ("n1", "n2"):
            it.node(name)
        until(
            lambda: it.ask("sinfo", "-h", "-o", "%T %D").split() == ["idle", "2"],
            "nodes",
        )
        yield it
        it.ask("scancel", "--full", "--user=root")
        until(lambda: not it.ask("squeue", "-h"), "jobs end")


def _ports(count: int) -> list[int]:
    with ExitStack() as left:
        found = [left.enter_context(socket.socket()) for _ in range(count)]
        for each in found:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in found]
