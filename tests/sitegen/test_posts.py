"""Posts of the site's owner as pages: rendered, bound to a day, and refused by line."""

import json
import re
from pathlib import Path

import pytest

from harness_bench.errors import PostError
from sitegen.build import build
from sitegen.inputs import Inputs, read_inputs
from sitegen.jekyll import overlay
from sitegen.pins import keep
from sitegen.publish import publish
from sitegen.site import Site
from tests.sites import broken_links, page_text

CSV = """\
model,harness,task,passed,agent_time_s
m,h,t,1,10
m,i,t,0,20
m,h,u,1,30
m,i,u,1,40
"""
SETTINGS = '[site]\nclaims = "claims.toml"\n[publish]\ncells = true\n'
CLAIMS = """\
[[claim]]
name = "h-first"
kind = "better"
says = "h beats i."
of = "harness"
who = ["h"]
than = ["i"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cells.csv").write_text(CSV)
    (tmp_path / "site.toml").write_text(SETTINGS)
    (tmp_path / "claims.toml").write_text(CLAIMS)
    (tmp_path / "posts").mkdir()
    return tmp_path


def read(folder: Path) -> Inputs:
    return read_inputs([folder / "cells.csv"])


def written(folder: Path, text: str, name: str = "2026-05-01-first.md") -> Site:
    (folder / "posts" / name).write_text(text)
    return build(read(folder))


def test_a_post_is_a_page_with_what_it_quotes(folder: Path) -> None:
    text = """\
---
title: The first
---
# Who is ahead

h passes **{{ value("harnesses", harness="h", field="rate") }}**, i
{{ value("harnesses", harness="i", field="rate") }}. {{ claim("h-first") }}

{{ chart("harness_ranking") }}

{{ table("combos", columns=["harness", "passed"]) }}
"""
    site = written(folder, text)
    said = page_text(site, "posts/first.html")
    assert "Post The first 2026-05-01" in said
    assert "h passes 100.0 %, i 50.0 %. h beats i. ( not settled)" in said
    assert "Harness Passed h 2 i 1" in said
    page = site["posts/first.html"].decode()
    assert "<h2>Who is ahead</h2>" in page
    assert not re.search(r"<p>\s*<(figure|div)", page)
    assert 'href="../claims.html#claim-1"' in page
    pages = {path: site[path] for path in site if path.startswith("posts/")}
    assert sorted(pages) == ["posts/first.html", "posts/index.html"]
    known = {path: site[path] for path in site if path.endswith(".html")}
    assert broken_links({**known}, site) == []
    assert b'href="posts/index.html"' in site["index.html"]


def test_every_mistake_of_every_post_is_told_with_its_line(folder: Path) -> None:
    (folder / "posts" / "a.md").write_text('---\ntitle: A\n---\n\n{{ chart("aud") }}\n')
    text = 'One\n{{ value("harneses") }}\n\n{{ clam("x") }} {{ claim("h-frst") }}'
    with pytest.raises(PostError) as caught:
        written(folder, text, "b.md")
    told = [
        str(problem).removeprefix(f"{folder}/posts/")
        for problem in caught.value.problems
    ]
    assert [each.partition(": ")[0] for each in told] == [
        "a.md:5",
        "b.md:2",
        "b.md:4",
        "b.md:4",
    ]
    assert "did you mean 'claim'" in told[2]
    assert "did you mean 'h-first'" in told[3]


def test_notes_may_quote_as_well(folder: Path) -> None:
    settings = SETTINGS.replace("[publish]", 'notes = "n.md"\n[publish]')
    (folder / "site.toml").write_text(settings)
    quote = '{{ value("harnesses", harness="h", field="passed") }}'
    (folder / "n.md").write_text(f"### One\n\nh has {quote}.")
    doubled = quote.replace('"', '""')
    (folder / "harnesses.csv").write_text(f'harness,note\nh,"Passed {doubled} of 2."\n')
    site = build(read(folder))
    assert "h has 2." in page_text(site, "methodology.html")
    assert "Passed 2 of 2." in page_text(site, "harnesses/h.html")
    (folder / "n.md").write_text("One\n\n" + quote.replace('="h"', '="x"'))
    with pytest.raises(PostError, match=r"notes:3: no row of harnesses has harness"):
        build(read(folder))


def test_a_post_of_a_day_says_for_ever_what_was_published_then(folder: Path) -> None:
    text = """\
---
data: 2026-05-01
---
{{ value("harnesses", harness="i", field="rate") }}

{{ chart("harness_ranking") }}
"""
    keep(build(read(folder)), folder / "pins" / "2026-05-01")
    before = written(folder, text)
    (folder / "cells.csv").write_text(CSV.replace("m,i,t,0", "m,i,t,1"))
    after = build(read(folder))
    assert "50.0 %" in page_text(after, "posts/first.html")
    told = "The numbers below are those of an earlier day."
    assert told in page_text(after, "posts/first.html")
    assert told not in page_text(before, "posts/first.html")
    kept = [path for path in before if path.startswith("pins/")]
    assert "pins/2026-05-01/charts/harness_ranking.svg" in kept
    assert [path for path in kept if after[path] != before[path]] == []
    known = {path: after[path] for path in after if path.endswith(".html")}
    assert broken_links(known, after) == []
    live = written(folder, text.replace("---\n{{", "live: true\n---\n{{"))
    assert "100.0 %" in page_text(live, "posts/first.html")


@pytest.mark.parametrize(("cells", "least"), [("true", 1), ("false", 5)])
def test_ten_publishes_change_nothing_of_a_pinned_post_but_its_line(
    folder: Path, cells: str, least: int
) -> None:
    text = """\
---
data: 2026-05-01
---
i passed {{ value("combos", harness="i", field="passed") }} of 12.

{{ table("combos", columns=["harness", "passed", "rate"]) }}
"""
    (folder / "site.toml").write_text(f"[publish]\ncells = {cells}\n")

    def publish_with(passed: int) -> Site:
        rows = [
            f"m,{harness},t{task},{int(task < n)},9"
            for harness, n in (("h", 6), ("i", 2 + passed))
            for task in range(12)
        ]
        header = CSV.partition("\n")[0]
        (folder / "cells.csv").write_text("\n".join([header, *rows, ""]))
        site = build(read(folder))
        publish(site, folder / "site")
        return site

    keep(publish_with(0), folder / "pins" / "2026-05-01")
    (folder / "posts" / "2026-05-01-first.md").write_text(text)
    pages, pins, blogs = set(), set(), set()
    for changed in range(10):
        site = publish_with(changed)
        page = (folder / "site" / "posts" / "first.html").read_bytes()
        line = re.search(rb"\n<p>The numbers below are .*?</p>", page)
        told = b"Newer results differ: 1 combo."
        assert (line is not None and told in line[0]) == (changed >= least)
        pages.add(page.replace(line[0], b"") if line else page)
        pins.add(
            tuple(
                (each.name, each.read_bytes())
                for each in sorted((folder / "site" / "pins").rglob("*"))
                if each.is_file()
            )
        )
        blog = overlay(site, "bench", ())["_data/harness-bench"]
        data = json.loads(blog["pins/2026-05-01.json"])
        assert bool(data.pop("newer")) == (changed >= least)
        blogs.add(json.dumps(data))
    assert (len(pages), len(pins), len(blogs)) == (1, 1, 1)
    assert b"i passed" in pages.pop()


def test_days_that_only_a_blog_quotes_are_published_too(folder: Path) -> None:
    keep(build(read(folder)), folder / "pins" / "2026-05-01")
    assert "pins/2026-05-01/data/harnesses.json" in build(read(folder))


def test_a_post_shows_what_jekyll_would_not_read(folder: Path) -> None:
    site = written(
        folder,
        """\
{% include harness-bench/newer.html %}

    {% raw %}{{ chart("nope") }}{% endraw %}
""",
    )
    text = page_text(site, "posts/first.html")
    assert '{{ chart("nope") }}' in text
    assert "{%" not in text


def test_a_day_of_which_nothing_is_kept_is_refused(folder: Path) -> None:
    with pytest.raises(PostError, match=r"data is '2026-05-02'; .* of: none; .* pin"):
        written(folder, "---\ndata: 2026-05-02\n---\nText")


def test_two_posts_of_one_name_are_refused(folder: Path) -> None:
    (folder / "posts" / "2026-01-01-first.md").write_text("One")
    with pytest.raises(PostError, match="is of two posts"):
        written(folder, "Two")
