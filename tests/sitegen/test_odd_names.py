"""Names are data: any of them gets a safe address and is shown as it is."""

import csv
import json
import re
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitegen.site import Site, folders_of, path_problem
from tests.odd_names import ODD, SWEEPS, built
from tests.sites import Document, broken_links, pages_of

SAFE_PATH = re.compile(r"[A-Za-z0-9._/-]+")
SAFE_FORMULA = re.compile(r"[+-]?[0-9.]+([eE][+-]?[0-9]+)?")

TAGS = frozenset(
    {
        *("html", "head", "meta", "title", "link", "style", "script", "body"),
        *("header", "nav", "main", "section", "footer", "div", "span", "h1", "h2"),
        *("p", "a", "b", "i", "strong", "code", "ul", "ol", "li", "dl", "dt", "dd"),
        *("figure", "details", "summary"),
        *("table", "caption", "thead", "tbody", "tr", "th", "td"),
        *("svg", "desc", "g", "text", "tspan", "path", "line", "rect", "circle"),
        "clippath",
    }
)
"""What our templates and pictures are made of."""


def check(site: Site) -> None:
    """What holds for a site, whatever the names in it."""
    unsafe = [p for p in site if path_problem(p) or not SAFE_PATH.fullmatch(p)]
    assert unsafe == []
    # As on a disk that takes a.html and A.html for one.
    folded = [path.lower() for path in site]
    assert sorted(set(folded)) == sorted(folded)
    folders = {folder for path in folded for folder in folders_of(path)}
    assert folders & set(folded) == set()
    pages = {path: site[path] for path in pages_of(site)}
    problems = broken_links(pages, site)
    assert not problems, "\n".join(problems)
    for path, markup in pages.items():
        document = Document(markup)
        ours = {"base"} if path.startswith("embed/") else set()
        is_gallery = path.startswith("gallery")
        shown = {"h3", "pre"} if is_gallery else set()
        # A further page of the gallery may have tables alone.
        may = {"img"} if is_gallery else set()
        assert document.tags - TAGS - may == ours | shown, path
        assert markup.count(b"<base") == markup.count(b'<base target="_top">\n'), path
        assert markup.count(b"<base") == len(ours), path
        assert document.handlers == [], path
        schemes = {a.partition(":")[0] for a in document.addresses if ":" in a}
        assert schemes <= {"data"}, path
    for path, content in site.items():
        assert not content.startswith(b"---"), f"{path} has front matter for Jekyll"
        if path.startswith(("board/", "charts/", "compare/")) and path.endswith(".js"):
            assert not re.search(rb"\{[{%#]|<", content), path
        if path.endswith(".csv"):
            rows = list(csv.reader(content.decode().splitlines(keepends=True)))
            assert [x for row in rows for x in row if is_formula(x)] == [], path


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run a cell."""
    return text.startswith(("=", "+", "-", "@")) and not SAFE_FORMULA.fullmatch(text)


def parsed(names: Iterable[str]) -> set[str]:
    """Names as they are read: without blanks around them."""
    return {name.strip(" \t") for name in names}


def headings(site: Site, folder: str) -> list[str]:
    """The first headings of the pages in a folder, its index apart."""
    return [
        Document(markup).headings[0]
        for path, markup in site.items()
        if path.startswith(f"{folder}/")
        and path.endswith(".html")
        and path != f"{folder}/index.html"
    ]


def keys(site: Site, name: str, column: str) -> set[str]:
    """The values of one column of a data file."""
    return {row[column] for row in json.loads(site[f"data/{name}.json"])["rows"]}


KINDS = {"models": "model", "harnesses": "harness", "tasks": "task"}


@pytest.mark.parametrize("kind", KINDS)
def test_odd_names_have_pages_of_their_own_and_are_shown_as_they_are(
    kind: str,
) -> None:
    site = built(**{kind: ODD})  # type: ignore[arg-type]
    check(site)
    assert sorted(headings(site, kind)) == sorted(parsed(ODD))
    assert keys(site, kind, KINDS[kind]) == parsed(ODD)
    links = Document(site[f"{kind}/index.html"]).links
    assert parsed(ODD) <= set(links)


@pytest.mark.parametrize("kind", KINDS)
def test_odd_titles_and_notes_are_shown_as_they_are(kind: str) -> None:
    plain = [f"n{number}" for number in range(len(ODD))]
    titles = dict(zip(plain, ODD, strict=True))
    site = built(**{kind: plain}, titles=titles)  # type: ignore[arg-type]
    check(site)
    # Behind the title of a task stands its name in the data.
    after = [f" {name}" if kind == "tasks" else "" for name in plain]
    named = zip((odd.strip(" \t") for odd in ODD), after, strict=True)
    expected = {title + name for title, name in named}
    assert sorted(headings(site, kind)) == sorted(expected)


def test_odd_quants_are_shown_as_they_are() -> None:
    odd = ODD[::2]
    site = built(models=["m"], quants=odd)
    check(site)
    quants = parsed(f"{quant}0" for quant in odd)
    assert sorted(headings(site, "quants")) == sorted(f"m {q}" for q in quants)
    assert keys(site, "models", "quant") == quants


@pytest.mark.parametrize("kind", ["models", "tasks"])
def test_odd_names_lose_no_file(kind: str) -> None:
    plain = [f"n{number}" for number in range(len(ODD))]
    odd = built(**{kind: ODD})  # type: ignore[arg-type]
    assert len(odd) == len(built(**{kind: plain}))  # type: ignore[arg-type]


def test_odd_sweeps_have_files_of_their_own() -> None:
    # Models whose charts would stand where those of an odd sweep would.
    models = ["audit", "task_difficulty"]
    site = built(sweeps=SWEEPS, models=models)
    check(site)
    plain = [f"n{number}" for number in range(len(SWEEPS))]
    assert len(site) == len(built(sweeps=plain, models=models))
    scopes = [
        json.loads(content)["scope"]
        for path, content in site.items()
        if re.fullmatch("data/(?!schema/)[^/]+/combos.json", path)
    ]
    assert sorted(scopes) == sorted(SWEEPS)
    shown = " ".join(Document(site["methodology.html"]).texts)
    assert [sweep for sweep in SWEEPS if sweep not in shown] == []


def test_odd_settings_are_shown_as_they_are() -> None:
    odd = "<script>alert(1)</script> {{ x }} {% y %} $x^2$ \"q\" 'q' &amp; 🦙"
    words = {"title": odd, "question": f"{odd} ?", "status": odd, "note": f"{odd} !"}
    site = built(site=words)
    check(site)
    for path in pages_of(site):
        document = Document(site[path])
        assert odd in " ".join(document.texts), path
    assert f"{odd} ?" in " ".join(Document(site["index.html"]).texts)
    assert f"{odd} !" in " ".join(Document(site["index.html"]).texts)


LETTERS = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])
ANY_NAME = st.one_of(
    st.sampled_from(ODD),
    st.text(LETTERS, min_size=1, max_size=12),
    st.text("aA.-_/# ~{}%<>&'\"$\\", min_size=1, max_size=8),
).filter(lambda name: bool(name.strip()))
SOME_NAMES = st.lists(
    ANY_NAME, min_size=1, max_size=3, unique_by=lambda name: name.strip(" \t")
)


@settings(max_examples=20)
@given(SOME_NAMES, SOME_NAMES, SOME_NAMES, SOME_NAMES)
def test_any_names_make_a_safe_site_that_shows_them(
    models: list[str], harnesses: list[str], tasks: list[str], sweeps: list[str]
) -> None:
    site = built(models=models, harnesses=harnesses, tasks=tasks, sweeps=sweeps)
    check(site)
    assert sorted(headings(site, "models")) == sorted(parsed(models))
    assert sorted(headings(site, "harnesses")) == sorted(parsed(harnesses))
    assert sorted(headings(site, "tasks")) == sorted(parsed(tasks))
