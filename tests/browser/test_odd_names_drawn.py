"""Charts of a site with odd names: drawn, literal, and nothing of them runs."""

import html
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog

from sitegen.publish import publish
from sitegen.site import Site
from tests.odd_names import ODD, built
from tests.sites import NARROW, WIDE, as_asked, figures_of, served, watched

pytestmark = pytest.mark.browser

PAGES = ("index.html", "analysis.html", "harnesses/index.html", "tasks/index.html")
WIDEST_HOVER_PX = 400


@pytest.fixture(scope="module")
def site() -> Site:
    return built(
        models=ODD,
        harnesses=["pi", "<b>bold</b>{{ y }}", "$x^2$", "<img src=x onerror=alert(5)>"],
        tasks=["t", "</svg><script>alert(6)</script>", "%{x}", ODD[-1]],
    )


@pytest.fixture(scope="module")
def url(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("odd") / "site"
    publish(site, folder)
    with served(folder) as address:
        yield address


SHOWN = """async () => {
  const pause = () => new Promise(done => setTimeout(done, 60));
  const found = [];
  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    const live = figure.querySelector(".live");
    const words = selector =>
      [...live.querySelectorAll(selector)].map(each => each.textContent);
    const ticks = [...words(".xtick text"), ...words(".ytick text")];
    const notes = words(".annotation text");
    const hovers = [], widths = [];
    for (const [curve, trace] of live._fullData.entries()) {
      if (!trace.hovertext || trace.type === "heatmap") continue;
      const points = live.calcdata[curve];
      const step = Math.ceil(points.length / 20);
      for (let point = 0; point < points.length; point += step) {
        // Plotly drops what comes too soon after the last one.
        const at = () => live._hoverdata?.[0] ?? {};
        for (let again = 0; again < 40; again += 1) {
          Plotly.Fx.hover(live, [{curveNumber: curve, pointNumber: point}]);
          await pause();
          if (at().curveNumber === curve && at().pointNumber === point) break;
        }
        const box = live.querySelector(".hoverlayer .hovertext");
        if (!box) { hovers.push([trace.hovertext[point], []]); continue; }
        const lines = [...box.querySelectorAll("text.nums tspan.line")];
        hovers.push([trace.hovertext[point] ?? trace.hovertext,
                     lines.map(each => each.textContent)]);
        widths.push(box.getBBox().width);
      }
      Plotly.Fx.unhover(live);
    }
    const styled = [...live.querySelectorAll("text tspan[style], text b, text i")]
      .map(each => each.outerHTML);
    found.push({id: figure.dataset.chart, ticks, notes, hovers, styled,
                widest: Math.max(0, ...widths)});
  }
  return found;
}"""

STRANGE = "document.querySelectorAll('img, main script, svg a, iframe, math').length"


def said(texts: list[str]) -> list[str]:
    """Texts as they can be compared: drawn blanks are no-break spaces."""
    return sorted(text.replace("\N{NO-BREAK SPACE}", " ").strip() for text in texts)


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("path", PAGES)
def test_odd_names_are_drawn_as_they_are_and_nothing_of_them_runs(
    browser: Browser, site: Site, url: str, path: str, width: int
) -> None:
    problems: list[str] = []

    def dialog(found: Dialog) -> None:
        problems.append(f"a name ran: {found.message}")
        found.dismiss()

    with browser.new_context(viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        page.on("dialog", dialog)
        watch = watched(page, url)
        page.goto(url + path)
        problems += as_asked(site, page, width)
        charts = page.evaluate(SHOWN)
        assert charts
        for chart in charts:
            figures = figures_of(site, chart["id"])
            figure = figures["narrow" if width == NARROW else "wide"]
            problems += [f"{chart['id']}: {each}" for each in unlike(chart, figure)]
        assert page.evaluate(STRANGE) == 0
    problems += watch.faults
    assert not problems, "\n".join(problems)


def unlike(chart: dict[str, Any], figure: dict[str, Any]) -> list[str]:
    """How the texts on the screen differ from those that the figure holds."""
    problems = []
    layout = figure["layout"]
    ticks = [*layout["xaxis"]["ticktext"], *layout["yaxis"]["ticktext"]]
    notes = [note["text"] for note in layout["annotations"]]
    for name, wanted in (("ticks", ticks), ("notes", notes)):
        flat = [html.unescape(text.replace("<br>", "")) for text in wanted]
        if said(chart[name]) != said(flat):
            problems.append(f"{name} {json.dumps([chart[name], wanted])[:500]}")
    for text, lines in chart["hovers"]:
        expected = [html.unescape(line) for line in text.split("<br>")]
        if said(lines) != said(expected):
            problems.append(f"hover {lines}, not {expected}")
    if chart["widest"] > WIDEST_HOVER_PX:
        problems.append(f"a hover box is {chart['widest']:.0f} px wide")
    problems += [f"styled {each}" for each in chart["styled"] if "bold" in each]
    return problems
