"""The published CSVs as their users read them: with one line of pandas."""

import io
import json

import pandas as pd

from tests.sites import example_site


def test_pandas_reads_from_every_csv_what_the_json_beside_it_says() -> None:
    site = example_site()
    compared = 0
    for path, content in site.items():
        if not (path.startswith("data/") and path.endswith(".csv")):
            continue
        rows = json.loads(site[path.removesuffix(".csv") + ".json"])["rows"]
        frame = pd.read_csv(io.BytesIO(content))
        assert len(frame) == len(rows), path
        for row, (_, read) in zip(rows, frame.iterrows(), strict=True):
            for name, value in row.items():
                compared += 1
                if value is None:
                    assert pd.isna(read[name]), (path, name)
                else:
                    assert read[name] == value, (path, name)
    assert compared > 10_000
