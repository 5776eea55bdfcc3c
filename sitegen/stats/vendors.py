"""A harness on the models of its own maker, beside what it does for local ones."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from sitegen.keys import ComboKey
from sitegen.stats.counts import counts
from sitegen.stats.paired import Difference, of_leads, sign_flip_p, whole
from sitegen.stats.shared import mean
from sitegen.stats.trials import Trials


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A harness against the others on some models."""

    n_models: int
    n_cells: int
    """Of the harness, each with the same cell in another harness."""
    found: Difference
    """Over tasks: the mean of its rate less the mean rate of the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorGap:
    """The two gaps of a harness whose maker hosts models."""

    harness: str
    vendor: str
    own: Gap
    local: Gap | None
    """None where no local model was run in it and in another harness."""
    more: Fraction | None
    """p of the difference between the two gaps, paired by task; None without a
    task that both have."""


def vendor_gaps(
    trials: Trials,
    hosts: Mapping[str, str],
    makers: Mapping[str, str],
) -> tuple[VendorGap, ...]:
    """Every harness that ran a model of its maker, by name.

    Args:
        trials: The trials of the scope.
        hosts: Of each hosted model, the vendor; the others are local.
        makers: Of harnesses, the vendor.
    """
    table = counts(trials, trials.combo)
    rates: dict[tuple[ComboKey, int], dict[str, Fraction]] = {}
    for row, combo in enumerate(table.labels):
        for task in range(table.trials.shape[1]):
            n = int(table.trials[row, task])
            if n:
                cell = rates.setdefault((replace(combo, harness=""), task), {})
                cell[combo.harness] = Fraction(int(table.passed[row, task]), n)
    models = {combo.model for combo in table.labels}
    found = []
    for harness, vendor in sorted(makers.items()):
        own = {m for m in models if hosts.get(m) == vendor}
        mine = _leads(rates, harness, own)
        others = _leads(rates, harness, models - set(hosts))
        ours, theirs = (_gap(leads) for leads in (mine, others))
        if ours:
            found.append(
                VendorGap(
                    harness=harness,
                    vendor=vendor,
                    own=ours,
                    local=theirs,
                    more=_more(mine, others) if theirs else None,
                )
            )
    return tuple(found)


_Leads = dict[int, list[tuple[str, Fraction]]]
"""By task: the model, and what the harness has over the mean of the others."""


def _leads(
    rates: Mapping[tuple[ComboKey, int], Mapping[str, Fraction]],
    harness: str,
    models: Collection[str],
) -> _Leads:
    found: _Leads = {}
    for (combo, task), cell in rates.items():
        others = [rate for name, rate in cell.items() if name != harness]
        if combo.model in models and harness in cell and others:
            lead = cell[harness] - mean(others)
            found.setdefault(task, []).append((combo.model, lead))
    return found


def _gap(leads: _Leads) -> Gap | None:
    n_cells = sum(len(cells) for cells in leads.values())
    if not n_cells:
        return None
    return Gap(
        n_models=len({model for cells in leads.values() for model, _ in cells}),
        n_cells=n_cells,
        found=of_leads([_lead(cells) for cells in leads.values()]),
    )


def _more(mine: _Leads, others: _Leads) -> Fraction | None:
    tasks = sorted(set(mine) & set(others))
    if not tasks:
        return None
    return sign_flip_p(whole([_lead(mine[t]) - _lead(others[t]) for t in tasks])[0])


def _lead(cells: Sequence[tuple[str, Fraction]]) -> Fraction:
    return mean([lead for _, lead in cells])
