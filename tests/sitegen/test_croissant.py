"""What a site says of its tables to machines, and the tables as Parquet."""

import hashlib
import io
import json
from dataclasses import replace

import pyarrow as pa
from pyarrow import parquet

from sitegen.build import build
from sitegen.config import Publish
from sitegen.croissant import CROISSANT
from sitegen.datafiles.format import DataFile, Field
from tests.sitegen.test_cards import BASE, small


def test_every_table_of_a_site_is_there_as_parquet_with_the_same_values() -> None:
    site = build(small(), parquet=True)

    tables = [path for path in site if path.endswith(".csv")]
    assert tables
    for path in tables:
        stem = path.removesuffix(".csv")
        found = parquet.read_table(io.BytesIO(site[f"{stem}.parquet"]))
        assert found.to_pylist() == json.loads(site[f"{stem}.json"])["rows"]
    assert b'href="data/combos.parquet"' in site["data.html"]
    assert not [path for path in build(small()) if path.endswith("parquet")]


def test_texts_of_any_letters_and_a_table_without_rows_are_parquet_too() -> None:
    fields = (Field("a", "string", "", nullable=True), Field("b", "integer", ""))
    rows = (("=x\n\u2028\U0001f600\x00", 2**53 + 1), (None, 0))
    table = DataFile(name="t", title="T", fields=fields, rows=rows)

    found = parquet.read_table(io.BytesIO(table.parquet()))

    assert found.schema.types == [pa.string(), pa.int64()]
    assert found.to_pylist() == table.records()
    empty = parquet.read_table(io.BytesIO(replace(table, rows=()).parquet()))
    assert (empty.num_rows, empty.column_names) == (0, ["a", "b"])
    # Nothing is packed: the gate reads what stands in it.
    assert "=x\n\u2028\U0001f600".encode() in table.parquet()


def test_croissant_names_each_file_with_its_hash_and_each_column() -> None:
    for public in (True, False):
        settings = replace(small().settings, publish=Publish(cells=public))
        site = build(replace(small(), settings=settings), parquet=True)
        said = json.loads(site[CROISSANT])

        files = {each["@id"]: each for each in said["distribution"]}
        kinds = (".csv", ".parquet")
        assert {f"data/{name}" for name in files} == {
            path for path in site if path.startswith("data/") and path.endswith(kinds)
        }
        for name, each in files.items():
            content = site[f"data/{name}"]
            assert each["sha256"] == hashlib.sha256(content).hexdigest()
            assert each["contentUrl"] == f"{BASE}data/{name}"
        for table in said["recordSet"]:
            header = site[f"data/{table['@id']}.csv"].split(b"\n")[0].decode()
            columns = [each["source"]["extract"]["column"] for each in table["field"]]
            assert columns == header.split(",")
        assert f'href="{CROISSANT}"'.encode() in site["data.html"]
