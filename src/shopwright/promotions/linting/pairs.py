"""What is wrong between two promotions: they add up, only their ids decide which is first, or one makes the other pointless."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Any

from attrs import evolve

from shopwright.promotions.amounts import Amounts
from shopwright.promotions.basket import ATTRIBUTES, Basket, BasketLine
from shopwright.promotions.effects import NO_CAP, AcrossOff, Aim, EachOff, FixedPrice, OnceOff, Percent
from shopwright.promotions.extras import Ladder, ShippingOff
from shopwright.promotions.linting.clauses import Truth
from shopwright.promotions.linting.findings import Code, Finding, Live, Severity, rate_text
from shopwright.promotions.linting.reach import Question, may_be
from shopwright.promotions.matching import Either, Every, Except, Named, Priced
from shopwright.promotions.promotion import Promotion, is_legal
from shopwright.promotions.search import Strategy
from shopwright.promotions.sets import take
from shopwright.promotions.taking import Basis, Tab

_MOST_LINES = 24
_AT = datetime(2026, 1, 1, tzinfo=UTC)
_RATED = {Percent: "percent", EachOff: "amounts", AcrossOff: "amounts", OnceOff: "amounts", FixedPrice: "prices"}
"""The effects of which one can give more than another, and the field that says how much."""


def rates(promotion: Promotion) -> list[tuple[int, Any, Basis]]:
    """The percentages that it takes off lines at most, in basis points, with the lines and what they are reckoned from."""
    found = []
    for effect in promotion.effects:
        if isinstance(effect, Percent):
            found.append((effect.percent, effect.lines, effect.basis))
        elif isinstance(effect, Ladder) and any(rung.percent for rung in effect.rungs):
            found.append((max(rung.percent for rung in effect.rungs), effect.lines, effect.basis))
    return found


def overlapping(live: Live) -> Iterator[Finding]:
    """Two that take percentages off the same goods at the same time."""
    for one, other in live.pairs():
        found = [
            (first, second, list_rate(((first, Basis.LIST), (second, basis))))
            for first, lines, _ in rates(one)
            for second, others, basis in rates(other)
            if live.can_overlap((one, other), lines, others)
        ]
        if found:
            first, second, sum_of = max(found, key=lambda it: it[2])
            message = (
                f"both can apply to the same goods: {rate_text(first)} and {rate_text(second)}, together up to {rate_text(sum_of)} of the list price"
            )
            remedy = "put them into a group of one, let one exclude the other, or accept it"
            yield Finding(Code.OVERLAPPING_STACKS, Severity.WARNING, (one.id, other.id), f"{message}; {remedy}")


def list_rate(taken: tuple[tuple[int, Basis], ...]) -> int:
    """What percentages that are taken one after another come to, in basis points of the list price, rounded up."""
    left = 10_000
    for rate, basis in taken:
        left -= rate if basis is Basis.LIST else left * rate // 10_000
    return min(10_000, 10_000 - left)


def ties(live: Live) -> Iterator[Finding]:
    """Two of one lane, aim and priority whose order makes a difference to the amount."""
    for one, other in live.pairs():
        if (one.lane, one.aim, one.priority) != (other.lane, other.aim, other.priority) or _any_order(one, other) or not live.can_meet((one, other)):
            continue
        example = next((basket for basket in _samples(one, other) if _differs(one, other, basket)), None)
        if example is not None:
            message = "they are of one lane, aim and priority, may stand together, and give another amount in another order; only their ids decide"
            yield Finding(Code.AMBIGUOUS_TIES, Severity.WARNING, (one.id, other.id), f"{message}; give them different priorities")


def _any_order(*promotions: Promotion) -> bool:
    """Whether nothing but percentages of one basis is taken, in whose order only rounding sees a difference."""
    effects = [effect for promotion in promotions for effect in promotion.effects]
    return all(isinstance(it, Percent) and it.cap == NO_CAP for it in effects) and len({it.basis for it in effects if isinstance(it, Percent)}) == 1


def _differs(one: Promotion, other: Promotion, basket: Basket) -> bool:
    """Whether the amounts are further apart than rounding alone could bring them."""
    amounts = []
    for first, second in ((one, other), (other, one)):
        tab = Tab(basket)
        amounts.append(take(first, tab).amount + take(second, tab).amount)
    return abs(amounts[0] - amounts[1]) > 2 * len(basket.lines)


def _samples(*promotions: Promotion) -> Iterator[Basket]:
    """Baskets with lines of every kind that the effects tell apart, in every currency that they name, few and many units of each."""
    leaves = [leaf for it in promotions for effect in it.effects for match in _matches(effect) for leaf in _leaves(match)]
    values: dict[str, list[str]] = {}
    for leaf in leaves:
        if isinstance(leaf, Named):
            values.setdefault(leaf.attribute, []).extend(sorted(leaf.values)[:3])
    amounts = [amount for it in promotions for effect in it.effects for amount in _amounts(effect)]
    amounts += [amount for leaf in leaves if isinstance(leaf, Priced) for amount in (*leaf.least, *leaf.most)]
    lines = []
    for number, chosen in enumerate(product(*[[*dict.fromkeys(some), ""] for some in values.values()])):
        named = {ATTRIBUTES[name]: value for name, value in zip(values, chosen, strict=True) if value}
        lines.append({"sku": f"other-{number}", **named})
    for currency in sorted({amount.money.currency for amount in amounts} or {"EUR"}):
        for channel in sorted({"", *[amount.channel for amount in amounts]}):
            for quantity, prices in product((1, 3, 12), ((10_000, 25_990, 1_999), *[(amount.money.minor + 1,) for amount in amounts[:3]])):
                yield Basket(currency, _lines(lines[:_MOST_LINES], quantity, prices), _AT, shipping=990, channel=channel)


def _lines(given: list[dict[str, str]], quantity: int, prices: tuple[int, ...]) -> tuple[BasketLine, ...]:
    every: list[Any] = [{**it, "unit_price": prices[place % len(prices)], "quantity": quantity} for place, it in enumerate(given)]
    return tuple([BasketLine(**it) for it in every])


def _matches(effect: Any) -> list[Any]:
    found = [getattr(effect, name) for name in ("lines", "bought", "given") if hasattr(effect, name)]
    return found + [part.lines for part in getattr(effect, "parts", ())]


def _leaves(match: Any) -> list[Any]:
    if isinstance(match, Every | Either):
        return [leaf for part in match.of for leaf in _leaves(part)]
    return _leaves(match.of) if isinstance(match, Except) else [match]


def _amounts(effect: Any) -> list[Any]:
    found = [amount for name in ("amounts", "prices", "off") for amount in getattr(effect, name, ())]
    return found + [amount for rung in getattr(effect, "rungs", ()) for amount in (*rung.off, *rung.spend)]


def shadowed(live: Live, strategy: Strategy) -> Iterator[Finding]:
    """Promotions that another makes pointless: it applies whenever they do, in their place, and gives at least as much."""
    places = {it.id: place for place, it in enumerate(live.promotions)}
    for one in live.promotions:
        for other in live.promotions:
            if other is not one and _shadows(other, one, live, strategy, places):
                message = f"whenever it applies, {other.id} applies too, may not stand beside it, and gives at least as much"
                yield Finding(
                    Code.SHADOWED, Severity.WARNING, (one.id, other.id), f"{message}; archive one of them, or give it a condition of its own"
                )
                break


def _shadows(other: Promotion, one: Promotion, live: Live, strategy: Strategy, places: dict[str, int]) -> bool:
    earlier = places[other.id] < places[one.id]
    if strategy is Strategy.PRIORITY and not earlier:
        return False
    alike = _gives_as_much(other, one)
    if not alike or is_legal((one, other), live.stacking) or not _stands_wherever(other, one, live, places):
        return False
    # Of two that shadow each other the one that is taken later is told.
    if _gives_as_much(one, other) and not earlier and _applies_whenever(one, other):
        return False
    return _applies_whenever(other, one)


def _applies_whenever(other: Promotion, one: Promotion) -> bool:
    """Whether the other applies to every basket to which this one does."""
    if other.starts is not None and (one.starts is None or one.starts < other.starts):
        return False
    if other.ends is not None and (one.ends is None or one.ends > other.ends):
        return False
    if other.when == one.when:
        return True
    return not may_be(Question(((one.when, Truth.TRUE), (other.when, Truth.NOT_TRUE)), one.starts, one.ends))


def _stands_wherever(other: Promotion, one: Promotion, live: Live, places: dict[str, int]) -> bool:
    """Whether the other can take the place of this one in every set, without that anything else takes less."""
    if (other.lane, other.aim) != (one.lane, one.aim) or (other.group != one.group and live.stacking.limit_of(other.group) is not None):
        return False
    for companion in live.promotions:
        if companion in {one, other} or not is_legal((one, companion), live.stacking):
            continue
        if not is_legal((other, companion), live.stacking):
            return False
        apart = companion.aim >= Aim.SHIPPING and not any(isinstance(it, ShippingOff) for it in one.effects)
        if not apart and places[companion.id] > min(places[one.id], places[other.id]):
            return False
    return True


def _gives_as_much(other: Promotion, one: Promotion) -> bool:
    """Whether the effects are alike but for how much they give, of which the other gives at least as much."""
    if len(other.effects) != len(one.effects):
        return False
    return all(_at_least(mine, theirs) for mine, theirs in zip(one.effects, other.effects, strict=True))


def _at_least(mine: Any, theirs: Any) -> bool:
    if mine == theirs:
        return True
    if getattr(mine, "lines", None) != getattr(theirs, "lines", None):
        return False
    name = _RATED.get(type(mine))
    if name is None or type(theirs) is not type(mine) or evolve(mine, **{name: getattr(theirs, name)}) != theirs:
        return False
    less, more = getattr(mine, name), getattr(theirs, name)
    if name == "percent":
        return bool(less <= more)
    return _cover(less, more, cheaper=name == "prices")


def _cover(less: Amounts, more: Amounts, *, cheaper: bool) -> bool:
    """Whether the amounts are of the same currencies and channels, and in each at least as good."""
    mine, theirs = ({(it.money.currency, it.channel): it.money.minor for it in some} for some in (less, more))
    if mine.keys() != theirs.keys():
        return False
    return all(theirs[place] <= amount if cheaper else theirs[place] >= amount for place, amount in mine.items())
