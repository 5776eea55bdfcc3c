"""`harness-bench serve`, as a person runs it, with a browser that stays open."""

import csv
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from sitegen.preview import CLIENT
from tests.sites import EXAMPLE, WIDE, as_asked, example_site, pages_of, watched

pytestmark = pytest.mark.browser

BANNER = "#harness-bench-problems"
PATIENCE_MS = 30_000
"""For a rebuild on a machine that is busy with the other tests."""


@contextmanager
def serving(cells: Path) -> Iterator[str]:
    """The command in a process of its own; gives the address that it printed."""
    program = (sys.executable, "-m", "harness_bench")
    command = (*program, "serve", str(cells), "--port", "0")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(20)
    assert process.returncode == 0


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    """A copy of the example's inputs that a test may change."""
    folder = tmp_path / "inputs"
    shutil.copytree(EXAMPLE.parent, folder)
    return folder / EXAMPLE.name


@pytest.fixture
def page(browser: Browser) -> Page:
    return browser.new_context(viewport={"width": WIDE, "height": 800}).new_page()


def with_model(cells: Path, name: str) -> str:
    """The CSV with the rows of its first model once more, under another name."""
    with cells.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    new = [row | {"model": name} for row in rows if row["model"] == rows[0]["model"]]
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows + new)]
    return "\n".join(lines) + "\n"


def test_a_change_of_the_csv_reaches_the_open_page_and_a_mistake_is_told_in_it(
    cells: Path, page: Page
) -> None:
    good = cells.read_text(encoding="utf-8")
    changed = with_model(cells, "Brand-New-1B")
    newcomer = page.get_by_role("link", name="Brand-New-1B").first
    with serving(cells) as url:
        watch = watched(page, url)
        page.goto(url)
        expect(newcomer).to_have_count(0)
        cells.write_text(changed, encoding="utf-8")
        expect(newcomer).to_be_visible(timeout=PATIENCE_MS)
        expect(page.locator(BANNER)).to_have_count(0)

        n_lines = changed.count("\n")
        cells.write_text(changed + "q4,only,three\n", encoding="utf-8")
        expect(page.locator(BANNER)).to_contain_text(
            f"{cells.name}:{n_lines + 1}: ", timeout=PATIENCE_MS
        )
        expect(newcomer).to_be_visible()
        page.reload()
        expect(newcomer).to_be_visible()
        expect(page.locator(BANNER)).to_be_visible()

        cells.write_text(good, encoding="utf-8")
        expect(newcomer).to_have_count(0, timeout=PATIENCE_MS)
        expect(page.locator(BANNER)).to_have_count(0)
        assert as_asked(example_site(), page, WIDE) == []
        assert watch.faults == []


def test_a_page_reloads_for_settings_and_metadata_too(cells: Path, page: Page) -> None:
    settings = cells.with_name("site.toml")
    # They quote what is not published under other settings.
    shutil.rmtree(cells.with_name("posts"))
    with serving(cells) as url:
        page.goto(url)
        before = settings.read_text(encoding="utf-8")
        title = "A title of today"
        settings.write_text(retitled(before, title), encoding="utf-8")
        expect(page.locator(".brand")).to_have_text(title, timeout=PATIENCE_MS)
        settings.write_text("[site]\ntitel = 1\n", encoding="utf-8")
        expect(page.locator(BANNER)).to_contain_text("titel", timeout=PATIENCE_MS)
        expect(page.locator(".brand")).to_have_text(title)
        settings.unlink()
        expect(page.locator(".brand")).to_have_text(
            "harness-bench", timeout=PATIENCE_MS
        )


def retitled(settings: str, title: str) -> str:
    """The same settings with another title."""
    lines = [line for line in settings.splitlines() if not line.startswith("title")]
    lines.insert(lines.index("[site]") + 1, f'title = "{title}"')
    return "\n".join(lines)


def test_an_open_page_turns_into_the_site_of_a_run_and_grows_with_it(
    tmp_path: Path, page: Page
) -> None:
    run = tmp_path / "runs" / "first"
    run.mkdir(parents=True)
    header = "model,harness,task,passed,server_build"
    rows = [f"oracle,mini,{task},1,scripted 1" for task in ("easy", "hard")]
    with serving(run) as url:
        watch = watched(page, url)
        page.goto(url)
        expect(page.locator("h1")).to_have_text("No finished trials yet")
        for done in (1, 2):
            aside = run / ".cells.csv.partial"
            aside.write_text("\n".join([header, *rows[:done], ""]), encoding="utf-8")
            aside.replace(run / "cells.csv")
            expect(page.locator(".lead")).to_contain_text(
                f"on {done} task", timeout=PATIENCE_MS
            )
        expect(page.locator(".notice")).to_contain_text("oracle is a scripted model")
        assert watch.faults == []


def test_only_served_pages_carry_the_client(cells: Path) -> None:
    site = example_site()
    with serving(cells) as url:
        for path in ("index.html", "embed/audit.html", "404.html"):
            with urlopen(url + path) as answer:  # noqa: S310 - our own http address
                body = answer.read()
            start, tag, end = body.partition(f'<script src="{CLIENT}"'.encode())
            assert tag, path
            assert start + end.partition(b"</script>")[2] == site[path]
    assert [path for path in pages_of(site) if CLIENT.encode() in site[path]] == []


def test_previewing_leaves_the_folder_of_the_inputs_as_it_was(cells: Path) -> None:
    before = {p: p.read_bytes() for p in cells.parent.rglob("*") if p.is_file()}
    with serving(cells):
        pass
    after = {p: p.read_bytes() for p in cells.parent.rglob("*") if p.is_file()}
    assert after == before
    assert [*cells.parent.parent.iterdir()] == [cells.parent]
