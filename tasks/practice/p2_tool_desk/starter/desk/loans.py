"""Who has what."""

from dataclasses import dataclass


@dataclass
class Loan:
    """An item that somebody has."""

    item: str
    person: str
    due: int
    extended: int = 0


class Loans:
    """The loans that are open, by item."""

    def __init__(self):
        self._open = {}

    def of(self, item):
        return self._open.get(item)

    def start(self, loan):
        self._open[loan.item] = loan

    def end(self, item):
        return self._open.pop(item)

    def held_by(self, person):
        return [loan for loan in self._open.values() if loan.person == person]

    def all(self):
        return sorted(self._open.values(), key=lambda loan: (loan.due, loan.item))
