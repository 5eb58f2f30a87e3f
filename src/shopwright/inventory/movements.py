"""The movements of one sku at one location: what came in and what left, never changed afterwards. Their sum is what is on hand.

Rules
- STOCK-1: the changes of all movements sum to what is on hand;
- a movement names the lots whose units it added or took, so that a recall finds where they went; of goods without lots it counts `units`;
- what came in has a cost in minor units for all its units together; what left is valued by `shopwright.inventory.valuing`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from attrs import field, frozen

from shopwright.edges import MOST, aware, members, of, text, whole
from shopwright.inventory.stock_lots import StockLot, StockLots, units_of


class MovementKind(StrEnum):
    """Why units came or went."""

    RECEIVED = "received"
    ADJUSTED = "adjusted"
    COUNTED = "counted"
    MOVED_OUT = "moved_out"
    MOVED_IN = "moved_in"
    DAMAGED = "damaged"
    SOLD = "sold"
    RETURNED = "returned"
    NAMED = "named"
    """It turned out which units those are that were sold before: none came and none left."""


@frozen(kw_only=True)
class Movement:
    """Units that came in or left: of lots `added` and `taken`, and others, `units`, below zero where they left. `source` names the order, the
    delivery or the transfer; `cost` is what all that came in cost.
    """

    kind: MovementKind = field(validator=of(MovementKind))
    added: StockLots = field(default=(), validator=members(StockLot))
    taken: StockLots = field(default=(), validator=members(StockLot))
    units: int = field(default=0, validator=whole(least=-MOST, most=MOST))
    cost: int = field(default=0, validator=whole(least=0, most=MOST))
    source: str = field(default="", validator=text())
    reason: str = field(default="", validator=text(most=1_000))
    at: datetime = field(validator=aware)

    @property
    def change(self) -> int:
        """What it adds to what is on hand; below zero what it takes."""
        return self.came - self.left

    @property
    def came(self) -> int:
        """How many units came in."""
        return units_of(self.added) + max(0, self.units)

    @property
    def left(self) -> int:
        """How many units left."""
        return units_of(self.taken) + max(0, -self.units)
