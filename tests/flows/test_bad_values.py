"""Wrong values in the fields of commands, and in all that stands in commands, are refused where the value is made, by the name of the field."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs
import pytest

import shopwright
from shopwright.errors import InvalidValue
from shopwright.flows import commands as c
from shopwright.payments.notifications import RawNotification
from tests.flows.mall import START
from tests.flows.verbs import COMMANDED, a_command, all_values

JUNK = (None, True, 7, 1.5, "x", b"x", object(), [], {}, (), ("x",), ((1,),), (("a", None),), datetime(2026, 3, 1), timedelta(1), print)
"""Something of every sort; a field takes what its annotation names, and nothing else."""

BAD_TEXT = ("a\0b", "\ud83d", "x" * 10_000)
BAD_NUMBERS = (2**63, -(2**63) - 1, 2**200)


def fits(value: Any, hint: Any) -> bool:
    """Whether a value is of the annotated type, all the way down."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(fits(value, arg) for arg in args)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if args[-1] is Ellipsis:
            return all(fits(item, args[0]) for item in value)
        return len(value) == len(args) and all(map(fits, value, args))
    if origin is frozenset:
        return isinstance(value, frozenset) and all(fits(item, args[0]) for item in value)
    if origin is Sequence:
        return isinstance(value, list | tuple) and all(fits(item, args[0]) for item in value)
    if isinstance(hint, TypeVar):
        return True
    if hint is NoneType:
        return value is None
    if hint is int:
        return type(value) is int
    if hint is datetime:
        return isinstance(value, datetime) and value.tzinfo is not None
    return isinstance(value, hint)


def takes(hint: Any, type_: type) -> bool:
    """Whether this type stands anywhere in an annotation."""
    return hint is type_ or any(takes(arg, type_) for arg in get_args(hint))


def wrong_for(hint: Any) -> Iterator[Any]:
    """All that may not stand in a field of this annotation."""
    yield from (junk for junk in JUNK if not fits(junk, hint))
    if fits("x", hint):
        yield from BAD_TEXT
    if fits(1, hint):
        yield from BAD_NUMBERS
    if hint == tuple[tuple[str, str | int | bool], ...]:
        yield from ((("", 1),), (("a", 2**63),), (("a\0", 1),), (("a", "\ud83d"),), (("x" * 300, 1),), (("a", "x" * 5_000),), (("a", 1.5),))
    if hint == tuple[tuple[int, int], ...]:
        yield from (((1, 2**63),), ((0, 1),), ((1, 0),), ((1, -1),), ((True, 1),), ((1, 2, 3),), ([1, 1],))


FIELDS = [
    pytest.param(value, field, get_type_hints(type(value))[field.name], id=f"{type(value).__name__}.{field.name}")
    for value in all_values()
    for field in attrs.fields(type(value))
    if field.init
]


@pytest.mark.parametrize(("value", "field", "hint"), FIELDS)
def test_what_a_field_cannot_hold_is_refused_by_the_name_of_the_field(value: Any, field: Any, hint: Any) -> None:
    wrong = list(wrong_for(hint))
    assert wrong, "there is always something that does not fit"
    for junk in wrong:
        with pytest.raises(InvalidValue) as caught:
            _made(value, field, hint, junk)
        assert re.search(rf"\b{field.name.replace('_', '[_ ]')}\b", str(caught.value)), (junk, str(caught.value))


def _made(value: Any, field: Any, hint: Any, junk: Any) -> None:
    """Make the value with junk in this field; a field that converts what it is given may make something good of it."""
    made = attrs.evolve(value, **{field.name: junk})
    if field.converter is not None and fits(getattr(made, field.name), hint):
        raise InvalidValue(f"{field.name} was made to fit")


def test_every_command_has_a_sample_and_every_sample_is_a_good_one() -> None:
    for verb in COMMANDED:
        assert verb.command is not None
        assert isinstance(a_command(verb.command), verb.command), verb


@pytest.mark.parametrize("key", ["", "k" * 151, "k\0", "\ud800", None, 5])
@pytest.mark.parametrize("verb", COMMANDED, ids=str)
def test_a_key_is_text_of_1_to_150_characters(verb: Any, key: Any) -> None:
    with pytest.raises(InvalidValue, match=r"\.key "):
        attrs.evolve(a_command(verb.command), key=key)


def test_a_shipment_names_both_a_carrier_and_what_is_wanted_or_neither() -> None:
    for facts in ({"carrier": ""}, {"wanted": None}):
        with pytest.raises(InvalidValue, match="both a carrier and what is wanted"):
            attrs.evolve(a_command(c.ShipOrder), **facts)


PUBLIC = tuple(getattr(shopwright, name) for name in sorted(shopwright.__all__) if inspect.isfunction(getattr(shopwright, name)))


@pytest.mark.parametrize("function", PUBLIC, ids=lambda function: function.__name__)
def test_every_public_function_takes_what_its_annotations_name_and_refuses_the_rest(function: Any) -> None:
    parameters = inspect.signature(function).parameters.values()
    hints = get_type_hints(function)
    for junk in (None, 7, "x\0", object(), [], b"x"):
        if all(fits(junk, hints[it.name]) for it in parameters if it.default is it.empty):
            continue
        given = {it.name: junk for it in parameters if it.default is it.empty}
        with pytest.raises(InvalidValue):
            function(**given)


def test_headers_may_be_a_mapping_as_web_frameworks_have_them() -> None:
    raw = RawNotification(headers={"Signature": "x", "ab": "cd"}, body=b"", received_at=START)  # type: ignore[arg-type]  # frameworks do that
    assert (raw.headers, raw.header("signature")) == ((("Signature", "x"), ("ab", "cd")), "x")
