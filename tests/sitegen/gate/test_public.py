"""What may stand in a site although a private file says it too."""

import json
from pathlib import Path

import pytest

from harness_bench.errors import SettingsError
from sitegen.gate.private_text import sources
from sitegen.gate.public import Public, allowed, declared, names_in
from sitegen.records import Records
from tests.records import record
from tests.sitegen.gate.gates import gate, lets_pass

SECRET = "merge the overlapping intervals and return them sorted by their start"  # noqa: S105


def private(folder: Path, text: str, name: str = "x.md") -> Path:
    (folder / name).write_text(text)
    return folder


def test_a_public_text_may_be_quoted_whole_and_in_part_but_not_with_more(
    tmp_path: Path,
) -> None:
    private(tmp_path, f"{SECRET} of each of them, however many there are")
    checked = gate(tmp_path, public=[SECRET])
    assert lets_pass(checked, SECRET, SECRET[:60])
    assert not lets_pass(checked, f"{SECRET} of each of them, however many")


def test_what_a_table_goes_on_with_after_a_public_text_tells_nothing(
    tmp_path: Path,
) -> None:
    """A list of titles in a private README, and the titles in a chart."""
    private(tmp_path, f"| c1 | {SECRET} |\n| c2 | another thing |")
    assert lets_pass(gate(tmp_path, public=[SECRET]), f"{SECRET}. C: 2 of 2")


def test_rows_of_public_words_and_numbers_are_public(tmp_path: Path) -> None:
    row = {"model": "Qwen3-30B", "harness": "pi", "task": "t", "seed": 1, "score": 0.5}
    private(tmp_path, json.dumps([row | {"status": "pass"}] * 2))
    said = json.dumps([row | {"status": "pass"}] * 2, indent=2)
    assert lets_pass(gate(tmp_path, public=["Qwen3-30B", "pi", "t"]), said)
    assert not lets_pass(gate(tmp_path, public=["pi", "t"]), said)


def test_the_grammar_of_json_schema_in_a_trace_is_public(tmp_path: Path) -> None:
    """Harnesses describe their tools in it, and sites their data files."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"path": {"type": "string"}},
        "required": ["path"],
        "additionalProperties": False,
    }
    private(tmp_path, json.dumps({"tools": [schema]}), "calls.jsonl")
    ours = dict(schema, properties={"rate": {"type": "number"}}, required=["rate"])
    assert lets_pass(gate(tmp_path, public=[]), json.dumps(ours, indent=1))


def test_a_run_over_the_edges_of_public_texts_is_public(tmp_path: Path) -> None:
    texts = ["writes the solution of the task", "gives up at once and says so"]
    private(tmp_path, f"note = {' '.join(texts)} model 17")
    assert lets_pass(gate(tmp_path, public=texts), " ".join(texts))
    assert not lets_pass(gate(tmp_path, public=texts[:1]), " ".join(texts))


def test_words_of_a_long_public_text_are_no_public_words(tmp_path: Path) -> None:
    text = "a b c d e f g h merge intervals overlapping return them sorted by start the"
    private(tmp_path, SECRET)
    assert not lets_pass(gate(tmp_path, public=[text]), SECRET)


def test_one_letter_again_and_again_and_the_alphabet_tell_nothing(
    tmp_path: Path,
) -> None:
    for text in (
        "yyy yy yyy yyyy yyy yy yyy y",
        "0123456789 abcdefghijklmnopqrstuvwxyz",
    ):
        private(tmp_path, text)
        assert lets_pass(gate(tmp_path), text)


def test_the_names_of_tasks_are_public_only_where_they_are_shown() -> None:
    records = [record("m/q/h", "t")]
    assert names_in(Records.of(records), tasks=True) - {""} == {"m", "h", "t", "q"}
    assert names_in(Records.of(records), tasks=False) - {""} == {"m", "h", "q"}


def test_what_tasks_and_runs_declare_is_public_and_nothing_else(tmp_path: Path) -> None:
    private(
        tmp_path,
        '[task]\ntitle = "A title"\ntools = ["a tool"]\n[[model]]\nnote = "A note"\n'
        'server_args = ["a word"]\n',
        "task.toml",
    )
    private(tmp_path, 'title = "not one of ours"', "other.toml")
    private(tmp_path, "no = toml = at all", "run.toml")
    locked = {"harness": {"pi": {"version": "1.2-x"}}, "model": {"m": "gone"}}
    private(tmp_path, json.dumps(locked), "lock.json")
    found = set(declared(sources([tmp_path], without=frozenset())))
    assert found == {"A title", "A note", "pi", "version", "1.2-x"}


@pytest.mark.parametrize("content", ["[]", "{}", "{", "[1"])
def test_a_lock_that_is_none_declares_nothing(tmp_path: Path, content: str) -> None:
    private(tmp_path, content, "lock.json")
    assert list(declared(sources([tmp_path], without=frozenset()))) == []


def test_an_allow_file_holds_texts_with_reasons(tmp_path: Path) -> None:
    path = tmp_path / "allow.toml"
    path.write_text(
        '[[allow]]\ntext = "a"\nreason = "b"\n[[allow]]\ntext = "c"\nreason="d"'
    )
    assert allowed(path) == ["a", "c"]
    path.write_text("")
    assert allowed(path) == []


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('[[allow]]\ntext = "a"', "[allow] reason is missing"),
        ('[[allow]]\ntext = "a"\nreason = " "', "[allow] reason is empty"),
        ('[[allow]]\ntext = ""\nreason = "b"', "[allow] text is empty"),
        ('[[allow]]\ntext = "a"\nreason = "b"\nmore = 1', "[allow] unknown key"),
        ("allow = 1", "[[allow]] is no list of tables"),
        ("other = 1", "other"),
    ],
)
def test_an_allow_file_that_is_none_is_refused(
    tmp_path: Path, content: str, problem: str
) -> None:
    (tmp_path / "allow.toml").write_text(content)
    with pytest.raises(SettingsError) as refused:
        allowed(tmp_path / "allow.toml")
    assert problem in str(refused.value)
    assert len(refused.value.problems) == 1


def test_the_key_changes_with_what_is_public() -> None:
    assert Public(["a"]).key == Public(["a"]).key
    assert Public(["a"]).key != Public(["b"]).key


def test_the_end_of_a_long_public_text_and_the_begin_of_another_are_public(
    tmp_path: Path,
) -> None:
    def text(stem: str) -> list[str]:
        return [f"{stem}{chr(97 + n)}" for n in range(20)]

    first, second = text("apricot"), text("bramble")
    said = " ".join([*first[-4:], *second[:4]])
    private(tmp_path, said)
    assert lets_pass(gate(tmp_path, public=[" ".join(first), " ".join(second)]), said)
    assert not lets_pass(gate(tmp_path, public=[" ".join(first)]), said)


def test_words_of_a_public_text_are_public_up_to_twelve(tmp_path: Path) -> None:
    names = [f"apricot{chr(97 + n)}" for n in range(13)]
    for n, is_public in ((12, True), (13, False)):
        turned = " ".join(names[:n][::-1])
        private(tmp_path, turned)
        assert lets_pass(gate(tmp_path, public=[" ".join(names[:n])]), turned) is (
            is_public
        )


@pytest.mark.parametrize(
    ("first", "between", "second", "is_public"),
    [
        (3, "17 18", 3, True),
        (5, "", 3, True),
        (2, "17 18 19", 3, False),
        (3, "17 18 19", 2, False),
        (7, "ab", 0, True),
        (7, "abc", 0, False),
        (0, "ab", 7, True),
        (0, "abc", 7, False),
    ],
)
def test_three_words_of_a_long_public_text_are_a_quote_and_two_letters_no_word(
    tmp_path: Path, first: int, between: str, second: int, *, is_public: bool
) -> None:
    one, other = (
        [f"{stem}{chr(97 + n)}" for n in range(20)] for stem in ("apricot", "bramble")
    )
    said = " ".join([*one[20 - first :], *between.split(), *other[:second]])
    private(tmp_path, said)
    checked = gate(tmp_path, public=[" ".join(one), " ".join(other)])
    assert lets_pass(checked, said) == is_public


@pytest.mark.parametrize(("kinds", "tells"), [("edcba", False), ("fedcba", True)])
def test_a_token_tells_by_six_kinds_of_letters(
    tmp_path: Path, kinds: str, *, tells: bool
) -> None:
    private(tmp_path, kinds * 5)
    assert lets_pass(gate(tmp_path), kinds * 5) != tells
