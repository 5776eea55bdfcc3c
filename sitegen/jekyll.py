"""What a Jekyll blog gets beside the pages: includes, and the data that they read.

The pages are plain files that Jekyll copies. The includes are the same for every site
and hold no name of it; all names are in the data, which Liquid never reads as its own.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from harness_bench.errors import Problem, PublishError
from sitegen.batch import newer
from sitegen.escape import one_line, script_json, url_path
from sitegen.numbers import UNKNOWN
from sitegen.published import Published, title
from sitegen.quotes import source_line
from sitegen.site import Site

NAME = "harness-bench"
"""The folder in `_includes` and in `_data`."""
_MARKUP = re.compile(r"[!-+\-./:-@\[-`{-~]")
_NOT_YAML = re.compile("[\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")


def blog_of(out: Path) -> tuple[Path, str]:
    """The Jekyll source in which a site lies, and its folder there: "bench".

    Raises:
        PublishError: There is none around it.
    """
    whole = out.resolve()
    for folder in whole.parents:
        if (folder / "_config.yml").is_file():
            return folder, whole.relative_to(folder).as_posix()
    what = "lies in no Jekyll blog: no folder around it holds _config.yml"
    raise PublishError(Problem(str(out), what, "give --out BLOG/bench"))


def overlay(
    site: Site, folder: str, includes: Iterable[tuple[str, bytes]]
) -> dict[str, dict[str, bytes]]:
    """The files of each further folder of the blog's source.

    Args:
        site: The pages, and all that they need.
        folder: Where they lie in the blog.
        includes: The names and contents of the includes.
    """
    now = Published(files=site)
    data = {"now.json": _data(now, folder, "")}
    for day in sorted(
        {path.split("/")[1] for path in site if path.startswith("pins/")}
    ):
        pin = f"pins/{day}/"
        then = Published(files=_pin(site, pin))
        told = newer(then, now, now.about["min_cells"])
        data[f"pins/{day}.json"] = _data(then, folder, pin, told)
    return {f"_includes/{NAME}": dict(includes), f"_data/{NAME}": data}


def _pin(site: Site, prefix: str) -> dict[str, bytes]:
    return {
        path.removeprefix(prefix): content
        for path, content in site.items()
        if path.startswith(prefix)
    }


def _data(published: Published, folder: str, pin: str, told: str = "") -> bytes:
    source = source_line(published)
    tables = {name: published.rows(name) for name in published.quotable}
    columns = {name for rows in tables.values() for name in rows[0]}
    content: dict[str, Any] = {
        "base": f"/{url_path(folder)}/",
        "pin": pin,
        "title": inert(source[0]),
        "after": inert(source[1]),
        "day": inert(published.day),
        "newer": inert(told),
        "more": "Data" if pin else "Table and data",
        "titles": {name: inert(title(name)) for name in sorted(columns)},
        "tables": {name: _table(published, name) for name in tables},
        "charts": {
            chart_id: {
                "id": inert(chart_id),
                "src": url_path(f"charts/{chart_id}"),
                "more": url_path(pin + chart["csv"] if pin else chart["embed"]),
                "title": inert(chart["title"]),
                "caption": inert(chart["caption"]),
                "wide": chart["wide"],
                "narrow": chart["narrow"],
            }
            for chart_id, chart in published.charts.items()
            if f"charts/{chart_id}.svg" in published.files
        },
        "claims": {
            row["name"]: {
                "says": inert(row["claim"]),
                "verdict": inert(row["verdict"]),
                "path": f"claims.html#claim-{row['number']}",
            }
            for row in tables.get("claims", ())
            if row.get("name")
        },
    }
    # Jekyll reads it as YAML, which takes fewer characters than JSON.
    text = _NOT_YAML.sub(lambda found: f"\\u{ord(found[0]):04x}", script_json(content))
    return f"{text}\n".encode()


def _table(published: Published, name: str) -> dict[str, Any]:
    """Rows with what they are chosen by, and their texts; where each text stands."""
    rows = published.rows(name)
    written = [published.texts(row) for row in rows]
    columns = list(dict.fromkeys(column for row in written for column in row))
    return {
        "columns": published.filled(name),
        "numeric": published.numeric(name),
        "at": {column: place for place, column in enumerate(columns)},
        "rows": [
            {key: f"={value}" for key, value in published.keys(row).items()}
            | {"t": [inert(said.get(column, UNKNOWN)) for column in columns]}
            for row, said in zip(rows, written, strict=True)
        ],
    }


def inert(text: str) -> str:
    """Text that is itself in HTML and attributes, whatever Markdown is around it."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", one_line(text))


def config_lines(folder: str) -> str:
    """What may go into `_config.yml`: frames are no pages of their own in a sitemap."""
    return (
        "defaults:\n"
        f'  - scope: {{path: "{folder}/embed"}}\n'
        "    values: {sitemap: false}"
    )
