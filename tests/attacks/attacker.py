"""Whoever has every published file, a solver, and knows which cells were run."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pytest
from ortools.sat.python import cp_model
from scipy.optimize import linprog

from harness_bench.schema import GraderAccess
from sitegen.records import Records
from sitegen.stats.intervals import rate_interval
from sitegen.stats.intraclass import Worth
from sitegen.stats.quants import quant_bits
from sitegen.stats.trials import FloatArray

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness_bench.schema import Record
    from sitegen.inputs import Inputs
    from sitegen.site import Site

Cell: TypeAlias = tuple[str, str, str, str, str]
"""Model, quant, harness, task, sweep."""

Solved: TypeAlias = "tuple[str, ...]"
"""Combo and task."""

Table: TypeAlias = Mapping[Cell, int]
"""How many trials of each cell passed."""

_TRIES = 1000
"""Tables that are looked at; about half as many as there are cells are enough."""
_WIDTH = 0.1 + 1e-3
"""Between the least and the largest value that a score may have, where it is told."""
_BY_TASK = {"models": "task_models", "harnesses": "task_harnesses"}
_KEYS = ("model", "quant", "harness", "task")


@dataclass
class Attack:
    """A table that is not known, and all that is known of it."""

    trials: Counter[Cell]
    truth: Counter[Cell]
    groups: Mapping[str, Mapping[str, str]]
    """By column, what is told of tasks."""
    model: cp_model.CpModel = field(default_factory=cp_model.CpModel)
    cells: dict[Cell, cp_model.IntVar] = field(default_factory=dict)
    equations: int = 0

    @classmethod
    def on(cls, inputs: Inputs, site: Site, *, totals_only: bool = False) -> Attack:
        """Every number of every data file of a site, or only those of all sites."""
        settings = inputs.settings
        trials: Counter[Cell] = Counter()
        truth: Counter[Cell] = Counter()
        for r in inputs.records:
            if r.passed is not None or r.status is not None:
                trials[_cell(r)] += 1
                truth[_cell(r)] += _passed(r)
        self = cls(trials, truth, inputs.metadata.groups(settings.site.groups))
        for cell, n in trials.items():
            self.cells[cell] = self.model.new_int_var(0, n, "")
        folders = {
            path.split("/")[1] if path.count("/") > 1 else ""
            for path in site
            if path.startswith("data/") and not path.startswith("data/schema/")
        }
        if totals_only:
            site = {
                path: site[path] for path in ("data/combos.json", "data/tasks.json")
            }
        for folder in folders:
            self._read(site, folder)
        return self

    def _read(self, site: Site, folder: str) -> None:
        inside = [c for c in self.cells if not folder or c[4].lower() == folder]
        for path, content in site.items():
            parent, _, name = path.rpartition("/")
            stem = name.removesuffix(".json")
            if parent != f"data/{folder}".rstrip("/") or stem == name:
                continue
            if stem in {"claims", "charts", "coverage", "spending", "speed"}:
                continue
            if stem in _BY_TASK:
                self._verdicts(site, parent, stem)
            if stem == "pairs":
                continue
            for row in json.loads(content)["rows"]:
                self._row(stem, row, inside)

    def _row(self, name: str, row: Mapping[str, Any], inside: Sequence[Cell]) -> None:
        own = [cell for cell in inside if self._belongs(row, cell)]
        match name:
            case "quant_pairs":
                both = self._shared(row, inside)
                self._sum(both[0], row["passed_a"])
                self._sum(both[1], row["passed_b"])
            case "audit":
                self._sum(own, row["passed_kept"])
            case "scores":
                pass
            case _:
                self._sum(own, row["passed"])
                if row.get("rate") is not None:
                    self._rate(own, row["rate"])
                if row.get("tasks_missed") is not None:
                    self._missed(own, row["tasks_missed"])
                if row.get("ci_low") is not None:
                    self._interval(row, own)
                assert row.get("se_seeds") is row.get("se_tasks") is None
                assert name in _BY_TASK or row.get("rank_low") is None

    def _verdicts(self, site: Site, folder: str, name: str) -> None:
        """Follow from how each did on each task: whoever has these has them all."""

        def rows(file: str) -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = json.loads(site[f"{folder}/{file}.json"])[
                "rows"
            ]
            return found

        def who(row: Mapping[str, Any]) -> tuple[str, ...]:
            return tuple(row[key] for key in keys)

        keys = ("harness",) if name == "harnesses" else ("model", "quant")
        tasks = Counter(map(who, rows(_BY_TASK[name])))
        for row in rows(name):
            assert row["rank_low"] is None or tasks[who(row)] == row["n_tasks"]
            assert (row["rank_low"] is None) == (row["tier"] is None)
        kinds = {"models": {"model", "quant"}, "harnesses": {"harness"}}[name]
        told = {row["kind"] for row in rows("pairs")}
        assert "combo" not in told
        assert not told & kinds or any(row["tier"] for row in rows(name))

    def _belongs(self, row: Mapping[str, Any], cell: Cell) -> bool:
        parts = dict(zip(_KEYS, cell, strict=False))
        if any(row.get(key) not in {None, parts[key]} for key in _KEYS):
            return False
        if (column := row.get("group")) is None:
            return True
        return bool(self.groups[column].get(parts["task"]) == row["value"])

    def _shared(
        self, row: Mapping[str, Any], inside: Sequence[Cell]
    ) -> tuple[list[Cell], list[Cell]]:
        def on(side: str, quant: str) -> bool:
            name: str = row[f"quant_{side}"]
            return name == (
                f"{quant_bits(quant) or 0:g}-bit" if row["model"] is None else quant
            )

        def own(side: str, other: str) -> list[Cell]:
            met = {(c[0], *c[2:4]) for c in inside if on(other, c[1])}
            return [
                c
                for c in inside
                if on(side, c[1])
                and (c[0], *c[2:4]) in met
                and row["model"] in {None, c[0]}
                and row["task"] in {None, c[3]}
            ]

        return own("a", "b"), own("b", "a")

    def _add(self, cells: Iterable[Cell], weights: Iterable[int], value: int) -> None:
        self.equations += 1
        given = list(cells)
        used = list(weights)
        seen = sum(w * self.truth[c] for c, w in zip(given, used, strict=True))
        assert seen == value, (given, value)
        self.model.add(
            sum(w * self.cells[c] for c, w in zip(given, used, strict=True)) == value
        )

    def _sum(self, cells: Sequence[Cell], value: int) -> None:
        self._add(cells, [1] * len(cells), value)

    def _rate(self, cells: Sequence[Cell], value: float) -> None:
        # A cell is a combo on a task, in whichever sweeps it ran.
        n: Counter[tuple[str, ...]] = Counter()
        for cell in cells:
            n[cell[:4]] += self.trials[cell]
        unit = lcm(*n.values())
        steps = round(value * unit * len(n))
        self._add(cells, [unit // n[c[:4]] for c in cells], steps)

    def _missed(self, cells: Sequence[Cell], value: int) -> None:
        """Only told where each cell ran once."""
        self._sum(cells, len(cells) - value)

    def _interval(self, row: Mapping[str, Any], cells: Sequence[Cell]) -> None:
        """It follows from the rate and from who ran what: it tells nothing."""
        by_task = "task" in row
        clusters = Counter(
            cell[:3] if by_task else cell[3] for cell in {(*c[:4],) for c in cells}
        )
        n = sum(clusters.values()) ** 2 / sum(k * k for k in clusters.values())
        worth = Worth(Fraction(n), None)
        expected = rate_interval(Fraction(row["rate"]), worth, row["n_trials"])
        assert expected
        assert row["ci_low"] == pytest.approx(expected.low, abs=2e-6)
        assert row["ci_high"] == pytest.approx(expected.high, abs=2e-6)

    def scores(self, site: Site, *, of_combos: bool) -> set[Solved]:
        """The cells whose mean score is known to within 0.05.

        Args:
            site: The mean scores of all, or of combos alone.
            of_combos: Whether of combos alone.
        """
        cells = sorted({cell[:4] for cell in self.cells})
        parts = sorted(self.cells)
        place = {part: i for i, part in enumerate(parts)}
        sums, values = [], []
        for path, content in site.items():
            if not path.endswith("/scores.json") or "/schema/" in path:
                continue
            folder = path.removeprefix("data/").rpartition("/")[0]
            inside = [p for p in parts if not folder or p[4].lower() == folder]
            for row in json.loads(content)["rows"]:
                if of_combos and row["kind"] != "combo":
                    continue
                own = [p for p in inside if self._belongs(row, p)]
                sums.append(self._weights(own, place))
                values.append(row["score_mean"] * len({p[:4] for p in own}))
        if not sums:
            return set()
        matrix, near = np.array(sums), 1e-5 * len(parts)
        bounds = [*matrix, *-matrix]
        limits = [*(v + near for v in values), *(near - v for v in values)]
        known: set[Solved] = set()
        for cell in cells:
            weights = self._weights([p for p in parts if p[:4] == cell], place)
            low, high = (
                linprog(sign * weights, A_ub=bounds, b_ub=limits, bounds=(0, 1)).fun
                for sign in (1, -1)
            )
            if -high - low <= _WIDTH:
                known.add(cell)
        return known

    def _weights(self, own: Sequence[Cell], place: Mapping[Cell, int]) -> FloatArray:
        """Of each cell the mean over its trials, whichever sweep they ran in."""
        n: Counter[Solved] = Counter()
        for part in own:
            n[part[:4]] += self.trials[part]
        found = np.zeros(len(place))
        for part in own:
            found[place[part]] = self.trials[part] / n[part[:4]]
        return found

    def twin(self, inputs: Inputs) -> Inputs:
        """The same trials with other outcomes, for as many cells as is soon found."""
        touched = defaultdict(set)
        for r in inputs.records:
            if r.grader_access in {GraderAccess.RAN, GraderAccess.READ}:
                touched[r.harness, r.sweep].add(_cell(r))
        # How many of those passed is told by harness, though not who they are.
        for cells in touched.values():
            self._sum(sorted(cells), sum(self.truth[cell] for cell in cells))
        self.model.maximize(sum(self._differ([cell] for cell in self.cells)))
        found = _solved(self.model)
        assert found
        return self.with_passed(inputs, self._table(found))

    def with_passed(self, inputs: Inputs, table: Table) -> Inputs:
        """The same trials, of which so many passed."""
        left, records = dict(table), []
        for record in inputs.records:
            cell = _cell(record)
            once = left.get(cell, 0) > 0
            left[cell] = left.get(cell, 0) - once
            records.append(replace(record, passed=once))
        return replace(inputs, records=Records.of(records))

    def determined(self, fits: Callable[[Table], bool] = lambda _: True) -> set[Solved]:
        """The cells (combo and task) that are the same in every table that fits.

        Args:
            fits: Whether a table with these numbers fits in all else. Where one does
                not, others are tried that are nearer to the truth.
        """
        chance = random.Random(1)  # noqa: S311 - no secret
        own: dict[Solved, list[Cell]] = defaultdict(list)
        for cell in self.cells:
            own[cell[:4]].append(cell)
        differs = dict(zip(own, self._differ(own.values()), strict=True))
        moved = self._differ([cell] for cell in self.cells)
        same, far = set(own), True
        for _ in range(_TRIES):
            if not same:
                break
            some = cp_model.CpModel()
            some.proto.copy_from(self.model.proto)
            if far:
                # As many cells as are soon found to differ, not one after the other.
                some.add_bool_or([differs[key] for key in same])
                some.maximize(sum(differs[key] for key in same))
            else:
                some.add(differs[chance.choice(sorted(same))] == 1)
                some.minimize(sum(chance.randint(1, 10) * each for each in moved))
            found = _solved(some)
            if found is None:
                if far:
                    break
                far = True
            elif fits(self._table(found)):
                same -= {key for key in same if found.value(differs[key])}
            else:
                far = False
        return same

    def readings(self, site: Site, sweep: str) -> dict[Solved, int]:
        """The cells that can be read without a solver, and whether each was passed.

        Of a pair of combos `losses` are the tasks that only the second passed: where
        the first missed one task, that is the second's cell on it. It is the task on
        which totals of models and harnesses are the sums of these cells.
        """

        def rows(name: str) -> list[dict[str, Any]]:
            text = site[f"data/{sweep.lower()}/{name}.json"]
            found: list[dict[str, Any]] = json.loads(text)["rows"]
            return found

        def who(row: Mapping[str, Any], side: str = "") -> Solved:
            return tuple(row[key + side] for key in _KEYS[:3])

        inside = [cell for cell in self.cells if cell[4] == sweep]
        totals = [
            (row["task"], {c[:3] for c in inside if self._belongs(row, c)}, row)
            for name in _BY_TASK.values()
            for row in rows(name)
        ]
        missed_one = [who(row) for row in rows("combos") if row["tasks_missed"] == 1]
        read: dict[Solved, dict[Solved, int]] = {key: {key: 0} for key in missed_one}
        for pair in (row for row in rows("pairs") if row["kind"] == "combo"):
            a, b = who(pair, "_a"), who(pair, "_b")
            read.get(a, {})[b] = pair["losses"]
            read.get(b, {})[a] = pair["wins"]
        found: dict[Solved, int] = {}
        for passed in read.values():
            tasks = {cell[3] for cell in inside} - {
                task
                for task, own, row in totals
                if sum(passed.get(key, 0) for key in own) != row["passed"]
            }
            if len(tasks) == 1:
                found |= {(*key, *tasks): n for key, n in passed.items()}
        return found

    def _differ(self, parts: Iterable[Sequence[Cell]]) -> list[cp_model.IntVar]:
        """For each of some cells, whether their sum is not what it is in truth."""
        found = []
        for own in parts:
            found.append(self.model.new_bool_var(""))
            value = sum(self.truth[cell] for cell in own)
            total = sum(self.cells[cell] for cell in own)
            self.model.add(total == value).only_enforce_if(~found[-1])
            self.model.add(total != value).only_enforce_if(found[-1])
        return found

    def _table(self, solver: cp_model.CpSolver) -> Table:
        return {cell: solver.value(passed) for cell, passed in self.cells.items()}


def _solved(model: cp_model.CpModel) -> cp_model.CpSolver | None:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.relative_gap_limit = 0.5
    state = solver.solve(model)
    if state == cp_model.INFEASIBLE:
        return None
    assert state in {cp_model.OPTIMAL, cp_model.FEASIBLE}
    return solver


def _cell(record: Record) -> Cell:
    return (record.model, record.quant, record.harness, record.task, record.sweep)


def _passed(record: Record) -> int:
    return int(bool(record.passed) or record.status == "pass")
