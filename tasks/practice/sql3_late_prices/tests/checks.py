"""Compares the query with what the rules say, one after the other, of each order."""

import json
import random

from grading import Report, candidate, equal

SCHEMA = open("schema.sql", encoding="utf-8").read()
DRIVER = """
import json, sqlite3, sys

query = open("corrections.sql", encoding="utf-8").read()
found = []
for script, day in json.load(sys.stdin):
    connection = sqlite3.connect(":memory:")
    connection.executescript(script)
    before = connection.total_changes
    cursor = connection.execute(query, {"known": day})
    rows = cursor.fetchall()
    names = [column[0] for column in cursor.description]
    found.append([names, rows, connection.total_changes - before])
json.dump(found, sys.stdout)
"""
COLUMNS = ["id", "charged", "correct", "owed"]
NOW = "2024-06-15"

# name: (prices as (valid_from, recorded_on, price) of one product, days of orders)
CASES = {
    "no entry and no order": ([], []),
    "no entry": ([], ["2024-06-01"]),
    "nothing was corrected": ([("2024-01-01", "2024-01-01", 9)], ["2024-06-01"]),
    "a correction of the same day of validity": (
        [("2024-01-01", "2024-01-01", 9), ("2024-01-01", "2024-06-03", 8)],
        ["2024-06-01", "2024-06-03", "2024-06-04"],
    ),
    "written down late": (
        [("2024-01-01", "2024-01-01", 9), ("2024-05-01", "2024-06-03", 8)],
        ["2024-04-30", "2024-05-01", "2024-06-02"],
    ),
    "recorded today counts": ([("2024-01-01", NOW, 5)], ["2024-06-01", NOW]),
    "recorded tomorrow does not": ([("2024-01-01", "2024-06-16", 5)], ["2024-06-01"]),
    "an order of tomorrow is not looked at": (
        [("2024-01-01", "2024-06-16", 5)],
        ["2024-06-16", "2024-07-01"],
    ),
    "withdrawn, and an older one holds again": (
        [
            ("2024-01-01", "2024-01-01", 9),
            ("2024-03-01", "2024-03-01", 7),
            ("2024-03-01", "2024-06-10", None),
        ],
        ["2024-02-01", "2024-04-01", "2024-06-10"],
    ),
    "withdrawn, and nothing is left": (
        [("2024-01-01", "2024-01-01", 9), ("2024-01-01", "2024-06-10", None)],
        ["2024-06-01", "2024-06-12"],
    ),
    "withdrawn and given again": (
        [
            ("2024-01-01", "2024-01-01", 9),
            ("2024-01-01", "2024-06-02", None),
            ("2024-01-01", "2024-06-05", 9),
        ],
        ["2024-06-01", "2024-06-03", "2024-06-06"],
    ),
    "two of the same day: the larger id": (
        [
            ("2024-01-01", "2024-01-01", 9),
            ("2024-02-01", "2024-06-05", 4),
            ("2024-02-01", "2024-06-05", 6),
        ],
        ["2024-03-01"],
    ),
    "a late entry with an older validity changes nothing": (
        [("2024-03-01", "2024-03-01", 9), ("2024-02-01", "2024-06-05", 4)],
        ["2024-04-01", "2024-02-10"],
    ),
    "a price of zero is a price": (
        [("2024-01-01", "2024-01-01", 0), ("2024-02-01", "2024-06-05", 3)],
        ["2024-01-05", "2024-03-01"],
    ),
    "corrected and corrected back": (
        [
            ("2024-01-01", "2024-01-01", 9),
            ("2024-01-01", "2024-05-02", 8),
            ("2024-01-01", "2024-06-05", 9),
        ],
        ["2024-04-01", "2024-05-10"],
    ),
    "ids that do not follow the days": (
        [
            ("2024-01-01", "2024-06-05", 8),
            ("2024-01-01", "2024-02-05", 7),
            ("2024-01-01", "2024-01-01", 9),
        ],
        ["2024-01-10", "2024-03-01"],
    ),
}


def price(entries, product, day, known):
    latest = {}
    for number, what, valid, recorded, value in entries:
        if what == product and recorded <= known and valid <= day:
            order = (recorded, number)
            if valid not in latest or latest[valid][0] < order:
                latest[valid] = (order, value)
    holding = [(valid, value) for valid, (_, value) in latest.items() if value is not None]
    return max(holding)[1] if holding else None


def expected(entries, orders, known):
    rows = []
    for number, product, day, quantity in sorted(orders):
        if day > known:
            continue
        charged = price(entries, product, day, day)
        correct = price(entries, product, day, known)
        if charged != correct:
            both = None not in (charged, correct)
            owed = (correct - charged) * quantity if both else None
            rows.append([number, charged, correct, owed])
    return rows


def drawn(seed):
    chance = random.Random(seed)
    days = ["2024-05-%02d" % day for day in range(1, 13)]
    entries = [
        (
            number,
            chance.choice("pq"),
            chance.choice(days[:8]),
            chance.choice(days),
            chance.choice([None, 0, 1, 2, 3]),
        )
        for number in chance.sample(range(1, 60), chance.randint(0, 14))
    ]
    orders = [
        (number, chance.choice("pqr"), chance.choice(days), chance.randint(1, 4))
        for number in chance.sample(range(1, 60), chance.randint(1, 10))
    ]
    return entries, orders, chance.choice(days)


def insert(table, rows):
    def literal(value):
        return "NULL" if value is None else repr(value)

    return "".join(
        "INSERT INTO %s VALUES (%s);\n" % (table, ", ".join(map(literal, row)))
        for row in rows
    )


def answers(cases):
    given = [
        (SCHEMA + insert("prices", entries) + insert("orders", orders), known)
        for entries, orders, known in cases
    ]
    done = candidate(["python3", "-I", "-c", DRIVER], input=json.dumps(given))
    equal(done.exit, 0)
    return json.loads(done.out)


with Report() as report:
    for name, (entries, days) in CASES.items():
        with report.test(name):
            whole = [(n, "p", *entry) for n, entry in enumerate(entries, 1)]
            whole += [(n + 40, "q", *entry) for n, entry in enumerate(entries[:1], 1)]
            orders = [(n, "p", day, n + 1) for n, day in enumerate(days, 1)]
            case = (whole, orders, NOW)
            equal(answers([case]), [[COLUMNS, expected(*case), 0]])
    for seed in range(8):
        with report.test("sixty tables drawn from seed %d" % seed):
            cases = [drawn(seed * 1000 + each) for each in range(60)]
            for case, found in zip(cases, answers(cases), strict=True):
                equal(found, [COLUMNS, expected(*case), 0])
