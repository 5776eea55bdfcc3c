"""The option `--box`, and the command that makes the image.

Each command imports what it needs when it runs.
"""

import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from runner.box.engine import Engine


def boxable(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command be performed in the box: each time, or where nothing else can.

    Args:
        command: What it does; takes its options by name.
    """

    @wraps(command)
    def either(*, box: str | None, **given: Any) -> None:  # noqa: ANN401 - click's
        engine = chosen(box, unsafe=bool(given.get("unsafe")))
        elsewhere = ("engine", "workers", "ssh", "scheduler")
        if engine and any(given.get(each) for each in elsewhere):
            raise click.UsageError("--box has one machine: leave out --engine.")
        if engine is None:
            command(**given)
        else:
            _leave(perform(engine, f"{command.__module__}:{command.__name__}", given))

    return option(either)


option = click.option(
    "--box",
    type=click.Choice(["any", "docker", "podman", "none"]),
    help="Work inside a container of this engine.  [default: where bubblewrap cannot"
    " be had, the first that is here]",
)


def chosen(box: str | None, *, unsafe: bool) -> "Engine | None":
    """The engine of the box; None: there is to be none.

    Raises:
        SandboxError: The one that was named cannot be used.
    """
    from harness_bench.errors import SandboxError
    from runner.box.engine import engine_named
    from runner.sandboxes.bubblewrap import Bubblewrap

    if box not in {None, "none"}:
        if unsafe:
            raise click.UsageError("--box is a sandbox: leave out --unsafe-no-sandbox.")
        return engine_named(str(box))
    if box == "none" or unsafe or not Bubblewrap().problems():
        return None
    try:
        return engine_named("any")
    except SandboxError:
        return None  # what is said is about bubblewrap then


def perform(engine: "Engine", target: str, given: dict[str, Any]) -> int:
    """Have the box perform a command with what it was given; its exit code."""
    from runner.box.image import image_id
    from runner.box.outside import boxed
    from runner.box.outside import perform as in_box
    from runner.spec import read_spec

    image = image_id(engine)
    settings = given.get("settings")
    spec = read_spec(settings) if settings else None
    return in_box(engine, image, boxed(target, given, spec))


def _leave(code: int) -> None:
    if code:
        sys.exit(code)


@click.group()
def box() -> None:
    """Runs in it need nothing here but a container engine: see `--box` of `run`."""


@box.command("build")
@click.argument("names", nargs=-1, metavar="[HARNESS]...")
@click.option(
    "--engine",
    type=click.Choice(["any", "docker", "podman"]),
    default="any",
    show_default=True,
    help="What makes it.",
)
@click.option(
    "--base",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A tar file of a Debian system, where no registry of images can be reached.",
)
def build_box(names: Sequence[str], engine: str, base: Path | None) -> None:
    """Make the image of the box: Debian, tools, and harnesses in their pinned versions.

    Make it anew when harness-bench says so. Without HARNESS, all are in it. Prints the
    image's id.
    """
    from harness_bench.registry import names as registered
    from runner.box.engine import engine_named
    from runner.box.image import build
    from runner.harnesses.install import packaged, parse_package

    # Of those that come with harness-bench, nothing needs to be in it.
    ours = {*registered("harnesses")} - {*packaged()}
    wanted = [name for name in names if name not in ours]
    for name in wanted:
        parse_package(name)
    click.echo(
        build(
            engine_named(engine),
            wanted if names else [*packaged()],
            base=base,
            tell=lambda line: click.echo(line, err=True),
        )
    )
