"""All that makes a site again, in one file that it offers: only with public cells.

What was read, not the files it was read from: no comments, no dropped columns, no paths
of the author's.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path

from harness_bench import cells_csv
from harness_bench.columns import format_value
from sitegen.claims import KINDS
from sitegen.config import Input
from sitegen.feed import TAKEN_OVER
from sitegen.inputs import Inputs
from sitegen.site import Site

REBUILD = "data/rebuild.zip"
_NAMES = ("model", "harness", "task")
_PATHS = {"notes": "notes.md", "claims": "claims.toml"}
_FREE_TEXT = (
    *("sampling", "harness_version", "server_build", "task_version", "hardware"),
    *("runner_version", "sandbox"),
)
"""Columns whose words are not published, though pages tell how many there are."""
_KEPT_BACK = ("private", "allow")


def can_be_rebuilt(inputs: Inputs) -> bool:
    """Whether what may be published is all that the site depends on."""
    settings = inputs.settings
    publish = settings.publish
    return (
        publish.cells
        and publish.task_ids == "plain"
        and settings.input == Input()
        and not any(any(inputs.records.coded(name).values) for name in _FREE_TEXT)
    )


def rebuild_zip(inputs: Inputs, site: Site) -> bytes:
    """The inputs, and of the site what its next feed goes on from.

    Nothing in it is compressed, so that every zlib writes the same bytes.
    """
    last = {path: site[path] for path in TAKEN_OVER if path in site}
    manifest = {
        "files": {path: hashlib.sha256(c).hexdigest() for path, c in last.items()},
        "format": 1,
        "generator": "harness-bench",
    }
    # When each trial began is nowhere on the site.
    told = inputs.records.without((*_FREE_TEXT, "started_at"))
    texts = {
        "cells.csv": cells_csv.write(told),
        "site.toml": _settings(inputs).encode(),
        "notes.md": inputs.notes.encode(),
        "claims.toml": "\n".join(_claims(inputs)).encode(),
        **dict(_metadata(inputs)),
        **{f"posts/{Path(post.path).name}": post.whole for post in inputs.posts},
        **{
            f"pins/{day}/{p}": c
            for day, kept in inputs.pins.items()
            for p, c in kept.items()
        },
        **{f"site/{path}": content for path, content in last.items()},
        "site/sitegen.json": json.dumps(manifest).encode() if last else b"",
    }
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as packed:
        for name, content in sorted(texts.items()):
            if content:
                packed.writestr(zipfile.ZipInfo(name), content)
    return written.getvalue()


def _settings(inputs: Inputs) -> str:
    """The settings that reach the site, those that are not as without a site.toml."""
    settings = inputs.settings
    lines = []
    for name in ("site", "publish", "policy"):
        section = getattr(settings, name)
        lines.append(f"[{name}]")
        for field in fields(section):
            value, usual = (
                getattr(each, field.name) for each in (section, type(section)())
            )
            if field.name in _PATHS and value is not None:
                value = _PATHS[field.name]
            if value != usual and field.name not in _KEPT_BACK:
                lines.append(f"{field.name} = {_value(value)}")
    for name, sweep in sorted(settings.sweeps.items()):
        lines += [f"[sweeps.{_value(name)}]", *_keys(sweep)]
    return "\n".join(lines) + "\n"


def _claims(inputs: Inputs) -> Iterator[str]:
    kinds = {kind: name for name, kind in KINDS.items()}
    for claim in inputs.claims:
        yield from ("[[claim]]", f"kind = {_value(kinds[type(claim)])}", *_keys(claim))


def _keys(section: object) -> Iterator[str]:
    for field in fields(section):  # type: ignore[arg-type]  # a dataclass
        if (value := getattr(section, field.name)) is not None:
            yield f"{field.name} = {_value(value)}"


def _value(value: object) -> str:
    """As TOML, whose strings, numbers and lists JSON writes in the same way."""
    text = json.dumps(value, ensure_ascii=False)
    return text.replace("\x7f", "\\u007f")


def _metadata(inputs: Inputs) -> Iterator[tuple[str, bytes]]:
    """What is known of all that ran; nothing of others is told."""
    for key in _NAMES:
        plural = "harnesses" if key == "harness" else f"{key}s"
        ran = {*inputs.records.coded(key).values}
        rows = [
            {key: name, **_said(info)}
            for name, info in sorted(getattr(inputs.metadata, plural).items())
            if name in ran
        ]
        if rows:
            text = io.StringIO(newline="")
            header = dict.fromkeys(column for row in rows for column in row)
            writer = csv.DictWriter(text, [*header], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
            yield f"{plural}.csv", text.getvalue().encode()


def _said(info: object) -> Mapping[str, str]:
    values = {f.name: getattr(info, f.name) for f in fields(info)}  # type: ignore[arg-type]  # a dataclass
    values |= values.pop("more", None) or {}
    return {name: format_value(value) for name, value in values.items()}
