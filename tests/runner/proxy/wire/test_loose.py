"""A count is a whole number from zero, and nothing else."""

import pytest

from runner.proxy.wire.loose import count


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((5, 5), (5.0, 5), (0, 0), (-1, None), (5.5, None), (True, None), ("5", None)),
        *((float("nan"), None), (float("inf"), None), (None, None)),
    ],
)
def test_a_count_is_a_whole_number_however_it_is_written(
    value: object, expected: int | None
) -> None:
    assert count(value) == expected
