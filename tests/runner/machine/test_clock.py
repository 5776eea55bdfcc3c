"""What time it is."""

import re
from datetime import UTC, datetime, timedelta

from runner.machine.clock import utc_now


def test_now_is_told_in_utc_with_milliseconds() -> None:
    told = utc_now()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", told)
    assert abs(datetime.fromisoformat(told) - datetime.now(UTC)) < timedelta(minutes=1)
