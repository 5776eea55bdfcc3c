"""What the author of a trial gets to see of it."""

import html.parser
import json
import re
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from harness_bench.errors import RunError
from harness_bench.schema import GraderAccess, Status
from runner.judging.audit import AuditLine
from runner.run_folder.ledger import Attempts, Ledger
from runner.telling.show import (
    FileChange,
    as_html,
    as_text,
    compare,
    find,
    keep_page,
    listing,
    read_view,
)
from runner.workspace.workspace import freeze
from tests.runner.specs import attempt

NASTY = "\x1b[31m<script>alert(1)</script>\u202e{{ x }}\ud800"


def _run(folder: Path) -> Path:
    """A run folder with one trial of two attempts, and another trial."""
    for name, text in (("starter", "one\ntwo\n"), ("work", "one\n2\n")):
        (folder / name).mkdir(parents=True)
        (folder / name / "a.py").write_text(text)
    (folder / "work" / "new.py").write_text("x")
    starter, work = (
        freeze(folder / name, folder / "run" / "archives")
        for name in ("starter", "work")
    )
    first = attempt(
        "ab" * 8, Status.INFRA_SERVER, folder="first", started_at="1", quant="Q4"
    )
    second = replace(
        attempt(
            "ab" * 8,
            Status.FAIL,
            number=2,
            folder="second",
            started_at="2",
            quant="Q4",
            tokens_in=1234,
            first_token_s=0.75,
            tokens_per_s=41.5,
            context_peak=1290,
            malformed_calls=0,
        ),
        detail="two of three tests",
        workspace=work.sha256,
    )
    with Ledger(folder / "run") as ledger:
        for each in (second, first, attempt("cd" * 8, seed=1, folder="third")):
            ledger.append(each)
    traces = folder / "run" / "traces" / "second"
    traces.mkdir(parents=True)
    (traces / "starter").write_text(starter.sha256)
    (traces / "prompt.md").write_text("# Mend it\n")
    (traces / "agent.log").write_bytes(b"agent said " + NASTY.encode(errors="replace"))
    (traces / "grader.log").write_text("not ok 3 - keeps blanks\n")
    (traces / "steps.json").write_text('{"freeze": 0.0123}')
    (traces / "model.json").write_text('{"served_as": "served/m"}')
    (traces / "audit.jsonl").write_text(
        json.dumps(
            {
                "place": "call 1",
                "rule": "speaks of the grader",
                "access": "mentioned",
                "line": "Where is the grader?",
            }
        )
        + "\n"
    )
    (traces / "calls.jsonl").write_text(
        json.dumps(
            {
                "number": 1,
                "protocol": "openai_chat",
                "outcome": "answered",
                "started_s": 0.1,
                "ended_s": 2.5,
                "tokens_in": 1234,
                "tokens_cached": 1000,
                "tokens_out": 56,
                "dropped": ["store", "X-Trace"],
                "tool_calls": [{"name": "bash", "arguments": '{"command": "ls"}'}],
                "request": {"messages": [{"role": "user", "content": "Mend it."}]},
                "response": json.dumps(
                    {"choices": [{"message": {"content": f"I look. {NASTY}"}}]}
                ),
            }
        )
    )
    return folder / "run"


def test_a_view_holds_all_that_the_run_folder_has(tmp_path: Path) -> None:
    found = read_view(_run(tmp_path), "abab")
    assert (found.label, found.trial) == ("m Q4/h/t/0", "ab" * 8)
    assert found.summary == "fail: two of three tests"
    assert ("tokens_in", "1234") in found.facts
    assert ("freeze", "0.012 s") in found.facts
    assert found.facts[-2:] == (
        ("served_as", "served/m"),
        ("dropped", "X-Trace, store"),
    )
    assert found.attempts == (
        "1  1  infra_server",
        "2  2  fail  two of three tests",
    )
    assert found.prompt == "# Mend it\n"
    (call,) = found.calls
    assert call.heading == (
        "call 1 · answered · 0.1 s to 2.5 s · 1,234 tokens in (1,000 cached), 56 out"
    )
    assert [said.role for said in call.messages] == ["user", "assistant"]
    assert [(change.name, change.kind) for change in found.changes] == [
        ("a.py", "changed"),
        ("new.py", "added"),
    ]
    assert found.grader == "not ok 3 - keeps blanks\n"
    assert found.evidence == (
        AuditLine(
            place="call 1",
            rule="speaks of the grader",
            access=GraderAccess.MENTIONED,
            line="Where is the grader?",
        ),
    )
    assert found.notices == ()


@pytest.mark.parametrize(
    "damaged",
    [b"", b"\xff\xfe", b"{", b"[]", b"null", b'{"access": 1}\n{"a": [1', b"7"],
)
def test_damaged_logs_are_shown_as_far_as_they_can_be(
    tmp_path: Path, damaged: bytes
) -> None:
    run = _run(tmp_path)
    for name in ("audit.jsonl", "steps.json", "calls.jsonl", "agent.log", "prompt.md"):
        path = run / "traces" / "second" / name
        whole = path.read_bytes()
        path.write_bytes(damaged)
        found = read_view(run, "abab")
        assert found.summary == "fail: two of three tests"
        assert as_text(found)
        assert as_html(found)
        path.write_bytes(whole + damaged)
        assert read_view(run, "abab").label == found.label
        path.write_bytes(whole)


def test_an_attempt_that_left_nothing_is_shown_as_it_is(tmp_path: Path) -> None:
    found = read_view(_run(tmp_path), "abab", number=1)
    assert found.summary == "infra_server"
    assert (found.prompt, found.calls, found.changes) == ("", (), ())
    assert found.notices == (
        "the starter was not kept: changes cannot be shown",
        "the workspace was not kept: changes cannot be shown",
    )
    assert as_text(found).startswith("m Q4/h/t/0  [abab")
    assert "None was recorded." in as_html(found)


def test_an_attempt_that_never_was_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="has no attempt 3; its attempts are 1, 2"):
        read_view(_run(tmp_path), "abab", number=3)


@pytest.mark.parametrize(
    ("wanted", "trials"),
    [
        ("abab", ["ab" * 8]),
        ("m Q4/h/t/0", ["ab" * 8]),
        ("m/h/t/0", ["ab" * 8]),
        ("m/h/t/1", ["cd" * 8]),
        ("m/h", ["cd" * 8, "ab" * 8]),
        ("m", ["cd" * 8, "ab" * 8]),
    ],
)
def test_trials_are_found_by_id_and_by_name(wanted: str, trials: list[str]) -> None:
    found = Attempts.of([attempt("ab" * 8, quant="Q4"), attempt("cd" * 8, seed=1)])
    assert list(find(found, wanted)) == trials


def test_what_is_no_trial_is_refused_with_a_near_name() -> None:
    found = Attempts.of([attempt("ab" * 8, model="oracle")])
    with pytest.raises(RunError) as caught:
        find(found, "oracel")
    assert str(caught.value) == (
        "'oracel': is not a trial of this run (did you mean 'oracle'?); give the"
        " beginning of an id or of model/harness/task/seed"
    )


def test_of_several_trials_the_first_is_shown_and_the_others_told(
    tmp_path: Path,
) -> None:
    found = read_view(_run(tmp_path), "m")
    assert found.trial == "cd" * 8
    assert found.notices[0] == "1 more trial fits 'm', the next of them m Q4/h/t/0"


def test_files_are_compared_line_by_line() -> None:
    assert compare(
        {"same": "x", "old": "gone\n", "a": "1\n2\n3\n", "end": "x\n", "bytes": "\0"},
        {"same": "x", "new": "come\n", "a": "1\n3\n", "end": "x", "bytes": "\0\0"},
    ) == (
        FileChange(
            name="a",
            kind="changed",
            diff="--- a\n+++ a\n@@ -1,3 +1,2 @@\n 1\n-2\n 3\n",
        ),
        FileChange(name="bytes", kind="changed", diff="bytes: changed, not text"),
        FileChange(
            name="end",
            kind="changed",
            diff=("--- end\n+++ end\n@@ -1 +1 @@\n-x\n+x\n\\ no newline at the end\n"),
        ),
        FileChange(
            name="new",
            kind="added",
            diff="--- /dev/null\n+++ new\n@@ -0,0 +1 @@\n+come\n",
        ),
        FileChange(
            name="old",
            kind="deleted",
            diff="--- old\n+++ /dev/null\n@@ -1 +0,0 @@\n-gone\n",
        ),
    )
    assert compare({}, {"empty": ""})[0].diff == "empty: added, empty"
    assert compare({}, {"long": "x" * 200_000})[0].diff == (
        "long: added, too long to compare"
    )


def test_the_text_has_every_part_and_nothing_that_drives_a_terminal(
    tmp_path: Path,
) -> None:
    text = as_text(read_view(_run(tmp_path), "abab"))
    for part in (
        "fail: two of three tests",
        "── call 1 · answered",
        '(assistant uses bash)\n{"command": "ls"}',
        "+2\n",
        "not ok 3 - keeps blanks",
        "mentioned: speaks of the grader, call 1: Where is the grader?",
        r"\x1b[31m<script>",
        r"\u202e",
    ):
        assert part in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800]", text)
    text.encode()


def test_how_the_model_answered_is_among_the_facts(tmp_path: Path) -> None:
    found = read_view(_run(tmp_path), "abab")
    text, markup = as_text(found), as_html(found)
    for name, value in (
        ("first_token_s", "0.75"),
        ("tokens_per_s", "41.5"),
        ("context_peak", "1290"),
        ("malformed_calls", "0"),
    ):
        assert f"\n{name:16} {value}\n" in text
        assert f'<th scope="row">{name}</th><td>{value}</td>' in markup


def test_a_long_message_is_cut_on_a_terminal_alone(tmp_path: Path) -> None:
    folder = _run(tmp_path)
    log = folder / "traces" / "second" / "calls.jsonl"
    log.write_text(log.read_text().replace("Mend it.", "y" * 5_000))
    found = read_view(folder, "abab")
    assert "y… (1,000 more characters)" in as_text(found)
    assert "y" * 5_000 in as_html(found)


def test_the_page_is_kept_privately_beside_the_logs(tmp_path: Path) -> None:
    folder = _run(tmp_path)
    found = read_view(folder, "abab", number=1)
    path = keep_page(folder, found)
    assert path == folder / "traces" / "first" / "show.html"
    assert path.read_text() == as_html(found)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


class _Tags(html.parser.HTMLParser):
    """Counts elements, and collects what they load."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.links += [value or "" for key, value in attrs if key in {"href", "src"}]


def test_the_page_is_one_file_without_scripts_that_loads_nothing(
    tmp_path: Path,
) -> None:
    page = as_html(read_view(_run(tmp_path), "abab"))
    page.encode()
    assert "\u202e" not in page  # it turns the letters after it round
    tags = _Tags()
    tags.feed(page)
    assert "script" not in tags.names
    assert all(link.startswith("#") for link in tags.links)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ x }}" in page
    assert "<ins>+2\n</ins>" in page
    assert "<del>-two\n</del>" in page
    for anchor in tags.links:
        assert f'id="{anchor[1:]}"' in page


def test_without_a_trial_all_of_them_are_listed(tmp_path: Path) -> None:
    lines = [line.split("\t") for line in listing(_run(tmp_path))]
    assert [(each[0], each[1], each[2]) for each in lines] == [
        ("cd" * 8, "pass", "1"),
        ("ab" * 8, "fail", "2"),
    ]
    assert all("/" in each[3] for each in lines)


def test_a_run_without_trials_lists_none(tmp_path: Path) -> None:
    with Ledger(tmp_path):
        pass
    assert list(listing(tmp_path)) == []
