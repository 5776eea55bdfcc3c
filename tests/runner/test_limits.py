"""What a trial may use: the lower one of two limits holds."""

from dataclasses import fields, replace

import pytest

from runner.limits import Limits

DEFAULTS = {
    "agent_s": 1800.0,
    "idle_s": 600.0,
    "silence_s": 1800.0,
    "tokens": 400_000,
    "calls": 200,
    "grader_s": 300.0,
    "processes": 512,
    "file_mb": 512,
    "disk_mb": 2048,
}


def test_other_defaults_would_be_other_results() -> None:
    assert {f.name: getattr(Limits(), f.name) for f in fields(Limits)} == DEFAULTS


@pytest.mark.parametrize("name", DEFAULTS)
def test_of_each_limit_the_lower_one_holds(name: str) -> None:
    lower = replace(Limits(), **{name: 1})
    assert Limits().at_most(lower) == lower.at_most(Limits()) == lower
