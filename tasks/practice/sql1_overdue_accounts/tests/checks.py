"""Asks the candidate's query about tables that it has not seen, one for each rule."""

import json

from grading import Report, candidate, equal

SCHEMA = open("schema.sql", encoding="utf-8").read()

# Runs where the query is. It holds no expected row: the query may see all of it.
DRIVER = """
import json, sqlite3, sys

script, day = json.load(sys.stdin)
connection = sqlite3.connect(":memory:")
connection.executescript(script)
before = connection.total_changes
cursor = connection.execute(open("overdue.sql", encoding="utf-8").read(), {"today": day})
rows = cursor.fetchall()
names = [column[0] for column in cursor.description]
json.dump([names, rows, connection.total_changes - before], sys.stdout)
"""

COLUMNS = ["id", "name", "invoices", "overdue", "oldest"]
DAY = "2025-07-15"

# name: (invoices, payments, rows); invoices are (id, customer, amount, due, cancelled),
# payments (id, invoice, amount, day). The customers are in CUSTOMERS.
CUSTOMERS = [(3, "Imre"), (4, "Jana"), (7, "Imre"), (9, "Kofi"), (12, "O'Neil")]
CASES = {
    "no invoice at all": ([], [], []),
    "an invoice without any payment": (
        [(1, 4, 999, "2025-07-14", None)],
        [],
        [[4, "Jana", 1, 999, "2025-07-14"]],
    ),
    "due today is not overdue": ([(1, 4, 500, DAY, None)], [], []),
    "due later is not overdue": ([(1, 4, 500, "2025-12-01", None)], [], []),
    "paid in full": (
        [(1, 9, 500, "2025-01-01", None)],
        [(1, 1, 500, "2025-01-01")],
        [],
    ),
    "several payments on several invoices": (
        [(1, 9, 900, "2025-05-02", None), (2, 9, 650, "2025-04-30", None)],
        [
            (1, 1, 100, "2025-05-01"),
            (2, 1, 200, "2025-05-08"),
            (3, 2, 50, "2025-05-08"),
            (4, 1, 300, "2025-07-01"),
        ],
        [[9, "Kofi", 2, 900, "2025-04-30"]],
    ),
    "two payments that settle one of two invoices": (
        [(1, 3, 80, "2025-06-01", None), (2, 3, 70, "2025-06-02", None)],
        [(1, 1, 40, "2025-06-01"), (2, 1, 40, "2025-06-02")],
        [[3, "Imre", 1, 70, "2025-06-02"]],
    ),
    "a payment of today counts": (
        [(1, 4, 100, "2025-06-01", None)],
        [(1, 1, 100, DAY)],
        [],
    ),
    "a payment of tomorrow does not count": (
        [(1, 4, 100, "2025-06-01", None)],
        [(1, 1, 60, "2025-07-16")],
        [[4, "Jana", 1, 100, "2025-06-01"]],
    ),
    "money that was paid back": (
        [(1, 12, 100, "2025-06-01", None)],
        [(1, 1, 100, "2025-06-01"), (2, 1, -30, "2025-06-20")],
        [[12, "O'Neil", 1, 30, "2025-06-01"]],
    ),
    "paid too much does not help another invoice": (
        [(1, 4, 100, "2025-06-01", None), (2, 4, 100, "2025-06-03", None)],
        [(1, 1, 170, "2025-06-01")],
        [[4, "Jana", 1, 100, "2025-06-03"]],
    ),
    "paid too much, and nothing else": (
        [(1, 4, 100, "2025-06-01", None)],
        [(1, 1, 101, "2025-06-01")],
        [],
    ),
    "cancelled before": ([(1, 7, 100, "2025-06-01", "2025-06-30")], [], []),
    "cancelled today": ([(1, 7, 100, "2025-06-01", DAY)], [], []),
    "cancelled tomorrow": (
        [(1, 7, 100, "2025-06-01", "2025-07-16")],
        [],
        [[7, "Imre", 1, 100, "2025-06-01"]],
    ),
    "two customers of one name": (
        [(1, 7, 10, "2025-06-01", None), (2, 3, 20, "2025-06-02", None)],
        [],
        [[3, "Imre", 1, 20, "2025-06-02"], [7, "Imre", 1, 10, "2025-06-01"]],
    ),
    "equal amounts stand by id": (
        [
            (1, 12, 40, "2025-06-01", None),
            (2, 4, 40, "2025-06-09", None),
            (3, 9, 40, "2025-02-01", None),
            (4, 3, 41, "2025-06-01", None),
        ],
        [],
        [
            [3, "Imre", 1, 41, "2025-06-01"],
            [4, "Jana", 1, 40, "2025-06-09"],
            [9, "Kofi", 1, 40, "2025-02-01"],
            [12, "O'Neil", 1, 40, "2025-06-01"],
        ],
    ),
    "amounts beyond 32 bits": (
        [(1, 4, 9_000_000_000, "2025-06-01", None), (2, 4, 1, "2025-06-01", None)],
        [(1, 1, 1, "2025-06-01")],
        [[4, "Jana", 2, 9_000_000_000, "2025-06-01"]],
    ),
}


def insert(table, rows):
    def literal(value):
        if value is None:
            return "NULL"
        return (
            str(value) if isinstance(value, int) else "'%s'" % value.replace("'", "''")
        )

    return "".join(
        "INSERT INTO %s VALUES (%s);\n" % (table, ", ".join(map(literal, row)))
        for row in rows
    )


with Report() as report:
    for name, (invoices, payments, rows) in CASES.items():
        with report.test(name):
            script = (
                SCHEMA
                + insert("customers", CUSTOMERS)
                + insert("invoices", invoices)
                + insert("payments", payments)
            )
            done = candidate(
                ["python3", "-I", "-c", DRIVER],
                input=json.dumps([script, DAY]),
            )
            equal(done.exit, 0)
            equal(done.out, json.dumps([COLUMNS, rows, 0]))
