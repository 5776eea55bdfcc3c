"""Keys of two kinds are never taken for each other."""

from dataclasses import fields

import pytest

from sitegen.keys import ComboKey, HarnessKey, Key, ModelKey, QuantKey, TaskKey

COMBO = ComboKey("m", "Q4", "h")


def test_keys_of_two_kinds_are_never_equal_though_they_say_the_same() -> None:
    same: list[Key] = [ModelKey("x"), HarnessKey("x"), TaskKey("x")]
    assert len(set(same)) == len(same)


def test_keys_of_two_kinds_have_no_order() -> None:
    with pytest.raises(TypeError):
        sorted([ModelKey("x"), HarnessKey("y")])


def test_keys_of_a_kind_are_ordered_by_their_parts_in_turn() -> None:
    first, second, third = (
        ComboKey("a", "b", "c"),
        ComboKey("a", "c", "a"),
        ComboKey("b", "", ""),
    )
    assert sorted([third, second, first]) == [first, second, third]


def test_a_combo_knows_what_it_is_made_of() -> None:
    assert COMBO.model_of == COMBO.quant_of.model_of == ModelKey("m")
    assert COMBO.part(QuantKey) == COMBO.quant_of == QuantKey("m", "Q4")
    assert COMBO.part(HarnessKey) == COMBO.harness_of == HarnessKey("h")
    assert COMBO.part(ComboKey) == COMBO


def test_what_a_group_does_not_name_is_what_its_combos_differ_in() -> None:
    assert COMBO.beside(QuantKey("m", "Q4")) == ("h", "")
    assert COMBO.beside(HarnessKey("h")) == ("m", "Q4", "")
    assert COMBO.beside(COMBO) == ()


def test_a_variant_is_no_part_of_another_variant() -> None:
    high = ComboKey("m", "Q4", "h", "high")
    assert high.plain == COMBO != high


def test_parts_and_values_come_in_the_order_of_the_fields() -> None:
    assert [field.name for field in fields(COMBO)] == list(COMBO.parts)
    assert COMBO.values == ("m", "Q4", "h", "")
