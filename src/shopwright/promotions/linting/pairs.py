"""What is wrong between two promotions that stand together: they add up, or only their ids decide which is first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from typing import Any

from shopwright.promotions.basket import ATTRIBUTES, Basket, BasketLine
from shopwright.promotions.effects import NO_CAP, Percent
from shopwright.promotions.extras import Ladder
from shopwright.promotions.linting.asking import Asked, asked
from shopwright.promotions.linting.findings import Code, Finding, Live, Severity, rate_text
from shopwright.promotions.matching import Either, Every, Except, Named, Priced
from shopwright.promotions.promotion import Promotion
from shopwright.promotions.sets import take
from shopwright.promotions.taking import Basis, Tab

_MOST_LINES = 24
_AT = datetime(2026, 1, 1, tzinfo=UTC)


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
    for one, other in live.pairs(_where_rated):
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


def _where_rated(promotion: Promotion) -> Asked | None:
    """A basket with goods that it takes a percentage off."""
    lines = [lines for _, lines, _ in rates(promotion)]
    return asked(promotion, lines) if lines else None


def list_rate(taken: tuple[tuple[int, Basis], ...]) -> int:
    """What percentages that are taken one after another come to, in basis points of the list price, rounded up."""
    left = 10_000
    for rate, basis in taken:
        left -= rate if basis is Basis.LIST else left * rate // 10_000
    return min(10_000, 10_000 - left)


def ties(live: Live) -> Iterator[Finding]:
    """Two of one lane, aim and priority whose order makes a difference to the amount."""
    for one, other in live.pairs(_where_it_works, lambda it: (it.lane, it.aim, it.priority)):
        if _any_order(one, other) or not live.can_meet((one, other)):
            continue
        example = next((basket for basket in _samples(one, other) if _differs(one, other, basket)), None)
        if example is not None:
            message = "they are of one lane, aim and priority, may stand together, and give another amount in another order; only their ids decide"
            yield Finding(Code.AMBIGUOUS_TIES, Severity.WARNING, (one.id, other.id), f"{message}; give them different priorities")


def _where_it_works(promotion: Promotion) -> Asked:
    """A basket with goods that its effects work on: what is taken off other goods is the same in any order."""
    lines = [_matches(effect) for effect in promotion.effects]
    return asked(promotion, [match for some in lines for match in some] if all(lines) else None)


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
