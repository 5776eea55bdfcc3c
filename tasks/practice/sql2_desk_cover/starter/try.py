"""Runs cover.sql on the example."""

import sqlite3
from pathlib import Path

connection = sqlite3.connect(":memory:")
for name in ("schema.sql", "example.sql"):
    connection.executescript(Path(name).read_text())
for row in connection.execute(Path("cover.sql").read_text()):
    print(*row, sep="\t")
