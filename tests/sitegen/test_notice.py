"""What must be known before any number is said once, on pages and on embeds."""

import json
import re
from dataclasses import replace
from fractions import Fraction
from functools import cache

import pytest

from harness_bench.schema import UsageSource
from sitegen.build import build
from sitegen.config import SiteSettings
from sitegen.metadata import Metadata, ModelInfo
from sitegen.notice import PRELIMINARY, Notice
from sitegen.site import Site
from sitegen.stats.doubts import Doubts
from tests.records import grid, inputs
from tests.sites import example_site, pages_of

SAID = "They test the bench; they are not language models."
OF_ONE = "oracle is a scripted model. It tests the bench; it is not a language model."
TASKS = {"t": "+-", "u": "++"}
SCRIPTS = grid({"oracle//mini": TASKS, "null//mini": TASKS}, server_build="scripted 1")


@cache
def mixed() -> Site:
    """Two scripts beside a language model at two quants, in two harnesses."""
    models = {"m/Q4/mini": TASKS, "m/Q8/mini": TASKS, "m/Q4/pi": TASKS}
    others = grid(models, server_build="b6000, not scripted")
    return build(inputs([*SCRIPTS, *others], cells=True))


SURE = Doubts(ran_once=None, unconfined=0, no_sandbox_recorded=False, covered=None)
ONCE = replace(SURE, ran_once=Fraction(1))


def notice(
    *labels: str,
    model: str | None = None,
    doubts: Doubts = SURE,
    status: str = "",
    note: str = "",
) -> str:
    """The text of a notice, without the link at its end."""
    found = Notice(
        settings=SiteSettings(status=status, note=note),
        doubts=doubts,
        scripted={label: label for label in labels},
    ).about(model)
    text = "".join(run.text for run in found).replace("\N{NO-BREAK SPACE}", " ")
    assert not text or text.endswith(" How to read this")
    return text.removesuffix(" How to read this")


def test_one_is_told_and_several_are_told() -> None:
    assert notice("oracle") == OF_ONE
    assert notice("a", "b", "c") == f"a, b and c are scripted models. {SAID}"
    assert notice(*"abcdef").startswith("a, b, c, d, e and f are")
    assert notice(*"abcdefg").startswith("a, b, c, d, e and 2 more are")
    assert notice(*"abcdefgh").startswith("a, b, c, d, e and 3 more are")


def test_a_page_of_one_model_speaks_of_that_model_alone() -> None:
    assert notice("null", "oracle", model="oracle") == OF_ONE
    assert notice("null", "oracle", model="m") == ""
    assert notice() == ""


def test_estimated_tokens_are_said_of_the_models_that_have_them() -> None:
    guessed = grid({"silent/Q4/mini": TASKS}, usage_source=UsageSource.ESTIMATE)
    told = grid({"m/Q4/mini": TASKS}, usage_source=UsageSource.PROXY)
    site = build(inputs([*guessed, *told], cells=True))
    said = "the server of silent did not tell all tokens"
    for path in ("index.html", "models/silent.html", "models/m.html"):
        page = site[path].decode().replace("\N{NO-BREAK SPACE}", " ")
        assert (said in page) is (path != "models/m.html")


def test_every_doubt_is_a_reason_and_none_is_no_notice() -> None:
    found = Doubts(
        ran_once=Fraction(3, 4),
        unconfined=5,
        no_sandbox_recorded=True,
        covered=Fraction(2, 3),
    )
    assert notice(doubts=found) == (
        f"{PRELIMINARY}: 75 % of the cells ran once; no sandbox is recorded; 5 trials "
        "ran in no sandbox; 67 % of all cells (every combo on every task) were "
        "measured."
    )
    assert notice() == ""


def test_a_status_stands_before_everything_and_begins_with_a_capital() -> None:
    assert notice(status="draft", note="One seed a cell.") == "Draft. One seed a cell."
    assert notice("oracle", status="draft", note="Note.") == f"Draft. {OF_ONE} Note."
    assert notice(status="draft", doubts=ONCE) == (
        f"Draft. {PRELIMINARY}: every cell ran once."
    )


@pytest.mark.parametrize("status", [PRELIMINARY.lower(), PRELIMINARY])
def test_preliminary_is_said_once_where_the_author_and_the_data_say_it(
    status: str,
) -> None:
    said = f"{PRELIMINARY}: every cell ran once."
    assert notice(status=status, doubts=ONCE) == said
    assert notice(status=status, doubts=ONCE, note="Note.") == f"Note. {said}"
    assert notice(status=status) == f"{PRELIMINARY}."


def test_doubts_that_the_data_raise_are_on_every_page() -> None:
    site = build(inputs(grid({"m//h": {"t": "+"}})))
    told = f"<strong>{PRELIMINARY}:</strong> every cell ran once; no sandbox is"
    pages = [path for path in pages_of(site) if "embed/tables/" not in path]
    assert [p for p in pages if told.encode() not in site[p]] == ["404.html"]


def test_embedded_charts_carry_the_notice_of_pages_in_a_line() -> None:
    found = inputs(grid({"m//h": {"t": "+"}}))
    settings = replace(
        found.settings, site=SiteSettings(status=PRELIMINARY, note="Mind <this>.")
    )
    site = build(replace(found, settings=settings))
    told = re.compile(
        rf'<p class="notice">Mind &lt;this&gt;\. <strong>{PRELIMINARY}:</strong> every '
        r'cell ran once; no sandbox is recorded\. <a href="[./]*methodology.html">'
    )
    brief = re.compile(
        rf'<p class="notice"><strong>{PRELIMINARY}\.</strong> '
        r'<a href="[./]*methodology.html">How to read it</a></p>'
    )
    for path in pages_of(site):
        text = site[path].decode()
        wanted = brief if path.startswith("embed/") else told
        assert (wanted.search(text) is None) == (path == "404.html"), path
        # The source line under a table says the author's word for it, too.
        times = 2 if path.startswith("embed/tables/") else path != "404.html"
        assert text.count(PRELIMINARY) == times, path


def test_links_of_an_embedded_chart_leave_its_frame() -> None:
    site = mixed()
    for path in pages_of(site):
        if path.startswith("embed/"):
            assert b'<base target="_top">' in site[path], path


def test_every_page_that_shows_results_of_scripts_says_so() -> None:
    site = mixed()
    told = f"null and oracle are scripted models. {SAID}"
    for path in pages_of(site):
        text = site[path].decode()
        if path in {"models/oracle.html", "embed/models/oracle.html"}:
            assert OF_ONE in text, path
        elif path in {"models/null.html", "embed/models/null.html"}:
            assert OF_ONE.replace("oracle", "null") in text, path
        elif path == "404.html" or path.removeprefix("embed/").startswith(
            ("models/m.", "quants/")
        ):
            assert "scripted" not in text, path
        else:
            assert told in text, path
            picture = text.find('<div class="picture"')
            assert picture < 0 or text.index(told) < picture, path


def test_a_site_without_scripts_says_nothing_of_them() -> None:
    site = example_site()
    assert [path for path in pages_of(site) if b"scripted" in site[path]] == []


@pytest.mark.parametrize("build_of_server", [None, "unscripted 1", "b1 scripted"])
def test_who_answered_is_told_by_how_the_build_begins(
    build_of_server: str | None,
) -> None:
    records = grid({"m//h": TASKS}, server_build=build_of_server)
    assert b"scripted" not in build(inputs(records))["index.html"]


def test_it_is_said_by_the_public_title_and_as_text() -> None:
    found = inputs(SCRIPTS)
    title = '<b id=x>"Oracle"</b> & co'
    titled = replace(
        found, metadata=Metadata(models={"oracle": ModelInfo(title=title)})
    )
    page = build(titled)["index.html"].decode()
    escaped = "&lt;b id=x&gt;&#34;Oracle&#34;&lt;/b&gt; &amp; co"
    assert f"null and {escaped} are scripted models." in page
    assert "<b id=x>" not in page


def test_the_frame_of_an_embedded_chart_has_room_for_it() -> None:
    def heights(site: Site) -> dict[str, int]:
        charts = json.loads(site["data/charts.json"])["charts"]
        return {chart["id"]: chart["height"] for chart in charts}

    told = heights(build(inputs(SCRIPTS)))
    plain = heights(build(inputs(replace(r, server_build=None) for r in SCRIPTS)))
    assert told.keys() == plain.keys()
    assert told
    for chart, height in told.items():
        assert height > plain[chart] + 40
