"""claims.toml: statements that the site judges by its own numbers.

Each `[[claim]]` names its kind, which is a dataclass here, and each key is one of
its fields. To add a kind, add a dataclass, and what judges it in
`sitegen.stats.judge`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import inf
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from harness_bench.errors import SettingsError, near_miss, shown
from harness_bench.settings import SettingsReader, read_toml

Of: TypeAlias = Literal["model", "harness", "combo"]

UNSET = ("", (), None)
"""Defaults of keys that have to be given, but for these."""
MAY_LACK = frozenset({"name"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What every claim has."""

    says: str = ""
    """The statement in the author's words."""
    name: str | None = None
    """What posts call it: `{{ claim("NAME") }}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared(Stated):
    """A claim about entities of one kind."""

    of: Of = "model"
    """What is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extreme(Compared):
    """A claim about one of them."""

    who: str = ""
    """The one that is meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfModel(Stated):
    """A claim about the quants of a model."""

    model: str = ""
    """Without its quant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Better(Compared):
    """`better`: each of `who` passes more than each of `than`."""

    who: tuple[str, ...] = ()
    """Who is said to be ahead."""
    than: tuple[str, ...] = ()
    """Of whom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Best(Extreme):
    """`best`: it passes more than every other one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worst(Extreme):
    """`worst`: it passes less than every other one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tied(Compared):
    """`tied`: they hold the first ranks, and are shown to be equal."""

    who: tuple[str, ...] = ()
    """Those on top."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AsGoodButFaster(Stated):
    """`as_good_but_faster`: a model equals others and takes a fraction of the time."""

    model: str = ""
    """The faster one."""
    than: tuple[str, ...] = ()
    """The models that it equals."""
    times: float = 2.0
    """At least so many times as fast as each of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collapses(Stated):
    """`collapses`: a model passes far less in one harness than in its others."""

    model: str = ""
    """At a quant, where the main sweep has several."""
    harness: str = ""
    """Where it collapses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualQuants(Stated):
    """`equal_quants`: over all models, more bits pass neither more nor less."""

    fewer: int = 4
    """Bits."""
    more: int = 8
    """Bits of the reference quants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gains(OfModel):
    """`gains`: a model passes more at its reference quant, the one of most bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loses(OfModel):
    """`loses`: a model passes less at its reference quant, the one of most bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutAccess(Stated):
    """`without_access`: a harness's rate without the trials that touched the grader."""

    harness: str = ""
    """In the main sweep."""
    rate: float | None = None
    """The rate that is claimed, in 0..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Separate(Stated):
    """`separate`: it is these tasks that tell the models of the top tier apart."""

    tasks: tuple[str, ...] = ()
    """As in cells.csv, even where the site shows numbers."""


Claim: TypeAlias = (
    Better
    | Best
    | Worst
    | Tied
    | AsGoodButFaster
    | Collapses
    | EqualQuants
    | Gains
    | Loses
    | WithoutAccess
    | Separate
)

KINDS: Mapping[str, type[Claim]] = {
    re.sub(r"(?<=.)(?=[A-Z])", "_", kind.__name__).lower(): kind
    for kind in get_args(Claim)
}
"""What `kind` may say: the name of its dataclass in small letters."""


def read_claims(path: Path) -> tuple[Claim, ...]:
    """The claims in a TOML file, in their order.

    Raises:
        SettingsError: With every unknown kind or key, wrong type and missing value.
    """
    document = read_toml(path)
    reader = _Reader(path)
    found = reader.claims(document)
    if reader.problems:
        raise SettingsError(*reader.problems)
    return found


class _Reader(SettingsReader):
    """Turns a TOML document into claims."""

    def claims(self, document: Mapping[str, Any]) -> tuple[Claim, ...]:
        for name in document:
            if name != "claim":
                self.problem(
                    "", f"unknown section {shown(name)}", "claims are [[claim]] tables"
                )
        tables = document.get("claim", [])
        if not isinstance(tables, list):
            self.problem("claim", f"is {shown(tables)}, expected [[claim]] tables")
            return ()
        found = [self._claim(n, table) for n, table in enumerate(tables, start=1)]
        claims = tuple(claim for claim in found if claim is not None)
        names = [claim.name for claim in claims if claim.name]
        for name in dict.fromkeys(names):
            if names.count(name) > 1:
                self.problem("[[claim]]", f"name {shown(name)} is of two claims")
        return claims

    def _claim(self, number: int, table: object) -> Claim | None:
        where = f"claim {number}"
        if not isinstance(table, dict):
            self.problem(f"[{where}]", f"is {shown(table)}, expected a table")
            return None
        rest = dict(table)
        kind = rest.pop("kind", None)
        if not isinstance(kind, str) or kind not in KINDS:
            hint = near_miss(kind, KINDS) if isinstance(kind, str) else ""
            said = "has no kind" if kind is None else f"kind is {shown(kind)}"
            kinds = ", ".join(KINDS)
            self.problem(f"[{where}]", f"{said}, expected one of {kinds}{hint}")
            return None
        claim = self.section(KINDS[kind], where, rest)
        if claim is None:
            return None
        for item in fields(claim):
            absent = getattr(claim, item.name) in UNSET and item.name not in rest
            if absent and item.name not in MAY_LACK:
                self.problem(
                    f"[{where}]",
                    f"{item.name} is missing",
                    f"a claim of kind {kind} needs it",
                )
        self._check(f"[{where}]", claim)
        return claim

    def _check(self, where: str, claim: Claim) -> None:
        """Values of the right type that still cannot be meant."""
        if isinstance(claim, WithoutAccess) and claim.rate is not None:
            if not 0 <= claim.rate <= 1:
                self.problem(
                    where, f"rate is {claim.rate}, expected a number from 0 to 1"
                )
        elif isinstance(claim, AsGoodButFaster) and not 0 < claim.times < inf:
            self.problem(
                where, f"times is {claim.times}, expected a finite number above 0"
            )
