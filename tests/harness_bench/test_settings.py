"""TOML tables as dataclasses."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from harness_bench.errors import SettingsError
from harness_bench.settings import SettingsReader, read_toml


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    name: str
    seeds: int = 3
    folders: tuple[Path, ...] = ()


def test_a_section_takes_its_defaults_from_the_dataclass() -> None:
    reader = SettingsReader(Path("/there/run.toml"))

    found = reader.section(Model, "model", {"name": "m", "folders": ["tasks"]})

    assert found == Model(name="m", seeds=3, folders=(Path("/there/tasks"),))
    assert reader.problems == []


def test_a_path_is_filled_in_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MODELS", "/mnt/models")
    monkeypatch.setenv("HOME", "/home/me")
    given = ["$MODELS/a", "${MODELS}-2/b", "~/c", "d$$e", "f"]
    reader = SettingsReader(Path("/there/run.toml"))

    found = reader.section(Model, "model", {"name": "$MODELS", "folders": given})

    paths = ["/mnt/models/a", "/mnt/models-2/b", "/home/me/c", "/there/d$e", "/there/f"]
    # A name is no path.
    assert found == Model(name="$MODELS", folders=tuple(map(Path, paths)))
    assert reader.problems == []


def test_a_variable_without_a_value_is_one_line_that_shows_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MODELS", "/mnt/not-to-be-shown")
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.delenv("NOWHERE", raising=False)
    reader = SettingsReader(Path("run.toml"))

    for folder in ("$MODELS/$NOWHERE", "${EMPTY}/a", "a$", "$5"):
        reader.section(Model, "model", {"name": "m", "folders": [folder]})

    start = "run.toml: [model] folders is"
    assert list(map(str, reader.problems)) == [
        f"{start} '$MODELS/$NOWHERE', but the variable NOWHERE is not set",
        f"{start} '${{EMPTY}}/a', but the variable EMPTY is not set",
        f"{start} 'a$', but a $ that begins no variable is written $$",
        f"{start} '$5', but a $ that begins no variable is written $$",
    ]


def test_a_key_without_a_default_must_be_given() -> None:
    reader = SettingsReader(Path("run.toml"))

    assert reader.section(Model, "model", {"seeds": 2}) is None
    assert list(map(str, reader.problems)) == ["run.toml: [model] name is missing"]


def test_a_required_key_of_the_wrong_type_is_told_once() -> None:
    reader = SettingsReader(Path("run.toml"))

    assert reader.section(Model, "model", {"name": 3}) is None
    assert list(map(str, reader.problems)) == [
        "run.toml: [model] name is 3, expected a string"
    ]


def test_what_is_no_table_is_told_and_has_no_required_keys() -> None:
    reader = SettingsReader(Path("run.toml"))

    assert reader.section(Model, "model", 7) is None
    assert list(map(str, reader.problems)) == [
        "run.toml: [model] is 7, expected a table"
    ]


def test_every_problem_of_a_section_is_told_with_near_misses() -> None:
    reader = SettingsReader(Path("run.toml"))

    assert reader.section(Model, "model", {"nme": "m", "seeds": True}) is None
    assert list(map(str, reader.problems)) == [
        (
            "run.toml: [model] unknown key 'nme' (did you mean 'name'?);"
            " the keys are name, seeds, folders"
        ),
        "run.toml: [model] seeds is True, expected an integer",
        "run.toml: [model] name is missing",
    ]


def test_a_file_that_is_missing_or_no_toml_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("a = ")

    with pytest.raises(SettingsError, match=r"^none\.toml: cannot be read \(no such"):
        read_toml(tmp_path / "none.toml")
    with pytest.raises(
        SettingsError, match=r"^bad\.toml: is not valid UTF-8 TOML: Invalid value"
    ):
        read_toml(tmp_path / "bad.toml")
