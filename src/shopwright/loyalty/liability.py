"""What points are in the books of the shop: a liability when they are given, revenue as they are redeemed, and more of it for what never will be.

The rules are those of IFRS 15 (B39 to B47, example 52): the price of a sale is split between goods and points by what each would cost alone; the
part of the points is deferred; and as points are redeemed, the part of it is recognized that was redeemed of all that is expected to be.

Amounts are minor units of one currency, rounded half up once for each cumulative sum, so that the steps never add up to more than the whole.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from shopwright.edges import MOST, identifier, whole
from shopwright.errors import InvalidValue
from shopwright.money import Rounding, allocate, divide


@frozen(kw_only=True)
class Deferral:
    """The price of a sale between its goods and the points that came with them."""

    goods: int
    points: int


def deferral(price: int, *, goods_alone: int, points_alone: int) -> Deferral:
    """Split a price by what the goods, and the points that are expected to be redeemed, would cost alone.

    Raises `InvalidValue` where both would cost nothing.
    """
    goods, points = allocate(price, (goods_alone, points_alone))
    return Deferral(goods=goods, points=points)


@frozen(kw_only=True)
class Cohort:
    """Points that were given together, such as in one month, and what of them is known: how many are `pending`, redeemed, and expired.

    `expected` is how many are thought to be redeemed in the end. It cannot be below what was redeemed or above what can still be.
    """

    id: str = field(validator=identifier())
    deferred: int = field(validator=whole(least=0, most=MOST))
    given: int = field(validator=whole(least=0, most=MOST))
    redeemed: int = field(default=0, validator=whole(least=0))
    expired: int = field(default=0, validator=whole(least=0))
    pending: int = field(default=0, validator=whole(least=0))
    expected: int = field(validator=whole(least=0))

    def __attrs_post_init__(self) -> None:
        least, most = self.redeemed, self.given - self.expired
        if not least <= self.expected <= most:
            raise InvalidValue(f"cohort {self.id}: expected a number of points to be redeemed from {least} to {most}, got {self.expected}")
        if self.pending > self.outstanding:
            raise InvalidValue(f"cohort {self.id}: expected at most the {self.outstanding} outstanding points to be pending, got {self.pending}")

    @property
    def outstanding(self) -> int:
        """Points that may still be redeemed."""
        return self.given - self.redeemed - self.expired

    @property
    def recognized(self) -> int:
        """Revenue from these points so far; all of it once no more are expected."""
        if self.redeemed == self.expected:
            return self.deferred
        return divide(self.deferred * self.redeemed, self.expected, Rounding.HALF_UP)

    @property
    def liability(self) -> int:
        """What is still owed in goods."""
        return self.deferred - self.recognized

    @property
    def breakage(self) -> int:
        """The part of the recognized revenue that is for points which are thought to be never redeemed."""
        return self.recognized - (divide(self.deferred * self.redeemed, self.given, Rounding.HALF_UP) if self.given else 0)


@frozen(kw_only=True)
class LiabilityReport:
    """The cohorts of a program at a moment, and their sums."""

    cohorts: tuple[Cohort, ...]
    outstanding: int
    pending: int
    recognized: int
    liability: int
    breakage: int


def report(cohorts: Iterable[Cohort]) -> LiabilityReport:
    """The sums over cohorts. Raises `InvalidValue` for two of one id."""
    told = tuple(cohorts)
    ids = [it.id for it in told]
    if len(set(ids)) < len(ids):
        raise InvalidValue(f"expected each cohort once, got {', '.join(ids)}")
    return LiabilityReport(
        cohorts=told,
        outstanding=sum([it.outstanding for it in told]),
        pending=sum([it.pending for it in told]),
        recognized=sum([it.recognized for it in told]),
        liability=sum([it.liability for it in told]),
        breakage=sum([it.breakage for it in told]),
    )
