"""Who mentioned, read or ran the hidden grader, and what that does to the rates."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from sitegen.stats.trials import BoolArray, Trials

_RAN, _READ = 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A count over its denominator."""

    passed: int
    n: int

    @property
    def rate(self) -> Fraction | None:
        """Passed over n; None for an empty denominator."""
        return Fraction(self.passed, self.n) if self.n else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """One harness's contact with the grader, and three ways to count it."""

    harness: str
    n_audited: int
    """Trials for which the audit was recorded at all."""
    mentions: int
    accesses: int
    """Trials that ran or read the grader: `ran` + `read`."""
    ran: int
    read: int
    accesses_passed: int
    kept: Rate
    failed: Rate
    """Accessing trials counted as failed."""
    dropped: Rate
    """Accessing trials left out."""


def audit(trials: Trials) -> tuple[Audit, ...]:
    """One line a harness, by name; empty when no trial was audited."""
    audited = (trials.access >= 0) | (trials.mention >= 0)
    if not audited.any():
        return ()
    return tuple(
        _line(trials, audited, label.harness, trials.harness.codes == code)
        for code, label in enumerate(trials.harness.labels)
    )


def _line(trials: Trials, audited: BoolArray, harness: str, own: BoolArray) -> Audit:
    accessing, measured = trials.accessing, own & trials.measured_as_run
    passed = measured & trials.passed_as_run

    def count(mask: BoolArray) -> int:
        return int(np.count_nonzero(mask))

    clean_passed = count(passed & ~accessing)
    return Audit(
        harness=harness,
        n_audited=count(own & audited),
        mentions=count(own & (trials.mention == 1)),
        accesses=count(own & accessing),
        ran=count(own & (trials.access == _RAN)),
        read=count(own & (trials.access == _READ)),
        accesses_passed=count(passed & accessing),
        kept=Rate(passed=count(passed), n=count(measured)),
        failed=Rate(passed=clean_passed, n=count(measured)),
        dropped=Rate(passed=clean_passed, n=count(measured & ~accessing)),
    )
