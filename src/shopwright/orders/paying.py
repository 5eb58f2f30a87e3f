"""Which step an order's money takes next, and what a gateway's answer means for the order.

Keys. The n-th time that an order asks anybody outside, it asks under `<order id>_<n>`: minted from the order, stored with the
attempt before the call, and never minted anew for the same attempt (PAY-2).
"""

from __future__ import annotations

from datetime import datetime

from attrs import evolve as changed

from shopwright.errors import IllegalTransition
from shopwright.members.actors import SYSTEM
from shopwright.orders.closing import grant_surplus
from shopwright.orders.decision import Decision, decided
from shopwright.orders.events import ExceptionNoted, HoldLifted, HoldPlaced
from shopwright.orders.holds import Hold, HoldReason
from shopwright.orders.order import Order
from shopwright.orders.reviewing import advance
from shopwright.orders.states import OrderState, allowed
from shopwright.orders.terms import CaptureWhen
from shopwright.payments import verbs
from shopwright.payments.events import (
    AttemptFailed,
    PaymentAttempted,
    PaymentDeclined,
    PaymentEvent,
    PaymentRefundFailed,
    PaymentUnanswered,
    PaymentVerb,
)
from shopwright.payments.notifications import EventKind, GatewayEvent
from shopwright.payments.outcomes import Done, Outcome
from shopwright.payments.payment import Payment, Via
from shopwright.payments.states import PaymentState
from shopwright.refusals import Refusal
from shopwright.shipping.states import ShipmentState

MAX_FAILURES = 3
"""How often a payment may refuse what the shop asks of it by itself."""


def next_key(order: Order) -> str:
    """The key under which the order's next question to the outside is asked."""
    return f"{order.id}_{order.attempts + 1}"


def order_of_key(key: str) -> str:
    """The id of the order that a key belongs to; empty when it is none of ours."""
    return key[:26] if len(key) > 27 and key[26] == "_" else ""


def payment_of_key(order: Order, key: str) -> Payment | None:
    """The payment that was asked for under this key and still waits for the end of it."""
    return next((payment for payment in order.payments if verbs.open_attempt(payment, key)), None)


def start(order: Order, payment_id: str, *, at: datetime, return_url: str = "", notify_url: str = "") -> Decision | Refusal:
    """Ask the gateway for a payment that is due. Refused with `payment_unknown`; raises `IllegalTransition` for an order that is closed."""
    payment = order.payment(payment_id)
    if payment is None:
        return _unknown(order, payment_id)
    if order.state in (OrderState.COMPLETED, OrderState.CANCELED):
        raise IllegalTransition("pay", "an order", order.state, allowed(order.state))
    event = verbs.attempt(payment, PaymentVerb.START, key=next_key(order), amount=payment.tender.amount, at=at)
    return decided(order, changed(event, return_url=return_url, notify_url=notify_url))


def _unknown(order: Order, payment_id: str) -> Refusal:
    return Refusal("payment_unknown", f"order {order.number} has no payment {payment_id!r}", {"payment": payment_id})


def record(order: Order, payment_id: str, amount: int, *, reference: str = "", at: datetime) -> Decision | Refusal:
    """Money that arrived outside a gateway. Refused with `payment_unknown`."""
    payment = order.payment(payment_id)
    if payment is None:
        return _unknown(order, payment_id)
    return follow_up(decided(order, verbs.record(payment, amount, reference=reference, at=at)), at=at)


def capture(order: Order, payment_id: str, *, amount: int | None = None, at: datetime) -> Decision | Refusal:
    """Take what was promised, or a part of it. Refused with `payment_unknown`; raises `IllegalTransition`, `InvalidValue`."""
    payment = order.payment(payment_id)
    if payment is None:
        return _unknown(order, payment_id)
    wanted = payment.open_authorization if amount is None else amount
    return decided(order, verbs.attempt(payment, PaymentVerb.CAPTURE, key=next_key(order), amount=wanted, at=at))


def answer(order: Order, payment: Payment, outcome: Outcome, *, key: str, at: datetime) -> Decision:
    """Take in a gateway's answer, and what follows from it for the order. A payment that the provider doubts holds the order."""
    events = verbs.answer(payment, outcome, key=key, at=at)
    decision = decided(order, *events)
    for event in events:
        if isinstance(event, AttemptFailed):
            facts = (("payment", payment.id), ("reason", event.reason), ("raw_code", event.raw_code))
            decision = decision.then(ExceptionNoted(code=f"{event.verb}_failed", facts=facts, at=at))
    if isinstance(outcome, Done) and outcome.under_review:
        decision = doubted(decision, payment, at=at)
    return follow_up(decision, at=at)


def doubted(decision: Decision, payment: Payment, *, at: datetime) -> Decision:
    """Hold an order whose payment the provider has doubts about, once."""
    id = f"payment_review_{payment.id}"
    if any(hold.id == id for hold in decision.order.holds):
        return decision
    return decision.then(HoldPlaced(hold=Hold(id=id, reason=HoldReason.PAYMENT_RISK, by=SYSTEM, at=at), at=at))


def notified(order: Order, payment: Payment, event: GatewayEvent, *, at: datetime) -> Decision:
    """Take in what a provider pushed. Totals that lag behind what is known change nothing, so the order of arrival does not matter."""
    key = event.our_key.value if event.our_key else ""
    told: list[PaymentEvent] = []
    if event.totals is not None:
        told += verbs.settle(payment, event.totals, key=key, reference=event.reference, at=at)
    minor = 0 if event.amount is None else event.amount.minor
    failed = not payment.captured and payment.state is not PaymentState.DECLINED
    if event.kind is EventKind.FAILED and failed:
        told.append(PaymentDeclined(payment_id=payment.id, key=key, reason="failed", advice="try_other_method", raw_code=event.kind.value, at=at))
    if event.kind is EventKind.REFUND_FAILED:
        told.append(_refund_failed(payment, key, minor, at))
    decision = decided(order, *told)
    hold_id = f"payment_review_{payment.id}"
    if event.kind is EventKind.REVIEW_OPENED:
        decision = doubted(decision, payment, at=at)
    elif event.kind is EventKind.REVIEW_CLOSED and any(hold.id == hold_id for hold in order.holds):
        decision = decision.then(HoldLifted(hold_id=hold_id, by=SYSTEM, at=at))
    return follow_up(decision, at=at)


def _refund_failed(payment: Payment, key: str, amount: int, at: datetime) -> PaymentEvent:
    """A refund under way has failed, or one that was reported done has come back."""
    if verbs.open_attempt(payment, key) is not None:
        return AttemptFailed(payment_id=payment.id, key=key, verb=PaymentVerb.REFUND, reason="refund_failed", raw_code="", at=at)
    return PaymentRefundFailed(payment_id=payment.id, key=key, amount=min(amount, payment.refunded), at=at)


def unanswered(order: Order, payment: Payment, *, key: str, why: str, at: datetime) -> Decision:
    """Note that a gateway gave no verdict; nothing is guessed."""
    attempt = verbs.open_attempt(payment, key)
    if attempt is None or attempt.unanswered:
        return Decision(order)
    return decided(order, PaymentUnanswered(payment_id=payment.id, key=key, why=why, at=at))


def follow_up(decision: Decision, *, at: datetime) -> Decision:
    """What follows once money has moved: an order is secured, or what came too late is granted back."""
    if decision.order.state is OrderState.CANCELED:
        more = grant_surplus(decision.order, at=at)
    else:
        more = advance(decision.order, at=at)
    return Decision(more.order, (*decision.events, *more.events))


def open_payments(order: Order) -> tuple[Payment, ...]:
    """The payments that wait for the buyer or the provider, with no question of ours open."""
    waiting = (PaymentState.AWAITING_BUYER, PaymentState.PROCESSING)
    return tuple(it for it in order.payments if it.state in waiting and not it.attempts and it.reference)


def due(order: Order) -> tuple[Payment, ...]:
    """The payments that wait for their gateway to be asked."""
    return tuple(it for it in order.payments if it.state is PaymentState.DUE and it.tender.via is Via.GATEWAY and it.tender.amount)


def next_step(order: Order, *, at: datetime) -> PaymentAttempted | None:
    """The next thing to ask a gateway for so that the money follows the order: capture, void or refund; `None` when all is done.

    Nothing is asked of a payment of which an earlier attempt is open, or which has refused `MAX_FAILURES` times: a person has to look
    at it. Of several payments the last one gives back first.
    """
    for payment in order.payments:
        if not _askable(payment):
            continue
        if (verb := _wanted(order, payment)) is not None:
            amount = payment.open_authorization or payment.tender.amount
            return verbs.attempt(payment, verb, key=next_key(order), amount=amount, at=at)
    return _next_refund(order, at)


def _askable(payment: Payment) -> bool:
    return payment.tender.via is Via.GATEWAY and not payment.attempts and payment.failures < MAX_FAILURES


def _wanted(order: Order, payment: Payment) -> PaymentVerb | None:
    waiting = payment.state in (PaymentState.AWAITING_BUYER, PaymentState.PROCESSING)
    if order.state is OrderState.CANCELED:
        return PaymentVerb.VOID if payment.open_authorization or waiting else None
    if not payment.open_authorization:
        return None
    left = any(it.state not in (ShipmentState.PLANNED, ShipmentState.BOOKED, ShipmentState.CANCELED) for it in order.shipments)
    if order.state is OrderState.COMPLETED or (order.terms.capture is CaptureWhen.ON_DISPATCH and left):
        return PaymentVerb.CAPTURE
    return None


def _next_refund(order: Order, at: datetime) -> PaymentAttempted | None:
    outstanding = order.refund_outstanding
    if not outstanding:
        return None
    for payment in reversed(order.payments):
        amount = min(outstanding, payment.refundable)
        if amount and _askable(payment):
            return verbs.attempt(payment, PaymentVerb.REFUND, key=next_key(order), amount=amount, at=at)
    return None
