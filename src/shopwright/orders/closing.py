"""The ends of an order: completed, canceled, expired.

Rules
- ORDER-8: cancel calls off what has not left; an order of which nothing has left is canceled, of any other the rest is called off;
- ORDER-10: an order completes when no unit is unfinished and what is owed is paid, within the tolerance of its terms;
- ORDER-12: a canceled order gives back all that it claims; when only the rest is called off, or goods that went out before were to go out once more,
  the stock of what is called off is given back and the coupon stays used, for some of the order was delivered at its price.
"""

from __future__ import annotations

from datetime import datetime

from shopwright.inventory.keys import stock_key
from shopwright.members.actors import Actor
from shopwright.members.sealing import Sealed, kept_as
from shopwright.orders import events as e
from shopwright.orders.decision import Decision, decided, require
from shopwright.orders.lines import OrderLine
from shopwright.orders.order import Order
from shopwright.orders.refunds import granted_above_owed
from shopwright.orders.reviewing import unpaid
from shopwright.orders.sourcing import given_back
from shopwright.orders.states import OrderState
from shopwright.payments.events import PaymentVoided
from shopwright.payments.states import PaymentState
from shopwright.refusals import Refusal
from shopwright.shipping.events import ShipmentCanceled
from shopwright.shipping.states import STILL_HERE, ShipmentState

Units = tuple[tuple[int, int], ...]


def complete(order: Order, *, by: Actor, at: datetime) -> Decision | Refusal:
    """Close an order of which nothing more is expected (ORDER-10).

    Refused with `order_unfinished` while units are open or on their way, with `order_unpaid` while money is missing. Raises
    `IllegalTransition` unless it is confirmed.
    """
    require(order, e.OrderCompleted)
    unfinished = sum(line.buckets.unfinished for line in order.lines)
    if unfinished:
        return Refusal("order_unfinished", f"{unfinished} units of order {order.number} are not delivered", {"units": unfinished})
    if not _paid(order):
        return unpaid(order)
    return decided(order, e.OrderCompleted(by=by, at=at))


def _paid(order: Order) -> bool:
    return order.kept + order.terms.tolerance >= order.owed


def complete_due_at(order: Order) -> datetime | None:
    """When an order completes by itself (ORDER-5); `None` while something is unfinished, unpaid or held."""
    if order.state is not OrderState.CONFIRMED or order.delivered_at is None or order.holds:
        return None
    if any(line.buckets.unfinished for line in order.lines) or not _paid(order):
        return None
    return order.delivered_at + order.terms.complete_after


def cancel(
    order: Order, *, reason: e.CancelReason, by: Actor, at: datetime, note: str | Sealed = "", goods_out: bool = False, refund: bool = True
) -> Decision | Refusal:
    """Call an order off, or what is left of it (ORDER-8).

    With `goods_out=True` the order is canceled though goods have left; they stay where they are until they come back. With
    `refund=False` nothing is granted to go back, and the order's standing says that a refund is due. Refused with
    `order_shipped` when everything has left. Raises `IllegalTransition` when the order is completed or canceled.
    """
    require(order, e.OrderCanceled)
    stopped = tuple(ShipmentCanceled(shipment_id=it.id, at=at) for it in order.shipments if it.state in STILL_HERE)
    decision = decided(order, *stopped)
    units = tuple((line.line_no, line.buckets.open) for line in decision.order.lines if line.buckets.open)
    left = any(line.buckets.left for line in decision.order.lines)
    if left and not goods_out and not units:
        return Refusal("order_shipped", f"order {order.number} has left; what comes back is a return", {"state": order.state.value})
    if units:
        decision = decision.then(e.UnitsCanceled(units=units, at=at))
    out = left or _was_out(order)
    if out:
        decision = unclaimed(decision, units, at)
    if goods_out or not left:
        text, sealed = kept_as(note)
        decision = _abandoned(decision.then(e.OrderCanceled(reason=reason, by=by, at=at, note=text, goods_out=left, sealed_note=sealed)), at)
    if not out:
        decision = _released(decision, at)
    return granted_above_owed(decision, why=f"canceled: {reason}", by=by, at=at) if refund else decision


def _was_out(order: Order) -> bool:
    """Whether goods of it were out before, though all that is left of it is here: they were to go out once more."""
    return order.delivered_at is not None or any(it.state not in STILL_HERE and it.state is not ShipmentState.CANCELED for it in order.shipments)


def call_off(order: Order, units: Units, *, why: str, by: Actor, at: datetime) -> Decision:
    """Call these open units off, while others stay sold: their stock is given back, and what is then paid above what is owed goes back."""
    decision = unclaimed(decided(order, e.UnitsCanceled(units=units, at=at)), units, at)
    return granted_above_owed(decision, why=why, by=by, at=at)


def _released(decision: Decision, at: datetime) -> Decision:
    if decision.order.claim.state in (e.ClaimState.HELD, e.ClaimState.USED):
        return decision.then(e.ClaimChanged(state=e.ClaimState.RELEASED, at=at))
    return decision


def unclaimed(decision: Decision, units: Units, at: datetime) -> Decision:
    """Give back the stock of these units, held or used (ORDER-12)."""
    claim = decision.order.claim
    left = dict(claim.items)
    for line_no, quantity in units:
        line = decision.order.line(line_no)
        if line is not None and decision.order.sourcing is not None:
            given_back(decision.order.sourcing, line, quantity, left_from(decision.order, line), left)
            continue
        for sku, count in () if line is None else line.from_stock(quantity):
            if (key := stock_key(sku)) in left:
                left[key] = max(0, left[key] - count)
    items = tuple((key, quantity) for key, quantity in left.items() if quantity)
    if claim.state not in (e.ClaimState.USED, e.ClaimState.HELD) or items == claim.items:
        return decision
    return decision.then(e.ClaimReduced(items=items, at=at))


def left_from(order: Order, line: OrderLine) -> dict[str, int]:
    """How many units of a line have left, by the place that they left from, `""` where nobody said."""
    found: dict[str, int] = {}
    for shipment in order.shipments:
        if shipment.state not in STILL_HERE and shipment.state is not ShipmentState.CANCELED:
            found[shipment.place] = found.get(shipment.place, 0) + dict(shipment.units).get(line.line_no, 0)
    return found


def _abandoned(decision: Decision, at: datetime) -> Decision:
    """Give up payments that nobody has been asked for yet."""
    for payment in decision.order.payments:
        if payment.state in (PaymentState.DUE, PaymentState.ON_DELIVERY):
            decision = decision.then(PaymentVoided(payment_id=payment.id, key="", amount=0, at=at))
    return decision
