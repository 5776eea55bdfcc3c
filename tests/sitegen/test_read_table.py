"""Tables in any format: text stays as it is given, and errors are the same."""

import csv
import gzip
import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import feather, parquet

from harness_bench.errors import SchemaError
from sitegen.build import build
from sitegen.config import Settings
from sitegen.csv_table import decode, regular, row_by_row
from sitegen.inputs import Inputs, inputs_of, read_inputs
from sitegen.read_table import of_frame, read_raw, stem

EXAMPLE = Path(__file__).parents[2] / "examples" / "harness-bench-2026" / "cells.csv"


def _lines(frame: pd.DataFrame) -> str:
    return frame.to_json(orient="records", lines=True) or ""


def _parquet(frame: pd.DataFrame) -> bytes:
    return frame.to_parquet()


def _feather(frame: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.to_feather(out)
    return out.getvalue()


WRITERS: dict[str, Callable[[pd.DataFrame], bytes]] = {
    "t.csv": lambda frame: frame.to_csv(index=False).encode(),
    "t.csv.gz": lambda frame: gzip.compress(frame.to_csv(index=False).encode()),
    "t.csv.zst": lambda frame: pa.Codec("zstd").compress(
        frame.to_csv(index=False).encode(), asbytes=True
    ),
    "t.parquet": _parquet,
    "t.feather": _feather,
    "t.json": lambda frame: (frame.to_json(orient="records") or "").encode(),
    "t.jsonl": lambda frame: _lines(frame).encode(),
    "t.ndjson.gz": lambda frame: gzip.compress(_lines(frame).encode()),
    "t.yaml": lambda frame: yaml.dump(
        json.loads(_json(frame)), Dumper=yaml.CSafeDumper
    ).encode(),
}


def _series(name: str, values: list[object]) -> dict[str, object]:
    return {"name": name, "datatype": "?", "values": values}


def _json(frame: pd.DataFrame) -> str:
    return frame.to_json(orient="records") or ""


def _typed(text: str) -> pd.DataFrame:
    """As pandas users have it: numbers are numbers, and what is empty is NA."""
    return pd.read_csv(io.StringIO(text)).convert_dtypes()


def _frame_inputs(frame: pd.DataFrame) -> Inputs:
    return inputs_of([of_frame(frame)], Settings())


GOOD = (
    "model,quant,harness,task,seed,passed,score,agent_time_s,tokens_in,note\n"
    "m,4,pi,t,0,1,,2.5,10,x\nm,8,pi,u,1,0,0.25,1e-7,,\nn,,pi,t,2,1,1.0,3,7,y\n"
)
BAD = (
    "model,harness,task,seed,passed,score\n"
    "m,pi,t,0,2,0.5\n,pi,u,1,1,\nm,pi,t,0,,\nm,pi,w,3,,1.5\n"
)


@pytest.mark.parametrize("name", WRITERS)
def test_one_table_is_the_same_in_every_format(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(WRITERS[name](_typed(GOOD)))
    expected = _frame_inputs(_typed(GOOD))

    found = read_inputs([tmp_path / name])

    assert replace(found, files=()) == expected
    assert [r.quant for r in found.records] == ["4", "8", ""]
    assert found.records.values("score")[2] == 1.0


@pytest.mark.parametrize("name", [*WRITERS, "frame"])
def test_one_table_has_the_same_problems_in_every_format(
    name: str, tmp_path: Path
) -> None:
    table = of_frame(_typed(BAD), file=name)
    if name != "frame":
        (tmp_path / name).write_bytes(WRITERS[name](_typed(BAD)))
        table = read_raw(tmp_path / name)
    with pytest.raises(SchemaError) as caught:
        inputs_of([table], Settings())

    whats = [(each.what, each.help) for each in caught.value.problems]
    assert [what.partition(" as ")[0] for what, _ in whats] == [
        "passed is '2', expected 0 or 1",
        "model is empty",
        "status, passed and score are all empty",
        "the row has the same sweep, model, quant, harness, variant, task and seed",
        "score is '1.5', expected a finite number from 0 to 1",
        (
            "5 problems: 1 × bad passed, 1 × empty model, 1 × no outcome, 1 × duplicate"
            " key, 1 × score above 1"
        ),
    ]
    where = [str(each).partition(": ")[0] for each in caught.value.problems]
    if "csv" in name:
        assert where[:2] == [f"{name}:2", f"{name}:3"]
    elif "son.gz" in name or "jsonl" in name:
        assert where[0] == f"{name}:1"
    else:
        assert str(caught.value.problems[0]).startswith(f"{name}: row 1: passed")


def test_a_site_is_the_same_bytes_whatever_the_format(tmp_path: Path) -> None:
    frame = pd.read_csv(EXAMPLE).tail(40)
    expected = inputs_of([of_frame(frame)], Settings())
    for name, written in WRITERS.items():
        (tmp_path / name).write_bytes(written(frame))
        found = read_inputs([tmp_path / name])
        # The only thing that is not the same, and no part of a site.
        assert replace(found, files=()) == expected, name
    assert dict(build(found)) == dict(build(expected))


NAMES = ["NA", "None", "007", "1e5", "Mar-25", "nan", "null", "TRUE", "1.0", "=1+1"]


@pytest.mark.parametrize("name", [*WRITERS, "frame"])
def test_names_that_look_like_something_else_stay_names(
    name: str, tmp_path: Path
) -> None:
    frame = pd.DataFrame({"model": NAMES, "harness": "h", "task": "t", "passed": "1"})
    if name == "frame":
        table = of_frame(frame)
    else:
        (tmp_path / name).write_bytes(WRITERS[name](frame))
        table = read_raw(tmp_path / name)

    assert list(table.columns["model"]) == NAMES


def test_yaml_keeps_what_is_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(
        "- {model: 007, harness: NA, task: no, passed: true, score: ~}\n"
        "- {model: 1e5, harness: 2025-03-01, task: on, passed: false, score: 0.50}\n"
    )

    assert [list(row.values()) for _, row in read_raw(path).rows()] == [
        ["007", "NA", "no", "true", ""],
        ["1e5", "2025-03-01", "on", "false", "0.50"],
    ]


def test_nested_records_have_dotted_names_and_an_asked_list_is_rows(
    tmp_path: Path,
) -> None:
    path = tmp_path / "t.json"
    record = {
        "model": "m",
        "meta": {"agent": {"name": "pi"}},
        "trials": [
            {"task": "t", "tests": {"passed": 3}, "log": [{"role": "x"}]},
            {"task": "u", "tests": {"passed": 0}, "log": []},
        ],
    }
    path.write_text(json.dumps([record]))

    table = read_raw(path, asked=["meta.agent.name", "trials.task"])

    assert [
        (
            row["model"],
            row["meta.agent.name"],
            row["trials.task"],
            row["trials.tests.passed"],
        )
        for _, row in table.rows()
    ] == [("m", "pi", "t", "3"), ("m", "pi", "u", "0")]
    assert list(read_raw(path).columns["task"]) == ["t", "u"]


def test_the_only_list_of_records_in_a_file_is_its_table(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text('{"version": 1, "results": [{"model": "m"}, {"model": "n"}]}')
    assert list(read_raw(path).columns["model"]) == ["m", "n"]
    path.write_text('{"model": "m", "messages": [{"role": "user"}]}')
    assert read_raw(path).size == 1


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in pairwise("abcdefghi")
)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("t.json", "[]", "t.json: is empty"),
        ("t.json", "", "t.json: is empty"),
        (
            "t.jsonl",
            '{"a":1}\n{"a":\n',
            "t.jsonl:3: is not valid JSON (Expecting value)",
        ),
        ("t.jsonl", '{"a":1}\n7\n', "t.jsonl:2: is '7', expected names with values"),
        (
            "t.json",
            '[{"a":1},\n{"a":1,"a":2}]',
            "t.json:2: is not valid JSON ('a' is there twice)",
        ),
        ("t.json", '[{"a":1},', "t.json: is not valid JSON (a list in it has no end)"),
        ("t.json", "{}", "t.json: is empty"),
        ("t.json", '[["m", 1]]', "t.json: holds 'm', expected records with names"),
        ("t.json", '{"a":' * 100_000, "t.json: is nested too deeply"),
        (
            "t.yaml",
            "- {a: 1, b: 2, a: 3}",
            "t.yaml:1: is not valid YAML ('a' is there twice)",
        ),
        ("t.yaml", "&a [*a]", "t.yaml: is not valid YAML (its aliases repeat"),
        ("t.yaml", BOMB, "t.yaml: is not valid YAML (its aliases repeat themselves"),
        ("t.pq", "ARROW1\0\0", "t.pq: is Feather, not a Parquet file; export it as"),
        (
            "t.feather",
            "PK\3\4mimetype",
            "t.feather: is a workbook (Excel or the like), not a Feather file; export",
        ),
        ("runs.zip", "PK\3\4", "runs.zip: is compressed; unpack it"),
        ("t.csv", "BZh91AY&SY", "t.csv: is compressed; unpack it"),
        ("t.csv", "\x80\x04\0\n1,2\n", "t.csv:1: byte 4 of the line is NUL, not text"),
        ("t.tar.gz.csv", "x" * 257 + "ustar", "t.tar.gz.csv: is compressed; unpack it"),
        (
            "t.csv",
            "a,b\n1,2\nb,a\n",
            "t.csv:3: names the columns again, in another order",
        ),
        ("t.csv", "June,,\na,b,c\n", "t.csv: begins with 'June,,', not its header;"),
        ("t.csv", "# x\n# on y\na,b,c\n", "t.csv: begins with '# x', not its header;"),
        ("t.json", "a,b\n1,2\n", "t.json:1: is not valid JSON (Expecting value)"),
        ("t.yaml", "a: [1\nb: 2", "t.yaml:2: is not valid YAML ("),
        ("t.json", "PAR1xx", "t.json: is Parquet, not a JSON file; export it as JSON"),
        (
            "t.parquet",
            "a,b\n1,2\n",
            "t.parquet: cannot be read as what its name says (",
        ),
        ("t.csv.zst", "a,b\n1,2\n", "t.csv.zst: is not a complete zstd file ("),
    ],
)
def test_a_damaged_file_is_one_line(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text)

    (problem,) = read_raw(tmp_path / name).problems

    assert str(problem).startswith(said)
    assert "\n" not in str(problem)


def test_without_pyarrow_the_line_says_what_to_install(tmp_path: Path) -> None:
    for name in ("t.parquet", "t.csv.zst"):
        (tmp_path / name).write_bytes(b"PAR1")
        program = (
            "import sys\nsys.modules['pyarrow'] = None\n"
            "from pathlib import Path\nfrom sitegen.read_table import read_raw\n"
            f"print(read_raw(Path({str(tmp_path / name)!r})).problems[0])\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
        assert done.stdout == (
            f"{name}: needs pyarrow; pip install 'harness-bench[arrow]' brings it\n"
        )


def test_zstd_is_read(tmp_path: Path) -> None:
    path = tmp_path / "t.csv.zst"
    with pa.output_stream(str(path), compression="zstd") as stream:
        stream.write(b"a,b\n1,2\n")

    assert [row for _, row in read_raw(path).rows()] == [{"a": "1", "b": "2"}]


def test_settings_beside_a_table_have_its_name_without_its_format() -> None:
    names = ["june.csv.gz", "june.jsonl", "june.parquet", "june.yml.zst", "june"]
    assert {stem(name) for name in names} == {"june"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", "\ufeff\ufeffa,b\n1,x\n\ufeff2,y\n"),  # put one behind the other
        ("t.csv", "a,b,,\n1,x\n2,y\n"),
        ("t.csv", 'a, "b"\n1, "x"\n2, "y"\n'),
        ("t.csv", "sep=\t\r\na\tb\r\n1\tx\r\n2\ty\r\n"),
        ("t.jsonl", '{"a":1,"b":"x"}\n\ufeff{"a":2,"b":"y"}\n'),
        ("t.json", '{"a":[1,2],"b":["x","y"]}'),
        ("t.json", '{"a":{"0":1,"1":2},"b":{"0":"x","1":"y"}}'),  # pandas' to_json()
        ("t.json", '{"0":{"a":1,"b":"x"},"1":{"a":2,"b":"y"}}'),
        ("t.json", '{"columns":["a","b"],"index":[0,1],"data":[[1,"x"],[2,"y"]]}'),
        ("t.json", '{"data":[{"a":1,"b":"x"},{"a":2,"b":"y"}]}'),
        (  # orient="table"
            "t.json",
            '{"schema":{"x":[{"name":"a"}]},"data":[{"a":1,"b":"x"},{"a":2,"b":"y"}]}',
        ),
        (  # polars before 1.0
            "t.json",
            json.dumps({"columns": [_series("a", [1, 2]), _series("b", ["x", "y"])]}),
        ),
        ("t.yaml", "- &m {a: 1, b: x}\n- {<<: *m, a: 2, b: y}\n"),
        ("t.csv", "a,b\n1,x\na,b\n2,y\n"),  # put one behind the other
        ("t.json", '[{"a":1,"b":"x","c":NaN},{"a":2,"b":"y"}]'),
    ],
)
def test_one_table_in_forms_that_people_write(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)

    table = read_raw(tmp_path / name)

    assert not table.problems
    assert [list(table.columns[column]) for column in "ab"] == [["1", "2"], ["x", "y"]]
    assert set(table.header) - {"c", ""} == {"a", "b"}


FORMS = {
    "t.json": '{"llm": "m", "accuracy": 0.5, "results": [%s, %s]}',
    "u.json": '{"llm": "m", "time_s": 9, "out": {"out": [%s, %s]}}',
    "v.json": '{"llm": "m", "log": [{"role": "x"}], "results": [%s, %s]}',
    "t.jsonl": '{"llm": "m", "o": [%s]}\n{"llm": "m", "o": [%s]}',
    "w.json": '{"llm": "m", "model": "x", "results": [%s, %s]}',
}
TRIALS = (
    '{"id": {"task": "t"}, "success": 1, "log": [{"task": "x"}]}',
    '{"id": {"task": "u"}, "success": 0, "log": []}',
)


@pytest.mark.parametrize("name", FORMS)
def test_trials_are_rows_with_what_is_said_of_all_of_them(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(FORMS[name] % TRIALS)
    columns = ["llm", "id.task", "success"]

    for asked in ([], columns):
        table = read_raw(tmp_path / name, asked=asked)
        assert [[row[each] for each in columns] for _, row in table.rows()] == [
            ["m", "t", "1"],
            ["m", "u", "0"],
        ]
        assert not {"accuracy", "time_s"} & set(table.header)  # of the whole


def test_records_under_names_are_rows_with_their_key(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    of_one = {"resolved": True, "patch": {"applied": True}}
    for whole in ({"t-1": of_one, "t-2": of_one}, {"x": {"t-1": [of_one], "t-2": []}}):
        path.write_text(json.dumps(whole))
        keys = list(read_raw(path).columns["key"])
        assert keys == ["t-1", "t-2"][: 2 - ("x" in whole)]
    # A trial of parts that are alike is one.
    path.write_text('{"task_id": "t", "in": {"n": 1}, "out": {"n": 2}}')
    assert read_raw(path).size == 1


NESTED = [{"model": "m", "at": {"agent": "pi"}, "o": [{"task": "t"}, {"task": "u"}]}]


@pytest.mark.parametrize("name", ["t.json", "t.yaml", "t.pq", "t.feather", "frame"])
def test_lists_of_trials_are_rows_in_every_format(name: str, tmp_path: Path) -> None:
    frame = pd.DataFrame(NESTED)
    if name in ("t.pq", "t.feather"):
        write = _parquet if name == "t.pq" else _feather
        (tmp_path / name).write_bytes(write(frame))
    elif name != "frame":
        (tmp_path / name).write_text(json.dumps(NESTED))
    for asked, task in (([], "task"), (["o.task"], "o.task")):
        table = (
            of_frame(frame, asked=asked)
            if name == "frame"
            else read_raw(tmp_path / name, asked=asked)
        )
        assert [(r["at.agent"], r[task]) for _, r in table.rows()] == [
            ("pi", "t"),
            ("pi", "u"),
        ]


TYPES = {
    "list": ([[1, 2], None], ["[1, 2]", ""]),
    "bytes": ([b"m\xff", b"m"], ["m\\xff", "m"]),
    "decimal": ([Decimal("1.50"), None], ["1.50", ""]),
    "dictionary": (pd.Categorical(["x", None]), ["x", ""]),
    "small": (np.array([0.7, np.nan], np.float32), ["0.7", ""]),
    "large": (pd.array([2**60 + 1, None], dtype="Int64"), [str(2**60 + 1), ""]),
    "lasted": ([timedelta(seconds=3.5), timedelta(minutes=1)], ["3.5", "60"]),
    "day": ([date(2026, 1, 2), None], ["2026-01-02", ""]),
    "began": (
        pd.to_datetime(pd.Series(["2026-01-02 03:04", None])),
        ["2026-01-02 03:04:00", ""],
    ),
    "flag": (pd.array([True, None], dtype="boolean"), ["true", ""]),
}
"""Values of a column and their texts."""


@pytest.mark.parametrize("name", ["t.parquet", "t.feather", "frame"])
def test_columns_of_any_type_are_read(name: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({key: values for key, (values, _) in TYPES.items()})
    records: list[object] = [{"a": {"b": 1}}, {"a": None}]
    frame = frame.assign(record=pd.Series(records))
    frame.index = pd.Index(["m", "n"], name="model")
    if name == "frame":
        table = of_frame(frame)
    else:
        arrow = pa.Table.from_pandas(frame.reset_index())
        again = pa.Table.from_arrays(
            [*arrow.columns, *arrow.columns[-1:]], [*arrow.column_names, "record"]
        )
        writer = feather.write_feather if "feather" in name else parquet.write_table
        writer(again, str(tmp_path / name))
        table = read_raw(tmp_path / name)

    assert not table.problems
    read = {key: list(table.columns[key]) for key in TYPES}
    assert read == {key: texts for key, (_, texts) in TYPES.items()}
    assert list(table.columns["model"]) == ["m", "n"]
    if name != "frame":
        assert list(table.columns["record.a.b"]) == ["1", ""]


FIELD = st.text('ab, "\n\r;é', max_size=4)


@given(
    st.lists(st.lists(FIELD, min_size=3, max_size=3), max_size=5),
    st.sampled_from(["\n", "\r\n"]),
)
def test_the_two_ways_of_reading_a_csv_agree(rows: list[list[str]], end: str) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end).writerows([["x", "y", "z"], *rows])
    written = text.getvalue().encode()

    quick = regular("t.csv", written, 0)
    slow = row_by_row("t.csv", written.decode(), 0, [])

    if quick is not None:
        assert list(quick.rows()) == list(slow.rows())
        assert quick.header == slow.header
    assert (
        quick is not None
        or "\r" in "".join(map("".join, rows))
        or '"' in text.getvalue()
    )


def test_a_long_field_in_a_column_that_nobody_reads_is_no_problem() -> None:
    for field in ("x" * 200_000, '"' + "x," * 100_000 + '"'):
        table = decode("t.csv", f"a,b\n1,{field}\n2,\n".encode())
        assert table.problems == []
        assert list(table.columns["a"]) == ["1", "2"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("model|task\nm|t\n", "has its columns separated by bars"),
        ("model  harness  task\nm  h  t\n", "has its columns separated by blanks"),
        ("# of June\nmodel,task,passed\n", "begins with '# of June', not its header;"),
        ("- model: m\n  task: t\n", "is YAML, not a CSV file; export it as CSV"),
        (
            "<!DOCTYPE html><p>",
            "is a web page or XML, not a CSV file; export it as CSV",
        ),
        ('\ufeff[\n  {"model": "m"}]', "is JSON, not a CSV file; export it as CSV"),
        ("version https://git-lfs.github.com/spec/v1\n", "is a pointer of Git LFS"),
    ],
)
def test_what_is_no_csv_is_named_in_one_line(data: str, said: str) -> None:
    (problem,) = decode("x.csv", data.encode()).problems

    assert str(problem).startswith(f"x.csv: {said}")


def test_the_line_of_a_spreadsheet_that_names_commas_is_passed_over() -> None:
    table = decode("x.csv", b"sep=,\r\na,b\r\n1,2\r\n")

    assert [(str(at), row) for at, row in table.rows()] == [
        ("x.csv:3", {"a": "1", "b": "2"})
    ]


def test_a_frame_has_the_texts_that_its_csv_would_have() -> None:
    frame = pd.DataFrame(
        {
            "a": [1.0, np.nan, 0.5],
            "b": pd.array([1, None, 3], dtype="Int64"),
            "c": pd.Categorical(["x", None, "x"]),
            "d": [True, False, True],
            "e": ["x", None, 3],
            7: pd.to_datetime(["2025-01-01", "", "2025-01-02"]),
        },
        index=[9, 9, 9],
    )
    assert [row for _, row in of_frame(frame).rows()] == [
        {
            "a": "1",
            "b": "1",
            "c": "x",
            "d": "true",
            "e": "x",
            "7": "2025-01-01 00:00:00",
        },
        {"a": "", "b": "", "c": "", "d": "false", "e": "", "7": ""},
        {
            "a": "0.5",
            "b": "3",
            "c": "x",
            "d": "true",
            "e": "3",
            "7": "2025-01-02 00:00:00",
        },
    ]
