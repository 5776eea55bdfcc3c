"""Compares the query with counting minute by minute, on tables that it has not seen."""

import json
import random

from grading import Report, candidate, equal

SCHEMA = open("schema.sql", encoding="utf-8").read()
DRIVER = """
import json, sqlite3, sys

query = open("cover.sql", encoding="utf-8").read()
found = []
for script in json.load(sys.stdin):
    connection = sqlite3.connect(":memory:")
    connection.executescript(script)
    before = connection.total_changes
    cursor = connection.execute(query)
    rows = cursor.fetchall()
    names = [column[0] for column in cursor.description]
    found.append([names, rows, connection.total_changes - before])
json.dump(found, sys.stdout)
"""
COLUMNS = ["desk", "starts", "ends", "people"]

CASES = {
    # name: (shifts as (id, desk, starts, ends), breaks as (id, shift, starts, ends))
    "no shift at all": ([], []),
    "one shift": ([(1, "a", 5, 9)], []),
    "a shift of no length": ([(1, "a", 5, 5), (2, "b", 1, 2)], []),
    "shifts that touch are one row": ([(1, "a", 0, 5), (2, "a", 5, 9)], []),
    "a gap has a row": ([(1, "a", 0, 5), (2, "a", 7, 9)], []),
    "the same shift twice": ([(1, "a", 0, 5), (2, "a", 0, 5)], []),
    "one comes as another leaves": (
        [(1, "a", 0, 5), (2, "a", 5, 9), (3, "a", 3, 7)],
        [],
    ),
    "shifts inside each other": ([(1, "a", 0, 9), (2, "a", 2, 7), (3, "a", 4, 5)], []),
    "desks know nothing of each other": ([(1, "b", 0, 5), (2, "a", 3, 8)], []),
    "a break in the middle": ([(1, "a", 0, 9)], [(1, 1, 3, 5)]),
    "a break of no length": ([(1, "a", 0, 9)], [(1, 1, 3, 3)]),
    "breaks that overlap": ([(1, "a", 0, 9)], [(1, 1, 2, 5), (2, 1, 4, 7)]),
    "breaks that touch": ([(1, "a", 0, 9)], [(1, 1, 2, 4), (2, 1, 4, 7)]),
    "the same break twice": ([(1, "a", 0, 9)], [(1, 1, 2, 4), (2, 1, 2, 4)]),
    "a break inside a break": ([(1, "a", 0, 9)], [(1, 1, 1, 8), (2, 1, 3, 5)]),
    "a break at the beginning": ([(1, "a", 0, 9)], [(1, 1, -5, 3)]),
    "a break at the end": ([(1, "a", 0, 9)], [(1, 1, 6, 20)]),
    "a break outside of the shift": ([(1, "a", 4, 9)], [(1, 1, 0, 4), (2, 1, 9, 12)]),
    "a break for the whole shift": ([(1, "a", 4, 9)], [(1, 1, 0, 20)]),
    "a break of one, another stays": (
        [(1, "a", 0, 9), (2, "a", 0, 9)],
        [(1, 1, 2, 4), (2, 2, 4, 6)],
    ),
    "a break of a shift of no length": (
        [(1, "a", 3, 3), (2, "a", 0, 9)],
        [(1, 1, 0, 9)],
    ),
    "minutes below zero": ([(1, "a", -9, -2), (2, "a", -4, 3)], [(1, 2, -3, 1)]),
}


def drawn(seed):
    """Crowded tables, so that every kind of touching and overlapping is in them."""
    chance = random.Random(seed)

    def span():
        return sorted(chance.choices(range(-3, 22), k=2))

    shifts = [
        (number, chance.choice("abc"), *span()) for number in range(1, chance.randint(2, 9))
    ]
    breaks = [
        (number, chance.choice(shifts)[0], *span())
        for number in range(1, chance.randint(2, 12))
    ]
    return shifts, breaks


def counted(shifts, breaks):
    """The rows, by looking at each minute."""
    rows = []
    for desk in sorted({shift[1] for shift in shifts}):
        own = [shift for shift in shifts if shift[1] == desk]
        last = max(end for *_, end in own)
        people = []
        for minute in range(min(start for _, _, start, _ in own), last + 1):
            here = [
                each
                for each, _, start, end in own
                if start <= minute < end
                and not any(
                    shift == each and begin <= minute < until
                    for _, shift, begin, until in breaks
                )
            ]
            people.append((minute, len(here)))
        there = [minute for minute, count in people if count]
        if not there:
            continue
        spans = []
        for minute, count in people:
            if there[0] <= minute <= there[-1]:
                if spans and spans[-1][3] == count:
                    spans[-1][2] = minute + 1
                else:
                    spans.append([desk, minute, minute + 1, count])
        rows += spans
    return rows


def insert(table, rows):
    return "".join("INSERT INTO %s VALUES %r;\n" % (table, row) for row in rows)


def script(shifts, breaks):
    return SCHEMA + insert("shifts", shifts) + insert("breaks", breaks)


def answers(cases):
    done = candidate(
        ["python3", "-I", "-c", DRIVER],
        input=json.dumps([script(*case) for case in cases]),
    )
    equal(done.exit, 0)
    return json.loads(done.out)


with Report() as report:
    for name, case in CASES.items():
        with report.test(name):
            equal(answers([case]), [[COLUMNS, counted(*case), 0]])
    for seed in range(8):
        with report.test("fifty tables drawn from seed %d" % seed):
            cases = [drawn(seed * 1000 + each) for each in range(50)]
            for case, found in zip(cases, answers(cases), strict=True):
                equal(found, [COLUMNS, counted(*case), 0])
    with report.test("a thousand shifts, in good time"):
        chance = random.Random(7)
        shifts = []
        for number in range(1, 1001):
            start = chance.randrange(20000)
            shifts.append((number, "a", start, start + chance.randrange(1, 500)))
        breaks = []
        for number, (shift, _, start, end) in enumerate(shifts * 2, 1):
            begin = chance.randrange(start, end)
            breaks.append((number, shift, begin, begin + chance.randrange(1, 90)))
        change = {}
        for shift, _, start, end in shifts:
            away = set()
            for _, whose, begin, until in breaks[shift - 1 :: 1000]:
                away |= set(range(begin, min(until, end)))
            for minute in range(start, end):
                if minute not in away:
                    change[minute] = change.get(minute, 0) + 1
        rows = []
        for minute in range(min(change), max(change) + 1):
            count = change.get(minute, 0)
            if rows and rows[-1][3] == count:
                rows[-1][2] = minute + 1
            else:
                rows.append(["a", minute, minute + 1, count])
        equal(answers([(shifts, breaks)]), [[COLUMNS, rows, 0]])
