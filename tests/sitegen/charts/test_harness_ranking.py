"""The ranking of harnesses."""

import pytest

from sitegen.charts.harness_ranking import harness_ranking
from sitegen.names import names
from sitegen.stats.results import results
from sitegen.view import View
from tests.records import inputs, record


@pytest.mark.parametrize(("harnesses", "drawn"), [("a", False), ("ab", True)])
def test_two_harnesses_are_enough_for_a_ranking(harnesses: str, *, drawn: bool) -> None:
    found = inputs([record(f"m/q/{harness}") for harness in harnesses])
    computed = results(found.records, found.settings.policy, default_sweep=None)

    chart = harness_ranking(
        View(
            scope=computed.all,
            names=names(computed, found.metadata, found.settings),
            metadata=found.metadata,
            settings=found.settings,
        )
    )

    assert (chart is not None) == drawn
    if chart is not None:
        assert len(chart.table.rows) == len(harnesses)
