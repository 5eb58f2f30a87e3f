"""How events change a payment. It never refuses, so that history always replays."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from attrs import evolve as evolved

from shopwright.changing import changed
from shopwright.payments import events as e
from shopwright.payments.disputes import with_told
from shopwright.payments.events import PaymentVerb
from shopwright.payments.payment import Attempt, Judged, Payment
from shopwright.payments.states import TRANSITIONS, PaymentState


def evolve(payment: Payment, event: e.PaymentEvent) -> Payment:
    """The payment after one more event."""
    state = TRANSITIONS[payment.state].get(type(event), payment.state)
    match event:
        case e.PaymentAttempted():
            key = event.key if event.verb is PaymentVerb.START else payment.key
            held_back = payment.held_back or event.promise_only
            return changed(payment, state=state, key=key, attempts=(*payment.attempts, _opened(event)), held_back=held_back)
        case e.RiskAssessed():
            times = 1 if payment.judged is None else payment.judged.times + 1
            return changed(payment, judged=Judged(follows=event.follows, times=times, until=event.review_until))
        case e.PaymentReviewTold():
            return _reviewed(payment, event)
        case e.DisputeTold():
            return changed(payment, disputes=with_told(payment.disputes, event.dispute))
        case e.PaymentUnanswered():
            return changed(payment, state=state, attempts=_marked(payment, event.key, unanswered=True))
        case e.PaymentActionRequired():
            action = event.action if state is PaymentState.AWAITING_BUYER else payment.action
            return changed(_ended(payment, event.key), state=state, reference=event.reference or payment.reference, action=action)
        case e.PaymentPending():
            attempts = _marked(payment, event.key, pending=True)
            action = None if state is PaymentState.PROCESSING else payment.action
            return changed(payment, state=state, attempts=attempts, reference=event.reference or payment.reference, action=action)
        case e.AttemptFailed():
            lost = (*payment.failed_refunds, event.key) if event.verb is PaymentVerb.REFUND else payment.failed_refunds
            return changed(_ended(payment, event.key), failures=payment.failures + 1, failed_refunds=lost)
        case e.AttemptClosed():
            return _ended(payment, event.key)
        case e.PaymentDeclined():
            return changed(_ended(payment, event.key), state=state, action=None)
        case e.PaymentAuthorized():
            reference = event.reference or payment.reference
            return changed(_ended(payment, event.key), state=state, authorized=payment.authorized + event.amount, reference=reference, action=None)
        case e.PaymentCaptured():
            reference = event.reference or payment.reference
            return changed(_ended(payment, event.key), state=state, captured=payment.captured + event.amount, reference=reference, action=None)
        case e.PaymentVoided():
            return _voided(_ended(payment, event.key), event.amount, state)
        case _:
            return _returned(payment, event, state)


def _reviewed(payment: Payment, event: e.PaymentReviewTold) -> Payment:
    """The payment with the latest that the provider told of its review, in whichever order it was told."""
    if event.open:
        return changed(payment, review_opened_at=_later(payment.review_opened_at, event.told_at))
    return changed(payment, review_closed_at=_later(payment.review_closed_at, event.told_at))


def _later(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else max(one, other)


def _voided(payment: Payment, amount: int, state: PaymentState) -> Payment:
    """The payment with less of its promise; it is voided once nothing of it is promised."""
    less = changed(payment, voided=payment.voided + amount)
    return less if less.open_authorization else changed(less, state=state, action=None)


Returned = e.PaymentRefundPending | e.PaymentRefunded | e.PaymentRefundFailed | e.PaymentChargedBack | e.ChargebackReversed


def _returned(payment: Payment, event: Returned, state: PaymentState) -> Payment:
    """What goes back to the buyer, and what comes back from there."""
    match event:
        case e.PaymentRefundPending():
            attempts = _marked(payment, event.key, pending=True)
            return changed(payment, attempts=attempts, pending_refund=payment.pending_refund + event.amount)
        case e.PaymentRefunded():
            by_hand = payment.refunded_by_hand + (event.amount if event.by_hand else 0)
            refunds = (*payment.refunds, (event.key, event.whole or event.amount)) if event.key else payment.refunds
            return changed(_ended(payment, event.key), refunded=payment.refunded + event.amount, refunded_by_hand=by_hand, refunds=refunds)
        case e.PaymentRefundFailed():
            lost = (*payment.failed_refunds, event.key) if event.key else payment.failed_refunds
            kept = tuple(refund for refund in payment.refunds if refund[0] != event.key)
            failures = payment.failures + (1 if event.amount else 0)
            less = payment.refunded - event.amount
            return changed(_ended(payment, event.key), refunded=less, failures=failures, refunds=kept, failed_refunds=lost)
        case e.PaymentChargedBack():
            return changed(payment, state=state, charged_back=payment.charged_back + event.amount)
        case e.ChargebackReversed():
            left = payment.charged_back - event.amount
            return changed(payment, state=payment.state if left else state, charged_back=left, won_back=payment.won_back + event.amount)
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
        final=event.final,
        challenge=event.challenge,
        promise_only=event.promise_only,
    )


def _marked(payment: Payment, key: str, *, unanswered: bool = False, pending: bool = False) -> tuple[Attempt, ...]:
    return tuple(
        evolved(attempt, unanswered=unanswered, pending=attempt.pending or pending) if attempt.key == key else attempt for attempt in payment.attempts
    )


def _ended(payment: Payment, key: str) -> Payment:
    """The payment without the attempt of this key; a refund that was under way is no longer pending."""
    ended = next((attempt for attempt in payment.attempts if attempt.key == key), None)
    if ended is None:
        return payment
    pending = payment.pending_refund - (ended.amount if ended.pending and ended.verb is PaymentVerb.REFUND else 0)
    left = tuple(attempt for attempt in payment.attempts if attempt.key != key)
    return changed(payment, attempts=left, pending_refund=pending)
