"""Script of one sort of a board of 1,000 rows, beside the plainest one.

The board is built of made-up trials and opened in Chromium from its folder. Timed is
what runs between a click on a column's head and the end of its handlers: layout and
paint come after. What else the machine does is in these times, and not in the second
ones: the processor's time of the same handlers, as Chromium's trace has it. Beside
them, a table of the same number of rows that 3 lines sort, each with a name and five
numbers, read from its cells and put back in order.

    .venv/bin/python -m benchmarks.board_sort [ROUNDS]
"""

import json
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from sitegen.build import build
from sitegen.publish import publish
from tests.records import inputs, record
from tests.sites import chromium

ROWS, TASKS = 1000, 8
CLICK = """name => {
  const heads = [...document.querySelectorAll("[data-board] thead button")];
  const head = heads.find(each => each.textContent === name);
  const before = performance.now();
  head.click();
  return performance.now() - before;
}"""
PLAIN = """rows => {
  const body = document.body.appendChild(document.createElement("table")).createTBody();
  for (let at = 0; at < rows; at += 1) {
    const row = body.insertRow();
    row.insertCell().textContent = "row " + at;
    for (let cell = 0; cell < 5; cell += 1) {
      row.insertCell().textContent = (at * 7919 + cell * 31) % rows;
    }
  }
}"""
SORT = """sign => {
  const body = document.body.lastElementChild.tBodies[0];
  const before = performance.now();
  const keyed = [...body.rows].map(row => [+row.cells[2].textContent, row]);
  keyed.sort((a, b) => sign * (a[0] - b[0]));
  keyed.forEach(([, row]) => body.append(row));
  return performance.now() - before;
}"""


def main() -> None:
    """Measure, and print a table in Markdown."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    rows = [
        record(
            f"model-{combo // 10:03}/q/harness-{combo % 10}",
            f"task-{task}",
            passed=(combo * 31 + task * 17) % 100 < combo // 10,
            agent_time_s=float(20 + (combo * 7919 + task * 104729) % 500),
        )
        for combo in range(ROWS)
        for task in range(TASKS)
    ]
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        publish(build(inputs(rows)), Path(name) / "site")
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto((Path(name) / "site" / "index.html").as_uri())
        page.wait_for_selector("[data-board] thead button")
        found = {}
        for head in ("Time", "Passed", "Model"):
            found[f"the board, by {head}"] = [
                page.evaluate(CLICK, head) for _ in range(rounds)
            ]
            of = f"the same, the processor's time, by {head}"
            found[of] = processor(browser, page, head, rounds)
        page.goto("about:blank")
        page.evaluate(PLAIN, ROWS)
        signs = [1 - 2 * (each % 2) for each in range(rounds)]
        found["the plainest table"] = [page.evaluate(SORT, sign) for sign in signs]
    print(f"{ROWS:,} rows, {rounds} sorts each:\n\n| | ms, median | least | most |")
    print("|---|---|---|---|")
    for what, took in found.items():
        print(
            f"| {what} | {statistics.median(took):.1f} | {min(took):.1f} "
            f"| {max(took):.1f} |"
        )


def processor(browser: Browser, page: Page, head: str, rounds: int) -> list[float]:
    """Milliseconds of the page's thread in each of so many sorts."""
    browser.start_tracing(page=page, categories=["devtools.timeline"])
    for _ in range(rounds):
        page.evaluate(CLICK, head)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    return [
        event["tdur"] / 1000
        for event in events
        if event["name"] == "EventDispatch" and event["args"]["data"]["type"] == "click"
    ]


if __name__ == "__main__":
    main()
