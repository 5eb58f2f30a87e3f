"""Counts and sums that can be added up, and the rates that are made of them: `tally.cancellation_rate` is exact, or `None` where there is
nothing to rate.

Rules
- STAT-1: tallies hold whole numbers alone, amounts in minor units of one currency, so the tally of several is their sum, in any order; rates are made
  of sums and are never added or averaged;
- STAT-2: gross sales are the goods at their prices before discounts; net sales are gross less discounts, less what was called off, given back and
  allowed; total sales are net sales with the shipping and the taxes that are still owed;
- STAT-3: the average value of an order is gross less discounts over the orders that were placed;
- STAT-4: the cancellation rate is the canceled among the placed orders, the return rate the units that came back among those that arrived, the
  on-time rate the orders that arrived in time among those that arrived and were promised for a day;
- STAT-5: the conversion rate is the orders that were placed over the visits; it is told where visits were counted, and may be above one where orders
  come by other ways;
- STAT-6: a rate over nothing is `None`, and no number.
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from operator import attrgetter

from attrs import fields, frozen


class Dimension(StrEnum):
    """What a tally is about: a channel of the shop, or a category or a seller in it."""

    SHOP = "shop"
    CATEGORY = "category"
    SELLER = "seller"


@frozen(kw_only=True)
class Tally:
    """What was counted. Everything about an order counts on the day it was placed, but `cancellations` and `refunds`, which count when they happen.

    Of orders: `placed`, and of these `confirmed`, `canceled`, `arrived`, `timed` (arrived, and promised for a day), `on_time`. Of units: `units`
    ordered, `units_arrived`, `units_returned`. Amounts: `gross`, `discounts`, `called_off`, `given_back` and `allowed` of goods; `shipping` and
    `taxes` (put on top of prices) as agreed, `shipping_off` and `taxes_off` of them; `taxes_within`, the part of what is owed that is tax within
    prices; `refunds`, all that was granted to go back. Of visits: `visits`, those that came to a product, a cart, a checkout, `visitors`, and what
    is told apart: `bot_visits`, `bot_steps`, `late_steps`.
    """

    placed: int = 0
    confirmed: int = 0
    canceled: int = 0
    arrived: int = 0
    timed: int = 0
    on_time: int = 0
    units: int = 0
    units_arrived: int = 0
    units_returned: int = 0
    gross: int = 0
    discounts: int = 0
    called_off: int = 0
    given_back: int = 0
    allowed: int = 0
    shipping: int = 0
    shipping_off: int = 0
    taxes: int = 0
    taxes_off: int = 0
    taxes_within: int = 0
    cancellations: int = 0
    refunds: int = 0
    visits: int = 0
    product_visits: int = 0
    cart_visits: int = 0
    checkout_visits: int = 0
    visitors: int = 0
    bot_visits: int = 0
    bot_steps: int = 0
    late_steps: int = 0

    def plus(self, other: Tally) -> Tally:
        """Both together (STAT-1)."""
        return _tally([one + more for one, more in zip(_numbers(self), _numbers(other), strict=True)])

    def minus(self, other: Tally) -> Tally:
        """What is left of this without the other."""
        return _tally([one - less for one, less in zip(_numbers(self), _numbers(other), strict=True)])

    @property
    def net(self) -> int:
        """Net sales (STAT-2)."""
        return self.gross - self.discounts - self.called_off - self.given_back - self.allowed

    @property
    def total(self) -> int:
        """Total sales (STAT-2): what buyers owe, or owed and have paid."""
        return self.net + self.shipping - self.shipping_off + self.taxes - self.taxes_off

    @property
    def average_value(self) -> Fraction | None:
        """The average value of an order, in minor units (STAT-3)."""
        return _over(self.gross - self.discounts, self.placed)

    @property
    def cancellation_rate(self) -> Fraction | None:
        """How many of the orders were canceled (STAT-4)."""
        return _over(self.canceled, self.placed)

    @property
    def return_rate(self) -> Fraction | None:
        """How many of the units that arrived came back (STAT-4)."""
        return _over(self.units_returned, self.units_arrived)

    @property
    def on_time_rate(self) -> Fraction | None:
        """How many of the promised orders that arrived were in time (STAT-4)."""
        return _over(self.on_time, self.timed)

    @property
    def conversion_rate(self) -> Fraction | None:
        """How many orders there were for each visit (STAT-5)."""
        return _over(self.placed, self.visits)

    @property
    def cart_rate(self) -> Fraction | None:
        """How many of the visits came to a cart."""
        return _over(self.cart_visits, self.visits)

    @property
    def checkout_rate(self) -> Fraction | None:
        """How many of the visits came to a checkout."""
        return _over(self.checkout_visits, self.visits)


_NAMES = tuple([it.name for it in fields(Tally)])
_numbers = attrgetter(*_NAMES)


def _tally(numbers: list[int]) -> Tally:
    return Tally(**dict(zip(_NAMES, numbers, strict=True)))


def _over(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


NOTHING = Tally()
"""Nothing was counted."""
