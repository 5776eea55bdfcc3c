"""What other people call things."""

from harness_bench.schema import COLUMN_BY_NAME, Status
from sitegen.usual_words import (
    FLAGS,
    STATUSES,
    bare,
    look_alikes,
    totals,
    without_trials,
)


def test_every_word_leads_to_what_its_column_takes() -> None:
    assert set(STATUSES.values()) <= set(Status)
    assert set(FLAGS.values()) == {"0", "1"}
    assert all(word == bare(word) for word in (*STATUSES, *FLAGS))


def test_no_word_says_that_a_trial_ended_and_means_how() -> None:
    assert not {"completed", "done", "finished", "error", "1"} & {*STATUSES, *FLAGS}


def test_a_column_looks_like_one_of_ours_that_nothing_fills() -> None:
    found = look_alikes(["Wall-Time", "seconds", "Output Tokens", "x"], ["tokens_in"])

    assert found == {"agent_time_s": "Wall-Time", "tokens_out": "Output Tokens"}
    assert look_alikes(["duration"], ["agent_time_s"]) == {}
    assert set(found) <= set(COLUMN_BY_NAME)


def test_totals_are_columns_over_trials_where_no_task_is_named() -> None:
    assert totals(["model", "N", "pass_rate", "score"]) == ["N", "pass_rate"]
    assert without_trials(["model", "n"], ["model"]) == ["n"]
    assert without_trials(["model", "n"], ["model", "task"]) == []
