"""claims.toml: what is read, and what is refused in which words."""

from pathlib import Path

import pytest

from harness_bench.errors import SettingsError
from sitegen.claims import KINDS, Better, Claim, Separate, read_claims
from tests.records import ROOT

EXAMPLE_CLAIMS = ROOT / "examples" / "harness-bench-2026" / "claims.toml"


def _read(folder: Path, text: str) -> tuple[Claim, ...]:
    path = folder / "claims.toml"
    path.write_text(text)
    return read_claims(path)


def test_claims_are_read_in_their_order(tmp_path: Path) -> None:
    found = _read(
        tmp_path,
        """
        [[claim]]
        kind = "separate"
        says = "These tasks do it."
        tasks = ["a", "b"]
        [[claim]]
        kind = "better"
        says = "x beats y."
        of = "harness"
        who = ["x"]
        than = ["y"]
        """,
    )
    assert found == (
        Separate(says="These tasks do it.", tasks=("a", "b")),
        Better(says="x beats y.", of="harness", who=("x",), than=("y",)),
    )


def test_the_example_makes_the_twelve_claims_of_the_post() -> None:
    found = read_claims(EXAMPLE_CLAIMS)
    assert len(found) == 12
    assert {type(claim) for claim in found} == set(KINDS.values())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "[claims]",
            "claims.toml: unknown section 'claims'; claims are [[claim]] tables",
        ),
        ("claim = 3", "claims.toml: claim is 3, expected [[claim]] tables"),
        (
            "[[claim]]",
            "claims.toml: [claim 1] has no kind, expected one of better, best",
        ),
        ('[[claim]]\nkind = "bst"', "kind is 'bst', expected one of better, best"),
        (
            '[[claim]]\nkind = "worst"\nsays = "x"',
            "claims.toml: [claim 1] who is missing; a claim of kind worst needs it",
        ),
        (
            '[[claim]]\nkind = "tied"\nsays = "x"\nwho = "y"',
            "claims.toml: [claim 1] who is 'y', expected a list of strings",
        ),
        (
            '[[claim]]\nkind = "worst"\nsays = "x"\nwho = "y"\nof = "task"',
            "[claim 1] of is 'task', expected one of model, harness, combo",
        ),
        (
            '[[claim]]\nkind = "without_access"\nsays = "x"\nharness = "h"',
            "[claim 1] rate is missing; a claim of kind without_access needs it",
        ),
        (
            '[[claim]]\nkind = "without_access"\nsays = "x"\nharness = "h"\nrate = 55',
            "[claim 1] rate is 55.0, expected a number from 0 to 1",
        ),
        (
            (
                '[[claim]]\nkind = "as_good_but_faster"\nsays = "x"\nmodel = "m"\n'
                'than = ["n"]\ntimes = nan'
            ),
            "[claim 1] times is nan, expected a finite number above 0",
        ),
        ("[[claim", "claims.toml: "),
    ],
)
def test_a_problem_says_where_it_is_and_what_was_expected(
    tmp_path: Path, text: str, problem: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        _read(tmp_path, text)
    assert any(problem in str(found) for found in caught.value.problems), caught.value


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        _read(tmp_path, '[[claim]]\nkind = "x"\n[[claim]]\nkind = "best"\nwhom = "y"')
    assert len(caught.value.problems) == 4
