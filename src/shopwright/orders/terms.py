"""The terms an order is placed under, frozen on it: how long it may stay unpaid, when money is taken, when it completes by itself,
and which orders are confirmed without a person.

Rules
- ORDER-4: an unpaid order is canceled once `payment_window` has passed;
- ORDER-5: a delivered order completes by itself `complete_after` its last delivery;
- ORDER-6: an order is confirmed by the approval rule only when it meets every limit; otherwise a person looks at it;
- ORDER-7: an order counts as paid when not more than `tolerance` minor units are missing.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from attrs import field, frozen

from shopwright.errors import InvalidValue


class CaptureWhen(StrEnum):
    """When money that was promised is taken."""

    AT_ONCE = "at_once"
    ON_DISPATCH = "on_dispatch"


@frozen(kw_only=True)
class ApprovalRule:
    """Which orders are confirmed without a person: at most `max_total` minor units (`None`: any), of at most `max_quantity` units,
    paid on delivery only if `on_delivery`. `nobody=True` sends every order to review.
    """

    max_total: int | None = None
    max_quantity: int | None = None
    on_delivery: bool = True
    nobody: bool = False


@frozen(kw_only=True)
class Terms:
    """What a shop promises and demands; a value, frozen on each order when it is placed."""

    payment_window: timedelta = timedelta(minutes=30)
    complete_after: timedelta = timedelta(days=7)
    capture: CaptureWhen = CaptureWhen.AT_ONCE
    approval: ApprovalRule = field(factory=ApprovalRule)
    tolerance: int = 0

    def __attrs_post_init__(self) -> None:
        if self.payment_window <= timedelta(0) or self.complete_after < timedelta(0) or self.tolerance < 0:
            raise InvalidValue(f"terms need a payment window above zero, and zero or more for complete_after and tolerance; got {self!r}")
