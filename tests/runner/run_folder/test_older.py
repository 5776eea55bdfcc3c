"""What of a ledger no longer counts is told in one line."""

from pathlib import Path

from runner.plan import all_trials
from runner.run_folder.ledger import Attempts
from runner.run_folder.older import older, older_of_run
from tests.runner.specs import attempt, harness, model, spec, task

PLANNED = all_trials(spec((model("m"),), (harness("h"),), seeds=2), (task("t"),))
IDS = {each.id for each in PLANNED}
HERE = attempt(PLANNED[0].id, folder="same")
OLDER = [
    attempt("a" * 16, folder="older"),
    attempt("a" * 16, folder="older again", number=2),
]
CELL = "model, harness, task or limits have changed"
HOW = "`export --all-definitions` shows all"


def test_nothing_is_said_where_all_counts() -> None:
    assert str(older(Attempts.of([HERE]), IDS)) == ""
    assert str(older(Attempts.of([HERE, *OLDER]), ())) == "", "no plan is known"


def test_attempts_of_other_definitions_and_of_other_cells_are_counted() -> None:
    found = Attempts.of([HERE, *OLDER, attempt("b" * 16, folder="n", model="n")])
    line = f"3 earlier attempts under older definitions are left out; {HOW}"
    assert str(older(found, IDS)) == line
    only = Attempts.of([attempt("b" * 16)])
    line = f"1 earlier attempt under older definitions is left out; {HOW}"
    assert str(older(only, IDS)) == line


def test_one_is_said_in_the_singular() -> None:
    line = str(older(Attempts.of(OLDER[:1]), IDS, left=PLANNED, change="x was 1"))
    assert line == (
        f"1 earlier attempt no longer counts: {CELL} (x was 1); 1 trial is run anew;"
        f" {HOW}"
    )


def test_what_is_run_anew_was_measured_before_under_another_definition() -> None:
    both = [attempt("a" * 16, folder="a"), attempt("b" * 16, folder="b", seed=1)]
    line = str(older(Attempts.of(both), IDS, left=PLANNED))
    told = f"2 earlier attempts no longer count: {CELL}; 2 trials are run anew; {HOW}"
    assert line == told
    new = all_trials(spec((model("m"),), (harness("h"),), seeds=3), (task("t"),))[2:]
    assert "anew" not in str(older(Attempts.of(both), IDS, left=new, change="x"))
    assert "(x)" not in str(older(Attempts.of(both), IDS, left=new, change="x"))


def test_before_a_run_the_plan_is_that_of_the_settings(tmp_path: Path) -> None:
    found = older_of_run(
        tmp_path, Attempts.of([HERE, *OLDER]), everything=PLANNED, left=PLANNED[1:]
    )
    assert (found.attempts, found.anew, found.change) == (2, 0, "")
