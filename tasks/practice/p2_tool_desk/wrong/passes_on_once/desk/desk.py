"""The desk: what people do at it."""

from desk import days, rules
from desk.holds import Holds
from desk.loans import Loan, Loans
from desk.rules import Refused
from desk.stock import Stock


class Desk:
    """Its items, its loans, who waits, and its calendar."""

    def __init__(self):
        self.today = 0
        self.holidays = set()
        self.stock = Stock()
        self.loans = Loans()
        self.holds = Holds()

    def pass_days(self, count):
        """Let time go by."""
        self.today += count
        self.holds.expire(self.today, self.holidays)

    def borrow(self, item, person):
        """Lend an item; returns the day on which it is due."""
        self._at_the_desk()
        found = self._item(item)
        rules.may_borrow(self, item, person)
        due = days.next_open(self.today + found.days, self.holidays)
        self.holds.remove(item, person)
        self.loans.start(Loan(item, person, due))
        return due

    def extend(self, item):
        """Lend it once more from today on; returns the day on which it is due."""
        loan = self._loan(item)
        rules.may_extend(self, loan)
        loan.due = days.next_open(self.today + self._item(item).days, self.holidays)
        loan.extended += 1
        return loan.due

    def give_back(self, item):
        """Take an item back; returns by how many days it is late."""
        self._at_the_desk()
        loan = self._loan(item)
        self.loans.end(item)
        self.holds.keep_for_next(item, self.today, self.holidays)
        return max(0, self.today - loan.due)

    def hold(self, item, person):
        """Put somebody in the line for an item; returns the place in it."""
        self._item(item)
        rules.may_hold(self, item, person)
        self.holds.add(item, person)
        return len(self.holds.waiting(item))

    def cancel(self, item, person):
        """Take somebody out of the line."""
        self._item(item)
        hold = self.holds.remove(item, person)
        if hold is None:
            raise Refused(f"{person} does not wait for {item}")
        if hold.until is not None:
            self.holds.keep_for_next(item, self.today, self.holidays)

    def _at_the_desk(self):
        if not days.is_open(self.today, self.holidays):
            raise Refused("the desk is closed")

    def _item(self, item):
        found = self.stock.get(item)
        if found is None:
            raise Refused(f"no item {item}")
        return found

    def _loan(self, item):
        self._item(item)
        loan = self.loans.of(item)
        if loan is None:
            raise Refused(f"{item} is not lent")
        return loan
