"""What time it is."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from runner.machine.clock import slept_s, stood_still_s, utc_now


def test_now_is_told_in_utc_with_milliseconds() -> None:
    told = utc_now()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told)
    assert abs(datetime.fromisoformat(told) - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_machine_that_is_awake_sleeps_no_longer() -> None:
    before = slept_s()
    assert before > -0.5
    assert slept_s() == pytest.approx(before, abs=0.5)


@pytest.mark.parametrize(
    ("asked_s", "took_s", "worked_s", "lost_s"),
    [
        (0.5, 0.5, 0.0, 0.0),
        (0.5, 2.5, 0.0, 0.0),  # a loaded machine
        (0.5, 3600.5, 0.1, 3600.0),
        (0.0, 10.0, 4.9, 10.0),
        (0.0, 10.0, 5.0, 0.0),  # the loop had that much to do
        (600.0, 1.0, 0.0, 0.0),
    ],
)
def test_who_wakes_late_without_having_worked_stood_still(
    asked_s: float, took_s: float, worked_s: float, lost_s: float
) -> None:
    assert stood_still_s(asked_s, took_s, worked_s) == lost_s
