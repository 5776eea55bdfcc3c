"""The pages of models."""

import pytest

from sitegen.build import build
from tests.records import inputs, record


@pytest.mark.parametrize("cells", [False, True])
def test_a_model_leads_to_its_pairs_by_task_where_they_are_shown(
    *, cells: bool
) -> None:
    """Of few cells they are hidden, and the section with them."""
    tasks = [f"t{i}" for i in range(12)]
    found = [record(f"m/{q}/h", t) for q in ("Q4", "Q8") for t in tasks]
    site = build(inputs(found, cells=cells))

    assert (b'id="quant-tasks"' in site["analysis.html"]) == cells
    assert (b"analysis.html#quant-tasks" in site["models/m.html"]) == cells
    assert b'id="paired"' in site["models/m.html"]
