"""The terms an order is placed under, frozen on it: how long it may stay unpaid, when money is taken, when it completes by itself,
which orders are confirmed without a person, and when the uses of coupons and promotions come back.

Rules
- ORDER-4: an unpaid order is canceled once `payment_window` has passed;
- ORDER-5: a delivered and paid order that nobody holds completes by itself `complete_after` its last delivery;
- ORDER-6: an order is confirmed by the approval rule only when it meets every limit; otherwise a person looks at it;
- ORDER-7: an order counts as paid when not more than `tolerance` minor units are missing.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from attrs import field, frozen

from shopwright.edges import identifier, maybe, members, of, whole
from shopwright.errors import InvalidValue
from shopwright.orders.refund_policy import RefundPolicy

SERIES = "CN"
"""The series of credit notes where nobody names another."""


class CaptureWhen(StrEnum):
    """When money is taken. A tender with `capture=False` only promises it, whatever these terms say.

    `at_once`: when the buyer pays; what was only promised is taken by hand. `on_dispatch`: what was promised is taken by itself
    once goods leave. `as_dispatched`: of what was promised the part is taken that has left, shipment by shipment, and the rest stays promised; for
    gateways that take one promise in several parts (`Capabilities.multi_capture`).
    """

    AT_ONCE = "at_once"
    ON_DISPATCH = "on_dispatch"
    AS_DISPATCHED = "as_dispatched"


class ReturnUses(StrEnum):
    """When an order that was paid gives back the uses of its coupon, codes and promotions; one that is canceled always does.

    `never`: a use that was paid for stays used. `refunded`: once all that was paid has gone back, wherever the goods are. `returned`: once all
    that was paid has gone back, and all the goods are canceled, returned or lost.
    """

    NEVER = "never"
    REFUNDED = "refunded"
    RETURNED = "returned"


class CustomerEdits(StrEnum):
    """How long a customer may edit an order; one that was sent back to them they may always.

    `until_confirmed`: before the shop has taken it on. `until_set_aside`: before anything of it was set aside for shipping, but not while somebody
    looks at it.
    """

    NEVER = "never"
    UNTIL_CONFIRMED = "until_confirmed"
    UNTIL_SET_ASIDE = "until_set_aside"


@frozen(kw_only=True)
class ApprovalRule:
    """Which orders are confirmed without a person: at most `max_total` minor units (`None`: any), of at most `max_quantity` units that are bought,
    paid on delivery only if `on_delivery`. `nobody=True` sends every order to review.
    """

    max_total: int | None = field(default=None, validator=maybe(whole(least=0)))
    max_quantity: int | None = field(default=None, validator=maybe(whole(least=0)))
    on_delivery: bool = field(default=True, validator=of(bool))
    nobody: bool = field(default=False, validator=of(bool))


@frozen(kw_only=True)
class Terms:
    """What a shop promises and demands; a value, frozen on each order when it is placed.

    `refund_first` and `refund_last` name methods of tenders: who gives back first of several payments, the first named before the others, and who
    last, the last named after all others. Without them the tender that was told last gives back first. `refunds` says what goes back for units, and
    `goodwill_most` how much of an order may go back without any, in minor units (`None`: whatever was paid). `credit_series` is the series of its
    credit notes, `None` where another system issues them.
    """

    payment_window: timedelta = field(default=timedelta(minutes=30), validator=of(timedelta))
    complete_after: timedelta = field(default=timedelta(days=7), validator=of(timedelta))
    capture: CaptureWhen = field(default=CaptureWhen.AT_ONCE, validator=of(CaptureWhen))
    approval: ApprovalRule = field(factory=ApprovalRule, validator=of(ApprovalRule))
    tolerance: int = field(default=0, validator=whole(least=0))
    return_uses: ReturnUses = field(default=ReturnUses.NEVER, validator=of(ReturnUses))
    refund_first: tuple[str, ...] = field(default=(), validator=members(str))
    refund_last: tuple[str, ...] = field(default=(), validator=members(str))
    refunds: RefundPolicy = field(factory=RefundPolicy, validator=of(RefundPolicy))
    goodwill_most: int | None = field(default=None, validator=maybe(whole(least=0)))
    credit_series: str | None = field(default=SERIES, validator=maybe(identifier(most=40)))
    customer_edits: CustomerEdits = field(default=CustomerEdits.UNTIL_CONFIRMED, validator=of(CustomerEdits))

    def __attrs_post_init__(self) -> None:
        methods = (*self.refund_first, *self.refund_last)
        if len(set(methods)) < len(methods):
            raise InvalidValue(f"terms name each method once in refund_first and refund_last; got {', '.join(methods)}")
        if self.payment_window <= timedelta(0) or self.complete_after < timedelta(0):
            raise InvalidValue(f"terms need a payment window above zero and zero or more for complete_after; got {self!r}")
