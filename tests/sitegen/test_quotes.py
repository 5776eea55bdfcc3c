"""Quotes in a Markdown text: both spellings, and each mistake at its line."""

import pytest

from sitegen.published import Published
from sitegen.quotes import (
    Quote,
    Wrong,
    at,
    markdown_table,
    quoted,
    quotes,
    said,
    unwrapped,
)
from tests.odd_names import ODD, built
from tests.sites import Document, example_site

SITE = Published(files=example_site())


def one(text: str) -> Quote:
    [found] = quotes(text)
    assert isinstance(found, Quote), found
    return found


@pytest.mark.parametrize(
    ("called", "included"),
    [
        (
            '{{ value("q4/harnesses", harness="pi", field="rate") }}',
            (
                '{% include harness-bench/value.html of="q4/harnesses" harness="pi"'
                ' field="rate" %}'
            ),
        ),
        (
            '{{ table("combos", top=3, columns=["model", "passed:Passes"]) }}',
            (
                "{%- include harness-bench/table.html of='combos' top=3"
                " columns='model, passed:Passes' -%}"
            ),
        ),
        (
            '{{chart("audit",theme="dark")}}',
            '{% include harness-bench/chart.html id="audit" theme="dark" %}',
        ),
    ],
)
def test_both_spellings_say_the_same(called: str, included: str) -> None:
    place = at("../")
    assert quoted(one(called), SITE, place) == quoted(one(included), SITE, place)


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ('a\n\n{{ valeu("x") }}', 3, "'valeu' is nothing to quote (did you mean"),
        ("{{ value(harness=pi) }}", 1, "cannot be read: names are between quotes"),
        ('{{ chart("audit", "dark") }}', 1, "only the first argument has no name"),
        ('\n{% include harness-bench/chart.html name="x" %}', 2, "which (id)"),
        ('{{ claim("x", theme="dark") }}', 1, "claim takes no 'theme'"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(
    text: str, line: int, told: str
) -> None:
    [found] = quotes(text)
    assert isinstance(found, Wrong)
    assert found.line == line
    assert told in found.what


def test_what_is_no_quote_is_left_alone() -> None:
    text = "{{ page.title }} {% include other.html %} {{ x }} `{{` }}"
    assert [*quotes(text)] == []


def test_what_jekyll_does_not_read_is_no_quote() -> None:
    text = (
        '{% raw %}{% include harness-bench/claim.html id="x" %}{% endraw %}'
        '{%- comment -%}{{ chart("x") }}{%- endcomment -%}a'
    )
    assert [*quotes(text)] == []
    assert unwrapped(text) == '{% include harness-bench/claim.html id="x" %}a'
    assert unwrapped("{% raw %}{% endcomment %}") == "{% raw %}{% endcomment %}"


def test_a_name_may_hold_the_quotes_around_it() -> None:
    text = r"""{% include harness-bench/value.html of="h" a="\"x\" 'y'" b='\'' %}"""
    assert one(text).where == {"a": "\"x\" 'y'", "b": "'"}


def test_a_picture_is_there_before_any_script_and_no_element_has_an_id() -> None:
    markup = quoted(one('{{ chart("speed_vs_accuracy") }}'), SITE, at("/b/"))
    document = Document(markup.encode())
    assert document.ids == []
    assert "style=" not in markup
    for address in document.addresses:
        assert address.removeprefix("/b/") in SITE.files
    assert 'alt="Speed against accuracy. Each mark is a combo.' in markup
    assert "harness-bench 2026</a>. Reconstruction, preliminary." in markup


def test_names_are_shown_as_they_are_and_run_nothing() -> None:
    odd = Published(files=built(models=ODD))
    quote = one('{{ table("combos", columns=["model"]) }}')
    markup = quoted(quote, odd, at(""))
    document = Document(markup.encode())
    assert document.tags <= {
        *("div", "table", "thead", "tbody", "tr", "th", "td", "p", "a", "link"),
        "script",
    }
    assert document.handlers == []
    assert "{{" not in markup
    shown = {" ".join(each.split(" ")) for each in document.texts}
    for row in odd.rows("combos"):
        assert row["model"] in shown
    assert said(quote, odd).count("\n") == len(odd.rows("combos")) - 1


def test_a_table_in_markdown_has_a_row_a_line() -> None:
    odd = Published(files=built(models=("a|b", "*c*")))
    quote = Quote(name="table", of="models", options={"columns": "model, n_trials"})
    lines = markdown_table(quote, odd).splitlines()
    assert lines[:2] == ["| Model | Trials |", "| --- | ---: |"]
    assert sorted(lines[2:]) == ["| \\*c\\* | 4 |", "| a\\|b | 4 |"]
