"""From how much of goods on the discounts of an order were given: read from what was frozen when it was placed, and from its promotions.

Rules
- a promotion counts only in the version that the order was placed under, for what is in force today says nothing of it;
- read are minimums of the whole cart, alone or among conditions that must all hold; one that asks for certain goods is not, for an order does not
  freeze what tells them, so its discount stays;
- REFUND-11: a ladder by spend over the whole cart, without a cap, gave its discount from the step on that was reached, and its steps are what it
  gives for less; goods are reckoned at their worth before promotions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shopwright.money import Rounding
from shopwright.orders.charging_back import worth_of
from shopwright.orders.events import OrderPlaced
from shopwright.orders.refund_policy import DiscountStep, Minimum
from shopwright.promotions.amounts import amount_for
from shopwright.promotions.conditions import All, CartTotal, Condition
from shopwright.promotions.effects import NO_CAP
from shopwright.promotions.extras import By, Ladder, Rung
from shopwright.promotions.matching import Anything
from shopwright.promotions.promotion import Promotion


def minimums_of(placed: OrderPlaced, promotions: Iterable[Promotion] = ()) -> tuple[Minimum, ...]:
    """The minimums of the coupon of an order and of those promotions that took something off its lines."""
    by_id = {it.id: it for it in promotions}
    found = {}
    for rule, version in sorted({(it.rule, it.rule_version) for line in placed.lines for it in line.adjustments}):
        promotion = by_id.get(rule)
        if promotion is not None and promotion.version == version and (minimum := _minimum(promotion, placed)) is not None:
            found[rule] = minimum
    for step in placed.trace:
        if step.step == "coupon" and (least := int(step.fact("minimum"))):
            found[step.rule] = Minimum(rule=step.rule, least=least)
    return tuple(found.values())


def _minimum(promotion: Promotion, placed: OrderPlaced) -> Minimum | None:
    least = max(_totals(promotion.when, placed), default=0)
    steps = tuple(_steps(promotion, placed, least))
    worth = sum([worth_of(line, line.quantity) for line in placed.lines])
    reached = max([step.least for step in steps if step.least <= worth], default=least)
    return Minimum(rule=promotion.id, least=reached, steps=steps) if reached else None


def _totals(when: Condition, placed: OrderPlaced) -> Iterator[int]:
    if isinstance(when, All):
        for each in when.of:
            yield from _totals(each, placed)
    elif isinstance(when, CartTotal) and isinstance(when.lines, Anything):
        found = amount_for(when.least, currency=placed.currency, channel=placed.channel)
        yield 0 if found is None else found


def _steps(promotion: Promotion, placed: OrderPlaced, least: int) -> Iterator[DiscountStep]:
    """The steps of the ladder that is all that a promotion takes off; none for any other (REFUND-11)."""
    match promotion.effects:
        case (Ladder(by=By.SPEND, lines=Anything(), cap=cap, rungs=rungs, rounding=rounding),) if cap == NO_CAP:
            for rung in rungs:
                yield from _step(rung, rounding, placed, least)


def _step(rung: Rung, rounding: Rounding, placed: OrderPlaced, least: int) -> Iterator[DiscountStep]:
    spend, off = (amount_for(it, currency=placed.currency, channel=placed.channel) for it in (rung.spend, rung.off))
    if spend is not None and (rung.percent or off):
        yield DiscountStep(least=max(spend, least), percent=rung.percent, amount=off or 0, rounding=rounding)
