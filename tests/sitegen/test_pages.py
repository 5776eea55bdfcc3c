"""Pages as they are read: headings, links, tables, banner, and what they escape."""

import re
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from typing import Literal

import pytest

from sitegen.build import build
from sitegen.config import Input, SiteSettings
from sitegen.metadata import HarnessInfo, Metadata, ModelInfo, TaskInfo
from sitegen.site import Site
from tests.records import EXAMPLE, TAU, grid, inputs, read
from tests.sites import Document, broken_links, example_site, page_text, pages_of

VOID = frozenset({"base", "br", "hr", "img", "input", "link", "meta", "source"})


class Outline(HTMLParser):
    """What a page is made of, and how deep its parts lie."""

    def __init__(self, markup: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.headings: list[str] = []
        """Names of h1 to h6, in their order."""
        self.figures = 0
        self.tables_by_figure: list[int] = []
        self.charted: list[bool] = []
        """Of each figure: whether a picture stands in it."""
        self.metas: dict[str, str] = {}
        self.title = ""
        self.notice = ""
        self._notice_depth = 0
        self.unbalanced: list[str] = []
        self.feed(markup.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by the parser."""
        given = {name: value or "" for name, value in attrs}
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(tag)
        if tag == "figure":
            self.tables_by_figure.append(0)
            self.charted.append(False)
        if tag == "table" and "figure" in self.open:
            self.tables_by_figure[-1] += 1
        if tag == "svg" and "figure" in self.open:
            self.charted[-1] = True
        if tag == "meta":
            name = given.get("name") or given.get("property") or "charset"
            self.metas[name] = given.get("content", "")
        if tag == "p" and given.get("class") == "notice":
            self._notice_depth = len(self.open) + 1
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by the parser, for <path/>."""
        if tag == "svg":
            self.handle_starttag(tag, attrs)
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Called by the parser."""
        if not self.open or self.open[-1] != tag:
            self.unbalanced.append(tag)
        if tag in self.open:
            while self.open.pop() != tag:
                pass
        if len(self.open) < self._notice_depth:
            self._notice_depth = 0

    def handle_data(self, data: str) -> None:
        """Called by the parser."""
        if self.open[-1:] == ["title"] and "svg" not in self.open:
            self.title += data
        if self._notice_depth:
            self.notice += data


@cache
def outlines(name: str) -> dict[str, Outline]:
    site = example_site() if name == "example" else build(read(TAU))
    return {path: Outline(site[path]) for path in pages_of(site)}


both = pytest.mark.parametrize("name", ["example", "tau-bench"])


@both
def test_every_link_and_fragment_leads_somewhere_and_ids_are_unique(name: str) -> None:
    site = example_site() if name == "example" else build(read(TAU))
    pages = {path: site[path] for path in pages_of(site)}
    # The unknown page stands at any address; its link is absolute or to here.
    del pages["404.html"]
    assert broken_links(pages, site) == []


@both
def test_every_element_is_closed_in_its_place(name: str) -> None:
    for path, outline in outlines(name).items():
        assert (outline.unbalanced, outline.open) == ([], []), path


@both
def test_every_page_has_one_first_heading_and_skips_no_level(name: str) -> None:
    for path, outline in outlines(name).items():
        levels = [int(heading[1]) for heading in outline.headings]
        assert levels[:1] == [1], path
        assert levels.count(1) == 1, path
        for before, after in pairwise(levels):
            assert after <= before + 1, (path, levels)


@both
def test_every_figure_has_its_picture_and_its_table(name: str) -> None:
    total = 0
    for path, outline in outlines(name).items():
        if path.startswith("posts/"):
            continue  # a figure of a post is a picture with a link to its table
        assert all(outline.charted), path
        if path == "index.html" or path.startswith("sweeps/"):
            # The rows of its first chart are those of the board.
            assert outline.tables_by_figure[:1] == [0], path
            assert set(outline.tables_by_figure[1:]) <= {1}, path
        elif not path.startswith("embed/"):
            assert set(outline.tables_by_figure) <= {1}, path
        total += len(outline.charted)
    assert total > 0


@both
def test_no_page_shouts_and_none_shows_how_it_was_made(name: str) -> None:
    site = example_site() if name == "example" else build(read(TAU))
    for path in pages_of(site):
        text = page_text(site, path)
        assert not re.search(r"\b[A-Z]{3,}(,? [A-Z]{2,}){2}", text), path
        assert not re.search(r"\b(None|nan|inf|True|False)\b|\{[a-z_]*\}", text), path


@both
def test_every_page_has_a_title_and_a_description_of_its_own(name: str) -> None:
    titles = {}
    for path, outline in outlines(name).items():
        assert outline.title.strip(), path
        if path != "404.html":
            assert len(outline.metas["description"]) >= 20, path
            assert outline.metas["viewport"], path
        if not path.startswith("embed/"):
            titles[path] = outline.title
    assert len(set(titles.values())) == len(titles)


@both
def test_the_note_stands_on_every_page_that_shows_rows(name: str) -> None:
    settings = read(EXAMPLE if name == "example" else TAU).settings.site
    assert settings.note
    for path, outline in outlines(name).items():
        if path == "404.html" or path.startswith("embed/"):
            continue
        assert settings.note in outline.notice, path
        assert settings.status in outline.notice, path


def test_an_embedded_chart_says_what_kind_of_numbers_it_shows() -> None:
    site = example_site()
    embeds = [path for path in site if path.startswith("embed/")]
    assert len(embeds) > 20
    for path in embeds:
        assert b"<strong>Reconstruction, preliminary.</strong>" in site[path], path


def test_without_a_note_there_is_no_banner() -> None:
    cells = grid({"m//h": {"t": "+-"}}, sandbox="bubblewrap")
    site = build(inputs(cells))
    assert [p for p in pages_of(site) if b'class="notice"' in site[p]] == []


MARKUP = "<b id=x>\"bold\"</b> & 'co' {{ x }} </title></script>"


@cache
def marked() -> Site:
    """A site all of whose words are markup."""
    found = inputs(
        grid({"m/Q4/a": {"t": "+", "u": "-"}, "m/Q8/b": {"t": "+", "u": "+"}})
    )
    return build(
        replace(
            found,
            settings=replace(
                found.settings,
                site=SiteSettings(
                    title=MARKUP,
                    question=MARKUP,
                    status=MARKUP,
                    note=MARKUP,
                    base_url="https://example.org/?a=1&b=2",
                ),
            ),
            metadata=Metadata(
                models={"m": ModelInfo(title=MARKUP, note=MARKUP, family=MARKUP)},
                harnesses={"a": HarnessInfo(title=MARKUP, note=MARKUP)},
                tasks={
                    "t": TaskInfo(
                        title=MARKUP, note=MARKUP, language=MARKUP, category=MARKUP
                    )
                },
            ),
            notes=MARKUP,
            notices=(MARKUP,),
        )
    )


def test_words_that_are_markup_are_shown_literally_on_every_page() -> None:
    site = marked()
    assert len(pages_of(site)) > 10
    for path in pages_of(site):
        outline = Outline(site[path])
        assert (outline.unbalanced, outline.open) == ([], []), path
        assert MARKUP in outline.title, path
        assert b"<b id=x>" not in site[path], path
    index = Outline(site["index.html"])
    assert index.metas["og:description"] == index.metas["description"]
    assert MARKUP in index.notice


def test_the_question_of_the_settings_is_the_heading_of_the_first_page() -> None:
    found = inputs(grid({"m//h": {"t": "+"}}))
    asked = replace(
        found,
        settings=replace(found.settings, site=SiteSettings(question="Who is best?")),
    )
    assert b"<h1>Who is best?</h1>" in build(asked)["index.html"]


@pytest.mark.parametrize(
    "word",
    ["main", "tasks", "combos", "harnesses", "about", "note", "quants", "board", "c1"],
)
def test_no_name_makes_two_ids_of_one(word: str) -> None:
    found = inputs(
        grid(
            {
                f"{model}/{quant}/{harness}": {word: "+-", "u": "-"}
                for model in (word, "n")
                for quant in ("Q4", "Q8")
                for harness in (word, "x")
            }
        ),
        cells=True,
    )
    noted = Metadata(
        models={word: ModelInfo(note="A note", family="F")},
        harnesses={word: HarnessInfo(note="A note")},
        tasks={word: TaskInfo(note="A note", language="C")},
    )
    site = build(replace(found, metadata=noted))
    pages = {path: site[path] for path in pages_of(site) if path != "404.html"}
    assert broken_links(pages, site) == []


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        ({"timeout": "drop"}, "time"),
        ({"grader_access": "fail"}, "counted as failed in every headline"),
        ({"grader_access": "drop"}, "left out of every headline"),
        ({"grader_access": "keep"}, "stay in every headline"),
    ],
)
def test_the_method_page_states_the_policy_that_was_used(
    policy: dict[str, str], sentence: str
) -> None:
    found = inputs(grid({"m//h": {"t": "+"}}))
    settings = replace(
        found.settings,
        policy=replace(found.settings.policy, **policy),  # type: ignore[arg-type]  # by name
    )
    page = build(replace(found, settings=settings))["methodology.html"].decode()
    plain = build(found)["methodology.html"].decode()
    assert sentence in page
    assert (page == plain) is (policy == {"grader_access": "keep"})


@pytest.mark.parametrize(
    ("column", "ids", "told"),
    [
        ("harness", "plain", True),
        ("task", "plain", True),
        ("task", "numbered", False),
        ("hardware", "plain", False),
        ("server_build", "plain", False),
        ("sandbox", "plain", False),
        ("seed", "plain", False),
    ],
)
def test_the_method_page_shows_what_was_filled_in_where_it_is_published(
    column: str, ids: Literal["plain", "numbered"], *, told: bool
) -> None:
    found = inputs(grid({"m//h": {"t": "+"}}))
    settings = replace(
        found.settings,
        input=Input(defaults={column: "zyx987"}),
        publish=replace(found.settings.publish, task_ids=ids),
    )
    page = build(replace(found, settings=settings))["methodology.html"].decode()
    assert ("zyx987" in page) == told
    assert ("Filled in with what is not published." in page) != told


def _method(known: Metadata) -> str:
    """The text of the methodology page of two models in two harnesses."""
    cells = {"m/q/h": {"t": "+"}, "n//h": {"t": "-"}, "o//i": {"t": "+"}}
    site = build(replace(inputs(grid(cells)), metadata=known))
    return " ".join(Document(site["methodology.html"]).texts)


def test_the_method_page_says_what_each_harness_was_given() -> None:
    text = _method(
        Metadata(
            harnesses={
                "h": HarnessInfo(
                    title="Harness H",
                    version="2.1.329",
                    settings="tools Bash, Read, Edit",
                    prompt_tokens=5012,
                    note="A note.",
                ),
                "i": HarnessInfo(prompt_tokens=1),
            }
        )
    )
    assert (
        "Harness H Version 2.1.329. Given: tools Bash, Read, Edit. Its first request"
        " held 5,012 tokens (median): its own prompt, its tools and the task. A note."
    ) in text
    assert "i Its first request held 1 token (median)" in text


@pytest.mark.parametrize(
    ("info", "sentence"),
    [
        (HarnessInfo(version="2.1"), "h Version 2.1."),
        (HarnessInfo(settings="lints true"), "h Given: lints true."),
        (HarnessInfo(prompt_tokens=0), "h Its first request held 0 tokens (median)"),
        (HarnessInfo(note="A loop."), "h A loop."),
    ],
)
def test_any_one_thing_that_is_known_of_a_harness_is_said(
    info: HarnessInfo, sentence: str
) -> None:
    assert sentence in _method(Metadata(harnesses={"h": info}))


def test_a_harness_of_which_nothing_is_known_is_not_explained() -> None:
    site = build(inputs(grid({"m//h": {"t": "+"}})))
    titled = Metadata(harnesses={"h": HarnessInfo(title="H", vendor="A")})
    named = build(replace(inputs(grid({"m//h": {"t": "+"}})), metadata=titled))
    for each in (site, named):
        assert b'id="harnesses"' not in each["methodology.html"]


def test_the_method_page_names_the_vendors_that_were_sent_the_tasks() -> None:
    text = _method(
        Metadata(
            models={
                "m": ModelInfo(title="Model M", vendor="Example"),
                "n": ModelInfo(vendor="api.example.org"),
                "o": ModelInfo(vendor="Example"),
                "never ran": ModelInfo(vendor="Nobody"),
            }
        )
    )
    assert (
        "Model M and o are answered by Example; n is answered by api.example.org."
        " Instructions and files of the tasks were sent there."
    ) in text
    assert "only where the pack's owner allows it (allow_hosted)" in text
    assert "never hidden tests or solutions" in text
    assert "may be in its next model" in text
    assert "Nobody" not in text


def test_without_vendors_nothing_is_said_to_have_been_sent() -> None:
    text = _method(Metadata(models={"m": ModelInfo(family="F")}))
    assert "No model here is known to be hosted by a vendor" in text
    assert "were sent there" not in text
