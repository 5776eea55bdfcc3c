"""What the board's script knows of each row: what to filter by, and more columns.

All of it is on the page, in the data files, or publicly known of a model. The script
only selects and re-orders; every number is formatted here.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf

from sitegen.charts.along import along, amounts
from sitegen.charts.figure import chart_script
from sitegen.escape import script_json
from sitegen.keys import ComboKey
from sitegen.measures import MALFORMED, SCORE, TRIES
from sitegen.names import NEUTRAL, NOT_RECORDED
from sitegen.numbers import decimal
from sitegen.slug import slugs
from sitegen.stats.provenance import Machine
from sitegen.stats.quants import quant_bits
from sitegen.stats.results import Scope
from sitegen.stats.standings import Standing
from sitegen.view import View

_SIZES_B = (4, 8, 16, 40, 100, 250)
"""Ends of the classes of size, in billions of parameters."""
_MEMORIES_GB = (8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512)
_MOST_GROUPS = 12
"""Columns of groups of tasks that are offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Value:
    """One choice of a facet."""

    label: str
    order: float = 0
    hue: int = 0


def board_tool(
    view: View,
    combos: Sequence[Standing[ComboKey]],
    machines: Sequence[Machine],
    path: str,
    *,
    turns: bool,
) -> dict[str, bytes]:
    """The script that the board asks for, at a site path, and those that it asks for.

    Args:
        view: The scope of the board.
        combos: Its rows, in order.
        machines: What they ran on, where rows are found by that.
        path: Of the script.
        turns: Whether its chart is one whose axis can be another.
    """
    keys = [s.key for s in combos]
    places = {s.key: place for place, s in enumerate(view.scope.combos)}
    facets, has = _facets(view, keys, machines)
    columns = _columns(view.scope, keys)
    axes = list(along(view)) if turns else []
    told = {
        "facets": facets,
        "has": has,
        "columns": [
            {"id": name, "label": label, "rising": rising}
            for name, label, rising, _ in columns
        ],
        "cells": [[found.get(key, 0) for *_, found in columns] for key in keys],
        "first": [int(s.could_be_first) for s in combos],
        "marks": [places[key] for key in keys],
        "axes": [
            {"id": each.id, "label": each.label, "caption": each.caption}
            for each in axes
        ],
    }
    return {path: f"harnessBench.board({script_json(told)});\n".encode()} | {
        f"{path.removesuffix('.js')}-{each.id}.js": chart_script(
            each.id, each.wide, each.narrow
        )
        for each in axes
    }


# What rows are filtered by


def _facets(
    view: View, keys: Sequence[ComboKey], machines: Sequence[Machine]
) -> tuple[list[dict[str, object]], list[list[list[int]]]]:
    """Each facet with more than one value, and of each row which values it has."""
    offered: list[dict[str, object]] = []
    has: list[list[list[int]]] = [[] for _ in keys]

    def hardware(_: View, key: ComboKey) -> list[_Value]:
        numbers = [each.number for each in machines if key in each.combos]
        return [_Value(label=f"{n or NOT_RECORDED}", order=n or inf) for n in numbers]

    for name, label, of in (*_KINDS, ("hardware", "Hardware", hardware)):
        own = [of(view, key) for key in keys]
        counts = Counter(each for found in own for each in found)
        values = sorted(counts, key=lambda v: (v.order, v.label))
        if name == "fits":
            # A larger memory that holds no more tells nothing.
            values = [
                v
                for v, before in zip(values, [None, *values], strict=False)
                if not before or counts[v] > counts[before]
            ]
        if len(values) <= 1:
            continue
        place = {value: index for index, value in enumerate(values)}
        ids = slugs(value.label for value in values)
        offered.append(
            {
                "id": name,
                "label": label,
                "values": [
                    {
                        "id": ids[value.label],
                        "label": value.label,
                        "n": counts[value],
                        **({"hue": value.hue} if value.hue else {}),
                    }
                    for value in values
                ],
            }
        )
        for row, found in zip(has, own, strict=True):
            row.append([place[value] for value in found if value in place])
    return offered, has


def _family(view: View, key: ComboKey) -> list[_Value]:
    info = view.metadata.models.get(key.model)
    hue = view.names[key].hue
    if not info or not info.family:
        return [_Value(label="other", order=NEUTRAL + 1, hue=hue)] if hue else []
    return [_Value(label=info.family, order=hue, hue=hue)]


def _size(view: View, key: ComboKey) -> list[_Value]:
    info = view.metadata.models.get(key.model)
    size = info.total_params_b if info else None
    if size is None:
        return []
    below = [end for end in _SIZES_B if end < size]
    above = [end for end in _SIZES_B if end >= size]
    if not below:
        return [_Value(label=f"up to {above[0]} B")]
    if not above:
        return [_Value(label=f"over {below[-1]} B", order=below[-1])]
    return [_Value(label=f"{below[-1]}–{above[0]} B", order=below[-1])]


def _fits(view: View, key: ComboKey) -> list[_Value]:
    """Memories that hold the weights: parameters times bits, and nothing beside."""
    info, bits = view.metadata.models.get(key.model), quant_bits(key.quant)
    if not info or info.total_params_b is None or bits is None:
        return []
    weights_gb = info.total_params_b * bits / 8
    return [
        _Value(label=f"{memory} GB", order=memory)
        for memory in _MEMORIES_GB
        if weights_gb <= memory
    ]


def _bits(_: View, key: ComboKey) -> list[_Value]:
    bits = quant_bits(key.quant)
    return [] if bits is None else [_Value(label=f"{bits:g}-bit", order=bits)]


_KINDS: tuple[tuple[str, str, Callable[[View, ComboKey], list[_Value]]], ...] = (
    ("family", "Family", _family),
    ("model", "Model", lambda v, k: [_Value(label=v.names[k.model_of].label)]),
    ("harness", "Harness", lambda v, k: [_Value(label=v.names[k.harness_of].label)]),
    ("variant", "Variant", lambda _, k: [_Value(label=k.variant or "none")]),
    ("bits", "Weights", _bits),
    ("quant", "Quant", lambda _, k: [_Value(label=k.quant or NOT_RECORDED)]),
    ("size", "Parameters", _size),
    ("fits", "Weights fit in", _fits),
)


# Further columns

_Cells = dict[ComboKey, list[object]]


def _columns(
    scope: Scope, keys: Iterable[ComboKey]
) -> list[tuple[str, str, bool, _Cells]]:
    """Id, title, whether the least is the best, and of each combo text and sort key."""
    of = set(keys)
    found: list[tuple[str, str, bool, _Cells]] = []
    for each in amounts(scope):
        known = {key: value for key, value in each.of.items() if key in of}
        found.append(
            (
                each.measure.name,
                each.measure.label,
                each.rising,
                _cells(known, each.measure.text),
            )
        )
    malformed = {
        each.key: rate
        for each in scope.speeds
        if each.key in of and (rate := each.malformed_per_100) is not None
    }
    found.append(
        (
            MALFORMED.name,
            "Malformed per 100 calls",
            True,
            _cells(malformed, lambda rate: decimal(rate, 1)),
        )
    )
    for measure, scores in ((TRIES, scope.first_tries), (SCORE, scope.scores)):
        means = {each.key: each.found.mean for each in scores if each.key in of}
        found.append((measure.name, measure.label, False, _cells(means, measure.text)))
    for group, inside in [*scope.in_groups.items()][:_MOST_GROUPS]:
        passed: _Cells = {
            s.key: [f"{s.passed:,}/{s.n_trials:,}", float(s.rate)]
            for s in inside.combos
            if s.rate is not None
        }
        name = f"{group.group}-{group.value}"
        found.append((name, f"Passed, {group.value}", False, passed))
    ids = slugs(name for name, *_ in found)
    kept = [each for each in found if each[-1]]
    return [(ids[name], label, rising, cells) for name, label, rising, cells in kept]


def _cells(
    values: Mapping[ComboKey, Fraction], text: Callable[[Fraction], str]
) -> _Cells:
    return {
        key: [text(value), float(f"{float(value):.9g}")]
        for key, value in values.items()
    }
