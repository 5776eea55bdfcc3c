"""Who waits for what."""

from dataclasses import dataclass

from desk import days

KEPT_DAYS = 3


@dataclass
class Hold:
    """Somebody waits for an item, or it is kept for them."""

    item: str
    person: str
    until: int | None = None
    """The last day on which it is kept; None: it is not yet their turn."""


class Holds:
    """For each item a line; where the item is at the desk, it is kept for the first."""

    def __init__(self):
        self._lines = {}

    def add(self, item, person):
        self._lines.setdefault(item, []).append(Hold(item, person))

    def remove(self, item, person):
        """Whether there was one, and whether the item was kept for it."""
        for hold in self._lines.get(item, []):
            if hold.person == person:
                self._lines[item].remove(hold)
                return hold
        return None

    def has(self, item, person):
        return any(hold.person == person for hold in self._lines.get(item, []))

    def count(self, person):
        return sum(self.has(item, person) for item in self._lines)

    def kept(self, item):
        first = next(iter(self._lines.get(item, [])), None)
        return first if first is not None and first.until is not None else None

    def waiting(self, item):
        return [hold for hold in self._lines.get(item, []) if hold.until is None]

    def keep_for_next(self, item, day, holidays):
        """It is at the desk from this day on, and nobody's: keep it for the first."""
        line = self._lines.get(item)
        if line:
            line[0].until = days.open_days_after(day, KEPT_DAYS, holidays)

    def expire(self, today, holidays):
        """Pass on what was not fetched, as often as it takes."""
        for item, line in self._lines.items():
            while line and line[0].until is not None and line[0].until < today:
                last = line.pop(0).until
                self.keep_for_next(item, today, holidays)

    def all(self):
        """(item, person, until) in the order of the line, items by name."""
        return [hold for item in sorted(self._lines) for hold in self._lines[item]]
