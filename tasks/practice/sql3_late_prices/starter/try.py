"""Runs corrections.sql on the example: python3 try.py [DAY]."""

import sqlite3
import sys
from pathlib import Path

connection = sqlite3.connect(":memory:")
for name in ("schema.sql", "example.sql"):
    connection.executescript(Path(name).read_text())
day = sys.argv[1] if len(sys.argv) > 1 else "2026-03-01"
for row in connection.execute(Path("corrections.sql").read_text(), {"known": day}):
    print(*row, sep="\t")
