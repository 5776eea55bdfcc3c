"""What classic GitHub Pages builds with, by its spelling: Jekyll 3.10, Liquid 4.0.4.

Neither can be installed where these tests run. So the includes and what they read are
held against what those versions have: no tag and no filter that came later.
"""

import json
import re

import yaml

from sitegen.jekyll import overlay
from sitegen.render import includes
from tests.odd_names import ODD, built

TAGS = {"assign", "case", "comment", "else", "endcase", "endcomment", "endfor", "endif"}
TAGS |= {"endunless", "for", "if", "include", "unless", "when"}
"""Of Liquid 4.0; `include` is Jekyll's own. Later ones are render, liquid and echo."""
FILTERS = {"append", "at_least", "date", "default", "escape", "floor", "plus", "split"}
FILTERS |= {"strip", "absolute_url", "relative_url", "where"}
"""Of Liquid 4.0, and the last three of Jekyll 3.3. Later ones are find and find_exp."""
OPERATORS = {"==", "!=", "and", "contains"}
_FOUND = re.compile(r"\{%-?\s*(.*?)\s*-?%\}|\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)


def test_the_includes_use_nothing_that_came_after_liquid_4() -> None:
    files = dict(includes(None))
    assert len(files) >= 8
    tags, filters, operators = set(), set(), set()
    for content in files.values():
        text = content.decode()
        assert not text.startswith("---")
        comments = r"\{%- comment -%\}.*?\{%- endcomment -%\}"
        for tag, output in _FOUND.findall(re.sub(comments, "", text)):
            name = tag.split(" ")[0]
            tags |= {name} if tag else set()
            said = re.sub(r'"[^"]*"|\'[^\']*\'', "", tag or output)
            filters |= set(re.findall(r"\|\s*(\w+)", said))
            if name in {"if", "unless", "case"}:
                operators |= set(re.findall(r"[=!<>]+|\b(?:and|or|contains)\b", said))
    assert tags - TAGS == set()
    assert filters - FILTERS == set()
    assert operators - OPERATORS == set()


def test_the_data_are_the_same_read_as_yaml_and_as_json() -> None:
    site = built(models=ODD[:40], harnesses=("h", "{{ x }}"), tasks=("t", "{% raw %}"))
    files = overlay(site, "bench", includes(None))
    assert sorted(files) == ["_data/harness-bench", "_includes/harness-bench"]
    content = files["_data/harness-bench"]["now.json"]
    assert yaml.load(content, yaml.CSafeLoader) == json.loads(content)
    assert not {b"{{", b"{%"} & set(re.findall(rb"\{[{%]", content))


def test_no_file_of_a_site_has_front_matter() -> None:
    """Else Jekyll 3 would read it: it knows no `render_with_liquid: false`."""
    site = built(models=ODD[:40], harnesses=("h",), tasks=("t",))
    assert [path for path, content in site.items() if content.startswith(b"---")] == []
    assert [path for path in site if path.endswith((".md", ".markdown"))] == []
