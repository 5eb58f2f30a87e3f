"""What points are worth as a means of payment, and how many of them an order takes.

    rate = PointsTender(points=100, worth=100, least=500, most_share=5_000)
    rate.usable(available=1_234, payable=9_900).points

Rules
- PAY-5: amounts and points are exchanged at one exact rate, so an amount that no whole number of points makes is refused and never rounded;
- PAY-6: the least, the multiple and the largest share bind what an order takes, and not what goes back of it: that need only be whole points;
- what can be used at most is rounded down to what an order takes, and is nothing below the least.

Refusals, in the order of the checks (the first that fails is told)

| code | condition | facts |
|---|---|---|
| `points_tender_currency` | the order is in another currency than the program | `currency`, `wanted` |
| `points_tender_account` | the account is not the buyer's | `account` |
| `points_tender_step` | the amount is not a multiple of what an order takes | `amount`, `step` |
| `points_tender_minimum` | fewer points than the least | `points`, `least` |
| `points_tender_share` | more than the largest share of what is payable | `amount`, `most` |
"""

from __future__ import annotations

from datetime import timedelta
from math import gcd, lcm

from attrs import field, frozen

from shopwright.edges import identifier, maybe, of, whole
from shopwright.errors import InvalidValue
from shopwright.refusals import Fact, Refusal

ALL = 10_000
"""All of what is payable, in basis points."""


@frozen
class Usable:
    """So many points pay so many minor units of an order; both are zero where it takes none."""

    points: int
    amount: int


@frozen(kw_only=True)
class PointsTender:
    """Points as a means of payment: so many `points` pay so many minor units (`worth`) of the program's currency.

    An order takes at least `least` points, in multiples of `multiple`, and pays `most_share` basis points of what is payable with them at most.
    `gateway` is the name under which they are paid, `hold_for` how long they are kept for an order that only promises them, and `reinstate` how long
    points can be spent again that come back after their time is over; without it they come back as expired.
    """

    points: int = field(default=1, validator=whole(least=1, most=10**9))
    worth: int = field(default=1, validator=whole(least=1, most=10**9))
    least: int = field(default=0, validator=whole(least=0))
    multiple: int = field(default=1, validator=whole(least=1, most=10**9))
    most_share: int = field(default=ALL, validator=whole(least=1, most=ALL))
    gateway: str = field(default="points", validator=identifier(most=60))
    hold_for: timedelta = field(default=timedelta(days=30), validator=of(timedelta))
    reinstate: timedelta | None = field(default=None, validator=maybe(of(timedelta)))

    def __attrs_post_init__(self) -> None:
        if self.hold_for <= timedelta(0) or (self.reinstate is not None and self.reinstate <= timedelta(0)):
            raise InvalidValue(f"expected spans above zero for hold_for and reinstate, got {self.hold_for} and {self.reinstate}")

    @property
    def step(self) -> int:
        """The smallest amount that is a whole number of points, in minor units: what goes back is a multiple of it."""
        return self.worth // gcd(self.points, self.worth)

    @property
    def taken_by(self) -> int:
        """What an order takes is a multiple of so many minor units."""
        return self._points_by // self._points_of_step * self.step

    @property
    def _points_of_step(self) -> int:
        return self.points // gcd(self.points, self.worth)

    @property
    def _points_by(self) -> int:
        return lcm(self._points_of_step, self.multiple)

    def points_for(self, amount: int) -> int:
        """The points that pay an amount. Raises `InvalidValue` for an amount that no whole number of points makes (PAY-5)."""
        if amount.__class__ is not int or amount < 0 or amount % self.step:
            raise InvalidValue(f"expected an amount that is a multiple of {self.step} minor units, got {amount!r}")
        return amount // self.step * self._points_of_step

    def amount_for(self, points: int) -> int:
        """What points pay, rounded down to what they pay exactly."""
        return points // self._points_of_step * self.step

    def most(self, payable: int) -> int:
        """The most minor units of what is payable that points pay, whatever there is of them."""
        return payable * self.most_share // ALL

    def usable(self, *, available: int, payable: int) -> Usable:
        """The most that so many points pay of an order (PAY-6)."""
        amount = min(self.amount_for(available), self.most(payable)) // self.taken_by * self.taken_by
        points = self.points_for(amount) if amount > 0 else 0
        return Usable(points, amount) if points >= max(1, self.least) else Usable(0, 0)

    def refused(self, amount: int, *, payable: int) -> Refusal | None:
        """Why an order does not take this amount in points; `None` where it does (PAY-6)."""
        if amount % self.taken_by:
            facts: dict[str, Fact] = {"amount": amount, "step": self.taken_by}
            return Refusal("points_tender_step", f"points pay multiples of {self.taken_by} minor units here, not {amount}", facts)
        points, most = self.points_for(amount), self.most(payable)
        if points < self.least:
            return Refusal("points_tender_minimum", f"{self.least} points pay at least, not {points}", {"points": points, "least": self.least})
        if amount > most:
            return Refusal("points_tender_share", f"points pay {most} of this order at most, not {amount}", {"amount": amount, "most": most})
        return None
