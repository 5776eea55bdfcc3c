"""site.toml: what a site is called, what it publishes, and by which rules it counts.

Each section is a dataclass and each key one of its fields, with its default;
the reader follows the types. To add a setting, add a field.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeVar

from harness_bench.columns import FieldError
from harness_bench.errors import SettingsError, near_miss, shown
from harness_bench.schema import COLUMN_BY_NAME, Status
from harness_bench.settings import SettingsReader, read_toml
from sitegen.policy import RULES, Policy

Section = TypeVar("Section")

Duplicates = Literal["error", "first", "last", "number"]
"""What to do about rows with one key: refuse, keep the first or the last, or (before
they are parsed) number them."""

TOTALS = ("n", "passed_first")
"""Columns that only tables of totals have, beside `passed`."""

PART = re.compile(r"\{(\w+)\}")
"""A column in `[input] paths`."""

SCORE_DECIDES = "score"
"""What `[input] statuses` says of a word that means no more than "it ended"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """`[site]`: what the site is called and says about itself."""

    title: str = "harness-bench"
    """Name of the site."""
    question: str = "Which model, in which harness?"
    """The heading of the first page."""
    base_url: str = ""
    """Address of the site, for canonical links, link previews and `embed`."""
    default_sweep: str | None = None
    """Where models and harnesses are compared; None: the sweep with the most rows."""
    status: str = ""
    """A word such as `preliminary`, in bold above every page and embedded chart."""
    note: str = ""
    """A plain sentence beside it."""
    notes: Path | None = None
    """A Markdown file for the methodology page; relative to site.toml."""
    claims: Path | None = None
    """A TOML file of statements that the site judges by its numbers."""
    groups: tuple[str, ...] = ("language", "category", "difficulty")
    """Columns of tasks.csv that group tasks; totals of the groups are published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """`[publish]`: what may leave the machine."""

    cells: bool = False
    """Whether single cells are published."""
    min_cells: int = 5
    """Fewer distinct cells than this are not published as a group."""
    task_ids: Literal["plain", "numbered"] = "plain"
    """Whether tasks appear by name or by number."""
    private: tuple[Path, ...] = ()
    """Folders whose content must occur nowhere in the site."""
    allow: Path | None = None
    """A TOML file of texts that may, each with a reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """`[input]`: how foreign tables are put into our words."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Our column to the file's; a dotted path where records are nested. One through a
    list makes a row of each of its elements."""
    statuses: Mapping[str, str] = field(default_factory=dict)
    """The file's status to ours, or to `score`: ended normally, `passed` or `score`
    decides."""
    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """For a column of names, other spellings to the one that is meant."""
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """For a column, the values that mean "not measured"."""
    paths: str = ""
    """How the paths of tables end, with our columns in braces, as in
    `{hardware}/*.json`: what a path says fills empty and absent fields. A folder stands
    for all files in it that it fits."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Our column to what an empty or absent field of it means; a status, passed or
    score only where the row has none of the three."""
    ignore: tuple[str, ...] = ()
    """Our columns that mean something else in the file."""
    score_scale: float = 1.0
    """Full marks; scores are divided by it."""
    score_outside: Literal["error", "clip", "empty"] = "error"
    """What becomes of a score that is then outside 0..1."""
    verdict: Literal["status", "passed", "score"] | None = None
    """Which column decides where they contradict each other."""
    duplicates: Duplicates = "error"
    """What becomes of rows with one key; `number` gives each a seed of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """`[sweeps.NAME]`: how a sweep is presented."""

    label: str = ""
    """Its name on pages; empty: `sweep NAME`."""
    note: str = ""
    """A sentence about it, on the methodology page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A whole site.toml; `Settings()` is what holds without one."""

    site: SiteSettings = field(default_factory=SiteSettings)
    publish: Publish = field(default_factory=Publish)
    policy: Policy = field(default_factory=Policy)
    input: Input = field(default_factory=Input)
    sweeps: Mapping[str, Sweep] = field(default_factory=dict)
    path: Path | None = None
    """Where it was read from."""


def read_settings(path: Path) -> Settings:
    """The settings in a TOML file.

    Raises:
        SettingsError: With every unknown key, wrong type and impossible value.
    """
    return settings_of(read_toml(path), path)


def settings_of(document: Mapping[str, Any], path: Path) -> Settings:
    """The same of a document that was read, or written in Python.

    Args:
        document: Sections by name.
        path: What messages call it; paths in it are relative to its folder.
    """
    reader = _Reader(path)
    settings = reader.settings(document)
    if reader.problems:
        raise SettingsError(*reader.problems)
    return settings


class _Reader(SettingsReader):
    """The sections of site.toml, and what its values may be."""

    def settings(self, document: Mapping[str, Any]) -> Settings:
        self.known(
            document, [item.name for item in fields(Settings) if item.name != "path"]
        )
        found = Settings(
            site=self._given(SiteSettings, "site", document),
            publish=self._given(Publish, "publish", document),
            policy=self._given(Policy, "policy", document),
            input=self._given(Input, "input", document),
            sweeps=self._sweeps(document.get("sweeps", {})),
            path=self.path,
        )
        self._check_values(found)
        self._check_input(found.input)
        self._check_words(found.input)
        return found

    def _given(
        self, kind: type[Section], name: str, document: Mapping[str, Any]
    ) -> Section:
        return self.section(kind, name, document.get(name, {})) or kind()

    def _sweeps(self, tables: object) -> dict[str, Sweep]:
        if not isinstance(tables, dict):
            self.problem("[sweeps]", f"is {shown(tables)}, expected a table per sweep")
            return {}
        return {
            name: self.section(Sweep, f"sweeps.{name}", table) or Sweep()
            for name, table in tables.items()
        }

    def _check_values(self, settings: Settings) -> None:
        """Values of the right type that still cannot be meant."""
        site, publish, policy = settings.site, settings.publish, settings.policy
        if site.base_url and (wrong := address_fault(site.base_url)):
            self.problem("[site] base_url", wrong)
        for name, path in (
            ("[site] notes", site.notes),
            ("[site] claims", site.claims),
            ("[publish] allow", publish.allow),
        ):
            if path is not None and not path.is_file():
                self.problem(
                    name,
                    f"names {shown(path.name)}, which is not a file",
                    f"paths are relative to the folder of {self.path.name}",
                )
        for name in {"task", "title", "note"}.intersection(site.groups):
            self.problem(
                "[site] groups",
                f"names the column {shown(name)}, which tells tasks apart",
                "name columns that several tasks share a value of",
            )
        if publish.min_cells < 1:
            self.problem(
                "[publish] min_cells", f"is {publish.min_cells}, expected at least 1"
            )
        for name, rule in RULES.items():
            value = getattr(policy, name)
            if expected := rule.expected(value):
                self.problem(f"[policy] {name}", f"is {value}, expected {expected}")

        if policy.missing == "fail" and not publish.cells:
            self.problem(
                "[policy] missing",
                "is fail, which would tell single cells by what was never tried",
                "it takes [publish] cells = true",
            )

    def _check_words(self, given: Input) -> None:
        """Words that mean what no column can say."""
        for name in given.aliases:
            if name in COLUMN_BY_NAME and COLUMN_BY_NAME[name].kind != "text":
                self.problem("[input] aliases", f"names {name}, which holds no names")
        meanings = [*map(str, Status), SCORE_DECIDES]
        for word, status in given.statuses.items():
            if status not in meanings:
                self.problem(
                    f"[input] statuses.{word}",
                    f"is {shown(status)}, expected one of {', '.join(meanings)}"
                    f"{near_miss(status, meanings)}",
                )

    def _check_input(self, given: Input) -> None:
        """Columns and defaults that the schema does not know."""
        named: dict[str, Sequence[str]] = {
            "columns": list(given.columns),
            "aliases": list(given.aliases),
            "unknown": list(given.unknown),
            "paths": PART.findall(given.paths),
            "defaults": list(given.defaults),
            "ignore": given.ignore,
        }
        totals = [("columns", name) for name in TOTALS]
        for key, words in named.items():
            for word in words:
                if word not in COLUMN_BY_NAME and (key, word) not in totals:
                    self.problem(
                        f"[input] {key}",
                        f"names {shown(word)}, which is not a column of cells.csv"
                        f"{near_miss(word, COLUMN_BY_NAME)}",
                    )
        parts = PART.findall(given.paths)
        if given.paths and len(set(parts)) != max(1, len(parts)):
            self.problem(
                "[input] paths",
                f"is {shown(given.paths)}, expected columns in braces, each once",
            )
        if not 0 < given.score_scale < math.inf:
            self.problem(
                "[input] score_scale",
                f"is {given.score_scale}, expected a finite number above 0",
            )
        for name, text in given.defaults.items():
            if name in COLUMN_BY_NAME:
                try:
                    COLUMN_BY_NAME[name].parse(text)
                except FieldError as error:
                    self.problem("", f"[input] defaults.{error.what}")


_URL = re.compile(r"https?://[^\s/?#]+[^\s?#]*", re.ASCII)


def address_fault(address: str) -> str:
    """What is wrong with the address of a published site; empty: nothing."""
    if not _URL.fullmatch(address):
        return f"is {shown(address)}, expected an http or https address"
    if "@" in re.split(r"[/\\]", address.partition("://")[2])[0]:
        return "holds a user or a password, which every page would show; leave it out"
    return ""
