"""The short way to text writes what the long way writes, and leaves to it what is wrong."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from attrs import define, evolve, frozen
from hypothesis import given

from shopwright.errors import InvalidValue
from shopwright.ports.kinds import Kinds
from shopwright.wire import texts
from shopwright.wire.codec import Codec
from shopwright.wire.converters import converter
from shopwright.wire.direct import writers
from shopwright.wire.kinds import KINDS
from tests.unit.wire.test_codec import BODY, VALUE, Event, values


@frozen
class Tree:
    name: str
    children: tuple[Tree, ...] = ()


@frozen
class Forest:
    trees: tuple[Tree, ...]


@define
class Draft:
    words: str


@frozen
class Pile:
    drafts: tuple[Draft, ...]


def straight(value: Any, *, sort_keys: bool = False) -> str:
    return writers(sort_keys=sort_keys).document(type(value))(value)


def by_the_long_way(value: Any, *, sort_keys: bool = False) -> str:
    plain = converter(worded=False).unstructure(value)
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"), sort_keys=sort_keys)


def test_each_type_is_written_as_the_table_says():
    assert straight(VALUE) == BODY


@given(value=values)
@pytest.mark.parametrize("sort_keys", [False, True])
def test_both_ways_write_the_same_text(value, sort_keys):
    assert straight(value, sort_keys=sort_keys) == by_the_long_way(value, sort_keys=sort_keys)


@pytest.mark.parametrize("kind", [*KINDS.documents, *KINDS.records], ids=lambda kind: kind.name)
def test_whatever_a_shop_keeps_has_a_short_way(kind):
    assert callable(writers(sort_keys=False).document(kind.type))


def test_a_class_that_is_part_of_itself_is_written():
    tree = Tree("root", (Tree("left", (Tree("leaf"),)), Tree("right")))
    expected = '{"name":"root","children":[{"name":"left","children":[{"name":"leaf"}]},{"name":"right"}]}'
    assert straight(tree) == expected


def test_equal_arrays_and_the_same_array_again_are_written_alike():
    forest = Forest((Tree("a"), Tree("b")))
    for each in (forest, evolve(forest), Forest((Tree("a"), Tree("b"))), Forest((Tree("c"),)), forest, Forest(())):
        assert straight(each) == by_the_long_way(each)


def test_an_array_of_what_can_change_is_written_anew_each_time():
    pile = Pile((Draft("first"),))
    assert straight(pile) == '{"drafts":[{"words":"first"}]}'
    pile.drafts[0].words = "second"
    assert straight(pile) == '{"drafts":[{"words":"second"}]}'


@pytest.mark.parametrize("wrong", [{"count": "5"}, {"count": None}, {"name": 5}, {"flag": "yes"}, {"pair": ("a",)}, {"shape": Event("x")}])
def test_what_a_field_does_not_declare_is_left_to_the_long_way(wrong):
    with pytest.raises((AttributeError, LookupError, TypeError, ValueError)):
        straight(evolve(VALUE, **wrong))


@pytest.mark.parametrize("wrong", [{"name": "\0"}, {"name": "\ud800"}, {"count": 2**63}])
def test_what_no_store_keeps_is_told_by_the_long_way(wrong):
    with pytest.raises(InvalidValue, match=r"@ \$\.(name|count)"):
        Codec(Kinds(), json=texts.stdlib()).dump(evolve(VALUE, **wrong))


def test_a_long_run_of_digits_in_a_text_is_kept():
    value = evolve(VALUE, name=str(sys.maxsize) * 3)
    assert json.loads(Codec(Kinds(), json=texts.stdlib()).dump(value))["name"] == value.name


@frozen
class Nothing:
    pass


def test_a_class_without_fields_is_an_empty_object():
    assert straight(Nothing()) == by_the_long_way(Nothing()) == "{}"
