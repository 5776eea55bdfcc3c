"""Makes the README's picture: the first page of the worked example, as it is.

Needs a Chromium: that of the machine, else the one playwright brought.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from sitegen.build import build
from sitegen.inputs import read_inputs
from sitegen.publish import publish

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "harness-bench-2026" / "cells.csv"
PICTURE = ROOT / "docs" / "images" / "board.png"

WIDTH, HEIGHT = 1280, 985
LARGEST = 300_000
"""Bytes; a clone should stay small."""


def picture(page: Path) -> bytes:
    """The top of a page, light, when its first chart is drawn."""
    browsers = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, browsers)), None)
    with sync_playwright() as playwright:
        # Root, as in a container, has no sandbox of Chromium's own.
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox"]
        )
        tab = browser.new_page(
            viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light"
        )
        tab.goto(page.as_uri())
        shot = tab.screenshot(animations="disabled")
        browser.close()
    return shot


def main() -> int:
    """Writes the picture; the exit code says whether it is small enough."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        publish(build(read_inputs([EXAMPLE])), site)
        shot = picture(site / "index.html")
    if len(shot) > LARGEST:
        print(f"the picture has {len(shot):,} bytes, expected at most {LARGEST:,}")
        return 1
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_bytes(shot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
