"""Results at the ends of what a CSV may hold, drawn as asked."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from sitegen.build import build
from sitegen.inputs import read_inputs
from sitegen.publish import publish
from tests.sites import WIDE, as_asked, served, watched

pytestmark = pytest.mark.browser

COMBOS = [(m, h, t) for m in ("m", "n") for h in ("h", "i") for t in ("t", "u")]
HEADER = "model,harness,task,passed,agent_time_s"
FULL = [",".join(combo) for combo in COMBOS]

TABLES = {
    "one trial": [HEADER, "m,h,t,1,12.5"],
    "every trial failed": [HEADER, *(f"{row},0,10" for row in FULL)],
    "every trial passed": [HEADER, *(f"{row},1,10" for row in FULL)],
    "no time": [
        "model,harness,task,passed",
        *(f"{row},{len(row) % 2}" for row in FULL),
    ],
    "a time of zero": [HEADER, *(f"{row},1,{n * 0.5}" for n, row in enumerate(FULL))],
    "only times of zero": [HEADER, *(f"{row},1,0" for row in FULL)],
    "a microsecond and a year": [HEADER, "m,h,t,1,0.000001", "n,h,t,1,31536000"],
    "nothing measured": [
        "model,harness,task,status",
        *(f"{row},infra_server" for row in FULL),
    ],
    "no cell in common": [HEADER, "m,h,t,1,1", "n,i,u,0,2"],
}


@pytest.mark.parametrize("name", TABLES)
def test_charts_at_the_ends_are_drawn_as_asked(
    browser: Browser, tmp_path: Path, name: str
) -> None:
    cells = tmp_path / "cells.csv"
    cells.write_text("\n".join([*TABLES[name], ""]), encoding="utf-8")
    (tmp_path / "site.toml").write_text("[publish]\ncells = true\n", encoding="utf-8")
    site = build(read_inputs([cells]))
    publish(site, tmp_path / "site")
    problems = []
    with served(tmp_path / "site") as url, browser.new_context() as context:
        page = context.new_page()
        page.set_viewport_size({"width": WIDE, "height": 800})
        watch = watched(page, url)
        for path in ("index.html", "analysis.html", "models/m.html", "tasks/t.html"):
            page.goto(url + path)
            problems += [f"{path}: {each}" for each in as_asked(site, page, WIDE)]
        problems += watch.faults
    assert not problems, "\n".join(problems)
