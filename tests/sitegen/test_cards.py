"""What the pictures of shared links say and show."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from sitegen.build import build
from sitegen.config import Publish, Settings, SiteSettings
from sitegen.inputs import Inputs, read_inputs
from sitegen.metadata import Metadata
from sitegen.records import Records
from tests.records import record
from tests.sites import EXAMPLE

BASE = "https://example.org/bench/"


def drawn(inputs: Inputs) -> dict[str, str]:
    """The cards of a site, as SVG by path."""
    found: dict[str, str] = {}

    def draw(svgs: dict[str, str]) -> dict[str, bytes]:
        found.update(svgs)
        return {path: svg.encode() for path, svg in svgs.items()}

    build(inputs, draw=draw)  # type: ignore[arg-type]  # it is called with a dict
    return found


def texts(svg: str) -> list[str]:
    return [
        "".join(each.itertext())
        for each in ET.fromstring(svg)  # noqa: S314 - our own
        if each.tag[-4:] == "text"
    ]


def sizes(svg: str) -> list[float]:
    """Sizes of all texts, as they are seen."""
    zoom = float((re.findall(r"scale\(([\d.]+)\)", svg) or ["1"])[0])
    return [
        float(size) * (zoom if "scale" in before else 1)
        for before, size in re.findall(r'<(text|g)\b[^>]*font-size="([\d.]+)"', svg)
    ]


def small(**site: object) -> Inputs:
    cells = [
        record(f"{model}//{harness}", f"t{number}", passed=number < passes)
        for model, passes in (("large", 5), ("small", 2))
        for harness in ("pi", "aider")
        for number in range(6)
    ]
    chosen = {"base_url": BASE, "title": "A bench", **site}
    return Inputs(
        records=Records.of(cells),
        settings=Settings(
            site=SiteSettings(**chosen),  # type: ignore[arg-type]  # as named
            publish=Publish(cells=True),
        ),
        metadata=Metadata(),
    )


@pytest.fixture(scope="module")
def example() -> dict[str, str]:
    return drawn(read_inputs([EXAMPLE]))


def test_board_models_harnesses_and_combos_have_one(example: dict[str, str]) -> None:
    folders = [path.split("/")[1] for path in example]
    assert folders.count("combos") == 85
    assert folders.count("harnesses") == 6
    assert folders.count("models") == 11
    assert folders.count("sweeps") == 2
    assert "cards/index.png" in example


def test_the_front_card_says_what_the_board_says(example: dict[str, str]) -> None:
    said = " ".join(texts(example["cards/index.png"]))
    assert "Which local model, in which harness?" in said
    assert "is the only one to pass all 16 tasks" in said.replace("  ", " ")
    assert "may truly be the best" in said
    assert "Reconstruction." in said


def test_titles_are_large_and_no_text_is_small(example: dict[str, str]) -> None:
    assert 'font-size="60"' in example["cards/index.png"]
    assert min(size for svg in example.values() for size in sizes(svg)) >= 12
    assert all('font-size="12"' not in svg.split("<g")[0] for svg in example.values())


def test_a_combo_is_the_one_mark_in_colour(example: dict[str, str]) -> None:
    svg = example["cards/combos/gpt-oss-120b--mxfp4--pi.png"]
    fills = re.findall(r'<circle[^>]*fill="(#\w+)"', svg)
    assert len(fills) == 85
    assert sum(fill != fills[0] for fill in fills[1:]) == 1


def test_without_times_marks_of_one_rate_stand_on_each_other() -> None:
    svg = drawn(small())["cards/index.png"]
    assert len(re.findall("<circle", svg)) == 4
    assert "100 %" in svg
    assert "mean time" not in svg


def test_a_name_of_any_length_is_whole() -> None:
    long = "a-model-with-a-name-" * 12
    inputs = small(question="Who?")
    inputs = replace(
        inputs,
        records=Records.of(replace(r, model=long) for r in [*inputs.records][:12]),
    )
    card = next(svg for path, svg in drawn(inputs).items() if "/models/a-" in path)
    assert long in "".join(texts(card)).replace(" ", "")


def test_letters_that_the_font_lacks_leave_a_card_out() -> None:
    assert "cards/index.png" not in drawn(small(question="哪个模型"))
    assert "cards/index.png" in drawn(small(question="Какая модель? Ποιο; Qué – “x”"))


def test_without_an_address_there_are_none() -> None:
    assert drawn(small(base_url="")) == {}


def test_names_are_escaped() -> None:
    svg = drawn(small(question='<b>&amp; "what"?</b>'))["cards/index.png"]
    assert "&lt;b&gt;&amp;amp;" in svg
    assert texts(svg)[0].startswith("<b>&amp;")


def test_private_cells_show_only_combos_that_may_be_seen() -> None:
    inputs = small()
    closed = replace(inputs.settings, publish=Publish(cells=False, min_cells=7))
    svg = drawn(replace(inputs, settings=closed))["cards/index.png"]
    assert "<circle" not in svg


def test_the_same_input_gives_the_same_card(example: dict[str, str]) -> None:
    assert drawn(read_inputs([Path(EXAMPLE)])) == example
