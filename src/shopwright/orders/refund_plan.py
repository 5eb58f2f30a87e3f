"""A refund as a value before anything of it happens: what goes back for which units and why, on which payments, and what follows from it.

`shopwright.orders.plan_refund` makes one; `shopwright.orders.refund_planned` does exactly what it says, or refuses.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from shopwright.edges import text, whole
from shopwright.members.actors import Actor
from shopwright.orders.events import RefundGranted, UnitsSettled
from shopwright.orders.refund_policy import RefundPolicy
from shopwright.pricing.tax_amounts import Taxed

Units = tuple[tuple[int, int], ...]


@frozen
class Why:
    """One part of an amount: a code, the part in minor units, and the reason in words."""

    code: str
    amount: int
    note: str


@frozen(kw_only=True)
class PlannedLine:
    """What goes back on a line, in minor units: `amount` is the sum of the amounts of its `why`.

    `each` is what the units carry of the price, one by one. `goods` and `shipping` are what goes back of either, with the taxes in it, as a credit
    note tells them. A line with no units gives back what an earlier refund kept of it.
    """

    line_no: int
    sku: str
    title: str
    units: int
    each: tuple[int, ...]
    listed: int
    discount: int
    fee: int
    charged: int
    goods: Taxed
    shipping: Taxed
    why: tuple[Why, ...]

    @property
    def amount(self) -> int:
        """What goes back on it."""
        return self.goods.gross + self.shipping.gross

    @property
    def tax(self) -> int:
        """The taxes in that."""
        return self.goods.tax + self.shipping.tax


@frozen(kw_only=True)
class Way:
    """What goes back on a payment, in minor units; `by_hand` where no gateway can be asked, `points` where it gives points back."""

    payment_id: str
    method: str
    amount: int
    by_hand: bool = False
    points: bool = False


@frozen(kw_only=True)
class KeptOfSale:
    """A commission that was taken on a line: of how much, and how much, in minor units; `party` got it."""

    line_no: int = field(validator=whole(least=1))
    party: str = field(validator=text(least=1, most=200))
    base: int = field(validator=whole(least=0))
    amount: int = field(validator=whole(least=0))


@frozen(kw_only=True)
class CommissionBack:
    """What a party gives back of its commission on a line, in minor units."""

    line_no: int
    party: str
    amount: int


@frozen(kw_only=True)
class RefundPlan:
    """What a refund does to an order that stands as it did when this was made (`event_count`); amounts are minor units of `currency`.

    `value` is what the units bring: by so much the buyer owes less. `amount` is what of it goes back as money, and `set_off` the rest, which is not
    paid, was given back before, or is disputed. `ways` add up to `amount` and to what was granted `earlier` and has not gone yet. `points` are those
    that were earned and are taken back, `uses` the quota keys of coupons and promotions that can be used again, `commissions` what is given back
    of those. The `events` are what executing it writes.
    """

    order_id: str
    order_number: str
    event_count: int
    currency: str
    units: Units
    policy: RefundPolicy
    reason: str
    by: Actor
    at: datetime
    lines: tuple[PlannedLine, ...]
    value: int
    amount: int
    earlier: int
    ways: tuple[Way, ...]
    points: int
    uses: tuple[tuple[str, int], ...]
    commissions: tuple[CommissionBack, ...]
    events: tuple[UnitsSettled | RefundGranted, ...]
    why: tuple[Why, ...]

    @property
    def set_off(self) -> int:
        """What of the value does not go back as money."""
        return self.value - self.amount

    @property
    def tax(self) -> int:
        """The taxes in its value."""
        return sum([line.tax for line in self.lines])
