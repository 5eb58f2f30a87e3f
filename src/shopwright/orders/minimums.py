"""From how much of goods on the discounts of an order were given: read from what was frozen when it was placed, and from its promotions.

Rules
- a promotion counts only in the version that the order was placed under, for what is in force today says nothing of it;
- read are minimums of the whole cart, alone or among conditions that must all hold; one that asks for certain goods is not, for an order does not
  freeze what tells them, so its discount stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shopwright.orders.events import OrderPlaced
from shopwright.orders.refund_policy import Minimum
from shopwright.promotions.amounts import amount_for
from shopwright.promotions.conditions import All, CartTotal, Condition
from shopwright.promotions.matching import Anything
from shopwright.promotions.promotion import Promotion


def minimums_of(placed: OrderPlaced, promotions: Iterable[Promotion] = ()) -> tuple[Minimum, ...]:
    """The minimums of the coupon of an order and of those promotions that took something off its lines."""
    by_id = {it.id: it for it in promotions}
    found = {}
    for rule, version in sorted({(it.rule, it.rule_version) for line in placed.lines for it in line.adjustments}):
        promotion = by_id.get(rule)
        if promotion is not None and promotion.version == version and (least := _least(promotion.when, placed)):
            found[rule] = Minimum(rule=rule, least=least)
    for step in placed.trace:
        if step.step == "coupon" and (least := int(step.fact("minimum"))):
            found[step.rule] = Minimum(rule=step.rule, least=least)
    return tuple(found.values())


def _least(when: Condition, placed: OrderPlaced) -> int:
    return max(_totals(when, placed), default=0)


def _totals(when: Condition, placed: OrderPlaced) -> Iterator[int]:
    if isinstance(when, All):
        for each in when.of:
            yield from _totals(each, placed)
    elif isinstance(when, CartTotal) and isinstance(when.lines, Anything):
        found = amount_for(when.least, currency=placed.currency, channel=placed.channel)
        yield 0 if found is None else found
