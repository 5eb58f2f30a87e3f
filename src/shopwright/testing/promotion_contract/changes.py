"""The same basket, changed in one respect: other facts, facts that are not known, keys put in or taken out, other objects, another order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any

from attrs import evolve

from shopwright.promotions.basket import ATTRIBUTES, Basket, BasketLine, Key
from shopwright.promotions.conditions import AROUND
from shopwright.promotions.reads import LINES, OF_A_LINE, OF_THE_BUYER, OF_THE_SALE, Reads

Fields = dict[str, Any]

NOT_KNOWN: Mapping[str, str | None] = MappingProxyType(
    {"payment_method": None, "ship_to": None, "buyer": "", "tier": None, "segment": None, "orders": None, "joined_at": None, "born": None}
)
"""The facts that may be not known, each with what stands for it then."""


def mixed(basket: Basket, other: Basket, kept: Reads) -> Basket:
    """The facts that are kept from the one basket, and all others from the other; the number of lines is kept with any fact of a line."""
    sale: Fields = {field: getattr(basket if fact in kept else other, field) for fact, field in OF_THE_SALE.items()}
    buyer: Fields = {field: getattr(basket.buyer if fact in kept else other.buyer, field) for fact, field in OF_THE_BUYER.items()}
    lines = other.lines
    if kept & {LINES, *OF_A_LINE}:
        lines = tuple([_mixed_line(line, other.lines[place % len(other.lines)], kept) for place, line in enumerate(basket.lines)])
    return evolve(other, **sale, lines=lines, buyer=evolve(other.buyer, **buyer))


def _mixed_line(line: BasketLine, other: BasketLine, kept: Reads) -> BasketLine:
    fields: Fields = {field: getattr(line, field) for fact, field in OF_A_LINE.items() if fact in kept}
    if "price" in kept:
        fields["off"] = line.off
    return evolve(other, **fields)


def forgotten(basket: Basket, facts: Collection[str]) -> Basket:
    """The basket where these facts are not known."""
    sale: Fields = {OF_THE_SALE[fact]: NOT_KNOWN[fact] for fact in facts if fact in OF_THE_SALE}
    buyer: Fields = {OF_THE_BUYER[fact]: NOT_KNOWN[fact] for fact in facts if fact in OF_THE_BUYER}
    return evolve(basket, **sale, buyer=evolve(basket.buyer, **buyer))


def renewed(basket: Basket) -> Basket:
    """An equal basket of other objects, that knows nothing of what was found out about the first."""
    return evolve(basket, lines=tuple([evolve(line) for line in basket.lines]), buyer=evolve(basket.buyer))


def reordered(basket: Basket, places: Collection[int]) -> Basket:
    """The basket with its lines in this order."""
    return evolve(renewed(basket), lines=tuple([evolve(basket.lines[place]) for place in places]))


def has_any(basket: Basket, keys: Collection[Key]) -> bool:
    """Whether one of the keys is found in the basket, as the engine looks them up."""
    around = {(what, value) for what in AROUND for value in basket.around[what] or ()}
    return not {*basket.places, *around, *[("code", code) for code in basket.codes]}.isdisjoint(keys)


def with_key(basket: Basket, key: Key, place: int) -> Basket:
    """The basket with this key in it; one of a line is put on the line at this place."""
    what, value = key
    if what in ATTRIBUTES:
        line = basket.lines[place]
        now: Any = getattr(line, ATTRIBUTES[what])
        fields: Fields = {ATTRIBUTES[what]: now | {value} if isinstance(now, frozenset) else value}
        changed = evolve(line, **fields)
        return evolve(basket, lines=(*basket.lines[:place], changed, *basket.lines[place + 1 :]))
    if what == "code":
        return evolve(basket, codes=basket.codes | {value})
    named: Any = (basket.buyer.segments or frozenset()) | {value} if what == "segment" else value
    around: Fields = {OF_THE_SALE.get(what) or OF_THE_BUYER[what]: named}
    return evolve(basket, **around) if what in OF_THE_SALE else evolve(basket, buyer=evolve(basket.buyer, **around))


def without_keys(basket: Basket, keys: Collection[Key]) -> Basket:
    """The basket without any of these keys: lines that have one are gone, and around it another value or none stands."""
    left = tuple([line for line in basket.lines if not has_any(evolve(basket, lines=(line,)), [key for key in keys if key[0] in ATTRIBUTES])])
    plain = BasketLine("a thing without a key", basket.lines[0].quantity, basket.lines[0].unit_price)
    codes = frozenset(code for code in basket.codes if ("code", code) not in keys)
    segments = basket.buyer.segments
    if segments is not None:
        segments = frozenset(name for name in segments if ("segment", name) not in keys)
    bare = evolve(basket, lines=left or (plain,), codes=codes, buyer=evolve(basket.buyer, segments=segments))
    if ("channel", bare.channel) in keys:
        bare = evolve(bare, channel="a channel without a key")
    met = [what for what in AROUND if what in NOT_KNOWN and what != "segment" and any((what, value) in keys for value in bare.around[what] or ())]
    return forgotten(bare, met)
