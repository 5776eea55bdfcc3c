"""Lists for people."""


def loans(desk):
    """A line for each open loan: item, person, day, and whether it is late."""
    for loan in desk.loans.all():
        late = " late" if loan.due < desk.today else ""
        yield f"{loan.item} {loan.person} {loan.due}{late}"


def holds(desk):
    """A line for each who waits or may fetch something."""
    for hold in desk.holds.all():
        state = "waits" if hold.until is None else f"until {hold.until}"
        yield f"{hold.item} {hold.person} {state}"
