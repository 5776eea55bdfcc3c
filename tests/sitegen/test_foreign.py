"""The [input] adapter."""

from harness_bench.schema import Record, Status
from sitegen.config import Input
from sitegen.csv_table import decode
from sitegen.foreign import MANY, adapt, one_line
from sitegen.parsed import parse
from sitegen.raw_table import RawTable


def _table(text: str, file: str = "x.csv") -> RawTable:
    return decode(file, text.encode())


def _records(*texts: str, given: Input) -> list[Record]:
    adapted = adapt([_table(text) for text in texts], given)
    parsed = parse(adapted.tables)
    assert parsed.problems == []
    return list(parsed.records)


def test_without_settings_a_table_stays_as_it_is() -> None:
    table = _table("model,harness,task,passed\nm,h,t,1\n")

    adapted = adapt([table], Input())

    assert list(adapted.tables[0].rows()) == list(table.rows())
    assert adapted.tables[0].header == table.header
    assert adapted.notices == ()


def test_columns_outside_the_schema_are_told_once_with_their_count() -> None:
    tables = [_table(f"model,{name},extra,\nm,1,2,3\n") for name in ("one", "two")]

    assert adapt(tables, Input()).notices == (
        "3 columns dropped, not part of cells.csv: one, extra, two",
    )


def test_columns_take_their_values_from_the_files_names() -> None:
    (record,) = _records(
        "llm,agent,harness,task,passed\nm,pi,not this,t,1\n",
        given=Input(columns={"model": "llm", "harness": "agent"}),
    )

    assert record == Record(model="m", harness="pi", task="t", passed=True)


def test_what_a_table_says_of_effort_memory_and_energy_is_taken() -> None:
    (record,) = _records(
        "model,harness,task,passed,effort,watt_hours,ram\nm,h,t,1,high,1.25,16.5\n",
        given=Input(
            columns={
                "variant": "effort",
                "energy_wh": "watt_hours",
                "peak_memory_gb": "ram",
            }
        ),
    )

    assert (record.variant, record.energy_wh, record.peak_memory_gb) == (
        "high",
        1.25,
        16.5,
    )


def test_a_column_that_another_one_replaces_is_told() -> None:
    adapted = adapt(
        [_table("model,agent,harness,task,passed\nm,pi,x,t,1\n")],
        Input(columns={"harness": "agent"}),
    )

    assert adapted.notices == (
        "1 column dropped, because [input] columns takes another one: harness",
    )


def test_a_column_that_no_file_has_is_a_problem_of_the_file() -> None:
    adapted = adapt(
        [_table("model,Agent,task,passed\nm,pi,t,1\n")],
        Input(columns={"harness": "agent"}),
    )

    assert list(map(str, parse(adapted.tables).problems)) == [
        (
            "x.csv:1: column 'agent' is missing (did you mean 'Agent'?);"
            " [input] columns.harness in site.toml asks for it"
        )
    ]


def test_one_of_several_files_may_already_be_in_our_words() -> None:
    found = _records(
        "model,agent,task,passed\nm,pi,t,1\n",
        "model,harness,task,passed\nm,aider,t,1\n",
        given=Input(columns={"harness": "agent"}),
    )

    assert [record.harness for record in found] == ["pi", "aider"]


def test_statuses_are_translated_and_unknown_ones_stay_a_problem() -> None:
    adapted = adapt(
        [_table("model,harness,task,status\nm,h,t,OK\nm,h,u,fail\nm,h,v,WAT\n")],
        Input(statuses={"OK": Status.PASS}),
    )
    parsed = parse(adapted.tables)

    assert [record.status for record in parsed.records] == [
        Status.PASS,
        Status.FAIL,
    ]
    assert [problem.sort for problem in parsed.problems] == ["unknown status"]
    assert adapted.notices == ("statuses translated ([input] statuses): 1",)


def test_defaults_fill_empty_and_absent_fields() -> None:
    found = _records(
        "model,task,quant,passed\nm,t,,1\nm,u,Q4,1\n",
        given=Input(defaults={"harness": "pi", "quant": "none"}),
    )

    assert [(r.harness, r.quant) for r in found] == [("pi", "none"), ("pi", "Q4")]


def test_ignored_columns_are_not_read() -> None:
    (record,) = _records(
        "model,harness,task,passed,tokens_in\nm,h,t,1,many\n",
        given=Input(ignore=("tokens_in",)),
    )

    assert record.tokens_in is None


def test_scores_outside_the_range_are_clipped_or_left_out() -> None:
    text = (
        "model,harness,task,passed,score\n"
        "m,h,t,1,15.7\nm,h,u,1,-3\nm,h,v,1,0.5\nm,h,w,1,\n"
    )

    clipped = _records(text, given=Input(score_outside="clip"))
    emptied = _records(text, given=Input(score_outside="empty"))

    assert [record.score for record in clipped] == [1.0, 0.0, 0.5, None]
    assert [record.score for record in emptied] == [None, None, 0.5, None]


def test_scores_stay_as_they_are_unless_the_settings_say_otherwise() -> None:
    table = _table("model,harness,task,score\nm,h,t,1.5\n")

    adapted = adapt([table], Input(defaults={"quant": "q"}))

    ((_, row),) = adapted.tables[0].rows()
    assert row["score"] == "1.5"


def test_a_table_without_scores_has_none_to_be_clipped() -> None:
    table = _table("model,harness,task,passed\nm,h,t,1\n")

    adapted = adapt([table], Input(score_outside="clip"))

    assert adapted.notices == ()
    assert list(adapted.tables[0].rows()) == list(table.rows())


def test_what_became_of_scores_is_told_by_how_many_there_were() -> None:
    table = _table("model,harness,task,score\nm,h,t,1.5\nm,h,u,-1\nm,h,v,1\n")

    assert adapt([table], Input(score_outside="clip")).notices == (
        "scores outside 0..1 clipped ([input] score_outside): 2",
    )
    assert adapt([table], Input(score_outside="empty")).notices == (
        "scores outside 0..1 left out ([input] score_outside): 2",
    )


def test_no_setting_turns_nan_or_infinity_into_a_score() -> None:
    adapted = adapt(
        [_table("model,harness,task,score\nm,h,t,nan\nm,h,u,inf\nm,h,v,1e999\n")],
        Input(score_outside="clip"),
    )

    assert len(parse(adapted.tables).problems) == 3


def test_a_flood_of_columns_is_counted_and_a_few_are_named() -> None:
    header = ",".join(f"c{number}" for number in range(100))
    (notice,) = adapt([_table(f"{header}\n")], Input()).notices

    assert notice.startswith("100 columns dropped, not part of cells.csv: c0, c1, ")
    assert notice.endswith(", c11 and 88 more")


def test_a_task_on_several_lines_keeps_its_short_name() -> None:
    """Another one would be another task, in every link to its page."""
    assert one_line("Sort\r\n\n these  lines") == "Sort these lines… fc177608"
    assert one_line("a\n" + "b" * 100) == f"a {'b' * 58}… 829175e1"
    assert one_line("on  one line") == "on  one line"


def test_a_flood_of_words_is_counted_and_a_few_are_named() -> None:
    words = ["PASS", "Pass", "pAss", "paSs", "pasS", "PAss", "pASs", "paSS", "PasS"]
    words += ["pAsS", "PaSs", "PASs", "PAsS", "PaSS"]
    rows = "".join(f"m,h,t{n},{word}\n" for n, word in enumerate(words))
    (notice,) = adapt([_table(f"model,harness,task,status\n{rows}")], Input()).notices
    assert notice.startswith("status read in other words: 'PASS' as pass (1), ")
    assert notice.endswith(f" and {len(words) - MANY} more")
    few = "".join(f"m,h,t{n},{word}\n" for n, word in enumerate(words[:MANY]))
    (notice,) = adapt([_table(f"model,harness,task,status\n{few}")], Input()).notices
    assert "more" not in notice
