"""What may enter a value at all."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import Any

import pytest
from attrs import field, frozen

from shopwright import edges
from shopwright.errors import InvalidValue


@frozen
class Sample:
    name: str = field(default="x", validator=edges.text(least=1, most=5))
    lines: tuple[str, ...] = field(default=(), validator=edges.texts(most=5))
    count: int = field(default=0, validator=edges.whole(least=0, most=9))
    at: datetime = field(default=datetime(2026, 1, 1, tzinfo=UTC), validator=edges.aware)
    parts: tuple[int, ...] = field(default=(1,), validator=edges.members(int, least=1))
    note: str | None = field(default=None, validator=edges.maybe(edges.text(most=5)))
    facts: edges.Pairs = field(default=(), converter=edges.sorted_pairs, validator=edges.fact_pairs)
    plain: tuple[tuple[str, str | int | bool], ...] = field(default=(), validator=edges.plain_facts)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"name": ""}, "Sample.name must have 1 to 5 characters, got 0"),
        ({"name": "sixsix"}, "Sample.name must have 1 to 5 characters, got 6"),
        ({"name": 5}, "Sample.name must be text, got int"),
        ({"name": None}, "Sample.name must be text, got NoneType"),
        ({"name": "a\0b"}, "Sample.name must not hold U+0000 or a lone surrogate"),
        ({"name": "\ud83d"}, "Sample.name must not hold U+0000 or a lone surrogate"),
        ({"lines": ["a"]}, "Sample.lines must be tuple, got list"),
        ({"lines": ("a", 1)}, "Sample.lines must be str, got int"),
        ({"lines": ("a", "toolong")}, "Sample.lines must have 0 to 5 characters, got 7"),
        ({"count": True}, "Sample.count must be an integer, got bool"),
        ({"count": 1.0}, "Sample.count must be an integer, got float"),
        ({"count": -1}, "Sample.count must be between 0 and 9, got -1"),
        ({"count": 10}, "Sample.count must be between 0 and 9, got 10"),
        ({"at": datetime(2026, 1, 1)}, "Sample.at must be a datetime with a time zone, got datetime.datetime(2026, 1, 1, 0, 0)"),
        ({"at": "now"}, "Sample.at must be a datetime with a time zone, got 'now'"),
        ({"parts": ()}, "Sample.parts must have at least 1 members, got 0"),
        ({"parts": (1, "2")}, "Sample.parts must be int, got str"),
        ({"note": "sixsix"}, "Sample.note must have 0 to 5 characters, got 6"),
        ({"facts": {"": "x"}}, "Sample.facts must have 1 to 200 characters, got 0"),
        ({"facts": {"name": 5}}, "Sample.facts must be text, got int"),
        ({"facts": {"name": "x" * 4_001}}, "Sample.facts must have 0 to 4000 characters, got 4001"),
        ({"facts": 5}, "expected facts as a mapping or as pairs of text, got 5"),
        ({"facts": None}, "expected facts as a mapping or as pairs of text, got None"),
        ({"facts": ("ab", 7)}, "expected facts as a mapping or as pairs of text, got ('ab', 7)"),
        ({"facts": {"a": "1", 2: "2"}}, "expected facts as a mapping or as pairs of text, got {'a': '1', 2: '2'}"),
        ({"plain": {"a": 1}}, "Sample.plain must be tuple, got dict"),
        ({"plain": ("ab",)}, "Sample.plain must be tuple, got str"),
        ({"plain": (("a", 1, 2),)}, "Sample.plain must be pairs of a name and a fact, got ('a', 1, 2)"),
        ({"plain": (("", 1),)}, "Sample.plain must have 1 to 200 characters, got 0"),
        ({"plain": (("a", "\ud800"),)}, "Sample.plain must not hold U+0000 or a lone surrogate"),
        ({"plain": (("a", 1.5),)}, "Sample.plain must be an integer, got float"),
        ({"plain": (("a", 2**63),)}, f"Sample.plain must be between {-(2**63)} and {2**63 - 1}, got {2**63}"),
    ],
)
def test_what_does_not_fit_is_refused_by_the_name_of_its_field(facts: dict[str, Any], message: str):
    with pytest.raises(InvalidValue) as caught:
        Sample(**facts)
    assert str(caught.value) == message


def test_any_script_and_none_where_it_may_be_enter_as_they_are():
    sample = Sample(name="凛🙂é", note=None, count=9, facts={"b": "2", "a": "1"})
    assert (sample.name, sample.facts) == ("凛🙂é", (("a", "1"), ("b", "2")))


def test_loose_facts_are_the_same_value_in_any_order():
    assert Sample(facts={"b": "2", "a": "1"}) == Sample(facts=(("a", "1"), ("b", "2")))


class Level(IntEnum):
    LOW = 1


class Word(StrEnum):
    YES = "yes"


def test_integers_and_texts_of_a_narrower_type_enter_too():
    assert Sample(count=Level.LOW, name=Word.YES) == Sample(count=1, name="yes")


def test_plain_facts_are_text_integers_and_booleans():
    facts = (("a", "x"), ("b", -1), ("c", True), ("a", "twice is fine"))
    assert Sample(plain=facts).plain == facts
