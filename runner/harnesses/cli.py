"""The commands below `harness-bench harness`.

Each command imports what it needs when it runs.
"""

from collections.abc import Sequence

import click

from harness_bench.errors import HarnessError

_NOTHING_INSTALLED = (
    "no harness is installed; `harness-bench harness install pi` installs one"
)


def _say(text: str) -> None:
    click.echo(text, err=True)


@click.group()
def harness() -> None:
    """Each is installed in the version that its adapter was written for."""


@harness.command("install")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "every", is_flag=True, help="Install every harness.")
def install_harness(names: Sequence[str], *, every: bool) -> None:
    """Install harnesses from their registries into the cache.

    NAME is `aider`, or `aider==0.86.1` for a version other than the pinned one.
    """
    from runner.harnesses.install import install, packaged, parse_package

    if every == bool(names):
        raise click.UsageError("Name the harnesses, or say --all.")
    for package in packaged().values() if every else map(parse_package, names):
        install(package, _say)


@harness.command("list")
def list_harnesses() -> None:
    """List the installed harnesses."""
    from runner.harnesses.install import installed

    found = installed()
    for each in found:
        click.echo(f"{each.name} {each.version}  {each.folder}")
    if not found:
        _say(_NOTHING_INSTALLED)


@harness.command("check")
@click.argument("names", nargs=-1, metavar="[NAME]...")
def check_harness(names: Sequence[str]) -> None:
    """Check that installed harnesses start in the sandbox.

    Without NAME, checks all that are installed in the pinned version.
    """
    from runner.harnesses.check import check
    from runner.harnesses.install import packaged, parse_package
    from runner.sandboxes.bubblewrap import Bubblewrap

    packages = [parse_package(name) for name in names] or [
        package for package in packaged().values() if package.is_installed
    ]
    if not packages:
        raise HarnessError(_NOTHING_INSTALLED)
    for package in packages:
        check(package, Bubblewrap())
        click.echo(f"{package.name} {package.version}: starts")
