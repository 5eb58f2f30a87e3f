"""What was given back for units of an order, line by line: what later refunds go on from.

Rules
- REFUND-1: the units that were given back are the first of their line in the cut of its amounts, after those that were canceled; so parts of any
  size, in any order, add up to the line exactly, whatever was kept of them is told apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from shopwright.edges import whole
from shopwright.orders.lines import OrderLine

if TYPE_CHECKING:
    from collections.abc import Iterable


@frozen(kw_only=True)
class SettledUnits:
    """Units of a line that were given back, and what for them, in minor units: of one refund, or of all so far.

    `goods` and `shipping` are what goes back; `kept` is what of the units' share of the line does not, and below zero where a refund gives back
    what an earlier one kept. Of it `shipping_kept` is shipping and `charged` a discount that was taken back; the rest are fees, and the cent by which
    the cuts of a line and of its parts may differ meanwhile.
    """

    line_no: int = field(validator=whole(least=1))
    units: int = field(validator=whole(least=0))
    goods: int = field(default=0, validator=whole())
    shipping: int = field(default=0, validator=whole())
    kept: int = field(default=0, validator=whole())
    shipping_kept: int = field(default=0, validator=whole())
    charged: int = field(default=0, validator=whole())

    @property
    def amount(self) -> int:
        """What goes back in all."""
        return self.goods + self.shipping

    def plus(self, other: SettledUnits) -> SettledUnits:
        """Both together."""
        return SettledUnits(
            line_no=self.line_no,
            units=self.units + other.units,
            goods=self.goods + other.goods,
            shipping=self.shipping + other.shipping,
            kept=self.kept + other.kept,
            shipping_kept=self.shipping_kept + other.shipping_kept,
            charged=self.charged + other.charged,
        )


def added(settled: tuple[SettledUnits, ...], more: Iterable[SettledUnits]) -> tuple[SettledUnits, ...]:
    """All that was given back, by line, with what more was."""
    by_line = {it.line_no: it for it in settled}
    for it in more:
        by_line[it.line_no] = by_line[it.line_no].plus(it) if it.line_no in by_line else it
    return tuple([by_line[line_no] for line_no in sorted(by_line)])


def owed_on(line: OrderLine, settled: SettledUnits) -> int:
    """What the buyer owes on a line of which units were given back: for the units that stay, and what was kept of the others.

    Units that were given back and come back afterwards are the same units, so they count once.
    """
    gone = min(line.quantity, line.buckets.canceled + max(line.buckets.returned + line.buckets.lost, settled.units))
    return line.total - line.total * gone // line.quantity + settled.kept
