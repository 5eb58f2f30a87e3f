"""Coupons that orders promised, or that points buy: handed out once, as a code where the shop has a batch of that name, else for the host to give."""

from __future__ import annotations

from datetime import datetime

from attrs import evolve, field, frozen

from shopwright.edges import MOST, aware, identifier, text, whole


@frozen(kw_only=True)
class Prize:
    """A coupon that points buy: the next code of a `batch` for so many `points`. Goods need no prize, for an order can be paid with points."""

    id: str = field(validator=identifier(most=60))
    version: int = field(default=1, validator=whole(least=1))
    points: int = field(validator=whole(least=1, most=MOST))
    batch: str = field(validator=text(least=1))


@frozen(kw_only=True)
class CouponReward:
    """A coupon of a batch that an order earned its buyer, or that points bought; `code` is empty where the shop has no such codes (left).

    `id` is the key of the promise, or the id of the redemption; `promotion` with `version` is the promotion, or the prize, that it is of. No order is
    named where points bought it.
    """

    id: str = field(validator=identifier())
    order_id: str = field(default="", validator=text())
    buyer_id: str = field(validator=text(least=1))
    batch: str = field(validator=text(least=1))
    code: str = field(default="", validator=text(), repr=False)
    promotion: str = field(validator=text(least=1))
    version: int = field(validator=whole(least=1))
    at: datetime = field(validator=aware)


@frozen(kw_only=True)
class CouponGiven:
    """A coupon is due, and was given as a code, or is for the host to give where `has_code` is false; the reward of the same key tells the rest."""

    key: str
    order_id: str
    buyer_id: str
    batch: str
    has_code: bool
    at: datetime = field(validator=aware)


@frozen
class HandedOut:
    """How many codes of a batch were handed out to orders; `id` is that of the batch. Codes are handed out in the order of their positions."""

    id: str = field(validator=identifier())
    count: int = field(default=0, validator=whole(least=0))

    def next(self) -> HandedOut:
        """With one more."""
        return evolve(self, count=self.count + 1)
