"""What names an entity: one frozen type for each kind, with named parts.

Keys of two kinds are never equal and have no order between them, so that a
mix-up is an error and not a wrong number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar


@dataclass(frozen=True, order=True, slots=True)
class Key:
    """What names an entity of any kind."""

    @property
    def parts(self) -> dict[str, str]:
        """The columns that it fills, in order."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @property
    def values(self) -> tuple[str, ...]:
        """What stands in them."""
        return tuple([getattr(self, name) for name in self.__dataclass_fields__])


KeyT = TypeVar("KeyT", bound=Key)
KeyT_co = TypeVar("KeyT_co", bound=Key, covariant=True)


@dataclass(frozen=True, order=True, slots=True)
class ModelKey(Key):
    """A model at all of its quants."""

    model: str


@dataclass(frozen=True, order=True, slots=True)
class QuantKey(Key):
    """A model at one quant."""

    model: str
    quant: str
    """Empty: not recorded."""

    @property
    def model_of(self) -> ModelKey:
        """The model, whatever the quant."""
        return ModelKey(self.model)


@dataclass(frozen=True, order=True, slots=True)
class HarnessKey(Key):
    """A harness."""

    harness: str


@dataclass(frozen=True, order=True, slots=True)
class TaskKey(Key):
    """A task."""

    task: str


@dataclass(frozen=True, order=True, slots=True)
class GroupKey(Key):
    """Tasks that are alike in one thing, such as the language."""

    group: str
    """The column of tasks.csv that says it."""
    value: str


@dataclass(frozen=True, order=True, slots=True)
class ComboKey(Key):
    """A model at a quant in a harness."""

    model: str
    quant: str
    harness: str
    variant: str = ""
    """What else sets it apart, such as the effort; empty: nothing."""

    @property
    def model_of(self) -> ModelKey:
        """Its model, whatever the quant."""
        return ModelKey(self.model)

    @property
    def quant_of(self) -> QuantKey:
        """Its model at its quant."""
        return QuantKey(self.model, self.quant)

    @property
    def harness_of(self) -> HarnessKey:
        """Its harness."""
        return HarnessKey(self.harness)

    @property
    def plain(self) -> ComboKey:
        """The combo whatever the variant."""
        return ComboKey(self.model, self.quant, self.harness)

    def part(self, kind: type[KeyT]) -> KeyT:
        """The entity of a kind that it is one of."""
        return kind(*[getattr(self, name) for name in kind.__dataclass_fields__])

    def beside(self, group: Key) -> tuple[str, ...]:
        """The parts of it that `group` does not name."""
        named = group.parts
        return tuple(part for name, part in self.parts.items() if name not in named)
