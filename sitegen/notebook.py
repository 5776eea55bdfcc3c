"""Results where people analyse: frames in, frames and sites out."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from harness_bench.errors import SchemaError
from harness_bench.schema import COLUMNS
from sitegen.config import Settings, read_settings, settings_of
from sitegen.datafiles import standings as tables
from sitegen.gate.around import gate_around
from sitegen.inputs import Inputs, csv_file, inputs_of, read_inputs
from sitegen.publish import publish
from sitegen.read_table import of_frame
from sitegen.render import shipped_files
from sitegen.stats.results import results
from sitegen.whole import whole

Results = pd.DataFrame | str | PathLike[str]
Chosen = Mapping[str, Any] | str | PathLike[str] | None
"""Settings."""

_DTYPES = {"integer": "Int64", "number": "float64", "flag": "boolean"}


def read(found: Results, settings: Chosen = None) -> pd.DataFrame:
    """A row for each trial, typed; see `harness_bench.read`."""
    records = _trials(found, settings).records
    columns = {
        column.name: pd.Series(
            records.values(column.name),
            dtype=_DTYPES.get(column.kind, "object"),
        )
        for column in COLUMNS
    }
    return pd.DataFrame(columns).dropna(axis="columns", how="all")


def standings(found: Results, settings: Chosen = None) -> pd.DataFrame:
    """A row for each combo, in the order of the board."""
    inputs = _trials(found, settings)
    site = inputs.settings.site
    # All of it is the author's own: nothing is withheld.
    computed = results(
        inputs.records, inputs.settings.policy, default_sweep=site.default_sweep
    )
    table = tables.combos(computed.main)
    return pd.DataFrame(table.records(), columns=[each.name for each in table.fields])


def build(found: Results, folder: str | PathLike[str], settings: Chosen) -> Path:
    """Write a site once the gate has searched it; see `harness_bench.build`."""
    out = Path(folder)
    inputs = _inputs(found, settings)
    at = [] if isinstance(found, pd.DataFrame) else [csv_file(Path(found))]
    made = whole(inputs, at, out, say=lambda _: None)
    made.check(gate_around(inputs, at, out=out, shipped=shipped_files()).gate)
    publish(made.site, out, searched=True)
    return out


def _trials(found: Results, settings: Chosen) -> Inputs:
    inputs = _inputs(found, settings)
    if inputs.totals:
        raise SchemaError("its rows are totals, not trials; `build` shows them")
    return inputs


def _inputs(found: Results, settings: Chosen) -> Inputs:
    if isinstance(found, pd.DataFrame):
        chosen = _settings(settings) or Settings()
        table = of_frame(found, asked=chosen.input.columns.values())
        return inputs_of([table], chosen)
    return read_inputs([Path(found)], settings=_settings(settings))


def _settings(given: Chosen) -> Settings | None:
    if given is None:
        return None
    if isinstance(given, Mapping):
        return settings_of(given, Path("settings"))
    return read_settings(Path(given))
