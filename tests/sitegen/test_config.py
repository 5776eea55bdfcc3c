"""site.toml: what is read, and what is refused in which words."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness_bench.cli import STARTERS
from harness_bench.errors import SettingsError
from harness_bench.schema import Status
from sitegen.config import Settings, Sweep, read_settings

ALL = (STARTERS / "all" / "site.toml").read_text(encoding="utf-8")
SHORT = (STARTERS / "site.toml").read_text(encoding="utf-8")


def _read(folder: Path, text: str) -> Settings:
    path = folder / "site.toml"
    path.write_text(text)
    return read_settings(path)


def _problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        _read(folder, text)
    return list(map(str, caught.value.problems))


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    assert _read(tmp_path, "") == Settings(path=tmp_path / "site.toml")


@pytest.mark.parametrize("text", [ALL, SHORT])
def test_the_file_that_init_writes_means_the_defaults(
    tmp_path: Path, text: str
) -> None:
    assert _read(tmp_path, text) == Settings(path=tmp_path / "site.toml")


def test_the_documented_example_is_read(tmp_path: Path) -> None:
    (tmp_path / "notes.md").touch()
    settings = _read(
        tmp_path,
        """
        [site]
        title = "harness-bench"
        base_url = "https://example.org/bench/"
        default_sweep = "q4"
        status = "preliminary"
        note = "one seed a cell"
        notes = "notes.md"
        [publish]
        cells = false
        min_cells = 3
        task_ids = "numbered"
        private = ["tasks/private", "runs"]
        [policy]
        timeout = "drop"
        grader_access = "fail"
        pass_score = 1
        [input]
        columns = {harness = "agent"}
        statuses = {RESOLVED = "pass"}
        defaults = {harness = "aider"}
        ignore = ["started_at"]
        score_outside = "clip"
        duplicates = "last"
        [sweeps.q4]
        label = "4-bit sweep"
        """,
    )

    assert settings.site.default_sweep == "q4"
    assert settings.site.notes == (tmp_path / "notes.md").resolve()
    assert settings.publish.min_cells == 3
    assert settings.publish.task_ids == "numbered"
    assert settings.publish.private == (
        (tmp_path / "tasks/private").resolve(),
        (tmp_path / "runs").resolve(),
    )
    assert settings.policy.timeout == "drop"
    assert settings.policy.pass_score == 1.0
    assert settings.input.columns == {"harness": "agent"}
    assert settings.input.statuses == {"RESOLVED": Status.PASS}
    assert settings.input.ignore == ("started_at",)
    assert settings.sweeps == {"q4": Sweep(label="4-bit sweep")}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "[site]\ntitel = 'x'",
            (
                "[site] unknown key 'titel' (did you mean 'title'?); the keys are"
                " title, question, base_url, default_sweep, status, note, notes, claims"
            ),
        ),
        (
            "[publsh]\ncells = true",
            (
                "unknown section 'publsh' (did you mean 'publish'?); the sections are"
                " site, publish, policy, input, sweeps"
            ),
        ),
        ("title = 'x'", "unknown section 'title' (did you mean"),
        ("site = 1", "[site] is 1, expected a table"),
        ("sweeps = 1", "[sweeps] is 1, expected a table per sweep"),
        ("[sweeps]\nq4 = 'x'", "[sweeps.q4] is 'x', expected a table"),
        ("[sweeps.q4]\nlabel = 4", "[sweeps.q4] label is 4, expected a string"),
        ("[site]\ntitle = 3", "[site] title is 3, expected a string"),
        ("[site]\nbase_url = '/x'", "[site] base_url is '/x', expected an http or"),
        (
            "[site]\nbase_url = 'https://me:secret@example.org/x'",
            "[site] base_url holds a user or a password, which every page would show",
        ),
        ("[publish]\nallow = 'no'", "[publish] allow names 'no', which is not a file;"),
        ("[site]\nnotes = 'no.md'", "[site] notes names 'no.md', which is not a file;"),
        ("[publish]\ncells = 1", "[publish] cells is 1, expected true or false"),
        ("[publish]\ncells = 'yes'", "[publish] cells is 'yes', expected true or f"),
        ("[publish]\nmin_cells = true", "[publish] min_cells is True, expected an int"),
        ("[publish]\nmin_cells = 5.0", "[publish] min_cells is 5.0, expected an int"),
        ("[publish]\nmin_cells = 0", "[publish] min_cells is 0, expected at least 1"),
        (
            "[publish]\ntask_ids = 'number'",
            (
                "[publish] task_ids is 'number', expected one of plain, numbered"
                " (did you mean 'numbered'?)"
            ),
        ),
        ("[publish]\nprivate = 'x'", "[publish] private is 'x', expected a list of"),
        ("[publish]\nprivate = [1]", "[publish] private is 1, expected a string"),
        ("[policy]\npass_score = nan", "[policy] pass_score is nan, expected a number"),
        ("[policy]\npass_score = 0", "[policy] pass_score is 0.0, expected a number"),
        (
            "[policy]\nmissing = 'fail'",
            (
                "[policy] missing is fail, which would tell single cells by what was"
                " never tried; it takes [publish] cells = true"
            ),
        ),
        (
            "[policy]\ntimeout = []",
            "[policy] timeout is [], expected one of fail, drop",
        ),
        (
            "[input]\ncolumns = {harnes = 'x'}",
            (
                "[input] columns names 'harnes', which is not a column of cells.csv"
                " (did you mean 'harness'?)"
            ),
        ),
        ("[input]\nignore = ['x']", "[input] ignore names 'x', which is not a column"),
        (
            "[input]\nstatuses = {OK = 'passed'}",
            "[input] statuses.OK is 'passed', expected one of pass, fail,",
        ),
        (
            "[input]\ndefaults = {score = '2'}",
            "[input] defaults.score is '2', expected a finite number from 0 to 1",
        ),
        (
            "[input]\ndefaults = {seed = 1}",
            "[input] defaults.seed is 1, expected a string",
        ),
        (
            "[site",
            "is not valid UTF-8 TOML: Expected ']' at the end of a table declaration",
        ),
        (
            "[site]\ntitle = 'a'\ntitle = 'b'",
            "is not valid UTF-8 TOML: Cannot overwrite a value",
        ),
    ],
)
def test_what_no_setting_allows_is_refused(
    tmp_path: Path, text: str, problem: str
) -> None:
    (found,) = _problems(tmp_path, text)

    assert found.startswith(f"site.toml: {problem}")


def test_every_problem_comes_at_once(tmp_path: Path) -> None:
    problems = _problems(
        tmp_path, "[site]\nx = 1\ntitle = 2\n[policy]\ntimeout = 'no'\n[z]\n"
    )

    assert [re.split("[,;]", problem)[0] for problem in problems] == [
        "site.toml: unknown section 'z'",
        "site.toml: [site] unknown key 'x'",
        "site.toml: [site] title is 2",
        "site.toml: [policy] timeout is 'no'",
    ]


def test_a_missing_file_a_folder_and_other_encodings_are_refused(
    tmp_path: Path,
) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"[site]\ntitle = '\xe9'")
    told = []
    for path in (tmp_path / "no.toml", tmp_path, latin):
        with pytest.raises(SettingsError) as caught:
            read_settings(path)
        told.append(str(caught.value))

    assert told[0] == "no.toml: cannot be read (no such file or directory)"
    assert told[1] == f"{tmp_path.name}: is a folder, not a TOML file"
    assert told[2].startswith("latin.toml: is not valid UTF-8 TOML: 'utf-8' codec")


_values = st.recursive(
    st.booleans()
    | st.integers(-3, 9)
    | st.floats()
    | st.sampled_from(["", "q", "drop"]),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=3,
)


@given(
    st.dictionaries(
        st.sampled_from(["title", "min_cells", "timeout", "private", "duplicates"]),
        _values,
    ),
    st.sampled_from(["site", "publish", "policy", "input", "sweeps.x"]),
)
def test_any_value_anywhere_is_settings_or_a_settings_error(
    tmp_path_factory: pytest.TempPathFactory,
    table: dict[str, object],
    section: str,
) -> None:
    lines = [f"{key} = {_toml(value)}" for key, value in table.items()]
    text = "\n".join([f"[{section}]", *lines])
    folder = tmp_path_factory.getbasetemp()
    try:
        found = str(_read(folder, text))
    except SettingsError as error:
        found = str(error)

    assert found


def _toml(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value).lower() if isinstance(value, bool) else repr(value)
