"""What of a basket a condition, an effect or a predicate over lines looks at, so that it can be held to it and told.

    reads_of(OneOf("tier", {"gold"}))                   # {"tier"}
    reads_of(CartTotal(least=Money(5_000, "EUR")))      # {"price", "quantity", "currency", "channel"}

Rules
- a fact that is not named changes nothing: neither whether a condition holds nor what an effect takes;
- ours are told here, and a plug-in's by its attribute `reads`, a set of names out of `FACTS`;
- what earlier promotions have left of the lines and of shipping is no fact of the basket: every effect may look at it.
"""

from __future__ import annotations

from collections.abc import Iterable
from reprlib import repr as shown
from types import MappingProxyType
from typing import Any

from shopwright.errors import InvalidValue
from shopwright.promotions.conditions import All, AnyOf, Birthday, CartQuantity, CartTotal, Code, During, NewBuyer, Not, NthOrder, OneOf
from shopwright.promotions.effects import AcrossOff, EachOff, FixedPrice, OnceOff, Percent
from shopwright.promotions.extras import Extra, Ladder, ShippingOff
from shopwright.promotions.matching import Anything, Either, Every, Except, Named, NotReduced, Priced, Quantity
from shopwright.promotions.units import Bundle, BuyGet, EveryNth

Reads = frozenset[str]

OF_A_LINE = MappingProxyType(
    {
        "sku": "sku",
        "quantity": "quantity",
        "price": "unit_price",
        "product": "product",
        "seller": "seller",
        "brand": "brand",
        "category": "categories",
        "tag": "tags",
        "floor": "floor",
        "reduced": "reduced",
    }
)
"""What can be read of each line, and the field that holds it; `off` goes with the price, and `amount` is made of price and quantity."""

OF_THE_SALE = MappingProxyType(
    {
        "currency": "currency",
        "at": "at",
        "code": "codes",
        "shipping": "shipping",
        "channel": "channel",
        "payment_method": "payment_method",
        "ship_to": "ship_to",
    }
)
"""What can be read of a basket as a whole, and the field that holds it."""

OF_THE_BUYER = MappingProxyType(
    {
        "buyer": "id",
        "tier": "tier",
        "segment": "segments",
        "orders": "orders",
        "joined_at": "joined_at",
        "born": "born",
        "zone": "zone",
    }
)
"""What can be read of the buyer, and the field that holds it."""

LINES = "lines"
"""How many lines there are; who reads anything of a line reads this too."""

FACTS: Reads = frozenset((LINES, *OF_A_LINE, *OF_THE_SALE, *OF_THE_BUYER))
"""The names of all facts of a basket."""

MARKET: Reads = frozenset(("currency", "channel"))
"""What amounts are chosen by."""

ROOM: Reads = frozenset(("price", "quantity", "floor"))
"""What says how much may be taken off a line."""


def reads_of(part: object) -> Reads:
    """What a condition, an effect or a predicate over lines looks at; raises `InvalidValue` for a plug-in's that does not say it."""
    match part:
        case All(of=parts) | AnyOf(of=parts) | Every(of=parts) | Either(of=parts):
            return _all_of(parts)
        case Not(of=one) | Except(of=one):
            return reads_of(one)
        case OneOf(what=name) | Named(attribute=name):
            return frozenset((name,))
        case CartTotal(lines=lines):
            return reads_of(lines) | MARKET | {"price", "quantity"}
        case CartQuantity(lines=lines):
            return reads_of(lines) | {"quantity"}
        case Percent() | EachOff() | AcrossOff() | OnceOff() | FixedPrice() | Ladder() | EveryNth():
            return reads_of(part.lines) | MARKET | ROOM
        case BuyGet(bought=bought, given=given):
            return reads_of(bought) | reads_of(given) | MARKET | ROOM
        case Bundle(parts=parts):
            return _all_of(one.lines for one in parts) | MARKET | ROOM
        case _:
            found = _SIMPLE.get(type(part))
            return _declared(part) if found is None else found


_SIMPLE: dict[type, Reads] = {
    Code: frozenset(("code",)),
    NthOrder: frozenset(("orders",)),
    NewBuyer: frozenset(("joined_at", "at")),
    During: frozenset(("at",)),
    Birthday: frozenset(("born", "zone", "at")),
    Anything: frozenset((LINES,)),
    Priced: MARKET | {"price"},
    NotReduced: frozenset(("reduced",)),
    Quantity: frozenset(("quantity",)),
    ShippingOff: MARKET | {"shipping"},
    Extra: frozenset(),
}


def _all_of(parts: Iterable[Any]) -> Reads:
    return frozenset[str]().union(*[reads_of(part) for part in parts])


def _declared(part: object) -> Reads:
    reads = getattr(part, "reads", None)
    if isinstance(reads, frozenset) and reads <= FACTS:
        return reads
    unknown = ", ".join(sorted(map(str, reads - FACTS))) if isinstance(reads, frozenset) else shown(reads)
    raise InvalidValue(f"{type(part).__name__}.reads must be a frozenset of {', '.join(sorted(FACTS))}, got {unknown}")
