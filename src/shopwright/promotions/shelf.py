"""What each unit of a basket costs by the price rules of a shop, before any promotion is looked for.

    shelf = put_on_shelf(basket, book, left={"flash": 3})
    shelf.runs[0]                    # how many units of the first line at which price

Rules
- a unit begins at its list price. Of the member prices that are the buyer's the lowest is taken, then of the catalog prices the lowest: one of
  each at most, so that nothing adds up unseen; of equal ones the one that stands first in the book;
- a price that is not lower than what the unit costs without it is not taken, and none goes below the floor price of the product;
- `Basis.LIST` reckons a percentage from the list price, `Basis.LEFT` from what the member price has left of it;
- a flash price goes to as many units as are left of it (`left`; all of them where nothing is told). Where fewer are left than are wanted, the rule
  says what becomes of the rest: they have the next best price, or the order does without. Units go first where they save most, then by sku,
  so that the order of the lines changes no total.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from attrs import frozen

from shopwright.promotions.basket import Basket
from shopwright.promotions.matching import meant
from shopwright.promotions.price_rules import Beyond, CatalogPrice, MemberPrice, PriceBook, PriceRule

Runs = tuple[tuple[int, int], ...]
"""So many units at so much each, in minor units, the cheapest first."""

NOTHING_SOLD: Mapping[str, int] = MappingProxyType({})
"""All units of all flash prices are left."""


class PriceSkip(StrEnum):
    """Why a price rule that means a line of the basket is not taken, in the order in which it is looked at."""

    CLOSED = "closed"
    """Its window is not open at the moment."""
    ELSEWHERE = "elsewhere"
    """It has no price in this currency or channel."""
    UNKNOWN = "unknown"
    """It is not known whether the buyer is one of those it is for."""
    OTHERS = "others"
    """It is for other members."""
    EXHAUSTED = "exhausted"
    """None of its units is left, or fewer than the order wants where it is all or nothing."""
    NOT_LOWER = "not_lower"
    """It would not lower the price, or another lowers it more."""


@frozen
class PriceTaken:
    """A rule that was taken: what it takes off each line, in minor units, and off how many units in all."""

    rule: PriceRule
    parts: tuple[int, ...]
    units: int


@frozen
class PriceSkipped:
    """A rule that was not taken; `needs` is what is not known of the buyer."""

    rule: PriceRule
    reason: PriceSkip
    needs: str = ""


@frozen
class PriceShort:
    """A flash price of which fewer units are left than were wanted."""

    rule: PriceRule
    wanted: int
    left: int


@frozen
class Shelf:
    """What the units of a basket cost, line by line, by which rules, and why not by the others; rules stand in the order of the book."""

    runs: tuple[Runs, ...]
    taken: tuple[PriceTaken, ...] = ()
    short: tuple[PriceShort, ...] = ()
    skipped: tuple[PriceSkipped, ...] = ()

    @property
    def off(self) -> tuple[int, ...]:
        """What all rules together take off each line."""
        return tuple([sum(parts) for parts in zip(*[it.parts for it in self.taken], strict=True)]) if self.taken else (0,) * len(self.runs)


class _Offer(NamedTuple):
    """A price of one unit, by the rule at this place of the book; they sort by price, then by place."""

    price: int
    place: int
    rule: PriceRule


_Offers = list[list[_Offer]]
"""For each line what is offered for a unit of it, the best first."""


def put_on_shelf(basket: Basket, book: PriceBook, *, left: Mapping[str, int] = NOTHING_SOLD) -> Shelf:
    """What each unit of this basket costs; `left` says by the ids of flash prices how many units the buyer may still have at them."""
    rules = [(rule, places) for rule in book.near(basket) if (places := meant(rule.lines, basket))]
    good, skipped = _sorted_out(rules, basket)
    listed = [line.unit_price for line in basket.lines]
    best = [min(offers, default=None) for offers in _offered(good, MemberPrice, basket, listed)]
    prices = [price if offer is None else offer.price for price, offer in zip(listed, best, strict=True)]
    dealt = _dealt(_offered(good, CatalogPrice, basket, prices), basket, prices, left)
    taken = {offer.rule.id: _member_parts(offer.rule, best, basket) for offer in best if offer is not None}
    taken |= dealt.taken(prices)
    gone = {it.rule.id for it in dealt.short}
    for rule, _ in good:
        if rule.id not in taken:
            skipped.append(PriceSkipped(rule, PriceSkip.EXHAUSTED if rule.id in gone else PriceSkip.NOT_LOWER))
    reasons = {it.rule.id: it for it in skipped}
    return Shelf(
        tuple([_runs(deals, price) for deals, price in zip(dealt.deals, prices, strict=True)]),
        tuple([taken[rule.id] for kind in (MemberPrice, CatalogPrice) for rule, _ in rules if rule.id in taken and isinstance(rule, kind)]),
        dealt.short,
        tuple([reasons[rule.id] for rule, _ in rules if rule.id in reasons]),
    )


_Meant = list[tuple[PriceRule, tuple[int, ...]]]


def _sorted_out(rules: _Meant, basket: Basket) -> tuple[_Meant, list[PriceSkipped]]:
    """The rules that are on for this buyer, and why the others are not."""
    good: _Meant = []
    skipped = []
    for rule, places in rules:
        needs = ""
        if not rule.window.is_open(basket.at):
            reason = PriceSkip.CLOSED
        elif not rule.is_sold_in(basket):
            reason = PriceSkip.ELSEWHERE
        elif needs := rule.unknown(basket.buyer):
            reason = PriceSkip.UNKNOWN
        elif not rule.is_for(basket.buyer):
            reason = PriceSkip.OTHERS
        else:
            good.append((rule, places))
            continue
        skipped.append(PriceSkipped(rule, reason, needs))
    return good, skipped


def _offered(good: _Meant, kind: type[MemberPrice | CatalogPrice], basket: Basket, prices: Sequence[int]) -> _Offers:
    """What the rules of a kind offer for a unit of each line, below what it costs without them."""
    offered: _Offers = [[] for _ in basket.lines]
    for turn, (rule, places) in enumerate(good):
        if not isinstance(rule, kind):
            continue
        for place in places:
            line, now = basket.lines[place], prices[place]
            price = rule.to.price(line.unit_price, now, currency=basket.currency, channel=basket.channel)
            if price is not None and max(price, line.floor) < now:
                offered[place].append(_Offer(max(price, line.floor), turn, rule))
    return [sorted(offers, key=lambda it: it[:2]) for offers in offered]


def _member_parts(rule: PriceRule, best: Sequence[_Offer | None], basket: Basket) -> PriceTaken:
    parts, units = [], 0
    for offer, line in zip(best, basket.lines, strict=True):
        is_it = offer is not None and offer.rule is rule
        parts.append((line.unit_price - offer.price) * line.quantity if offer is not None and is_it else 0)
        units += line.quantity if is_it else 0
    return PriceTaken(rule, tuple(parts), units)


@frozen
class _Deal:
    """So many units of a line at a price; `None` is no rule."""

    units: int
    offer: _Offer | None


@frozen
class _Dealt:
    """What the units of each line got of the catalog prices."""

    deals: tuple[tuple[_Deal, ...], ...]
    short: tuple[PriceShort, ...] = ()

    def taken(self, prices: Sequence[int]) -> dict[str, PriceTaken]:
        """What each rule takes off the lines."""
        parts: dict[str, list[int]] = {}
        units: dict[str, int] = {}
        rules: dict[str, PriceRule] = {}
        for place, deals in enumerate(self.deals):
            for deal in deals:
                if deal.offer is not None:
                    id = deal.offer.rule.id
                    rules[id] = deal.offer.rule
                    parts.setdefault(id, [0] * len(self.deals))[place] += (prices[place] - deal.offer.price) * deal.units
                    units[id] = units.get(id, 0) + deal.units
        return {id: PriceTaken(rules[id], tuple(parts[id]), units[id]) for id in parts}


def _dealt(offered: _Offers, basket: Basket, prices: Sequence[int], left: Mapping[str, int]) -> _Dealt:
    """The catalog prices, dealt out to the units: those that are all or nothing and fall short are taken away, and all is dealt anew."""
    if not any(offered):
        return _Dealt(tuple([(_Deal(line.quantity, None),) for line in basket.lines]))
    barred: dict[str, PriceShort] = {}
    while True:
        table = _Table(offered, basket, prices, left, frozenset(barred))
        missed = table.deal()
        if missed is None:
            short = barred | table.short
            return _Dealt(tuple(map(tuple, table.deals)), tuple([short[id] for id in sorted(short)]))
        barred[missed.rule.id] = missed


class _Table:
    """One dealing of catalog prices to units, in rounds: who finds a price used up asks for the next best one in the next round."""

    def __init__(self, offered: _Offers, basket: Basket, prices: Sequence[int], left: Mapping[str, int], barred: frozenset[str]) -> None:
        self._offered = offered
        self._basket = basket
        self._prices = prices
        self._left = left
        self._gone = set(barred)
        self._given: dict[str, int] = {}
        self._open = {place: line.quantity for place, line in enumerate(basket.lines)}
        self.deals: list[list[_Deal]] = [[] for _ in offered]
        self.short: dict[str, PriceShort] = {}

    def deal(self) -> PriceShort | None:
        """Deal until every unit has its price; what is all or nothing and falls short, where something does."""
        while self._open:
            asked: dict[str, list[tuple[int, _Offer]]] = {}
            for place in list(self._open):
                offer = next((it for it in self._offered[place] if it.rule.id not in self._gone), None)
                if offer is None:
                    self._give(place, self._open[place], None)
                else:
                    asked.setdefault(offer.rule.id, []).append((place, offer))
            for id in sorted(asked):
                missed = self._ask(asked[id])
                if missed is not None:
                    return missed
        return None

    def _ask(self, asking: list[tuple[int, _Offer]]) -> PriceShort | None:
        rule = asking[0][1].rule
        assert isinstance(rule, CatalogPrice), "catalog prices alone are dealt out"
        given, wanted = self._given.get(rule.id, 0), sum(self._open[place] for place, _ in asking)
        most = self._most(rule)
        stock = None if most is None else most - given
        if stock is not None and stock < wanted:
            self.short[rule.id] = PriceShort(rule, given + wanted, given + stock)
            if rule.beyond is Beyond.NOTHING:
                return self.short[rule.id]
            self._gone.add(rule.id)
        for place, offer in sorted(asking, key=self._turn):
            units = self._open[place] if stock is None else min(self._open[place], stock)
            stock = None if stock is None else stock - units
            self._given[rule.id] = self._given.get(rule.id, 0) + units
            self._give(place, units, offer)
        return None

    def _most(self, rule: CatalogPrice) -> int | None:
        if rule.most is None:
            return None
        return max(0, min(rule.most, self._left.get(rule.id, rule.most)))

    def _turn(self, asking: tuple[int, _Offer]) -> tuple[int, str, int, int]:
        place, offer = asking
        line = self._basket.lines[place]
        return offer.price - self._prices[place], line.sku, line.quantity, place

    def _give(self, place: int, units: int, offer: _Offer | None) -> None:
        if units:
            self.deals[place].append(_Deal(units, offer))
            self._open[place] -= units
        if not self._open[place]:
            del self._open[place]


def _runs(deals: Iterable[_Deal], price: int) -> Runs:
    """How many units at which price, the cheapest first."""
    runs: dict[int, int] = {}
    for deal in deals:
        each = price if deal.offer is None else deal.offer.price
        runs[each] = runs.get(each, 0) + deal.units
    return tuple([(runs[each], each) for each in sorted(runs)])
