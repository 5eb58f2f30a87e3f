"""The ends of an order: completed, canceled, expired.

Rules
- ORDER-8: cancel calls off what has not left; an order of which nothing has left is canceled, of any other the rest is called off;
- ORDER-9: what a cancellation gives back is what is paid above what is then owed, never more;
- ORDER-10: an order completes when no unit is unfinished and what is owed is paid, within the tolerance of its terms.
"""

from __future__ import annotations

from datetime import datetime

from shopwright.errors import InvalidValue
from shopwright.inventory.keys import stock_key
from shopwright.members.actors import SYSTEM, Actor
from shopwright.orders import events as e
from shopwright.orders.decision import Decision, decided, require
from shopwright.orders.order import Order
from shopwright.orders.reviewing import unpaid
from shopwright.orders.states import OrderState
from shopwright.payments.events import PaymentVoided
from shopwright.payments.payment import Via
from shopwright.payments.states import PaymentState
from shopwright.refusals import Fact, Refusal
from shopwright.shipping.events import ShipmentCanceled
from shopwright.shipping.states import ShipmentState

_STILL_HERE = (ShipmentState.PLANNED, ShipmentState.BOOKED)


def complete(order: Order, *, by: Actor, at: datetime) -> Decision | Refusal:
    """Close an order of which nothing more is expected (ORDER-10).

    Refused with `order_unfinished` while units are open or on their way, with `order_unpaid` while money is missing. Goods that
    are not shipped (downloads, services) count as handed over. Raises `IllegalTransition` unless it is confirmed.
    """
    require(order, e.OrderCompleted)
    unfinished = sum(line.buckets.unfinished for line in order.lines if line.ships)
    if unfinished:
        return Refusal("order_unfinished", f"{unfinished} units of order {order.number} are not delivered", {"units": unfinished})
    if order.paid + order.terms.tolerance < order.owed:
        return unpaid(order)
    return decided(order, e.OrderCompleted(by=by, at=at))


def complete_due_at(order: Order) -> datetime | None:
    """When an order completes by itself (ORDER-5); `None` while something is unfinished."""
    if order.state is not OrderState.CONFIRMED or order.delivered_at is None:
        return None
    if any(line.buckets.unfinished for line in order.lines if line.ships):
        return None
    return order.delivered_at + order.terms.complete_after


def cancel(
    order: Order, *, reason: e.CancelReason, by: Actor, at: datetime, note: str = "", goods_out: bool = False, refund: bool = True
) -> Decision | Refusal:
    """Call an order off, or what is left of it (ORDER-8).

    With `goods_out=True` the order is canceled though goods have left; they stay where they are until they come back. With
    `refund=False` nothing is granted to go back, and the order's standing says that a refund is due. Refused with
    `order_shipped` when everything has left. Raises `IllegalTransition` when the order is completed or canceled.
    """
    require(order, e.OrderCanceled)
    stopped = tuple(ShipmentCanceled(shipment_id=it.id, at=at) for it in order.shipments if it.state in _STILL_HERE)
    decision = decided(order, *stopped)
    units = tuple((line.line_no, line.buckets.open) for line in decision.order.lines if line.buckets.open)
    left = any(line.buckets.open + line.buckets.canceled < line.quantity for line in decision.order.lines)
    if left and not goods_out:
        if not units:
            return Refusal("order_shipped", f"order {order.number} has left; what comes back is a return", {"state": order.state.value})
        return _granted(_unclaimed(decision.then(e.UnitsCanceled(units=units, at=at)), units, at), by, reason, at, refund)
    canceled = e.OrderCanceled(reason=reason, by=by, at=at, note=note, goods_out=left)
    decision = decision.then(*([e.UnitsCanceled(units=units, at=at)] if units else []), canceled)
    decision = _unclaimed(decision, units, at) if left else _released(decision, at)
    return _granted(_abandoned(decision, at), by, reason, at, refund)


def _released(decision: Decision, at: datetime) -> Decision:
    if decision.order.claim.state in (e.ClaimState.HELD, e.ClaimState.USED):
        return decision.then(e.ClaimChanged(state=e.ClaimState.RELEASED, at=at))
    return decision


def _unclaimed(decision: Decision, units: tuple[tuple[int, int], ...], at: datetime) -> Decision:
    """Give back the stock of these units; a coupon stays used, for some of the order was delivered at its price."""
    claim = decision.order.claim
    if claim.state is not e.ClaimState.USED:
        return decision
    left = dict(claim.items)
    for line_no, quantity in units:
        line = decision.order.line(line_no)
        if line is not None and (key := stock_key(line.sku)) in left:
            left[key] -= quantity
    items = tuple((key, quantity) for key, quantity in left.items() if quantity)
    return decision if items == claim.items else decision.then(e.ClaimReduced(items=items, at=at))


def _abandoned(decision: Decision, at: datetime) -> Decision:
    """Give up payments that nobody has been asked for yet."""
    for payment in decision.order.payments:
        if payment.state in (PaymentState.DUE, PaymentState.ON_DELIVERY):
            decision = decision.then(PaymentVoided(payment_id=payment.id, key="", amount=0, at=at))
    return decision


def _granted(decision: Decision, by: Actor, reason: e.CancelReason, at: datetime, refund: bool) -> Decision:
    order = decision.order
    surplus = order.paid - order.owed - order.refund_outstanding - _on_its_way(order)
    if not refund or surplus <= 0:
        return decision
    return decision.then(e.RefundGranted(amount=surplus, reason=f"canceled: {reason}", by=by, at=at))


def _on_its_way(order: Order) -> int:
    return sum(payment.net - payment.refundable for payment in order.payments)


def refund(order: Order, amount: int, *, reason: str, by: Actor, at: datetime) -> Decision | Refusal:
    """Grant that some money goes back. Refused with `refund_above_paid` when less is refundable (PAY-1)."""
    if type(amount) is not int or amount < 1:
        raise InvalidValue(f"a refund is 1 or more minor units; got {amount!r}")
    refundable = sum(payment.refundable for payment in order.payments) - order.refund_outstanding
    if amount > refundable:
        facts: dict[str, Fact] = {"wanted": amount, "refundable": refundable, "currency": order.currency}
        return Refusal("refund_above_paid", f"{amount} is more than the {refundable} that can go back", facts)
    return decided(order, e.RefundGranted(amount=amount, reason=reason, by=by, at=at))


def grant_surplus(order: Order, *, at: datetime) -> Decision:
    """Grant back what arrived for an order after it was canceled."""
    reason = order.cancel_reason or e.CancelReason.OTHER
    return _granted(Decision(order), SYSTEM, reason, at, order.state is OrderState.CANCELED)


def by_hand(order: Order) -> bool:
    """Whether money has to go back on a way that no gateway knows."""
    return order.refund_outstanding > 0 and not any(it.refundable for it in order.payments if it.tender.via is Via.GATEWAY)
