"""Page -> bytes, through the one Jinja environment."""

import posixpath
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from types import CodeType

import jinja2
from markupsafe import Markup

from harness_bench.errors import Problem, RenderError
from sitegen.chart_pictures import ChartPictures
from sitegen.charts.figure import Chart
from sitegen.escape import script_json, url_path
from sitegen.page import Page
from sitegen.plotly_bundle import bundle
from sitegen.sharing import Head
from sitegen.table import Table
from sitegen.table_rows import table_rows
from sitegen.theme import bare_stylesheet
from sitegen.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What is the same on every page: the context `site` of all templates."""

    title: str
    base_url: str
    """Where the site stands, with a trailing slash; "" when not known."""
    version: str
    feed: str = ""
    """Path of the feed of changes; empty without one."""
    navigation: tuple[tuple[str, str], ...] = ()
    """Labels and site paths."""
    cells: bool = True
    """Whether single cells are published; every page says so where they are not."""


def shipped_templates() -> Path:
    """The templates of this package: in a wheel inside it, in a checkout beside it."""
    package = Path(__file__).parent
    inside = package / "_templates"
    return inside if inside.is_dir() else package.parent / "templates"


def includes(templates: Path | None) -> Iterator[tuple[str, bytes]]:
    """The name and content of each include for Jekyll, the user's in place of ours."""
    for path in sorted((shipped_templates() / "jekyll").glob("*.html")):
        own = templates / "jekyll" / path.name if templates else path
        yield path.name, (own if own.is_file() else path).read_bytes().rstrip()


def shipped_files() -> list[bytes]:
    """What of ours is in sites as it is: nothing private is in it."""
    script = bundle()
    ours = [each for each in shipped_templates().rglob("*") if each.is_file()]
    texts = [script.content, script.licence.encode()]
    return texts + [each.read_bytes() for each in ours]


def assets(templates: Path | None) -> dict[str, bytes]:
    """Every file under `assets/`, of the shipped templates and the user's."""
    found: dict[str, bytes] = {}
    for folder in (shipped_templates(), *([templates] if templates else [])):
        for path in sorted((folder / "assets").glob("*.*")):
            found[f"assets/{path.name}"] = path.read_bytes()
    return found


class _Compiled(jinja2.BytecodeCache):
    """What each template was compiled to last, for the next site of this process."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        checksum, code = self._known.get(bucket.key, ("", None))
        # The checksum is that of the template's text, which may be another by now.
        bucket.code = code if checksum == bucket.checksum else None

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        if bucket.code is not None:
            self._known[bucket.key] = bucket.checksum, bucket.code


_compiled = cache(_Compiled)


class Renderer:
    """Renders pages of one site; holds the compiled templates."""

    def __init__(self, frame: Frame, templates: Path | None = None) -> None:
        shipped = shipped_templates()
        folders = [shipped] if templates is None else [templates, shipped]
        self._folders = folders
        self._frame = frame
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folders),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            bytecode_cache=_compiled(),
        )
        self.pictures = ChartPictures()
        self._environment.globals.update(
            picture=self.pictures.inline, table_rows=table_rows
        )

    def page(self, page: Page, head: Head, *, current: str, notice: Words) -> bytes:
        """One page of the site."""
        return self._render(
            "page.html",
            page.path,
            page=page,
            head=head,
            content=page.content,
            current=current,
            notice=notice,
        )

    def embed(self, chart: Chart, path: str, *, notice: Words, about: str) -> bytes:
        """The page of one chart, for an iframe, its notice above the picture."""
        said = {"title": chart.title, "caption": chart.caption, "quoted": ""}
        return self._render(
            "embed.html", path, chart=chart, notice=notice, about=about, **said
        )

    def embed_table(
        self, title: str, quoted: Markup, path: str, *, notice: Words
    ) -> bytes:
        """The page of one table, for an iframe; `quoted` has its source under it."""
        said = {"title": title, "caption": title, "quoted": quoted}
        return self._render(
            "embed.html", path, chart=None, notice=notice, about="", **said
        )

    def rows(self, table: Table, path: str) -> bytes:
        """The rows of a table for the script of the page at `path`."""
        rows = table_rows(table, partial(relative, path))
        return f"harnessBench.rows({script_json(rows)});\n".encode()

    def not_found(self) -> bytes:
        """The page for addresses that do not exist; refers to no other file."""
        return self._render("404.html", "404.html", css=bare_stylesheet())

    def _render(self, template: str, path: str, **context: object) -> bytes:
        @cache
        def url(target: str) -> str:
            return relative(path, target)

        try:
            found = self._environment.get_template(template)
            return found.render(
                site=self._frame, path=path, url=url, **context
            ).encode()
        except jinja2.TemplateSyntaxError as error:
            place = error.filename or template
            wrong = Problem(place, error.message or "is malformed", line=error.lineno)
            raise RenderError(wrong) from error
        except Exception as error:
            # A template is a program of its author: what goes wrong in it, and not
            # in what it calls of ours, is told as its fault, at its line.
            where = self._line_at_fault(error)
            if where is None:
                raise
            what = f"{error} (while rendering {path})"
            raise RenderError(Problem(where, what)) from error

    def _line_at_fault(self, error: Exception) -> str | None:
        """The template and line that failed; None where a function of ours did."""
        found = None
        for frame in traceback.extract_tb(error.__traceback__):
            file = Path(frame.filename)
            if any(file.is_relative_to(folder) for folder in self._folders):
                found = f"{file}:{frame.lineno}"
            elif found and file.is_relative_to(Path(__file__).parent):
                return None
        return found


def relative(page: str, target: str) -> str:
    """The link from one page of the site to a site path, percent-encoded."""
    path, mark, fragment = target.partition("#")
    if path == page and mark:
        return f"#{fragment}"
    return _between(posixpath.dirname(page), path) + mark + fragment


@lru_cache(maxsize=1 << 14)
def _between(folder: str, path: str) -> str:
    return url_path(posixpath.relpath(f"/{path}", f"/{folder}"))
