"""How each entity is called, where its page lives, and which hue its family has."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sitegen.config import Settings
from sitegen.keys import Key, QuantKey
from sitegen.kinds import KINDS
from sitegen.metadata import HarnessInfo, Metadata, ModelInfo, TaskInfo
from sitegen.slug import slugs
from sitegen.stats.results import Results

N_HUES = 5
"""Families that get a hue of their own; the rest share the neutral one."""
NEUTRAL = N_HUES + 1
"""The hue of models without a family of those, where others have one."""
_TAKEN = re.compile(
    "|".join(
        ("all", "schema", r".+\.(csv|html|js|json|svg|zip)", *(k.folder for k in KINDS))
    )
)
"""What the site itself may have in `data/`, `charts/` and `embed/`, beside sweeps."""
NOT_RECORDED = "not recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One thing that a page can speak of."""

    label: str
    """Its public title, or its name as the data spell it."""
    quant: str = ""
    """Shown muted behind the label, where the entity has one."""
    harness: str = ""
    """Label of the harness of a combo, its variant behind it."""
    href: str
    """Site path of its page; empty without one."""
    hue: int = 0
    """1 to `N_HUES` for a known family, else `NEUTRAL`; 0 where no family is known."""

    @property
    def full(self) -> str:
        """Label and quant in one piece of text."""
        return f"{self.label} {self.quant}".strip()

    @property
    def text(self) -> str:
        """The whole of it in a sentence: "Qwen3.6-27B UD-Q4_K_XL + pi"."""
        return f"{self.full} + {self.harness}" if self.harness else self.full


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Entities by key; every reference on the site goes through here."""

    entities: Mapping[Key, Entity]
    sweeps: Mapping[str, Entity]
    families: tuple[str, ...]
    """Families with a hue, in the order of their hues."""

    def __getitem__(self, key: Key) -> Entity:
        """What a key names."""
        return self.entities[key]

    def scope_text(self, sweep: str | None) -> str:
        """A scope in a caption: the label of its sweep, or "all trials"."""
        return self.sweeps[sweep].label if sweep else "all trials"


def names(results: Results, metadata: Metadata, settings: Settings) -> Names:
    """Name everything that occurs in `results`."""
    families = _families({combo.model for combo in results.ran}, metadata)
    paths = _paths(results)
    return Names(
        entities={
            key: _entity(key, href, metadata, families) for key, href in paths.items()
        },
        sweeps=_sweeps(results, settings),
        families=families,
    )


def _entity(
    key: Key, href: str, metadata: Metadata, families: tuple[str, ...]
) -> Entity:
    known: Mapping[str, Mapping[str, ModelInfo | HarnessInfo | TaskInfo]] = {
        "model": metadata.models,
        "harness": metadata.harnesses,
        "task": metadata.tasks,
        "value": {},
    }
    titles = {
        column: (info.title if (info := known[column].get(name)) else None) or name
        for column, name in key.parts.items()
        if column in known
    }
    label = next(iter(titles))
    model = metadata.models.get(key.parts.get("model", ""))
    family = model.family if model else None
    neutral = NEUTRAL if families and "model" in titles else 0
    return Entity(
        label=titles[label],
        quant=key.parts.get("quant", ""),
        harness=in_harness(titles.get("harness", ""), key.parts.get("variant", ""))
        if label == "model"
        else "",
        href=href,
        hue=families.index(family) + 1 if family in families else neutral,
    )


def in_harness(harness: str, variant: str) -> str:
    """What a combo's model ran in: "pi", "pi (thinking)"."""
    return f"{harness} ({variant})" if variant else harness


def _paths(results: Results) -> dict[Key, str]:
    """The page of everything; one of a model without a quant is that of the model."""
    found: dict[Key, str] = {}
    for kind in KINDS:
        own: list[Key] = []
        for key in (s.key for s in results.all.standings(kind)):
            if isinstance(key, QuantKey) and not key.quant:
                found[key] = found.get(key.model_of, "")
            else:
                own.append(key)
        parts = {key: _address(key) for key in own}
        slug = slugs(parts.values())
        found |= {
            key: f"{kind.folder}/{slug[name]}.html" for key, name in parts.items()
        }
    # Of what too little was run for its total to be told, while cells are private.
    unpaged = {
        part: ""
        for combo in sorted(results.ran)
        for part in (combo, combo.model_of, combo.quant_of, combo.harness_of)
    }
    return unpaged | found


def _address(key: Key) -> tuple[str, ...]:
    """What the address of a page is made of; without a variant as before variants."""
    return tuple(part for name, part in key.parts.items() if part or name != "variant")


def _families(models: Iterable[str], metadata: Metadata) -> tuple[str, ...]:
    """The largest families first, then by name; at most as many as hues."""
    size: dict[str, int] = {}
    for model in models:
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
        entities[sweep] = Entity(label=label, href=f"sweeps/{found[sweep,]}.html")
    return entities
