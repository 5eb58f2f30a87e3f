from __future__ import annotations

from decimal import Decimal

import pytest
from attrs import field, frozen

from shopwright.edges import identifier, text, whole
from shopwright.errors import InvalidValue


@frozen
class Card:
    name: str = field(default="x", validator=text(least=1, most=5))
    note: str = field(default="", validator=text(most=5))
    id: str = field(default="x", validator=identifier(most=9))
    count: int = field(default=0, validator=whole())


SCRIPTS = ["Ünal", "商店", "متجر", "दुकान", "👩‍👧", "a\u0301", "\u200bx"]


@pytest.mark.parametrize("value", SCRIPTS)
def test_text_and_ids_may_be_in_any_script(value):
    assert Card(name=value, note=value, id=value) == Card(value, value, value)


def test_text_is_counted_in_characters_up_to_its_limit():
    assert Card(name="é" * 5).name == "é" * 5
    with pytest.raises(InvalidValue, match=r"^Card\.name must have 1 to 5 characters, got 6$"):
        Card(name="é" * 6)


def test_text_is_empty_only_where_that_is_said():
    assert Card(note="").note == ""
    for bad in ({"name": ""}, {"id": ""}):
        with pytest.raises(InvalidValue, match=r"must have 1 to \d characters, got 0"):
            Card(**bad)


@pytest.mark.parametrize("field_name", ["name", "note", "id"])
@pytest.mark.parametrize("value", ["a\x00", "\x00", "\ud800", "é\udfff", "\ud83d\ude00"])
def test_text_holds_no_null_character_and_no_lone_surrogate(field_name, value):
    with pytest.raises(InvalidValue, match=rf"^Card\.{field_name} must not hold U\+0000 or a lone surrogate$"):
        Card(**{field_name: value})


@pytest.mark.parametrize("field_name", ["name", "note", "id"])
@pytest.mark.parametrize("value", [None, 5, b"x", ["x"], True])
def test_what_is_no_text_is_refused_by_its_type(field_name, value):
    with pytest.raises(InvalidValue, match=rf"^Card\.{field_name} must be text, got {type(value).__name__}$"):
        Card(**{field_name: value})


def test_text_may_hold_white_space_where_an_id_may_not_begin_or_end_with_it():
    assert Card(name=" a\n", id="a b").id == "a b"
    for value in (" a", "a ", "\ta", "a\n", "\u3000a", "a\u00a0"):
        with pytest.raises(InvalidValue, match=r"^Card\.id must not hold control characters or begin or end with white space, got "):
            Card(id=value)


@pytest.mark.parametrize("value", ["a\nb", "a\x1bb", "a\x7fb", "a\x85b"])
def test_an_id_holds_no_control_character(value):
    with pytest.raises(InvalidValue, match="control characters"):
        Card(id=value)


def test_integers_end_where_64_bits_end():
    assert (Card(count=2**63 - 1).count, Card(count=-(2**63)).count) == (2**63 - 1, -(2**63))
    for value in (2**63, -(2**63) - 1):
        with pytest.raises(InvalidValue, match=r"^Card\.count must be between"):
            Card(count=value)


@pytest.mark.parametrize("value", [True, 1.0, "1", None, Decimal(1), float("nan")])
def test_what_is_no_integer_is_refused_by_its_type(value):
    with pytest.raises(InvalidValue, match=rf"^Card\.count must be an integer, got {type(value).__name__}$"):
        Card(count=value)
