"""Conditions, compiled: a function for each that says of a basket whether it holds, without saying why not.

    holds = Compiler().holds(OneOf("tier", "gold"))
    holds(basket)

Rules
- the answer is that of `Condition.unmet`: it holds where that has nothing to say; under `Not` it is asked whether something surely fails, for what
  is not known neither holds nor fails;
- conditions that only ask for a name in the basket (a sku, a tier, a code) are one look at the names that are in it;
- conditions that one compiler has seen before, and predicates over lines, are the same ones: what they ask of a basket is worked out once for it;
- of a tree the parts that cost least are asked first; who wants to know which part fails asks `unmet`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from shopwright.promotions.amounts import amount_for
from shopwright.promotions.basket import Basket, Key
from shopwright.promotions.conditions import All, AnyOf, CartQuantity, CartTotal, Code, Condition, Issued, Not, NthOrder, OneOf, Unmet
from shopwright.promotions.effects import worth_of
from shopwright.promotions.matching import Anything, LineMatch, Named, meant

Check = Callable[[Basket], bool]

T = TypeVar("T")


class Compiler:
    """Compiles conditions; one for all promotions of an engine, so that what they have in common is asked once."""

    def __init__(self) -> None:
        self._seen: dict[Any, Any] = {}

    def holds(self, condition: Condition) -> Check:
        """Whether a condition, ours or a plug-in's, holds."""
        keys = _asked_for(condition)
        if keys is not None:
            return _one_of(keys)
        match condition:
            case All():
                parts = _flat(condition)
                names = [keys for part in parts if (keys := _asked_for(part)) is not None]
                return _every(names, [self.holds(part) for part in sorted(parts, key=_cost) if _asked_for(part) is None])
            case AnyOf(of=parts):
                names = [keys for part in parts if (keys := _asked_for(part)) is not None]
                checks = [_one_of(frozenset().union(*names))] if names else []
                return _some(checks + [self.holds(part) for part in sorted(parts, key=_cost) if _asked_for(part) is None])
            case Not(of=part):
                return self.fails(part)
            case CartTotal():
                return _total(condition, self._same(condition.lines))
            case CartQuantity():
                return _quantity(condition, self._same(condition.lines))
            case NthOrder():
                return _nth_order(condition.first, condition.last)
            case _:
                return _holds_as_asked(self._same(condition))

    def fails(self, condition: Condition) -> Check:
        """Whether a condition surely fails."""
        match condition:
            case All(of=parts):
                return _some([self.fails(part) for part in sorted(parts, key=_cost)])
            case AnyOf(of=parts):
                return _every([], [self.fails(part) for part in sorted(parts, key=_cost)])
            case Not(of=part):
                return self.holds(part)
            case OneOf(what=what, values=values):
                return _none_of(what, values)
            case Code() | Issued() | CartTotal() | CartQuantity():
                holds = self.holds(condition)
                return lambda basket: not holds(basket)
            case _:
                return _fails_as_asked(self._same(condition))

    def _same(self, given: T) -> T:
        """The one that is equal to this and was seen first."""
        try:
            return cast("T", self._seen.setdefault(given, given))
        except TypeError:  # a plug-in's, that cannot be compared by its content
            return given


def _cost(condition: Condition) -> int:
    """How much a condition costs, roughly: ours without a loop, then those over lines, then trees, then all others."""
    if isinstance(condition, OneOf | Code | Issued | NthOrder):
        return 0
    if isinstance(condition, CartTotal | CartQuantity):
        return 1
    return 2 if isinstance(condition, All | AnyOf | Not) else 3


def _flat(condition: Condition) -> list[Condition]:
    """The parts of an `All` with those of the ones inside it."""
    return [each for part in condition.of for each in _flat(part)] if isinstance(condition, All) else [condition]


def _asked_for(condition: Condition) -> frozenset[Key] | None:
    """The names of which one must be in the basket, when that is all that a condition asks for."""
    match condition:
        case OneOf() | Code() | Issued():
            return condition.keys
        case CartQuantity(least=1, most=None, lines=Named() as lines):
            return lines.keys
        case AnyOf(of=parts):
            every = [_asked_for(part) for part in parts]
            known = [keys for keys in every if keys is not None]
            return frozenset().union(*known) if len(known) == len(every) else None
        case _:
            return None


def _one_of(keys: frozenset[Key]) -> Check:
    return lambda basket: not keys.isdisjoint(basket.keys)


def _none_of(what: str, values: frozenset[str]) -> Check:
    def check(basket: Basket) -> bool:
        found = basket.around[what]
        return found is not None and values.isdisjoint(found)

    return check


def _every(names: Sequence[frozenset[Key]], parts: Sequence[Check]) -> Check:
    """One of each of these names is there, and all these parts hold."""
    if not names and len(parts) == 1:
        return parts[0]

    def check(basket: Basket) -> bool:
        keys = basket.keys
        for some in names:
            if some.isdisjoint(keys):
                return False
        for part in parts:  # noqa: SIM110  # a generator costs as much as the parts
            if not part(basket):
                return False
        return True

    return check


def _some(parts: Sequence[Check]) -> Check:
    if len(parts) == 1:
        return parts[0]

    def check(basket: Basket) -> bool:
        for part in parts:  # noqa: SIM110  # a generator costs as much as the parts
            if part(basket):
                return True
        return False

    return check


def _total(condition: CartTotal, lines: LineMatch) -> Check:
    every = (*condition.least, *condition.most)
    channels = {"", *[amount.channel for amount in every]}
    currencies = {amount.money.currency for amount in every}
    if len(channels) == len(currencies) == len(condition.least) == 1 and not condition.most and isinstance(lines, Anything):
        (currency,), low = currencies, condition.least[0].money.minor
        return lambda basket: basket.amount >= low and basket.currency == currency
    ends = {
        (currency, channel): [amount_for(some, currency=currency, channel=channel) for some in (condition.least, condition.most)]
        for currency in currencies
        for channel in channels
    }
    return _between(ends, lines)


def _between(ends: dict[tuple[str, str], list[int | None]], lines: LineMatch) -> Check:
    """By currency and channel; a channel that is not named has the amounts of all channels."""

    def check(basket: Basket) -> bool:
        found = ends.get(basket.market) or ends.get((basket.currency, ""))
        if found is None:
            return False
        low, high = found
        if low is None and high is None:
            return False
        total = worth_of(basket, lines)[0]
        return (low is None or total >= low) and (high is None or total <= high)

    return check


def _quantity(condition: CartQuantity, lines: LineMatch) -> Check:
    least, most = condition.least, condition.most
    if most is None and isinstance(lines, Anything):
        return lambda basket: basket.units >= least

    def check(basket: Basket) -> bool:
        units = sum([basket.lines[place].quantity for place in meant(lines, basket)])
        return units >= least and (most is None or units <= most)

    return check


def _nth_order(first: int, last: int | None) -> Check:
    def check(basket: Basket) -> bool:
        before = basket.buyer.orders
        return before is not None and first <= before + 1 and (last is None or before < last)

    return check


def _holds_as_asked(condition: Condition) -> Check:
    return lambda basket: _unmet(condition, basket) is None


def _fails_as_asked(condition: Condition) -> Check:
    def check(basket: Basket) -> bool:
        unmet = _unmet(condition, basket)
        return unmet is not None and not unmet.is_unknown

    return check


def _unmet(condition: Condition, basket: Basket) -> Unmet | None:
    """What a condition says, asked once for a basket."""
    known = basket.known.get(id(condition))
    if known is not None and known[0] is condition:
        said: Unmet | None = known[1]
        return said
    unmet = condition.unmet(basket)
    basket.known[id(condition)] = condition, unmet
    return unmet
