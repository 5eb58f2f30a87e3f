"""The words of promotion files: by which key each condition, effect and predicate over lines is known.

Rules
- a class is known by its name in small letters, `CartTotal` as `cart_total`; where another word reads better it is in the tables here;
- what can be one of several attributes is known by the attribute: `{sku: tea}`, `{tier: gold}`;
- plug-ins bring kinds of their own with `Words.with_kinds`; they are attrs classes whose fields are of types that files know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
from attrs import evolve, field, frozen

from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.promotions.amounts import Amount
from shopwright.promotions.basket import ATTRIBUTES
from shopwright.promotions.birthdays import BirthdayWindow
from shopwright.promotions.conditions import (
    AROUND,
    All,
    AnyOf,
    Birthday,
    CartQuantity,
    CartTotal,
    Code,
    Condition,
    During,
    Issued,
    NewBuyer,
    Not,
    NthOrder,
    OneOf,
)
from shopwright.promotions.effects import AcrossOff, EachOff, Effect, FixedPrice, OnceOff, Percent
from shopwright.promotions.extras import Extra, Ladder, ShippingOff
from shopwright.promotions.matching import Anything, Either, Every, Except, LineMatch, Named, NotReduced, Priced, Quantity
from shopwright.promotions.units import Bundle, BuyGet, EveryNth
from shopwright.promotions.windows import DateWindow, Recurring
from shopwright.wire.objects import Fields, Kind, OneKind
from shopwright.wire.shapes import DAY, MONEY, RATE, SPAN, TIME, Choice, Flag, Many, Optional, Shape, Text, Whole

Kinds = tuple[tuple[str, type], ...]

NAMES = Many(Text(), frozenset, str, alone=True)
"""One name or several."""
_SIMPLE: dict[Any, Shape] = {str: Text(), int: Whole(), bool: Flag(), datetime: TIME, date: DAY, timedelta: SPAN, Money: MONEY}
_RATES = frozenset({"percent", "points_rate"})
_CONDITIONS = (CartTotal, CartQuantity, NthOrder, NewBuyer)
_EFFECTS = (Percent, EachOff, AcrossOff, OnceOff, FixedPrice, Ladder, ShippingOff, Extra, BuyGet, EveryNth, Bundle)
_MATCHES = (Anything, NotReduced, Quantity)


def word(type: type) -> str:
    """The name of a class as a file has it: `CartTotal` is `cart_total`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type.__name__).lower()


def _named(types: tuple[type, ...]) -> Kinds:
    return tuple([(word(each), each) for each in types])


@frozen
class Words:
    """All that promotion files can say. Make one with more by `with_kinds`."""

    conditions: Kinds = field(default=_named(_CONDITIONS))
    effects: Kinds = field(default=_named(_EFFECTS))
    matches: Kinds = field(default=_named(_MATCHES))

    def with_kinds(
        self, *, conditions: Mapping[str, type] | None = None, effects: Mapping[str, type] | None = None, matches: Mapping[str, type] | None = None
    ) -> Words:
        """These words and more, by key; raises `InvalidValue` for a key that is taken and for what is no frozen attrs class."""
        grown = self
        for name, more in (("conditions", conditions), ("effects", effects), ("matches", matches)):
            taken = {kind.key for kind in {"conditions": _conditions, "effects": _effects, "matches": _matches}[name](self)}
            for key, type in (more or {}).items():
                if type.__hash__ is None:
                    got = f"{type.__name__} for {key!r}"
                    raise InvalidValue(f"expected {name} as frozen classes, so that their values hash, got {got}; use attrs.frozen")
                if key in taken or not attrs.has(type):
                    expected = f"expected {name} as attrs classes under keys of their own"
                    raise InvalidValue(f"{expected}, got {key!r} for {type.__name__}; taken: {', '.join(sorted(taken))}")
            grown = evolve(grown, **{name: (*getattr(grown, name), *(more or {}).items())})
        return grown

    def fields(self, type: type) -> Fields:
        """The shape of a class."""
        return Fields(type, _shaper(self))

    def shape(self, hint: Any) -> Shape:
        """The shape of values of this type; raises `InvalidValue` for a type that files do not know."""
        members = [each for each in get_args(hint) if each is not NoneType]
        if get_origin(hint) in {Union, UnionType} and len(members) == 1:
            return Optional(self.shape(members[0]))
        if hint in {Condition, Effect, LineMatch}:
            return _union(self, {Condition: "Condition", Effect: "Effect", LineMatch: "Lines"}[hint])
        if get_origin(hint) is tuple and len(members) == 2 and members[1] is Ellipsis:
            return Many(_amount(self), alone=True) if members[0] is Amount else Many(self.shape(members[0]))
        if get_origin(hint) is frozenset:
            return NAMES if members[0] is str else Many(self.shape(members[0]), frozenset, _itself, alone=True)
        if hint in _SIMPLE:
            return _SIMPLE[hint]
        if isinstance(hint, type) and issubclass(hint, Enum):
            return Choice.of(hint)
        if isinstance(hint, type) and attrs.has(hint):
            return self.fields(hint)
        known = "text, integers, booleans, times, money, enumerations, attrs classes, and tuples of these"
        raise InvalidValue(f"expected a type that files know ({known}), got {hint}")


WORDS = Words()
"""The words of Shopwright itself."""


def _itself(value: Any) -> Any:
    return value


@cache
def _shaper(words: Words) -> Callable[[type, attrs.Attribute[Any]], Shape]:
    def shape_of(type: type, attribute: attrs.Attribute[Any]) -> Shape:
        if attribute.name in _RATES:
            return RATE
        return words.shape(_hints(type)[attribute.name])

    return shape_of


@cache
def _hints(type: type) -> dict[str, Any]:
    return get_type_hints(type)


@cache
def _union(words: Words, name: str) -> OneKind:
    make = {"Condition": _conditions, "Effect": _effects, "Lines": _matches}[name]
    return OneKind(name, cache(lambda: make(words)))


@cache
def _amount(words: Words) -> Shape:
    """An amount as bare text, or with its channel as an object."""
    return _AmountShape(words.fields(Amount))


@frozen
class _AmountShape:
    """An amount in every channel as its text, one of a channel as an object."""

    whole: Fields

    def read(self, node: Any, path: str, problems: Any) -> Any:
        """The amount."""
        from shopwright.wire.marked import Entries
        from shopwright.wire.shapes import BAD

        if isinstance(node, Entries):
            return self.whole.read(node, path, problems)
        money = MONEY.read(node, path, problems)
        return BAD if money is BAD else Amount(money)

    def write(self, value: Amount) -> Any:
        """The text, or the object."""
        return self.whole.write(value) if value.channel else MONEY.write(value.money)

    def schema(self, defs: dict[str, Any]) -> dict[str, Any]:
        """One of both."""
        return {"anyOf": [MONEY.schema(defs), self.whole.schema(defs)]}


def _of(words: Words, kinds: Kinds) -> list[Kind]:
    return [Kind.of(key, type, words.fields(type)) for key, type in kinds]


def _parts(key: str, type: Any, shape: Shape, name: str = "of") -> Kind:
    """A kind of one field, which stands right behind the key."""
    return Kind(key, shape, type, lambda value: getattr(value, name), lambda value: value.__class__ is type)


def _by_attribute(type: Any, name: str, attribute: str) -> Kind:
    """`Named("sku", ...)` as `sku`."""
    return Kind(
        attribute,
        NAMES,
        lambda values: type(attribute, values),
        lambda value: value.values,
        lambda value: value.__class__ is type and getattr(value, name) == attribute,
    )


def _during(words: Words, key: str, window: type) -> Kind:
    return Kind(
        key, words.fields(window), During, lambda value: value.window, lambda value: value.__class__ is During and value.window.__class__ is window
    )


@cache
def _conditions(words: Words) -> tuple[Kind, ...]:
    one = _union(words, "Condition")
    return (
        _parts("all", All, Many(one)),
        _parts("any", AnyOf, Many(one)),
        _parts("not", Not, one),
        _parts("code", Code, NAMES, "codes"),
        _parts("issued", Issued, Text(), "promotion"),
        *[_by_attribute(OneOf, "what", what) for what in AROUND],
        _during(words, "during", DateWindow),
        _during(words, "recurring", Recurring),
        _parts("birthday", Birthday, words.fields(BirthdayWindow), "window"),
        *_of(words, words.conditions),
    )


@cache
def _effects(words: Words) -> tuple[Kind, ...]:
    return tuple(_of(words, words.effects))


@cache
def _matches(words: Words) -> tuple[Kind, ...]:
    one = _union(words, "Lines")
    return (
        _parts("all", Every, Many(one)),
        _parts("any", Either, Many(one)),
        _parts("not", Except, one),
        *[_by_attribute(Named, "attribute", attribute) for attribute in ATTRIBUTES],
        Kind.of("price", Priced, words.fields(Priced)),
        *_of(words, words.matches),
    )
