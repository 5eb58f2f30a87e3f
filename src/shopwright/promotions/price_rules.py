"""Rules that change what a unit costs before any promotion of a cart is looked for: member prices, catalog prices and flash prices.

    book = PriceBook((
        MemberPrice(id="gold", to=SetPrice(Money(900, "EUR")), who=Audience(tiers={"gold"}), lines=Named("sku", "TEA")),
        CatalogPrice(id="spring", to=PercentOff(1_000), lines=Named("tag", "spring"), window=DateWindow(ends=may)),
        CatalogPrice(id="flash", to=SetPrice(Money(500, "EUR")), lines=Named("sku", "CUP"), units=100, units_per_member=2),
    ))

Rules
- a rule looks at one product, at who buys, and at the moment, never at the rest of the cart: a product page shows what the cart charges;
- a rule sets a price or takes a percentage off each unit, rounded per unit, so that a price of the shelf is one that can be printed;
- what a rule needs and nobody knows (the tier of a stranger) leaves the rule out and says so; it is never taken for "no";
- a flash price is a catalog price with a number of units, in all or of each member, that is counted as the limits of promotions are;
- a change makes a new `version`, as with promotions. Which of several rules is taken is told in `shopwright.promotions.shelf`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

from attrs import field, frozen

from shopwright.edges import identifier, maybe, members, of, text, whole
from shopwright.errors import InvalidValue
from shopwright.money import BASIS_POINTS, Rounding, share
from shopwright.promotions.amounts import Amounts, amount_for, amounts, as_amounts
from shopwright.promotions.basket import Basket, Buyer, Key, as_names, names
from shopwright.promotions.limits import Limits
from shopwright.promotions.matching import ANYTHING, LineMatch, is_match
from shopwright.promotions.taking import Basis
from shopwright.promotions.windows import DateWindow, Recurring


@frozen
class SetPrice:
    """A unit costs so much, by currency and channel; in a currency without an amount the rule has nothing to say."""

    prices: Amounts = field(converter=as_amounts, validator=amounts(least=0))

    def price(self, listed: int, left: int, *, currency: str, channel: str) -> int | None:
        """The price of one unit in minor units."""
        return amount_for(self.prices, currency=currency, channel=channel)


@frozen
class PercentOff:
    """So many basis points off each unit (1,000 is 10 %), of its list price or of what the member price has left of it."""

    percent: int = field(validator=whole(least=1, most=BASIS_POINTS))
    basis: Basis = field(default=Basis.LEFT, validator=of(Basis))
    rounding: Rounding = field(default=Rounding.HALF_UP, validator=of(Rounding))

    def price(self, listed: int, left: int, *, currency: str, channel: str) -> int | None:
        """The price of one unit in minor units, never below zero."""
        return max(0, left - share(listed if self.basis is Basis.LIST else left, self.percent, self.rounding))


Change = SetPrice | PercentOff


@frozen
class Audience:
    """Whom a member price is for: buyers of one of these tiers, in one of these segments, or with one of these ids; one is enough.

    Raises `InvalidValue` where nobody is named.
    """

    tiers: frozenset[str] = field(default=frozenset(), converter=as_names, validator=names)
    segments: frozenset[str] = field(default=frozenset(), converter=as_names, validator=names)
    members: frozenset[str] = field(default=frozenset(), converter=as_names, validator=names)

    def __attrs_post_init__(self) -> None:
        if not (self.tiers or self.segments or self.members):
            raise InvalidValue("an audience must name tiers, segments or members, got none; a price for everybody is a CatalogPrice")

    def has(self, buyer: Buyer) -> bool:
        """Whether it is known that this buyer is one of them."""
        return buyer.tier in self.tiers or buyer.id in self.members or not self.segments.isdisjoint(buyer.segments or ())

    def unknown(self, buyer: Buyer) -> str:
        """What would have to be known to tell: `tier`, `segment` or `member`; empty where it is known."""
        if self.has(buyer):
            return ""
        if self.tiers and buyer.tier is None:
            return "tier"
        if self.segments and buyer.segments is None:
            return "segment"
        return "member" if self.members and not buyer.id else ""


class Beyond(StrEnum):
    """What becomes of units beyond those that are left at a flash price."""

    ORDINARY = "ordinary"
    """They cost what they would without it; a line is split."""
    NOTHING = "nothing"
    """An order that wants more than are left does without the flash price altogether."""


@frozen(kw_only=True, slots=False)
class _Rule:
    """What all price rules have. No `channels` and no `currencies` stand for all of them."""

    id: str = field(validator=identifier(most=100))
    to: Change = field(validator=of(SetPrice, PercentOff))
    lines: LineMatch = field(default=ANYTHING, validator=is_match)
    channels: frozenset[str] = field(default=frozenset(), converter=as_names, validator=names)
    currencies: frozenset[str] = field(default=frozenset(), converter=as_names, validator=names)
    window: DateWindow | Recurring = field(default=DateWindow(), validator=of(DateWindow, Recurring))
    title: str = field(default="", validator=text())
    version: int = field(default=1, validator=whole(least=1))

    def __attrs_post_init__(self) -> None:
        if "/" in self.id:
            raise InvalidValue(f"the id of a price rule is part of keys and must not hold '/', got {self.id!r}; use '-'")

    def is_sold_in(self, basket: Basket) -> bool:
        """Whether it has a price in the currency and channel of this basket."""
        if (self.channels and basket.channel not in self.channels) or (self.currencies and basket.currency not in self.currencies):
            return False
        return self.to.price(0, 0, currency=basket.currency, channel=basket.channel) is not None


@frozen(kw_only=True, slots=False)
class MemberPrice(_Rule):
    """What units cost for some members: by tier, by segment, or for each of them by name."""

    who: Audience = field(validator=of(Audience))

    def unknown(self, buyer: Buyer) -> str:
        """What would have to be known of the buyer; empty where enough is known."""
        return self.who.unknown(buyer)

    def is_for(self, buyer: Buyer) -> bool:
        """Whether it is this buyer's price."""
        return self.who.has(buyer)


@frozen(kw_only=True, slots=False)
class CatalogPrice(_Rule):
    """What units cost for everybody; a flash price, where `units` or `units_per_member` say how many there are.

    `beyond` says what those cost that are wanted beyond that. A limit per member needs a member.
    """

    units: int | None = field(default=None, validator=maybe(whole(least=1, most=10**12)))
    units_per_member: int | None = field(default=None, validator=maybe(whole(least=1, most=10**12)))
    beyond: Beyond = field(default=Beyond.ORDINARY, validator=of(Beyond))

    @cached_property
    def limits(self) -> Limits:
        """The same as limits of a promotion, which count its units."""
        return Limits(units=self.units, units_per_member=self.units_per_member)

    @property
    def most(self) -> int | None:
        """How many units one order may have at this price when none is sold yet; `None` for any number."""
        return min((each for each in (self.units, self.units_per_member) if each is not None), default=None)

    def unknown(self, buyer: Buyer) -> str:
        """`member` where units are counted per member and nobody knows who buys."""
        return "member" if self.units_per_member is not None and not buyer.id else ""

    def is_for(self, buyer: Buyer) -> bool:
        """For everybody."""
        return True


PriceRule = MemberPrice | CatalogPrice


def _as_rules(given: Iterable[PriceRule]) -> tuple[PriceRule, ...]:
    try:
        return tuple(given)
    except TypeError:
        raise InvalidValue(f"expected price rules, got {type(given).__name__}; give a tuple of MemberPrice(...) and CatalogPrice(...)") from None


@frozen(slots=False)
class PriceBook:
    """The price rules of a shop in their visible order, looked up by what they can mean: a thousand rules cost a product those of its own.

    Raises `InvalidValue` for what is no price rule and for ids that come twice.
    """

    rules: tuple[PriceRule, ...] = field(default=(), converter=_as_rules, validator=members(MemberPrice, CatalogPrice))

    def __attrs_post_init__(self) -> None:
        if len(self.by_id) < len(self.rules):
            ids = [rule.id for rule in self.rules]
            twice = sorted({id for id in ids if ids.count(id) > 1})
            raise InvalidValue(f"price rules must have ids of their own, got {', '.join(twice)} more than once")

    @cached_property
    def by_id(self) -> Mapping[str, PriceRule]:
        """The rules by their ids."""
        return MappingProxyType({rule.id: rule for rule in self.rules})

    @cached_property
    def _by_key(self) -> dict[Key | None, list[int]]:
        """The places of the rules under each name that they could mean; under `None` those that could mean anything."""
        found: dict[Key | None, list[int]] = {}
        for place, rule in enumerate(self.rules):
            keys: Iterable[Any] = (None,) if rule.lines.keys is None else rule.lines.keys
            for key in keys:
                found.setdefault(key, []).append(place)
        return found

    def near(self, basket: Basket) -> tuple[PriceRule, ...]:
        """The rules that could mean a line of this basket, in their order."""
        by_key = self._by_key
        places = {place for key in (None, *basket.places) for place in by_key.get(key, ())}
        return tuple([self.rules[place] for place in sorted(places)])


def book_of(given: PriceBook | Iterable[PriceRule]) -> PriceBook | None:
    """The book of some price rules; `None` of none."""
    book = given if isinstance(given, PriceBook) else PriceBook(given)
    return book if book.rules else None
