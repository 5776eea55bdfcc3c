"""What the desk lends."""

from dataclasses import dataclass


@dataclass
class Item:
    """One thing, such as a drill."""

    name: str
    days: int
    """For how many days it is lent."""


class Stock:
    """All items, by name."""

    def __init__(self):
        self._items = {}

    def add(self, name, days):
        self._items[name] = Item(name, days)

    def get(self, name):
        return self._items.get(name)

    def names(self):
        return sorted(self._items)
