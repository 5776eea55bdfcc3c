"""What of a private file is searched for, and what is kept about it."""

import base64
import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from harness_bench.readings import readings, words
from sitegen.gate import private_text
from sitegen.gate.fingerprints import joined
from sitegen.gate.private_text import Piece, PrivateText, pieces, sources
from tests.sitegen.gate.gates import gate, lets_pass, refused

NONE: frozenset[Path] = frozenset()


def of(text: str) -> list[str]:
    return [piece.words for piece in pieces(words(text))]


SENTENCE = "the hidden kangaroo sorts seventeen ledgers before anyone sees marmalade"


def test_a_piece_is_a_run_of_eight_words_whatever_stands_between() -> None:
    said = "Merge **the** overlapping\nintervals, and (return) them: sorted now"
    assert of(said) == [
        "merge the overlapping intervals and return them sorted",
        "the overlapping intervals and return them sorted now",
        "intervals, and (return) them: sorted now",
    ]
    assert next(piece.bytes for piece in pieces(words(said))) == (
        b"mergetheoverlappingintervalsandreturnthemsorted"
    )


@pytest.mark.parametrize(
    ("text", "telling"),
    [
        ("ab cd ef gh ij kl mn opqrst", True),
        ("ab cd ef gh ij kl mn opqrs", False),
        ("123 456 789 123 456 abc def gh", True),
        ("123 456 789 123 456 abc def 8g", False),
        ("一 二 三 四 五 六 七 八", True),
        ("一二三四五六七八", True),
        ("一二三四五六七", False),
    ],
)
def test_a_run_is_telling_by_its_length_and_its_letters(
    text: str, *, telling: bool
) -> None:
    assert bool(of(text)) == telling


@pytest.mark.parametrize(
    ("token", "telling"),
    [
        ("test_that_hidden_things", True),
        ("test-that-hidden_thing", False),
        ("0123456789abcdef0123", True),
        ("01234567890123456abc", False),
        ("0123456789012345abcd", True),
        ("a" * 19, False),
        ("abcd" * 5, True),
    ],
)
def test_a_token_is_telling_by_its_length_and_its_letters(
    token: str, *, telling: bool
) -> None:
    assert of(f"x = ({token})") == [token] * telling


@pytest.mark.parametrize(
    ("line", "telling"),
    [
        ("abcdefgh " + "1" * 21, True),
        ("abcdefgh " + "1" * 20, False),
        ("abcdefg_ " + "1" * 21, False),
        ("abcdefgé " + "1" * 21, True),
        ("assert fn([[1, 3], 2]) == [[1]]", True),
        ("assert fn([[1,3],2]) == [[1,4]]", True),
        ("assert fn([[1,3],2]) ==[[1]]", False),
        ("      two            words      ", False),
        ("a b c d e f g h = = = = = = = =", True),
        ('a b c d e f g h = = = = = = = "', False),
    ],
)
def test_a_line_is_telling_by_its_length_and_its_letters(
    line: str, *, telling: bool
) -> None:
    assert bool(of(line)) == telling


def test_a_line_of_signs_is_found_by_its_signs(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text("    assert fn([[1, 3], [2, 6]]) == [[1, 6]]\n")
    assert not lets_pass(gate(tmp_path), '"assert fn([[1,3],[2,6]]) == [[1,6]]"')
    assert lets_pass(gate(tmp_path), "assert fn([1, 3, 2, 6]) == [1, 6]")


def test_short_and_wordless_lines_are_no_secret() -> None:
    text = f'if __name__ == "__main__":\n{"-" * 60}\n{"0, " * 60}\n'
    assert of(text) == []


@pytest.mark.parametrize("extra", [0, 1, 100])
def test_what_is_long_is_known_by_its_beginning(tmp_path: Path, extra: int) -> None:
    token = "abcdefghij" * 25 + "k" * extra
    (tmp_path / "x").write_text(token)
    assert not lets_pass(gate(tmp_path), token[:250])
    assert lets_pass(gate(tmp_path), token[:249])


@pytest.mark.parametrize(
    ("name", "telling"),
    [
        ("p1/tests/test_hidden_cases.py", ["test_hidden_cases.py", None]),
        ("splits_long_lines/a.c", ["splits_long_lines/a.c"]),
        ("a/abcdefghijkl.txt", ["a/abcdefghijkl.txt"]),
        ("0123456789/0123456789.abc", []),
        ("0123456789/0123456789.abcd", [None]),
    ],
)
def test_names_of_files_are_searched_for(
    tmp_path: Path, name: str, telling: list[str | None]
) -> None:
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text("")
    for each in telling:
        error = refused(gate(tmp_path), {"a.html": (each or name).encode()})
        assert (each or name) in map(str.strip, error.report.splitlines())
    if not telling:
        assert lets_pass(gate(tmp_path), name)


def test_files_are_read_wherever_they_are_and_whatever_is_in_them(
    tmp_path: Path,
) -> None:
    line = "this line of the grader is private, whatever holds it"
    (tmp_path / "a.bin").write_bytes(b"\0\n" + line.encode())
    (tmp_path / "c" / "d").mkdir(parents=True)
    (tmp_path / "c" / "d" / "e.txt").write_bytes(b"\xff\xfe\n" + line.encode())
    (tmp_path / "f.json.gz").write_bytes(gzip.compress(json.dumps([line]).encode()))
    found = sources([tmp_path], without=NONE)
    assert [each.name for each in found] == [
        f"{tmp_path.name}/{name}" for name in ("a.bin", "c/d/e.txt", "f.json.gz")
    ]
    for each in found:
        private = PrivateText([each], cache=None)
        ((source, said),) = private.explained(private.inside(words(line)))
        assert source == each
        assert Piece("line of the grader is private whatever holds", said[1].bytes) in (
            said
        )


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert sources([tmp_path / "absent"], without=NONE) == []
    assert lets_pass(gate(tmp_path / "absent"), "text")


def test_a_file_is_read_once_and_what_is_ours_is_not(tmp_path: Path) -> None:
    for name in ("a", "site/b", "c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "link").symlink_to("a")
    without = frozenset({tmp_path / "site", tmp_path / "c"})
    found = sources([tmp_path, tmp_path], without=without)
    assert [each.inside for each in found] == ["a"]


def test_what_is_too_large_or_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, size in (("a", 100), ("b", 101), ("c", 100), ("d", 100)):
        (tmp_path / name).write_bytes(b"x" * size)
    monkeypatch.setattr(private_text, "_LARGEST", 100)
    monkeypatch.setattr(private_text, "_MOST", 301)
    files = sources([tmp_path], without=NONE)
    (tmp_path / "c").unlink()
    named = [f"{tmp_path.name}/{name}" for name in "bcd"]
    assert PrivateText(files, cache=None).unread == named


# The cache

SECRET = "merge the overlapping intervals and return them sorted by start"  # noqa: S105


@pytest.mark.parametrize(("most", "unread"), [(60, 0), (59, 1), (39, 1), (19, 2)])
def test_as_much_as_may_be_read_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, unread: int
) -> None:
    for name, size in (("a", 20), ("b", 40)):
        (tmp_path / name).write_text("x" * size)
    monkeypatch.setattr(private_text, "_MOST", most)
    found = PrivateText(sources([tmp_path], without=NONE), cache=None)
    assert len(found.unread) == unread


@pytest.mark.parametrize(
    ("sizes", "unread"),
    [
        ([64_000_000] * 4, []),
        ([64_000_001], [0]),
        ([*[64_000_000] * 4, 1], [4]),
        ([64_000_001, 1], [0]),
    ],
)
def test_a_file_of_64_mb_is_read_and_256_mb_of_all(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sizes: Sequence[int],
    unread: Sequence[int],
) -> None:
    for name, size in enumerate(sizes):
        with (tmp_path / f"{name}").open("wb") as file:
            file.truncate(size)
    monkeypatch.setattr(PrivateText, "_of_content", lambda *_: joined([]))
    found = PrivateText(sources([tmp_path], without=NONE), cache=None)
    assert found.unread == [f"{tmp_path.name}/{name}" for name in unread]


@pytest.mark.parametrize(("times", "opened"), [(1, True), (2, True), (3, False)])
def test_what_is_packed_is_opened_and_what_is_packed_in_it(
    tmp_path: Path, times: int, *, opened: bool
) -> None:
    packed = SENTENCE.encode()
    for _ in range(times):
        packed = gzip.compress(b"." * 1000 + packed)
    (tmp_path / "x").write_bytes(packed)
    assert lets_pass(gate(tmp_path), SENTENCE) != opened


def test_what_a_private_file_encodes_is_known_as_it_is_written(tmp_path: Path) -> None:
    encoded = base64.b64encode(SENTENCE.encode()).decode()
    (tmp_path / "x").write_text(encoded)
    assert not lets_pass(gate(tmp_path), encoded)
    assert lets_pass(gate(tmp_path), SENTENCE)


@pytest.mark.parametrize("end", ["opqrst", "opqrstuvwxyz"])
def test_a_line_of_exactly_one_run_is_one_piece(end: str) -> None:
    assert of(f"ab, cd ef gh ij kl mn {end}") == [f"ab cd ef gh ij kl mn {end}"]


def test_letters_before_a_run_of_numbers_do_not_make_it_telling() -> None:
    numbers = ["1234"] * 8
    assert of(" ".join(["abcdefgh", *numbers])) == [
        " ".join(["abcdefgh", *numbers[1:]])
    ]


def test_a_line_is_known_by_its_letters_where_it_has_twenty() -> None:
    signs = ", (-----------"
    for letter, known in (("t", b"t"), ("", b",(-----------)")):
        (piece,) = pieces(f"abcdefghij klmnopqrs{letter}{signs})")
        assert piece.bytes == b"abcdefghijklmnopqrs" + known


def test_a_line_of_signs_is_a_piece_after_whatever_line() -> None:
    line = "assert fn([[1, 3], 2]) == [[1]]"
    for before in ("short", "-" * 40, SENTENCE):
        assert of(f"{before}\n{line}\n{before}")[-1] == line


@pytest.fixture
def cached(tmp_path: Path) -> Path:
    (tmp_path / "private").mkdir()
    for name in ("one_hidden_thing.md", "second.md"):
        (tmp_path / "private" / name).write_text(f"{SECRET} of {name}")
    return tmp_path / "cache" / "gate.npz"


def read(cached: Path) -> PrivateText:
    files = sources([cached.parents[1] / "private"], without=NONE)
    return PrivateText(files, cache=cached)


def test_the_cache_holds_no_readable_text_and_is_for_its_owner(cached: Path) -> None:
    read(cached)
    content = cached.read_bytes()
    for word in (*SECRET.split(), "private", "second", "hidden", "thing"):
        if len(word) > 3:
            assert word.encode() not in content
            assert word.encode("utf-32-le") not in content
    assert cached.stat().st_mode & 0o777 == 0o600
    assert cached.parent.stat().st_mode & 0o777 == 0o700
    assert [each.name for each in cached.parent.iterdir()] == [cached.name]


def test_an_unchanged_file_is_not_read_again_and_is_found_as_before(
    cached: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = read(cached).inside(words(SECRET))
    kept = cached.stat()
    opened: list[str] = []

    def counting(content: bytes, **more: bool) -> object:
        opened.append(content.decode())
        return readings(content, **more)

    monkeypatch.setattr(private_text, "readings", counting)
    assert read(cached).inside(words(SECRET)) == rows
    assert opened == []
    now = cached.stat()
    assert (now.st_ino, now.st_mtime_ns) == (kept.st_ino, kept.st_mtime_ns)
    second = cached.parents[1] / "private" / "second.md"
    second.write_text("another sentence that is private and has nine words")
    private = read(cached)
    assert opened == [second.read_text()]
    assert private.inside(words(second.read_text()))
    assert {file.name for file, _ in private.explained(private.inside(SECRET))} == {
        "private/one_hidden_thing.md"
    }
    second.unlink()
    assert not read(cached).inside(words("another sentence that is private and has ni"))


def test_what_other_rules_have_kept_is_not_read(
    cached: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = sources([cached.parents[1] / "private"], without=NONE)
    with monkeypatch.context() as earlier:
        # A version that folds no case, or cuts no pieces.
        earlier.setattr(private_text, "words", lambda _: "")
        PrivateText(files, cache=cached, rules="1")
        assert not PrivateText(files, cache=cached, rules="1").inside(words(SECRET))
    assert PrivateText(files, cache=cached, rules="2").inside(words(SECRET))


@pytest.mark.parametrize("content", [b"", b"PK\3\4", b"\x93NUMPY", b"no numbers"])
def test_a_cache_that_is_none_is_made_anew(cached: Path, content: bytes) -> None:
    cached.parent.mkdir()
    cached.write_bytes(content)
    assert read(cached).inside(words(SECRET))
    assert cached.read_bytes() != content


def test_without_a_place_for_the_cache_all_is_read_each_time(cached: Path) -> None:
    cached.parent.write_text("a file")
    assert read(cached).inside(words(SECRET))


@pytest.mark.parametrize("key", ["content", "reasoning_content", "arguments", "text"])
def test_what_a_model_said_in_pieces_is_found_whole(tmp_path: Path, key: str) -> None:
    events = "".join(
        f"data: {json.dumps({'choices': [{'delta': {key: piece}}]})}\n\n"
        for piece in (SENTENCE[at : at + 3] for at in range(0, len(SENTENCE), 3))
    )
    (tmp_path / "calls.jsonl").write_text(json.dumps({"response": events}))
    assert not lets_pass(gate(tmp_path), SENTENCE)


def test_the_folders_of_the_cache_are_made(cached: Path) -> None:
    deep = cached.parent / "a" / "b" / "gate.npz"
    PrivateText(sources([cached.parents[1] / "private"], without=NONE), cache=deep)
    assert deep.is_file()
