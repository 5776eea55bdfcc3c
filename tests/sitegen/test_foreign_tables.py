"""Tables as other people leave them: read rightly, or refused in words that help."""

from collections import Counter
from pathlib import Path

import pytest

from harness_bench.errors import SchemaError
from harness_bench.schema import Record, Status
from sitegen.inputs import Inputs, read_inputs


def _read(folder: Path, *rows: str, settings: str = "") -> Inputs:
    (folder / "cells.csv").write_text("\n".join([*rows, ""]), encoding="utf-8")
    (folder / "site.toml").write_text(settings)
    return read_inputs([folder / "cells.csv"])


def _refused(folder: Path, *rows: str, settings: str = "") -> list[str]:
    with pytest.raises(SchemaError) as caught:
        _read(folder, *rows, settings=settings)
    return list(map(str, caught.value.problems))


PERCENT = [
    "model,harness,task,score",
    *(f"good,pi,t{n},{score}" for n, score in enumerate((80, 87, 93.5, 100, 0))),
    *(f"bad,pi,t{n},{score}" for n, score in enumerate((5, 12, 0, 6, 0.5))),
]


@pytest.mark.parametrize("outside", ["error", "clip", "empty"])
def test_scores_on_another_scale_are_refused_whatever_becomes_of_single_ones(
    tmp_path: Path, outside: str
) -> None:
    settings = f"[input]\nscore_outside = '{outside}'\n"

    assert _refused(tmp_path, *PERCENT, settings=settings) == [
        (
            "cells.csv: 7 of 8 scores above 0 are above 1, up to 100; if 100 is full"
            " marks, [input] score_scale = 100 in site.toml divides by it"
        )
    ]


def test_scores_are_divided_by_full_marks_exactly(tmp_path: Path) -> None:
    inputs = _read(tmp_path, *PERCENT, settings="[input]\nscore_scale = 100\n")

    assert [record.score for record in inputs.records] == [
        *(0.05, 0.12, 0.0, 0.06, 0.005),
        *(0.8, 0.87, 0.935, 1.0, 0.0),
    ]


def test_scores_beyond_the_given_full_marks_are_another_scale_too(
    tmp_path: Path,
) -> None:
    (problem,) = _refused(tmp_path, *PERCENT, settings="[input]\nscore_scale = 5\n")

    assert "6 of 8 scores above 0 are above 5, up to 100" in problem


HARBOR = [
    "task_name,trial_name,agent,model,reward,agent_time_s",
    "fix-git,fix-git__Ab3,pi,glm,1,33.1",
    "fix-git,fix-git__Zq9,pi,glm,0,33.1",
    "fix-git,fix-git__Lk2,pi,glm,1,33.1",
    "build-c,build-c__Ab3,pi,glm,0,20",
    "build-c,build-c__Zq9,pi,glm,1,20",
    "build-c,build-c__Lk2,pi,glm,0,20",
]
HARBOR_COLUMNS = 'columns = {task="task_name",harness="agent",score="reward"'


@pytest.mark.parametrize(
    "settings",
    [
        f'[input]\nduplicates = "number"\n{HARBOR_COLUMNS}}}\n',
        f'[input]\n{HARBOR_COLUMNS},seed="trial_name"}}\n',
    ],
)
def test_repeats_without_a_number_are_all_kept_whatever_the_order_of_rows(
    tmp_path: Path, settings: str
) -> None:
    header, *rows = HARBOR
    inputs = _read(tmp_path, header, *rows, settings=settings)
    rows = [rows[place] for place in (3, 0, 5, 2, 4, 1)]

    again = _read(tmp_path, header, *rows, settings=settings)
    assert [*again.records] == [*inputs.records]
    assert [(r.task, r.seed) for r in inputs.records] == [
        (task, seed) for task in ("build-c", "fix-git") for seed in range(3)
    ]
    assert Counter((r.task, r.score) for r in inputs.records) == {
        ("build-c", 0.0): 2,
        ("build-c", 1.0): 1,
        ("fix-git", 1.0): 2,
        ("fix-git", 0.0): 1,
    }
    assert any("numbered within" in notice for notice in inputs.notices)


def test_rows_that_are_equal_throughout_are_numbered_and_told(tmp_path: Path) -> None:
    rows = ["model,harness,task,seed,passed", *["m,h,t,7,1"] * 2, "m,h,u,7,1"]

    inputs = _read(tmp_path, *rows, settings='[input]\nduplicates = "number"\n')

    assert [(r.task, r.seed) for r in inputs.records] == [("t", 0), ("t", 1), ("u", 7)]
    assert "of them equal to another in every column: 2" in inputs.notices


def test_one_text_as_seed_in_two_rows_is_still_a_repeated_key(tmp_path: Path) -> None:
    rows = ["model,harness,task,seed,passed", *["m,h,t,run a,1"] * 2]

    (problem,) = _refused(tmp_path, *rows)

    assert "the row has the same sweep" in problem
    assert "can number the rows of a key" in problem


def test_a_seed_that_is_a_wrong_number_is_no_text(tmp_path: Path) -> None:
    (problem,) = _refused(tmp_path, "model,harness,task,seed,passed", "m,h,t,-1,1")

    assert "seed is '-1', expected an integer >= 0" in problem


def test_what_fills_empty_verdicts_is_named(tmp_path: Path) -> None:
    rows = ["model,harness,task,passed", "m,h,t,1", "m,h,u,", "m,h,v,"]

    *_, summary = _refused(tmp_path, *rows)

    assert summary.endswith(
        '[input] defaults = { passed = "0" } counts rows that lack one as failed,'
        ' { status = "cancelled" } as not measured'
    )


@pytest.mark.parametrize(
    ("default", "status", "passed"),
    [
        ('status = "cancelled"', Status.CANCELLED, None),
        ('passed = "0"', None, False),
        ('score = "0"', None, None),
    ],
)
def test_an_outcome_is_filled_in_only_where_nothing_else_decides(
    tmp_path: Path, default: str, status: Status | None, passed: object
) -> None:
    rows = [
        "model,harness,task,passed,score,status",
        *("m,h,a,1,,", "m,h,b,,0.5,", "m,h,c,,,infra_server", "m,h,d,,,"),
    ]

    *records, last = _read(
        tmp_path, *rows, settings=f"[input]\ndefaults = {{ {default} }}\n"
    ).records

    assert [(r.status, r.passed, r.score) for r in records] == [
        (None, True, None),
        (None, None, 0.5),
        (Status.INFRA_SERVER, None, None),
    ]
    assert (last.status, last.passed) == (status, passed)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("pass,,0.0", "status is pass but score is 0"),
        ("pass,,0.4", "status is pass but score is 0.4"),
        ("fail,,1", "status is fail but score is 1"),
        (",1,0", "passed is 1 but score is 0"),
        (",0,1.0", "passed is 0 but score is 1"),
        ("pass,1,0", "passed is 1 but score is 0"),
        ("agent_timeout,1,", "passed is 1 but status is 'agent_timeout'"),
        ("pass,0,", "passed is 0 but status is 'pass'"),
    ],
)
def test_outcomes_that_contradict_are_refused_and_the_setting_named(
    tmp_path: Path, row: str, problem: str
) -> None:
    (line,) = _refused(
        tmp_path, "model,harness,task,status,passed,score", f"m,h,t,{row}"
    )

    assert line.startswith(f"cells.csv:2: {problem}; in site.toml, [input] verdict can")


@pytest.mark.parametrize(
    "row",
    [
        "pass,1,1",
        "fail,0,0",
        "fail,,0.9",
        "agent_timeout,0,1",
        "void_cheat,0,1",
        "infra_server,,0",
        "agent_timeout,,1",
        ",1,0.6",
        ",0,0.6",
        "pass,1,0.6",
        ",,0.3",
    ],
)
def test_outcomes_that_can_both_be_true_are_kept(tmp_path: Path, row: str) -> None:
    inputs = _read(tmp_path, "model,harness,task,status,passed,score", f"m,h,t,{row}")

    assert len(inputs.records) == 1


def test_a_passed_with_a_line_of_its_own_is_told(tmp_path: Path) -> None:
    inputs = _read(tmp_path, "model,harness,task,passed,score", "m,h,t,1,0.6")

    assert inputs.notices == (
        (
            "rows whose passed differs from what [policy] pass_score (1) makes of their"
            " score, and decides: 1"
        ),
    )


@pytest.mark.parametrize(
    ("verdict", "outcomes"),
    [
        ("status", [(Status.AGENT_TIMEOUT, None, 1.0), (Status.PASS, None, 0.0)]),
        ("passed", [(None, True, 1.0), (None, False, 0.0)]),
        ("score", [(None, None, 1.0), (None, None, 0.0)]),
    ],
)
def test_the_column_that_the_author_names_wins(
    tmp_path: Path, verdict: str, outcomes: list[object]
) -> None:
    inputs = _read(
        tmp_path,
        "model,harness,task,status,passed,score",
        "m,h,t,agent_timeout,1,1",
        "m,h,u,pass,0,0",
        settings=f'[input]\nverdict = "{verdict}"\n',
    )

    assert [(r.status, r.passed, r.score) for r in inputs.records] == outcomes
    assert f"rows in which {verdict} overrules ([input] verdict): 2" in inputs.notices


def test_a_verdict_by_score_spares_what_was_not_measured(tmp_path: Path) -> None:
    inputs = _read(
        tmp_path,
        "model,harness,task,status,score",
        *("m,h,t,infra_server,1", "m,h,u,void_cheat,1", "m,h,v,agent_timeout,0.2"),
        settings='[input]\nverdict = "score"\n',
    )

    assert [record.status for record in inputs.records] == [
        Status.INFRA_SERVER,
        Status.VOID_CHEAT,
        Status.AGENT_TIMEOUT,
    ]


def test_a_trial_that_only_ended_is_judged_by_its_score(tmp_path: Path) -> None:
    rows = ["model,harness,task,status,score", "m,h,t,completed,0.4", "m,h,u,done,1"]
    words = '[input.statuses]\ncompleted = "{0}"\ndone = "{0}"\n'

    (line,) = _refused(tmp_path, *rows, settings=words.format("pass"))
    records = _read(tmp_path, *rows, settings=words.format("score")).records

    assert 'statuses.WORD = "score"' in line
    assert [(r.status, r.score) for r in records] == [(None, 0.4), (None, 1.0)]


def test_values_that_mean_not_measured_are_not_measured(tmp_path: Path) -> None:
    inputs = _read(
        tmp_path,
        "model,harness,task,passed,tokens_out,agent_time_s,calls",
        *("m,h,t,1,0,-1,0", "m,h,u,1,0.0,3,2"),
        settings='[input.unknown]\ntokens_out = ["0"]\nagent_time_s = ["-1", "n/a"]\n',
    )

    assert [(r.tokens_out, r.agent_time_s, r.calls) for r in inputs.records] == [
        (None, None, 0),
        (None, 3.0, 2),
    ]
    assert "tokens_out taken as not measured ([input] unknown): 2" in inputs.notices


def test_aliases_make_two_spellings_one_model(tmp_path: Path) -> None:
    inputs = _read(
        tmp_path,
        "model,harness,task,passed",
        *("gpt-5,h,t,1", "gpt 5,h,u,1"),
        settings='[input.aliases.model]\n"gpt 5" = "gpt-5"\n',
    )

    assert {record.model for record in inputs.records} == {"gpt-5"}
    assert not any("differ only" in notice for notice in inputs.notices)


def test_names_that_differ_in_nothing_that_is_seen_or_meant_are_told_once(
    tmp_path: Path,
) -> None:
    models = [
        *("Qwen3-27B", "qwen3-27b", "Qwen3 27B", "openai/Qwen3-27B", "Qwen3\u201127B"),
        *("Qwen3-27\u200bB", "Qwen3-2-7B", "gpt-1.5", "gpt-15", "a/x", "b/x"),
    ]
    rows = [f"{model},{h},t,1,Q4_K_M" for model in models for h in ("pi", "Pi")]
    rows.append("a/x,pi,u,1,q4_k_m.gguf")

    inputs = _read(tmp_path, "model,harness,task,passed,quant", *rows)

    (notice,) = [n for n in inputs.notices if "differ only" in n]
    assert notice.count(";") == 2
    for name in ("'openai/Qwen3-27B'", r"'Qwen3-27\u200bB'", "harness 'Pi', 'pi'"):
        assert name in notice
    assert "quant 'Q4_K_M', 'q4_k_m.gguf'" in notice
    assert not any(name in notice for name in ("gpt", "a/x", "2-7B"))


def test_usual_spellings_are_read_and_told(tmp_path: Path) -> None:
    words = ["PASS", "passed", "Resolved", "true", "yes", "FAILED", "Agent Timeout"]

    inputs = _read(
        tmp_path,
        "model,harness,task,status",
        *(f"m,h,t{n},{word}" for n, word in enumerate(words)),
    )

    assert Counter(record.status for record in inputs.records) == {
        Status.PASS: 5,
        Status.FAIL: 1,
        Status.AGENT_TIMEOUT: 1,
    }
    assert "'FAILED' as fail (1), 'PASS' as pass (1)" in inputs.notices[0]


def test_usual_verdicts_are_read_and_told(tmp_path: Path) -> None:
    inputs = _read(
        tmp_path,
        "model,harness,task,passed",
        *("m,h,t,yes", "m,h,u,UNRESOLVED", "m,h,v,TRUE"),
    )

    assert [record.passed for record in inputs.records] == [True, False, True]
    assert inputs.notices == (
        "passed read in other words: 'UNRESOLVED' as 0 (1), 'yes' as 1 (1)",
    )


@pytest.mark.parametrize("word", ["completed", "done", "error", "1"])
def test_a_word_that_does_not_say_how_a_trial_ended_is_refused(
    tmp_path: Path, word: str
) -> None:
    (line,) = _refused(tmp_path, "model,harness,task,status", f"m,h,t,{word}")

    assert f"status is '{word}', expected one of" in line


def test_a_dropped_column_that_looks_like_ours_is_named_with_its_setting(
    tmp_path: Path,
) -> None:
    inputs = _read(
        tmp_path,
        "model,harness,task,passed,wall_s,Input Tokens,duration,note",
        "m,h,t,1,2.5,10,2.5,x",
    )

    assert inputs.notices[1] == (
        "dropped, but by their names columns of cells.csv: [input] columns ="
        " { agent_time_s = 'wall_s', tokens_in = 'Input Tokens' } takes them, times in"
        " seconds"
    )


def test_a_task_name_of_many_lines_becomes_one_and_stays_its_own(
    tmp_path: Path,
) -> None:
    start = "Write a function that reads the lines of a file"
    rows = [f'm,h,"{start}\r\n{n}",1' for n in range(3)]

    inputs = _read(tmp_path, "model,harness,task,passed", *rows, f"m,h,{'x' * 1_917},1")

    tasks = [record.task for record in inputs.records]
    assert len(set(tasks)) == 4
    assert all(len(task) < 80 and "\n" not in task for task in tasks[:3])
    assert tasks[0].startswith(start)
    assert tasks[3] == "x" * 1_917
    assert "line break" in inputs.notices[0]
    assert "more than 200 characters" in inputs.notices[1]


def test_a_line_break_in_another_name_is_called_so(tmp_path: Path) -> None:
    (line,) = _refused(tmp_path, "model,harness,task,passed", 'm,"h\nx",t,1')

    assert line == r"cells.csv:2: harness is 'h\nx', which has a line break"


@pytest.mark.parametrize("settings", ["", '[input]\ndefaults = { task = "all" }\n'])
def test_totals_are_not_made_into_trials(tmp_path: Path, settings: str) -> None:
    rows = ["model,agent,n,passed_count,rate", "m,pi,100,84,0.84"]

    assert _refused(tmp_path, *rows, settings=settings) == [
        (
            "cells.csv:1: has no column of tasks, but n, passed_count, rate: its rows"
            " are totals; a board of totals needs passed and n, which [input] columns"
            " can name; a site with ranks needs a row for each trial"
        )
    ]


def test_a_mapped_column_may_be_absent_from_one_of_several_files(
    tmp_path: Path,
) -> None:
    (tmp_path / "site.toml").write_text("[input]\ncolumns = { tokens_out = 'out' }\n")
    (tmp_path / "a.csv").write_text("model,harness,task,passed,out\nm,h,t,1,5\n")
    (tmp_path / "b.csv").write_text("model,harness,task,passed\nm,h,u,1\n")

    records = read_inputs([tmp_path / "a.csv", tmp_path / "b.csv"]).records

    assert [record.tokens_out for record in records] == [5, None]
    with pytest.raises(SchemaError, match="column 'out' is missing"):
        read_inputs([tmp_path / "b.csv"])


def test_what_a_spreadsheet_leaves_changes_nothing(tmp_path: Path) -> None:
    inputs = _read(
        tmp_path,
        "model,harness,task,passed,note,note",
        *("m,h,t,1,a,b,", "m,h,u,0,,", ",,,,,", " ,,,,,"),
    )

    assert tuple(inputs.records) == (
        Record(model="m", harness="h", task="t", passed=True),
        Record(model="m", harness="h", task="u", passed=False),
    )


def test_a_repeated_column_that_a_setting_asks_for_is_refused(tmp_path: Path) -> None:
    *_, line = _refused(
        tmp_path,
        "model,agent,agent,task,passed",
        "m,x,y,t,1",
        settings="[input]\ncolumns = { harness = 'agent' }\n",
    )

    assert "column 'agent' is in the header 2 times" in line
