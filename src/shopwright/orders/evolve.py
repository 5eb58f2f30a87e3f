"""How events change an order: one `match`. It never refuses, so that history always replays.

Rules
- an event of the order machine that the order's state does not list changes nothing but the count of events;
- units move at most as far as they are there, and what is not part of the order is passed over (ORDER-1);
- only `fold` demands something: a history begins with `OrderPlaced`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from typing import assert_never

from attrs import evolve as evolved

from shopwright.changing import begun, changed
from shopwright.errors import InvalidValue
from shopwright.orders import events as e
from shopwright.orders.edit_evolve import EDITS, evolve_edited
from shopwright.orders.exception_evolve import EXCEPTIONS, evolve_excepted
from shopwright.orders.lines import Bucket, OrderLine
from shopwright.orders.order import Order, Recovery
from shopwright.orders.settled import added
from shopwright.orders.states import TRANSITIONS, OrderState
from shopwright.orders.tags import OrderTagged
from shopwright.payments.events import PaymentAttempted, PaymentEvent
from shopwright.payments.evolve import evolve as evolve_payment
from shopwright.shipping import events as s
from shopwright.shipping import shipment as shipments
from shopwright.shipping.events import BookingAttempted, ShipmentEvent
from shopwright.shipping.states import ShipmentState

Units = tuple[tuple[int, int], ...]


def fold(events: Iterable[e.OrderEvent]) -> Order:
    """The order that a history tells of. Raises `InvalidValue` for a history that does not begin with `OrderPlaced`."""
    stream = iter(events)
    first = next(stream, None)
    if not isinstance(first, e.OrderPlaced):
        raise InvalidValue(f"a history begins with OrderPlaced; got {'nothing' if first is None else type(first).__name__}")
    return reduce(evolve, stream, begin(first))


def begin(event: e.OrderPlaced) -> Order:
    """The order as it stands right after it was placed."""
    return begun(
        Order,
        id=event.order_id,
        number=event.number,
        currency=event.currency,
        buyer_id=event.buyer_id,
        placed_at=event.at,
        state=OrderState.PLACED,
        lines=event.lines,
        payments=event.payments,
        ship_to=event.ship_to,
        shipping_method=event.shipping_method,
        claim=event.claim,
        terms=event.terms,
        placed_by=event.by,
        due_at=event.due_at,
        promised_at=event.promised_at,
        channel=event.channel,
        external_id=event.external_id,
        coupon_code=event.coupon_code,
        coupon_version=event.coupon_version,
        grants=event.grants,
        points=event.points,
        sourcing=event.sourcing,
    )


def evolve(order: Order, event: e.OrderEvent) -> Order:
    """The order after one more event."""
    if isinstance(event, _STEPS):
        return _stepped(order, event)
    if isinstance(event, EDITS):
        return evolve_edited(order, event)
    if isinstance(event, EXCEPTIONS):
        return evolve_excepted(order, event)
    count = order.event_count + 1
    match event:
        case e.RefundGranted():
            return _granted(order, event, count)
        case e.UnitsSettled():
            return changed(order, event_count=count, settled=added(order.settled, event.lines))
        case e.UnitsCanceled():
            return changed(order, event_count=count, lines=moved(order.lines, event.units, Bucket.OPEN, Bucket.CANCELED))
        case e.UnitsHandedOver():
            lines = moved(order.lines, event.units, Bucket.OPEN, Bucket.DELIVERED)
            return changed(order, event_count=count, lines=lines, delivered_at=_latest(order.delivered_at, event.at))
        case e.UnitsReturned():
            lines = moved(order.lines, event.units, Bucket.DELIVERED, Bucket.RETURNED)
            return changed(order, event_count=count, lines=lines, claim=evolved(order.claim, items=event.items))
        case e.UnitsReopened():
            lines = moved(order.lines, event.units, event.source, Bucket.OPEN)
            return changed(order, event_count=count, lines=lines, claim=evolved(order.claim, items=event.items))
        case e.PaymentAdded():
            return changed(order, event_count=count, payments=(*order.payments, event.payment))
        case e.EarningChanged():
            points = None if order.points is None else evolved(order.points, earned=event.earned)
            return changed(order, event_count=count, points=points)
        case e.ClaimChanged():
            return changed(order, event_count=count, claim=evolved(order.claim, state=event.state))
        case e.ClaimReduced():
            return changed(order, event_count=count, claim=evolved(order.claim, items=event.items))
        case e.OrderSourced():
            return changed(order, event_count=count, sourcing=event.sourcing, claim=evolved(order.claim, items=event.items))
        case e.HoldPlaced():
            return changed(order, event_count=count, holds=(*order.holds, event.hold))
        case e.HoldLifted():
            return changed(order, event_count=count, holds=tuple(hold for hold in order.holds if hold.id != event.hold_id))
        case e.RecoveryDelayed():
            return changed(order, event_count=count, recovery=Recovery(event.tries, event.until))
        case OrderTagged():
            tags = {*order.tags, *event.added}.difference(event.removed)
            return changed(order, event_count=count, tags=tuple(sorted(tags)))
        case e.OrderPlaced() | e.DisputeAnswered():
            return changed(order, event_count=count)
        case _:
            return _part(order, event, count)


def _granted(order: Order, event: e.RefundGranted, count: int) -> Order:
    return changed(
        order,
        event_count=count,
        refund_granted=order.refund_granted + event.amount,
        allowances=order.allowances + event.allowance,
        goodwill=order.goodwill + event.amount if event.goodwill else order.goodwill,
    )


OrderStep = e.ReviewRequested | e.OrderConfirmed | e.OrderSentBack | e.OrderCorrected | e.OrderCompleted | e.OrderReopened | e.OrderCanceled
# The same as a tuple, which `isinstance` looks through faster than a union.
_STEPS = (e.OrderConfirmed, e.OrderCanceled, e.OrderCompleted, e.ReviewRequested, e.OrderSentBack, e.OrderCorrected, e.OrderReopened)


def _stepped(order: Order, event: OrderStep) -> Order:
    """The order after an event of its own machine."""
    count = order.event_count + 1
    state = TRANSITIONS[order.state].get(type(event))
    if state is None:
        return changed(order, event_count=count)
    match event:
        case e.ReviewRequested():
            return changed(order, event_count=count, state=state, review_reasons=event.reasons, due_at=None)
        case e.OrderConfirmed():
            return changed(order, event_count=count, state=state, confirmed_at=event.at, due_at=None)
        case e.OrderSentBack():
            return changed(order, event_count=count, state=state)
        case e.OrderCorrected():
            return changed(order, event_count=count, state=state, ship_to=event.ship_to)
        case e.OrderCompleted():
            return changed(order, event_count=count, state=state, closed_at=event.at)
        case e.OrderReopened():
            return changed(order, event_count=count, state=state, closed_at=None)
        case e.OrderCanceled():
            return changed(order, event_count=count, state=state, cancel_reason=event.reason, closed_at=event.at, due_at=None)
    assert_never(event)


def _latest(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)


def _part(order: Order, event: PaymentEvent | ShipmentEvent, count: int) -> Order:
    if isinstance(event, ShipmentEvent):
        return _shipping(order, event, count)
    payments = tuple([evolve_payment(payment, event) if payment.id == event.payment_id else payment for payment in order.payments])
    attempts = order.attempts + isinstance(event, PaymentAttempted)
    return changed(order, event_count=count, payments=payments, attempts=attempts, recovery=None)


def _shipping(order: Order, event: ShipmentEvent, count: int) -> Order:
    if isinstance(event, s.ShipmentPlanned):
        lines = moved(order.lines, event.units, Bucket.OPEN, Bucket.ALLOCATED)
        return changed(order, event_count=count, lines=lines, shipments=(*order.shipments, shipments.planned(event)), recovery=None)
    before = order.shipment(event.shipment_id)
    if before is None:
        return changed(order, event_count=count)
    after = shipments.evolve(before, event)
    route = _ROUTES.get((before.state, after.state))
    lines = order.lines if route is None else moved(order.lines, before.units, *route)
    rest = tuple(after if shipment.id == after.id else shipment for shipment in order.shipments)
    arrived = after.state is ShipmentState.DELIVERED and before.state is not ShipmentState.DELIVERED
    delivered = _latest(order.delivered_at, event.at) if arrived else order.delivered_at
    attempts = order.attempts + isinstance(event, BookingAttempted)
    return changed(order, event_count=count, lines=lines, shipments=rest, delivered_at=delivered, attempts=attempts, recovery=None)


def _routes() -> dict[tuple[ShipmentState, ShipmentState], tuple[Bucket, Bucket]]:
    """From which bucket to which a shipment's units go when its state changes."""
    place = {
        ShipmentState.PLANNED: Bucket.ALLOCATED,
        ShipmentState.BOOKED: Bucket.ALLOCATED,
        ShipmentState.IN_TRANSIT: Bucket.SHIPPED,
        ShipmentState.TROUBLED: Bucket.SHIPPED,
        ShipmentState.DELIVERED: Bucket.DELIVERED,
        ShipmentState.RETURNING: Bucket.SHIPPED,
        ShipmentState.RETURNED: Bucket.RETURNED,
        ShipmentState.LOST: Bucket.LOST,
        ShipmentState.CANCELED: Bucket.OPEN,
    }
    return {(a, b): (place[a], place[b]) for a in place for b in place if place[a] is not place[b]}


_ROUTES = _routes()


def moved(lines: tuple[OrderLine, ...], units: Units, source: Bucket, target: Bucket) -> tuple[OrderLine, ...]:
    """The lines with these units in another bucket, as far as they are there (ORDER-1)."""
    wanted = dict(units)
    return tuple(
        changed(line, buckets=line.buckets.moved(wanted[line.line_no], source, target)) if line.line_no in wanted else line for line in lines
    )
