"""site.toml: what a site is called, what it publishes, and by which rules it counts.

Each section is a dataclass and each key one of its fields, with its default;
the reader follows the types. To add a setting, add a field.
"""

import re
import tomllib
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from harness_bench.columns import FieldError
from harness_bench.errors import SettingsError, near_miss, shown
from harness_bench.schema import COLUMN_BY_NAME, Status

Section = TypeVar("Section")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """`[site]`: what the site is called and says about itself."""

    title: str = "harness-bench"
    """Name of the site."""
    question: str = "Which model, in which harness?"
    """The heading of the first page."""
    base_url: str = ""
    """Address where the site will stand. Canonical links, link previews and `embed`
    use it; links between pages do without."""
    default_sweep: str | None = None
    """Where models and harnesses are compared; None: the sweep with the most rows."""
    status: str = ""
    """A word such as `preliminary`, in bold in the banner of every page."""
    note: str = ""
    """A plain sentence in that banner."""
    notes: Path | None = None
    """A Markdown file for the methodology page; relative to site.toml."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`[policy]`: how trials are counted."""

    timeout: Literal["fail", "drop"] = "fail"
    """What a trial that ran out of time counts as."""
    grader_access: Literal["keep", "fail", "drop"] = "keep"
    """What the headline does with trials that ran or read the hidden grader."""
    pass_score: float = 1.0
    """From this score a trial without status and verdict counts as passed."""
    margin: float = 0.05
    """Two pass rates that are surely closer than this are called equal."""
    mixed_task_versions: bool = False
    """Whether one ranking may hold two versions of a task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """`[input]`: how foreign tables are put into our words."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Our column to the file's."""
    statuses: Mapping[str, Status] = field(default_factory=dict)
    """The file's status to ours."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Our column to what an empty or absent field of it means."""
    ignore: tuple[str, ...] = ()
    """Our columns that mean something else in the file."""
    score_outside: Literal["error", "clip", "empty"] = "error"
    """What becomes of a score outside 0..1."""
    duplicates: Literal["error", "first", "last"] = "error"
    """What becomes of rows with one key."""


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
    try:
        document = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        reason = (
            "is a folder" if path.is_dir() else f"cannot be read ({error.strerror})"
        )
        raise SettingsError(f"{path.name}: {reason}, expected a TOML file") from error
    except ValueError as error:  # not UTF-8, not TOML, or an endless number
        raise SettingsError(f"{path.name}: {error}, expected UTF-8 TOML") from error
    reader = _Reader(path)
    settings = reader.settings(document)
    if reader.problems:
        raise SettingsError(*reader.problems)
    return settings


class _Reader:
    """Turns a TOML document into settings and collects what does not fit."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[str] = []

    def settings(self, document: Mapping[str, Any]) -> Settings:
        known = [item.name for item in fields(Settings) if item.name != "path"]
        for name in document:
            if name not in known:
                self._problem(
                    "",
                    f"unknown section {shown(name)}, expected one of"
                    f" {', '.join(known)}{near_miss(name, known)}",
                )
        found = Settings(
            site=self._section(SiteSettings, "site", document.get("site", {})),
            publish=self._section(Publish, "publish", document.get("publish", {})),
            policy=self._section(Policy, "policy", document.get("policy", {})),
            input=self._section(Input, "input", document.get("input", {})),
            sweeps=self._sweeps(document.get("sweeps", {})),
            path=self.path,
        )
        self._check_values(found)
        self._check_input(found.input)
        return found

    def _sweeps(self, tables: object) -> dict[str, Sweep]:
        if not isinstance(tables, dict):
            self._problem("[sweeps]", f"is {shown(tables)}, expected a table a sweep")
            return {}
        return {
            name: self._section(Sweep, f"sweeps.{name}", table)
            for name, table in tables.items()
        }

    def _section(self, kind: type[Section], name: str, table: object) -> Section:
        """A section's dataclass; a key that does not fit keeps its default."""
        if not isinstance(table, dict):
            self._problem(f"[{name}]", f"is {shown(table)}, expected a table")
            return kind()
        annotations = get_type_hints(kind)
        known = [item.name for item in fields(kind)]  # type: ignore[arg-type]  # ours are dataclasses
        values: dict[str, object] = {}
        for key, value in table.items():
            where = f"[{name}] {key}"
            if key not in known:
                self._problem(
                    f"[{name}]",
                    f"unknown key {shown(key)}, expected one of"
                    f" {', '.join(known)}{near_miss(key, known)}",
                )
                continue
            try:
                values[key] = self._value(annotations[key], value)
            except _UnexpectedError as unexpected:
                self._problem(
                    f"{where}{unexpected.inside}",
                    f"is {shown(unexpected.found)}, expected {unexpected}",
                )
        return kind(**values)

    def _value(self, annotation: Any, value: object) -> object:  # noqa: ANN401 - a type form
        """A TOML value as a field's type wants it.

        Raises:
            _UnexpectedError: It has another type, or is no word of the type.
        """
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is types.UnionType:  # `X | None`: TOML has no None
            return self._value(arguments[0], value)
        if origin is Literal:
            if value not in arguments or not isinstance(value, str):
                hint = near_miss(value, arguments) if isinstance(value, str) else ""
                raise _UnexpectedError(value, f"one of {', '.join(arguments)}{hint}")
            return value
        if origin is tuple:
            if not isinstance(value, list):
                raise _UnexpectedError(value, "a list of strings")
            return tuple(self._value(arguments[0], item) for item in value)
        if origin is Mapping:
            if not isinstance(value, dict):
                raise _UnexpectedError(value, "a table of strings")
            return {
                key: self._entry(key, arguments[1], item) for key, item in value.items()
            }
        return self._scalar(annotation, value)

    def _entry(self, key: str, annotation: object, value: object) -> object:
        try:
            return self._value(annotation, value)
        except _UnexpectedError as unexpected:
            unexpected.inside = f".{key}"
            raise

    def _scalar(self, kind: type, value: object) -> object:
        expected = _EXPECTED.get(kind, "a string")
        # In Python a bool is an int; in TOML it is not.
        if kind is float and type(value) is int:
            return float(value)
        if kind in _EXPECTED:
            if type(value) is not kind:
                raise _UnexpectedError(value, expected)
            return value
        if not isinstance(value, str):
            raise _UnexpectedError(value, expected)
        if issubclass(kind, StrEnum):
            if value not in set(kind):
                words = [member.value for member in kind]
                hint = near_miss(value, words)
                raise _UnexpectedError(value, f"one of {', '.join(words)}{hint}")
            return kind(value)
        if "\0" in value or not value:
            raise _UnexpectedError(value, "a path")
        return (self.path.parent / Path(value).expanduser()).resolve()

    def _check_values(self, settings: Settings) -> None:
        """Values of the right type that still cannot be meant."""
        site, publish, policy = settings.site, settings.publish, settings.policy
        if site.base_url and not _URL.fullmatch(site.base_url):
            self._problem(
                "[site] base_url",
                f"is {shown(site.base_url)}, expected an http or https address",
            )
        if site.notes is not None and not site.notes.is_file():
            self._problem(
                "[site] notes",
                f"is {shown(site.notes.name)}, expected a file beside {self.path.name}",
            )
        if publish.min_cells < 1:
            self._problem(
                "[publish] min_cells", f"is {publish.min_cells}, expected at least 1"
            )
        if not 0 < policy.pass_score <= 1:
            self._problem(
                "[policy] pass_score",
                f"is {policy.pass_score}, expected a number above 0, at most 1",
            )
        if not 0 < policy.margin < 1:
            self._problem(
                "[policy] margin",
                f"is {policy.margin}, expected a number above 0 and below 1",
            )

    def _check_input(self, given: Input) -> None:
        """Columns and defaults that the schema does not know."""
        named: dict[str, Sequence[str]] = {
            "columns": list(given.columns),
            "defaults": list(given.defaults),
            "ignore": given.ignore,
        }
        for key, words in named.items():
            for word in words:
                if word not in COLUMN_BY_NAME:
                    self._problem(
                        f"[input] {key}",
                        f"names the unknown column {shown(word)}, expected one of"
                        f" cells.csv{near_miss(word, COLUMN_BY_NAME)}",
                    )
        for name, text in given.defaults.items():
            if name in COLUMN_BY_NAME:
                try:
                    COLUMN_BY_NAME[name].parse(text)
                except FieldError as error:
                    self._problem("", f"[input] defaults.{error.message}")

    def _problem(self, where: str, what: str) -> None:
        place = f"{self.path.name}: {where}".rstrip(": ")
        self.problems.append(f"{place}{' ' if where else ': '}{what}")


class _UnexpectedError(Exception):
    """A value that a setting does not take; str() is what it takes."""

    def __init__(self, found: object, expected: str) -> None:
        super().__init__(expected)
        self.found = found
        self.inside = ""
        """Where in the setting's table it stands."""


_EXPECTED = {
    str: "a string",
    bool: "true or false",
    int: "an integer",
    float: "a number",
}
_URL = re.compile(r"https?://[^\s/?#]+[^\s?#]*", re.ASCII)
