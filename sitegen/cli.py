"""sitegen's commands: what a person types, turned into values and back into words.

Results go to stdout, words to stderr. Errors are raised; `harness_bench.cli` tells
them and chooses the exit code. Each command imports what it needs when it runs.
"""

import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from harness_bench.errors import SchemaError

if TYPE_CHECKING:
    from sitegen.publish import Changes
    from sitegen.site import Site

_SHOWN_NOTICES = 20

_Command = TypeVar("_Command", bound=Callable[..., None])


def _inputs(command: _Command) -> _Command:
    """What `build` and `serve` read."""
    path = click.Path(path_type=Path)
    for decorate in (
        click.option(
            "--templates",
            type=click.Path(path_type=Path, exists=True, file_okay=False),
            help="Folder of templates that replace the shipped ones of the same name.",
        ),
        click.option(
            "--settings",
            type=path,
            help="Settings file.  [default: site.toml beside the first CSV, if any]",
        ),
        click.argument("csv", nargs=-1, required=True, type=path),
    ):
        command = decorate(command)
    return command


def _say(text: str) -> None:
    click.echo(text, err=True)


@click.command()
@_inputs
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("site"),
    show_default=True,
    help="Folder of the website.",
)
@click.option(
    "--force", is_flag=True, help="Write into a folder that harness-bench did not make."
)
def build(
    csv: Sequence[Path],
    settings: Path | None,
    templates: Path | None,
    out: Path,
    *,
    force: bool,
) -> None:
    """Prints the folder of the site.

    Nothing in it changes unless the whole site could be built. Files that you added to
    it stay; files of the last build that you edited are replaced.

    A run folder can be given instead of the cells.csv in it.
    """
    from sitegen.build import build as build_site
    from sitegen.gate import check, private_lines
    from sitegen.inputs import read_inputs
    from sitegen.problem_list import forget, in_brief
    from sitegen.publish import publish

    try:
        inputs = read_inputs(csv, settings_path=settings)
    except SchemaError as error:
        raise in_brief(error, out=out) from None
    site = build_site(inputs, templates=templates)
    check(site, private_lines(inputs.settings.publish.private))
    changes = publish(site, out, force=force)
    forget(out)
    _tell_notices(inputs.notices)
    _say(_summary(site, changes))
    _say(f"preview with: {shlex.join(_serve_words(csv, settings, templates))}")
    click.echo(out)


@click.command()
@_inputs
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    help="Port; 0 means any free one.  [default: the first free one from 8000]",
)
@click.option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
def serve(
    csv: Sequence[Path],
    settings: Path | None,
    templates: Path | None,
    port: int | None,
    *,
    open_page: bool,
) -> None:
    """Prints the address, which only this machine can reach.

    Open pages follow every change of a CSV, the settings, the metadata or the
    templates. While a build fails, they keep the last good site and say why. Ctrl-C
    stops it.

    A run folder can be given instead of the cells.csv in it, even while the run is
    going on: the site appears with the first finished trial and grows with the run.
    """
    from sitegen.build import build as build_site
    from sitegen.inputs import CELLS, NoTrialsError, read_inputs
    from sitegen.problem_list import in_brief
    from sitegen.render import shipped_templates
    from sitegen.serve import serve as serve_site

    told: tuple[str, ...] = ()

    def build_again() -> tuple["Site", Sequence[Path]]:
        nonlocal told
        try:
            inputs = read_inputs(csv, settings_path=settings)
        except NoTrialsError:
            return {}, ()
        except SchemaError as error:
            raise in_brief(error) from None
        site = build_site(inputs, templates=templates)
        if inputs.notices != told:
            _tell_notices(inputs.notices)
            told = inputs.notices
        return site, inputs.files

    def ready(address: str) -> None:
        click.echo(address)
        _say("Ctrl-C stops it")
        if open_page:
            click.launch(address)

    serve_site(
        build_again,
        # A path may be a folder, or become one.
        watch=[
            *csv,
            *(path / CELLS for path in csv),
            *([settings] if settings else []),
        ],
        templates=[shipped_templates(), *([templates] if templates else [])],
        port=port,
        say=_say,
        ready=ready,
    )


@click.command()
@click.argument("chart", required=False, metavar="[ID]")
@click.option(
    "--site",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("site"),
    show_default=True,
    help="Folder of the built website.",
)
@click.option(
    "--base-url",
    help="Address of the published site.  [default: base_url of its settings]",
)
@click.option(
    "--jekyll",
    metavar="FOLDER",
    help="Folder of the site in a Jekyll source; Jekyll then adds its own baseurl.",
)
def embed(
    chart: str | None, folder: Path, base_url: str | None, jekyll: str | None
) -> None:
    """Paste it on a line of its own, between blank lines.

    Without an ID, lists every chart with its title.
    """
    from sitegen.embed import find, iframe, read_charts

    if base_url is not None and jekyll is not None:
        raise click.UsageError("Give either --base-url or --jekyll, not both.")
    charts = read_charts(folder)
    if chart is None:
        for each in charts.by_id.values():
            click.echo(f"{each.id}\t{each.title}")
        return
    found = find(charts, chart)
    address = charts.base_url if base_url is None else base_url
    click.echo(iframe(found, base_url=address, jekyll=jekyll))
    if not address and jekyll is None:
        _say(
            "the address is relative to the page that embeds it; for one that works "
            "anywhere, give --base-url or --jekyll, or set base_url in site.toml"
        )


@click.command()
@click.argument("csv", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--settings",
    type=click.Path(path_type=Path),
    help="Settings file.  [default: site.toml beside the first CSV, if any]",
)
@click.option(
    "--tasks",
    type=click.IntRange(1, 10_000),
    help="Tasks in the planned sweep.  [default: as in the CSV, or else 16]",
)
@click.option(
    "--seeds",
    type=click.IntRange(1, 1_000),
    default=3,
    show_default=True,
    help="Trials per cell.",
)
@click.option(
    "--combos",
    type=click.IntRange(2, 50),
    help="Combos that are compared with each other.  [default: as in the CSV, up to 50,"
    " or else 10]",
)
@click.option(
    "--rate",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.5,
    show_default=True,
    help="Assumed pass rate of the combos.",
)
@click.option(
    "--alike",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Assumed agreement between trials of a task: 0 is none, 1 is full.",
)
@click.option(
    "--correlation",
    type=click.FloatRange(0, 1),
    default=0.8,
    show_default=True,
    help="Assumed agreement between two combos on which tasks are hard.",
)
@click.option(
    "--spread",
    type=click.FloatRange(0.001, 0.5),
    default=0.1,
    show_default=True,
    help="Assumed standard deviation of the combos' true pass rates.",
)
def power(
    csv: Sequence[Path],
    settings: Path | None,
    tasks: int | None,
    seeds: int,
    combos: int | None,
    **assumed: float,
) -> None:
    """Sweeps are drawn and judged by the joint test that sites use.

    How much combos differ from task to task is measured in the results of an earlier
    sweep, if you give them, and assumed otherwise.
    """
    from sitegen.inputs import read_inputs
    from sitegen.plan_advice import advice, answer, plans, world_of
    from sitegen.problem_list import in_brief
    from sitegen.stats.power import MOST_COMBOS, Plan, World
    from sitegen.stats.results import results

    scope = None
    if csv:
        try:
            inputs = read_inputs(csv, settings_path=settings)
        except SchemaError as error:
            raise in_brief(error) from None
        _tell_notices(inputs.notices)
        site = inputs.settings.site
        scope = results(
            inputs.records, inputs.settings.policy, default_sweep=site.default_sweep
        ).main
    world, source = world_of(scope, World(**assumed))
    as_there = min(max(2, scope.size.combos), MOST_COMBOS) if scope else 10
    asked = Plan(
        world=world,
        combos=combos or as_there,
        tasks=tasks or (scope.size.tasks if scope else 16),
        seeds=seeds,
    )
    label = "drawing sweeps"
    with click.progressbar(plans(asked), label=label, file=sys.stderr) as bar:
        answers = {plan: answer(plan, asked) for plan in bar}
    for line in advice(asked, answers, source):
        click.echo(line)


def _serve_words(
    csv: Sequence[Path], settings: Path | None, templates: Path | None
) -> list[str]:
    """The command that previews what was just built."""
    words = ["harness-bench", "serve", *map(str, csv)]
    for option, value in (("--settings", settings), ("--templates", templates)):
        if value is not None:
            words += [option, str(value)]
    return words


def _summary(site: "Site", changes: "Changes") -> str:
    """What was made and what of it is new, in a line; a second one for lost edits."""
    pages = sum(path.endswith(".html") for path in site)
    embeds = sum(path.startswith("embed/") for path in site)
    text = (
        f"{pages - embeds:,} pages, {embeds:,} charts; "
        f"{len(changes.written):,} files written, "
        f"{len(changes.unchanged):,} unchanged, {len(changes.deleted):,} deleted"
    )
    if changes.edited:
        names = ", ".join(changes.edited)
        text += f"\nedited by hand, and now replaced or deleted: {names}"
    return text


def _tell_notices(notices: Sequence[str]) -> None:
    for notice in notices[:_SHOWN_NOTICES]:
        _say(f"notice: {notice}")
    if len(notices) > _SHOWN_NOTICES:
        _say(f"notice: and {len(notices) - _SHOWN_NOTICES:,} more")
