"""What an order's small machines mean together. Derived, never stored by hand.

Each axis is a visible table of (name, condition), and the first condition that holds gives the name.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from attrs import frozen

from shopwright.changing import changed
from shopwright.errors import InvalidValue
from shopwright.orders.lines import OrderLine
from shopwright.orders.order import Order
from shopwright.orders.setting_aside import is_awaited
from shopwright.orders.states import OrderState
from shopwright.payments.states import PaymentState


class PaymentStanding(StrEnum):
    """How the money stands."""

    DISPUTED = "disputed"
    CHARGED_BACK = "charged_back"
    UNANSWERED = "unanswered"
    REFUND_DUE = "refund_due"
    REFUNDED = "refunded"
    FREE = "free"
    OVERPAID = "overpaid"
    PARTLY_REFUNDED = "partly_refunded"
    PAID = "paid"
    AUTHORIZED = "authorized"
    ON_DELIVERY = "on_delivery"
    PARTLY_PAID = "partly_paid"
    PENDING = "pending"
    VOIDED = "voided"
    UNPAID = "unpaid"


class FulfillmentStanding(StrEnum):
    """How the goods stand."""

    NOT_SHIPPED = "not_shipped"
    AWAITED = "awaited"
    CALLED_OFF = "called_off"
    PREPARING = "preparing"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    PARTLY_DELIVERED = "partly_delivered"
    DELIVERED = "delivered"
    RETURNED = "returned"
    LOST = "lost"


class Standing(StrEnum):
    """What a customer or a clerk would say of the order."""

    CANCELED_GOODS_OUT = "canceled_goods_out"
    CANCELED_REFUND_DUE = "canceled_refund_due"
    CANCELED = "canceled"
    COMPLETED = "completed"
    SENT_BACK = "sent_back"
    ON_HOLD = "on_hold"
    IN_REVIEW = "in_review"
    AWAITING_PAYMENT = "awaiting_payment"
    DELIVERED = "delivered"
    IN_TRANSIT = "in_transit"
    PARTLY_SHIPPED = "partly_shipped"
    PREPARING = "preparing"
    AWAITING_GOODS = "awaiting_goods"
    READY_TO_SHIP = "ready_to_ship"
    RETURNED = "returned"
    LOST = "lost"


@frozen
class Standings:
    """The three axes of one order."""

    order: Standing
    payment: PaymentStanding
    fulfillment: FulfillmentStanding


def _in(order: Order, *states: PaymentState) -> bool:
    return any(payment.state in states for payment in order.payments)


_CLOSED = (PaymentState.VOIDED, PaymentState.DECLINED)

PAYMENT: tuple[tuple[PaymentStanding, Callable[[Order], bool]], ...] = (
    (PaymentStanding.DISPUTED, lambda o: any(it.open for payment in o.payments if payment.disputes for it in payment.disputes)),
    (PaymentStanding.CHARGED_BACK, lambda o: _in(o, PaymentState.CHARGED_BACK)),
    (PaymentStanding.UNANSWERED, lambda o: any(attempt.unanswered for _, attempt in o.open_attempts)),
    (PaymentStanding.REFUND_DUE, lambda o: o.refund_outstanding > 0 or (o.state is OrderState.CANCELED and o.paid > 0)),
    (PaymentStanding.REFUNDED, lambda o: o.refunded > 0 and o.paid == 0),
    (PaymentStanding.FREE, lambda o: o.total.minor == 0 and o.paid == 0),
    (PaymentStanding.PARTLY_REFUNDED, lambda o: o.refunded > 0),
    (PaymentStanding.OVERPAID, lambda o: o.paid > o.owed),
    (PaymentStanding.PAID, lambda o: o.paid > 0 and o.paid + o.terms.tolerance >= o.owed),
    (PaymentStanding.AUTHORIZED, lambda o: _in(o, PaymentState.AUTHORIZED) and o.secured),
    (PaymentStanding.ON_DELIVERY, lambda o: _in(o, PaymentState.ON_DELIVERY) and o.secured),
    (PaymentStanding.PARTLY_PAID, lambda o: o.expected > 0),
    (PaymentStanding.PENDING, lambda o: _in(o, PaymentState.STARTED, PaymentState.PROCESSING, PaymentState.AWAITING_BUYER)),
    (PaymentStanding.VOIDED, lambda o: bool(o.payments) and all(payment.state in _CLOSED for payment in o.payments)),
    (PaymentStanding.UNPAID, lambda o: True),
)


def _traveling(order: Order) -> tuple[OrderLine, ...]:
    """The lines whose goods travel; all of them when none does, for then the axis tells of the handing over."""
    return tuple([line for line in order.lines if line.ships]) or order.lines


def _units(order: Order, *buckets: str) -> int:
    return sum([int(getattr(line.buckets, bucket)) for line in _traveling(order) for bucket in buckets])


FULFILLMENT: tuple[tuple[FulfillmentStanding, Callable[[Order], bool]], ...] = (
    (FulfillmentStanding.CALLED_OFF, lambda o: _units(o, "canceled") == sum([line.quantity for line in _traveling(o)])),
    (FulfillmentStanding.PARTLY_DELIVERED, lambda o: _units(o, "delivered") > 0 and _units(o, "open", "allocated", "shipped") > 0),
    (FulfillmentStanding.PARTLY_SHIPPED, lambda o: _units(o, "shipped") > 0 and _units(o, "open", "allocated") > 0),
    (FulfillmentStanding.SHIPPED, lambda o: _units(o, "shipped") > 0),
    (FulfillmentStanding.PREPARING, lambda o: _units(o, "allocated") > 0),
    (FulfillmentStanding.AWAITED, lambda o: _units(o, "open") > 0 and is_awaited(o)),
    (FulfillmentStanding.NOT_SHIPPED, lambda o: _units(o, "open") > 0),
    (FulfillmentStanding.DELIVERED, lambda o: _units(o, "delivered") > 0),
    (FulfillmentStanding.RETURNED, lambda o: _units(o, "returned") > 0),
    (FulfillmentStanding.LOST, lambda o: True),
)

_PARTLY = (FulfillmentStanding.PARTLY_SHIPPED, FulfillmentStanding.PARTLY_DELIVERED)
_TO_SHIP = (FulfillmentStanding.NOT_SHIPPED, FulfillmentStanding.AWAITED, FulfillmentStanding.PREPARING, *_PARTLY)


def _any_still_here(order: Order) -> bool:
    """Whether a unit is still to be sent or handed over: what is gone no longer waits for its money."""
    return any(line.buckets.open or line.buckets.allocated for line in order.lines)


class _Axes:
    """An order, with its money and its goods, each looked at when it is first asked for."""

    def __init__(self, order: Order) -> None:
        self.order = order

    @cached_property
    def payment(self) -> PaymentStanding:
        return next(name for name, holds in PAYMENT if holds(self.order))

    @cached_property
    def fulfillment(self) -> FulfillmentStanding:
        return next(name for name, holds in FULFILLMENT if holds(self.order))

    @property
    def standing(self) -> Standing:
        return next(name for name, holds in ORDER if holds(self))


# Read often: to find a member through its class takes Python 3.11 much longer than to read a name.
_CANCELED, _COMPLETED, _SENT_BACK, _IN_REVIEW = OrderState.CANCELED, OrderState.COMPLETED, OrderState.SENT_BACK, OrderState.IN_REVIEW

ORDER: tuple[tuple[Standing, Callable[[_Axes], bool]], ...] = (
    (Standing.CANCELED_GOODS_OUT, lambda a: a.order.state is _CANCELED and _units(a.order, "shipped", "delivered") > 0),
    (Standing.CANCELED_REFUND_DUE, lambda a: a.order.state is _CANCELED and a.payment is PaymentStanding.REFUND_DUE),
    (Standing.CANCELED, lambda a: a.order.state is _CANCELED),
    (Standing.COMPLETED, lambda a: a.order.state is _COMPLETED),
    (Standing.SENT_BACK, lambda a: a.order.state is _SENT_BACK),
    (Standing.ON_HOLD, lambda a: bool(a.order.holds) and a.fulfillment in _TO_SHIP),
    (Standing.IN_REVIEW, lambda a: a.order.state is _IN_REVIEW),
    (Standing.AWAITING_PAYMENT, lambda a: not a.order.secured and _any_still_here(a.order)),
    (Standing.PARTLY_SHIPPED, lambda a: a.fulfillment in _PARTLY),
    (Standing.IN_TRANSIT, lambda a: a.fulfillment is FulfillmentStanding.SHIPPED),
    (Standing.PREPARING, lambda a: a.fulfillment is FulfillmentStanding.PREPARING),
    (Standing.AWAITING_GOODS, lambda a: a.fulfillment is FulfillmentStanding.AWAITED),
    (Standing.READY_TO_SHIP, lambda a: a.fulfillment is FulfillmentStanding.NOT_SHIPPED),
    (Standing.RETURNED, lambda a: a.fulfillment is FulfillmentStanding.RETURNED),
    (Standing.LOST, lambda a: a.fulfillment is FulfillmentStanding.LOST),
    (Standing.DELIVERED, lambda a: True),
)


def standings(order: Order, *, at: datetime | None = None) -> Standings:
    """Where an order stands on each axis, from its machines, its buckets and its money.

    Holds count until somebody or the sweep lifts them; with `at`, one that has expired by then counts no more.
    """
    axes = _axes(order, at)
    return Standings(axes.standing, axes.payment, axes.fulfillment)


def standing(order: Order, *, at: datetime | None = None) -> Standing:
    """Where an order stands, in one word; see `standings` for `at`."""
    return _axes(order, at).standing


def _axes(order: Order, at: datetime | None) -> _Axes:
    if not isinstance(order, Order):
        raise InvalidValue(f"expected an Order, got {type(order).__name__}")
    return _Axes(order if at is None else changed(order, holds=order.held(at)))
