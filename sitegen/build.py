"""Inputs -> Site: the pure function that build, serve, embed and tests share."""

import json
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import replace
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import cast

from markupsafe import Markup

import harness_bench
from harness_bench import registry
from harness_bench.errors import PluginError, Problem
from sitegen import theme
from sitegen.cards import cards
from sitegen.charts.figure import Chart, ChartKind, chart_script
from sitegen.config import Settings, SiteSettings
from sitegen.croissant import CROISSANT, croissant
from sitegen.datafiles.claims import claims_file
from sitegen.datafiles.format import DataFile
from sitegen.datafiles.tables import data_files
from sitegen.datafiles.vendor_gaps import vendor_gaps_file
from sitegen.disclosure import WITHHELD, publishable
from sitegen.embed import frame_path
from sitegen.escape import script_json
from sitegen.feed import FEED, Before, day_of, feed
from sitegen.gallery import GALLERY, gallery
from sitegen.history import HISTORY, Point, history, history_file
from sitegen.inputs import Inputs
from sitegen.judge.evidence import Evidence, Titles
from sitegen.judge.judge import judge
from sitegen.judge.verdict import Judged
from sitegen.names import Names, names
from sitegen.notice import Notice, estimated_models, scripted_models
from sitegen.numbered import number_tasks
from sitegen.numbers import count_of
from sitegen.page import Page, PageType
from sitegen.pages import PAGE_TYPES
from sitegen.parts import in_parts
from sitegen.plotly_bundle import bundle
from sitegen.posts import PAGES as POSTS
from sitegen.posts import noted, notes_html, post_pages
from sitegen.published import CHARTS, Published
from sitegen.quotes import Quote, at, source_line, table_html
from sitegen.rebuild import REBUILD, can_be_rebuilt, rebuild_zip
from sitegen.render import Frame, Renderer, assets
from sitegen.search import SEARCHED, searched
from sitegen.sharing import Head, address, described, for_crawlers, head
from sitegen.site import Site
from sitegen.site_data import SiteData
from sitegen.stats.doubts import Doubts, doubts
from sitegen.stats.provenance import contributions, mixtures
from sitegen.stats.results import Results, Scope, results
from sitegen.stats.trials import trials
from sitegen.stats.vendors import VendorGap, vendor_gaps
from sitegen.svg import text_width
from sitegen.totals_page import totals_file, totals_page
from sitegen.view import data_folder
from sitegen.words import Words

EMBED_FRAME_PX = 204
"""Height of everything on an embedded page but the picture, 320 pixels wide, where the
caption has at most `_CAPTION_LINES`."""
_CAPTION_LINES = 4
_TEXT_PX = 13
_LINE_PX = 240
"""What surely fits in a line there, whatever word comes next."""


def build(
    inputs: Inputs,
    *,
    templates: Path | None = None,
    say: Callable[[str], None] | None = None,
    draw: Callable[[Mapping[str, str]], Mapping[str, bytes]] | None = None,
    before: Before | None = None,
    parquet: bool = False,
    lap: Callable[[str], None] = lambda _: None,
) -> Site:
    """Every file of the site, by its path.

    Args:
        inputs: Records, settings and metadata, already checked.
        templates: A folder whose templates and assets stand in for ours.
        say: Is told what the site gives away of private cells.
        draw: Makes PNG from SVG, by path, for shared links; None: they have no
            picture.
        before: The last publish, from which the feed of changes goes on; None: there
            is no feed.
        parquet: Whether tables are published as Parquet too, which needs pyarrow.
        lap: Is told the name of each part that is done.

    Raises:
        PluginError: A chart plugin cannot be loaded.
        RenderError: A template is broken.
    """
    if inputs.totals:
        return _of_totals(inputs, templates, parquet=parquet)
    if inputs.settings.publish.task_ids == "numbered":
        inputs = number_tasks(inputs)
    data = _site_data(inputs, chart_kinds(), before)
    lap("numbers and charts")
    again = templates is None and can_be_rebuilt(inputs)
    data = replace(data, can_be_rebuilt=again, parquet=parquet)
    _tell(say, data)
    site = _data_files(tables := _tables(data), parquet=parquet)
    data = _with_notes(data, inputs.notes, site)
    made = [
        (kind, part)
        for kind in PAGE_TYPES
        for page in kind.pages(data)
        for part in in_parts(page)
    ]
    pages = [page for _, page in made]
    notice = Notice(
        settings=inputs.settings.site,
        doubts=doubts(data.results),
        scripted=scripted_models(inputs.records, data.names),
        estimated=estimated_models(inputs.records, data.names),
        mixtures=mixtures(inputs.records),
    )
    settings, publish = inputs.settings.site, inputs.settings.publish
    home = _home(settings)
    if before:
        site[FEED] = feed(site, before, data, pages[0].content.lead, home)
    drawn = _drawn(pages)
    found = {c.id: c for c in (*data.charts.values(), *(c for _, c in drawn))}
    charts = [found[key] for key in sorted(found)]
    about_all = {chart.id: notice.brief(None) for chart in charts}
    notices = about_all | {c.id: notice.brief(p.model, p.shows) for p, c in drawn}
    about = {
        "title": settings.title,
        "base_url": settings.base_url,
        "date": day_of(site.get(FEED, b"")),
        "status": notice.status,
        "min_cells": 1 if publish.cells else publish.min_cells,
        "titles": _titles(data.names),
    }
    site[CHARTS] = _chart_index(charts, notices, about, _homes(data, drawn))
    site[CROISSANT] = croissant(
        site,
        {path: table for path, (_, table) in tables.items()},
        {**described(data), "datePublished": str(about["date"])},
        home,
    )
    published = Published(files=site)
    made += [(POSTS, page) for page in post_pages(inputs.posts, published, inputs.pins)]
    made += [(GALLERY, page) for page in gallery(published)]
    pages = [page for _, page in made]
    frame = _frame(inputs, made, feed=before is not None)
    renderer = Renderer(frame, templates)
    noticed = {page.path: notice.about(page.model, page.shows) for page in pages}
    if draw and frame.base_url:
        site.update(draw(cards(pages, data, noticed)))
    for kind, page in made:
        told = head(page, data, frame.base_url, site.keys())
        site[page.path] = renderer.page(
            page, told, current=kind.label, notice=noticed[page.path]
        )
        site.update(_asked(page, renderer))
    site.update(for_crawlers((page.path for page in pages), frame.base_url))
    if data.can_be_rebuilt:
        site[REBUILD] = rebuild_zip(inputs, site)
    site["404.html"] = renderer.not_found()
    site[SEARCHED] = searched(pages)
    lap("data files and pages")
    for chart in charts:
        site.update(_chart_files(chart, renderer, notices[chart.id], published))
    for name in published.quotable:
        path = frame_path(name)
        site[path] = _table_frame(name, path, renderer, notice.brief(None), published)
    for day, files in inputs.pins.items():
        site.update({f"pins/{day}/{path}": content for path, content in files.items()})
    site.update(_assets(templates))
    lap("pictures and embedded pages")
    return dict(sorted(site.items()))


def _of_totals(inputs: Inputs, templates: Path | None, *, parquet: bool) -> Site:
    """One page, its rows as data, and what pages need."""
    settings = inputs.settings.site
    page, found = totals_page(inputs.totals, settings), totals_file(inputs.totals)
    frame = replace(_frame(inputs, (), feed=False), cells=True)
    renderer = Renderer(frame, templates)
    doubtless = Doubts(
        ran_once=None, unconfined=0, no_sandbox_recorded=False, covered=None
    )
    said = Notice(settings=settings, doubts=doubtless, scripted={}).about(None)
    notice = tuple(run for run in said if not run.href)  # there is no other page
    url = address(frame.base_url, page.path) if frame.base_url else ""
    about = Head(title=settings.question, url=url)
    site = {
        page.path: renderer.page(page, about, current="", notice=notice),
        "404.html": renderer.not_found(),
        **_data_files({"data/totals": (None, found)}, parquet=parquet),
        CHARTS: _chart_index((), {}, {"title": settings.title, "min_cells": 1}, {}),
        **for_crawlers([page.path], frame.base_url),
        **_assets(templates),
    }
    return dict(sorted(site.items()))


def _tables(data: SiteData) -> dict[str, tuple[str | None, DataFile]]:
    """Each table with its sweep, by its path without what tells the format."""
    return {
        f"{data_folder(sweep, data.names)}{file.name}": (sweep, file)
        for sweep, found in data.files.items()
        for file in found
    }


def _data_files(
    tables: Mapping[str, tuple[str | None, DataFile]], *, parquet: bool
) -> dict[str, bytes]:
    """Each table in every format."""
    site = {}
    for path, (sweep, file) in tables.items():
        site[f"{path}.json"] = file.json(sweep)
        site[f"{path}.csv"] = file.csv()
        site[f"data/schema/{file.name}.json"] = file.schema()
        if parquet:
            site[f"{path}.parquet"] = file.parquet()
    return site


def _with_notes(data: SiteData, notes: str, site: Site) -> SiteData:
    """The author's notes, of which some quote what is published."""
    about = {"title": data.settings.site.title, "titles": _titles(data.names)}
    index = _chart_index(data.charts.values(), {}, about, {})
    published = Published(files={**site, CHARTS: index})
    html = notes_html(notes, published) if notes else ""
    return replace(data, metadata=noted(data.metadata, published), notes_html=html)


def _titles(names: Names) -> dict[str, dict[str, str]]:
    """By column and name: what models, harnesses and tasks with a page are called."""
    found: dict[str, dict[str, str]] = {"harness": {}, "model": {}, "task": {}}
    for key, entity in names.entities.items():
        if entity.href and len(key.parts) == 1:
            [(column, name)] = key.parts.items()
            if column in found and entity.label != name:
                found[column][name] = entity.label
    return {column: dict(sorted(known.items())) for column, known in found.items()}


def chart_kinds() -> tuple[ChartKind, ...]:
    """Every chart that an installed distribution offers, ours included.

    Raises:
        PluginError: One cannot be imported or is no chart.
    """
    found = []
    for name in registry.names("charts"):
        kind = registry.load("charts", name)
        if not isinstance(kind, ChartKind):
            what = f"{name} is a {type(kind).__name__}, not a ChartKind"
            raise PluginError(Problem("charts", what))
        found.append(kind)
    return tuple(found)


def _tell(say: Callable[[str], None] | None, data: SiteData) -> None:
    """What the totals of private cells give away, and what they leave to show."""
    if say and data.results.told:
        say(data.results.told.said)
        if data.results.ran and not data.results.all.combos:
            say(
                "No combo is shown: while cells are private, each number needs "
                f"{count_of(data.settings.publish.min_cells, 'cell')}; [publish] cells "
                "= true shows them all."
            )


def results_of(inputs: Inputs) -> Results:
    """All numbers that may be published."""
    settings = inputs.settings
    private = not settings.publish.cells
    return publishable(
        results(
            inputs.records,
            settings.policy,
            default_sweep=settings.site.default_sweep,
            told=inputs.metadata.groups(settings.site.groups),
            totals_only=private,
            without=WITHHELD if private else None,
        ),
        settings.publish,
    )


def _site_data(
    inputs: Inputs, kinds: tuple[ChartKind, ...], before: Before | None = None
) -> SiteData:
    settings, metadata = inputs.settings, inputs.metadata
    computed = results_of(inputs)
    named = names(computed, metadata, settings)
    judged = _judged(inputs, computed, _titles(named))
    gaps = _vendor_gaps(inputs, computed)
    kept, at = (before.files.get(HISTORY, b""), before.at) if before else (b"", "")
    moves = history(computed, kept, at[:10]) if settings.publish.cells else ()
    data = SiteData(
        results=computed,
        names=named,
        metadata=metadata,
        settings=settings,
        chart_kinds=kinds,
        files=_files(computed, settings, judged, gaps, moves),
        history=moves,
        judged=judged,
        vendor_gaps=gaps,
        contributions=contributions(inputs.records) if settings.publish.cells else (),
    )
    charts: dict[tuple[str | None, str], Chart] = {}
    for kind in kinds:
        for scope in computed.scopes:
            chart = kind.draw(data.view(scope))
            if chart is not None:
                chart_id = _chart_id(kind, scope, data)
                charts[scope.sweep, kind.id] = replace(chart, id=chart_id)
    return replace(data, charts=charts)


def _files(
    found: Results,
    settings: Settings,
    judged: tuple[Judged, ...],
    gaps: tuple[VendorGap, ...],
    moves: tuple[Point, ...],
) -> dict[str | None, tuple[DataFile, ...]]:
    """The data files of each scope; those of the whole site with all trials."""
    variants = any(s.key.variant for s in found.all.combos)
    files = {
        scope.sweep: data_files(scope, cells=settings.publish.cells, variants=variants)
        for scope in found.scopes
    }
    files[None] += (claims_file(judged),) if judged else ()
    files[None] += (vendor_gaps_file(gaps),) if gaps else ()
    if moves:
        told = history_file(moves)
        files[None] += (told if variants else told.without("variant"),)
    return files


def _judged(inputs: Inputs, found: Results, titles: Titles) -> tuple[Judged, ...]:
    """The author's claims with verdicts, from what may be published."""
    if not inputs.claims:
        return ()
    settings = inputs.settings
    evidence = Evidence(
        found,
        trials(inputs.records, settings.policy),
        margin=Fraction(str(settings.policy.margin)),
        cells=settings.publish.cells,
        titles=titles,
    )
    return judge(inputs.claims, evidence)


def _vendor_gaps(inputs: Inputs, found: Results) -> tuple[VendorGap, ...]:
    """What each vendor's harness does for its hosted models, in the main scope."""
    metadata, settings = inputs.metadata, inputs.settings
    if not settings.publish.cells:
        return ()
    hosts = {m: info.vendor for m, info in metadata.models.items() if info.vendor}
    makers = {h: info.vendor for h, info in metadata.harnesses.items() if info.vendor}
    if not set(hosts.values()) & set(makers.values()):
        return ()
    main = found.main.sweep
    chosen = inputs.records
    if main is not None:
        chosen = chosen.take(chosen.coded("sweep").among({main}))
    return vendor_gaps(trials(chosen, settings.policy), hosts, makers)


def _chart_id(kind: ChartKind, scope: Scope, data: SiteData) -> str:
    """The plain id in the chart's home scope, else one under the scope's name."""
    if scope is data.home(kind):
        return kind.id
    folder = data_folder(scope.sweep, data.names).removeprefix("data/") or "all/"
    return f"{folder}{kind.id}"


def _asked(page: Page, renderer: Renderer) -> dict[str, bytes]:
    """What the scripts of a page ask for."""
    rest = page.rest.items()
    rows = {path: renderer.rows(table, page.path) for path, table in rest}
    return {**page.files, **rows}


def _drawn(pages: Iterable[Page]) -> list[tuple[Page, Chart]]:
    """Each chart with a page that shows it."""
    return [
        (page, section.chart)
        for page in pages
        for section in page.content.sections
        if section.chart
    ]


def _chart_files(
    chart: Chart, renderer: Renderer, notice: Words, published: Published
) -> dict[str, bytes]:
    path = f"embed/{chart.id}.html"
    about = source_line(published)[1]
    return {
        f"charts/{chart.id}.js": chart_script(chart.id, chart.wide, chart.narrow),
        f"charts/{chart.id}.json": script_json(chart.wide).encode(),
        f"charts/{chart.id}.svg": renderer.pictures.file(chart),
        f"charts/{chart.id}-narrow.svg": renderer.pictures.file(chart, "narrow"),
        path: renderer.embed(chart, path, notice=notice, about=about),
    }


def _table_frame(
    name: str, path: str, renderer: Renderer, notice: Words, published: Published
) -> bytes:
    place = at("../" * path.count("/"))
    # Safe: every text in it was escaped.
    whole = Markup(table_html(Quote(name="table", of=name), published, place))  # noqa: S704
    return renderer.embed_table(published.table_title(name), whole, path, notice=notice)


def _homes(data: SiteData, drawn: Sequence[tuple[Page, Chart]]) -> dict[str, str]:
    """The first page that shows a chart, or the trials of one that none shows."""
    return {
        chart.id: data.names.scope_text(sweep)
        for (sweep, _), chart in data.charts.items()
    } | {
        chart.id: page.title or page.content.heading for page, chart in reversed(drawn)
    }


def _chart_index(
    charts: Iterable[Chart],
    notices: Mapping[str, Words],
    about: Mapping[str, object],
    homes: Mapping[str, str],
) -> bytes:
    listed = [
        {
            "id": chart.id,
            "title": chart.title,
            "caption": chart.caption,
            "page": homes.get(chart.id, ""),
            "wide": _size(chart.wide),
            "narrow": _size(chart.narrow),
            "embed": f"embed/{chart.id}.html",
            "svg": f"charts/{chart.id}.svg",
            "csv": f"{chart.data}.csv",
            "height": EMBED_FRAME_PX
            + _more_caption_px(chart.caption)
            + _notice_px(notices.get(chart.id, ()))
            + max(_height(chart.wide), _height(chart.narrow)),
        }
        for chart in charts
    ]
    index = {**about, "charts": listed}
    return (json.dumps(index, indent=1, ensure_ascii=False) + "\n").encode()


def _more_caption_px(caption: str) -> int:
    """Height of the lines of a caption beyond the usual ones, 320 pixels wide."""
    return 24 * max(0, _lines(caption) - _CAPTION_LINES)


def _notice_px(notice: Words) -> int:
    """Height of a notice on an embedded page, 320 pixels wide."""
    return 24 + 21 * _lines("".join(run.text for run in notice)) if notice else 0


def _lines(text: str) -> int:
    """The lines of a caption or notice there."""
    return ceil(text_width(text, _TEXT_PX) / _LINE_PX)


def _size(figure: Mapping[str, object]) -> tuple[int, int]:
    layout = cast("Mapping[str, int]", figure["layout"])
    return layout["width"], layout["height"]


def _height(figure: Mapping[str, object]) -> int:
    return _size(figure)[1]


def restyled(site: Site, templates: Path | None) -> Site:
    """A site with the styles, scripts and icons that there are now, its pages kept."""
    return dict(sorted({**site, **_assets(templates)}.items()))


def _assets(templates: Path | None) -> dict[str, bytes]:
    plotly = bundle()
    site = assets(templates)
    site["assets/site.css"] = theme.stylesheet().encode() + site["assets/site.css"]
    quoted = theme.embed_stylesheet().encode() + site["assets/embed.css"]
    site["assets/embed.css"] = quoted
    palette, styles = script_json(theme.PALETTE), script_json(plotly.styles)
    site["assets/charts.js"] = (
        f"var harnessBench = window.harnessBench || {{}}; "
        f"harnessBench.palette = {palette}; harnessBench.styles = {styles};\n".encode()
        + site["assets/charts.js"]
    )
    site["assets/plotly.min.js"] = plotly.content
    site["assets/plotly.LICENSE.txt"] = plotly.licence.encode()
    return site


def _home(site: SiteSettings) -> str:
    """Where the site stands, with a slash behind it; empty where that is not known."""
    return site.base_url.rstrip("/") + "/" if site.base_url else ""


def _frame(
    inputs: Inputs,
    made: Collection[tuple[PageType, Page]],
    *,
    feed: bool,
) -> Frame:
    paths = {page.path for _, page in made}
    kinds = [kind for kind, _ in made if kind.href in paths]
    entries = [(kind.label, kind.href) for kind in kinds]
    return Frame(
        title=inputs.settings.site.title,
        base_url=_home(inputs.settings.site),
        version=harness_bench.__version__,
        feed=FEED if feed else "",
        navigation=tuple(dict.fromkeys(entries)),
        cells=inputs.settings.publish.cells,
    )
