"""Data of which little can be said: each has a sentence of its own, or none."""

import re
from itertools import product

from sitegen.build import build
from tests.records import grid, inputs, record
from tests.sites import page_text

TASKS = [f"t{i}" for i in range(8)]
COMBOS = ["a//aider", "a//pi", "b//aider", "b//pi"]
PAGES = ("index.html", "analysis.html", "models/index.html", "harnesses/index.html")


def said(mark: str, page: str, *, tasks: list[str] = TASKS) -> str:
    rows = grid({combo: dict.fromkeys(tasks, mark) for combo in COMBOS})
    return page_text(build(inputs(rows, cells=True)), page)


def test_exact_ties_are_in_no_order() -> None:
    assert "All 4 combos pass all 8 tasks." in said("+", "index.html")
    assert "Both models did equally well. a passed" in said("+", "models/index.html")
    combo = said("+", "combos/a--pi.html")
    assert "All 4 combos did equally well." in combo
    assert "That is rank" not in combo
    analysis = said("+", "analysis.html")
    assert "All models passed equally, and so did all harnesses." in analysis
    for words in ("0.0 points more", "standard deviations", "Last is", "fastest"):
        assert words not in analysis


def test_where_nothing_passed_nobody_leads() -> None:
    for page, kind in zip(
        PAGES, ("4 combos", "2 models", "2 models", "2 harnesses"), strict=True
    ):
        text = said("-", page)
        assert f"Not one of {kind} passed a trial: nobody leads." in text
        assert "share the first rank" not in text
        assert "highest rate" not in text
    assert "highest rate" not in said("-", "harnesses/pi.html")


def test_one_task_tells_nothing_of_other_tasks() -> None:
    rows = [
        record(
            combo, "t", seed=seed, passed=combo > "a//b", agent_time_s=5.0 + len(combo)
        )
        for combo, seed in product(COMBOS, range(3))
    ]
    text = page_text(build(inputs(rows, cells=True)), "analysis.html")
    for words in (
        "Which tasks are hard?",
        "How sure is the frontier?",
        "Another sweep",
    ):
        assert words not in text


def test_one_trial_has_no_rate_in_words() -> None:
    rows = [record(combo, "t") for combo in COMBOS]
    text = page_text(build(inputs(rows, cells=True)), "combos/a--pi.html")
    assert re.search(r"passed 1 of 1 trial\. ", text)


def test_some_that_share_the_first_rank_are_named() -> None:
    good, bad = dict.fromkeys(TASKS, "+") | {"t0": "-"}, dict.fromkeys(TASKS, "-")
    rows = grid({"a//pi": good, "b//pi": good, "c//pi": bad})
    site = build(inputs(rows, cells=True))
    assert "a and b share the first rank. a passed" in page_text(
        site, "models/index.html"
    )
    assert "2 combos share the first rank with 7 of 8 trials each." in page_text(
        site, "index.html"
    )
    assert "shared with 1 other" in page_text(site, "combos/a--pi.html")
    assert (
        "Of its ranked combos a + pi and b + pi share the highest rate."
        in page_text(site, "harnesses/pi.html")
    )


def test_a_quant_that_names_no_bits_is_not_asked_about_bits() -> None:
    rows = grid(
        {
            "a/tuned/pi": dict.fromkeys(TASKS, "+"),
            "a/base/pi": dict.fromkeys(TASKS, "+") | {"t0": "-"},
        }
    )
    text = page_text(build(inputs(rows, cells=True)), "analysis.html")
    assert "Does the quant matter?" in text
    assert "Do more bits help?" not in text


def test_only_what_several_met_is_asked_whatever_they_met() -> None:
    one = grid({"a//pi": dict.fromkeys(TASKS, "+"), "b//pi": dict.fromkeys(TASKS, "-")})
    text = page_text(build(inputs(one, cells=True)), "analysis.html")
    assert "Which models are best?" in text
    assert "whatever the" not in text
    assert "whatever the harness?" in said("+", "analysis.html")


def test_tasks_that_are_equally_hard_are_named_all_or_counted() -> None:
    rows = grid({combo: dict.fromkeys(TASKS, "-") | {"t0": "+"} for combo in COMBOS})
    site = build(inputs(rows, cells=True))
    for page in ("analysis.html", "tasks/index.html"):
        text = page_text(site, page)
        assert "t0 is passed by every trial" in text
        assert "7 tasks are passed by none" in text
        assert "hardest" not in text.replace("hardest first", "").lower()


def test_a_task_that_every_trial_passed_is_not_called_hard() -> None:
    rows = grid({"a//pi": {"t0": "-", "t1": "+"}, "a//aider": {"t0": "+", "t1": "+"}})
    assert "Hardest: t0. t1 is passed by every trial" in page_text(
        build(inputs(rows, cells=True)), "analysis.html"
    )


def test_who_is_last_is_said_with_how_many_are_shown_to_be_better() -> None:
    good, bad = dict.fromkeys(TASKS, "+"), dict.fromkeys(TASKS, "-")
    rows = grid({"a//pi": good, "b//pi": good, "c//pi": bad})
    text = page_text(build(inputs(rows, cells=True)), "analysis.html")
    assert "Last is c, which passed 0 of 8 trials (0.0 %); both others are" in text
    near = grid({"a//pi": good, "b//pi": good | {"t0": "-"}})
    text = page_text(build(inputs(near, cells=True)), "analysis.html")
    assert "(87.5 %); none of the others is shown to be better." in text
    tied = grid({"a//pi": good, "b//pi": bad, "c//pi": bad})
    text = page_text(build(inputs(tied, cells=True)), "analysis.html")
    assert "Last, with equal rates, are b and c." in text


def test_a_rate_that_is_no_share_of_its_trials_says_so_wherever_it_stands() -> None:
    rows = grid({"a//pi": {"t0": "+++", "t1": "-"}, "b//pi": {"t0": "+", "t1": "+"}})
    site = build(inputs(rows, cells=True))
    assert "3 of 4 trials (50.0 % with each task weighing the same)" in page_text(
        site, "combos/a--pi.html"
    )
    assert "5 of 6 trials (75.0 % with each cell weighing the same)" in page_text(
        site, "harnesses/pi.html"
    )
    assert "1 of its 2 trials passed (50.0 %)." in page_text(site, "tasks/t1.html")


def test_where_repeats_never_differ_nothing_is_said_of_the_same_tasks() -> None:
    rows = grid(
        {"a//pi": dict.fromkeys(TASKS, "++"), "b//pi": dict.fromkeys(TASKS, "--")}
    )
    text = page_text(build(inputs(rows, cells=True)), "combos/a--pi.html")
    assert "between 100 and 100 %" not in text
    assert "on the same tasks" not in text
    assert re.search(
        r"another sweep of this size brings between \d+ and 100 % on other tasks like "
        r"these\.",
        text,
    )


def test_where_ranks_are_by_score_a_task_that_nobody_passed_may_tell_agents_apart() -> (
    None
):
    rows = [
        record(combo, t, score=score)
        for combo, score in (("a//pi", 0.9), ("b//pi", 0.2))
        for t in TASKS
    ]
    text = page_text(build(inputs(rows, cells=True)), "tasks/index.html")
    assert "8 tasks are passed by none. " in text
    assert "no two agents apart" not in text
