"""Sites for tests: built, served as files, opened in Chromium, read back."""

import json
import posixpath
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Page,
    Request,
    Response,
    sync_playwright,
)

from sitegen.build import build
from sitegen.inputs import read_inputs
from sitegen.site import Site
from tests.needs import needs

REPOSITORY = Path(__file__).parents[1]
EXAMPLE = REPOSITORY / "examples" / "harness-bench-2026" / "cells.csv"

WIDE, NARROW = 1280, 390
"""Widths of a window, in pixels: on either side of the site's one breakpoint."""

_CHART_SCRIPT = re.compile(r'harnessBench\.add\(("[^"]*"),(.*)\);\n', re.DOTALL)
_VOID = frozenset({"base", "br", "hr", "img", "input", "link", "meta", "source"})
_CLIENTS_ERROR = 400


@cache
def example_site() -> Site:
    """The worked example, built once in each process."""
    return build(read_inputs([EXAMPLE]))


def pages_of(site: Site) -> list[str]:
    """Paths of all pages, those of embedded charts too."""
    return sorted(path for path in site if path.endswith(".html"))


def figures_of(site: Site, chart_id: str) -> dict[str, Any]:
    """What the script of a chart asks for: its wide and its narrow figure."""
    match = _CHART_SCRIPT.fullmatch(site[f"charts/{chart_id}.js"].decode())
    assert match, f"charts/{chart_id}.js is no call of harnessBench.add"
    assert json.loads(match[1]) == chart_id
    figures: dict[str, Any] = json.loads(match[2])
    assert set(figures) == {"wide", "narrow"}
    return figures


def types_asked(site: Site, chart_id: str, width: int) -> list[str]:
    """The trace types of a chart in a window of this width."""
    figure = figures_of(site, chart_id)["narrow" if width <= NARROW else "wide"]
    return [trace["type"] for trace in figure["data"]]


# Served


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """A folder behind a plain web server; gives its address, with a slash."""
    handler = partial(_QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


# Opened


@contextmanager
def chromium() -> Iterator[Browser]:
    """A real browser that asks nobody anything by itself."""
    path = needs("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@dataclass  # without slots: playwright sets attributes of listeners
class Watch:
    """Everything that went wrong on a page since it was watched."""

    host: str
    faults: list[str] = field(default_factory=list)

    def on(self, page: Page) -> None:
        """Note errors, warnings, failed requests and requests to other hosts."""
        page.on("pageerror", self._failed_script)
        page.on("console", self._heard)
        page.on("request", self._asked)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _failed_script(self, error: Error) -> None:
        self.faults.append(f"error: {error}")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning", "assert"}:
            self.faults.append(f"console {message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != self.host:
            self.faults.append(f"other host: {request.url}")

    def _failed(self, request: Request) -> None:
        # Aborted: the test left the page before an icon had come.
        if request.failure != "net::ERR_ABORTED":
            self.faults.append(f"failed, {request.failure}: {request.url}")

    def _answered(self, answer: Response) -> None:
        if answer.status >= _CLIENTS_ERROR:
            self.faults.append(f"{answer.status}: {answer.url}")


def watched(page: Page, url: str) -> Watch:
    """Watch a page that may only talk to the host of this address."""
    watch = Watch(urlsplit(url).netloc)
    watch.on(page)
    return watch


def drawn(page: Page) -> list[dict[str, Any]]:
    """Turn to every chart of a page, as a reader would, and tell what was drawn."""
    charts: list[dict[str, Any]] = page.evaluate(_DRAWN)
    return charts


_DRAWN = """async () => {
  const found = [];
  const pause = () => new Promise(done => setTimeout(done, 20));
  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    figure.scrollIntoView({block: "start", behavior: "instant"});
    figure.querySelector(".picture").dispatchEvent(new PointerEvent("pointerenter"));
    const end = performance.now() + 30000;
    while (!figure.dataset.drawn && performance.now() < end) await pause();
    const live = figure.querySelectorAll(".live.js-plotly-plot");
    // On a site's own pages there are two pictures; in a post one, of two sources.
    const size = matchMedia("(max-width: 46rem)").matches ? "narrow" : "wide";
    const shown = [...figure.querySelectorAll(".picture > :is(div, picture)")].filter(
      each => each.checkVisibility({visibilityProperty: true}));
    found.push({
      id: figure.dataset.chart,
      drawn: figure.dataset.drawn,
      pictures: shown.map(each => each.classList[0] || size),
      types: [...live].flatMap(each => each._fullData.map(trace => trace.type)),
      hidden: [...live].flatMap(each => each._fullData.filter(
        trace => trace.visible !== true).map(trace => trace.type)),
      empty: [...live].flatMap(each => each.calcdata.filter(
        points => points.length === 0).length),
      sends: [...live].some(each => each._context.showSendToCloud),
    });
  }
  const all = document.querySelectorAll(".js-plotly-plot").length;
  if (all !== found.length) found.push({id: "besides", drawn: String(all)});
  return found;
}"""


def as_asked(site: Site, page: Page, width: int) -> list[str]:
    """How the charts of a page differ from what their scripts ask for."""
    problems = []
    for chart in drawn(page):
        types = types_asked(site, chart["id"], width)
        # What is live over a heatmap says only what it is pointed at.
        under = ["narrow" if width <= NARROW else "wide"] if "heatmap" in types else []
        wanted = {
            "id": chart["id"],
            "drawn": "true",
            "pictures": [*under, "live"],
            "types": types,
            "hidden": [],
            "empty": [0],
            "sends": False,
        }
        if chart != wanted:
            problems.append(f"asked for {wanted}, drawn {chart}")
    return problems


# Read back


def page_text(site: Site, path: str) -> str:
    """The text of a page, tags taken away, spaces made one."""
    text = re.sub(
        r"<(script|style|svg)\b.*?</\1>", " ", site[path].decode(), flags=re.DOTALL
    )
    bare = re.sub(r"<[^>]+>", " ", text).replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\s+([.,;:)])", r"\1", re.sub(r"\s+", " ", bare))


class Document(HTMLParser):
    """The addresses, ids, texts and elements of one page."""

    def __init__(self, markup: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.addresses: list[str] = []
        """Values of href, src and data-src."""
        self.ids: list[str] = []
        self.tags: set[str] = set()
        self.handlers: list[str] = []
        """Names of attributes that hold code."""
        self.headings: list[str] = []
        """Texts of h1 and h2."""
        self.links: list[str] = []
        """Texts of links, within the body and in SVG."""
        self.texts: list[str] = []
        """Texts of innermost elements and what is between them, in their order."""
        self._open: list[tuple[str, list[str]]] = []
        self.feed(markup.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by the parser."""
        self.tags.add(tag)
        for name, value in attrs:
            if name in {"href", "src", "data-src", "data-plotly"}:
                self.addresses.append(value or "")
            elif name == "id":
                self.ids.append(value or "")
            elif name.startswith("on"):
                self.handlers.append(name)
        if tag not in _VOID:
            self._open.append((tag, []))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by the parser, for <path/>."""
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Called by the parser."""
        while self._open:
            name, parts = self._open.pop()
            text = "".join(parts)
            if self._open:
                self._open[-1][1].append(text)
            if name in {"h1", "h2"}:
                self.headings.append(text)
            elif name == "a":
                self.links.append(text)
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        """Called by the parser."""
        self.texts.append(data)
        if self._open:
            self._open[-1][1].append(data)


def broken_links(
    pages: Mapping[str, bytes], files: Iterable[str], baseurl: str = ""
) -> list[str]:
    """Every address of these pages that leads to no file or to no place in it.

    Args:
        pages: Path to markup; only these are read.
        files: Every path that a web server would answer.
        baseurl: Where the files stand on their host: "" or "/x/y".
    """
    known = set(files)
    documents = {path: Document(markup) for path, markup in pages.items()}
    problems = []
    for path, document in documents.items():
        if repeated := {i for i, n in Counter(document.ids).items() if n > 1}:
            problems.append(f"{path}: twice the id {sorted(repeated)}")
        for address in document.addresses:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                continue
            target = _target(path, unquote(parts.path), baseurl)
            place = unquote(parts.fragment)
            if target not in known:
                problems.append(f"{path}: {address} leads to {target}, no file")
            elif place and place not in documents[target].ids:
                problems.append(f"{path}: {address} has no such place")
    return problems


def _target(path: str, address: str, baseurl: str) -> str:
    """The file that an address on a page means."""
    if not address:
        return path
    if address.startswith("/"):
        if not address.startswith(f"{baseurl}/"):
            return f"outside {baseurl}: {address}"
        whole = address.removeprefix(f"{baseurl}/")
    else:
        whole = posixpath.normpath(posixpath.join(posixpath.dirname(path), address))
    if address.endswith("/") or whole in {"", "."}:
        return posixpath.normpath(posixpath.join(whole, "index.html"))
    return whole
