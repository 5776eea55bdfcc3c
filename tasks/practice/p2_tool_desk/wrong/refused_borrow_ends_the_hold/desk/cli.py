"""Reads commands, one a line, and does them."""

import sys

from desk import report
from desk.desk import Desk
from desk.rules import Refused


def run(lines, out):
    desk = Desk()
    for line in lines:
        words = line.split()
        if not words:
            continue
        try:
            for said in _do(desk, *words):
                print(said, file=out)
        except Refused as why:
            print(f"refused: {why}", file=out)


def _do(desk, command, *words):
    match command, words:
        case "item", (name, days):
            desk.stock.add(name, int(days))
        case "holiday", (day,):
            desk.holidays.add(int(day))
        case "days", (count,):
            desk.pass_days(int(count))
        case "borrow", (item, person):
            yield f"due {desk.borrow(item, person)}"
        case "extend", (item,):
            yield f"due {desk.extend(item)}"
        case "return", (item,):
            late = desk.give_back(item)
            yield f"{late} days late" if late else "in time"
        case "hold", (item, person):
            yield f"place {desk.hold(item, person)}"
        case "cancel", (item, person):
            desk.cancel(item, person)
        case "holds", ():
            yield from report.holds(desk)
            yield "."
        case "loans", ():
            yield from report.loans(desk)
            yield "."
        case _:
            raise Refused(f"no command {command}")


if __name__ == "__main__":
    run(sys.stdin, sys.stdout)
