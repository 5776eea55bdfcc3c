"""Private text planted in a site is found, and told without being shown."""

import html
import json
from pathlib import Path

import pytest

from harness_bench import readings
from harness_bench.errors import ExitCode
from sitegen.escape import script_json
from sitegen.gate.machine import Machine
from tests.harness_bench.wrappings import WRAPPINGS
from tests.sitegen.gate.gates import gate, lets_pass, refused

PRIVATE = 'Merge the "overlapping" intervals & return them sorted by their start.'


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
        WRAPPINGS["a field of CSV"](PRIVATE).decode(),
        PRIVATE.upper(),
        PRIVATE.replace(" ", "\n   "),
    ],
)
def test_a_private_line_is_found_in_whatever_escape(
    private: Path, written: str
) -> None:
    error = refused(
        gate(private), {"index.html": f"<p>before {written} after</p>".encode()}
    )
    (problem,) = map(str, error.problems)
    assert problem.startswith("index.html: byte ")
    assert problem.endswith(" holds private text of private/p1/instruction.md")
    assert error.exit_code == ExitCode.INCOMPLETE


def test_every_file_and_source_is_named_at_once(private: Path) -> None:
    (private / "p1" / "second.md").write_text("The grader counts every merged pair.\n")
    site = {
        "a.html": PRIVATE.encode(),
        "data/b.json": b'{"x": "the grader counts every merged pair."}',
        "c.html": b"nothing",
    }
    error = refused(gate(private), site)
    assert [p.where for p in error.problems] == ["a.html", "data/b.json"]
    assert "second.md" in str(error.problems[1])


def test_only_the_report_says_what_stands_there(private: Path) -> None:
    error = refused(gate(private), {"a.html": PRIVATE.encode()})
    assert "overlapping" not in str(error)
    first, *rest = error.report.splitlines()
    assert first == f"{error.problems[0]}:"
    assert rest[0] == "    merge the overlapping intervals return them sorted by"
    assert rest[1:] == [
        "    the overlapping intervals return them sorted by their",
        "    overlapping intervals return them sorted by their start",
    ]


@pytest.mark.parametrize(
    ("words", "more"), [(12, []), (13, ["… and 1 more"]), (14, ["… and 2 more"])]
)
def test_a_report_quotes_five_pieces_of_a_source_and_counts_the_rest(
    private: Path, words: int, more: list[str]
) -> None:
    said = " ".join(f"word{number}" for number in range(words))
    (private / "long.md").write_text(said)
    error = refused(gate(private), {"a.html": said.encode()})
    lines = error.report.splitlines()
    assert [line.strip() for line in lines[6:]] == more
    assert all("word" in line for line in lines[1:6])


@pytest.mark.parametrize("count", [20, 21])
def test_twenty_places_are_told_and_the_report_has_all(
    private: Path, count: int
) -> None:
    site = {f"{number:02}.html": PRIVATE.encode() for number in range(count)}
    error = refused(gate(private), site)
    assert len(error.problems) == count
    assert (str(error.problems[-1]) == "… and 1 more") == (count == 21)
    assert error.report.count("private/p1/instruction.md:") == count


@pytest.mark.parametrize("before", [0, 1, 7, 100, 5_000, 99_999])
@pytest.mark.parametrize("after", [0, 1, 300, 70_000])
def test_the_byte_is_where_the_text_begins(
    private: Path, before: int, after: int
) -> None:
    content = b"." * before + PRIVATE.encode() + b" -" * after
    error = refused(gate(private), {"a.html": content})
    assert str(error.problems[0]).startswith(f"a.html: byte {before:,} holds")


def test_the_byte_of_a_packed_text_is_where_the_packed_begins(private: Path) -> None:
    packed = WRAPPINGS["gzip"](PRIVATE)
    error = refused(gate(private), {"a.bin": b"\1" * 1234 + packed})
    assert str(error.problems[0]).startswith("a.bin: byte 1,234 holds")


def test_the_name_of_a_page_is_searched_too(private: Path) -> None:
    said = "tasks/merge-the-overlapping-intervals-return-them-sorted-by.html"
    error = refused(gate(private), {said: b"nothing"})
    assert [str(each) for each in error.problems] == [
        f"{said}: its name holds private text of private/p1/instruction.md"
    ]


def test_what_is_no_utf8_hides_no_line_beside_it(private: Path) -> None:
    assert not lets_pass(gate(private), b"\xff " + PRIVATE.encode())


def test_a_text_of_two_sources_is_told_of_the_first(
    private: Path,
) -> None:
    (private / "p1" / "copy.md").write_text(PRIVATE)
    error = refused(gate(private), {"a": PRIVATE.encode(), "b": PRIVATE.encode()})
    assert [(each.where, each.what[-7:]) for each in error.problems] == [
        ("a", "copy.md"),
        ("b", "copy.md"),
    ]


def test_a_source_that_only_repeats_another_hides_none_after_it(
    private: Path,
) -> None:
    other = "the grader counts every merged pair of the sorted list"
    (private / "p1" / "copy.md").write_text(PRIVATE)
    (private / "p1" / "zebra.md").write_text(f"{PRIVATE}\n\n{other}")
    error = refused(gate(private), {"a": f"{PRIVATE} {other}".encode()})
    assert [each.what.split("/")[-1] for each in error.problems] == [
        "copy.md",
        "zebra.md",
    ]
    assert other[:40] not in error.report.partition("zebra.md")[0]
    assert "overlapping" not in error.report.partition("zebra.md")[2]


def test_a_file_that_was_clean_is_not_searched_again_until_a_source_changes(
    private: Path,
) -> None:
    said = "A sentence that nobody has written in private so far, in nine words."
    clean: set[bytes] = set()
    first = gate(private, clean=clean)
    assert lets_pass(first, said)
    kept = set(clean)
    assert kept
    assert lets_pass(gate(private, clean=clean), said)
    assert clean == kept
    (private / "new.md").write_text(said)
    assert not lets_pass(gate(private, clean=clean), said)
    assert not lets_pass(first, PRIVATE)
    assert not lets_pass(first, PRIVATE)


def test_what_is_shipped_is_public_for_everybody(private: Path) -> None:
    assert lets_pass(gate(private, shipped=[PRIVATE.encode()]), PRIVATE)


def test_what_is_checked_elsewhere_passes_and_what_is_shipped_still_does(
    private: Path,
) -> None:
    drawn = f"<svg>{PRIVATE}</svg>"
    one = gate(private, shipped=[PRIVATE.encode()])
    assert not lets_pass(one, drawn)
    one.vouch([drawn.encode()])
    assert lets_pass(one, drawn, PRIVATE)


def test_what_tells_of_the_machine_is_found_without_any_private_file() -> None:
    machine = Machine({"MY_TOKEN": "hunter2-hunter2"}, names={})
    site = {"a.html": b"<p>it is hunter2-&#104;unter2</p>"}
    error = refused(gate(machine=machine), site)
    assert str(error.problems[0]) == "a.html: byte 9 holds the value of $MY_TOKEN"
    assert "hunter2" in error.report


def test_what_cannot_be_searched_does_not_pass(
    private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = gate(private)
    monkeypatch.setattr(readings, "MOST_BYTES", 100)
    site = {"a.gz": WRAPPINGS["gzip"]("x" * 10_000), "b": b"nothing"}
    error = refused(checked, site)
    assert list(map(str, error.problems)) == [
        "a.gz: unpacks to more than can be searched"
    ]


def test_what_tells_of_the_machine_is_found_whatever_is_unseen_in_it() -> None:
    machine = Machine({"API_KEY": "sesame-open"}, names={"kangaroo": "the host"})
    for text in ("sesame\u200b-op\u00aden", "\uff53esame-open", "sesam\u0435-open"):
        assert not lets_pass(gate(machine=machine), text)
        assert not lets_pass(gate(machine=machine), text.replace("\u200b", "&#8203;"))
    assert not lets_pass(gate(machine=machine), "on kan\u00adgaroo")
    assert lets_pass(gate(machine=machine), "sesame\u200b-closed on a kangar\u00f6ster")


def test_what_stands_in_a_tag_is_found_beside_what_tags_part(private: Path) -> None:
    (private / "second.md").write_text("The grader counts every merged pair.\n")
    machine = Machine({"A_KEY": "sesame-open", "B_KEY": "hunter2-hunter2"}, names={})
    page = (
        f'<p title="{html.escape(PRIVATE)} sesame-open">'
        "The grader <b>counts</b> every merged pair of hunter2-<i>hunter</i>2</p>"
    )
    error = refused(gate(private, machine=machine), {"a.html": page.encode()})
    assert [each.what.partition(" holds ")[2] for each in error.problems] == [
        "the value of $A_KEY",
        "the value of $B_KEY",
        "private text of private/p1/instruction.md",
        "private text of private/second.md",
    ]


def test_a_name_of_a_page_that_tells_of_the_machine_has_no_byte() -> None:
    machine = Machine({}, names={"kangaroo": "the host"})
    error = refused(gate(machine=machine), {"on-kangaroo.html": b"nothing"})
    assert [*map(str, error.problems)] == ["on-kangaroo.html: its name holds the host"]
