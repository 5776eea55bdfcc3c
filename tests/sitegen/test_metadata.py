"""models.csv, harnesses.csv and tasks.csv."""

from pathlib import Path

from sitegen.metadata import ModelInfo, TaskInfo, read_infos


def _file(folder: Path, text: str) -> Path:
    path = folder / "models.csv"
    path.write_text(text)
    return path


def test_an_empty_field_is_not_known(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "model,family,total_params_b,active_params_b\nQwen3.6-35B-A3B,Qwen,35,3\nx,,,\n",
    )

    known = read_infos(path, ModelInfo, key="model")

    assert known.infos == {
        "Qwen3.6-35B-A3B": ModelInfo(
            family="Qwen", total_params_b=35.0, active_params_b=3.0
        ),
        "x": ModelInfo(),
    }
    assert known.problems == ()


def test_an_empty_field_of_a_further_column_is_not_known_either(tmp_path: Path) -> None:
    path = tmp_path / "tasks.csv"
    path.write_text("task,language,framework,team\nt1,python,flask,\nt2,,,\n")

    known = read_infos(path, TaskInfo, key="task", more=("framework", "team"))

    assert known.infos == {
        "t1": TaskInfo(language="python", more={"framework": "flask"}),
        "t2": TaskInfo(),
    }
    assert known.problems == ()


def test_hidden_text_of_a_task_cannot_come_in(tmp_path: Path) -> None:
    path = tmp_path / "tasks.csv"
    path.write_text("task,language,instruction\nt,c,the secret\n")

    known = read_infos(path, TaskInfo, key="task")

    assert known.infos == {"t": TaskInfo(language="c")}
    assert known.dropped == ("instruction",)


def test_every_problem_comes_at_once(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "model,total_params_b,active_params_b\na,nan,\na,3,\n,1,1\nb,3,35\nc,1\n",
    )

    known = read_infos(path, ModelInfo, key="model")

    assert list(map(str, known.problems)) == [
        "models.csv:2: total_params_b is 'nan', expected a finite number >= 0",
        "models.csv:3: the row repeats the model of models.csv:2",
        "models.csv:4: model is empty; every row needs one",
        "models.csv:5: active_params_b is 35 but total_params_b is only 3",
        "models.csv:6: the row has 2 fields, but the header has 3",
    ]


def test_a_file_without_its_key_is_a_problem(tmp_path: Path) -> None:
    known = read_infos(_file(tmp_path, "name\na\n"), ModelInfo, key="model")

    assert list(map(str, known.problems)) == ["models.csv:1: column model is missing"]
    assert known.infos == {}


def test_a_file_with_a_header_only_knows_nothing_and_is_fine(tmp_path: Path) -> None:
    known = read_infos(_file(tmp_path, "model\n"), ModelInfo, key="model")

    assert known.infos == {}
    assert known.problems == ()
