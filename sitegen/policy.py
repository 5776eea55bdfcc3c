"""`[policy]`: the rules by which trials are counted, each applied and said here.

A rule is a field of `Policy`: its type and default, and in `Annotated` what it makes
of a trial and how pages say so. Without that nothing can be imported.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeAlias, get_type_hints

from harness_bench.schema import GraderAccess, Status

TIMEOUTS = frozenset({Status.AGENT_TIMEOUT, Status.AGENT_IDLE})
ACCESS = frozenset({GraderAccess.RAN, GraderAccess.READ})

Fate: TypeAlias = Literal["stays", "fails", "leaves"]
"""Counted as it came out, counted as failed with a score of 0, or not counted. Where
two rules are about a trial, it leaves if either says so, else fails if either does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What one value of a choice makes of the trials that it is about."""

    fate: Fate
    sentence: str
    """On the methodology page, where the site counts in this way."""
    label: str
    """Where the other ways are compared with the site's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A rule with several ways to count certain trials."""

    term: str
    """Its heading on the methodology page."""
    about: tuple[str, Collection[StrEnum]] | None
    """Which trials, by what a column says; None: those that there should have been."""
    did: str
    """What they did, as it follows "no trial"; empty where none did anything."""
    ways: Mapping[str, Way]
    """By value of the setting."""
    compared: str = ""
    """Anchor of the analysis page where every way is counted by harness."""

    def sentence(self, value: str) -> str:
        """What the methodology page says where the setting has this value."""
        return self.ways[value].sentence

    def expected(self, value: str) -> str:  # noqa: ARG002 - its type says it all
        """Nothing: no other value can be read."""
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A rule that draws a line, or leaves one out."""

    term: str
    sentence: Callable[[Any], str]
    allowed: Callable[[Any], bool] = lambda _: True
    otherwise: str = ""
    """What is expected, said of a value that is not allowed."""
    compared: str = ""

    def expected(self, value: float) -> str:
        """What is expected instead of this value; "" where it is allowed."""
        return "" if self.allowed(value) else self.otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`[policy]`: how trials are counted."""

    timeout: Annotated[
        Literal["fail", "drop"],
        Choice(
            term="Time-outs",
            about=("status", TIMEOUTS),
            did="ran out of time",
            ways={
                "fail": Way(
                    fate="stays",
                    sentence="A trial that ran out of time counts as failed.",
                    label="Time-outs count as failed",
                ),
                "drop": Way(
                    fate="leaves",
                    sentence="A trial that ran out of time leaves the denominator.",
                    label="Time-outs leave the denominator",
                ),
            },
        ),
    ] = "fail"
    """What a trial that ran out of time counts as."""
    grader_access: Annotated[
        Literal["keep", "fail", "drop"],
        Choice(
            term="Trials that ran or read the grader",
            about=("grader_access", ACCESS),
            did="touched the grader",
            ways={
                "keep": Way(
                    fate="stays",
                    sentence="They stay in every headline figure as they came out.",
                    label="Trials that touched the grader stay as they came out",
                ),
                "fail": Way(
                    fate="fails",
                    sentence="They are counted as failed in every headline figure.",
                    label="Trials that touched the grader count as failed",
                ),
                "drop": Way(
                    fate="leaves",
                    sentence="They are left out of every headline figure.",
                    label="Trials that touched the grader are dropped",
                ),
            },
            compared="audit",
        ),
    ] = "keep"
    """What the headline does with trials that ran or read the hidden grader."""
    missing: Annotated[
        Literal["apart", "fail"],
        Choice(
            term="Tasks that were not run",
            about=None,
            did="",
            ways={
                "apart": Way(
                    fate="stays",
                    sentence="A task that a combo did not run says nothing about it.",
                    label="Tasks that were not run say nothing",
                ),
                "fail": Way(
                    fate="stays",
                    sentence="A task that a combo with a measured trial never tried "
                    "counts as failed in its rate, not in how hard the task is. What "
                    "was lost to infrastructure or cancelled, and seeds that are "
                    "missing, do not.",
                    label="Tasks that were not run count as failed",
                ),
            },
        ),
    ] = "apart"
    """What a task counts as that a combo with measured trials never tried."""
    pass_score: Annotated[
        float,
        Limit(
            term="Scores",
            sentence=lambda score: (
                "Where a row has neither a status nor a passed column, it passed with "
                f"a score of at least {score:g}."
            ),
            allowed=lambda score: 0 < score <= 1,
            otherwise="a number above 0, at most 1",
        ),
    ] = 1.0
    """From this score a trial without status and verdict counts as passed."""
    margin: Annotated[
        float,
        Limit(
            term="Equal",
            sentence=lambda margin: (
                "Two pass rates are called equal where they are shown to differ by "
                f"less than {margin * 100:g} points."
            ),
            allowed=lambda margin: 0 < margin < 1,
            otherwise="a number above 0 and below 1",
        ),
    ] = 0.05
    """Two pass rates that are shown to be closer than this are called equal."""
    headline: Annotated[
        Literal["auto", "pass", "score"],
        Limit(
            term="What ranks are by",
            sentence=lambda headline: {
                "pass": "Entries are ranked and told apart by pass rate.",
                "score": "Entries are ranked and told apart by mean score. A trial "
                "without a score counts as 1 if it passed, else as 0.",
                "auto": "Entries are ranked and told apart by pass rate, or by mean "
                "score where rows say nothing else.",
            }[headline],
        ),
    ] = "auto"
    """What entries are ranked by; auto: by score where rows have only that."""
    min_coverage: Annotated[
        float,
        Limit(
            term="Who is ranked",
            sentence=lambda share: (
                "Entries are ranked on what all ranked ones ran. That is at least "
                f"{share * 100:g} % of what half of all entries ran; whoever lacks too "
                "much of it stands apart."
            ),
            allowed=lambda share: 0 < share <= 1,
            otherwise="a number above 0, at most 1",
        ),
    ] = 0.9
    """The share of a scope's tasks that all who are ranked must have run."""


def _rules() -> dict[str, Choice | Limit]:
    hints = get_type_hints(Policy, include_extras=True)
    return {item.name: hints[item.name].__metadata__[0] for item in fields(Policy)}


RULES: Mapping[str, Choice | Limit] = MappingProxyType(_rules())
"""By setting, in the order of the methodology page."""
CHOICES: Mapping[str, Choice] = MappingProxyType(
    {name: rule for name, rule in RULES.items() if isinstance(rule, Choice)}
)
"""The rules whose other ways are compared with the site's."""
