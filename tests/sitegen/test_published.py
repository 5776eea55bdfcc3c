"""What posts quote of a site: texts with units, and mistakes with what is near."""

import pytest

from sitegen.published import Published, QuoteError, text, title
from tests.sites import example_site

SITE = Published(files=example_site())


@pytest.mark.parametrize(
    ("of", "where", "field", "digits", "said"),
    [
        ("q4/harnesses", {"harness": "pi"}, "rate", None, "76.9 %"),
        ("q4/harnesses", {"harness": "claude"}, "rate", None, "66.2 %"),
        ("q4/harnesses", {"harness": "pi"}, "agent_time_mean_s", None, "163 s"),
        ("q4/tasks", {"task": "pt7_prompt_blend"}, "rate", 0, "42 %"),
        ("audit", {"harness": "opencode"}, "accesses", None, "14"),
        ("quant_pairs", {"model": "gpt-oss-20b", "task": ""}, "delta", None, "+7"),
        ("quant_pairs", {"model": "gpt-oss-20b", "task": ""}, "delta_rate", None,
         "+8.8 points"),
        ("tasks", {"task": "p2_shortest_path"}, "always_passed", None, "yes"),
        ("q4/harnesses", {"harness": "pi"}, "score", None, "–"),
        ("q4/harnesses", {"harness": "Qwen Code"}, "harness", None, "Qwen Code"),
        ("q4/sensitivity", {"model": "Qwen3.6-27B"}, "best_harness", None, "Pi"),
    ],
)  # fmt: skip
def test_a_value_is_told_with_its_unit(
    of: str, where: dict[str, str], field: str, digits: int | None, said: str
) -> None:
    found = SITE.value(of, field, where, digits)
    assert found.replace("\N{NO-BREAK SPACE}", " ") == said


@pytest.mark.parametrize(
    ("of", "where", "field", "told"),
    [
        ("harneses", {}, "rate", "'harneses' is no table (did you mean 'harnesses'?)"),
        (
            "harnesses",
            {"harness": "pie"},
            "rate",
            "no row of harnesses has harness 'pie' (did you mean 'pi'?)",
        ),
        (
            "harnesses",
            {"harness": "pi"},
            "rates",
            "harnesses has no column 'rates' (did you mean 'rate'?)",
        ),
        (
            "combos",
            {"model": "gpt-oss-20b", "harness": "pi"},
            "rate",
            "fits 2 rows of combos; say which quant",
        ),
    ],
)
def test_what_is_not_there_is_told_with_what_is_near(
    of: str, where: dict[str, str], field: str, told: str
) -> None:
    with pytest.raises(QuoteError) as caught:
        SITE.value(of, field, where)
    assert str(caught.value) == told


def test_charts_and_claims_are_found_by_name_alone() -> None:
    assert SITE.chart("audit")["title"] == "Contact with the hidden grader"
    with pytest.raises(QuoteError, match="did you mean 'audit'"):
        SITE.chart("adit")
    with pytest.raises(QuoteError, match="is no claim"):
        SITE.claim("nobody-said-so")


def test_a_table_has_the_asked_columns_under_their_titles() -> None:
    found = SITE.table("combos", ["model", "passed", "agent_time_mean_s:Took"], 2, {})
    assert found.titles == ("Model", "Passed", "Took")
    assert found.numeric == (False, True, True)
    rows = [[cell.replace("\N{NO-BREAK SPACE}", " ") for cell in r] for r in found.rows]
    assert rows == [["Qwen3.6-27B", "16", "207 s"], ["gpt-oss-120b", "15", "34 s"]]


def test_a_table_leaves_out_what_is_empty_throughout() -> None:
    titles = SITE.table("q4/harnesses", (), 1, {}).titles
    assert titles[:3] == ("Harness", "Trials", "Cells")
    assert "Standard error, seeds" not in titles
    assert SITE.table("q4/harnesses", ["se_seeds"], 1, {}).rows == (("–",),)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("se_seeds", "Standard error, seeds"),
        ("delta_rate", "Difference"),
        ("rank_low", "Rank from"),
        ("model_a", "Model A"),
        ("time_reference_s", "Time reference"),
        ("cost_mean_usd", "Cost mean in US dollars"),
    ],
)
def test_titles_of_columns_are_words(name: str, said: str) -> None:
    assert title(name) == said


def test_what_is_not_known_is_never_0() -> None:
    assert text("rate", None) == "–"
    assert text("quant", None) == "–"
    assert text("model", None) == "all"
    assert text("rate", 0) == "0.0\N{NO-BREAK SPACE}%"
    assert text("p", 0.0004) == "< 0.001"
    assert title("n_combos") == "Combos"
