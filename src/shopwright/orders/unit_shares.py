"""What units of a line carry of its frozen amounts: price, discount, shipping, tax.

Rules
- each amount is cut by the units that have been given back *in all*, rounded down, so any sequence of parts adds up to it exactly (ORDER-3);
- nothing here is below zero, and `listed - discount` is the price, less tax where that came on top.
"""

from __future__ import annotations

from attrs import frozen

from shopwright.orders.lines import OrderLine
from shopwright.orders.settled import SettledUnits
from shopwright.pricing.tax_amounts import Taxed, TaxedLine, part_of


@frozen(kw_only=True)
class UnitShare:
    """So many units of a line, the first after `before` others, and what they carry, in minor units.

    `goods` is their price with its taxes, `discount` what was taken off it, `shipping` their share of shipping with its taxes, `total` what the line
    loses with them. `each` is `goods` unit by unit.
    """

    line: OrderLine
    before: int
    units: int
    goods: Taxed
    discount: int
    shipping: Taxed
    total: int

    @property
    def listed(self) -> int:
        """Their price before discounts, without tax where that came on top."""
        return (self.goods.net if self.line.tax else self.goods.gross) + self.discount

    @property
    def each(self) -> tuple[int, ...]:
        """What each of them carries of the price."""
        gross = frozen_tax(self.line).goods.gross
        return tuple([cut(gross, self.line, self.before + n, 1) for n in range(self.units)])


def frozen_tax(line: OrderLine) -> TaxedLine:
    """The taxes that are frozen with a line; one that was placed without them has none."""
    if line.taxed is not None:
        return line.taxed
    return TaxedLine(line.line_no, Taxed(line.total - line.shipping), Taxed(line.shipping))


def cut(total: int, line: OrderLine, before: int, units: int) -> int:
    """What units of a line carry of a total of it, after so many others (ORDER-3)."""
    return total * (before + units) // line.quantity - total * before // line.quantity


def before_of(line: OrderLine, settled: SettledUnits | None) -> int:
    """How many units of a line come before the next ones that are given back: those that were, and those that never left."""
    return line.buckets.canceled + (0 if settled is None else settled.units)


def share_of(line: OrderLine, units: int, *, before: int) -> UnitShare:
    """What the next units of a line carry of its amounts."""
    taxed = frozen_tax(line)
    return UnitShare(
        line=line,
        before=before,
        units=units,
        goods=part_of(taxed.goods, units=units, of=line.quantity, before=before),
        discount=cut(line.discount, line, before, units),
        shipping=part_of(taxed.shipping, units=units, of=line.quantity, before=before),
        total=cut(line.total, line, before, units),
    )
