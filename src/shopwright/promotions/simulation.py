"""What a promotion set would have done to past orders: its cost, who pays less and who more, what stood together, what was used up and when.

    found = simulate(orders, engine)                          # orders in the order of their time
    found.cost, found.share, found.break_even(margin=3_000)

Rules
- amounts are minor units of the one currency that all orders are in;
- sales are goods and shipping before promotions; the cost of a promotion is what it took off them. Gifts, points and coupons are no cost: what the
  shop reckons them at stands apart;
- a promotion is used up (`exhausted_at`) from the order on that took the last of its total, its units or its budget, or that first wanted more;
- an order wins when it would have paid less than it did, and loses when it would have paid more. It did pay what is told of it, or what another
  set would have asked (`against`); where neither is known, it is counted as not compared;
- nobody knows which orders a promotion brings. What can be known is the break-even: let the goods of the orders that promotions change amount to R
  before promotions, the margin on them be m, the cost be C, and the cost of the other set be B (0 without one). The goods earned m*R - B and
  now earn m*R - C. They earn as much again when these orders grow by u, where (1 + u) * (m*R - C) = m*R - B, so

      u = (C - B) / (m*R - C)

  A set pays only if it brings more than u. There is no such u when the cost is the whole margin or more: then no growth pays for it. Shipping
  is taken to earn nothing, so that what is taken off it counts in full.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

from attrs import field, frozen

from shopwright.edges import identifier, maybe, of, whole
from shopwright.errors import InvalidValue
from shopwright.money import BASIS_POINTS
from shopwright.promotions.basket import Basket
from shopwright.promotions.courses import Course


@frozen
class PastOrder:
    """An order as it was placed: what promotions see of it, and what was paid for it in all (minor units); `None` is not known.

    Raises `InvalidValue` for wrong types and for a negative payment.
    """

    id: str = field(validator=identifier())
    basket: Basket = field(validator=of(Basket))
    paid: int | None = field(default=None, validator=maybe(whole(least=0)))

    @property
    def at(self) -> datetime:
        """When it was placed."""
        return self.basket.at


@frozen
class PromotionTally:
    """What became of one promotion.

    `cost` is what it took off, `extras` what the shop reckons its gifts, points and coupons at, `goods` what the goods of its orders amount to
    before promotions. `turned_away` counts the orders that would have had it but for its limits. `course` is its cost over time.
    """

    id: str
    title: str
    uses: int
    cost: int
    extras: int
    goods: int
    turned_away: int
    first_use: datetime | None
    last_use: datetime | None
    exhausted_at: datetime | None
    course: Course

    def break_even(self, *, margin: int) -> Fraction | None:
        """By how much its orders must grow to pay for it, at a margin in basis points; `None` where no growth would do."""
        return break_even(goods=self.goods, cost=self.cost, margin=margin)


@frozen
class Overlap:
    """So many orders in which these two promotions stood together."""

    one: str
    other: str
    orders: int


@frozen
class Change:
    """An order that would have paid so much less (`amount` above zero) or more (below)."""

    order: str
    amount: int


@frozen
class Side:
    """The orders on one side: how many, what they have in sum (from zero up), and those with the most."""

    orders: int
    amount: int
    first: tuple[Change, ...]


@frozen
class Simulation:
    """What a promotion set would have done to past orders.

    `changed` counts the orders that any promotion applied to, `discounted` those it took money off; `goods` and `shipping` are before promotions,
    `changed_goods` those of orders that this set or the other takes something off. `baseline` is the cost of the other set; `unproved` counts the
    orders for which the search could not prove that no better set exists. `step` is how long a step of the courses is.
    """

    currency: str
    orders: int
    changed: int
    discounted: int
    unproved: int
    first_at: datetime | None
    last_at: datetime | None
    goods: int
    shipping: int
    changed_goods: int
    cost: int
    extras: int
    baseline: int
    promotions: tuple[PromotionTally, ...]
    overlaps: tuple[Overlap, ...]
    winners: Side
    losers: Side
    unmoved: int
    not_compared: int
    step: timedelta

    @property
    def sales(self) -> int:
        """What goods and shipping amount to before promotions."""
        return self.goods + self.shipping

    @property
    def share(self) -> Fraction | None:
        """The cost as a part of the sales; `None` without any."""
        return Fraction(self.cost, self.sales) if self.sales else None

    def break_even(self, *, margin: int) -> Fraction | None:
        """By how much the orders that promotions change must grow to pay for them; `None` where no growth would do."""
        return break_even(goods=self.changed_goods, cost=self.cost, baseline=self.baseline, margin=margin)


def break_even(*, goods: int, cost: int, baseline: int = 0, margin: int) -> Fraction | None:
    """By how much these sales must grow for a cost to pay: `(cost - baseline) / (margin * goods - cost)`; `None` where no growth would do.

    `margin` is in basis points of the goods before promotions. Below zero, sales may fall by so much. Raises `InvalidValue` for a margin that is
    not 1 to 10,000.
    """
    if margin.__class__ is not int or not 1 <= margin <= BASIS_POINTS:
        raise InvalidValue(f"expected a margin of 1 to {BASIS_POINTS} basis points (3000 is 30 %), got {margin!r}")
    if cost == baseline:
        return Fraction(0)
    left = Fraction(goods * margin, BASIS_POINTS) - cost
    return Fraction(cost - baseline) / left if left > 0 else None
