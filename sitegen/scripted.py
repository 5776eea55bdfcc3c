"""Scripted models: programs that play a model, so that the bench itself is tested.

Who answered is in the records, and every page that shows their results says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sitegen.numbers import listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from harness_bench.schema import Record
    from sitegen.names import Names

SERVER = "scripted"
"""What the build of their server begins with."""
_NAMED = 6
"""As many are named; of more, one fewer, and the rest are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripted:
    """The scripted models of a site."""

    labels: Mapping[str, str]
    """By name, in order: what each is called."""

    def notice(self, model: str | None = None) -> str:
        """What a page says of them; "" where it shows none of their results.

        Args:
            model: The one model whose results the page shows; None: of several.
        """
        labels = [label for name, label in self.labels.items() if model in {None, name}]
        if not labels:
            return ""
        if len(labels) == 1:
            return (
                f"{labels[0]} is a scripted model. It tests the bench; it is not a "
                "language model."
            )
        if len(labels) > _NAMED:
            labels[_NAMED - 1 :] = [f"{len(labels) - _NAMED + 1:,} more"]
        return (
            f"{listed(labels)} are scripted models. They test the bench; they are not "
            "language models."
        )


def scripted(records: Iterable[Record], names: Names) -> Scripted:
    """The models of which at least one trial was answered by a script."""
    found = {
        record.model
        for record in records
        if (record.server_build or "").startswith(SERVER)
    }
    return Scripted(labels={name: names.models[name,].label for name in sorted(found)})
