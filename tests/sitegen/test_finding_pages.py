"""What the pages of analysis, claims and tasks say, and when they say nothing."""

import re
from dataclasses import replace
from itertools import product

import pytest

from harness_bench.errors import SettingsError
from harness_bench.schema import GraderAccess, Record
from sitegen.build import build
from sitegen.claims import Separate, Worst
from sitegen.inputs import Inputs
from sitegen.metadata import HarnessInfo, Metadata, ModelInfo
from tests.records import grid, inputs, record
from tests.sites import example_site
from tests.sites import page_text as page

TASKS = "123456789abc"


def analysis(records: list[Record], **publish: bool) -> str:
    return page(dict(build(inputs(records, **publish))), "analysis.html")


def whole_grid(**more: object) -> list[Record]:
    return [
        record(f"{m}/Q4/{h}", t, passed=(i + len(m)) % 3 > 0, **more)
        for m, h in product(("a", "bb"), "xy")
        for i, t in enumerate(TASKS)
    ]


def test_the_example_judges_the_posts_claims_on_a_page_of_their_own() -> None:
    text = page(dict(example_site()), "claims.html")
    assert "2 hold, 3 hold in part, 6 are not settled and 1 does not hold" in text
    assert "(102 − 14)/160" in text
    assert "claims.html" in example_site()["analysis.html"].decode()


def test_without_claims_there_is_no_page_of_them() -> None:
    site = build(inputs(whole_grid()))
    assert "claims.html" not in site
    assert not any(
        "Claims</a>" in content.decode()
        for path, content in site.items()
        if path.endswith(".html")
    )


def with_claims(
    records: list[Record], *claims: Worst | Separate, **publish: bool
) -> Inputs:
    return replace(inputs(records, **publish), claims=claims)


def test_a_claim_about_tasks_is_not_judged_where_cells_are_private() -> None:
    claim = Separate(says="Task 1 does it.", tasks=("1",))
    text = page(
        dict(build(with_claims(whole_grid(), claim, cells=False))), "claims.html"
    )
    assert "not judged" in text
    assert "single cells, which are not published" in text


def test_a_claim_may_name_tasks_that_appear_as_numbers() -> None:
    claim = Separate(says="One task does it.", tasks=("1",))
    given = with_claims(whole_grid(), claim, task_ids="numbered")  # type: ignore[arg-type]
    assert "claims.html" in build(given)


def test_a_claim_about_nobody_stops_the_build() -> None:
    given = with_claims(whole_grid(), Worst(says="z is worst.", who="z"))
    with pytest.raises(SettingsError, match="the model 'z' is not in the data"):
        build(given)


def test_the_analysis_says_how_sure_each_place_on_the_frontier_is() -> None:
    text = page(dict(example_site()), "analysis.html")
    assert (
        "Of the 2 combos on the line, all trials, 1 would be there on almost any"
        in text
    )
    assert "is on it in 38 % of draws only" in text


def test_the_analysis_takes_model_and_harness_apart() -> None:
    text = page(dict(example_site()), "analysis.html")
    assert "the best harness 14.4 points more than the worst ( Pi and " in text
    assert (
        "As standard deviations of the pass rate, with 95 % intervals: models" in text
    )
    assert "Tested with all 50 meetings, the drop may be chance" in text
    assert "matters more" not in text
    assert "10 models, 5 harnesses and 16 tasks of which every cell ran" in text


def test_cells_outside_the_shared_grid_are_named() -> None:
    extra = [record("late/Q4/x", t) for t in TASKS]
    text = analysis([*whole_grid(), *extra], cells=True)
    assert "Left out: 12 cells of 1 model ( late Q4)" in text


def test_where_nobody_met_nobody_nothing_is_said_of_two_axes() -> None:
    text = analysis(grid({"a/Q4/x": {"1": "+"}, "b/Q4/y": {"2": "-"}}))
    assert "what the harness?" not in text


def test_equality_of_quants_is_told_from_no_difference_found() -> None:
    text = page(dict(example_site()), "analysis.html")
    assert "that is equal, to within 5 points" in text
    assert "none can be told from 0" in text
    few = grid(
        {
            f"{m}/{q}/h": {"1": "+", "2": "+-", "3": "-" if q == "Q8" else "+"}
            for m, q in product("ab", ("Q4", "Q8"))
        }
    )
    assert "neither a difference nor equality to within 5 points is shown" in analysis(
        few
    )


def test_a_ranking_that_hangs_on_grader_access_says_so() -> None:
    records = [
        *(record("a/q/x", t, grader_access=GraderAccess.READ) for t in TASKS),
        *(
            record("a/q/y", t, passed=t != "1", grader_access=GraderAccess.NONE)
            for t in TASKS
        ),
    ]
    text = analysis(records)
    assert "another policy would put another first among combos and harnesses" in text
    # Of one model there is no ranking, and none can change.
    alone = analysis([r for r in records if r.harness == "x"])
    assert "Nothing is ranked, whatever the policy." in alone


def test_the_best_harness_of_every_model_is_said_without_a_rest() -> None:
    tasks = [str(i) for i in range(12)]
    clear = {
        f"{m}/Q4/{h}": dict.fromkeys(tasks, "+" if h == "x" else "-")
        for m in "ab"
        for h in "xy"
    }
    text = analysis(grid(clear))
    assert "For every model the best harness is told apart from all other" in text
    assert "for the rest" not in text
    assert "p = 0." in text or "p = <" in text


def test_a_ranking_that_no_policy_changes_says_so() -> None:
    assert "so no other policy would count one otherwise" in analysis(whole_grid())


def test_tasks_say_whether_they_tell_strong_from_weak_only_where_cells_are_shown() -> (
    None
):
    site = dict(example_site())
    assert "For 5 of 16 tasks, each tested by itself, it is shown" in page(
        site, "tasks/index.html"
    )
    assert "Its discrimination is 0.3 (" in page(site, "tasks/pt3_rope_gqa.html")
    assert "It tells no two combos apart" in page(site, "tasks/sql1_recursive.html")
    private = dict(build(inputs(whole_grid(), cells=False, min_cells=4)))
    assert "iscrimination" not in page(private, "tasks/index.html")
    assert "iscrimination" not in page(private, "tasks/1.html")


def test_every_page_is_built_from_degenerate_tables() -> None:
    tables = [
        grid({"m/q/h": {"t": "+"}}),
        grid({"m/q/h": {"t": "-"}}),
        grid({f"m{i}/q/h": {"t": "+-"[i % 2]} for i in range(4)}),
        grid({f"m/q/h{i}": {"t": "+"} for i in range(4)}),
        grid(
            {f"m{i}/q/h{j}": dict.fromkeys("123", "+") for i in (1, 2) for j in (1, 2)}
        ),
        grid(
            {f"m{i}/q/h{j}": dict.fromkeys("123", "-") for i in (1, 2) for j in (1, 2)}
        ),
        grid({"m/Q4/h": {"1": "+", "2": "-----"}, "m/Q8/h": {"1": "+++", "2": "+"}}),
        grid({"a/q/h": {"1": "+"}, "b/q/h": {"2": "-"}}),
        [
            record(f"{m}/q/h", t, agent_time_s=5.0, passed=m == "a")
            for m in "ab"
            for t in "12"
        ],
        [record("m/q/h", t, agent_time_s=0.0) for t in "12"],
    ]
    for records, cells in product(tables, (True, False)):
        site = build(inputs(records, cells=cells))
        for path, content in site.items():
            if path.endswith(".json") and path.startswith("data/"):
                assert not re.search(rb"\b(NaN|-?Infinity|nan|inf)\b", content), path
            if path.endswith(".html"):
                assert not re.search(r"[ >(]−?(nan|inf)[ <.,%)]", content.decode()), (
                    path
                )


def test_a_harness_on_its_makers_model_stands_beside_what_it_does_for_local_ones() -> (
    None
):
    records = [
        record(f"{model}/{quant}/{harness}", t, passed=model == "opus" or t > "5")
        for (model, quant), harness in product(
            (("opus", ""), ("local", "Q4")), ("claude", "pi")
        )
        for t in TASKS
    ]
    records = [
        replace(r, passed=False) if (r.model, r.harness) == ("opus", "pi") else r
        for r in records
    ]
    known = Metadata(
        models={"opus": ModelInfo(vendor="A")},
        harnesses={"claude": HarnessInfo(vendor="A")},
    )
    site = dict(build(replace(inputs(records), metadata=known)))
    text = page(site, "analysis.html")
    assert "stands +100.0 points against the other harnesses on models of A" in text
    assert "and 0.0 on local ones" in text
    assert "which chance would rarely bring" in text
    assert "data/vendor_gaps.json" in site
    assert "data/vendor_gaps.json" not in example_site()


def test_every_page_says_once_that_single_results_are_private() -> None:
    said = "Single results are private"
    private = dict(build(inputs(whole_grid(), cells=False, min_cells=4)))
    open_ = dict(build(inputs(whole_grid(), cells=True)))
    pages = [
        path
        for path in private
        if path.endswith(".html") and path != "404.html" and "embed/" not in path
    ]
    assert "index.html" in pages
    assert all(private[path].decode().count(said) == 1 for path in pages)
    assert not any(said in text.decode() for text in open_.values() if b"<html" in text)
