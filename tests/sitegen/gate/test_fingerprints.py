"""Pieces are found by their hashes exactly where a plain search finds them."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sitegen.gate import fingerprints
from sitegen.gate.fingerprints import Hasher, Known, Prints, joined

HASHER = Hasher(7)


def prints(pieces: list[bytes], hasher: Hasher = HASHER) -> Prints:
    lengths = np.array([len(each) for each in pieces], np.int64)
    return hasher.prints(b"".join(pieces), np.cumsum(lengths) - lengths, lengths)


some = st.binary(min_size=16, max_size=40).map(lambda text: bytes(b & 1 for b in text))


@given(st.lists(some, min_size=1, max_size=8), st.lists(some, max_size=20))
@example([b"\0" * 16, b"\0" * 17], [b"\0" * 16])
def test_the_rows_found_are_those_of_the_pieces_in_the_text(
    pieces: list[bytes], around: list[bytes]
) -> None:
    text = b"".join(around)
    known = Known(HASHER, prints(pieces))
    assert known.inside(text) == {
        row for row, piece in enumerate(pieces) if piece in text
    }
    keys = known.keys(np.arange(len(pieces))).tolist()
    assert sorted(keys) == sorted(prints(pieces).keys.tolist())


def test_no_bit_of_either_hash_is_lost_in_both_as_one_number() -> None:
    both = Prints(
        np.array([2**32 - 1, 1, 2**31], np.uint32),
        np.array([2**32 - 1, 2, 2**31], np.uint32),
        np.full(3, 16, np.uint8),
    )
    assert both.keys.tolist() == [2**64 - 1, 2**32 + 2, 2**63 + 2**31]


@pytest.mark.parametrize(
    "place", [0, 1, 1000, 2**18 - 300, 2**18 - 1, 2**18, 2**19 - 9]
)
@pytest.mark.parametrize("length", [16, 250])
def test_a_piece_is_found_across_the_stretches_of_a_long_text(
    place: int, length: int
) -> None:
    piece = bytes(range(1, length + 1))
    text = b"\0" * place + piece
    at = HASHER.prints(text, np.array([place]), np.array([length]))
    known = Known(HASHER, at)
    assert known.inside(text) == {0}
    assert known.inside(text[:-1]) == set()
    assert known.inside(piece) == {0}


def test_many_pieces_of_one_beginning_are_told_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fingerprints, "_PAIRS", 10)
    pieces = [b"a" * 16 + bytes([n]) * 3 for n in range(1, 30)]
    known = Known(HASHER, prints(pieces))
    assert known.inside(pieces[3] + pieces[20]) == {3, 20}
    assert known.inside(b"a" * 1000) == set()


def test_with_another_key_the_same_text_has_other_hashes() -> None:
    piece = [b"the same private text"]
    one, other = (prints(piece, Hasher(key)).keys[0] for key in (1, 2))
    assert one != other
    assert one == prints(piece, Hasher(1)).keys[0]


def test_rows_are_joined_in_order_and_nothing_is_nothing() -> None:
    assert len(joined([])) == 0
    assert Known(HASHER, joined([])).inside(b"x" * 100) == set()
    both = [prints([b"a" * 16]), prints([b"b" * 16, b"c" * 17])]
    assert joined(both).keys.tolist() == [n for each in both for n in each.keys]
    assert joined(both).length.tolist() == [16, 16, 17]
