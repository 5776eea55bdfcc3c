"""What the example's board loads at once, and how long a chart takes to come alive.

The site is served from its folder without compression, and opened in Chromium: on a
desktop, and on a phone whose processor is a quarter as fast, at 1.6 Mbit/s with 150 ms
to the server. Sizes are those of the files, and of each compressed by gzip -9. Alive is
from a click on "Explore" to the drawn chart: cold before, warm after a first time.

    .venv/bin/python -m benchmarks.first_load [ROUNDS]
"""

import gzip
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from sitegen.publish import publish
from tests.sites import chromium, example_site, served

SLOW = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 200_000,
    "uploadThroughput": 90_000,
}
ALIVE = """() => new Promise(done => {
  const chart = document.querySelector("figure[data-chart]");
  const before = performance.now();
  chart.querySelector(".explore").click();
  const again = setInterval(() => {
    if (chart.dataset.drawn !== "true") return;
    clearInterval(again);
    done(performance.now() - before);
  }, 5);
})"""


def main() -> None:
    """Measure, and print two tables in Markdown."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        folder = Path(name) / "site"
        publish(example_site(), folder)
        with served(folder) as url:
            print("| file | bytes | gzip |\n|---|---|---|")
            whole = [0, 0]
            for path in asked_for(browser, url):
                content = (folder / path).read_bytes()
                sizes = [len(content), len(gzip.compress(content, 9))]
                whole = [a + b for a, b in zip(whole, sizes, strict=True)]
                print(f"| `{path}` | {sizes[0]:,} | {sizes[1]:,} |")
            print(f"| all | {whole[0]:,} | {whole[1]:,} |\n")
            print("| to a live chart | ms, median | least | most |\n|---|---|---|---|")
            for screen in "desktop", "phone":
                cold, warm = [], []
                for _ in range(rounds):
                    page = opened(browser, url, phone=screen == "phone")
                    cold.append(page.evaluate(ALIVE))
                    page.reload()
                    page.wait_for_timeout(500)
                    warm.append(page.evaluate(ALIVE))
                    page.context.close()
                for what, took in (("cold", cold), ("warm", warm)):
                    middle = statistics.median(took)
                    ends = f"{min(took):,.0f} | {max(took):,.0f}"
                    print(f"| {screen}, {what} | {middle:,.0f} | {ends} |")


def asked_for(browser: Browser, url: str) -> list[str]:
    """Site paths of all that a page fetches while it is read to its end."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url))
    page.goto(url)
    page.wait_for_timeout(1500)
    page.mouse.wheel(0, 5000)
    page.wait_for_timeout(1500)
    page.close()
    strange = [each for each in found if not each.startswith(url)]
    assert not strange, strange
    return [each.removeprefix(url) or "index.html" for each in found]


def opened(browser: Browser, url: str, *, phone: bool) -> Page:
    """The board in a context of its own."""
    width = 390 if phone else 1280
    context = browser.new_context(
        viewport={"width": width, "height": 800}, has_touch=phone
    )
    page = context.new_page()
    if phone:
        session = context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW)
    page.goto(url)
    page.wait_for_timeout(500)
    return page


if __name__ == "__main__":
    main()
