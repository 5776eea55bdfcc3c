"""Tables of how models answered, on screens of every width."""

from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from sitegen.build import build
from sitegen.publish import publish
from tests.records import inputs, record
from tests.sites import NARROW, WIDE, as_asked, served, watched

pytestmark = pytest.mark.browser

LONG = "a-model-with-a-name-as-long-as-some-vendors-like-them-instruct-2507"
PAGES = {
    "models/index.html": "speed",
    f"models/{LONG}.html": "speed",
    "harnesses/index.html": "malformed",
    "harnesses/pi.html": "speed",
    "combos/m--ud-q4_k_xl--pi.html": "speed",
}
SMALLEST = 320
INSIDE = """section => {
  const room = document.documentElement.clientWidth;
  return [...section.querySelectorAll("td, dd")].every(cell => {
    const box = cell.getBoundingClientRect();
    return box.left >= 0 && box.right <= room + 0.5;
  });
}"""


@pytest.mark.parametrize("width", [WIDE, NARROW, SMALLEST])
def test_what_is_said_of_answers_stays_in_view(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    site = build(
        inputs(
            record(
                f"{model}/UD-Q4_K_XL/{harness}",
                task,
                first_token_s=12.345,
                tokens_per_s=1234.5,
                prefill_per_s=12_345.6,
                context_peak=1_048_576,
                context_limit=1_048_576,
                peak_memory_gb=512.5,
                energy_wh=123.4,
                calls=1000,
                malformed_calls=17,
            )
            for model, harness, task in product((LONG, "m"), ("pi", "qwen"), "12")
        )
    )
    publish(site, tmp_path / "site")
    problems = []
    with (
        served(tmp_path / "site") as url,
        browser.new_context(viewport={"width": width, "height": 800}) as context,
    ):
        page = context.new_page()
        watch = watched(page, url)
        for path, anchor in PAGES.items():
            page.goto(url + path)
            section = page.locator(f"section[aria-labelledby={anchor}]")
            if not section.evaluate(INSIDE):
                problems.append(f"{path}: wider than {width} px")
            problems += as_asked(site, page, width)
    assert problems + watch.faults == []
