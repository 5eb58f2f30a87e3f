"""A discount whose minimum the goods that stay do not meet any more: how much of it they lose.

Rules
- REFUND-4: what stays keeps its share of a discount unless the policy of the order says otherwise; what is taken back so far is told by what stays,
  not by how it came to that, so that refunds in any order come to the same, and once nothing stays all of it has been given back;
- nobody pays for giving back: a refund takes off at most what it is, and the next one the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shopwright.money import allocate, share
from shopwright.orders.lines import OrderLine
from shopwright.orders.refund_policy import BelowMinimum, DiscountStep, Minimum
from shopwright.orders.unit_shares import cut, frozen_tax
from shopwright.pricing.shelf import CATALOG, MEMBER


def worth_of(line: OrderLine, units: int) -> int:
    """What the last so many units of a line were worth before promotions, in minor units."""
    return cut(_shelf(line), line, line.quantity - units, units)


def discount_of(line: OrderLine, rule: str, units: int) -> int:
    """What a rule took off the last so many units of a line, in minor units: what they cost before it less what they cost with it, so that the
    discounts of all rules are exactly what units are worth less what is paid for them.
    """
    price, off = _shelf(line), 0
    for it in line.adjustments:
        if it.code in (MEMBER, CATALOG):
            continue
        before, price = price, price + it.amount
        if it.rule == rule:
            off += cut(before, line, line.quantity - units, units) - cut(price, line, line.quantity - units, units)
    return off


def _shelf(line: OrderLine) -> int:
    """What a line was worth before promotions."""
    return line.subtotal + sum([it.amount for it in line.adjustments if it.code in (MEMBER, CATALOG)])


def lost_with(
    lines: Iterable[OrderLine], stays: Mapping[int, int], minimums: Iterable[Minimum], policy: BelowMinimum
) -> tuple[tuple[Minimum, int], ...]:
    """What units that stay (by line number) lose of the discounts whose minimum they do not meet, in minor units with the tax on it."""
    if policy is BelowMinimum.KEEP:
        return ()
    kept = [(line, stays[line.line_no]) for line in lines if stays.get(line.line_no)]
    worth = sum([worth_of(line, units) for line, units in kept])
    return tuple([(it, lost) for it in minimums if worth < it.least and (lost := _lost(kept, it, worth, policy))])


def _lost(kept: list[tuple[OrderLine, int]], minimum: Minimum, worth: int, policy: BelowMinimum) -> int:
    offs = [discount_of(line, minimum.rule, units) for line, units in kept]
    held = sum(offs)
    due = _given_for(minimum.steps, worth, sum([worth_of(line, units) for (line, units), off in zip(kept, offs, strict=True) if off]))
    stay = min(held, due) if policy is BelowMinimum.RE_EVALUATE else 0
    lost = allocate(held - stay, offs) if held > stay else (0,) * len(offs)
    return sum([part + _tax_on(line, part) for (line, _), part in zip(kept, lost, strict=True)])


def _given_for(steps: tuple[DiscountStep, ...], worth: int, base: int) -> int:
    """The most that the steps of a rule give for so much, off the goods that it is about."""
    reached = [step for step in steps if step.least <= worth]
    return max([min(base, step.amount or share(base, step.percent, step.rounding)) for step in reached], default=0)


def _tax_on(line: OrderLine, part: int) -> int:
    """The tax that comes on top of a part of the price."""
    price = line.subtotal - line.discount
    return frozen_tax(line).goods.tax * part // price if line.tax and price else 0
