"""One published table, and how it is written: JSON, CSV and JSON Schema."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, replace
from typing import TypeAlias

from sitegen.escape import csv_field

Value: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Field:
    """One column of a data file."""

    name: str
    type: str
    """JSON type: string, integer, number or boolean."""
    description: str
    nullable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """One table, before it is written in a format."""

    name: str
    title: str
    fields: tuple[Field, ...]
    rows: tuple[tuple[Value, ...], ...]

    def without(self, *columns: str) -> DataFile:
        """The table without some columns."""
        kept = [i for i, field in enumerate(self.fields) if field.name not in columns]
        return replace(
            self,
            fields=tuple(self.fields[i] for i in kept),
            rows=tuple(tuple(row[i] for i in kept) for row in self.rows),
        )

    def records(self) -> list[dict[str, Value]]:
        """The rows as dictionaries."""
        names = [field.name for field in self.fields]
        return [dict(zip(names, row, strict=True)) for row in self.rows]

    def json(self, scope: str | None) -> bytes:
        """As JSON: what it is, then one row a line."""
        head = {"file": self.name, "title": self.title, "scope": scope or "all"}
        lines = [
            json.dumps(row, ensure_ascii=False, allow_nan=False)
            for row in self.records()
        ]
        opening = json.dumps(head, ensure_ascii=False)[:-1]
        body = ",\n".join(lines)
        return f'{opening}, "rows": [\n{body}\n]}}\n'.encode()

    def csv(self) -> bytes:
        """As CSV with a header, safe to open in a spreadsheet."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(field.name for field in self.fields)
        writer.writerows([_text(value) for value in row] for row in self.rows)
        return buffer.getvalue().encode()

    def parquet(self) -> bytes:
        """As Parquet; nothing is packed, so that a gate can read its texts.

        Raises:
            ImportError: pyarrow is not there.
        """
        import pyarrow as pa  # noqa: PLC0415 - an extra
        from pyarrow import json as lines_of  # noqa: PLC0415 - as above
        from pyarrow import parquet  # noqa: PLC0415 - as above

        types = {
            "string": pa.string(),
            "integer": pa.int64(),
            "number": pa.float64(),
            "boolean": pa.bool_(),
        }
        schema = pa.schema([(each.name, types[each.type]) for each in self.fields])
        rows = "\n".join(map(json.dumps, self.records())).encode()
        found = schema.empty_table()
        if rows:  # as JSON, since from Python's values pyarrow imports pandas
            found = lines_of.read_json(
                io.BytesIO(rows),
                lines_of.ReadOptions(use_threads=False, block_size=len(rows) + 1),
                lines_of.ParseOptions(explicit_schema=schema),
            )
        out = io.BytesIO()
        parquet.write_table(
            found, out, compression="none", use_dictionary=False, store_schema=False
        )
        return out.getvalue()

    def schema(self) -> bytes:
        """The JSON Schema of `json`."""
        rows = {
            field.name: {
                "type": [field.type, "null"] if field.nullable else field.type,
                "description": field.description,
            }
            for field in self.fields
        }
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": self.title,
            "type": "object",
            "required": ["file", "title", "scope", "rows"],
            "properties": {
                "file": {"const": self.name},
                "title": {"type": "string"},
                "scope": {"type": "string"},
                "rows": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": rows,
                        "required": list(rows),
                        "additionalProperties": False,
                    },
                },
            },
        }
        return (json.dumps(schema, indent=1, ensure_ascii=False) + "\n").encode()


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    return csv_field(value) if isinstance(value, str) else repr(value)
