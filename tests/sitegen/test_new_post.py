"""A post that the data start answers on any results, and no number in it is typed."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from harness_bench.cli import main
from harness_bench.errors import PublishError
from harness_bench.schema import Record
from sitegen.build import build
from sitegen.inputs import Inputs, read_inputs
from sitegen.new_post import draft
from sitegen.post_file import read_post
from sitegen.published import Published
from sitegen.quotes import Quote, quotes
from tests.records import EXAMPLE, grid, inputs, record
from tests.sitegen.test_small_runs import trials
from tests.sites import example_site, page_text

DAY = "2026-11-29"
ODD = ("a%}b", 'say "so"', "{{ x }}", "back\\slash", "a|b", "<b>", "_under_ *star*")


def few(*, cells: bool) -> Inputs:
    """Four models in three harnesses."""
    return inputs(
        grid(
            {
                f"m{model}/q{model % 2}/h{harness}": dict.fromkeys("tuvwxyz", marks)
                for model in range(4)
                for harness, marks in enumerate(("++", "+-", "--"))
            }
        ),
        cells=cells,
    )


def alone(combos: list[str]) -> Inputs:
    return inputs([record(each, task) for each in combos for task in "tuv"])


TABLES: dict[str, Callable[[], Inputs]] = {
    "the worked example": lambda: read_inputs([EXAMPLE]),
    "the demonstration": lambda: inputs(trials()),
    "three harnesses": lambda: few(cells=True),
    "private cells": lambda: few(cells=False),
    "one harness": lambda: alone(["m//h", "n//h"]),
    "one model": lambda: alone(["m/q/h", "m/q/i"]),
    "one trial": lambda: inputs([record()]),
    "odd names": lambda: alone([f"{name}/{name}/h" for name in ODD]),
}


@pytest.mark.parametrize("table", TABLES)
def test_everything_in_it_answers_on_any_results(table: str, tmp_path: Path) -> None:
    given = TABLES[table]()
    files = example_site() if given.posts else build(given)
    name, text = draft(Published(files=files), "A first look", DAY)
    path = tmp_path / name
    path.write_text(text)
    post = read_post(path)
    assert (post.title, post.day, post.slug) == ("A first look", DAY, "a-first-look")

    site = build(replace(given, posts=(post,)))

    said = page_text(site, "posts/a-first-look.html")
    assert "harness-bench/" not in said
    assert "unknown" not in said.lower()
    assert [*quotes(post.text)]
    assert all(isinstance(each, Quote) for each in quotes(post.text))


def test_no_number_is_typed() -> None:
    _, text = draft(Published(files=example_site()), "A first look", DAY)
    bare = re.sub(r"(?ms)\{%.*?%\}|\*\*.*?\*\*|^---.*?^---", "", text)
    assert re.findall(r"\d[\d.]*", bare.replace("95 %", "")) == []


def test_it_asks_what_the_charts_answer_and_says_what_holds() -> None:
    site = example_site()
    _, text = draft(Published(files=site), "A first look", DAY)
    asked = re.findall(r"^## (.*)", text, re.MULTILINE)
    assert asked == [
        "In short",
        "Which model, in which harness?",
        "Which model?",
        "Which harness?",
        "What is solved in how much time?",
        "Which tasks are hard?",
        "Does the answer change?",
        "Do more bits help?",
        "Who looked at the grader?",
    ]
    own = {each.of for each in quotes(text) if isinstance(each, Quote)}
    plain = {each for each in Published(files=site).charts if "/" not in each}
    assert plain - own == {"model_group_heatmap"}
    claims = Published(files=site).rows("claims")
    holding = {row["name"] for row in claims if row["verdict"] == "holds"}
    assert holding == own & {row["name"] for row in claims}
    assert 0 < len(holding) < len(claims)


def test_what_is_said_has_the_scope_of_the_chart_beside_it() -> None:
    _, text = draft(Published(files=example_site()), "A first look", DAY)
    part = text.partition("## Which harness?")[2].partition("## ")[0]
    assert set(re.findall(r'of="([^"]*)"', part)) == {"q4/harnesses"}


def test_tables_that_no_blog_reads_are_not_quoted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sitegen.published.MOST_ROWS", 11)
    _, text = draft(Published(files=build(few(cells=True))), "A first look", DAY)
    named = {each.of for each in quotes(text) if isinstance(each, Quote)}
    assert "combos" not in named
    assert {"models", "harnesses", "harness_ranking"} <= named


def test_a_site_without_anything_to_quote_is_refused() -> None:
    shy: list[Record] = [record()]
    site = build(inputs(shy, cells=False, min_cells=9))
    with pytest.raises(PublishError, match="no chart and no number"):
        draft(Published(files=site), "A first look", DAY)


def ended(*words: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(["new", "post", *words])
    code = left.value.code
    assert isinstance(code, int)
    return code


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rows = [f"m{n},h{n % 2},{t},{n % 2}" for n in range(4) for t in "tuv"]
    Path("cells.csv").write_text("\n".join(["model,harness,task,passed", *rows, ""]))
    with pytest.raises(SystemExit):
        main(["build", "cells.csv"])
    return tmp_path


def test_the_command_writes_one_file_and_overwrites_none(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert ended("Which model?", "--date", DAY) == 0
    out = capsys.readouterr().out.strip()
    assert out == f"posts/{DAY}-which-model.md"
    first = Path(out).read_bytes()
    Path(out).write_bytes(first + b"mine\n")

    assert ended("Which model?", "--date", DAY) != 0
    assert "already exists" in capsys.readouterr().err
    assert Path(out).read_bytes() == first + b"mine\n"

    assert ended("Which model?", "--date", DAY, "--to", "blog/_posts") == 0
    assert (built / "blog" / "_posts" / f"{DAY}-which-model.md").read_bytes() == first
    with pytest.raises(SystemExit) as left:
        main(["build", "cells.csv"])
    assert left.value.code == 0
    assert (built / "site" / "posts" / "which-model.html").exists()


@pytest.mark.usefixtures("built")
def test_the_day_is_today_unless_it_is_given(
    capsys: pytest.CaptureFixture[str],
) -> None:
    capsys.readouterr()
    assert ended() == 0
    name = Path(capsys.readouterr().out.strip()).name
    assert str(date.fromisoformat(name[:10])) == name[:10]
    assert ended("--date", "2026-02-30") != 0
    assert "Give --date as in" in capsys.readouterr().err
