"""A small blog, and a real Jekyll that builds it."""

import os
import re
import subprocess
from pathlib import Path

from tests.needs import needs

CONFIG = """\
title: A blog
description: With a benchmark in it
url: https://blog.example
baseurl: "{baseurl}"
theme: minima
plugins: [jekyll-feed, jekyll-seo-tag, jekyll-sitemap]
"""
POST = """\
---
layout: post
title: Which model?
---
Some *words* before the charts.

{lines}

Some words after them.
"""
TROUBLE = re.compile(
    r"warn|error|deprecat|invalid|conflict|liquid exception", re.IGNORECASE
)
_TIMES = re.compile(r"[0-9.]+ seconds")


def write_blog(folder: Path, baseurl: str, lines: list[str]) -> None:
    """The source of a small blog: a configuration, a home page, a post."""
    (folder / "_posts").mkdir(parents=True)
    (folder / "_config.yml").write_text(CONFIG.format(baseurl=baseurl))
    (folder / "index.md").write_text("---\nlayout: home\n---\n")
    post = POST.format(lines="\n\n".join(lines))
    (folder / "_posts" / "2026-11-01-which-model.md").write_text(post)


def jekyll(source: Path, out: Path) -> str:
    """Build a blog; everything that Jekyll said, without places and times."""
    # No Gemfile: the gems of the machine, and no look at any registry.
    settings = {"JEKYLL_NO_BUNDLER_REQUIRE": "true", "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [needs("jekyll"), "build", "--source", source, "--destination", out],
        cwd=source,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    said = done.stdout.replace(str(out), "OUT").replace(str(source), "SOURCE")
    assert done.returncode == 0, said
    return _TIMES.sub("N seconds", said)
