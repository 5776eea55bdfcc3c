"""Three ways to count trials that touched the hidden grader."""

from fractions import Fraction

import pytest

from harness_bench.schema import GraderAccess, Record, Status
from sitegen.stats.audit import Audit
from tests.records import record, scope_of

MIXED = [
    record(seed=0, grader_mentions=False, grader_access=GraderAccess.NONE),
    record(seed=1, grader_mentions=True, grader_access=GraderAccess.MENTIONED),
    record(seed=2, grader_mentions=True, grader_access=GraderAccess.RAN),
    record(seed=3, grader_mentions=True, grader_access=GraderAccess.READ, passed=False),
    record(seed=4, passed=False),
    record(seed=5, grader_access=GraderAccess.READ, status=Status.INFRA_GRADER),
]


def line(records: list[Record], **policy: str) -> Audit:
    (found,) = scope_of(records, **policy).audit
    return found


def test_contact_is_counted_by_how_near_it_came() -> None:
    found = line(MIXED)
    assert found.n_audited == 5
    assert found.mentions == 4
    assert (found.ran, found.read, found.accesses) == (1, 2, 3)
    assert found.accesses_passed == 1


@pytest.mark.parametrize("policy", ["keep", "fail", "drop"])
def test_the_three_ways_do_not_depend_on_the_one_in_the_headline(policy: str) -> None:
    found = line(MIXED, grader_access=policy)
    assert (found.kept.passed, found.kept.n) == (3, 5)
    assert (found.failed.passed, found.failed.n) == (2, 5)
    assert (found.dropped.passed, found.dropped.n) == (2, 3)
    assert found.dropped.rate == Fraction(2, 3)


@pytest.mark.parametrize(
    ("policy", "headline"), [("keep", (3, 5)), ("fail", (2, 5)), ("drop", (2, 3))]
)
def test_the_headline_follows_the_policy(
    policy: str, headline: tuple[int, int]
) -> None:
    (found,) = scope_of(MIXED, grader_access=policy).harnesses
    assert (found.passed, found.n_trials) == headline


def test_dropping_every_trial_leaves_no_rate() -> None:
    found = line([record(grader_access=GraderAccess.READ)])
    assert (found.dropped.n, found.dropped.rate) == (0, None)


def test_where_nothing_was_audited_there_is_no_audit() -> None:
    assert scope_of([record(), record(seed=1, passed=False)]).audit == ()


def test_a_harness_that_was_not_audited_stands_beside_one_that_was() -> None:
    found = scope_of(
        [record("m//plain"), record("m//watched", grader_mentions=False)]
    ).audit
    assert [(a.harness, a.n_audited) for a in found] == [("plain", 0), ("watched", 1)]


def test_an_access_tells_of_a_mention_where_mentions_were_not_recorded() -> None:
    assert line([record(grader_access=GraderAccess.RAN)]).mentions == 1
    assert line([record(grader_access=GraderAccess.NONE)]).mentions == 0
    spoken = record(grader_access=GraderAccess.RAN, grader_mentions=False)
    assert line([spoken]).mentions == 0
