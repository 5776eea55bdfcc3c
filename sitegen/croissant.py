"""What each published table and column is, for machines: Croissant 1.1 of MLCommons."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sitegen.datafiles.format import DataFile
    from sitegen.site import Site

CROISSANT = "data/croissant.jsonld"
_CONTEXT = Path(__file__).with_name("croissant_context.json")
_KINDS = {".csv": "text/csv", ".parquet": "application/vnd.apache.parquet"}
_TYPES = {"string": "Text", "integer": "Integer", "number": "Float", "boolean": "Text"}
"""Of columns; in a CSV, true and false are 1 and 0."""


def croissant(
    site: Site, tables: Mapping[str, DataFile], about: Mapping[str, str], base_url: str
) -> bytes:
    """The description of the data files of a site.

    Args:
        site: With these files.
        tables: By site path without its ending: "data/q4/combos".
        about: Properties of the whole; what is "" is left out.
        base_url: Its address with a last slash; empty: files are named from here.
    """
    files = [
        {
            "@type": "cr:FileObject",
            "@id": _name(path) + ending,
            "name": _name(path) + ending,
            "description": table.title,
            "contentUrl": f"{base_url}{path}{ending}"
            if base_url
            else _name(path) + ending,
            "encodingFormat": kind,
            "sha256": hashlib.sha256(site[path + ending]).hexdigest(),
        }
        for path, table in tables.items()
        for ending, kind in _KINDS.items()
        if path + ending in site
    ]
    described = {
        "@context": json.loads(_CONTEXT.read_text(encoding="utf-8")),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        **{name: said for name, said in about.items() if said},
        **({"url": f"{base_url}data.html"} if base_url else {}),
        "distribution": files,
        # Those of a sweep have the same columns.
        "recordSet": [
            _records(name, table)
            for path, table in tables.items()
            if "/" not in (name := _name(path))
        ],
    }
    return (json.dumps(described, ensure_ascii=False) + "\n").encode()


def _name(path: str) -> str:
    return path.removeprefix("data/")


def _records(name: str, table: DataFile) -> dict[str, object]:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": table.title,
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{field.name}",
                "name": field.name,
                "description": field.description,
                "dataType": f"sc:{_TYPES[field.type]}",
                "source": {
                    "fileObject": {"@id": f"{name}.csv"},
                    "extract": {"column": field.name},
                },
            }
            for field in table.fields
        ],
    }
