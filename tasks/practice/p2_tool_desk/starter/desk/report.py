"""Lists for people."""


def loans(desk):
    """A line for each open loan: item, person, day, and whether it is late."""
    for loan in desk.loans.all():
        late = " late" if loan.due < desk.today else ""
        yield f"{loan.item} {loan.person} {loan.due}{late}"
