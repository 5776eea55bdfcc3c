"""Processor time of a Jekyll blog of 200 posts, with and without a site in it.

Three blogs in turn, each in a process of its own, the median of all rounds: bare; with
the example and what posts include; and with a chart in every second post as well.

    .venv/bin/python -m benchmarks.jekyll_time [ROUNDS]
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.build_time import EXAMPLE, OURS
from sitegen.published import read_site
from sitegen.quotes import include

POSTS, CHARTS = 200, 100
CONFIG = (
    "title: A blog\nurl: https://blog.example\ntheme: minima\n"
    "plugins: [jekyll-feed, jekyll-seo-tag, jekyll-sitemap]\n"
)
TEXT = "Some *words* about [one thing](https://example.org) and another one.\n\n" * 12


def main() -> None:
    """Measure, and print a table in Markdown."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        blogs = {
            "bare": blog(folder / "bare", charts=0, site=False),
            "with the site": blog(folder / "site", charts=0, site=True),
            f"and {CHARTS} charts": blog(folder / "charts", charts=CHARTS, site=True),
        }
        found: dict[str, list[float]] = {each: [] for each in blogs}
        for _ in range(rounds):
            for each, source in blogs.items():
                found[each].append(seconds(source, folder / "out"))
    print(f"{POSTS} posts, {rounds} rounds:\n\n| | s, median | least | most |")
    print("|---|---|---|---|")
    for each, took in found.items():
        print(
            f"| {each} | {statistics.median(took):.2f} | {min(took):.2f} "
            f"| {max(took):.2f} |"
        )


def blog(source: Path, *, charts: int, site: bool) -> Path:
    """The source of a blog, whose first posts show a chart each."""
    (source / "_posts").mkdir(parents=True)
    (source / "_config.yml").write_text(CONFIG)
    (source / "index.md").write_text("---\nlayout: home\n---\n")
    ids = [""] * POSTS
    if site:
        out = source / "bench"
        words = [*OURS, "build", str(EXAMPLE), "--out", str(out), "--target", "jekyll"]
        subprocess.run([*words, "--no-gate"], check=True, capture_output=True)
        known = [*read_site(out).charts]
        ids[:charts] = [known[number % len(known)] for number in range(charts)]
    for number, chart in enumerate(ids):
        shown = include("chart", id=chart) if chart else ""
        day = f"20{10 + number // 12}-{number % 12 + 1:02}-01"
        (source / "_posts" / f"{day}-post-{number}.md").write_text(
            f"---\nlayout: post\ntitle: Post {number}\n---\n{TEXT}{shown}\n"
        )
    return source


def seconds(source: Path, out: Path) -> float:
    """User and system time of one build, from nothing."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = ["build", "--source", str(source), "--destination", str(out)]
    subprocess.run(
        [shutil.which("jekyll") or "jekyll", *words, "--disable-disk-cache"],
        env={**os.environ, "JEKYLL_NO_BUNDLER_REQUIRE": "true", "LC_ALL": "C.UTF-8"},
        check=True,
        capture_output=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
