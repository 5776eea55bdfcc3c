"""How each entity is called, where its page lives, and which hue its family has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sitegen.slug import slugs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sitegen.config import Settings
    from sitegen.metadata import Metadata
    from sitegen.stats.results import Results

N_HUES = 7
"""Families that get a hue of their own; the rest share the neutral one."""
NEUTRAL = N_HUES + 1
"""The hue of models without a family of those, where others have one."""
_TAKEN = re.compile(
    r"all|combos|harnesses|models|quants|schema|tasks|.+\.(csv|html|js|json|svg)"
)
"""What the site itself may have in `data/`, `charts/` and `embed/`, beside sweeps."""
NOT_RECORDED = "not recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One thing that a page can speak of."""

    key: tuple[str, ...]
    label: str
    """Its public title, or its name as the data spell it."""
    quant: str = ""
    """Shown muted behind the label, where the entity has one."""
    href: str
    """Site path of its page."""
    hue: int = 0
    """1 to `N_HUES` for a known family, else `NEUTRAL`; 0 where no family is known."""

    @property
    def full(self) -> str:
        """Label and quant in one piece of text."""
        return f"{self.label} {self.quant}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Entities by kind and key; every reference on the site goes through here."""

    models: Mapping[tuple[str, ...], Entity]
    model_quants: Mapping[tuple[str, ...], Entity]
    harnesses: Mapping[tuple[str, ...], Entity]
    tasks: Mapping[tuple[str, ...], Entity]
    combos: Mapping[tuple[str, ...], Entity]
    sweeps: Mapping[str, Entity]
    families: tuple[str, ...]
    """Families with a hue, in the order of their hues."""

    def combo_text(self, key: tuple[str, ...]) -> str:
        """A combo in a sentence: "Qwen3.6-27B UD-Q4_K_XL + pi"."""
        model, quant, harness = key
        named = self.model_quants[model, quant].full
        return f"{named} + {self.harnesses[harness,].label}"

    def scope_text(self, sweep: str | None) -> str:
        """A scope in a caption: the label of its sweep, or "all trials"."""
        return self.sweeps[sweep].label if sweep else "all trials"


def names(results: Results, metadata: Metadata, settings: Settings) -> Names:
    """Name everything that occurs in `results`."""
    scope = results.all
    models = [s.key for s in scope.models]
    families = _families(models, metadata)

    def hue(model: str) -> int:
        info = metadata.models.get(model)
        family = info.family if info else None
        if family in families:
            return families.index(family) + 1
        return NEUTRAL if families else 0

    def model_title(model: str) -> str:
        info = metadata.models.get(model)
        return (info.title if info else None) or model

    def harness_title(harness: str) -> str:
        info = metadata.harnesses.get(harness)
        return (info.title if info else None) or harness

    def task_title(task: str) -> str:
        info = metadata.tasks.get(task)
        return (info.title if info else None) or task

    model_paths = _paths("models", models)
    quant_paths = _paths("quants", [s.key for s in scope.model_quants if s.key[1]])
    return Names(
        models={
            key: Entity(
                key=key,
                label=model_title(key[0]),
                href=model_paths[key],
                hue=hue(key[0]),
            )
            for key in models
        },
        model_quants={
            key: Entity(
                key=key,
                label=model_title(key[0]),
                quant=key[1],
                href=quant_paths.get(key) or model_paths[key[:1]],
                hue=hue(key[0]),
            )
            for key in (s.key for s in scope.model_quants)
        },
        harnesses={
            key: Entity(key=key, label=harness_title(key[0]), href=path)
            for key, path in _paths(
                "harnesses", (s.key for s in scope.harnesses)
            ).items()
        },
        tasks={
            key: Entity(key=key, label=task_title(key[0]), href=path)
            for key, path in _paths("tasks", (s.key for s in scope.tasks)).items()
        },
        combos={
            key: Entity(
                key=key,
                label=model_title(key[0]),
                quant=key[1],
                href=path,
                hue=hue(key[0]),
            )
            for key, path in _paths("combos", (s.key for s in scope.combos)).items()
        },
        sweeps=_sweeps(results, settings),
        families=families,
    )


def _paths(folder: str, keys: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    found = slugs(keys)
    return {key: f"{folder}/{slug}.html" for key, slug in found.items()}


def _families(models: list[tuple[str, ...]], metadata: Metadata) -> tuple[str, ...]:
    """The largest families first, then by name; at most as many as hues."""
    size: dict[str, int] = {}
    for (model,) in models:
        info = metadata.models.get(model)
        if info and info.family:
            size[info.family] = size.get(info.family, 0) + 1
    ordered = sorted(size, key=lambda family: (-size[family], family))
    return tuple(ordered[:N_HUES])


def _sweeps(results: Results, settings: Settings) -> dict[str, Entity]:
    swept = [scope.sweep for scope in results.sweeps if scope.sweep]
    found = slugs(((sweep,) for sweep in swept), reserved=_TAKEN)
    entities = {}
    for sweep in swept:
        known = settings.sweeps.get(sweep)
        label = (known.label if known else "") or f"sweep {sweep}"
        entities[sweep] = Entity(
            key=(sweep,), label=label, href=f"sweeps/{found[sweep,]}.html"
        )
    return entities
