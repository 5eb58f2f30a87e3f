"""Review: which orders a person looks at, and what the person may say. Holds stand beside it."""

from __future__ import annotations

from datetime import datetime

from shopwright.errors import InvalidValue
from shopwright.members.actors import SYSTEM, Actor
from shopwright.members.addresses import Address
from shopwright.members.sealing import Sealed, kept_as
from shopwright.orders import events as e
from shopwright.orders.decision import Decision, decided, require
from shopwright.orders.holds import Hold
from shopwright.orders.order import Order
from shopwright.orders.states import FINAL, OrderState
from shopwright.payments.payment import Via
from shopwright.refusals import Fact, Refusal


def advance(order: Order, *, at: datetime) -> Decision:
    """What follows once an order is secured: its claim is used, and it is confirmed by rule or sent to review (ORDER-6).

    Nothing happens to an order that is not placed or not secured.
    """
    if order.state is not OrderState.PLACED or not order.secured:
        return Decision(order)
    decision = _claimed(order, at)
    if reasons := review_reasons(order):
        return decision.then(e.ReviewRequested(reasons=reasons, at=at))
    return _confirmed(decision, by=SYSTEM, rule="approval_rule", at=at)


def _claimed(order: Order, at: datetime) -> Decision:
    """What an order holds is its own from now on."""
    return decided(order, e.ClaimChanged(state=e.ClaimState.USED, at=at)) if order.claim.state is e.ClaimState.HELD else Decision(order)


def _confirmed(decision: Decision, *, by: Actor, rule: str, at: datetime) -> Decision:
    """Confirmed; what does not travel is with the buyer from then on (ORDER-13)."""
    units = tuple([(line.line_no, line.buckets.open) for line in decision.order.lines if line.buckets.open and not line.ships])
    confirmation = e.OrderConfirmed(by=by, rule=rule, at=at)
    return decision.then(confirmation, e.UnitsHandedOver(units=units, at=at)) if units else decision.then(confirmation)


def review_reasons(order: Order) -> tuple[str, ...]:
    """The limits of the approval rule that this order exceeds, by name; none means that it needs no person."""
    rule = order.terms.approval
    checks = (
        ("every_order", rule.nobody),
        ("total_above_limit", rule.max_total is not None and order.total.minor > rule.max_total),
        ("quantity_above_limit", rule.max_quantity is not None and _bought(order) > rule.max_quantity),
        ("paid_on_delivery", not rule.on_delivery and any(payment.tender.via is Via.ON_DELIVERY for payment in order.payments)),
    )
    return tuple(name for name, exceeded in checks if exceeded)


def _bought(order: Order) -> int:
    """How many units are bought; gifts are the shop's own doing."""
    return sum(line.quantity for line in order.lines if line.given_by is None)


def confirm(order: Order, *, by: Actor, at: datetime) -> Decision | Refusal:
    """Approve an order. Refused with `order_unpaid` when it is not secured. Raises `IllegalTransition` unless it is placed or in review."""
    require(order, e.OrderConfirmed)
    if not order.secured:
        return unpaid(order)
    return _confirmed(_claimed(order, at), by=by, rule="person", at=at)


def unpaid(order: Order) -> Refusal:
    """The refusal of whatever needs a secured order."""
    facts: dict[str, Fact] = {"owed": order.owed, "expected": order.expected, "currency": order.currency}
    return Refusal("order_unpaid", f"order {order.number} is owed {order.owed} and can count on {order.expected}", facts)


def send_back(order: Order, *, note: str | Sealed, by: Actor, at: datetime) -> Decision:
    """Ask the customer to correct an order that is in review; `note` says what. Raises `IllegalTransition`."""
    require(order, e.OrderSentBack)
    text, sealed = kept_as(note)
    return decided(order, e.OrderSentBack(by=by, note=text, at=at, sealed_note=sealed))


def correct(order: Order, *, ship_to: Address, by: Actor, at: datetime) -> Decision:
    """The customer's correction of an order that was sent back. Raises `IllegalTransition`."""
    require(order, e.OrderCorrected)
    return decided(order, e.OrderCorrected(by=by, ship_to=ship_to, at=at))


def hold(order: Order, hold: Hold, *, at: datetime) -> Decision | Refusal:
    """Keep an order from shipping. Refused with `order_hold_exists` when it has a hold of this id, with `order_closed` when it is final."""
    if order.state in FINAL:
        return Refusal("order_closed", f"order {order.number} is {order.state}", {"state": order.state.value})
    if any(other.id == hold.id for other in order.holds):
        return Refusal("order_hold_exists", f"order {order.number} has a hold {hold.id!r} already", {"hold": hold.id})
    if hold.expires_at is not None and hold.expires_at <= at:
        raise InvalidValue(f"a hold must expire after it is placed; got {hold.expires_at} at {at}")
    return decided(order, e.HoldPlaced(hold=hold, at=at))


def lift(order: Order, hold_id: str, *, by: Actor, at: datetime) -> Decision | Refusal:
    """End a hold. Refused with `order_hold_unknown`."""
    if not any(hold.id == hold_id for hold in order.holds):
        return Refusal("order_hold_unknown", f"order {order.number} has no hold {hold_id!r}", {"hold": hold_id})
    return decided(order, e.HoldLifted(hold_id=hold_id, by=by, at=at))


def lift_expired(order: Order, *, at: datetime) -> Decision:
    """End every hold whose time has passed."""
    ended = tuple(e.HoldLifted(hold_id=hold.id, by=SYSTEM, at=at) for hold in order.holds if not hold.active(at))
    return decided(order, *ended)
