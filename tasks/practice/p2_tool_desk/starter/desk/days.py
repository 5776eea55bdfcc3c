"""Days on which the desk is open. Days are numbers; day 0 is a Monday."""

CLOSED = {5, 6}
"""Saturday and Sunday."""


def is_open(day, holidays):
    return day % 7 not in CLOSED and day not in holidays


def next_open(day, holidays):
    """The day itself if the desk is open, or the first one after it."""
    while not is_open(day, holidays):
        day += 1
    return day


def open_days_after(day, count, holidays):
    """The count-th open day after a day."""
    for _ in range(count):
        day = next_open(day + 1, holidays)
    return day
