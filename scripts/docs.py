"""Writes the tables of docs/reference/ that follow from the code.

A page says where one stands: `<!-- made by scripts/docs.py: NAME -->`, the table,
`<!-- end -->`. `--check` writes nothing and ends with 1 when a page is out of date.
"""

import ast
import inspect
import json
import re
import sys
import tomllib
import types
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, fields
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import click

from harness_bench.cli import group
from harness_bench.columns import Column
from harness_bench.schema import COLUMNS
from sitegen import claims as claim_kinds
from sitegen.build import build, chart_kinds
from sitegen.claims import KINDS, MAY_LACK, UNSET
from sitegen.config import Settings
from sitegen.datafiles import format as data_format
from sitegen.datafiles.claims import claims_file
from sitegen.datafiles.standings import task_groups
from sitegen.datafiles.tables import data_files
from sitegen.datafiles.vendor_gaps import vendor_gaps_file
from sitegen.history import history_file
from sitegen.inputs import read_inputs
from sitegen.measures import MEASURES
from sitegen.metadata import HarnessInfo, ModelInfo, TaskInfo
from sitegen.parsed import read
from sitegen.stats.results import results

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
EXAMPLE = ROOT / "examples" / "harness-bench-2026" / "cells.csv"

Row = tuple[str, ...]
"""The cells of one line of a table."""

_BLOCK = re.compile(
    r"(?P<head><!-- made by scripts/docs\.py: (?P<name>\w+) -->\n)"
    r".*?(?P<tail><!-- end -->)",
    re.DOTALL,
)


def columns() -> str:
    """Every column of cells.csv, a table a group."""
    parts = []
    for name in dict.fromkeys(column.group for column in COLUMNS):
        found = [column for column in COLUMNS if column.group == name]
        parts += [f"### {name.capitalize()}", _columns_table(found)]
    return "\n\n".join(parts)


def metadata() -> str:
    """The columns of the three metadata files."""
    parts = []
    for file, key, kind in (
        ("models.csv", "model", ModelInfo),
        ("harnesses.csv", "harness", HarnessInfo),
        ("tasks.csv", "task", TaskInfo),
    ):
        hints = get_type_hints(kind)
        rows = [(f"`{key}`", "a name", f"The {key}, as in cells.csv; required.")]
        for item in fields(kind):
            if not item.metadata:  # `more`: columns that the settings name
                continue
            takes = _takes(hints[item.name], item.metadata["unit"])
            rows.append((f"`{item.name}`", takes, item.metadata["description"]))
        parts += [f"### {file}", _table(("column", "takes", "meaning"), rows)]
    return "\n\n".join(parts)


def settings() -> str:
    """Every section of site.toml with its keys."""
    hints = get_type_hints(Settings)
    parts = []
    for item in fields(Settings):
        if item.name == "path":  # where it was read from: not a setting
            continue
        hint = hints[item.name]
        many = get_origin(hint) is Mapping
        kind = get_args(hint)[1] if many else hint
        section = f"{item.name}.NAME" if many else item.name
        purpose = (inspect.getdoc(kind) or "").partition(": ")[2]
        parts += [
            f"### [{section}]",
            f"{purpose[:1].upper()}{purpose[1:]}",
            _settings_table(kind),
        ]
    return "\n\n".join(parts)


def harnesses() -> str:
    """Every harness with its settings."""
    parts = []
    # Ours, as they are declared here: what is installed may be older, or more.
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for name, place in project["entry-points"]["harness_bench.harnesses"].items():
        module_name, _, kind_name = place.partition(":")
        module = import_module(module_name)
        kind = getattr(module, kind_name)
        about = inspect.cleandoc(module.__doc__ or "")
        head, _, rest = about.partition("\n\n")
        parts += [f"### {name}", f"**{head}**", *([rest] if rest else [])]
        if fields(kind):
            parts.append(_settings_table(kind))
    return "\n\n".join(parts)


def claims() -> str:
    """Every kind of claim with its keys; what all have is described once."""
    written = _attribute_docs(Path(inspect.getfile(claim_kinds)))
    rows = {}
    for name, kind in KINDS.items():
        types_ = get_type_hints(kind)
        rows[name] = [
            (
                f"`{key.name}`",
                _type_words(types_[key.name]),
                f"`{_toml(key)}`"
                if key.default not in UNSET
                else "optional"
                if key.name in MAY_LACK
                else "required",
                next(
                    text
                    for each in kind.__mro__
                    if (text := written.get((each.__name__, key.name)))
                ),
            )
            for key in fields(kind)
        ]
    shared = [row for row in rows[name] if all(row in found for found in rows.values())]
    head = ("key", "takes", "default", "meaning")
    parts = ["### Every kind", _table(head, shared)]
    for name, kind in KINDS.items():
        purpose = (inspect.getdoc(kind) or "").partition(": ")[2]
        own = [row for row in rows[name] if row not in shared]
        parts += [f"### {name}", f"{purpose[:1].upper()}{purpose[1:]}"]
        parts += [_table(head, own)] if own else []
    return "\n\n".join(parts)


def every_command(
    parent: click.Context | None = None,
) -> Iterator[tuple[str, click.Context]]:
    """Each command by its words, and those below it."""
    parent = parent or click.Context(group(), info_name="harness-bench")
    if isinstance(parent.command, click.Group):
        for word in parent.command.list_commands(parent):
            _, command, _ = parent.command.resolve_command(parent, [word])
            assert command is not None, word  # noqa: S101 - it was listed
            context = click.Context(command, info_name=word, parent=parent)
            yield context.command_path.partition(" ")[2], context
            yield from every_command(context)


def commands() -> str:
    """Every command as click knows it; what several take is described once."""
    rows = {name: _options(context) for name, context in every_command()}
    shared = _repeated(rows.values())
    head = ("option", "meaning")
    parts = ["## Options of several commands", _table(head, shared), "## Commands"]
    for name, context in every_command():
        command = context.command
        usage = " ".join(command.collect_usage_pieces(context))
        text = inspect.cleandoc(command.help or "").replace("\n\n", "\0")
        said = text.replace("\n", " ").replace("\0", "\n\n")
        parts += [f"### {name}", f"```text\nharness-bench {name} {usage}\n```", said]
        own = [row for row in rows[name] if row not in shared]
        parts += [_table(head, own)] if own else []
        also = [row[0].partition(" ")[0].strip("`") for row in rows[name]]
        also = [f"`{option}`" for option in also if f"`{option}" not in str(own)]
        if len(also) > 1:  # more than --help
            parts.append(f"{'Also' if own else 'Options'}: {', '.join(also[:-1])}.")
    return "\n\n".join(parts)


def _options(context: click.Context) -> list[Row]:
    return [
        (f"`{record[0]}`", record[1])
        for parameter in context.command.get_params(context)
        if (record := parameter.get_help_record(context)) and record[1]
    ]


def data_tables() -> str:
    """Every data file with its columns; what several have is described once."""
    files = every_data_file()
    rows = {file.name: [_data_row(column) for column in file.fields] for file in files}
    shared = _repeated(rows.values())
    parts = ["## Columns of several files", _data_table(shared), "## Files"]
    for file in files:
        own = [row for row in rows[file.name] if row not in shared]
        all_columns = ", ".join(name for name, _, _ in rows[file.name])
        parts += [f"### {file.name}", f"{file.title}.", f"Columns: {all_columns}."]
        parts += [_data_table(own)] if own else []
    return "\n\n".join(parts)


def _repeated(tables: Iterable[list[Row]]) -> list[Row]:
    """Rows of several tables, in order: of each name the most usual."""
    times = Counter(row for table in tables for row in table)
    usual = {row[0]: row for row, count in reversed(times.most_common()) if count > 1}
    return [row for row in times if row in usual.values()]


def _data_row(column: data_format.Field) -> Row:
    type_ = column.type + ("?" if column.nullable else "")
    return f"`{column.name}`", type_, f"{column.description}."


def _data_table(rows: Iterable[Row]) -> str:
    """Columns of one type and meaning share a line."""
    alike: dict[tuple[str, str], list[str]] = {}
    for name, *about in rows:
        alike.setdefault((about[0], about[1]), []).append(name)
    return _table(
        ("column", "type", "meaning"),
        [(", ".join(columns), *about) for about, columns in alike.items()],
    )


def charts() -> str:
    """Every chart that is drawn for each scope, with the example's titles."""
    site = build(read_inputs([EXAMPLE]))
    listed = json.loads(site["data/charts.json"])["charts"]
    by_id = {chart["id"]: chart for chart in listed}
    rows = []
    for kind in chart_kinds():
        chart = by_id[kind.id]
        file = Path(chart["csv"]).stem
        home = {"all": "all trials", "main": "the main sweep"}[kind.home]
        what = (
            (inspect.getdoc(kind.draw) or "")
            .partition("\n")[0]
            .replace("None", "nothing")
        )
        made_from = f"[`{file}`](data-files.md#{file})"
        rows.append((f"`{kind.id}`", chart["title"], home, made_from, what))
    return _table(("id", "title", "home", "made from", "what is drawn"), rows)


BLOCKS: Mapping[str, Callable[[], str]] = {
    "charts": charts,
    "claims": claims,
    "columns": columns,
    "commands": commands,
    "data_tables": data_tables,
    "harnesses": harnesses,
    "metadata": metadata,
    "settings": settings,
}
"""Name in a page -> what makes the text."""


def every_data_file() -> tuple[data_format.DataFile, ...]:
    """All data files there can be, of a site of one row that measures everything."""
    measured = dict.fromkeys(name for each in MEASURES for name in each.columns)
    header = ",".join(["model", "harness", "task", "passed", *measured])
    row = ",".join(["m", "h", "t", "1", *("1" for _ in measured)])
    records = read(f"{header}\n{row}\n".encode())
    scope = results(records, Settings().policy, default_sweep=None).all
    return (
        *data_files(scope, cells=True),
        task_groups(scope),
        claims_file(()),
        vendor_gaps_file(()),
        history_file(()),
    )


def fresh(text: str) -> str:
    """A page with its tables made anew."""
    return _BLOCK.sub(
        lambda block: f"{block['head']}\n{BLOCKS[block['name']]()}\n\n{block['tail']}",
        text,
    )


def pages() -> dict[Path, str]:
    """Every reference page, and the text that it should have."""
    return {
        path: fresh(path.read_text(encoding="utf-8"))
        for path in sorted(REFERENCE.glob("*.md"))
    }


def main(arguments: list[str]) -> int:
    """Writes the pages that are out of date, or with `--check` names them."""
    stale = [path for path, text in pages().items() if path.read_text("utf-8") != text]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(ROOT)}: out of date, run scripts/docs.py")
        return int(bool(stale))
    for path in stale:
        path.write_text(fresh(path.read_text(encoding="utf-8")), encoding="utf-8")
        print(path.relative_to(ROOT))
    return 0


def _settings_table(kind: type) -> str:
    """The keys of a section, which are the fields of a dataclass."""
    written = _attribute_docs(Path(inspect.getfile(kind)))
    hints = get_type_hints(kind)
    rows = [
        (
            f"`{key.name}`",
            _type_words(hints[key.name]),
            f"`{_toml(key)}`" if _toml(key) else "not set",
            written.get((kind.__name__, key.name), ""),
        )
        for key in fields(kind)
    ]
    return _table(("key", "takes", "default", "meaning"), rows)


def _columns_table(found: Iterable[Column]) -> str:
    rows = []
    for column in found:
        takes = column.expected
        if column.unit and column.kind == "number":
            takes += f", in {column.unit}"
        meaning = column.description.rstrip(".") + "."
        rows.append(
            (f"`{column.name}`" + (" *" if column.required else ""), takes, meaning)
        )
    return _table(("column", "takes", "meaning"), rows)


def _takes(plain: object, unit: str) -> str:
    """What a metadata column takes."""
    if float in get_args(plain):
        return f"a number >= 0, in {unit}"
    if int in get_args(plain):
        return f"an integer >= 0, in {unit}"
    return "text on one line"


def _type_words(hint: Any) -> str:  # noqa: ANN401 - a type form
    """A setting's type as a person writes it in TOML."""
    arguments = get_args(hint)
    if get_origin(hint) in (types.UnionType, Union):
        return _type_words(arguments[0])
    if get_origin(hint) is Literal:
        return " or ".join(f"`{word}`" for word in arguments)
    if get_origin(hint) is tuple:
        return "a list of " + _type_words(arguments[0]).removeprefix("a ") + "s"
    if get_origin(hint) is Mapping:
        return "a table: name to " + _type_words(arguments[1]).removeprefix("a ")
    words = {
        str: "a string",
        bool: "`true` or `false`",
        int: "an integer",
        float: "a number",
        Path: "a path",
    }
    return words.get(hint, "a status")


def _toml(item: "Field[Any]") -> str:
    """A field's default as TOML; empty where TOML has no word for it."""
    if item.default_factory is not MISSING:
        return "{}"
    match item.default:
        case None:
            return ""
        case bool():
            return str(item.default).lower()
        case tuple():
            return json.dumps(item.default)
        case str():
            return f'"{item.default}"'
        case number:
            return str(number)


def _attribute_docs(source: Path) -> dict[tuple[str, str], str]:
    """Class and field -> the string that stands under the field."""
    found = {}
    for item in ast.parse(source.read_text(encoding="utf-8")).body:
        if not isinstance(item, ast.ClassDef):
            continue
        for field, after in zip(item.body, item.body[1:], strict=False):
            match field, after:
                case (
                    ast.AnnAssign(target=ast.Name(id=name)),
                    ast.Expr(value=ast.Constant(value=str(text))),
                ):
                    found[item.name, name] = " ".join(text.split())
                case _:
                    pass
    return found


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |"
        for line in lines
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
