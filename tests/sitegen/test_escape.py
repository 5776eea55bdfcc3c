"""Each escape against what its context would do with hostile text."""

import csv
import html
import io
import json
import re
import urllib.parse
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.escape import (
    csv_field,
    liquid,
    plotly_text,
    script_json,
    url_path,
    xml_text,
)

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "]]>",
    "{{ site.github }}{% raw %}",
    "{%- include x -%}",
    "$E=mc^2$",
    "%{customdata[0]}",
    "&lt;b&gt;",
    "a\nb\r\nc\u2028d",
    "\"'`",
    "=cmd|' /C calc'!A0",
    "javascript:alert(1)",
    "../../etc/passwd",
    "\x00\x1b[31m",
    "\ud800",
    "\ufffe",
)
text = st.sampled_from(HOSTILE) | st.text()
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | text,
    lambda inner: st.lists(inner) | st.dictionaries(text, inner),
    max_leaves=10,
)


@given(json_values)
def test_script_json_is_the_same_value(value: object) -> None:
    assert json.loads(script_json(value)) == value


@given(json_values)
def test_script_json_holds_nothing_that_html_or_liquid_reads(value: object) -> None:
    found = script_json(value)
    assert not re.search(r"[<>&\u2028\u2029]|\{\{|\{%|\{#", found)
    found.encode()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("-inf")]])
def test_script_json_refuses_what_json_does_not_have(value: object) -> None:
    with pytest.raises(ValueError, match="JSON"):
        script_json(value)


def test_script_json_keeps_the_order_of_keys_and_adds_no_space() -> None:
    assert script_json({"b": [1, 2], "a": "é{"}) == '{"b":[1,2],"a":"é\\u007b"}'


@given(text)
def test_plotly_text_has_no_markup_tex_template_or_line_break(value: str) -> None:
    found = plotly_text(value)
    assert not re.search(r"[<>$\n\r\t\u2028]|%\{", found)
    assert not re.search(r"&(?!amp;|lt;|gt;|#36;|#37;)", found)


@given(st.text(st.characters(exclude_categories=("C", "Zl", "Zp"))))
def test_plotly_text_reads_back_as_written(value: str) -> None:
    assert html.unescape(plotly_text(value)) == value


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-cmd", "'-cmd"),
        ("+x", "'+x"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("-1.5", "-1.5"),
        ("+2e-3", "+2e-3"),
        ("-.5", "-.5"),
        ("-", "'-"),
        ("-1+1", "'-1+1"),
        ("-1\n", "'-1\n"),
        ("gpt-oss", "gpt-oss"),
        ("'=1", "'=1"),
        ("", ""),
    ],
)
def test_csv_field_disarms_formulas_and_leaves_numbers(cell: str, written: str) -> None:
    assert csv_field(cell) == written


@given(text.filter(lambda value: "\r" not in value))
def test_csv_field_survives_the_csv_writer(value: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow([csv_field(value), "x"])
    ((first, _),) = csv.reader(io.StringIO(out.getvalue(), newline=""))
    assert first in {value, "'" + value}


@given(text)
def test_liquid_sees_no_tag_and_html_the_same_text(value: str) -> None:
    found = liquid(value)
    assert "{" not in found
    assert "}" not in found
    plain = value.replace("&", "")
    assert html.unescape(liquid(plain)) == html.unescape(plain)


@given(st.text(st.characters(codec="utf-8")))
def test_a_url_path_reads_back_as_written(path: str) -> None:
    found = url_path(path)
    assert urllib.parse.unquote(found) == path
    assert re.fullmatch(r"[A-Za-z0-9/._~%-]*", found)


def test_a_url_path_has_no_scheme() -> None:
    assert url_path("javascript:x") == "javascript%3Ax"
    assert url_path("models/a b#c?.html") == "models/a%20b%23c%3F.html"


@given(text)
def test_xml_text_is_well_formed_in_text_and_in_an_attribute(value: str) -> None:
    found = xml_text(value)
    root = ET.fromstring(f'<a b="{found}">{found}</a>')  # noqa: S314 - our own output
    allowed = re.sub(
        "[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", value
    )
    assert (root.text or "") == re.sub("\r\n?", "\n", allowed)
    assert root.get("b") == re.sub("\r\n|[\r\n\t]", " ", allowed)
