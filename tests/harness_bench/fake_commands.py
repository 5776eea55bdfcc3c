"""Commands that end in each way that a command can."""

import time

import click

from harness_bench.errors import GateError, PublishError


@click.command()
def fine() -> None:
    click.echo("data")
    click.echo("words", err=True)


@click.command()
def broken() -> None:
    raise PublishError("site: is a file, not a folder", "b: wrong; mend it")


@click.command()
def refused() -> None:
    raise GateError("index.html: names a private file")


@click.command()
def stopped() -> None:
    raise KeyboardInterrupt


@click.command()
def bug() -> None:
    raise ZeroDivisionError


@click.command()
@click.option("--number", type=int, required=True)
def counted(number: int) -> None:
    click.echo(number)


@click.command()
def waits() -> None:
    """Waits for its end."""
    click.echo("waiting")
    time.sleep(60)
