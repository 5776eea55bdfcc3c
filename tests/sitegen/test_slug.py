"""File names: safe, distinct, and the same whatever the order."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.slug import slugs

ODD = (
    "a/b",
    "a b",
    "a.b",
    "..",
    ".",
    "",
    " ",
    "../../etc/passwd",
    "C:\\x",
    "Ünïcödé",
    "模型",
    "🙂",
    "🙃",
    "x" * 1900,
    "x" * 1900 + "y",
    "<b>markup</b>",
    "A",
    "a",
    "CON",
    "con.txt",
    "LPT1",
    "index",
    "Index.html",
    "_x",
    "-x",
    "#x",
    "x~",
    "x.",
    "\x00",
    "\ud800",
    "İ",
    "a\nb",
)
name = st.sampled_from(ODD) | st.text(max_size=100)
names = st.sets(name | st.tuples(name, name) | st.tuples(name, name, name), max_size=20)

RESERVED = {"index", "con", "prn", "aux", "nul", "com1", "lpt1"}


@given(names)
def test_every_slug_is_a_safe_file_name(found: set[str | tuple[str, ...]]) -> None:
    for slug in slugs(found).values():
        assert re.fullmatch(r"[a-z0-9]([a-z0-9._-]*[a-z0-9_])?", slug)
        assert len(slug) <= 80
        assert ".." not in slug
        assert slug.split(".")[0] not in RESERVED


@given(names)
def test_no_two_names_share_a_slug(found: set[str | tuple[str, ...]]) -> None:
    made = slugs(found)
    assert made.keys() == found
    assert len(set(made.values())) == len(found)


@given(names, st.randoms(use_true_random=False))
def test_the_order_of_names_changes_nothing(
    found: set[str | tuple[str, ...]], chance: random.Random
) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert slugs(shuffled) == slugs(sorted(found, key=repr))


@given(names)
def test_a_slug_that_is_alone_does_not_depend_on_the_others(
    found: set[str | tuple[str, ...]],
) -> None:
    everything = slugs(found)
    for one in found:
        alone = slugs([one])[one]
        assert everything[one] == alone or everything[one].startswith(alone[:60])


@pytest.mark.parametrize(
    ("given_name", "slug"),
    [
        ("Qwen3.6-27B", "qwen3.6-27b"),
        (("Qwen3.6-27B", "UD-Q4_K_XL", "pi"), "qwen3.6-27b--ud-q4_k_xl--pi"),
        (("gpt-4", "", "aider"), "gpt-4--aider"),
        ("org/Model Name", "org-model-name"),
        ("Café", "cafe"),
        ("_private", "private"),
        ("a--b", "a-b"),
    ],
)
def test_a_plain_name_stays_readable(
    given_name: str | tuple[str, ...], slug: str
) -> None:
    assert slugs([given_name]) == {given_name: slug}


def test_all_members_of_a_collision_carry_a_hash() -> None:
    made = slugs(["A b", "a-b", "c"])
    assert made["c"] == "c"
    assert re.fullmatch(r"a-b-[0-9a-f]{8}", made["A b"])
    assert re.fullmatch(r"a-b-[0-9a-f]{8}", made["a-b"])
    assert made["A b"] != made["a-b"]


def test_a_name_that_equals_anothers_hashed_slug_still_gets_its_own() -> None:
    hashed = slugs(["A", "a"])["A"]
    made = slugs(["A", "a", hashed])
    assert len(set(made.values())) == 3


@pytest.mark.parametrize("empty", ["", "🙂", "..", "模型"])
def test_a_name_without_a_letter_is_a_hash(empty: str) -> None:
    assert re.fullmatch(r"x-[0-9a-f]{8}", slugs([empty])[empty])
