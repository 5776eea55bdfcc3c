"""Private text planted in a site, in every escape that a site writes."""

import html
import json
from pathlib import Path

import pytest

from harness_bench.errors import GateError
from sitegen.escape import script_json
from sitegen.gate import check, private_lines

PRIVATE = 'Merge the "overlapping" intervals & return them <sorted> by their start.'


@pytest.fixture
def private(tmp_path: Path) -> Path:
    folder = tmp_path / "private" / "p1"
    folder.mkdir(parents=True)
    (folder / "instruction.md").write_text(f"# Task\n\n  {PRIVATE}\n\n----\n")
    (folder / "image.bin").write_bytes(b"\0" + PRIVATE.encode())
    return tmp_path / "private"


@pytest.mark.parametrize(
    "written",
    [
        PRIVATE,
        html.escape(PRIVATE),
        json.dumps(PRIVATE),
        script_json(PRIVATE),
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
