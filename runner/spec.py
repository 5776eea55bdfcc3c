"""run.toml: what is measured, how often, and within which limits.

Each section is a dataclass and each key one of its fields, with its default; the
reader follows the types. A `[[model]]` or `[[harness]]` table also holds the settings
of its plugin, which are the fields of the dataclass that its entry point names.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from enum import StrEnum, auto
from pathlib import Path
from typing import Any, TypeVar, cast

from harness_bench.columns import FieldError, format_value
from harness_bench.errors import (
    PluginError,
    Problem,
    RunError,
    SettingsError,
    near_miss,
    shown,
)
from harness_bench.registry import load, names
from harness_bench.schema import COLUMN_BY_NAME
from harness_bench.settings import SettingsReader, read_toml
from runner.harnesses.harness import Harness
from runner.limits import Limits
from runner.models import address
from runner.models.model import Model
from runner.proxy.wire.wire import Sampling
from runner.proxy.wordings import read as read_wordings

Section = TypeVar("Section")

HIGHEST = 1e9
"""No limit is above it: beyond thirty years or a billion tokens nothing is limited."""


class Keep(StrEnum):
    """Whose workspaces are kept when their trials have ended."""

    ALL = auto()
    FAILED = auto()
    NONE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """`[run]`: what is run, and how often."""

    name: str = ""
    """Name of the run and of its folder. Without it, the name of the file, or of the
    folder around it where the file is called run.toml."""
    packs: tuple[Path, ...] = ()
    """Folders of tasks; at least one."""
    tasks: tuple[str, ...] = ("*",)
    """Names of tasks, or patterns: `fix-*`."""
    seeds: int = 1
    """Trials of each cell."""
    jobs: int = 1
    """Trials at one time. More than one changes what is measured where they share a
    model server."""
    attempts: int = 3
    """How often a trial is executed, at most, when it fails for reasons that are not
    the agent's."""
    sandbox: str = "bubblewrap"
    """What confines the agent and the graded code: an entry point of
    `harness_bench.sandboxes`."""
    engine: str = "local"
    """What executes the plan: an entry point of `harness_bench.engines`."""
    keep: Keep = Keep.ALL
    """Whose workspaces are kept, to look at and for `regrade`: `all`, `failed` (those
    that did not pass), or `none`."""
    hardware: str | None = None
    """What the models run on, in words. Without it, the processor of this machine."""
    wordings: Path | None = None
    """A file of further words of servers, before those of the program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """`[[model]]`: one model in one quantisation; the rest is its server's."""

    name: str
    """The model as its provider spells it."""
    quant: str = ""
    """Its quantisation."""
    variant: str = ""
    """What else sets it apart from another table of this name and quant: `high`,
    `no thinking`. The column variant holds it."""
    sweep: str = ""
    """The sweep that its trials belong to: those meant to be compared."""
    server: str = ""
    """What serves it: an entry point of `harness_bench.models`. Without it, `scripted`
    where `script` is given, `llama_server` where `gguf` is, `hosted` where `key_env`
    is, else `endpoint` where `base_url` is. A `base_url` on this machine is hosted only
    with a `vendor` or `prices`."""
    context_tokens: int = 32_768
    """Tokens that it can hold; harnesses are told."""
    output_tokens: int = 8_192
    """Tokens that one answer may have; harnesses are told, and each request says it."""
    temperature: float | None = None
    """What each request asks for, whatever its harness wrote. Without it, what the
    harness or the server says."""
    omit: tuple[str, ...] = ()
    """Fields of requests that its server refuses: `["seed", "stream_options"]`."""
    rename: Mapping[str, str] = field(default_factory=dict)
    """Fields that it wants under another name:
    `{ max_tokens = "max_completion_tokens" }`."""
    title: str | None = None
    """Public: its name on pages."""
    note: str | None = None
    """Public: a sentence about it."""
    family: str | None = None
    """Public: who made it."""
    vendor: str | None = None
    """Public, and of hosted models alone: who answers. Without it, the host of
    `base_url`."""
    total_params_b: float | None = None
    """Public: all parameters, in billions."""
    active_params_b: float | None = None
    """Public: those used a token, in billions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec(ModelSettings):
    """A model with what serves it."""

    model: Model

    @property
    def label(self) -> str:
        """What people read: name, quant, variant and sweep, those that are there."""
        parts = (self.name, self.quant, self.variant, self.sweep)
        return " ".join(filter(None, parts))

    def sampling(self, seed: int) -> Sampling:
        """What each request to it asks for."""
        return Sampling(
            temperature=self.temperature,
            seed=seed,
            output_tokens=self.output_tokens,
            omit=self.omit,
            rename=self.rename,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HarnessSettings:
    """`[[harness]]`: one agent program; the rest is its own."""

    name: str
    """An entry point of `harness_bench.harnesses`."""
    variant: str = ""
    """What sets it apart from another table of this name: a profile, an edit format.
    The column variant holds it, after that of the model: `high + diff`."""
    title: str | None = None
    """Public: its name on pages."""
    note: str | None = None
    """Public: a sentence about it."""
    vendor: str | None = None
    """Public: who makes it, spelled as the vendor of a hosted model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HarnessSpec(HarnessSettings):
    """A harness with its settings."""

    harness: Harness

    @property
    def label(self) -> str:
        """What people read: name and variant."""
        return f"{self.name} {self.variant}".strip()


def variant_of(model: ModelSpec, harness: HarnessSpec) -> str:
    """What the column of this name says of a combo."""
    return " + ".join(filter(None, (model.variant, harness.variant)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A whole run.toml."""

    run: RunSettings
    limits: Limits
    models: tuple[ModelSpec, ...]
    harnesses: tuple[HarnessSpec, ...]
    path: Path
    """Where it was read from."""

    def run_folder(self, named: Path | None) -> Path:
        """Where the run is kept: where a person says, or in `runs/` beside this file.

        Raises:
            RunError: It is where earlier versions kept it: in `runs/` of the current
                folder.
        """
        if named:
            return named
        found = self.path.parent / "runs" / self.run.name
        before = Path("runs") / self.run.name
        if not found.exists() and (before / "ledger").exists():
            what = f"holds this run, which is now kept in {found}"
            advice = f"move it there, or give --run {before}"
            raise RunError(Problem(str(before), what, advice))
        return found


def read_spec(path: Path | Spec, content: bytes | None = None) -> Spec:
    """The spec in a TOML file; paths in it are relative to its folder.

    Args:
        path: The file; what was read already is that.
        content: What it is to hold; None: what it holds.

    Raises:
        SettingsError: With every unknown key, wrong type and impossible value.
    """
    if isinstance(path, Spec):
        return path
    document = read_toml(path, content)
    reader = _Reader(path)
    spec = reader.spec(document)
    if spec is None:
        raise SettingsError(*reader.problems)
    return spec


class _Reader(SettingsReader):
    """The sections of run.toml, and what its values may be."""

    def spec(self, document: Mapping[str, Any]) -> Spec | None:
        """The whole; None: there are problems."""
        self.known(document, ["run", "limits", "model", "harness"])
        run = self.section(RunSettings, "run", document.get("run", {})) or RunSettings()
        path = self.path.resolve()
        default = path.parent.name if path.stem == "run" else path.stem
        run = replace(run, name=run.name or default)
        limits = self.section(Limits, "limits", document.get("limits", {})) or Limits()
        self._check_run(run, document)
        for item in fields(Limits):
            value = getattr(limits, item.name)
            if not 0 < value <= HIGHEST:
                what = f"is {shown(value)}, expected a number above 0, at most"
                self.problem(f"[limits] {item.name}", f"{what} {HIGHEST:,.0f}")
        models = [self._model(*each) for each in self._tables("model", document)]
        harnesses = [self._harness(*each) for each in self._tables("harness", document)]
        found = [model for model in models if model]
        programs = [harness for harness in harnesses if harness]
        self._check_unique(
            "[[model]]", [(m.name, m.quant, m.variant, m.sweep) for m in found]
        )
        self._check_unique("[[harness]]", [(h.name, h.variant) for h in programs])
        if not self.problems:
            # Joined, what models and harnesses say may come to the same.
            self._check_unique(
                "[[model]] with [[harness]]",
                [
                    (m.name, m.quant, m.sweep, h.name, variant_of(m, h))
                    for m in found
                    for h in programs
                ],
            )
        if self.problems:
            return None
        return Spec(
            run=run,
            limits=limits,
            models=tuple(found),
            harnesses=tuple(programs),
            path=self.path,
        )

    def _check_run(self, run: RunSettings, document: Mapping[str, Any]) -> None:
        given = document.get("run")
        given = given if isinstance(given, dict) else {}
        if not _SAFE_NAME.fullmatch(run.name):
            self.problem(
                "[run] name",
                f"is {shown(run.name)}, expected a name for a folder: letters, digits,"
                " '.', '_' and '-', not starting with '.' or '-'",
            )
        self._check_counts("[run]", run, ("seeds", "jobs", "attempts"))
        self._check_plugin("[run] sandbox", "sandboxes", run.sandbox)
        self._check_plugin("[run] engine", "engines", run.engine)
        self._check_text("[run] hardware", "hardware", run.hardware)
        if run.wordings is not None:
            try:
                read_wordings(run.wordings)
            except SettingsError as error:
                self.problems += error.problems
        if not run.tasks:
            self.problem("[run] tasks", "is empty, expected names or patterns")
        if not run.packs and not given.get("packs"):
            self.problem("[run]", "packs is missing", "name folders of tasks")
        folder = self.path.parent.resolve()
        for pack in (each for each in run.packs if not each.is_dir()):
            name = pack.relative_to(folder) if pack.is_relative_to(folder) else pack
            what = f"names {shown(str(name))}, which is not a folder"
            self.problem("[run] packs", what)

    def _check_counts(self, where: str, found: object, keys: Sequence[str]) -> None:
        for key in keys:
            value = getattr(found, key)
            if not 1 <= value <= HIGHEST:
                self.problem(f"{where} {key}", f"is {value}, expected at least 1")

    def _tables(
        self, name: str, document: Mapping[str, Any]
    ) -> Iterable[tuple[str, dict[str, Any]]]:
        """The tables of an array, each with what messages call it."""
        found = document.get(name, [])
        if not isinstance(found, list) or not all(isinstance(t, dict) for t in found):
            self.problem(
                f"[{name}]", f"is {shown(found)}, expected tables headed [[{name}]]"
            )
            return ()
        if not found:
            self.problem("", f"has no [[{name}]]", "a run needs one or more")
        return [(f"[{name} {at}]", each) for at, each in enumerate(found, start=1)]

    def _model(self, where: str, table: dict[str, Any]) -> ModelSpec | None:
        server = table.get("server") or next(
            (server for key, server in _SERVER_OF.items() if key in table), ""
        )
        if server == "hosted" and "server" not in table and _is_own(table):
            server = "endpoint"
        kind = None
        if not server:
            self.problem(
                f"[{where}]",
                "server is missing",
                f"name one ({', '.join(names('models'))}), or give a key that tells:"
                f" {', '.join(_SERVER_OF)}",
            )
        elif isinstance(server, str):  # else its type is a problem of its own
            kind = self._plugin(f"[{where}] server", "models", server)
        shared, own = self._both(ModelSettings, kind, where, table)
        if shared is None:
            return None
        self._check_model(f"[{where}]", shared)
        if own is None:
            return None
        values = {item.name: getattr(shared, item.name) for item in fields(shared)}
        model = cast("Model", own)
        vendor = self._vendor(f"[{where}]", model, shared.vendor)
        return ModelSpec(**values | {"server": server, "vendor": vendor}, model=model)

    def _vendor(self, where: str, model: Model, said: str | None) -> str | None:
        """Who answers; None: a machine of one's own.

        So a hosted model is never published as a local one, and none as hosted whose
        tasks needed nobody's leave.
        """
        if not model.is_hosted:
            if said is not None:
                self.problem(
                    f"{where} vendor",
                    f"is {shown(said)}, but the model is not hosted: it has no key_env",
                    "the maker of a model is its family",
                )
            return None
        vendor = said or getattr(model, "host", None)
        if vendor is None:
            self.problem(where, "vendor is missing", "say who answers")
        return vendor

    def _harness(self, where: str, table: dict[str, Any]) -> HarnessSpec | None:
        name = table.get("name")
        kind = None
        if isinstance(name, str):  # else its type is a problem of its own
            kind = self._plugin(f"[{where}] name", "harnesses", name)
        shared, own = self._both(HarnessSettings, kind, where, table)
        if shared is None:
            return None
        columns = {"name": "harness", "variant": "variant"}
        self._check_texts(f"[{where}]", columns, shared)
        if own is None:
            return None
        values = {item.name: getattr(shared, item.name) for item in fields(shared)}
        return HarnessSpec(**values, harness=cast("Harness", own))

    def _both(
        self,
        shared: type[Section],
        kind: type[Any] | None,
        where: str,
        table: dict[str, Any],
    ) -> tuple[Section | None, object | None]:
        """A table as what all plugins of its kind share, and as the plugin's own.

        A field that both have gets the value in both.
        """
        ours = [item.name for item in fields(cast("Any", shared))]
        theirs = [item.name for item in fields(kind)] if kind else []
        if kind:
            self.known(table, dict.fromkeys([*ours, *theirs]), f"[{where}]")
        before = len(self.problems)
        of_ours = {key: table[key] for key in ours if key in table}
        found = self.section(shared, where, of_ours)
        told = self.problems[before:]
        of_theirs = {key: table[key] for key in theirs if key in table}
        own = self.section(kind, where, of_theirs) if kind else None
        # What both find in one key is said once.
        self.problems[before:] = dict.fromkeys([*told, *self.problems[before:]])
        return found, own

    def _plugin(self, where: str, kind: str, name: str) -> type[Any] | None:
        """The dataclass that a plugin's entry point names."""
        if not self._check_plugin(where, kind, name):
            return None
        try:
            found = load(kind, name)
        except PluginError as error:
            self.problem(where, f"is {shown(name)}: {error}")
            return None
        if not (isinstance(found, type) and is_dataclass(found)):
            what = f"is {shown(name)}, whose entry point is {shown(found)}"
            self.problem(where, f"{what}, not a dataclass")
            return None
        return found

    def _check_plugin(self, where: str, kind: str, name: str) -> bool:
        known = names(kind)
        if name in known:
            return True
        self.problem(
            where,
            f"is {shown(name)}, which is not installed{near_miss(name, known)}",
            f"choose one of {', '.join(known)}" if known else "none is installed",
        )
        return False

    def _check_model(self, where: str, model: ModelSettings) -> None:
        columns = {"name": "model", "quant": "quant"}
        columns |= {"variant": "variant", "sweep": "sweep"}
        self._check_texts(where, columns, model)
        self._check_counts(where, model, ("context_tokens", "output_tokens"))
        for key in ("temperature", "active_params_b", "total_params_b"):
            value = getattr(model, key)
            if value is not None and not 0 <= value < math.inf:
                what = f"is {value}, expected a finite number >= 0"
                self.problem(f"{where} {key}", what)
        for key, whole in (
            ("output_tokens", "context_tokens"),
            ("active_params_b", "total_params_b"),
        ):
            part, most = getattr(model, key), getattr(model, whole)
            if part is not None and most is not None and part > most:
                what = f"is {part:.15g}, but {whole} is only {most:.15g}"
                self.problem(f"{where} {key}", what)
        self._check_shape(where, model)

    def _check_shape(self, where: str, model: ModelSettings) -> None:
        """Whether requests can be sent without, and under, these names."""
        shaped = [("omit", name) for name in model.omit]
        shaped += [("rename", name) for name in model.rename]
        for key, name in shaped:
            if name in _NEEDED:
                what = f"names {shown(name)}, which every request needs"
                self.problem(f"{where} {key}", what)
        new = [*model.rename.values()]
        for name in dict.fromkeys(new):
            if not name or name in model.rename or new.count(name) > 1:
                what = f"gives {shown(name)} as a new name, expected one of its own"
                self.problem(f"{where} rename", what)

    def _check_texts(
        self, where: str, columns: Mapping[str, str], found: object
    ) -> None:
        """Whether the texts of a table fit the files that they go to."""
        for item in fields(cast("Any", found)):
            value = getattr(found, item.name)
            if isinstance(value, str) or item.name in columns:
                # Metadata files take what a column of text takes.
                column = columns.get(item.name, "hardware")
                self._check_text(f"{where} {item.name}", column, value)

    def _check_text(self, where: str, column: str, text: str | None) -> None:
        """Whether a text comes back from a field of a CSV as it is."""
        given, takes = text or "", COLUMN_BY_NAME[column]
        try:
            fits = format_value(takes.parse(given)) == given
        except FieldError:
            fits = False
        if not fits:
            what = f"is {shown(given)}, expected {takes.expected}"
            self.problem(where, f"{what} without blanks around it")

    def _check_unique(self, where: str, keys: Sequence[tuple[str, ...]]) -> None:
        for key in dict.fromkeys(keys):
            if (count := keys.count(key)) > 1:
                label = shown(" ".join(filter(None, key)))
                self.problem(where, f"{label} is given {count} times")


def _is_own(table: Mapping[str, Any]) -> bool:
    """Whether a server with a key is no vendor's.

    It is on this machine, or said to be one's own. One with a vendor or prices passes
    tasks on.
    """
    url = table.get("base_url")
    place = address.split(url) if isinstance(url, str) else None
    is_here = place is not None and address.is_this_machine(place)
    is_own = is_here or table.get("own_machine") is True
    return is_own and "vendor" not in table and "prices" not in table


_NEEDED = ("model", "messages", "input", "system", "tools", "stream")
_SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_SERVER_OF = {
    "script": "scripted",
    "gguf": "llama_server",
    "key_env": "hosted",
    "base_url": "endpoint",
}
"""A key, and the kind of server that it tells of; the first that is given."""
