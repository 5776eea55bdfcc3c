"""What time it is, as a record says it, and which time does not count."""

import sys
import time
from datetime import UTC, datetime
from typing import Final

_LATE_S: Final = 2.0
"""A loop that is late by more was not only busy, if it has not used the processor."""


def utc_now() -> str:
    """Now, in ISO 8601 with milliseconds: `2026-11-21T07:52:25.502Z`."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def slept_s() -> float:
    """How long this machine has slept since it was switched on.

    One of the system's clocks goes on meanwhile, and one does not.
    """
    if sys.platform == "darwin":
        always, awake = time.CLOCK_MONOTONIC, time.CLOCK_UPTIME_RAW
    else:
        always, awake = time.CLOCK_BOOTTIME, time.CLOCK_MONOTONIC
    return time.clock_gettime(always) - time.clock_gettime(awake)


def stood_still_s(asked_s: float, took_s: float, worked_s: float) -> float:
    """How much of a wait this process did not live through.

    Machines that sleep, containers that are frozen and runners that are stopped by hand
    look alike from inside: a short wait takes long. Who made its loop late by giving it
    much to do has made it work.

    Args:
        asked_s: How long it wanted to wait at most.
        took_s: How long that took, on the monotonic clock.
        worked_s: Processor time of this process meanwhile.
    """
    late_s = took_s - asked_s
    return late_s if late_s > max(_LATE_S, 2 * worked_s) else 0.0
