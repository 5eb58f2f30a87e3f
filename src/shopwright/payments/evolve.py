"""How events change a payment. It never refuses, so that history always replays."""

from __future__ import annotations

from typing import assert_never

from attrs import evolve as changed

from shopwright.payments import events as e
from shopwright.payments.payment import Attempt, Payment
from shopwright.payments.states import TRANSITIONS


def evolve(payment: Payment, event: e.PaymentEvent) -> Payment:
    """The payment after one more event."""
    state = TRANSITIONS[payment.state].get(type(event), payment.state)
    match event:
        case e.PaymentAttempted():
            return changed(payment, state=state, attempts=(*payment.attempts, _opened(event)))
        case e.PaymentUnanswered():
            return changed(payment, state=state, attempts=_marked(payment, event.key, unanswered=True))
        case e.PaymentActionRequired():
            attempts = _without(payment, event.key)
            return changed(payment, state=state, attempts=attempts, reference=event.reference or payment.reference, action=event.action)
        case e.PaymentPending():
            attempts = _marked(payment, event.key, pending=True)
            return changed(payment, state=state, attempts=attempts, reference=event.reference or payment.reference)
        case e.AttemptFailed():
            return _ended(changed(payment, failures=payment.failures + 1), event.key)
        case e.PaymentDeclined() | e.AttemptClosed():
            return _ended(changed(payment, state=state), event.key)
        case e.PaymentAuthorized():
            done = changed(payment, state=state, authorized=payment.authorized + event.amount, reference=event.reference or payment.reference)
            return _ended(done, event.key)
        case e.PaymentCaptured():
            done = changed(payment, state=state, captured=payment.captured + event.amount, reference=event.reference or payment.reference)
            return _ended(done, event.key)
        case e.PaymentVoided():
            return _ended(changed(payment, state=state, voided=payment.voided + event.amount), event.key)
        case e.PaymentRefundPending():
            attempts = _marked(payment, event.key, pending=True)
            return changed(payment, attempts=attempts, pending_refund=payment.pending_refund + event.amount)
        case e.PaymentRefunded():
            return _ended(changed(payment, refunded=payment.refunded + event.amount), event.key)
        case e.PaymentRefundFailed():
            return _ended(changed(payment, refunded=payment.refunded - event.amount), event.key)
        case e.PaymentChargedBack():
            return changed(payment, state=state, charged_back=payment.charged_back + event.amount)
        case e.ChargebackReversed():
            return changed(payment, state=state, charged_back=payment.charged_back - event.amount)
    assert_never(event)


def _opened(event: e.PaymentAttempted) -> Attempt:
    return Attempt(
        key=event.key,
        verb=event.verb,
        amount=event.amount,
        at=event.at,
        reason=event.reason,
        return_url=event.return_url,
        notify_url=event.notify_url,
    )


def _without(payment: Payment, key: str) -> tuple[Attempt, ...]:
    return tuple(attempt for attempt in payment.attempts if attempt.key != key)


def _marked(payment: Payment, key: str, *, unanswered: bool = False, pending: bool = False) -> tuple[Attempt, ...]:
    return tuple(
        changed(attempt, unanswered=unanswered, pending=attempt.pending or pending) if attempt.key == key else attempt for attempt in payment.attempts
    )


def _ended(payment: Payment, key: str) -> Payment:
    """The payment without the attempt of this key; a refund that was under way is no longer pending."""
    ended = next((attempt for attempt in payment.attempts if attempt.key == key), None)
    if ended is None:
        return changed(payment, action=None) if payment.action is not None else payment
    pending = payment.pending_refund - (ended.amount if ended.pending and ended.verb == "refund" else 0)
    return changed(payment, attempts=_without(payment, key), pending_refund=pending, action=None)
