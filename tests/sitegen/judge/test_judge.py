"""Claims about small tables whose answer is plain, and the twelve of the post."""

from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import product

import pytest

from harness_bench.errors import SettingsError
from harness_bench.schema import GraderAccess, Record, Status
from sitegen.claims import (
    AsGoodButFaster,
    Best,
    Better,
    Claim,
    Collapses,
    EqualQuants,
    Gains,
    Loses,
    Separate,
    Tied,
    WithoutAccess,
    Worst,
    read_claims,
)
from sitegen.config import Publish
from sitegen.disclosure import WITHHELD, publishable
from sitegen.judge.evidence import Evidence
from sitegen.judge.judge import judge
from sitegen.judge.verdict import Judged, Verdict, weigh
from sitegen.policy import Policy
from sitegen.stats.results import results
from sitegen.stats.trials import trials
from tests.records import EXAMPLE, ROOT, computed, read, record

TASKS = "123456789abc"


def evidence(records: list[Record], *, cells: bool = True) -> Evidence:
    policy = Policy()
    return Evidence(
        results(records, policy, default_sweep=None),
        trials(records, policy),
        margin=Fraction(1, 20),
        cells=cells,
    )


def test_figures_have_titles_and_claims_may_use_them_or_names() -> None:
    rows = strength(11)
    found = evidence(rows)
    titled = Evidence(
        found.results,
        trials(rows, Policy()),
        margin=Fraction(1, 20),
        cells=True,
        titles={"model": {"good": "Good One"}, "harness": {"x": "The X", "y": "bad"}},
    )
    [told] = judge([Better(says="s", who=("Good One",), than=("bad",))], titled)
    assert "Good One and bad" in told.figures[0]
    [told] = judge([Best(says="s", of="combo", who="good Q4 + x")], titled)
    assert "Good One Q4 + bad" in " ".join(told.figures)


def verdict(claim: Claim, records: list[Record]) -> Verdict:
    [found] = judge([claim], evidence(records))
    return found.verdict


def strength(good: int, **more: object) -> list[Record]:
    """Model "good" passes `good` tasks of twelve in two harnesses, "bad" none."""
    return [
        record(
            f"{model}/Q4/{harness}",
            task,
            passed=model == "good" and index < good,
            **more,
        )
        for model, harness in product(("good", "bad"), "xy")
        for index, task in enumerate(TASKS)
    ]


def test_better_best_and_worst_hold_only_where_the_difference_is_sure() -> None:
    sure, unsure = strength(11), strength(3)
    better = Better(says="s", who=("good",), than=("bad",))
    assert verdict(better, sure) is Verdict.HOLDS
    assert verdict(better, unsure) is Verdict.OPEN
    assert (
        verdict(Better(says="s", who=("bad",), than=("good",)), sure) is Verdict.FAILS
    )
    for claim in (Best(says="s", who="good"), Worst(says="s", who="bad Q4")):
        assert verdict(claim, sure) is Verdict.HOLDS
        assert verdict(claim, unsure) is Verdict.OPEN
    assert verdict(Best(says="s", who="bad"), unsure) is Verdict.FAILS


def test_a_claim_of_several_pairs_may_hold_in_part() -> None:
    records = [
        *strength(11),
        *(r for r in strength(11) if r.model == "good" for r in [_renamed(r, "twin")]),
    ]
    claim = Better(says="s", who=("good",), than=("bad", "twin"))
    assert verdict(claim, records) is Verdict.PARTLY


def _failed(found: Record) -> Record:
    return replace(found, status=Status.FAIL, passed=False)


def _renamed(found: Record, model: str) -> Record:
    return record(f"{model}/Q4/{found.harness}", found.task, passed=found.passed)


def test_a_tie_at_the_top_has_to_be_shown() -> None:
    twins = [*strength(11), *(_renamed(r, "twin") for r in strength(10)[:24])]
    tied = Tied(says="s", who=("good", "twin"))
    # Not told apart on twelve tasks: that is no tie yet.
    assert verdict(tied, twins) is Verdict.OPEN
    assert verdict(Tied(says="s", who=("good", "bad")), twins) is Verdict.FAILS
    many = [
        record(f"{model}/Q4/x", f"{task}", passed=model != "bad" and task % 150 != lost)
        for task in range(300)
        for model, lost in (("good", 0), ("twin", 1), ("bad", 2))
    ]
    [found] = judge([tied], evidence(many))
    assert found.verdict is Verdict.HOLDS
    assert found.figures[0].endswith(" equal to within 5 points is shown.")


def test_a_tie_of_three_has_to_be_shown_of_each_pair() -> None:
    lost = {
        "good": {*range(9)},
        "twin": {*range(8), 79},
        "other": {*range(30, 43)},
        "bad": {*range(50)},
    }
    rows = [
        record(f"{model}/Q4/x", f"{task}", passed=task not in own)
        for model, own in lost.items()
        for task in range(80)
    ]

    def tied(*who: str) -> Verdict:
        return verdict(Tied(says="s", who=who), rows)

    assert tied("good", "twin") is Verdict.HOLDS
    assert tied("good", "twin", "other") is Verdict.OPEN
    assert tied("good", "twin", "other", "bad") is Verdict.FAILS


def test_a_collapse_holds_when_it_is_sure_among_all_drops() -> None:
    def one(model: str, harness: str, index: int) -> bool:
        return not (model == "m" and harness == "y") and index % 4 > 0

    records = [
        record(f"{m}/Q4/{h}", t, passed=one(m, h, i))
        for m, h in product("mno", "xyz")
        for i, t in enumerate(TASKS + "defghijk")
    ]
    assert (
        verdict(Collapses(says="s", model="m", harness="y"), records) is Verdict.HOLDS
    )
    assert (
        verdict(Collapses(says="s", model="n", harness="y"), records) is Verdict.FAILS
    )


def test_a_collapse_is_looked_for_in_the_sweep_that_the_site_begins_with() -> None:
    def in_sweep(sweep: str, falls: str) -> list[Record]:
        return [
            record(f"{m}/Q4/{h}", t, passed=not (m == falls and h == "y"), sweep=sweep)
            for m, h in product("mno", "xyz")
            for t in TASKS + "defghijk"
        ]

    rows = [*in_sweep("a", "m"), *in_sweep("b", "n")]
    policy, verdicts = Policy(), []
    for sweep in "ab":
        found = Evidence(
            results(rows, policy, default_sweep=sweep),
            trials(rows, policy),
            margin=Fraction(1, 20),
            cells=True,
        )
        claims = [Collapses(says="s", model=m, harness="y") for m in "mn"]
        verdicts.append([each.verdict for each in judge(claims, found)])
    holds, fails = Verdict.HOLDS, Verdict.FAILS
    assert verdicts == [[holds, fails], [fails, holds]]


def test_who_ran_too_little_to_be_told_is_no_unknown_name() -> None:
    rows = [*strength(11), record("shy/Q4/x", "1")]
    private = results(rows, Policy(), default_sweep=None, totals_only=True)
    told = publishable(private, Publish(min_cells=5))
    assert "shy" not in {each.key.model for each in told.all.model_quants}
    found = Evidence(told, trials(rows, Policy()), margin=Fraction(1, 20), cells=False)
    judge([Worst(says="s", who="shy Q4")], found)
    with pytest.raises(SettingsError, match="'shi Q4' is not in the data"):
        judge([Worst(says="s", who="shi Q4")], found)


def figures(claim: Claim, records: list[Record]) -> tuple[str, ...]:
    [found] = judge([claim], evidence(records))
    return found.figures


def test_each_pair_of_a_claim_is_named_with_what_is_known_of_it() -> None:
    twins = [*strength(11), *(_renamed(r, "twin") for r in strength(10)[:24])]
    assert figures(Better(says="s", who=("good",), than=("bad", "twin")), twins) == (
        "Told apart: good and bad (+91.7 points, p = 0.003).",
        "Not told apart: good and twin (+8.3 points, p = 1.00).",
    )
    assert figures(Better(says="s", who=("bad",), than=("good",)), twins) == (
        "The other way round: bad and good (−91.7 points, p = 0.003).",
    )


def test_of_the_best_and_the_worst_place_and_neighbours_are_told() -> None:
    rows = [
        record(f"{model}/Q4/x", task, passed=model == "a", agent_time_s=seconds)
        for model, seconds in (("a", 1.0), ("b", 2.0))
        for task in TASKS
    ]
    first = (
        "It passed 12 of 12 trials (100.0 %) and is first of 2; its true rank may be 1."
    )
    apart = "It is told apart from 1 of the 1 other that it was compared with."
    often = "It is on the frontier of pass rate and time in 100 % of draws of tasks."
    assert figures(Best(says="s", of="combo", who="a Q4 + x"), rows) == (
        *(first, apart, often),
    )
    assert figures(Best(says="s", of="model", who="a"), rows) == (first, apart)
    twins = [*strength(11), *(_renamed(r, "twin") for r in strength(10)[:24])]
    some = "It is told apart from 1 of the 2 others that it was compared with."
    ranks = "its true rank may be 1 to 2."
    near = "Nearest is twin, 8.3 points away (p = 1.00)."
    for claim, place in (
        (Best(says="s", who="good"), "first"),
        (Worst(says="s", who="good"), "number 1"),
    ):
        assert figures(claim, twins) == (
            f"It passed 22 of 24 trials (91.7 %) and is {place} of 3; {ranks}",
            *(some, near),
        )
    [worst] = judge([Worst(says="s", who="good")], evidence(twins))
    assert worst.verdict is Verdict.FAILS


def test_of_a_tie_and_a_gain_the_difference_is_told_with_its_margin() -> None:
    twins = [*strength(11), *(_renamed(r, "twin") for r in strength(10)[:24])]
    assert figures(Tied(says="s", who=("good", "twin")), twins) == (
        (
            "good minus twin: +8.3 points (95 % interval −10.0 to +26.7), p = 1.00. "
            "That they are equal to within 5 points is not shown."
        ),
    )
    assert figures(Gains(says="s", model="m"), quants(8)) == (
        (
            "From Q4 to Q8, on 24 shared cells: +33.3 points (95 % interval +13.0 to "
            "+53.7), p = 0.008."
        ),
        "That it is within 5 points is not shown (90 % interval +16.5 to +50.2).",
        "Adjusted for all pairs of models it has p = 0.006.",
    )


def test_quants_of_which_one_stands_apart_are_told_of_and_not_judged() -> None:
    few = [r for r in quants(2) if r.quant == "Q4" or r.model == "n" or r.task < "t2"]
    assert verdict(Gains(says="s", model="m"), few) is Verdict.OPEN
    said = figures(Gains(says="s", model="m"), few)
    assert said[0].startswith("From Q4 to Q8, on 12 shared cells: ")
    assert said[-1] == "One of the quants is not ranked."


def test_tasks_that_separate_are_named_where_that_is_shown() -> None:
    """The six strong models pass two tasks that the six weak ones fail."""
    rows = [
        record(
            f"m{model}/Q4/{harness}",
            task,
            passed=model < 6 if task in "12" else (model + index) % 12 >= model // 2,
        )
        for model, harness in product(range(12), "x")
        for index, task in enumerate(TASKS)
    ]
    scope = evidence(rows).results.main
    sure = sorted(each.task for each in scope.discrimination if each.separates)
    *_, last = figures(Separate(says="s", tasks=("1", "2", "3")), rows)
    assert sure[:2] == ["1", "2"]
    assert last.endswith(": 2 of the 3, 1 and 2.")
    *_, last = figures(Separate(says="s", tasks=("3",)), rows)
    assert last.endswith(": 0 of the 1.")


def test_a_collapse_that_is_sure_and_not_large_holds_in_part() -> None:
    def rows(fails: int) -> list[Record]:
        """Of every eight tasks one model fails so many more in one harness."""
        return [
            record(
                f"{m}/Q4/{h}",
                f"t{i}",
                passed=i % 8 != 7 and ((m, h) != ("m", "y") or i % 8 >= fails),
            )
            for m, h in product("mn", "xyz")
            for i in range(64)
        ]

    claim = Collapses(says="s", model="m", harness="y")
    assert verdict(claim, rows(1)) is Verdict.PARTLY
    assert verdict(claim, rows(2)) is Verdict.HOLDS


def quants(more: int) -> list[Record]:
    """Models at two quants; at 8 bits each passes `more` tasks more, of 24."""
    return [
        record(
            f"{model}/{quant}/x",
            f"t{index}",
            passed=index < 12 + (more if quant == "Q8" else 0),
        )
        for model, quant in product("mn", ("Q4", "Q8"))
        for index in range(24)
    ]


def test_gains_and_losses_are_shown_open_or_contradicted() -> None:
    assert verdict(Gains(says="s", model="m"), quants(8)) is Verdict.HOLDS
    assert verdict(Loses(says="s", model="m"), quants(8)) is Verdict.FAILS
    assert verdict(Gains(says="s", model="m"), quants(2)) is Verdict.OPEN
    assert verdict(Loses(says="s", model="m"), quants(2)) is Verdict.FAILS


def test_quants_are_equal_only_where_that_is_shown() -> None:
    claim = EqualQuants(says="s", fewer=4, more=8)
    assert verdict(claim, quants(8)) is Verdict.FAILS
    assert verdict(claim, quants(2)) is Verdict.OPEN
    assert (
        verdict(EqualQuants(says="s", fewer=2, more=8), quants(8)) is Verdict.UNJUDGED
    )


def test_as_good_but_faster_needs_equal_rates_and_the_time() -> None:
    def records(slow: float) -> list[Record]:
        return [
            record(
                f"{model}/Q4/{harness}",
                f"t{index}",
                passed=index % 5 > 0 and index != skipped,
                agent_time_s=(10.0 + index) * factor * (1 + 0.01 * (index % skipped)),
            )
            for (model, factor, skipped), harness in product(
                (("a", 1.0, 7), ("b", slow, 8)), "xyz"
            )
            for index in range(120)
        ]

    claim = AsGoodButFaster(says="s", model="a", than=("b",), times=2)
    assert verdict(claim, records(3)) is Verdict.HOLDS
    assert verdict(claim, records(1)) is Verdict.PARTLY


def test_each_comparison_is_told_as_it_is_in_the_first_sweep() -> None:
    def rows(sweep: str, *factors: float) -> list[Record]:
        return [
            record(
                f"{model}/Q4/{harness}",
                f"t{index}",
                passed=index % 5 > 0 and index != skipped and model != "c",
                agent_time_s=(10.0 + index) * factor,
                sweep=sweep,
            )
            for (model, factor, skipped), harness in product(
                zip("abc", factors, (7, 8, 9), strict=True), "xyz"
            )
            for index in range(120)
        ]

    both = [*rows("s", 1, 3, 5), *rows("t", 9, 1, 1)]
    policy = Policy()
    found = Evidence(
        results(both, policy, default_sweep="s"),
        trials(both, policy),
        margin=Fraction(1, 20),
        cells=True,
    )
    claim = AsGoodButFaster(says="s", model="a", than=("b", "c"), times=2)
    [heard] = judge([claim], found)
    against_b, times_of_b, against_c, times_of_c = heard.figures
    assert against_b.startswith("Against b: 0.0 points")
    assert against_b.endswith(": equal at a margin of 5 points.")
    assert against_c.startswith("Against c: ")
    assert against_c.endswith(": different at a margin of 5 points.")
    assert "task by task 3.0 times as fast" in times_of_b
    assert "task by task 5.0 times as fast" in times_of_c


def test_access_is_judged_by_both_ways_of_counting() -> None:
    read_it = {"grader_access": GraderAccess.READ}
    clean = {"grader_access": GraderAccess.NONE}
    records = [
        *(record("m/q/h", f"t{i}", **(read_it if i < 2 else clean)) for i in range(5)),
        *(record("m/q/h", f"u{i}", passed=False, **clean) for i in range(5)),
        *(record("m/q/other", f"t{i}", **clean) for i in range(5)),
    ]

    def at(rate: float) -> Verdict:
        return verdict(WithoutAccess(says="s", harness="h", rate=rate), records)

    assert at(0.3) is Verdict.HOLDS
    assert at(0.375) is Verdict.HOLDS
    assert at(0.5) is Verdict.FAILS
    [found] = judge([WithoutAccess(says="s", harness="h", rate=0.3)], evidence(records))
    (words,) = (each for each in found.figures if each.startswith("With these"))
    assert words.count("place 2 of 2") == 3
    [best] = judge(
        [WithoutAccess(says="s", harness="other", rate=1)], evidence(records)
    )
    assert "place 1 of 2" in " ".join(best.figures)
    none = [r if r.harness == "other" else _failed(r) for r in records]
    [last] = judge([WithoutAccess(says="s", harness="h", rate=0)], evidence(none))
    assert "place 2 of 2" in " ".join(last.figures)
    unaudited = strength(3)
    claim = WithoutAccess(says="s", harness="x", rate=0.3)
    assert verdict(claim, unaudited) is Verdict.UNJUDGED


def test_tasks_are_not_judged_where_cells_are_private() -> None:
    claim = Separate(says="s", tasks=("1",))
    [found] = judge([claim], evidence(strength(3), cells=False))
    assert found.verdict is Verdict.UNJUDGED


def test_a_name_that_is_not_in_the_data_is_an_error_that_helps() -> None:
    claims: list[Claim] = [
        Worst(says="s", who="godo"),
        Separate(says="s", tasks=("1", "zz")),
    ]
    with pytest.raises(SettingsError) as caught:
        judge(claims, evidence(strength(3)))
    assert tuple(map(str, caught.value.problems)) == (
        (
            "claims: claim 1: the model 'godo' is not in the data (did you mean"
            " 'good'?); the data have bad, bad Q4, good or good Q4"
        ),
        (
            "claims: claim 2: the task 'zz' is not in the data; the data have 1, 2, 3,"
            " 4, 5, 6, 7 or 8"
        ),
    )


def test_no_part_of_a_claim_may_be_wrong() -> None:
    assert weigh([Verdict.HOLDS, Verdict.HOLDS]) is Verdict.HOLDS
    assert weigh([Verdict.HOLDS, Verdict.OPEN]) is Verdict.PARTLY
    assert weigh([Verdict.HOLDS, Verdict.FAILS]) is Verdict.PARTLY
    assert weigh([Verdict.OPEN, Verdict.FAILS]) is Verdict.FAILS
    assert weigh([Verdict.OPEN]) is Verdict.OPEN


@cache
def post() -> tuple[Judged, ...]:
    found = read(EXAMPLE)
    claims = read_claims(ROOT / "examples" / "harness-bench-2026" / "claims.toml")
    counted = trials(found.records, found.settings.policy)
    return judge(
        claims,
        Evidence(computed(EXAMPLE), counted, margin=Fraction(1, 20), cells=True),
    )


def test_the_verdicts_on_the_twelve_statements_of_the_post() -> None:
    assert [found.verdict.value for found in post()] == [
        "holds in part",  # pi and qwen beat claude, opencode, aider
        "does not hold",  # opencode at roughly 55 % without accesses
        "holds",  # Q8 equals Q4
        "not settled",  # gpt-oss-20b gains
        "not settled",  # gemma-4-31b loses
        "holds",  # Omni is worst
        "not settled",  # Qwen3.6-27B and gemma-4-31b are tied at the top
        "holds in part",  # 35B-A3B equals them at half the time
        "not settled",  # gpt-oss-120b collapses with opencode
        "not settled",  # Qwen3.6-27B collapses with aider
        "not settled",  # the perfect combo is the best
        "holds in part",  # six tasks separate the top tier
    ]


def test_the_posts_rate_without_accesses_is_explained_as_a_subtraction() -> None:
    access = post()[1]
    assert "63.8 % (102/160)" in access.figures[0]
    assert "56.2 % (90/160)" in access.figures[0]
    assert "61.2 % (90/147)" in access.figures[0]
    assert "(102 − 14)/160" in access.figures[1]


def test_no_figure_holds_an_endless_number() -> None:
    for found in post():
        assert found.figures
        for figure in found.figures:
            assert "nan" not in figure.lower().split()
            assert "inf" not in figure.lower().split()


def test_models_are_judged_where_it_is_told_how_each_did_on_each_task() -> None:
    rows = strength(12, sweep="main")
    other = [
        record(f"good/Q8/{harness}", task, sweep="other")
        for harness in "xy"
        for task in TASKS
    ]
    found = results(
        [*rows, *other],
        Policy(),
        default_sweep="main",
        totals_only=True,
        without=WITHHELD,
    )
    private = Evidence(
        publishable(found, Publish(min_cells=2)),
        trials([*rows, *other], Policy()),
        margin=Fraction(1, 20),
        cells=False,
    )
    claims: list[Claim] = [
        Better(says="s", of="model", who=("good",), than=("bad",)),
        Worst(says="s", of="model", who="bad"),
        Best(says="s", of="combo", who="good Q4 + x"),
    ]
    assert [each.verdict for each in judge(claims, private)] == [
        Verdict.HOLDS,
        Verdict.HOLDS,
        Verdict.UNJUDGED,
    ]
