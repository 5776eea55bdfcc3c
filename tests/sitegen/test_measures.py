"""What is measured of a trial: where it is read, and in what steps."""

import pytest

from harness_bench.schema import COLUMN_BY_NAME
from sitegen.measures import MEASURES, TOKENS, Measure
from sitegen.policy import Policy
from sitegen.stats.trials import trials
from tests.records import record


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_a_measure_is_read_from_columns_of_numbers(measure: Measure) -> None:
    for name in measure.columns:
        assert COLUMN_BY_NAME[name].kind in {"integer", "number"}


def test_no_two_measures_share_a_name() -> None:
    assert len({measure.name for measure in MEASURES}) == len(MEASURES)


def test_a_sum_is_known_where_all_of_its_columns_are() -> None:
    rows = [record(tokens_in=3, tokens_out=0), record(seed=1, tokens_in=3)]
    found = trials(rows, Policy()).measures[TOKENS]

    assert found.known.tolist() == [True, False]
    assert found.steps.tolist() == [3, 0]


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.name)
def test_nine_thousand_of_the_largest_amount_still_fit_a_sum(measure: Measure) -> None:
    assert 9_000 * measure.most * measure.steps < 2**63
