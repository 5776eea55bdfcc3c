"""What a file says is read whatever it is wrapped in."""

import base64
import gzip
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from harness_bench import readings as module
from harness_bench.readings import (
    DEPTH,
    TooLargeError,
    letters,
    marks,
    plain,
    readings,
    words,
)
from tests.harness_bench.wrappings import WRAPPINGS

TEXT = 'Merge the "overlapping" intervals & return them <sorted> by their start, once.'
PLAIN = letters(words(TEXT))


def said(content: bytes) -> list[bytes]:
    return [letters(words(each)) for each in readings(content)]


@pytest.mark.parametrize("name", WRAPPINGS)
def test_a_text_is_read_in_every_wrapping(name: str) -> None:
    text = TEXT.replace("<", "").replace(">", "")
    plain = letters(words(text)).replace(b"amp", b"")
    assert any(plain in each for each in said(WRAPPINGS[name](text)))


@given(
    st.text('aU \t\\"/&;<>ltnu0064{}é\U0001f600', min_size=1),
    st.sampled_from(["HTML escapes", "JSON", "JSON in HTML", "a field of CSV"]),
)
@example('C:\\temp\t"\\', "JSON")
def test_a_line_is_found_in_every_escape_whatever_is_in_it(
    line: str, name: str
) -> None:
    for fold in (letters, marks):
        inside = {fold(words(each)) for each in readings(line.encode())}
        around = [fold(words(each)) for each in readings(WRAPPINGS[name](line))]
        assert any(each in other for each in inside for other in around)


@pytest.mark.parametrize("depth", range(DEPTH + 1))
def test_wrappings_are_opened_so_deep_and_no_deeper(depth: int) -> None:
    content = TEXT.encode()
    for _ in range(depth):
        content = base64.b64encode(content)
    assert PLAIN in said(content)
    assert PLAIN in [letters(words(each)) for each in readings(content, depth=depth)]
    if depth:
        less = readings(content, depth=depth - 1)
        assert PLAIN not in [letters(words(each)) for each in less]
        assert len(list(readings(content, encoded=False))) == 1


def test_the_same_content_is_read_once() -> None:
    packed = gzip.compress(TEXT.encode(), mtime=0)
    assert said(packed * 3).count(PLAIN) == 1


def test_what_unpacks_to_too_much_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 1000)
    assert list(readings(gzip.compress(b"a" * 1000, mtime=0)))
    for content in (
        gzip.compress(b"a" * 1001, mtime=0),
        gzip.compress(b"a" * 5000, mtime=0),
    ):
        with pytest.raises(TooLargeError, match="unpacks to more than can be searched"):
            list(readings(content))


def test_what_is_half_there_is_read_as_far_as_it_goes() -> None:
    packed = gzip.compress(TEXT.encode() + bytes(range(256)) * 100, mtime=0)
    assert any(PLAIN in each for each in said(packed[: len(packed) // 2]))


def test_a_half_of_a_character_is_passed_over() -> None:
    assert any(PLAIN in each for each in said(rb'"\ud83d" ' + TEXT.encode()))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ärger \u2460 ﬁn", "arger 1 fin"),
        ("se\u00adcret\u200b", "secret"),
        ("\u0421at", "cat"),
        ("a\u00a0b", "a b"),
        ("日本", "日本"),
    ],
)
def test_what_looks_alike_is_the_same(text: str, folded: str) -> None:
    assert words(text) == folded


def test_letters_are_letters_and_digits_and_marks_are_all_but_blanks() -> None:
    assert letters(words('A-b_ "3" \\é')) == b"ab3e"
    assert marks(words('A-b_ "3" \\é')) == b"a-b_3e"


@pytest.mark.parametrize(
    "split", ["ov&lt;wbr&gt;erl&lt;b&gt;apping", "ov\\u003cb\\u003eerlapping"]
)
def test_tags_that_are_escaped_are_tags_where_there_are_no_others(split: str) -> None:
    assert b"overlapping" in said(split.encode())


def test_every_one_of_several_wrapped_texts_is_unwrapped() -> None:
    texts = [b"the first private text", b"the second private text"]
    twice = [base64.b64encode(base64.b64encode(each)) for each in texts]
    found = said(b" and ".join(twice))
    assert all(letters(words(each.decode())) in found for each in texts)


def test_sixteen_bytes_are_enough_to_be_read() -> None:
    packed = [gzip.compress(b"abcdefghijklmnopq"[:size], mtime=0) for size in (15, 16)]
    assert b"abcdefghijklmno" not in said(packed[0])
    assert b"abcdefghijklmnop" in said(packed[1])


def test_a_script_without_any_nul_is_read_by_its_mark() -> None:
    text = "日本語の文章です、とても長い"
    assert letters(words(text)) in said(text.encode("utf-16"))


@given(st.text(max_size=40))
def test_folding_each_stretch_alone_is_folding_the_whole(text: str) -> None:
    whole = unicodedata.normalize("NFKD", text).casefold()
    assert words(text) == plain(whole)
    assert letters(words(text)) == re.sub(r"[\W_]+", "", words(text)).encode()


@pytest.mark.parametrize("beside", ["", " é ", "\n", "=", "\u00a0"])
@pytest.mark.parametrize(
    ("written", "enough"),
    [
        (base64.b64encode(b"eighteen letters !").decode(), True),
        (base64.b64encode(b"seventeen letters").decode(), False),
        (b"sixteen letters!".hex(), True),
        ("\u00a0".join(f"{each:02x}" for each in b"sixteen letters!"), True),
        (b"fifteen letters".hex(), False),
        (", ".join(str(each) for each in b"sixteen letters!"), True),
    ],
)
def test_a_run_of_codes_is_found_from_its_shortest_length_on(
    written: str, beside: str, *, enough: bool
) -> None:
    inside = [*readings(f"{beside}{written}{beside}".encode())]
    assert any("een letters" in each for each in inside) == enough
