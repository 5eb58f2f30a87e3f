"""Conditions, compiled: a function for each that says of a basket whether it holds, without saying why not.

    holds = Compiler().check(OneOf("tier", "gold"))
    holds(basket)                                    # True, False, or None where it is not known

Rules
- the answer is that of `Condition.unmet`: true where it has nothing to say, `None` where what fails is not known;
- conditions that one compiler has seen before, and predicates over lines, are the same ones: what they ask of a basket is worked out once for it;
- of a tree the parts that cost least are asked first; who wants to know which part fails asks `unmet`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from shopwright.promotions.amounts import amount_for
from shopwright.promotions.basket import Basket
from shopwright.promotions.conditions import All, AnyOf, CartQuantity, CartTotal, Code, Condition, Not, NthOrder, OneOf
from shopwright.promotions.effects import worth_of
from shopwright.promotions.matching import Anything, LineMatch, Named, meant

Check = Callable[[Basket], bool | None]

T = TypeVar("T")


class Compiler:
    """Compiles conditions; one for all promotions of an engine, so that what they have in common is asked once."""

    def __init__(self) -> None:
        self._seen: dict[Any, Any] = {}

    def check(self, condition: Condition) -> Check:
        """The function for a condition, ours or a plug-in's."""
        match condition:
            case All(of=parts):
                return _all([self.check(part) for part in sorted(parts, key=_cost)])
            case AnyOf(of=parts):
                return _any([self.check(part) for part in sorted(parts, key=_cost)])
            case Not(of=part):
                return _not(self.check(part))
            case CartTotal():
                return _total(condition, self._same(condition.lines))
            case CartQuantity():
                return _quantity(condition, self._same(condition.lines))
            case OneOf(what=what, values=values):
                return _one_of(what, values)
            case Code(codes=codes):
                return lambda basket: not codes.isdisjoint(basket.codes)
            case NthOrder():
                return _nth_order(condition.first, condition.last)
            case _:
                return _asked_once(self._same(condition))

    def _same(self, given: T) -> T:
        """The one that is equal to this and was seen first."""
        try:
            return cast("T", self._seen.setdefault(given, given))
        except TypeError:  # a plug-in's, that cannot be compared by its content
            return given


def _cost(condition: Condition) -> int:
    """How much a condition costs, roughly: ours without a loop, then those over lines, then trees, then all others."""
    if isinstance(condition, OneOf | Code | NthOrder):
        return 0
    if isinstance(condition, CartTotal | CartQuantity):
        return 1
    return 2 if isinstance(condition, All | AnyOf | Not) else 3


def _all(parts: list[Check]) -> Check:
    if len(parts) == 1:
        return parts[0]

    def check(basket: Basket) -> bool | None:
        answer: bool | None = True
        for part in parts:
            met = part(basket)
            if not met:
                if met is False:
                    return False
                answer = None
        return answer

    return check


def _any(parts: list[Check]) -> Check:
    if len(parts) == 1:
        return parts[0]

    def check(basket: Basket) -> bool | None:
        answer: bool | None = False
        for part in parts:
            met = part(basket)
            if met:
                return True
            if met is None:
                answer = None
        return answer

    return check


def _not(part: Check) -> Check:
    def check(basket: Basket) -> bool | None:
        met = part(basket)
        return None if met is None else not met

    return check


def _total(condition: CartTotal, lines: LineMatch) -> Check:
    """By currency and channel, so that nothing is looked up twice; a channel that is not named has the amounts of all channels."""
    every = (*condition.least, *condition.most)
    markets = {(amount.money.currency, channel) for amount in every for channel in {"", *[each.channel for each in every]}}
    ends = {
        (currency, channel): (
            amount_for(condition.least, currency=currency, channel=channel),
            amount_for(condition.most, currency=currency, channel=channel),
        )
        for currency, channel in markets
    }
    is_whole = isinstance(lines, Anything)

    def check(basket: Basket) -> bool | None:
        found = ends.get(basket.market) or ends.get((basket.currency, ""))
        if found is None:
            return False
        low, high = found
        if low is None and high is None:
            return False
        total = basket.amount if is_whole else worth_of(basket, lines)[0]
        return (low is None or total >= low) and (high is None or total <= high)

    return check


def _quantity(condition: CartQuantity, lines: LineMatch) -> Check:
    least, most = condition.least, condition.most
    if least == 1 and most is None and isinstance(lines, Named):
        return _some(lines)

    def check(basket: Basket) -> bool | None:
        units = sum([basket.lines[place].quantity for place in meant(lines, basket)])
        return units >= least and (most is None or units <= most)

    return check


def _some(lines: Named) -> Check:
    """A line has one of the names."""
    keys = lines.keys or frozenset()
    if len(keys) == 1:
        (key,) = keys
        return lambda basket: key in basket.places
    return lambda basket: not basket.places.keys().isdisjoint(keys)


def _one_of(what: str, values: frozenset[str]) -> Check:
    def check(basket: Basket) -> bool | None:
        found = basket.around[what]
        return None if found is None else not values.isdisjoint(found)

    return check


def _nth_order(first: int, last: int | None) -> Check:
    def check(basket: Basket) -> bool | None:
        before = basket.buyer.orders
        return None if before is None else first <= before + 1 and (last is None or before < last)

    return check


def _asked_once(condition: Condition) -> Check:
    """By `unmet`, once for a basket."""

    def check(basket: Basket) -> bool | None:
        known = basket.known.get(id(condition))
        if known is not None and known[0] is condition:
            return cast("bool | None", known[1])
        unmet = condition.unmet(basket)
        met = True if unmet is None else None if unmet.is_unknown else False
        basket.known[id(condition)] = condition, met
        return met

    return check
