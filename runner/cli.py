"""The runner's commands: what a person types, turned into values and back into words.

Results go to stdout, words to stderr. Errors are raised; `harness_bench.cli` tells
them and chooses the exit code. Each command imports what it needs when it runs.
"""

import asyncio
import os
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from harness_bench.errors import ExitCode, IncompleteError, Problem, SandboxError
from runner.box.cli import boxable, chosen, option
from runner.box.cli import perform as perform_in_box

if TYPE_CHECKING:
    from runner.plan import Choice, Group
    from runner.run import Prepared, Summary
    from runner.telling.overview import ComboProgress

_SHOWN_MISSING = 20

_Command = TypeVar("_Command", bound=Callable[..., None])


def _say(text: str) -> None:
    click.echo(text, err=True)


def _say_if(line: object) -> None:
    if text := str(line):
        _say(text)


_settings = click.argument(
    "settings", type=click.Path(path_type=Path), metavar="RUN.TOML"
)


def _parsed(_: object, __: object, texts: Sequence[str]) -> "list[Choice]":
    from runner.plan import parse_choice

    return [parse_choice(text) for text in texts]


def _choices(command: _Command) -> _Command:
    """Which trials are meant."""
    for decorate in (
        click.option(
            "--except",
            "without",
            multiple=True,
            callback=_parsed,
            metavar="CHOICE",
            help="Leave out these trials.",
        ),
        click.option(
            "--only",
            multiple=True,
            callback=_parsed,
            metavar="CHOICE",
            help="Only these trials: `model=Qwen*,harness=pi`, or the start of an id.",
        ),
        click.option(
            "--run",
            "folder",
            type=click.Path(path_type=Path),
            help="Folder of the run.  [default: runs/ and the run's name, beside"
            " RUN.TOML]",
        ),
    ):
        command = decorate(command)
    return command


_unsafe = click.option(
    "--unsafe-no-sandbox",
    "unsafe",
    is_flag=True,
    help="Confine nothing: agents can do whatever you can, and every row says so.",
)
_balanced = click.option(
    "--balanced",
    is_flag=True,
    help="Run the first seed of every model before any second: more model loads.",
)


@click.command()
@_settings
@_choices
@_unsafe
@_balanced
@click.option(
    "--verify",
    "verified",
    is_flag=True,
    help="Refuse to continue if models, harnesses, tasks or limits have changed.",
)
@click.option("--engine", metavar="NAME", help="What executes it: `local` or `dask`.")
@click.option(
    "--workers", type=click.IntRange(1), help="With dask: start so many, here."
)
@click.option(
    "--ssh",
    metavar="HOST,...",
    help="With dask: start a worker on each of these machines.",
)
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="With dask: give work to the workers of this scheduler.",
)
@boxable
def run(
    settings: Path,
    folder: Path | None,
    only: "Sequence[Choice]",
    without: "Sequence[Choice]",
    *,
    balanced: bool,
    verified: bool,
    unsafe: bool,
    engine: str | None,
    **options: str | int | None,
) -> None:
    """Prints the folder of the run, in which cells.csv grows.

    Finished trials are not run again: the same command continues after an
    interruption, and runs only what is new after you add seeds, models or tasks. The
    first Ctrl-C lets running trials finish; a second one stops them.
    """
    from runner.run import engine_named, prepare

    given = {name: value for name, value in options.items() if value is not None}
    if given and engine is None:
        engine = "dask"
    prepared = prepare(
        settings,
        folder=folder,
        only=only,
        without=without,
        balanced=balanced,
        verified=verified,
        unsafe=unsafe,
        engine=engine_named(engine, settings, unsafe=unsafe, **given)
        if engine
        else None,
        say=_say,
    )
    summary = _perform(prepared)
    _count(summary)
    click.echo(prepared.folder)
    _end(summary)


@click.command()
@_settings
@click.option(
    "--scheduler", required=True, metavar="ADDRESS", help="Where Dask's listens."
)
@click.option("--name", help="What status calls it.  [default: host and process]")
@click.option(
    "--wait",
    "wait_s",
    type=float,
    default=60.0,
    show_default=True,
    help="Seconds for which a scheduler that is not there is looked for.",
)
@_unsafe
def worker(
    settings: Path, scheduler: str, name: str | None, wait_s: float, *, unsafe: bool
) -> None:
    """RUN.TOML is that of the run, with this machine's own paths.

    Gets work if it passes what doctor checks, and has the models, harnesses and tasks
    of the run; otherwise the run says why. Ends when there is no scheduler any more.
    """
    from runner.engines.worker import serve
    from runner.run import with_sandbox
    from runner.spec import read_spec

    spec = with_sandbox(read_spec(settings), unsafe=unsafe)
    name = name or f"{socket.gethostname()}-{os.getpid()}"
    asyncio.run(serve(spec, scheduler=scheduler, name=name, wait_s=wait_s))


@click.command()
@click.option(
    "--run",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("runs/demo"),
    show_default=True,
    help="Folder of the run.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("site"),
    show_default=True,
    help="Folder of the website.",
)
@click.option(
    "--seeds",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Trials per cell.",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Run all sixteen practice tasks, and not three; minutes.",
)
@_unsafe
@option
def demo(
    folder: Path,
    out: Path,
    seeds: int,
    *,
    everything: bool,
    unsafe: bool,
    box: str | None,
) -> None:
    """Runs practice tasks with scripted models in real sandboxes.

    Tasks that this machine has no tools for are left out and named. Where there is no
    sandbox, the site shows the worked example instead.
    """
    from runner.demo import easy, example, look, write_demo
    from runner.run import prepare
    from runner.sandboxes.bubblewrap import Bubblewrap
    from runner.sandboxes.unsafe import Unsafe

    try:
        if engine := chosen(box, unsafe=unsafe):
            if everything:
                raise click.UsageError("--all: the box has the tools of three tasks.")
            settings = write_demo(folder, seeds=seeds, tasks=easy())
            given = {"settings": settings, "folder": folder, "only": (), "without": ()}
            given["engine"] = None
            flags = dict.fromkeys(("balanced", "verified", "unsafe"), False)
            if code := perform_in_box(engine, "runner.cli:run", given | flags):
                sys.exit(code)
            _finish(folder, out)
            return
        found = asyncio.run(
            look(Unsafe() if unsafe else Bubblewrap(), everything=everything)
        )
        if found.left_out:
            _say(f"left out: {found.left_out}; `harness-bench doctor` says more")
        settings = write_demo(folder, seeds=seeds, tasks=found.tasks)
        summary = _perform(prepare(settings, folder=folder, unsafe=unsafe))
    except SandboxError as error:
        _say(f"no trials were run: {error.problems[0]}")
        _build(example(), out)
        click.echo(out)
        _say(f"open {out / 'index.html'}: the worked example")
        return
    _count(summary)
    _end(summary)
    _finish(folder, out)


def _finish(folder: Path, out: Path) -> None:
    """Build the site of a demonstration, and say where it is."""
    _build(folder / "cells.csv", out)
    click.echo(out)
    look_at = f"harness-bench show {shlex.quote(str(folder))} oracle"
    _say(f"open {out / 'index.html'}; for a look at one trial: {look_at}")


def _build(cells: Path, out: Path) -> None:
    """Build a site by the other program: both share a file format and nothing else."""
    built = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-m", "sitegen", "build", str(cells), "--out", str(out)],
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode:
        _say(built.stderr.rstrip())
        sys.exit(built.returncode)


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE.GGUF")
@click.option("--like", metavar="MODEL", help="Take over the settings of this model.")
@click.option(
    "--settings",
    type=click.Path(path_type=Path),
    default=Path("run.toml"),
    show_default=True,
    help="The settings that it is put into.",
)
def add(file: Path, like: str | None, settings: Path) -> None:
    """Name, quant, sizes and context are read from the file.

    All that is in run.toml stays. Says what the model's trials will take, judging by
    those of the run that are finished.
    """
    from runner.add import add as adding
    from runner.add import take
    from runner.telling.progress import duration

    added = adding(settings, file, like=like)
    if added is None:
        _say(f"{settings.name}: names {file.name} already; nothing is changed")
        return
    found = take(settings, added.label, like=like)
    told = "how long it takes is not known"
    if found.seconds is not None:
        told = f"about {duration(found.seconds)}"
        told += f" and {found.tokens:,.0f} tokens" if found.tokens else ""
        told += f", as of {like or 'the trials so far'}"
    trials = f"{found.trials} trial{'' if found.trials == 1 else 's'}"
    _say(f"{settings.name}: {added.label} is added: {trials}; {told}")


@click.command()
@_settings
@_choices
@_balanced
def plan(
    settings: Path,
    folder: Path | None,
    only: "Sequence[Choice]",
    without: "Sequence[Choice]",
    *,
    balanced: bool,
) -> None:
    """Prints a line for each model in each harness.

    It says how many trials are planned and done, and how long the rest may take,
    judging by the finished trials of the run.
    """
    from runner.plan import all_trials, choose
    from runner.plan import plan as planning
    from runner.run_folder.ledger import read_ledger
    from runner.run_folder.older import older_of_run
    from runner.run_folder.plan_file import planned
    from runner.run_folder.run_lock import known_again
    from runner.spec import read_spec
    from runner.tasks import read_packs
    from runner.telling.overview import overview

    spec = read_spec(settings)
    folder = spec.run_folder(folder)
    everything = known_again(folder, all_trials(spec, read_packs(spec.run.packs)))
    found = choose(everything, spec, only=only, without=without)
    attempts = read_ledger(folder)
    _table(overview(planned(found), attempts))
    groups = planning(found, done=attempts.valid, balanced=balanced)
    to_run = [trial for group in groups for trial in group.trials]
    left = len(to_run)
    _say_if(older_of_run(folder, attempts, everything=everything, left=to_run))
    cells = len(
        {(trial.model.label, trial.harness.label, trial.task.name) for trial in found}
    )
    _say(f"{len(found)} trials of {cells} cells, {left} to run, {_loads(groups)}")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="RUN")
def status(folder: Path) -> None:
    """Ends with 3 while planned trials lack a valid attempt."""
    from harness_bench.going import is_running
    from runner.run_folder.ledger import read_ledger
    from runner.run_folder.older import older
    from runner.run_folder.plan_file import planned_ids, read_plan
    from runner.run_folder.workers_file import read_crew
    from runner.telling.overview import overview
    from runner.telling.progress import pace
    from runner.telling.run_progress import Stretch

    attempts = read_ledger(folder)
    parts = overview(read_plan(folder), attempts)
    _table(parts)
    _say_if(older(attempts, planned_ids(folder)))
    left = sum(part.planned - part.valid for part in parts)
    total = sum(part.planned for part in parts)
    going = "not running"
    if is_running(folder):
        going = "running"
        if crew := read_crew(folder):
            stretch = Stretch(crew.left, crew.began)
            stretch.ended = crew.ended
            going = ", ".join(filter(None, ("running", pace(stretch, time.time()))))
            for worker in crew.workers:
                failed = crew.failed.get(worker.name, 0)
                words = (
                    worker.model,
                    worker.doing,
                    f"{failed} failed" if failed else "",
                )
                _say(f"worker {worker.name}: {', '.join(filter(None, words))}")
    _say(f"{total - left} of {total} trials, {going}")
    if left:
        sys.exit(ExitCode.INCOMPLETE)


@click.command()
@_settings
@_choices
@_unsafe
@boxable
def regrade(
    settings: Path,
    folder: Path | None,
    only: "Sequence[Choice]",
    without: "Sequence[Choice]",
    *,
    unsafe: bool,
) -> None:
    """Uses the tests that the tasks of the run have now.

    No model is called and no agent is started. Prints a line for each verdict that
    changed: trial, before and after, separated by tabs. Ends with 3 when some could not
    be judged again; their verdicts stay.
    """
    from runner.regrade import regrade as judge_anew

    report = judge_anew(
        settings, folder=folder, only=only, without=without, unsafe=unsafe
    )
    changed = [each for each in report.regraded if each.is_changed]
    for each in changed:
        click.echo(f"{each.label}\t{each.before}\t{each.after}")
    _say(f"{len(report.regraded)} judged again, {len(changed)} changed")
    if report.problems:
        raise IncompleteError(
            *report.problems, f"{len(report.problems)} could not be judged again"
        )


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="RUN")
@click.option(
    "--all-definitions",
    "everything",
    is_flag=True,
    help="Also write all-definitions.csv, with trials that no longer count, and print"
    " it.",
)
def export(folder: Path, *, everything: bool) -> None:
    """Prints the file, which has the same bytes each time.

    What harnesses.csv says was measured is brought up to date, too.
    """
    from harness_bench.errors import RunError
    from runner.run_folder.export import export as export_run
    from runner.run_folder.export import export_all
    from runner.run_folder.ledger import read_ledger
    from runner.run_folder.plan_file import planned_ids

    attempts = read_ledger(folder)
    if not len(attempts):
        raise RunError(Problem(str(folder), "has no attempt", "name a run's folder"))
    rows = export_run(folder, attempts, planned=planned_ids(folder))
    for notice in (*attempts.notices, *rows.notices):
        _say(notice)
    click.echo(export_all(folder, attempts) if everything else folder / "cells.csv")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="RUN")
@click.argument("trial", required=False)
@click.option(
    "--attempt",
    "number",
    type=click.IntRange(1),
    help="Attempt number, from 1.  [default: the one that counts]",
)
@click.option(
    "--html",
    is_flag=True,
    help="Write a page beside the trial's logs, and print its path.",
)
@click.option(
    "--atif", is_flag=True, help="Print prompt and calls as a trajectory in ATIF, JSON."
)
def show(
    folder: Path, trial: str | None, number: int | None, *, html: bool, atif: bool
) -> None:
    """Shows the prompt, the calls, the diff, the tests' output and the audit.

    TRIAL is `model/harness/task/seed` or the start of that, or of the trial's id.
    Without it, lists the trials: id, status, attempts and name, separated by tabs.
    """
    from runner.telling.atif import as_atif
    from runner.telling.show import as_text, keep_page, listing, read_view

    if trial is None:
        if html or atif or number is not None:
            raise click.UsageError("--attempt, --html and --atif need a TRIAL.")
        for line in listing(folder):
            click.echo(line)
        return
    view = read_view(folder, trial, number=number)
    if html:
        click.echo(keep_page(folder, view))
        return
    click.echo(as_atif(view) if atif else as_text(view), nl=not atif)


@click.command()
@click.argument(
    "settings",
    required=False,
    type=click.Path(path_type=Path),
    metavar="[RUN.TOML]",
)
@_choices
@boxable
def doctor(
    settings: Path | None,
    folder: Path | None,
    only: "Sequence[Choice]",
    without: "Sequence[Choice]",
) -> None:
    """Looks for a sandbox and attacks it from inside.

    Then checks everything for which a run would be refused: tools, harnesses, models,
    packs that a vendor may not see, disk, memory. Without RUN.TOML, checks what the
    practice tasks need. Ends with 1 when trials could not run or would prove nothing.
    """
    from runner.preflight.doctor import State
    from runner.preflight.report import report

    if settings is None and (only or without):
        raise click.UsageError("--only and --except need a RUN.TOML.")
    checks = asyncio.run(report(settings, folder=folder, only=only, without=without))
    width = max(len(check.name) for check in checks)
    for check in checks:
        remedy = f"; {check.remedy}" if check.remedy else ""
        line = f"{check.state:4}  {check.name.ljust(width)}  {check.found}{remedy}"
        click.echo(line)
    if any(check.state is State.BAD for check in checks):
        sys.exit(ExitCode.ERROR)


def _loads(groups: "Sequence[Group]") -> str:
    """How often a model is loaded: `8 models to load`."""
    loads, models = len(groups), len({group.model.label for group in groups})
    text = f"{models} {'model' if models == 1 else 'models'} to load"
    if loads > models:
        text += f" {loads} times in all, {loads - models} more than without --balanced"
    return text


def _table(parts: "Sequence[ComboProgress]") -> None:
    """Parts of a run, aligned."""
    from runner.telling.progress import duration

    lines = [("model", "harness", "done", "left", "outcomes")]
    for part in parts:
        left = part.planned - part.valid
        time = "" if part.left_s is None or not left else f"~{duration(part.left_s)}"
        counts = ", ".join(f"{n} {name}" for name, n in sorted(part.statuses.items()))
        again = part.attempts - sum(part.statuses.values())
        repeated = f"; {again} repeated" if again else ""
        done = f"{part.valid}/{part.planned}"
        lines.append((part.model, part.harness, done, time, f"{counts}{repeated}"))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (text.ljust(width) for text, width in zip(line, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _perform(prepared: "Prepared") -> "Summary":
    """Execute it, with progress."""
    from runner.run import perform
    from runner.telling.progress import progress

    for notice in prepared.attempts.notices:
        _say(notice)
    planned, done = len(prepared.planned), prepared.done
    _say_if(prepared.older)
    _say(
        f"{planned} trials, {done} already done, {planned - done} to run,"
        f" {_loads(prepared.groups)}"
    )
    with progress(
        prepared.groups, done=done, terminal=sys.stderr.isatty()
    ) as progressing:
        return asyncio.run(
            perform(prepared, tell=progressing.tell, say=progressing.say)
        )


def _count(summary: "Summary") -> None:
    """Say how the run stands."""
    counts = ", ".join(
        f"{count} {status}" for status, count in sorted(summary.statuses.items())
    )
    _say(f"{summary.planned - len(summary.missing)} of {summary.planned}: {counts}")


def _end(summary: "Summary") -> None:
    """Leave with the right exit code where the run is not complete.

    Raises:
        IncompleteError: Planned trials are missing.
    """
    if summary.interrupted:
        _say("interrupted; run the same command to continue")
        sys.exit(ExitCode.INTERRUPTED)
    if summary.missing:
        more = len(summary.missing) - _SHOWN_MISSING
        raise IncompleteError(
            *summary.missing[:_SHOWN_MISSING],
            *([f"and {more} more"] if more > 0 else []),
            f"{len(summary.missing)} of {summary.planned} planned trials are missing;"
            " run the same command to try them again",
        )
