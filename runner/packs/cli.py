"""The commands about packs of tasks: check them, and bring in or begin new ones.

Results go to stdout, words to stderr. Each command imports what it needs when it runs.
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from harness_bench.errors import ExitCode, Problem
from runner.box.cli import boxable


def _say(text: str) -> None:
    click.echo(text, err=True)


_packs = click.argument(
    "packs", nargs=-1, required=True, type=click.Path(path_type=Path)
)


@click.group()
def tasks() -> None:
    """A pack is a folder of tasks."""


@tasks.command("canary")
@_packs
@click.option(
    "--find",
    "places",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Plant nothing: look for the canaries in this file or folder.",
)
def canary(packs: Sequence[Path], places: Sequence[Path]) -> None:
    """Give each task a text of its own, by which it is known wherever it appears.

    The file tests/canary.txt makes a task another version: plant before the first run.
    Prints task and canary; with --find, file and task for each file that holds one, in
    any escape or packing, and then ends with 3.
    """
    from runner.packs.canary import FILE, find, plant
    from runner.tasks import read_packs

    found = read_packs(packs)
    if not places:
        for task in found:
            click.echo(f"{task.name}\t{plant(task)}")
        return
    known = [(task.name, plant(task)) for task in found if (task.tests / FILE).exists()]
    hits = list(find(known, places))
    for path, name in hits:
        click.echo(f"{path}\t{name}")
    _say(f"{len(known)} canaries looked for, found in {len(hits)} places")
    if hits:
        sys.exit(ExitCode.INCOMPLETE)


@tasks.command("tools")
@_packs
@click.option(
    "--folder",
    "named",
    multiple=True,
    metavar="NAME=FOLDER",
    help="Take the toolchain NAME from a folder that has its commands in bin.",
)
def tools(packs: Sequence[Path], named: Sequence[str]) -> None:
    """Make what pack.toml says that tasks need, once.

    Python environments go to the cache; commands come from the package manager where
    it may be asked, or from a folder that you name. Prints a line for each toolchain.
    """
    from harness_bench.errors import TaskError
    from runner.pack_file import read_pack
    from runner.packs.provide import provide
    from runner.sandboxes.bubblewrap import Bubblewrap

    folders = {}
    for text in named:
        name, found, folder = text.partition("=")
        if not found or not folder:
            raise click.UsageError(f"--folder {text}: expected NAME=FOLDER.")
        folders[name] = Path(folder)
    problems: list[Problem] = []
    wanted = [read_pack(pack).toolchains for pack in packs]
    for toolchains in wanted:
        others = {name for each in wanted for name in each} - {*toolchains}
        problems += provide(
            toolchains,
            folders={n: each for n, each in folders.items() if n not in others},
            sandbox=Bubblewrap(),
            tell=click.echo,
        )
    if problems:
        raise TaskError(*problems)


@tasks.command("new")
@click.argument("folder", type=click.Path(path_type=Path), metavar="PACK/TASK")
def new_task(folder: Path) -> None:
    """Write a small but whole task to start from.

    It has all parts, a canary, and tests that judge it well. Prints the folder.
    """
    from runner.packs.new_task import write_task

    click.echo(write_task(folder))


@tasks.command("import")
@click.argument("kind", type=click.Choice(["harbor", "exercism"]))
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@click.argument("pack", type=click.Path(path_type=Path))
def import_tasks(kind: str, folder: Path, pack: Path) -> None:
    """Take tasks that were written for Harbor, or exercises of Exercism, into a pack.

    Prints the folder of each. What cannot be taken is named line by line. Nothing is
    overwritten. Run tasks check on the pack next.
    """
    from harness_bench.errors import TaskError
    from runner.packs import from_exercism, from_harbor
    from runner.packs.brought import Brought, write

    read = from_harbor.tasks if kind == "harbor" else from_exercism.exercises
    found = list(read(folder))
    taken = [each for _, each in found if isinstance(each, Brought)]
    for name, each in found:
        for line in each.left if isinstance(each, Brought) else each.lines:
            _say(f"{name}: {line}")
    if not taken:
        raise TaskError(
            Problem(str(folder), f"holds no task that can be taken: {kind}")
        )
    for path in write(pack, taken):
        click.echo(path)
    _say(f"{len(taken)} of {len(found)} taken; next: harness-bench tasks check {pack}")


@tasks.command("list")
@_packs
def list_tasks(packs: Sequence[Path]) -> None:
    """Print a line for each task.

    Name, language, category, difficulty, number of wrong answers, version and title,
    separated by tabs.
    """
    from runner.tasks import read_packs

    for task in read_packs(packs):
        words = (task.name, task.language, task.category, task.difficulty)
        count = str(len(task.wrong_answers()))
        click.echo("\t".join((*words, count, task.version, task.title)))


@tasks.command("lint")
@_packs
def lint_tasks(packs: Sequence[Path]) -> None:
    """Look for faults that can be seen without running anything.

    Passages of the tests in what the agent sees, an instruction that speaks of them,
    packages without version or hash, use of a network, places of one machine, missing
    canaries, difficulties and wrong answers. Ends with 1 when there is any.
    """
    from harness_bench.errors import TaskError
    from runner.packs.lint import lint
    from runner.tasks import read_packs

    tasks = read_packs(packs)
    findings = dict.fromkeys(str(each) for task in tasks for each in lint(task))
    if findings:
        raise TaskError(*findings)
    _say(f"{len(tasks)} tasks, nothing found")


@tasks.command("check")
@_packs
@click.option(
    "--repeats",
    "--repeat",
    type=click.IntRange(1),
    default=3,
    show_default=True,
    help="How many times each answer is graded.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="How many tasks are checked at a time.",
)
@click.option("--load", "loaded", is_flag=True, help="Keep all processors busy.")
@click.option("--tight", is_flag=True, help="Give the tests a third of their time.")
@click.option("--solutions", is_flag=True, help="Leave out wrong answers.")
@click.option(
    "--without-tools",
    is_flag=True,
    help="Leave out tasks whose tools are not here, and name them.",
)
@boxable
def check_tasks(
    packs: Sequence[Path],
    repeats: int,
    jobs: int,
    *,
    loaded: bool,
    tight: bool,
    solutions: bool,
    without_tools: bool,
) -> None:
    """Prove that the tests of tasks tell right from wrong.

    Grades each task's solution, its unchanged starter and each of its wrong answers,
    and looks for anything that gives the tests away. Prints a line per task. What has
    to be fixed goes to stderr, and the command then ends with 1.
    """
    from contextlib import nullcontext

    from harness_bench.errors import TaskError
    from runner.limits import Limits
    from runner.machine.load import load
    from runner.packs.check import check_task
    from runner.sandboxes.bubblewrap import Bubblewrap
    from runner.sandboxes.tools import lacking
    from runner.tasks import Task, read_packs
    from runner.workspace.scratch import scratch

    unfit: list[str] = []
    found = read_packs(packs)
    if without_tools:
        lacks = asyncio.run(lacking(Bubblewrap(), found))
        for name, tools in lacks.items():
            _say(f"left out: {name}, which needs {', '.join(tools)}")
        found = tuple(task for task in found if task.name not in lacks)

    async def check(task: Task, places: asyncio.Semaphore, own: Path) -> None:
        async with places:
            checked = await check_task(
                task,
                sandbox=Bubblewrap(),
                scratch=own,
                limits=Limits(),
                repeats=repeats,
                share=1 / 3 if tight else 1.0,
                solution_only=solutions,
            )
        word = "fit" if checked.is_fit else "has to be fixed"
        took = "" if checked.seconds is None else f", {checked.seconds:.1f} s"
        click.echo(
            f"{task.pack}/{task.name}: {word}, {checked.gradings} gradings{took}"
        )
        # At once: a long check that is stopped has still said what it found.
        for finding in checked.findings:
            _say(str(finding))
        if not checked.is_fit:
            unfit.append(task.name)

    async def check_all(own: Path) -> None:
        places = asyncio.Semaphore(jobs)
        async with asyncio.TaskGroup() as group:
            for task in found:
                group.create_task(check(task, places, own))

    with scratch() as own, load() if loaded else nullcontext():
        asyncio.run(check_all(own))
    if unfit:
        names = ", ".join(sorted(unfit))
        raise TaskError(f"{len(unfit)} of {len(found)} have to be fixed: {names}")
