"""How long to wait for a server that says it is busy."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_ENOUGH: Final = 30
"""Pauses after which none grows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackOff:
    """Waits longer each time, or as long as the server says; gives up after a while."""

    first_s: float = 1.0
    longest_s: float = 60.0
    """Where the server does not say how long."""
    total_s: float = 600.0
    """For one call, all its pauses together."""

    def pause_s(
        self, number: int, *, asked: str | None, waited_s: float
    ) -> float | None:
        """How long to wait now.

        Args:
            number: How often the call was waited for already.
            asked: The header `Retry-After`, if there is one.
            waited_s: How long that took.

        Returns:
            None: it has been long enough, or would be.
        """
        own = min(self.first_s * 2.0 ** min(number, _ENOUGH), self.longest_s)
        said = None if asked is None else _seconds(asked)
        # Many say 0, or a time that has passed, however busy they are: once, at once.
        is_idle = said is not None and said < self.first_s and number > 0
        pause = own if said is None or is_idle else said
        return pause if waited_s + pause <= self.total_s else None


def _seconds(asked: str) -> float | None:
    """What `Retry-After` says: seconds, or a date; None: neither.

    Source:
        RFC 9110, 10.2.3. Some servers say parts of seconds.
    """
    try:
        found = float(asked)
    except ValueError:
        try:
            when = parsedate_to_datetime(asked)
        except ValueError:
            return None
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        found = (when - datetime.now(UTC)).total_seconds()
    return max(0.0, found) if math.isfinite(found) else None
