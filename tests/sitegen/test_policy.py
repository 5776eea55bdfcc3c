"""The rules of `[policy]`: every one is applied, printed and compared."""

from dataclasses import fields, replace
from functools import cache
from typing import Any, get_args, get_type_hints

import pytest

from harness_bench.schema import GraderAccess, Record, Status
from sitegen.build import build
from sitegen.policy import CHOICES, RULES, Choice, Limit, Policy
from sitegen.stats.trials import trials
from tests.records import grid, inputs, record

SETTINGS = [item.name for item in fields(Policy)]


def others(setting: str) -> list[Any]:
    """Every other word of a setting, or another number within its range."""
    now = getattr(Policy(), setting)
    if isinstance(now, float):
        return [now / 2]
    return [word for word in get_args(get_type_hints(Policy)[setting]) if word != now]


@cache
def method(setting: str = "", value: Any = None) -> bytes:  # noqa: ANN401 - of any setting
    """The methodology page under a policy with one value changed."""
    found = inputs(grid({"m//h": {"t": "+-", "u": "+"}}))
    policy = replace(Policy(), **({setting: value} if setting else {}))
    return build(replace(found, settings=replace(found.settings, policy=policy)))[
        "methodology.html"
    ]


@pytest.mark.parametrize("setting", SETTINGS)
def test_changing_any_setting_changes_the_methodology_page(setting: str) -> None:
    assert others(setting)
    pages = [method(), *(method(setting, value) for value in others(setting))]
    assert len(set(pages)) == len(pages)


def test_the_margin_is_printed_in_points() -> None:
    assert b"are shown to differ by less than 5 points" in method()
    assert b"are shown to differ by less than 2.5 points" in method("margin", 0.025)


def test_every_setting_is_a_rule_and_every_word_of_a_choice_a_way_to_count() -> None:
    assert list(RULES) == SETTINGS
    for name, choice in CHOICES.items():
        assert tuple(choice.ways) == get_args(get_type_hints(Policy)[name]), name
        labels = [way.label for way in choice.ways.values()]
        assert len(set(labels)) == len(labels), name


@pytest.mark.parametrize(
    ("default", "rule"),
    [(getattr(Policy(), name), rule) for name, rule in RULES.items()],
)
def test_the_default_of_every_rule_is_allowed(
    default: Any,  # noqa: ANN401 - of any setting
    rule: Choice | Limit,
) -> None:
    assert rule.expected(default) == ""


def test_other_defaults_would_be_other_rankings() -> None:
    assert {name: getattr(Policy(), name) for name in SETTINGS} == {
        "timeout": "fail",
        "grader_access": "keep",
        "missing": "apart",
        "pass_score": 1.0,
        "margin": 0.05,
        "headline": "auto",
        "min_coverage": 0.9,
    }


LATE = record(status=Status.AGENT_TIMEOUT)
READ_IT = record(grader_access=GraderAccess.READ)
LATE_READER = record(status=Status.AGENT_IDLE, grader_access=GraderAccess.RAN)


def outcome(found: Record, policy: Policy) -> bool | None:
    """Passed, failed, or None: not in the denominator."""
    one = trials([found], policy)
    return bool(one.passed[0]) if one.measured[0] else None


@pytest.mark.parametrize(
    ("found", "policy", "expected"),
    [
        (LATE, Policy(), False),
        (LATE, Policy(timeout="drop"), None),
        (LATE, Policy(grader_access="drop"), False),
        (READ_IT, Policy(), True),
        (READ_IT, Policy(grader_access="fail"), False),
        (READ_IT, Policy(grader_access="drop"), None),
        (READ_IT, Policy(timeout="drop"), True),
        (LATE_READER, Policy(timeout="drop", grader_access="fail"), None),
        (record(status=Status.CANCELLED), Policy(), None),
        (record(score=0.5), Policy(), False),
        (record(score=0.5), Policy(pass_score=0.5), True),
    ],
)
def test_a_trial_counts_as_the_policy_says(
    found: Record,
    policy: Policy,
    expected: bool | None,  # noqa: FBT001 - an outcome
) -> None:
    assert outcome(found, policy) is expected


def test_a_trial_that_two_rules_are_about_leaves_if_either_says_so() -> None:
    both = Policy(timeout="drop", grader_access="fail")
    assert outcome(LATE_READER, both) is None
    assert outcome(LATE_READER, replace(both, timeout="fail")) is False
    assert outcome(record(), both) is True


def test_a_broken_server_is_no_failure_even_where_the_agent_read_the_grader() -> None:
    lost = record(status=Status.INFRA_SERVER, grader_access=GraderAccess.READ)
    assert outcome(lost, Policy(grader_access="fail")) is None


@pytest.mark.parametrize(
    ("setting", "allowed", "refused"),
    [
        ("pass_score", (0.001, 1), (-1, 0, 1.001, float("nan"))),
        ("margin", (0.001, 0.999), (-1, 0, 1, 2, float("nan"))),
        ("min_coverage", (0.001, 1), (-1, 0, 1.001, float("nan"))),
    ],
)
def test_a_line_can_be_drawn_where_it_parts_something(
    setting: str, allowed: tuple[float, ...], refused: tuple[float, ...]
) -> None:
    rule = RULES[setting]
    assert isinstance(rule, Limit)
    assert [rule.expected(value) for value in allowed] == [""] * len(allowed)
    for value in refused:
        assert rule.expected(value).startswith("a number above 0")


@pytest.mark.parametrize(
    ("status", "passed", "expected"),
    [
        (Status.PASS, None, True),
        (Status.FAIL, None, False),
        (Status.VOID_CHEAT, True, False),
        (Status.INFRA_SERVER, True, None),
        (None, True, True),
        (None, False, False),
    ],
)
def test_a_status_decides_and_then_what_the_tests_said(
    status: Status | None,
    passed: bool | None,  # noqa: FBT001 - an outcome
    expected: bool | None,  # noqa: FBT001 - an outcome
) -> None:
    found = replace(record(score=0.0), status=status, passed=passed)
    assert outcome(found, Policy()) is expected


def test_no_choice_but_about_what_was_not_run_is_about_no_trial() -> None:
    silent = [name for name, choice in CHOICES.items() if choice.about is None]
    assert silent == ["missing"]
    assert [name for name, choice in CHOICES.items() if not choice.did] == silent
    for choice in CHOICES.values():
        assert [way.fate for way in choice.ways.values()][:1] == ["stays"]
    compared = {name: rule.compared for name, rule in RULES.items() if rule.compared}
    assert compared == {"grader_access": "audit"}
