"""What is allowed."""

MOST_LOANS = 3
MOST_EXTENSIONS = 2
MOST_HOLDS = 2


class Refused(Exception):
    """Why something is not allowed."""


def may_borrow(desk, item, person):
    """Raises Refused where the person may not borrow the item today."""
    if desk.loans.of(item) is not None:
        raise Refused(f"{item} is lent")
    kept = desk.holds.kept(item)
    if kept is not None and kept.person != person:
        raise Refused(f"{item} is kept for {kept.person}")
    held = desk.loans.held_by(person)
    if any(loan.due < desk.today for loan in held):
        raise Refused(f"{person} has something overdue")
    if len(held) >= MOST_LOANS:
        raise Refused(f"{person} has {MOST_LOANS} things")


def may_extend(desk, loan):
    """Raises Refused where a loan may not be extended today."""
    if desk.holds.waiting(loan.item):
        raise Refused(f"somebody waits for {loan.item}")
    if loan.due < desk.today:
        raise Refused(f"{loan.item} is overdue")
    if loan.extended >= MOST_EXTENSIONS:
        raise Refused(f"{loan.item} was extended {MOST_EXTENSIONS} times")
    if desk.holds.waiting(loan.item):
        raise Refused(f"somebody waits for {loan.item}")


def may_hold(desk, item, person):
    """Raises Refused where the person may not ask for the item."""
    loan = desk.loans.of(item)
    if loan is not None and loan.person == person:
        raise Refused(f"{person} has {item}")
    if desk.holds.has(item, person):
        raise Refused(f"{person} waits for {item} already")
    if loan is None and desk.holds.kept(item) is None:
        raise Refused(f"{item} is there")
    if desk.holds.count(person) >= MOST_HOLDS:
        raise Refused(f"{person} waits for {MOST_HOLDS} things")
