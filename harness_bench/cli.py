"""The `harness-bench` command: finds its subcommands, and says how they ended.

Neither runner nor sitegen is imported before one of its commands is called, so that
`--help` is quick and each side works without what only the other needs.
"""

import copy
import importlib
import inspect
import shlex
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import click

from harness_bench import __version__
from harness_bench.errors import (
    BenchError,
    ExitCode,
    Problem,
    SettingsError,
    reason,
)


@dataclass(frozen=True, slots=True)
class Command:
    """Where a subcommand is, and what it is for."""

    target: str
    """Module and attribute of the click command: `package.module:attribute`."""
    help: str
    """One line: in the list of commands, and first in the command's own help. What
    follows there is its docstring, which does not repeat it."""


COMMANDS: Final[Mapping[str, Command]] = MappingProxyType(
    {
        "add": Command("runner.cli:add", "Put a model file into run.toml."),
        "box": Command(
            "runner.box.cli:box", "Make the container for runs without bubblewrap."
        ),
        "build": Command("sitegen.cli:build", "Turn results CSVs into a website."),
        "check": Command(
            "sitegen.cli:check",
            "Say whether a built site is up to date and free of private text.",
        ),
        "demo": Command("runner.cli:demo", "Make a first website, without a model."),
        "doctor": Command(
            "runner.cli:doctor",
            "Say what this machine lacks for a run, and what helps.",
        ),
        "embed": Command(
            "sitegen.cli:embed", "Print the line that embeds a chart in a post."
        ),
        "export": Command(
            "runner.cli:export", "Write a run's cells.csv again from its ledger."
        ),
        "harness": Command(
            "runner.harnesses.cli:harness", "Install and check agent harnesses."
        ),
        "import": Command(
            "sitegen.cli:import_", "Turn another runner's results into a cells.csv."
        ),
        "init": Command(
            "harness_bench.cli:init", "Write a run.toml and a site.toml to start from."
        ),
        "merge": Command(
            "sitegen.cli:merge", "Check and join tables that several people brought."
        ),
        "new": Command(
            "sitegen.cli:new", "Start a post that quotes what a built site says."
        ),
        "pin": Command(
            "sitegen.cli:pin", "Keep today's published numbers for the posts of today."
        ),
        "plan": Command(
            "runner.cli:plan", "Show what a run would do, without running it."
        ),
        "power": Command(
            "sitegen.cli:power", "Say how small a difference a planned sweep can find."
        ),
        "regrade": Command(
            "runner.cli:regrade", "Judge stored workspaces again, by changed tests."
        ),
        "run": Command("runner.cli:run", "Run the trials that run.toml asks for."),
        "serve": Command(
            "sitegen.cli:serve",
            "Preview a site on this machine; it follows every change.",
        ),
        "show": Command("runner.cli:show", "Show everything about one trial; private."),
        "status": Command(
            "runner.cli:status", "Show a run's progress, finished or not."
        ),
        "tasks": Command(
            "runner.packs.cli:tasks", "Check task packs, and plant canaries in them."
        ),
        "worker": Command(
            "runner.cli:worker", "Work for a run that another machine leads."
        ),
    }
)


STARTERS: Final = Path(__file__).with_name("starter")
"""The files that `init` writes; in `all/` with every setting there is."""


@click.command()
@click.argument(
    "given",
    nargs=-1,
    metavar="[DIR | RESULTS...]",
    type=click.Path(path_type=Path),
)
@click.option("--all", "every", is_flag=True, help="Write every setting there is.")
def init(given: tuple[Path, ...], *, every: bool) -> None:
    """They hold the ten settings that people change, each with its default.

    Given results (tables, or a folder of them), writes a site.toml beside them with
    what it found, each line with its reason. What only you can know it asks.

    Prints the paths of what it wrote; an existing file is never overwritten.
    """
    if len(given) > 1 or any(each.exists() for each in given):
        guess = importlib.import_module("sitegen.guess")
        if guess.results_in(given[0]):
            _init_from(given, guess.guess(given))
            return
    folder = given[0] if given else Path()
    written = []
    for name in ("run.toml", "site.toml"):
        path = folder / name
        text = (STARTERS / "all" if every else STARTERS) / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(text.read_bytes())
        except FileExistsError:
            click.echo(f"{path}: already exists and was left as it is", err=True)
            continue
        except OSError as error:
            what = f"cannot be written ({reason(error)})"
            raise SettingsError(Problem(str(path), what)) from error
        written.append(path)
        click.echo(path)
    if not written:
        what = "already holds run.toml and site.toml; nothing was written"
        raise SettingsError(Problem(str(folder), what))
    click.echo(
        "next: edit run.toml, then harness-bench run run.toml; or, with a table of "
        "results, harness-bench build cells.csv",
        err=True,
    )


def _init_from(given: Sequence[Path], guess: Any) -> None:  # noqa: ANN401 - sitegen's
    path = (given[0] if given[0].is_dir() else given[0].parent) / "site.toml"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(guess.text)
    except OSError as error:
        what = "already exists" if path.exists() else f"cannot be written ({error})"
        raise SettingsError(Problem(str(path), what)) from error
    click.echo(path)
    for question in guess.questions:
        click.echo(f"to say: {question}", err=True)
    words = shlex.join(map(str, given))
    click.echo(f"next: edit {path}, then harness-bench build {words}", err=True)


class LazyGroup(click.Group):
    """Commands by name; one is imported when it is called."""

    def __init__(
        self,
        name: str,
        found: Mapping[str, Command],
        *,
        help: str,  # noqa: A002 - click's word
    ) -> None:
        # These stand for the commands in lists and near misses.
        listed = {
            each: click.Command(each, short_help=found[each].help) for each in found
        }
        super().__init__(name, commands=listed, help=help)
        self._found = found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Put the real command in the place of the one that is listed."""
        name, listed, rest = super().resolve_command(ctx, args)
        if name is None or listed is None:
            return name, listed, rest
        module, _, attribute = self._found[name].target.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command), f"{name} is no command"  # noqa: S101 - our own table
        whole = copy.copy(command)
        more = inspect.cleandoc(command.help or "")
        whole.help = f"{self._found[name].help}\n\n{more}"
        return name, whole, rest


def group(found: Mapping[str, Command] = COMMANDS) -> click.Group:
    """The command with these subcommands."""
    commands = LazyGroup(
        "harness-bench",
        found,
        help="Measure coding agents and publish the results.",
    )
    return click.version_option(__version__, prog_name="harness-bench")(commands)


def main(
    arguments: Sequence[str] | None = None,
    *,
    found: Mapping[str, Command] = COMMANDS,
    name: str = "harness-bench",
    began_ns: int | None = None,
) -> None:
    """Run a command and leave with its exit code; the only place that decides it.

    A `BenchError` is told line by line. What is neither an expected error nor
    wrong usage is a bug and keeps its traceback.

    Args:
        arguments: None: those of the process.
        found: The subcommands on offer.
        name: What the person typed, for the usage line.
        began_ns: When the process began to read, in nanoseconds of the epoch; commands
            find it as `obj` of their context.

    Raises:
        SystemExit: Always, unless there is a bug.
    """
    # A shell without job control lets what it starts in the background ignore Ctrl-C.
    # Who sends the signal to us means us; and what we start is to find it as usual.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(
        ended(
            lambda: group(found).main(
                arguments, name, standalone_mode=False, obj=began_ns
            )
        )
    )


def ended(command: Callable[[], object]) -> int:
    """Call a command, say its errors, and return the exit code."""
    try:
        code = command()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BenchError as error:
        for problem in error.problems:
            click.echo(problem, err=True)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return ExitCode.INTERRUPTED
    # What click itself ended, for instance `--help`; commands return nothing.
    return code if isinstance(code, int) else ExitCode.DONE
