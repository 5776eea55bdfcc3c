"""Private text planted in a site, in every escape that a site writes."""

import csv
import html
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness_bench.errors import GateError
from sitegen.escape import script_json
from sitegen.gate import check, plain_text, private_lines


def in_csv(text: str) -> str:
    """As a field of a CSV file, in quotes."""
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL).writerow([text])
    return file.getvalue()


ESCAPES: tuple[Callable[[str], str], ...] = (
    html.escape,
    json.dumps,
    script_json,
    in_csv,
    lambda text: html.escape(json.dumps(text)),
)
PRIVATE = 'Merge the "overlapping" intervals & return them <sorted> by their start.'


@pytest.fixture
def private(tmp_path: Path) -> Path:
    folder = tmp_path / "private" / "p1"
    folder.mkdir(parents=True)
    (folder / "instruction.md").write_text(f"# Task\n\n  {PRIVATE}\n\n----\n")
    return tmp_path / "private"


@pytest.mark.parametrize(
    "written",
    [
        PRIVATE,
        html.escape(PRIVATE),
        json.dumps(PRIVATE),
        script_json(PRIVATE),
        in_csv(PRIVATE),
        PRIVATE.upper(),
        PRIVATE.replace(" ", "\n   "),
    ],
)
def test_a_private_line_is_found_in_whatever_escape(
    private: Path, written: str
) -> None:
    site = {"index.html": f"<p>before {written} after</p>".encode()}
    with pytest.raises(GateError) as refused:
        check(site, private_lines([private]))
    (problem,) = map(str, refused.value.problems)
    assert problem.startswith("index.html: contains private text of ")
    assert "private/p1/instruction.md:3" in problem


def test_every_file_and_line_is_named_at_once(private: Path) -> None:
    (private / "p1" / "second.md").write_text("The grader counts every merged pair.\n")
    site = {
        "a.html": PRIVATE.encode(),
        "data/b.json": b'{"x": "the grader counts every merged pair."}',
        "c.html": b"nothing",
    }
    with pytest.raises(GateError) as refused:
        check(site, private_lines([private]))
    assert [p.where for p in refused.value.problems] == [
        "a.html",
        "data/b.json",
    ]


def test_short_and_wordless_lines_are_no_secret(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text(f'if __name__ == "__main__":\n{"-" * 60}\n')
    assert private_lines([tmp_path]) == {}


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert private_lines([tmp_path / "absent"]) == {}
    check({"index.html": b"text"}, {})


@given(
    st.text('aU \t\\"/&;<>ltnu0064{}é\U0001f600', min_size=1).filter(plain_text),
    st.sampled_from(ESCAPES),
)
@example('C:\\temp\t"\\', json.dumps)
def test_a_line_is_found_in_every_escape_whatever_is_in_it(
    line: str, escaped: Callable[[str], str]
) -> None:
    assert plain_text(line) in plain_text(f"before {escaped(line)} after")


def test_a_half_of_a_character_is_passed_over(private: Path) -> None:
    site = {"a.json": rb'"\ud83d before"', "b.json": json.dumps(PRIVATE).encode()}
    with pytest.raises(GateError) as refused:
        check(site, private_lines([private]))
    (problem,) = refused.value.problems
    assert problem.where == "b.json"


@pytest.mark.parametrize(
    ("line", "telling"),
    [
        ("abcdefgh " + "1" * 21, True),
        ("abcdefgh " + "1" * 20, False),
        ("abcdefg_ " + "1" * 21, False),
        ("abcdefgé " + "1" * 21, True),
    ],
)
def test_a_line_is_telling_by_its_length_and_its_letters(
    tmp_path: Path, line: str, *, telling: bool
) -> None:
    (tmp_path / "x.md").write_text(line, encoding="utf-8")
    assert list(private_lines([tmp_path])) == [line] * telling


def test_files_that_are_no_text_are_passed_over_and_the_others_read(
    tmp_path: Path,
) -> None:
    line = "this line of the grader is private"
    (tmp_path / "a.bin").write_bytes(b"\0\n" + line.encode())
    (tmp_path / "b.txt").write_bytes(b"x" * 8_000_000 + b"\n" + line.encode())
    (tmp_path / "c" / "d").mkdir(parents=True)
    (tmp_path / "c" / "d" / "e.txt").write_bytes(b"\xff\xfe\n" + line.encode())
    (tmp_path / "f.txt").write_text(line)

    assert private_lines([tmp_path]) == {line: f"{tmp_path.name}/c/d/e.txt:2"}


@pytest.mark.parametrize(("size", "read"), [(8_000_000, True), (8_000_001, False)])
def test_a_file_of_eight_megabytes_is_read(
    tmp_path: Path, size: int, *, read: bool
) -> None:
    line = "this line of the grader is private\n"
    (tmp_path / "x.txt").write_text(line + " " * (size - len(line)))

    assert list(private_lines([tmp_path])) == [line.strip()] * read


def test_what_is_no_utf8_hides_no_line_beside_it(private: Path) -> None:
    with pytest.raises(GateError, match=r"x\.bin"):
        check({"x.bin": b"\xff " + PRIVATE.encode()}, private_lines([private]))


def test_the_lines_of_a_file_stand_in_a_problem_in_their_order(tmp_path: Path) -> None:
    lines = [f"the private line of the grader no. {word}" for word in ("b", "a")]
    (tmp_path / "x.txt").write_text("\n".join(lines))
    site = {"index.html": " ".join(reversed(lines)).encode()}
    with pytest.raises(GateError) as refused:
        check(site, private_lines([tmp_path]))
    found = [str(problem) for problem in refused.value.problems]
    assert [line.partition("x.txt:")[2][0] for line in found] == ["1", "2"]
