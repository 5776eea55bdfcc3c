"""Claims about grader access, and about which tasks tell the top apart."""

from fractions import Fraction

from sitegen.claims import Separate, WithoutAccess
from sitegen.judge.evidence import Evidence
from sitegen.judge.verdict import Said, Verdict, unjudged
from sitegen.keys import TaskKey
from sitegen.kinds import HARNESS
from sitegen.numbers import count_of, decimal, listed, percent
from sitegen.stats.audit import Audit, Rate

_ROUGHLY = Fraction(1, 200)
"""Half a point: a claimed rate this close to a counted one is that one."""


def without_access(claim: WithoutAccess, evidence: Evidence) -> Said:
    """The rate and the place, with accessing trials failed and dropped."""
    audits = evidence.results.main.audit
    evidence.find(HARNESS, claim.harness)
    own = next((line for line in audits if line.harness == claim.harness), None)
    if own is None or own.kept.rate is None or claim.rate is None:
        return unjudged("Whether agents touched the grader was not recorded.")
    ways = (
        ("kept", own.kept, [line.kept for line in audits]),
        ("counted as failed", own.failed, [line.failed for line in audits]),
        ("dropped", own.dropped, [line.dropped for line in audits]),
    )
    figures = [
        "With these trials "
        + listed(
            [
                f"{way}: {percent(rate.rate)} % ({rate.passed:,}/{rate.n:,}), "
                f"place {_place(rate, every)} of {len(every)}"
                for way, rate, every in ways
            ]
        )
        + "."
    ]
    claimed = Fraction(str(claim.rate))
    right = [
        way
        for way, rate, _ in ways[1:]
        if rate.rate is not None and abs(rate.rate - claimed) <= _ROUGHLY
    ]
    if not right:
        figures += _subtraction(own, claimed, evidence)
    return (Verdict.HOLDS if right else Verdict.FAILS), tuple(figures)


def _place(own: Rate, every: list[Rate]) -> int:
    return 1 + sum((rate.rate or 0) > (own.rate or 0) for rate in every)


def _subtraction(own: Audit, claimed: Fraction, evidence: Evidence) -> list[str]:
    """How the claimed rate comes about, where all accesses were taken off."""
    everywhere = next(
        line for line in evidence.results.all.audit if line.harness == own.harness
    )
    sweep = evidence.results.main.sweep
    for accesses, where in (
        (own.accesses, "here"),
        (everywhere.accesses, "over all trials"),
    ):
        left = Fraction(own.kept.passed - accesses, own.kept.n)
        if accesses and abs(left - claimed) <= _ROUGHLY:
            among = f"the {own.accesses:,} in {sweep}" if sweep else f"{own.accesses:,}"
            return [
                (
                    f"{decimal(left * 100, 1)} % is a subtraction: the passes less "
                    f"every trial that touched the grader {where}, "
                    f"({own.kept.passed:,} − {accesses:,})/{own.kept.n:,}. But only "
                    f"{own.accesses_passed:,} of {among} had passed, and a trial "
                    "that is dropped leaves the denominator too."
                )
            ]
    return []


def separate(claim: Separate, evidence: Evidence) -> Said:
    """Whether the top tier fails on these tasks most, and they discriminate."""
    scope = evidence.results.main
    known = {task.task: task for task in scope.task_combos}
    named = {t for t in claim.tasks if evidence.pick(t, known, "task")}
    leader = next((s for s in scope.model_quants if s.rank == 1), None)
    top = [s for s in scope.model_quants if leader and set(s.tier) & set(leader.tier)]
    keys = {s.key for s in top}
    lost = {
        task.task: sum(s.n_trials - s.passed for s in groups if s.key in keys)
        for task, groups in scope.task_model_quants.items()
    }
    total = sum(lost.values())
    if not total or not named:
        return unjudged("The top tier failed on no task.")
    most = sorted(lost, key=lambda task: (-lost[task], task))[: len(named)]
    shared = Fraction(sum(lost[task] for task in named), total)
    sure = {d.task for d in scope.discrimination if d.separates}
    others, proved = sorted(set(most) - named), sorted(named & sure)
    figures = [
        (
            f"The top tier has {count_of(len(top), 'model')}; "
            f"{percent(shared, 0)} % of what they failed lies on the "
            f"{count_of(len(named), 'named task')} of {len(lost)}."
        ),
        "These are the tasks that they fail most."
        if not others
        else f"They fail more on {evidence.names(map(TaskKey, others))}.",
        f"Shown to be passed more often by those who are better elsewhere, each "
        f"tested by itself: {len(proved)} of the {len(named)}"
        + (
            f", {evidence.names(map(TaskKey, sorted(named & sure)))}"
            if named & sure
            else ""
        )
        + ".",
    ]
    if others:
        half = len(others) * 2 <= len(named)
        return (Verdict.PARTLY if half else Verdict.FAILS), tuple(figures)
    return (Verdict.HOLDS if named <= sure else Verdict.PARTLY), tuple(figures)
