"""Links, and templates of the user's own."""

import posixpath
import re
from pathlib import Path
from urllib.parse import unquote

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import meta, nodes

from harness_bench.errors import RenderError
from sitegen.build import build
from sitegen.render import Frame, Renderer, relative, shipped_templates
from tests.records import grid, inputs
from tests.sitegen.test_charts import luminance

SMALL = inputs(grid({"m/Q4/a": {"t": "+", "u": "-"}, "m/Q4/b": {"t": "-", "u": "+"}}))

segments = st.sampled_from(["a", "b", "models", "x y", "ä", "q4--pi", "50%"])
paths = st.lists(segments, min_size=1, max_size=4).map("/".join)


@given(paths, paths)
def test_a_relative_link_leads_to_its_target_from_any_depth(
    page: str, target: str
) -> None:
    link = relative(page, target)
    assert not link.startswith("/")
    here = posixpath.join("/", posixpath.dirname(page))
    there = posixpath.normpath(posixpath.join(here, unquote(link)))
    assert there == posixpath.join("/", target)


@pytest.mark.parametrize(
    ("page", "target", "link"),
    [
        ("index.html", "models/a.html", "models/a.html"),
        ("models/a.html", "index.html", "../index.html"),
        ("models/a.html", "models/b.html", "b.html"),
        ("embed/q4/audit.html", "assets/site.css", "../../assets/site.css"),
        ("data.html", "data.html#columns-combos", "#columns-combos"),
        ("index.html", "data.html#columns-combos", "data.html#columns-combos"),
        ("index.html", "a b/ä.html", "a%20b/%C3%A4.html"),
    ],
)
def test_known_links(page: str, target: str, link: str) -> None:
    assert relative(page, target) == link


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_template_of_the_user_stands_in_for_ours(tmp_path: Path) -> None:
    write(tmp_path, "page.html", "mine: {{ content.heading }} at {{ path }}")
    site = build(SMALL, templates=tmp_path)
    assert site["harnesses/a.html"] == b"mine: a at harnesses/a.html"
    assert b"<!doctype html>" in site["404.html"]


def test_a_template_of_the_user_may_extend_ours_by_a_block(tmp_path: Path) -> None:
    ours = shipped_templates() / "base.html"
    write(
        tmp_path, "base.html", ours.read_text().replace("</html>", "<!--mine--></html>")
    )
    site = build(SMALL, templates=tmp_path)
    pages = [path for path in site if path.endswith(".html") and path != "404.html"]
    assert len(pages) > 10
    assert [path for path in pages if b"<!--mine--></html>" not in site[path]] == []


def test_assets_of_the_user_are_added_and_stand_in_for_ours(tmp_path: Path) -> None:
    write(tmp_path, "assets/site.css", "/* mine */")
    write(tmp_path, "assets/logo.svg", "<svg/>")
    site = build(SMALL, templates=tmp_path)
    assert site["assets/logo.svg"] == b"<svg/>"
    assert site["assets/site.css"].endswith(b"/* mine */")
    assert "assets/tables.js" in site


@pytest.mark.parametrize("name", ["page.html", "partials/table.html", "embed.html"])
def test_a_template_that_does_not_parse_is_named_with_its_line(
    tmp_path: Path, name: str
) -> None:
    path = write(tmp_path, name, "one\n{% if %}\n")
    with pytest.raises(RenderError) as caught:
        build(SMALL, templates=tmp_path)
    assert str(caught.value).startswith(f"{path}:2: ")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{{ no_such_name }}", "no_such_name"),
        ("{{ content.no_such_field }}", "no_such_field"),
        ("{{ site.no_such_field }}", "no_such_field"),
        ("{{ 1 + 'a' }}", "unsupported operand"),
        ("{{ 1 // 0 }}", "zero"),
        ("{% include 'missing.html' %}", "missing.html"),
    ],
)
def test_a_template_that_fails_is_named_with_its_line(
    tmp_path: Path, text: str, what: str
) -> None:
    path = write(tmp_path, "page.html", f"one\ntwo\n{text}\n")
    with pytest.raises(RenderError) as caught:
        build(SMALL, templates=tmp_path)
    (problem,) = map(str, caught.value.problems)
    assert problem.startswith(f"{path}:3: ")
    assert what in problem
    assert "index.html" in problem


def test_every_text_of_the_frame_is_escaped() -> None:
    frame = Frame(title='<T> & "t"', base_url="", version="<1>")
    text = Renderer(frame).not_found().decode()
    assert "&lt;T&gt; &amp; &#34;t&#34;" in text
    assert not re.search(r"<T>|<1>", text)


# What the documentation says of templates

LOOK = shipped_templates().parent / "docs" / "how-to" / "change-the-look.md"
EXAMPLE_LOOK = LOOK.parents[2] / "examples" / "minima-look" / "house.css"


def documented() -> dict[str, list[str]]:
    """Of each template, the names that the documentation says it is given."""
    rows = re.findall(
        r"^\| `([\w/]+\.html)` \|.*\| (.*) \|$", LOOK.read_text(), re.MULTILINE
    )
    return {name: re.findall(r"`([^`]+)`", names) for name, names in rows}


def test_every_shipped_template_is_documented_with_what_it_is_given() -> None:
    folder, parse = shipped_templates(), jinja2.Environment(autoescape=True).parse
    told, used = documented(), {}
    for path in folder.rglob("*.html"):
        name = path.relative_to(folder).as_posix()
        if name.startswith("jekyll/"):
            continue
        tree = parse(path.read_text())
        macros = list(tree.find_all(nodes.Macro))
        if macros:
            used[name] = [
                f"{each.name}({', '.join(arg.name for arg in each.args)})"
                for each in macros
            ]
            continue
        brought = {n for each in tree.find_all(nodes.FromImport) for n in each.names}
        asked = meta.find_undeclared_variables(tree)
        asked -= {name if isinstance(name, str) else name[-1] for name in brought}
        asked -= {n.name for n in tree.find_all(nodes.Name) if n.ctx == "store"}
        assert asked <= set(told[name]), name
        used[name] = told[name]
    assert told == used


@pytest.mark.parametrize("name", ["page.html", "embed.html", "404.html"])
def test_a_template_is_given_every_name_that_the_documentation_says(
    tmp_path: Path, name: str
) -> None:
    every = "".join(f"{{% set _ = {each} %}}" for each in documented()[name])
    write(tmp_path, name, f"{every}all there")
    site = build(SMALL, templates=tmp_path)
    paths = {"page.html": "index.html", "404.html": "404.html"}
    path = paths.get(name, "embed/harness_ranking.html")
    assert site[path] == b"all there"


def test_the_example_of_a_look_sets_names_that_there_are_and_is_read_on_its_paper() -> (
    None
):
    css = EXAMPLE_LOOK.read_text()
    sheet = build(SMALL)["assets/site.css"].decode()
    assert len(set(re.findall(r"--[a-z]+(?=:)", css))) >= 7
    for name in re.findall(r"(--[a-z]+):", css):
        assert f"{name}:" in sheet, name
    for block in re.findall(r"\{([^{}]*--paper[^{}]*)\}", css):
        found = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", block))
        for text in ("ink", "muted", "accent"):
            assert contrast(found[text], found["paper"]) >= 4.5, (text, block)


def contrast(one: str, other: str) -> float:
    pair = sorted(map(luminance, (one, other)))
    return (pair[1] + 0.05) / (pair[0] + 0.05)
