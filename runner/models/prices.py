"""What tokens cost at a vendor."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from runner.proxy.metering import Usage

_MILLION: Final = 1_000_000
_PLACES: Final = 6
"""A token costs some millionths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Dollars for a million tokens, before taxes."""

    tokens_in: float
    tokens_out: float
    tokens_cached: float
    """Of the prompt, read from the vendor's cache."""
    tokens_stored: float
    """Of the prompt, written to it."""

    def cost_usd(self, usage: Usage) -> float | None:
        """What was used, as the vendor will bill it; None: it was not told."""
        if usage.tokens_in is None or usage.tokens_out is None or usage.is_estimated:
            return None
        cached, stored = usage.tokens_cached or 0, usage.tokens_stored or 0
        # Numbers as they were written: 0.1 is a tenth.
        parts = (
            (usage.tokens_in - cached - stored, self.tokens_in),
            (cached, self.tokens_cached),
            (stored, self.tokens_stored),
            (usage.tokens_out, self.tokens_out),
        )
        sums = sum(count * Decimal(str(price)) for count, price in parts)
        return round(float(sums / _MILLION), _PLACES)
