"""Sentences print whom an entity met itself, not how many there are."""

import re

from sitegen.build import build
from tests.records import grid, inputs, record

TASKS = [f"t{i:02}" for i in range(16)]


def lead(cells: dict[str, str], path: str) -> str:
    records = grid({c: dict(zip(TASKS, m, strict=True)) for c, m in cells.items()})
    page = dict(build(inputs(records, cells=True)))[path].decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page)).replace("\xa0", " ")


STRONG, WEAK = "+" * 12 + "-" * 4, "+" * 4 + "-" * 12
UNLIKE = {"a/Q/pi": STRONG, "b/Q/pi": STRONG} | {f"b/Q/h{i}": WEAK for i in range(4)}


def test_models_over_one_shared_harness_are_said_to_be_in_it() -> None:
    text = lead(UNLIKE, "models/index.html")
    assert "passed 12 of 16 trials (75.0 %), in pi." in text
    assert "Both models did equally well. a" in text
    assert "5 harnesses." not in text


def test_harnesses_over_one_shared_model_are_said_to_be_over_one() -> None:
    text = lead(UNLIKE, "harnesses/index.html")
    assert "pi passed 12 of 16 trials (75.0 %), over 1 model." in text


def test_variants_of_a_harness_are_no_harnesses_of_their_own() -> None:
    records = [
        record(f"{m}/Q/{h}", t, variant=v, passed=(i + len(h)) % 3 > 0)
        for m in "ab"
        for h in ("x", "yy")
        for v in ("low", "high")
        for i, t in enumerate(TASKS)
    ]
    page = dict(build(inputs(records)))["models/index.html"].decode()
    text = re.sub(r"<[^>]+>", "", page).replace("\xa0", " ")
    assert "over both harnesses" in text
    assert "4 harnesses" not in text
