"""The payment machine: one tender of one order, from due to captured.

Rules
- the table is all there is: an event that a state does not list leaves the state as it is, so that history always replays;
- the state tells where the buyer's promise stands; how much was captured, refunded or charged back is told by the amounts;
- a part does not end the whole: a payment is voided once nothing of it is promised, and its chargeback is over once all of it is back;
- money may arrive late: a payment that was declined or voided can still be promised or captured, and what is too much goes back;
- tables only grow.
"""

from __future__ import annotations

from enum import StrEnum

from shopwright.payments import events as e


class PaymentState(StrEnum):
    """Where a payment stands."""

    DUE = "due"
    ON_DELIVERY = "on_delivery"
    STARTED = "started"
    UNANSWERED = "unanswered"
    AWAITING_BUYER = "awaiting_buyer"
    PROCESSING = "processing"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    DECLINED = "declined"
    VOIDED = "voided"
    CHARGED_BACK = "charged_back"


S = PaymentState

_ANSWERS: dict[type, PaymentState] = {
    e.PaymentActionRequired: S.AWAITING_BUYER,
    e.PaymentPending: S.PROCESSING,
    e.PaymentAuthorized: S.AUTHORIZED,
    e.PaymentCaptured: S.CAPTURED,
    e.PaymentDeclined: S.DECLINED,
    e.PaymentVoided: S.VOIDED,
}

TRANSITIONS: dict[PaymentState, dict[type, PaymentState]] = {
    S.DUE: {e.PaymentAttempted: S.STARTED, e.PaymentCaptured: S.CAPTURED, e.PaymentVoided: S.VOIDED},
    S.ON_DELIVERY: {e.PaymentCaptured: S.CAPTURED, e.PaymentVoided: S.VOIDED},
    S.STARTED: {**_ANSWERS, e.PaymentUnanswered: S.UNANSWERED},
    S.UNANSWERED: dict(_ANSWERS),
    S.AWAITING_BUYER: dict(_ANSWERS),
    S.PROCESSING: dict(_ANSWERS),
    S.AUTHORIZED: {e.PaymentCaptured: S.CAPTURED, e.PaymentVoided: S.VOIDED},
    S.CAPTURED: {e.PaymentChargedBack: S.CHARGED_BACK},
    S.DECLINED: {e.PaymentAuthorized: S.AUTHORIZED, e.PaymentCaptured: S.CAPTURED},
    S.VOIDED: {e.PaymentAuthorized: S.AUTHORIZED, e.PaymentCaptured: S.CAPTURED},
    S.CHARGED_BACK: {e.ChargebackReversed: S.CAPTURED},
}

SETTLED = frozenset({S.CAPTURED, S.DECLINED, S.VOIDED, S.CHARGED_BACK})
"""States in which nothing is awaited from the buyer or the gateway. None is final: money may still arrive, or be taken back."""

AWAITED = frozenset({S.DUE, S.ON_DELIVERY, S.STARTED, S.UNANSWERED, S.AWAITING_BUYER, S.PROCESSING})
"""States in which the whole tender may still come."""

WAITING = frozenset({S.AWAITING_BUYER, S.PROCESSING})
"""States in which the gateway has taken the payment on, and the buyer or the provider has the next word."""
