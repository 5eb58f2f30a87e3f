"""What promotions see of a cart: its lines at list prices and what price rules have taken off them, who buys, how and when.

Rules
- a basket is plain data that whoever prices a cart makes from it, so that the engine can be used alone;
- what nobody knows is `None`, and is never taken for "no": a condition that needs it is skipped and says what is missing;
- the lines have one order of their own (`canonical`), by what they are and not by where they stand, so that the order of a cart changes nothing;
- what many promotions ask of the same basket is worked out once and kept on it; it is no part of the value.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter
from reprlib import repr as shown
from typing import Any

from attrs import field, fields, frozen

from shopwright.edges import aware, maybe, members, of, text, texts, whole
from shopwright.errors import InvalidValue
from shopwright.money import Money
from shopwright.periods import utc, zone_of

Key = tuple[str, str]
"""An attribute and a value of it, as `("sku", "tea")`."""

ATTRIBUTES = {"sku": "sku", "product": "product", "seller": "seller", "brand": "brand", "category": "categories", "tag": "tags"}
"""What a line can be named by, and the field that holds it."""

_named_by = attrgetter(*ATTRIBUTES.values())

MAX_LINES = 500
"""The most lines of a basket."""

MAX_QUANTITY = 1_000_000
"""The most units of one line."""


def as_names(given: Any) -> frozenset[str]:
    """A converter: one name or several, as a set; raises `InvalidValue` for what is neither."""
    try:
        return frozenset((given,)) if isinstance(given, str) else frozenset(given)
    except TypeError:
        raise InvalidValue(f"expected a name or several, such as {{'tea', 'cup'}}, got {shown(given)}") from None


def names(instance: Any, attribute: Any, value: Any) -> None:
    """A validator for a set of names of 1 to 200 characters."""
    of(frozenset)(instance, attribute, value)
    texts(least=1)(instance, attribute, tuple(value))


def some_names(instance: Any, attribute: Any, value: Any) -> None:
    """A validator for a set of such names with at least one in it."""
    names(instance, attribute, value)
    if not value:
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must have at least one name, got none; what names nothing never holds")


@frozen(slots=False)
class BasketLine:
    """So many units of one sku at one price, in minor units of the basket's currency.

    `product` is what variants have in common, `categories` are those it stands in with all that are above them (`CategoryTree.with_above`).
    `floor` is the price per unit that no promotion may go below, and `reduced` says that the price is a reduced one already. `off` is what price
    rules have taken off the whole line before any promotion is looked for (`promotions.shelf`); the unit price is the list price, from which
    `Basis.LIST` reckons.
    """

    sku: str = field(validator=text(least=1))
    quantity: int = field(validator=whole(least=1, most=MAX_QUANTITY))
    unit_price: int = field(validator=whole(least=0))
    product: str = field(default="", validator=text())
    seller: str = field(default="", validator=text())
    brand: str = field(default="", validator=text())
    categories: frozenset[str] = field(default=frozenset(), converter=as_names, validator=names)
    tags: frozenset[str] = field(default=frozenset(), converter=as_names, validator=names)
    floor: int = field(default=0, validator=whole(least=0))
    reduced: bool = field(default=False, validator=of(bool))
    off: int = field(default=0, validator=whole(least=0))

    @property
    def amount(self) -> int:
        """What the line amounts to before promotions: its list price less what price rules took off it, never below zero."""
        return max(0, self.unit_price * self.quantity - self.off)


def _as_known_names(given: Any) -> frozenset[str] | None:
    return None if given is None else as_names(given)


def _is_day(instance: Any, attribute: Any, value: Any) -> None:
    of(date)(instance, attribute, value)
    if isinstance(value, datetime):
        raise InvalidValue(f"{type(instance).__name__}.{attribute.name} must be a date without a time, got {value.isoformat()}; give its date()")


def _is_zone(instance: Any, attribute: Any, value: Any) -> None:
    text(least=1, most=100)(instance, attribute, value)
    zone_of(value)


@frozen
class Buyer:
    """What is known of who buys; `None` is not known.

    `orders` counts the orders placed before this one and not canceled; `born` is a date of birth, read in `zone`. Raises `InvalidValue` for
    wrong types and for a zone that the IANA database does not know.
    """

    id: str = field(default="", validator=text())
    tier: str | None = field(default=None, validator=maybe(text()))
    segments: frozenset[str] | None = field(default=None, converter=_as_known_names, validator=maybe(names))
    orders: int | None = field(default=None, validator=maybe(whole(least=0)))
    joined_at: datetime | None = field(default=None, validator=maybe(aware))
    born: date | None = field(default=None, validator=maybe(_is_day))
    zone: str = field(default="UTC", validator=_is_zone)


@frozen(slots=False)
class Basket:
    """Lines in one currency, at one moment (kept in UTC), with what is known about the sale.

    `shipping` is what shipping costs before promotions, in minor units; `codes` are the codes that were typed, normalized. Raises
    `InvalidValue` for wrong types, an unknown currency, a time without a zone or outside the years 2 to 9998, no line, and more than 500 lines.
    """

    currency: str = field(validator=text(least=3, most=3))
    lines: tuple[BasketLine, ...] = field(validator=members(BasketLine, least=1))
    at: datetime = field(converter=utc)
    codes: frozenset[str] = field(default=frozenset(), converter=as_names, validator=names)
    shipping: int = field(default=0, validator=whole(least=0))
    channel: str = field(default="", validator=text())
    payment_method: str | None = field(default=None, validator=maybe(text()))
    ship_to: str | None = field(default=None, validator=maybe(text()))
    buyer: Buyer = field(default=Buyer(), validator=of(Buyer))

    def __attrs_post_init__(self) -> None:
        if len(self.lines) > MAX_LINES:
            raise InvalidValue(f"a basket has at most {MAX_LINES} lines, got {len(self.lines)}; price the cart in parts")
        if not 2 <= self.at.year <= 9998:
            raise InvalidValue(f"Basket.at must be in the years 2 to 9998, which every zone has whole, got {self.at.isoformat()}")
        Money(sum(line.amount for line in self.lines) + self.shipping, self.currency)

    @cached_property
    def amount(self) -> int:
        """What the lines amount to before promotions, without shipping."""
        return sum(self.amounts)

    @cached_property
    def market(self) -> tuple[str, str]:
        """Its currency and sales channel."""
        return self.currency, self.channel

    @cached_property
    def around(self) -> Mapping[str, frozenset[str] | None]:
        """What stands around the lines, by its name; `None` where it is not known."""
        buyer = self.buyer
        one = {"channel": self.channel, "payment_method": self.payment_method, "ship_to": self.ship_to, "tier": buyer.tier, "buyer": buyer.id or None}
        return {"segment": buyer.segments} | {what: None if value is None else frozenset((value,)) for what, value in one.items()}

    @cached_property
    def units(self) -> int:
        """How many units its lines have."""
        return sum([line.quantity for line in self.lines])

    @cached_property
    def amounts(self) -> tuple[int, ...]:
        """What each line amounts to before promotions."""
        return tuple([line.amount if line.off else line.unit_price * line.quantity for line in self.lines])

    @cached_property
    def floors(self) -> tuple[int, ...]:
        """What each line may not go below."""
        return tuple([line.floor * line.quantity for line in self.lines])

    @cached_property
    def places(self) -> Mapping[Key, tuple[int, ...]]:
        """Where the lines stand that have an attribute of a value."""
        found: dict[Key, list[int]] = {}
        for place, line in enumerate(self.lines):
            for attribute, value in zip(ATTRIBUTES, _named_by(line), strict=True):
                for each in value if value.__class__ is frozenset else (value,) if value else ():
                    found.setdefault((attribute, each), []).append(place)
        return {key: tuple(places) for key, places in found.items()}

    @cached_property
    def keys(self) -> frozenset[Key]:
        """All names that are in it: of its lines, of what stands around them, and the codes that were typed."""
        around = [(what, value) for what, values in self.around.items() for value in values or ()]
        return frozenset([*self.places, *around, *[("code", code) for code in self.codes]])

    @cached_property
    def known(self) -> dict[int, tuple[Any, Any]]:
        """What was found out for a predicate or a condition: kept by its identity, beside itself so that the identity stays its own."""
        return {}

    @cached_property
    def worths(self) -> dict[int, tuple[Any, Any]]:
        """What the lines are worth that a predicate means, kept in the same way."""
        return {}


def canonical(lines: tuple[BasketLine, ...]) -> tuple[int, ...]:
    """The places of the lines in their own order: by sku, then by all else that tells two lines apart."""
    skus = [line.sku for line in lines]
    if len(set(skus)) == len(skus):
        return tuple(sorted(range(len(lines)), key=skus.__getitem__))
    return tuple(sorted(range(len(lines)), key=lambda place: _identity(lines[place])))


def arranged(basket: Basket, places: tuple[int, ...]) -> Basket:
    """The same basket with its lines as they stand at these places; nothing is checked again."""
    if places == tuple(range(len(places))):
        return basket
    same = object.__new__(Basket)
    vars(same).update({each.name: getattr(basket, each.name) for each in fields(Basket)})
    vars(same)["lines"] = tuple([basket.lines[place] for place in places])
    return same


def _identity(line: BasketLine) -> tuple[Any, ...]:
    sets = tuple(sorted(line.categories)), tuple(sorted(line.tags))
    return line.sku, line.unit_price, line.quantity, line.product, line.seller, line.brand, line.floor, line.reduced, line.off, sets
