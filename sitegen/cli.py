"""sitegen's commands: what a person types, turned into values and back into words.

Results go to stdout, words to stderr. Errors are raised; `harness_bench.cli` tells
them and chooses the exit code. Each command imports what it needs when it runs.
"""

import re
import shlex
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from harness_bench.errors import (
    GateError,
    Problem,
    PublishError,
    SchemaError,
    StaleError,
    refused,
)

if TYPE_CHECKING:
    from sitegen.embed import Form
    from sitegen.gate.around import Around
    from sitegen.inputs import Inputs
    from sitegen.post_file import Post
    from sitegen.publish import Changes
    from sitegen.published import Published
    from sitegen.site import Site

_SHOWN_NOTICES = 20
_REPORT_HEAD = "Private text that the gate has found, for its author alone:"

_Command = TypeVar("_Command", bound=Callable[..., None])


_settings = click.option(
    "--settings",
    type=click.Path(path_type=Path),
    help="Settings file.  [default: site.toml beside the first CSV, if any]",
)


def _inputs(command: _Command) -> _Command:
    """What `build` and `serve` read."""
    for decorate in (
        click.option(
            "--templates",
            type=click.Path(path_type=Path, exists=True, file_okay=False),
            help="Folder of templates that replace the shipped ones of the same name.",
        ),
        _settings,
        click.argument("csv", nargs=-1, required=True, type=click.Path(path_type=Path)),
    ):
        command = decorate(command)
    return command


_out = click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("site"),
    show_default=True,
    help="Folder of the website.",
)


_target = click.option(
    "--target",
    type=click.Choice(["static", "jekyll"]),
    metavar="TARGET",
    default="static",
    show_default=True,
    help="static, or jekyll: --out is in a blog, whose posts get includes.",
)


def _overlay(
    target: str, site: "Site", out: Path, templates: Path | None
) -> dict[Path, "Site"]:
    """The files of each further folder: those that a blog's posts include."""
    from sitegen.jekyll import blog_of, overlay
    from sitegen.render import includes

    if target != "jekyll":
        return {}
    blog, folder = blog_of(out)
    found = overlay(site, folder, includes(templates))
    return {blog / name: files for name, files in found.items()}


def _say(text: str) -> None:
    click.echo(text, err=True)


def _tell(*lines: str) -> None:
    for line in lines:
        _say(line)


def _read(
    csv: Sequence[Path], settings: Path | None, out: Path | None = None
) -> "Inputs":
    """What a command reads; where it has problems, the whole list is beside `out`."""
    from sitegen.inputs import read_inputs
    from sitegen.problem_list import in_brief

    try:
        return read_inputs(csv, settings_path=settings)
    except SchemaError as error:
        raise in_brief(error, out=out) from None


@click.command()
@_inputs
@_out
@click.option(
    "--force", is_flag=True, help="Write into a folder that harness-bench did not make."
)
@click.option(
    "--no-gate",
    is_flag=True,
    help="Search for nothing private. The site's manifest says so.",
)
@click.option("--timings", is_flag=True, help="Say what took how much processor time.")
@_target
def build(
    csv: Sequence[Path],
    settings: Path | None,
    templates: Path | None,
    out: Path,
    *,
    force: bool,
    no_gate: bool,
    timings: bool,
    target: str,
) -> None:
    """CSV may be a run folder. Prints the folder of the site.

    Nothing in it changes unless the whole site could be built. Files that you added to
    it stay; files of the last build that you edited are replaced.
    """
    from sitegen.batch import few_changed
    from sitegen.inputs import csv_file
    from sitegen.pins import PINS
    from sitegen.problem_list import forget
    from sitegen.publish import publish
    from sitegen.sharing import NO_ADDRESS
    from sitegen.whole import whole

    began_ns: int | None = click.get_current_context().find_root().obj
    laps = _Laps()
    laps("starting")
    inputs = _read(csv, settings, out)
    laps("reading")
    said: list[str] = []
    chosen = inputs.settings.publish
    made = whole(inputs, csv, out, say=said.append, templates=templates, lap=laps)
    site = made.site
    beside = _overlay(target, site, out, templates)
    around = None if no_gate else _gate(inputs, csv, out)
    if around is not None:
        with _reporting(csv):
            made.check(around.gate)
            for files in beside.values():
                around.gate.check(files)
        around.remember()
    laps("gate")
    kept = [csv_file(csv[0]).with_name(PINS) / day for day in inputs.pins]
    warned = [
        warning
        for folder in ([] if chosen.cells else [out, *kept])
        if (warning := few_changed(folder, site, chosen.min_cells))
    ]
    changes = publish(site, out, force=force, searched=not no_gate)
    for folder, files in beside.items():
        publish(files, folder, force=force, searched=not no_gate)
    forget(out)
    laps("writing")
    address = inputs.settings.site.base_url
    noticed = [*inputs.notices, *([] if address else [NO_ADDRESS])]
    before = [*_notices(noticed), *_of_gate(around)]
    preview = f"preview with: {shlex.join(_serve_words(csv, settings, templates))}"
    _tell(*before, _summary(site, changes), *said, *warned, preview)
    if beside:
        _tell(*_for_jekyll(out))
    if timings:
        _tell(*laps.lines)
    click.echo(out)
    if began_ns is not None and not timings and not beside:
        same = replace(changes, written=(), unchanged=(*site,), deleted=(), edited=())
        _remember(
            inputs,
            [*csv, *([settings] if settings else [])],
            [templates] if templates else [],
            out,
            said=[*before, _summary(site, same), *said, preview],
            began_ns=began_ns,
        )


@click.command("import")
@click.argument("runner")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Folder for cells.csv.  [default: this one]",
)
@click.option(
    "--set",
    "given",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="What a column is where the folder does not say; may be repeated.",
)
def import_(runner: str, folder: Path, out: Path, given: tuple[str, ...]) -> None:
    """RUNNER is aider, harbor, inspect, swebench, terminal-bench or a plugin's.

    Prints the path of cells.csv. imported.txt beside it says by what each status was
    decided, and lists what could not be taken. Nothing is overwritten.
    """
    from harness_bench.cells_csv import write
    from sitegen.imported import imported, importer_of
    from sitegen.inputs import CELLS, NOT_COUNTED
    from sitegen.numbers import count_of

    words = dict(each.partition("=")[::2] for each in given)
    found = imported(importer_of(runner), folder, words)
    texts = {CELLS: write(found.records), "imported.txt": _lines(found.said)}
    if found.left:
        what = f"{count_of(found.left, 'record')} of {runner} without an outcome\n"
        texts[NOT_COUNTED] = what.encode()
    path = _write_new(out, texts)
    _tell(*found.said[:_SHOWN_NOTICES])
    if len(found.said) > _SHOWN_NOTICES:
        _say(f"the rest is in {out / 'imported.txt'}")
    _say(f"next: harness-bench build {shlex.quote(str(path))}")
    click.echo(path)


@click.command()
@click.argument("tables", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("cells.csv"),
    show_default=True,
    help="The joint table. It must not be there yet.",
)
def merge(tables: Sequence[Path], out: Path) -> None:
    """TABLES are files in the columns of cells.csv, or folders of such files.

    The name of a file is its contributor. A trial that two files hold alike is taken
    once. Where they contradict each other, or a task has two versions, nothing is
    written, and each place is named.
    """
    from harness_bench.cells_csv import write
    from sitegen.merged import merged

    found = merged(tables)
    _tell(*found.said)
    click.echo(_write_new(out.parent, {out.name: write(found.records)}))


def _lines(texts: Sequence[str]) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode()


def _write_new(folder: Path, texts: Mapping[str, bytes], option: str = "--out") -> Path:
    """Write files that are not there yet, all or none; the path of the first."""
    paths = [folder / name for name in texts]
    there = [path for path in paths if path.exists()]
    if there:
        advice = f"{option} names another folder"
        raise SchemaError(*(Problem(str(p), "already exists", advice) for p in there))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in zip(paths, texts.values(), strict=True):
            with path.open("xb") as file:
                file.write(text)
    except OSError as error:
        raise SchemaError(refused(folder, "written", error)) from error
    return paths[0]


@click.command()
@_inputs
@_out
@_target
@click.option(
    "--strict",
    is_flag=True,
    help="For posts: end with 3 if there is anything to report.",
)
def check(
    csv: Sequence[Path],
    settings: Path | None,
    templates: Path | None,
    out: Path,
    target: str,
    *,
    strict: bool,
) -> None:
    """Ends with 3 when not: then the first lines say what is old, or is private.

    Writes nothing, but finishes a build that was killed. Files that you added to the
    folder are searched for private text, too.

    Given Markdown files or folders of them, such as _posts of a blog, it says which of
    their numbers are others on the built site, and which claims have another verdict.
    """
    from sitegen.post_file import posts_in

    if posts := posts_in(csv):
        _check_posts(posts, out, strict=strict)
        return
    from sitegen.publish import gate_of, served, stale
    from sitegen.whole import whole

    inputs = _read(csv, settings)
    made = whole(inputs, csv, out, say=_say, templates=templates)
    site = made.site
    around = _gate(inputs, csv, out)
    with _reporting(csv):
        made.check(around.gate)
        around.gate.check(served(out))
    _tell(*_of_gate(around))
    old = stale(site, out)
    for folder, files in _overlay(target, site, out, templates).items():
        around.gate.check(files)
        old += stale(files, folder)
    if not old and gate_of(out, "index.html") == "off":
        old = [Problem(str(out), "was built with --no-gate")]
    if old:
        more = len(old) - _SHOWN_NOTICES
        told = [Problem("", f"… and {more:,} more")] if more > 0 else []
        advice = Problem("", "harness-bench build makes it anew")
        raise StaleError(*old[:_SHOWN_NOTICES], *told, advice)
    _say(f"{len(site):,} files are what their sources give")


def _check_posts(posts: Sequence["Post"], out: Path, *, strict: bool) -> None:
    from sitegen.numbers import count_of
    from sitegen.pins import PINS, read_pins
    from sitegen.post_check import checked
    from sitegen.published import read_site

    found = checked(posts, read_site(out), read_pins(out / PINS))
    for each in found:
        click.echo(each)
    _say(f"{count_of(len(posts), 'post')} read; {count_of(len(found), 'finding')}")
    if found and strict:
        raise StaleError(Problem("", "posts say what the site does not say today"))


@click.command()
@_out
@click.option(
    "--beside",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    show_default=True,
    help="Folder of the results; the snapshot goes into pins/ there.",
)
@click.option(
    "--date",
    metavar="DAY",
    help="What posts call it.  [default: day of the site's newest results]",
)
def pin(out: Path, beside: Path, date: str | None) -> None:
    """A post with `data: DAY` in its front matter then quotes that, whatever comes.

    Prints the folder of the snapshot. It belongs to you: builds copy it to the site,
    and none changes it.
    """
    from sitegen.pins import PINS, keep
    from sitegen.publish import served

    day = date or str(_let_pass(out).about.get("date", ""))
    _must_be_day(day)
    files = served(out)
    folder = beside / PINS / day
    new = keep(files, folder)
    was = "kept" if new else "is kept already"
    _say(f"{was}; the next build publishes it. Write `data: {day}` into a post")
    click.echo(folder)


def _let_pass(out: Path) -> "Published":
    """What a built site publishes, as the gate let it pass."""
    from sitegen.publish import gate_of, mend
    from sitegen.published import CHARTS, read_site

    mend(out)
    published = read_site(out)
    if gate_of(out, CHARTS) == "unknown":
        what = "is not what the gate let pass"
        raise GateError(Problem(str(out / CHARTS), what, "build the site again"))
    return published


def _must_be_day(text: str) -> None:
    with suppress(ValueError):
        if str(datetime.fromisoformat(text).date()) == text:
            return
    raise click.UsageError("Give --date as in 2026-04-28.")


@click.command()
@click.argument("what", type=click.Choice(["post"]), expose_value=False)
@click.argument("title", required=False)
@_out
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("posts"),
    show_default=True,
    help="Its folder: posts beside the results, or _posts of a blog.",
)
@click.option("--date", metavar="DAY", help="Of the post.  [default: today]")
def new(title: str | None, out: Path, folder: Path, date: str | None) -> None:
    """It holds questions, the charts that answer them, and what is true today.

    Numbers are quotes, and none is typed. Prints the path of the Markdown file, which
    is yours. Nothing is overwritten. TITLE is that of the site unless you give one.
    """
    from sitegen.new_post import draft

    published = _let_pass(out)
    day = date or f"{datetime.now().astimezone():%Y-%m-%d}"
    _must_be_day(day)
    name, text = draft(published, title or str(published.about["title"]), day)
    path = _write_new(folder, {name: text.encode()}, "--to")
    _say("next: write on in it, and build the site again")
    click.echo(path)


@click.command()
@_inputs
@_out
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
    out: Path,
    port: int | None,
    *,
    open_page: bool,
) -> None:
    """CSV may be the folder of a run that goes on. Prints the address.

    Only this machine can reach it. While a build fails, or holds private text, open
    pages keep the last good site and say why. Ctrl-C stops it. A killed build in the
    folder of the site is finished; nothing else is written there.
    """
    from sitegen.build import build as build_site
    from sitegen.build import restyled
    from sitegen.inputs import CELLS, NoTrialsError, csv_file, read_inputs
    from sitegen.post_file import FOLDER
    from sitegen.problem_list import in_brief
    from sitegen.publish import mend
    from sitegen.render import shipped_templates
    from sitegen.serve import Restyling, previewing

    try:
        mend(out)
    except PublishError as error:
        _say(str(error))
    told: tuple[str, ...] = ()
    clean: set[bytes] = set()

    def build_again() -> tuple["Site", Sequence[Path], Callable[["Site"], None]]:
        nonlocal told
        try:
            inputs = read_inputs(csv, settings_path=settings)
        except NoTrialsError:
            return {}, (), lambda _: None
        except SchemaError as error:
            raise in_brief(error) from None
        site = build_site(inputs, templates=templates)
        around = _gate(inputs, csv, out, clean)
        notices = (*inputs.notices, *around.warnings)
        if notices != told:
            _tell(*_notices(notices))
            told = notices
        return site, inputs.files, _reporting(csv)(around.gate.check)

    # A path may be a folder, or become one.
    watch = [*csv, *(path / CELLS for path in csv)]
    watch += [csv_file(csv[0]).with_name(FOLDER), *([settings] if settings else [])]
    own = [shipped_templates(), *([templates] if templates else [])]
    again = Restyling(build_again, partial(restyled, templates=templates), watch, own)
    try:
        with previewing(
            again, watch=watch, templates=own, port=port, say=_say
        ) as address:
            click.echo(address)
            _say("Ctrl-C stops it")
            if open_page:
                click.launch(address)
            threading.Event().wait()
    except KeyboardInterrupt:
        _say("stopped")


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
    help="Address of the site, or its path there.  [default: base_url of its settings]",
)
@click.option(
    "--jekyll",
    metavar="FOLDER",
    help="Folder of the site in a Jekyll source; Jekyll then adds its own baseurl.",
)
@click.option(
    "--as",
    "form",
    type=click.Choice(["iframe", "jekyll", "html", "img", "markdown", "value"]),
    metavar="FORM",
    help="iframe, jekyll, html, img, markdown (of a table the default) or value.",
)
def embed(
    chart: str | None,
    folder: Path,
    base_url: str | None,
    jekyll: str | None,
    form: "Form | None",
) -> None:
    """Paste it on a line of its own, between blank lines.

    Without an ID, lists every chart, card and table with its title and its page; with
    --as, what can be had in that form. An ID may be a quote as posts spell it.
    """
    from sitegen.config import address_fault
    from sitegen.embed import FORMS, find, line, listed
    from sitegen.publish import MANIFEST, gate_of, mend
    from sitegen.published import CHARTS, read_site

    if base_url is not None and jekyll is not None:
        raise click.UsageError("Give either --base-url or --jekyll, not both.")
    is_path = base_url is not None and re.match(r"/(?![/\\])", base_url)
    if base_url and not is_path and (wrong := address_fault(base_url)):
        more = ", or a path from /" if "expected" in wrong else ""
        raise click.BadParameter(wrong + more, param_hint="--base-url")
    mend(folder)
    site = read_site(folder)
    known = (folder / MANIFEST).exists()
    gate = gate_of(folder, CHARTS) if known else "on"
    if not known:
        _say(f"WARNING: without {MANIFEST} nobody knows whether the gate let this pass")
    if gate == "unknown":
        what = "is not what the gate let pass"
        raise GateError(Problem(str(folder / CHARTS), what, "build the site again"))
    if gate == "off":
        _say("WARNING: this site was built with --no-gate")
    if chart is None:
        for each in listed(site, form):
            click.echo("\t".join(filter(None, each)))
        return
    wanted = find(site, chart)
    kind = wanted.name
    chosen = form or FORMS[kind][0]
    if chosen not in FORMS[kind]:
        forms = ", ".join(FORMS[kind])
        raise click.UsageError(f"A {kind} can be had as {forms}, not as {chosen}.")
    address = site.about.get("base_url", "") if base_url is None else base_url
    click.echo(line(site, wanted, chosen, base_url=address, jekyll=jekyll))
    inline = kind not in {"chart", "card"} and chosen in {"markdown", "value"}
    bare = chosen == "jekyll" or inline
    if not address and jekyll is None and not bare:
        _say(
            "the address is relative to the page that embeds it; for one that works "
            "anywhere, give --base-url or --jekyll, or set base_url in site.toml"
        )


_ASSUMED = (
    ("rate", (0.01, 0.99), 0.5, "pass rate of the combos"),
    ("alike", (0, 1), 0.5, "agreement between trials of a task: 0 is none, 1 is full"),
    ("correlation", (0, 1), 0.8, "agreement of two combos on which tasks are hard"),
    ("spread", (0.001, 0.5), 0.1, "standard deviation of the combos' true pass rates"),
)


def _assumed(command: _Command) -> _Command:
    """What `power` assumes where no results tell."""
    for name, ends, default, what in reversed(_ASSUMED):
        command = click.option(
            f"--{name}",
            type=click.FloatRange(*ends),
            default=default,
            show_default=True,
            help=f"Assumed {what}.",
        )(command)
    return command


@click.command()
@click.argument("csv", nargs=-1, type=click.Path(path_type=Path))
@_settings
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
@_assumed
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
    from sitegen.plan_advice import advice, answer, plans, world_of
    from sitegen.stats.power import MOST_COMBOS, Plan, World
    from sitegen.stats.results import results

    scope = None
    if csv:
        inputs = _read(csv, settings)
        _tell(*_notices(inputs.notices))
        site = inputs.settings.site
        scope = results(
            inputs.records,
            # What is planned are passes, whatever the site ranks by.
            replace(inputs.settings.policy, headline="pass"),
            default_sweep=site.default_sweep,
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


class _Laps:
    """Processor time, from the start or one part of the work to the end of the next."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._until = 0.0

    def __call__(self, what: str) -> None:
        now = time.process_time()
        self.lines.append(f"{now - self._until:7.2f} s  {what}")
        self._until = now


def _gate(
    inputs: "Inputs", csv: Sequence[Path], out: Path, clean: set[bytes] | None = None
) -> "Around":
    from sitegen.gate.around import gate_around
    from sitegen.inputs import csv_file
    from sitegen.render import shipped_files

    results = [csv_file(each) for each in csv]
    return gate_around(inputs, results, out=out, shipped=shipped_files(), clean=clean)


@contextmanager
def _reporting(csv: Sequence[Path]) -> Iterator[None]:
    """What the gate finds is written beside the results, for the author alone."""
    from sitegen.gate.around import REPORT
    from sitegen.inputs import csv_file

    path = csv_file(csv[0]).with_name(REPORT)
    try:
        yield
    except GateError as error:
        more = ""
        try:
            path.touch(mode=0o600)
            path.write_text(f"{_REPORT_HEAD}\n\n{error.report}\n", encoding="utf-8")
        except OSError:
            pass  # where it stands is told anyway
        else:
            more = f"; the text is in {path}, which is private"
        told = Problem("", f"nothing was published{more}")
        raise GateError(*error.problems, told) from None
    with suppress(OSError, UnicodeDecodeError):
        if path.read_text(encoding="utf-8").startswith(_REPORT_HEAD):
            path.unlink()


def _of_gate(around: "Around | None") -> Iterator[str]:
    if around is None:
        yield "WARNING: the gate was off: nobody has looked for private text"
        return
    for warning in around.warnings:
        yield f"warning: {warning}"
    if around.files:
        files = "file" if around.files == 1 else "files"
        yield f"gate: the text of {around.files:,} private {files} is not in the site"


def _remember(
    inputs: "Inputs",
    given: Sequence[Path],
    templates: Sequence[Path],
    out: Path,
    *,
    said: Sequence[str],
    began_ns: int,
) -> None:
    """Let this build be answered at once the next time, if nothing changes till then.

    That of a run never is: it may go on.
    """
    from sitegen.gate.around import LEDGER, REPORT
    from sitegen.inputs import NOT_COUNTED, csv_file
    from sitegen.pins import PINS
    from sitegen.plotly_bundle import bundle_files
    from sitegen.post_file import FOLDER
    from sitegen.problem_list import list_file
    from sitegen.read_table import stem
    from sitegen.render import shipped_templates
    from sitegen.unchanged import remember

    tables = [csv_file(path) for path in (*given, *inputs.files)]
    ledgers = [path.with_name(LEDGER) for path in tables]
    if any(path.exists() for path in ledgers):
        return
    first, publish = tables[0], inputs.settings.publish
    companions = ("site.toml", "models.csv", "harnesses.csv", "tasks.csv")
    remember(
        began_ns=began_ns,
        contents=[
            *tables,
            *(first.with_name(f"{stem(first.name)}.{name}") for name in companions),
            *(first.with_name(name) for name in companions),
            *(path.with_name(NOT_COUNTED) for path in tables),
            *([publish.allow] if publish.allow else []),
        ],
        states=[
            *(*given, *ledgers, *bundle_files()),
            *(list_file(out), first.with_name(REPORT)),
        ],
        trees=[
            *(path for path in given if path.is_dir()),
            *(*templates, shipped_templates(), *publish.private),
            *(first.with_name(FOLDER), first.with_name(PINS)),
        ],
        out=out,
        said=said,
    )


def _for_jekyll(out: Path) -> Iterator[str]:
    from sitegen.jekyll import NAME, blog_of, config_lines

    blog, folder = blog_of(out)
    yield f"for posts: {blog}/_includes/{NAME} and {blog}/_data/{NAME}"
    if f"{folder}/embed" not in (blog / "_config.yml").read_text(errors="replace"):
        yield "with jekyll-sitemap, _config.yml can leave out the frames:"
        yield config_lines(folder)


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
    frames = sum(path.startswith("embed/") for path in site)
    charts = frames - sum(path.startswith("embed/tables/") for path in site)
    text = (
        f"{pages - frames:,} pages, {charts:,} charts; "
        f"{len(changes.written):,} files written, "
        f"{len(changes.unchanged):,} unchanged, {len(changes.deleted):,} deleted"
    )
    if changes.edited:
        names = ", ".join(changes.edited)
        text += f"\nedited by hand, and now replaced or deleted: {names}"
    return text


def _notices(notices: Sequence[str]) -> Iterator[str]:
    for notice in notices[:_SHOWN_NOTICES]:
        yield f"notice: {notice}"
    if len(notices) > _SHOWN_NOTICES:
        yield f"notice: and {len(notices) - _SHOWN_NOTICES:,} more"
