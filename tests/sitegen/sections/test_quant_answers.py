"""What pages say of quants: more bits only where names tell them, tested or not."""

from sitegen.build import build
from sitegen.inputs import Inputs
from tests.records import grid, inputs
from tests.sites import page_text

TASKS = [f"t{i}" for i in range(6)]


def said(**combos: str) -> str:
    """The analysis page; a mark for each task that the combo ran."""
    cells = {
        name.replace("__", "/"): dict(zip(TASKS, marks, strict=False))
        for name, marks in combos.items()
    }
    return page_text(build(given(cells)), "analysis.html")


def given(cells: dict[str, dict[str, str]]) -> Inputs:
    return inputs(grid(cells), cells=True)


def test_a_quant_without_known_bits_is_neither_fewer_nor_more() -> None:
    text = said(m__Q4__h="+-----", m__Q8__h="+++---", m__AWQ__h="------")
    assert "Do more bits help?" in text
    paired = text.split("Paired quants")[1].split("Every quant by its bits")[0]
    assert "Q4" in paired
    assert "AWQ" not in paired
    ladder = text.split("Every quant by its bits")[1]
    assert "a quant whose bits are unknown is not held against" in ladder


def test_where_no_name_tells_bits_the_question_is_another() -> None:
    text = said(m__AWQ__h="+-----", m__GPTQ__h="+++---")
    assert "Does the quant matter?" in text
    assert "more bits help" not in text
    assert "Fewer bits" not in text
    assert "Other quant" in text


def test_fractions_of_a_bit_make_a_step() -> None:
    cells = {f"m/EXL2-{bits}/h": dict.fromkeys(TASKS, "+") for bits in ("2.4", "4.0")}
    text = page_text(build(given(cells)), "analysis.html")
    assert "at its 2.4-bit and at its 4-bit quant" in text


def test_what_is_not_tested_is_not_said_to_be_no_difference() -> None:
    """Models whose tasks are not shared by half of all are not ranked."""
    cells = {f"k{i}/Q4/h": dict.fromkeys(TASKS, "+") for i in range(8)}
    for model in "mn":
        cells |= {
            f"{model}/Q4/h": dict.fromkeys(["x1", "x2"], "-"),
            f"{model}/Q8/h": dict.fromkeys(["x1", "x2"], "+"),
        }
    text = page_text(build(given(cells)), "analysis.html")
    assert "None of these changes is tested: no pair is ranked." in text
    assert "can be told from 0" not in text


def test_tasks_name_their_quants_where_several_pairs_stand_together() -> None:
    text = said(m__Q4__h="+-----", m__Q8__h="+++---", n__Q5__h="------", n__Q6__h="+")
    by_task = text.split("More bits, task by task")[1]
    assert "Q4 → Q8" in by_task
    assert "Q5 → Q6" in by_task
