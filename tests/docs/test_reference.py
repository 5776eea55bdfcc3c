"""The reference describes everything there is, and nothing else."""

import importlib.util
import re
import sys
from dataclasses import fields, replace
from functools import cache
from types import ModuleType
from typing import Any, get_args, get_origin, get_type_hints

import click
import pytest

from harness_bench import errors
from harness_bench.cli import COMMANDS, group
from harness_bench.errors import BenchError, ExitCode
from harness_bench.registry import load, names
from harness_bench.schema import COLUMNS, UNMEASURED, Status
from runner.harnesses.harness import Speaking
from sitegen.build import build
from sitegen.config import Settings
from sitegen.feed import Before
from sitegen.measures import MEASURES
from sitegen.metadata import HarnessInfo, ModelInfo, TaskInfo
from sitegen.parts import FIRST
from sitegen.publish import MANIFEST
from sitegen.site import Site
from tests.docs.documents import ROOT, codes, columns, first_column, sections
from tests.records import inputs, record
from tests.sitegen.test_history import swept
from tests.sites import example_site

REFERENCE = ROOT / "docs" / "reference"


@cache
def generator() -> ModuleType:
    """scripts/docs.py, which is a program and no package."""
    spec = importlib.util.spec_from_file_location("docs", ROOT / "scripts" / "docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["docs"] = module
    spec.loader.exec_module(module)
    return module


def test_generated_tables_are_what_the_code_says_now() -> None:
    stale = [
        path.name
        for path, text in generator().pages().items()
        if path.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run scripts/docs.py"


def test_every_generated_table_stands_on_some_page() -> None:
    text = "".join(path.read_text("utf-8") for path in REFERENCE.glob("*.md"))
    placed = re.findall(r"made by scripts/docs\.py: (\w+) -->", text)
    assert sorted(placed) == sorted(generator().BLOCKS)


def test_no_row_of_a_generated_table_lacks_its_meaning() -> None:
    for page in ("cells-csv", "metadata", "settings", "data-files", "charts"):
        text = (REFERENCE / f"{page}.md").read_text(encoding="utf-8")
        assert not re.search(r"\|\s*\|$", text, re.MULTILINE), page


def test_columns_of_cells_csv_are_described_in_their_order() -> None:
    text = (REFERENCE / "cells-csv.md").read_text(encoding="utf-8")
    columns, _, statuses = text.partition("## Status")
    assert codes(columns) == [column.name for column in COLUMNS]
    assert codes(statuses) == list(Status)


@pytest.mark.parametrize("status", Status)
def test_statuses_are_said_to_count_as_they_do(status: Status) -> None:
    text = (REFERENCE / "cells-csv.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| `{status}` \|.*\| (.*) \|$", text, re.MULTILINE)
    assert row is not None
    says_left_out = row[1] == "left out"
    assert says_left_out == (status in UNMEASURED)
    assert (row[1] == "passed") == (status is Status.PASS)


def test_metadata_columns_are_described() -> None:
    found = sections(REFERENCE / "metadata.md")
    assert set(found) == {"models.csv", "harnesses.csv", "tasks.csv"}
    for file, key, kind in (
        ("models.csv", "model", ModelInfo),
        ("harnesses.csv", "harness", HarnessInfo),
        ("tasks.csv", "task", TaskInfo),
    ):
        # What `[site] groups` names has no name of its own.
        own = [item.name for item in fields(kind) if item.name != "more"]
        assert codes(found[file]) == [key, *own]


def test_every_setting_is_described_in_its_section() -> None:
    hints = get_type_hints(Settings)
    wanted = {}
    for item in fields(Settings):
        if item.name == "path":
            continue
        hint = hints[item.name]
        many = get_origin(hint) is not None
        kind = get_args(hint)[1] if many else hint
        name = f"[{item.name}.NAME]" if many else f"[{item.name}]"
        wanted[name] = [key.name for key in fields(kind)]
    found = sections(REFERENCE / "settings.md")
    assert {name: codes(text) for name, text in found.items()} == wanted


def test_every_harness_is_in_the_tables_with_the_protocol_it_speaks() -> None:
    text = (REFERENCE / "harnesses.md").read_text(encoding="utf-8")
    said = {"chat completions": "openai", "Anthropic messages": "anthropic"}
    said |= {"responses": "responses"}
    rows = re.findall(
        rf"^\| `([\w-]+)` \| ({'|'.join(said)})\b", text, flags=re.MULTILINE
    )
    spoken: dict[str, str] = {}
    for name in names("harnesses"):
        assert re.search(
            rf"^\| `{name}` \| (PyPI|npm|with harness-bench)", text, re.MULTILINE
        )
        kind = load("harnesses", name)
        assert isinstance(kind, Speaking)
        spoken[name] = kind.speaks
    # Ours: nobody else measured what it is like.
    assert spoken.pop("mini") == "openai"
    assert {name: said[words] for name, words in rows} == spoken


def test_every_sandbox_is_in_the_table_of_sandboxes() -> None:
    text = (ROOT / "docs" / "explanation" / "sandbox.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)(?::IMAGE)?` \|", text, flags=re.MULTILINE)
    assert sorted(rows) == sorted(names("sandboxes"))


def test_every_command_and_option_is_described() -> None:
    found = sections(REFERENCE / "commands.md")
    top = click.Context(group())
    wanted: dict[str, click.Command] = {}
    for name in COMMANDS:
        _, command, _ = group().resolve_command(top, [name])
        assert command is not None
        wanted[name] = command
        if isinstance(command, click.Group):
            for word, below in command.commands.items():
                wanted[f"{name} {word}"] = below
    assert set(found) == set(wanted)
    text = (REFERENCE / "commands.md").read_text(encoding="utf-8")
    head, _, _ = text.partition("## Commands")
    shared = [code.partition(" ")[0] for code in codes(head)]
    assert len(shared) == len(set(shared))
    assert "--help" in shared
    for name, command in wanted.items():
        own = codes(found[name])
        also = re.findall(r"^(?:Also|Options): (.+)\.$", found[name], re.MULTILINE)
        named = re.findall(r"`([^`]+)`", " ".join(also))
        assert set(named) <= set(shared), name
        assert not any(option in code for option in named for code in own), name
        for parameter in command.get_params(top):
            if isinstance(parameter, click.Option):
                for option in set(parameter.opts) - {"--help"}:
                    assert option in named or any(option in c for c in own), option


def test_exit_codes_are_described_by_number_and_name() -> None:
    text = (REFERENCE / "exit-codes.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \|", text, re.MULTILINE)
    assert rows == [(str(int(code)), code.name) for code in ExitCode]


def test_the_error_tree_is_described() -> None:
    tree = [
        name
        for name, found in vars(errors).items()
        if isinstance(found, type) and issubclass(found, BenchError)
    ]
    text = (REFERENCE / "exit-codes.md").read_text(encoding="utf-8")
    assert sorted(codes(text)) == sorted(tree)


def test_data_files_of_the_example_have_the_columns_that_are_described() -> None:
    found = sections(REFERENCE / "data-files.md")
    emitted = {
        path.removeprefix("data/").removesuffix(".csv"): content
        for path, content in example_site().items()
        if re.fullmatch(r"data/[a-z_]+\.csv", path)
    }
    # No maker of the example's harnesses hosts a model of it, and nothing is known of
    # how its models answered.
    assert set(found) == {*emitted, "speed", "vendor_gaps"}
    late = (*(f"{each.name}_" for each in MEASURES if not each.always), "variant")
    for name, content in emitted.items():
        header = content.decode().partition("\n")[0]
        always = [code for code in columns(found[name]) if not code.startswith(late)]
        assert always == header.split(","), name


def test_data_files_of_a_site_that_measures_everything_have_all_described_columns() -> (
    None
):
    found = sections(REFERENCE / "data-files.md")
    measured: dict[str, Any] = {name: 1 for each in MEASURES for name in each.columns}
    row = replace(record(), variant="high", **measured)
    site = build(inputs([row], cells=True))
    emitted = {
        path.removeprefix("data/").removesuffix(".csv"): content
        for path, content in site.items()
        if re.fullmatch(r"data/[a-z_]+\.csv", path)
    }
    assert set(found) == {*emitted, "claims", "history", "task_groups", "vendor_gaps"}
    for name, content in emitted.items():
        header = content.decode().partition("\n")[0]
        assert columns(found[name]) == header.split(","), name


def test_every_column_of_a_data_file_is_described_there_or_with_the_shared_ones() -> (
    None
):
    page = REFERENCE / "data-files.md"
    shared = codes(page.read_text(encoding="utf-8").partition("## Files")[0])
    assert len(shared) == len(set(shared))
    for name, text in sections(page).items():
        own = codes(text)
        assert len(own) == len(set(own)), name
        assert set(own) <= set(columns(text)) <= {*own, *shared}, name


def test_every_chart_is_described() -> None:
    assert tuple(codes((REFERENCE / "charts.md").read_text("utf-8"))) == names("charts")


def _pattern(template: str) -> re.Pattern[str]:
    """What a path of the layout's table stands for; an ID may have one folder."""
    slug = r"[a-z0-9._-]+"
    text = re.escape(template).replace("ID", f"(?:{slug}/)?{slug}")
    return re.compile(re.sub(r"[A-Z]{4,}", slug, text))


COSTS: dict[str, Any] = {"agent_time_s": 3.0, "cost_usd": 0.5}


@cache
def long_site() -> Site:
    """A site with an address, a last publish and more rows than a page holds."""
    records = [
        record(f"model-{i:03d}//h", sweep="s", hardware=f"gpu {i % 2}", **COSTS)
        for i in range(FIRST + 1)
    ]
    long = inputs(records)
    known = replace(long.settings.site, base_url="https://example.org/")
    return build(
        replace(long, settings=replace(long.settings, site=known)),
        draw=lambda cards: {path: svg.encode() for path, svg in cards.items()},
        before=Before(files={}, at="2026-01-01T00:00:00Z"),
    )


def test_the_layout_lists_every_file_of_a_site_and_no_other() -> None:
    templates = [
        path for row in first_column(REFERENCE / "site-layout.md") for path in row
    ]
    assert MANIFEST in templates
    patterns = {path: _pattern(path) for path in templates if path != MANIFEST}
    # LICENSE is no word that stands for a name.
    patterns["assets/plotly.LICENSE.txt"] = re.compile(r"assets/plotly\.LICENSE\.txt")
    moved = build(swept({"a": 3, "b": 15}), parquet=True)
    site = {**example_site(), **long_site(), **moved}
    strangers = [
        path for path in site if not any(p.fullmatch(path) for p in patterns.values())
    ]
    assert strangers == []
    missing = [path for path, p in patterns.items() if not any(map(p.fullmatch, site))]
    assert missing == []
