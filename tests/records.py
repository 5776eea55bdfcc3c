"""Small tables for tests: records by combo and task, counts by group and task."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from harness_bench.schema import Record, Status
from sitegen.config import Publish, Settings, SiteSettings
from sitegen.inputs import Inputs, read_inputs
from sitegen.keys import ComboKey
from sitegen.metadata import Metadata
from sitegen.policy import Policy
from sitegen.records import Records
from sitegen.stats.counts import Counts
from sitegen.stats.results import Results, Scope, results
from sitegen.stats.trials import IntArray

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "harness-bench-2026" / "cells.csv"
REAL = ROOT / "tests" / "data" / "real"
CANAICODE = REAL / "canaicode.csv.gz"
METR = REAL / "metr_runs_2025_01.csv.gz"
TAU = REAL / "taubench_airline_gpt4o.csv.gz"


def record(combo: str = "m/q/h", task: str = "t", **more: Any) -> Record:  # noqa: ANN401 - any field of a record
    """A record of a combo "model/quant/harness"; passed unless it says otherwise."""
    model, quant, harness = combo.split("/")
    given = {"passed": True} if not {"status", "score"} & set(more) else {}
    return Record(model=model, quant=quant, harness=harness, task=task, **given | more)


def repeated(combo: str, task: str, outcomes: Iterable[bool]) -> list[Record]:
    """One record an outcome, seeds counted from 0."""
    return [
        record(combo, task, seed=seed, passed=passed)
        for seed, passed in enumerate(outcomes)
    ]


def grid(cells: Mapping[str, Mapping[str, str]], **more: Any) -> list[Record]:  # noqa: ANN401 - any field of a record
    """Records from outcomes by combo and task, spelled "+-": passed, failed."""
    return [
        record(combo, task, seed=seed, passed=mark == "+", **more)
        for combo, tasks in cells.items()
        for task, marks in tasks.items()
        for seed, mark in enumerate(marks)
    ]


def ints(values: Sequence[int]) -> IntArray:
    return np.array(values, dtype=np.int64)


def counts_of(groups: Mapping[str, Sequence[tuple[int, int]]]) -> Counts[ComboKey]:
    """Counts from (passed, trials) of each group on each task; (0, 0): not run."""
    passed = np.array([[p for p, _ in tasks] for tasks in groups.values()], np.int64)
    trials = np.array([[n for _, n in tasks] for tasks in groups.values()], np.int64)
    ran = [[(p, n) for p, n in tasks if n] for tasks in groups.values()]
    return Counts(
        labels=tuple(ComboKey(name, "", "") for name in groups),
        trials=trials,
        passed=passed,
        cells=(trials > 0).astype(np.int64),
        rates=tuple(
            sum((Fraction(p, n) for p, n in own), start=Fraction(0)) / len(own)
            if own
            else None
            for own in ran
        ),
        times_s=(None,) * len(groups),
        beside=(True,) * len(groups),
        inverse=tuple(
            sum((Fraction(1, n) for _, n in own), start=Fraction(0)) for own in ran
        ),
    )


def scope_of(records: Sequence[Record], **policy: Any) -> Scope:  # noqa: ANN401 - any policy
    """All numbers over all of these records."""
    return results(records, Policy(**policy), default_sweep=None).all


def inputs(records: Iterable[Record], **publish: Any) -> Inputs:  # noqa: ANN401 - any setting of [publish]
    """What `build` takes: the default settings, but cells are published if not said."""
    return Inputs(
        records=Records.of(records).canonical(),
        settings=Settings(
            site=SiteSettings(title="Test site"),
            publish=Publish(**{"cells": True} | publish),
        ),
        metadata=Metadata(),
    )


@cache
def read(path: Path) -> Inputs:
    """A data set with the settings beside it, read once in each process."""
    return read_inputs([path])


@cache
def computed(path: Path) -> Results:
    """Its numbers, computed once in each process."""
    found = read(path)
    return results(
        found.records,
        found.settings.policy,
        default_sweep=found.settings.site.default_sweep,
        told=found.metadata.groups(found.settings.site.groups),
    )


def with_publish(found: Inputs, **publish: Any) -> Inputs:  # noqa: ANN401 - any setting of [publish]
    """The same input without posts, under other settings of `[publish]`."""
    settings = replace(
        found.settings, publish=replace(found.settings.publish, **publish)
    )
    return replace(found, settings=settings, posts=())


UNMEASURED = (
    Status.INFRA_SERVER,
    Status.INFRA_SANDBOX,
    Status.INFRA_SETUP,
    Status.INFRA_GRADER,
    Status.CANCELLED,
)


def data_of(site: Mapping[str, bytes]) -> dict[str, bytes]:
    """The data files of a site as JSON, without schemas and the list of charts."""
    return {
        path: content
        for path, content in site.items()
        if re.fullmatch(r"data/(?!schema/)(.+/)?[a-z_]+\.json", path)
        and path != "data/charts.json"
    }
