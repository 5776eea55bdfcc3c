"""Markdown of the site's owner."""

import html
import re

import pytest

from sitegen.prose import markdown_html
from tests.sites import Document


def test_the_usual_marks_are_rendered() -> None:
    found = markdown_html("# Title\n\n*a* **b** `c`\n\n> quoted\n\n- one\n- two\n")
    for part in (
        "<h3>Title</h3>",
        "<em>a</em> <strong>b</strong> <code>c</code>",
        "<blockquote>\n<p>quoted</p>",
        "<li>one</li>\n<li>two</li>",
    ):
        assert part in found


@pytest.mark.parametrize("first", [1, 2, 3])
def test_the_highest_heading_comes_right_under_the_sections(first: int) -> None:
    text = f"{'#' * first} Top\n\n{'#' * (first + 1)} Below\n"
    assert re.findall("<(h.)>", markdown_html(text)) == ["h3", "h4"]


def test_tables_are_rendered() -> None:
    found = markdown_html("| a | b |\n|---|--:|\n| 1 | 2 |\n")
    assert re.findall(r"<t[hd][^>]*>(.)</t[hd]>", found) == ["a", "b", "1", "2"]


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<b>bold</b>",
        "<div onclick='alert(1)'>\n\ntext\n\n</div>",
        "text <!-- comment --> text",
        "<details><summary>s</summary></details>",
        "<?php echo 1 ?>",
    ],
)
def test_raw_html_is_shown_and_not_run(markup: str) -> None:
    document = Document(markdown_html(markup).encode())
    assert document.tags <= {"p"}
    assert document.handlers == []
    assert markup.split("\n", maxsplit=1)[0].startswith("<") is (
        "&lt;" in markdown_html(markup)[:8]
    )


@pytest.mark.parametrize(
    "code", ["a < b && c > d", "<script>", "&lt;", 'href="javascript:x"']
)
def test_code_is_shown_as_it_was_written(code: str) -> None:
    for text in (f"`{code}`", f"    {code}"):
        shown = re.sub("<[^>]*>", "", markdown_html(text)).strip()
        assert html.unescape(shown) == code


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "&#106;avascript:alert(1)",
        "&#x6A;avascript&colon;alert(1)",
        "javascript\\:alert(1)",
        "vbscript:x",
        "data:text/html,x",
        "<javascript:alert(1)>",
    ],
)
@pytest.mark.parametrize("form", ["[x]({})", "![x]({})", "[x]\n\n[x]: {}"])
def test_no_link_leads_into_a_script(address: str, form: str) -> None:
    document = Document(markdown_html(form.format(address)).encode())
    for found in document.addresses:
        # As a browser reads it: without blanks and control characters around and in it.
        bare = re.sub(r"[\x00-\x20]", "", found).lower()
        assert not re.match(r"(javascript|vbscript|data):", bare)


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/?a=1&b=2#c",
        "mailto:a@example.org",
        "data.html#columns-combos",
        "../posts/a:b.html",
        "#notes",
    ],
)
def test_links_to_pages_stay(address: str) -> None:
    document = Document(markdown_html(f"[x]({address})").encode())
    assert document.addresses == [address]
    assert document.links == ["x"]
