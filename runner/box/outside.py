"""A command in the box, seen from outside: what goes in, and what is done for it.

Outside stay settings, task packs, models with their keys, and the run folder; what the
box needs of them goes in as a copy. The box performs the same command with its models
replaced by the way to ours, and what it says is said here.
"""

import asyncio
import io
import json
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Final, TextIO

from harness_bench.errors import BenchError, Problem, SandboxError, refused
from runner.box.code import code
from runner.box.engine import Engine, new_name
from runner.box.frames import BrokenStreamError, Channel, FrameError, Stream, connect
from runner.box.mirror import LOGS, Change, keep
from runner.box.models import Models
from runner.box.order import ORDER, Order, Packed, pack
from runner.box.pid_one import PLACE
from runner.machine.durable import make_folder, replacing
from runner.machine.hardware import hardware
from runner.run_folder.plan_file import alone
from runner.spec import Spec

_RUN: Final = f"{PLACE}/run"
_LARGEST_FILE: Final = 1 << 34
_GRACE_S: Final = 10.0
_LAST_LINE: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxed:
    """A command for the box."""

    order: Order
    run: Path | None = None
    """The run folder outside; None: the command has none."""
    whole: bool = False
    """Whether it also reads the logs and archives of the run."""


def perform(engine: Engine, image: str, boxed: Boxed) -> int:
    """Have the box perform a command; its words come here as it says them.

    Args:
        engine: What starts the box.
        image: Its id.
        boxed: The command.

    Returns:
        Its exit code.

    Raises:
        BenchError: The box cannot be started, ended before the command had, or what
            came out of it cannot be kept.
    """
    with ExitStack() as held:
        if boxed.run is not None:
            try:
                held.enter_context(alone(boxed.run))
                _note(boxed.run, engine, image)
            except OSError as error:
                raise SandboxError(refused(boxed.run, "written", error)) from error
        places = {boxed.run: _RUN} if boxed.run else {}
        packed = pack(boxed.order, places=places, root=PLACE)
        said = held.enter_context(tempfile.TemporaryFile())
        name = new_name()
        box = held.enter_context(_started(engine, image, name, said))
        with suppress(BrokenPipeError):  # then it ended, and has said why
            _send(box.stdin, boxed, packed)
        outside = _Outside(boxed, packed)
        try:
            asyncio.run(outside.hold(box))
        finally:
            _end(box, engine, name, by_itself=outside.code is not None)
        if outside.code is None:
            raise SandboxError(_obituary(box, said))
        return outside.code


@contextmanager
def _started(
    engine: Engine, image: str, name: str, said: IO[bytes]
) -> Iterator["subprocess.Popen[bytes]"]:
    """The engine's client; a Ctrl-C of the terminal is for us alone."""
    with subprocess.Popen(  # noqa: S603 - a known command
        engine.start(image, name=name),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        start_new_session=True,
    ) as box:
        yield box


def _end(
    box: "subprocess.Popen[bytes]", engine: Engine, name: str, *, by_itself: bool
) -> None:
    """See that nothing of the box is left: it ends when its input does."""
    if box.stdin is not None:
        with suppress(BrokenPipeError):
            box.stdin.close()
    try:
        box.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        box.kill()
        by_itself = False
    if not by_itself:  # perhaps whoever would have removed it was killed
        with suppress(BenchError):
            engine.remove(name)


def _note(run: Path, engine: Engine, image: str) -> None:
    """Write into the run folder which box it is executed in."""
    make_folder(run)
    place = run / "box.json"
    text = json.dumps({"engine": engine.name, "image": image}, indent=1).encode()
    if not place.exists() or place.read_bytes() != text:
        with replacing(place) as file:
            file.write(text)


def _send(pipe: "IO[bytes] | None", boxed: Boxed, packed: Packed) -> None:
    """Send all that the box needs, in parts."""
    if pipe is None:
        return
    with tarfile.open(fileobj=_Parts(pipe), mode="w|", bufsize=1 << 16) as tar:
        _add(tar, ORDER, packed.data)
        for name, part in code():
            if isinstance(part, bytes):
                _add(tar, f"code/{name}", part)
            else:
                tar.add(part, f"code/{name}", filter=_plain)
        for name, path in packed.files.items():
            tar.add(path, name, filter=_owned)
        if boxed.run is not None:
            for path in sorted(boxed.run.iterdir()):
                if boxed.whole or path.name not in LOGS:
                    tar.add(path, f"run/{path.name}", filter=_owned)
    pipe.write(bytes(4))
    pipe.flush()


class _Parts(io.RawIOBase):
    """Writes each piece with its length before it."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401 - any buffer
        self._pipe.write(len(data).to_bytes(4, "big") + data)
        return len(data)


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o644
    tar.addfile(entry, io.BytesIO(data))


def _owned(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Nobody's: it belongs to who unpacks it."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in entry.name else _owned(entry)


def _obituary(box: "subprocess.Popen[bytes]", said: IO[bytes]) -> Problem:
    """Why a box ended early, as far as it is known."""
    said.seek(0)
    lines = [line for line in said.read().decode(errors="replace").splitlines() if line]
    last = f", {lines[-1][:_LAST_LINE]}" if lines else ""
    what = f"ended before the command did (code {box.returncode}{last})"
    return Problem("the box", what, "run the same command to continue")


class _Outside:
    """Serves a box until it has ended.

    Args:
        boxed: What it performs.
        packed: The same as it was sent.
    """

    def __init__(self, boxed: Boxed, packed: Packed) -> None:
        self.code: int | None = None
        """How the command ended; None: the box ended before."""
        self._run = boxed.run
        self._failed: list[BenchError] = []
        self._failing = asyncio.Event()
        self._models = Models(packed.models, _say)
        self._names = {
            f"{PLACE}/{name}".encode(): str(path).encode()
            for name, path in packed.files.items()
        }
        if boxed.run is not None:
            self._names[_RUN.encode()] = str(boxed.run).encode()

    async def hold(self, box: "subprocess.Popen[bytes]") -> None:
        """Serve it.

        Raises:
            BenchError: What came out cannot be kept, or is against the rules.
        """
        if box.stdout is None or box.stdin is None:
            return
        channel = await connect(
            box.stdout.fileno(), box.stdin.fileno(), first=0, accept=self._accept
        )
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, _pass_on, channel, number)
        async with self._models:
            running = asyncio.ensure_future(channel.run())
            failed = asyncio.ensure_future(self._failing.wait())
            try:
                await asyncio.wait({running, failed}, return_when="FIRST_COMPLETED")
                if running.done():
                    running.result()
            except FrameError as error:
                raise SandboxError(Problem("the box", f"sent {error}")) from error
            finally:
                failed.cancel()
                running.cancel()
                with suppress(asyncio.CancelledError, FrameError):
                    await running
                channel.close()
        if self._failed:
            raise self._failed[0]

    async def _accept(self, stream: Stream) -> None:
        """Do what the box asks for; what it may not ask is not done."""
        about = stream.about
        try:
            match about.get("what"):
                case "http":
                    await self._models.http(stream)
                case "serve":
                    await self._models.serve(stream)
                case "file":
                    await self._file(stream)
                case "text":
                    await self._text(stream)
                case "exit":
                    self.code = int(about["code"])
                case _:
                    await self._models.call(stream)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            what = f"sent what makes no sense ({error!r})"
            self._fail(SandboxError(Problem("the box", what)))
        except BenchError as error:
            self._fail(error)

    def _fail(self, error: BenchError) -> None:
        self._failed.append(error)
        self._failing.set()

    async def _file(self, stream: Stream) -> None:
        """Keep what is new in a file of the run folder; then the box goes on."""
        if self._run is None:
            raise ValueError(stream.about["what"])
        about = stream.about
        change = Change(name=about["name"], start=about["start"], end=about["end"])
        data = await stream.read_all(_LARGEST_FILE)
        await asyncio.to_thread(keep, self._run, change, data)

    async def _text(self, stream: Stream) -> None:
        """Say what the command says; places of the box are called as they are here."""
        to = sys.stdout if stream.about["to"] == 1 else sys.stderr
        rest = b""
        while data := await stream.read():
            whole, newline, rest = (rest + data).rpartition(b"\n")
            self._write(to, whole + newline)
        self._write(to, rest)

    def _write(self, to: TextIO, data: bytes) -> None:
        for inside, outside in self._names.items():
            data = data.replace(inside, outside)
        with suppress(BrokenPipeError):  # nobody listens any more; the run goes on
            to.write(data.decode(errors="replace"))
            to.flush()


def _pass_on(channel: Channel, number: int) -> None:
    with suppress(BrokenStreamError):
        channel.open(signal=number).end()


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")


def boxed(target: str, given: Mapping[str, Any], spec: Spec | None) -> Boxed:
    """A command as the box is to perform it.

    Args:
        target: Module and attribute of the click command.
        given: What it was given, by name.
        spec: Its settings, read; None: it has none.
    """
    if spec is None:
        return Boxed(order=Order(target=target, given=given))
    # The processor that models run on is this one, and not what the box sees of it.
    named = replace(spec.run, hardware=spec.run.hardware or hardware())
    run = spec.run_folder(given["folder"]).absolute()
    told = {**given, "settings": replace(spec, run=named), "folder": run}
    whole = target.endswith(":regrade")
    return Boxed(order=Order(target=target, given=told), run=run, whole=whole)


_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
