"""What is told of posts whose numbers changed, or whose claims do not hold."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from harness_bench.errors import PostError
from sitegen.build import build
from sitegen.inputs import read_inputs
from sitegen.pins import snapshot
from sitegen.post_check import checked
from sitegen.post_file import posts_in
from sitegen.published import Published
from sitegen.site import Site

Check = Callable[..., list[str]]

CLAIMS = """\
[[claim]]
name = "h-{n}"
kind = "better"
says = "h beats i, said {n} times."
of = "harness"
who = ["h"]
than = ["i"]

[[claim]]
name = "i-{n}"
kind = "better"
says = "i beats h, said {n} times."
of = "harness"
who = ["i"]
than = ["h"]
"""
TASKS = 24


def site_of(
    folder: Path, passed: str = "0", *, cells: bool = True, few: int = 0
) -> Site:
    """A site on which h passes all and i what is said; `few` trials are otherwise."""
    rows = [f"m,h,t{n},{int(n >= few)}" for n in range(TASKS)]
    rows += [f"m,i,t{n},{passed}" for n in range(TASKS)]
    text = "\n".join(["model,harness,task,passed", *rows])
    (folder / "cells.csv").write_text(text + "\n")
    claims = "\n".join(CLAIMS.format(n=n) for n in range(10))
    (folder / "claims.toml").write_text(claims)
    (folder / "site.toml").write_text(
        f'[site]\nclaims = "claims.toml"\n[publish]\ncells = {str(cells).lower()}\n'
    )
    return build(read_inputs([folder / "cells.csv"]))


@pytest.fixture
def check(tmp_path: Path) -> Check:
    def found(text: str, now: Site, **pins: Site) -> list[str]:
        (tmp_path / "_posts").mkdir(exist_ok=True)
        (tmp_path / "_posts" / "2026-05-01-a.md").write_text(text)
        kept = {day[1:].replace("_", "-"): snapshot(each) for day, each in pins.items()}
        told = checked(posts_in([tmp_path / "_posts"]), Published(files=now), kept)
        return [re.sub(r"^.*/_posts/", "", str(each)) for each in told]

    return found


def test_of_20_claims_the_10_that_do_not_hold_are_told(
    tmp_path: Path, check: Check
) -> None:
    lines = [f'{{{{ claim("{who}-{n}") }}}}' for n in range(10) for who in "hi"]
    told = check("\n".join(lines), site_of(tmp_path))
    assert [each.partition(": ")[0] for each in told] == [
        f"2026-05-01-a.md:{2 * n + 2}" for n in range(10)
    ]
    figures = "does not hold: The other way round: i and h (−100.0 points, p < 0.001)."
    assert [each for each in told if not each.endswith(figures)] == []


def test_a_verdict_that_the_post_states_or_was_written_with_is_no_finding(
    tmp_path: Path, check: Check
) -> None:
    then, now = site_of(tmp_path), site_of(tmp_path, "1")
    pinned = '---\ndata: 2026-04-28\n---\n{{ claim("h-1") }} {{ claim("i-1") }}'
    assert check(pinned, then, _2026_04_28=then) == []
    [told] = check(pinned, now, _2026_04_28=then)[:1]
    assert ":4: claim 'h-1' is not settled, and the post says 'holds': " in told
    stated = '{{ claim("h-1", verdict="not settled") }}'
    assert check(stated, now) == []
    [told] = check(stated, then)
    assert ":1: claim 'h-1' holds, and the post says 'not settled': " in told
    with pytest.raises(PostError, match="verdict is 'unsure', expected holds, "):
        check(stated.replace("not settled", "unsure"), now)


POST = """\
---
data: 2026-04-28
---
One {{ value("harnesses", harness="i", field="rate") }}
two {{ value("harnesses", harness="h", field="rate") }}

{{ table("harnesses", columns=["harness", "passed"]) }}
"""


def test_values_that_moved_are_told_with_their_line_and_figure(
    tmp_path: Path, check: Check
) -> None:
    then, now = site_of(tmp_path), site_of(tmp_path, "1")
    told = check(POST, now, _2026_04_28=then)
    assert [each.replace("\N{NO-BREAK SPACE}", " ") for each in told] == [
        "2026-05-01-a.md:4: rate of harness i was 0.0 % and is 100.0 % today",
        "2026-05-01-a.md:7: table harnesses has 1 other rows today",
    ]
    assert check(POST, then, _2026_04_28=then) == []
    assert check(POST.replace("---\nOne", "live: true\n---\nOne"), now) == []


def test_the_line_on_newer_results_is_no_mistake(tmp_path: Path, check: Check) -> None:
    site = site_of(tmp_path)
    text = POST.replace("One", "{% include harness-bench/newer.html %}\n\nOne")
    assert check(text, site, _2026_04_28=site) == []


def test_what_few_private_cells_changed_is_not_told(
    tmp_path: Path, check: Check
) -> None:
    then = site_of(tmp_path, cells=False)
    few = site_of(tmp_path, cells=False, few=3)
    assert check(POST, few, _2026_04_28=then) == [
        (
            "2026-05-01-a.md: 2 of its quotes have other answers today; too few trials "
            "changed to tell which"
        )
    ]
    many = site_of(tmp_path, cells=False, few=9)
    assert len(check(POST, many, _2026_04_28=then)) == 2


def test_a_mistake_is_an_error_and_not_a_finding(tmp_path: Path, check: Check) -> None:
    now = site_of(tmp_path)
    with pytest.raises(PostError, match=r"a\.md:2: no row of harnesses has harness"):
        check('\n{{ value("harnesses", harness="x", field="rate") }}', now)
    with pytest.raises(PostError, match=r"a\.md:3: fits 2 rows of .*; say which h"):
        check('\n\n{{ value("harnesses", field="rate") }}', now)
