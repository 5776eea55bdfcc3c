"""What trials ran with: said where it differs, and told apart within a combo."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from sitegen.keys import ComboKey, HarnessKey, Key, QuantKey
from sitegen.kinds import COMPARED, MODEL, TASK
from sitegen.records import Records
from sitegen.stats.counts import counts
from sitegen.stats.speed import Speed, speeds
from sitegen.stats.standings import Standing, standings
from sitegen.stats.trials import SETUP, Trials
from sitegen.texts import dense, firsts

Numbers: TypeAlias = Mapping[tuple[str, str, str], int]
"""By column, what it is numbered within, and value: what stands for the value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What somebody brought."""

    who: str
    trials: int
    combos: int
    tasks: int
    hardware: tuple[str, ...]


def contributions(records: Records) -> tuple[Contribution, ...]:
    """Of everybody that rows name, by name; empty where they name nobody."""
    contributors = records.coded("contributor")
    found = []
    for who in sorted(filter(None, contributors.values)):
        own = records.take(contributors.among({who}))
        found.append(
            Contribution(
                who=who,
                trials=len(own),
                combos=len(firsts(own.groups("model", "quant", "harness", "variant"))),
                tasks=len(own.coded("task").values),
                hardware=tuple(sorted(filter(None, own.coded("hardware").values))),
            )
        )
    return tuple(found)


_SEVERAL = 2
DIFFERS = (*SETUP, "sampling", "sandbox")
"""What is told where it differs within what is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """What differs within some trials."""

    kinds: Mapping[str, int]
    """By column, how many values there are: two or more. Of versions, those of the
    harness that has most."""
    partly: tuple[str, ...]
    """Columns that are known of some trials alone."""


Mixtures: TypeAlias = Mapping["Key | str | None", Mixture]


def mixtures(records: Records) -> Mixtures:
    """What differs within all trials (None), each sweep, and each entity's trials.

    Only where something does.
    """
    found: dict[Key | str | None, dict[tuple[str, str], set[str | None]]] = {}
    for name in DIFFERS:
        column = records.coded(name)
        if len(column.values) < _SEVERAL:
            continue
        if name == "sampling":  # Each trial has a seed of its own.
            column = column.changed(_without_seed)
        own = records.put(name, column)
        within = ("harness",) if name == "harness_version" else ()
        for of, names in _WHOLES.items():
            once = own.take(firsts(own.groups(*names, *within, name)))
            keys = zip(*map(once.values, names), strict=True) if names else repeat(())
            of_harness = once.values("harness") if within else repeat("")
            for parts, harness, value in zip(
                keys, of_harness, once.values(name), strict=False
            ):
                sets = found.setdefault(of(*parts), {})
                sets.setdefault((name, harness), set()).add(value)
    return {
        whose: mixture
        for whose, sets in found.items()
        if (mixture := _mixture(sets)) is not None
    }


_WHOLES: Mapping[Callable[..., Key | str | None], Sequence[str]] = MappingProxyType(
    {
        lambda: None: (),
        str: ("sweep",),
        **{
            kind.key: [*kind.key.__dataclass_fields__]
            for kind in (MODEL, *COMPARED, TASK)
        },
    }
)
"""What mixtures are told of: from the columns that tell them apart to their key."""


def _without_seed(sampling: str | None) -> str | None:
    if sampling is None:
        return None
    return " ".join(word for word in sampling.split() if not word.startswith("seed="))


def _mixture(sets: Mapping[tuple[str, str], set[str | None]]) -> Mixture | None:
    kinds: Counter[str] = Counter()
    partly: dict[str, None] = {}
    known = {name for (name, _), values in sets.items() if values - {None}}
    for (name, _), values in sets.items():
        kinds[name] = max(kinds[name], len(values - {None}))
        if None in values and name in known:
            partly[name] = None
    several = {name: n for name, n in kinds.items() if n > 1}
    if not several and not partly:
        return None
    return Mixture(kinds=several, partly=tuple(n for n in partly if n not in several))


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The trials of one combo that ran with the same."""

    setup: Mapping[str, int]
    """By column that differs within the combo: the number that stands for its value,
    counted from 1 in the order of how many trials there are; 0: not recorded."""
    standing: Standing[ComboKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """What a harness scores in a sandbox and in none."""

    harness: HarnessKey
    sealed: Standing[HarnessKey]
    unsealed: Standing[HarnessKey]
    shared: bool
    """Over the same cells; else each over its own, for there are no shared ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The trials on one kind of hardware."""

    number: int
    """What stands for it, 1 for that of most trials; 0: not recorded."""
    combos: frozenset[ComboKey]
    models: tuple[Standing[QuantKey], ...]
    """On their own cells there, best first."""
    speeds: Mapping[Key, Speed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Numbers of trials that differ in what they ran with."""

    views: tuple[View, ...] = ()
    """Of each combo with several."""
    sealing: tuple[Sealing, ...] = ()
    """Of each harness with both."""
    machines: tuple[Machine, ...] = ()
    """Each kind of hardware, where there are several."""


def provenance(trials: Trials, numbers: Numbers) -> Provenance:
    """The views of combos, and the harnesses with sealed and unsealed trials."""
    return Provenance(
        views=tuple(_views(trials, numbers)),
        sealing=tuple(_sealing(trials)),
        machines=tuple(_machines(trials, numbers)),
    )


def _machines(trials: Trials, numbers: Numbers) -> Iterator[Machine]:
    at = SETUP.index("hardware")
    number_of = [numbers[SETUP[at], "", label[at]] for label in trials.setup.labels]
    own = np.array(number_of, dtype=np.int64)[trials.setup.codes]
    kinds = sorted({*own[trials.measured].tolist()}, key=lambda n: (not n, n))
    for number in kinds if len(kinds) > 1 else ():
        found = trials.where(trials.measured & (own == number))
        yield Machine(
            number=number,
            combos=frozenset(
                found.combo.labels[i] for i in {*found.combo.codes.tolist()}
            ),
            models=standings(counts(found, found.quant)),
            speeds={each.key: each for each in speeds(found)},
        )


def _views(trials: Trials, numbers: Numbers) -> list[View]:
    views = []
    for code, combo in enumerate(trials.combo.labels):
        own = trials.measured & (trials.combo.codes == code)
        setups = np.unique(trials.setup.codes[own]).tolist()
        values = [trials.setup.labels[setup] for setup in setups]
        for setup in setups if len(setups) > 1 else ():
            found = trials.where(own & (trials.setup.codes == setup))
            (standing,) = standings(counts(found, found.combo))
            views.append(
                View(
                    setup={
                        name: numbers[name, _within(name, combo), value]
                        for name, value, *others in zip(
                            SETUP, trials.setup.labels[setup], *values, strict=True
                        )
                        if len(set(others)) > 1
                    },
                    standing=standing,
                )
            )
    return sorted(views, key=lambda view: (view.standing.key, *view.setup.values()))


def _within(name: str, combo: ComboKey) -> str:
    """Within what values are numbered: versions are those of one harness."""
    return combo.harness if name == "harness_version" else ""


def numbered(trials: Trials) -> Numbers:
    """What stands for a value that is not published: the most frequent is 1."""
    often: Counter[tuple[str, str, str]] = Counter()
    n_setups = len(trials.setup)
    both = trials.combo.codes * n_setups + trials.setup.codes
    places, there = dense(both, len(trials.combo) * n_setups)
    for place, n in zip(there.tolist(), np.bincount(places).tolist(), strict=True):
        combo, setup = divmod(place, n_setups)
        for name, value in zip(SETUP, trials.setup.labels[setup], strict=True):
            often[name, _within(name, trials.combo.labels[combo]), value] += n
    found: dict[tuple[str, str, str], int] = {}
    used: Counter[tuple[str, str]] = Counter()
    for key in sorted(often, key=lambda key: (-often[key], key)):
        used[key[:2]] += bool(key[2])
        found[key] = used[key[:2]] if key[2] else 0
    return found


def _sealing(trials: Trials) -> Iterator[Sealing]:
    cell, _ = trials.cells(np.arange(len(trials)))
    for code, label in enumerate(trials.harness.labels):
        own = trials.measured & (trials.harness.codes == code)
        sides = [own & (trials.confined == side) for side in (1, 0)]
        if not all(side.any() for side in sides):
            continue
        common = np.intersect1d(*(cell[side] for side in sides))
        if len(common):
            sides = [side & np.isin(cell, common) for side in sides]
        sealed, unsealed = (_one(trials.where(side)) for side in sides)
        yield Sealing(
            harness=label, sealed=sealed, unsealed=unsealed, shared=bool(len(common))
        )


def _one(own: Trials) -> Standing[HarnessKey]:
    (standing,) = standings(counts(own, own.harness))
    return standing
