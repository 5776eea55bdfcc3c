"""The example's own analysis: one Markdown file in which no result was typed."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from sitegen.post_file import read_posts
from sitegen.published import Published
from sitegen.quotes import Quote, Wrong, quotes, said
from tests.sites import example_site, page_text

ROOT = Path(__file__).parents[2]
[POST] = read_posts(ROOT / "examples" / "harness-bench-2026" / "posts")
PRINTED: dict[str, Any] = json.loads(
    (ROOT / "tests" / "data" / "published.json").read_text()
)
PAGE = f"posts/{POST.slug}.html"


def quoted() -> list[Quote]:
    found = [*quotes(POST.text)]
    assert not [each for each in found if isinstance(each, Wrong)]
    return [each for each in found if isinstance(each, Quote)]


def test_it_has_the_figures_tables_and_claims_of_the_post_of_2026() -> None:
    counts = Counter(each.name for each in quoted())
    assert counts["chart"] == 6
    assert counts["table"] >= 5
    assert counts["claim"] == 12
    assert counts["value"] >= 40
    assert {each.of for each in quoted() if each.name == "chart"} == {
        *("speed_vs_accuracy", "size_vs_pass_rate", "harness_ranking"),
        *("model_harness_heatmap", "quant_pairs", "task_difficulty"),
    }


def numbers(text: str) -> list[str]:
    """Every number of a text that is none of a name."""
    bare = text.replace("\N{NO-BREAK SPACE}", " ").replace(",", "")
    return re.findall(r"(?<![\w.-])[+−]?\d+(?:\.\d+)?(?![\w-])", bare)


def leaves(node: Any) -> list[float]:  # noqa: ANN401 - of JSON
    if isinstance(node, dict):
        return [leaf for each in node.values() for leaf in leaves(each)]
    if isinstance(node, list):
        return [leaf for each in node for leaf in leaves(each)]
    return [node] if isinstance(node, int | float) else []


def test_every_number_that_was_printed_then_is_in_it_to_the_digit() -> None:
    site = Published(files=example_site())
    answers = " ".join(said(each, site) for each in quoted())
    there = {each.replace("−", "-").lstrip("+") for each in numbers(answers)}
    # 1,360 is the product of two that are there.
    printed = [leaf for leaf in leaves(PRINTED) if leaf != 1360]
    missing = [
        leaf for leaf in printed if str(leaf) not in there and f"{leaf:g}" not in there
    ]
    assert missing == []
    assert len(printed) > 150


def test_its_sentences_hold_no_number_of_the_results() -> None:
    spans = [each.span for each in quoted()][::-1]
    text = POST.text
    for low, high in spans:
        text = text[:low] + text[high:]
    assert set(numbers(text)) <= {"2026", "4", "8"}


def test_its_page_says_what_its_quotes_say() -> None:
    site, page = Published(files=example_site()), page_text(example_site(), PAGE)
    for each in quoted():
        if each.name == "value":
            assert said(each, site).replace("\N{NO-BREAK SPACE}", " ") in page
