"""What can be asked of a payment, and how a gateway's answer becomes events. Pure; `evolve` folds the events.

Verbs raise `IllegalTransition` when the state does not allow them and `InvalidValue` for amounts that cannot be meant.
"""

from __future__ import annotations

from datetime import datetime

from shopwright.errors import IllegalTransition, InvalidValue
from shopwright.payments import events as e
from shopwright.payments.events import PaymentEvent, PaymentVerb
from shopwright.payments.outcomes import ActionRequired, Declined, Done, InProgress, Outcome, Totals
from shopwright.payments.payment import Attempt, Payment, Via
from shopwright.payments.states import PaymentState

S = PaymentState


def allowed(payment: Payment) -> tuple[str, ...]:
    """The verbs that the payment's state allows now."""
    verbs = []
    if payment.state is S.DUE and payment.tender.via is Via.GATEWAY:
        verbs.append("start")
    if payment.state in (S.DUE, S.ON_DELIVERY) and payment.tender.via is not Via.GATEWAY:
        verbs.append("record")
    if payment.open_authorization and not payment.attempts:
        verbs += ["capture", "void"]
    if payment.state in (S.AWAITING_BUYER, S.PROCESSING, S.DUE, S.ON_DELIVERY) and "void" not in verbs:
        verbs.append("void")
    if payment.refundable:
        verbs.append("refund")
    return tuple(verbs)


def attempt(payment: Payment, verb: PaymentVerb, *, key: str, amount: int, at: datetime, reason: str = "") -> e.PaymentAttempted:
    """Store that a gateway is about to be asked (PAY-2). Raises `IllegalTransition`, or `InvalidValue` for an amount beyond what there is."""
    if verb not in allowed(payment) or payment.tender.via is not Via.GATEWAY:
        raise IllegalTransition(verb, "a payment", payment.state, allowed(payment))
    limit = {
        PaymentVerb.START: payment.tender.amount,
        PaymentVerb.CAPTURE: payment.open_authorization,
        PaymentVerb.VOID: payment.tender.amount,
        PaymentVerb.REFUND: payment.refundable,
    }[verb]
    if not 0 < amount <= limit:
        raise InvalidValue(f"cannot {verb} {amount} of payment {payment.id}; expected 1 to {limit} minor units")
    return e.PaymentAttempted(payment_id=payment.id, key=key, verb=verb, amount=amount, at=at, reason=reason)


def record(payment: Payment, amount: int, *, reference: str, at: datetime) -> e.PaymentCaptured:
    """Money that arrived outside a gateway: a voucher, a transfer, cash at the door. It may be more or less than was due."""
    if "record" not in allowed(payment):
        raise IllegalTransition("record", "a payment", payment.state, allowed(payment))
    if type(amount) is not int or amount < 0:
        raise InvalidValue(f"a recorded amount is zero or more minor units; got {amount!r}")
    return e.PaymentCaptured(payment_id=payment.id, key="", reference=reference, amount=amount, at=at)


def answer(payment: Payment, outcome: Outcome, *, key: str, at: datetime) -> tuple[PaymentEvent, ...]:
    """What a gateway's answer to the attempt of this key means."""
    match outcome:
        case Done():
            return _done(payment, outcome, key=key, at=at)
        case ActionRequired():
            return (e.PaymentActionRequired(payment_id=payment.id, key=key, reference=outcome.reference or "", action=outcome.action, at=at),)
        case InProgress():
            return _pending(payment, outcome, key=key, at=at)
        case Declined():
            return _declined(payment, outcome, key=key, at=at)


def _done(payment: Payment, outcome: Done, *, key: str, at: datetime) -> tuple[PaymentEvent, ...]:
    more = settle(payment, outcome.totals, key=key, reference=outcome.reference, at=at)
    asked = open_attempt(payment, key)
    closed = asked is not None and asked.verb is PaymentVerb.VOID and not outcome.totals.captured.minor
    if closed and not any(isinstance(event, e.PaymentVoided) for event in more):
        return (e.PaymentVoided(payment_id=payment.id, key=key, amount=0, at=at),)
    return more


def _pending(payment: Payment, outcome: InProgress, *, key: str, at: datetime) -> tuple[PaymentEvent, ...]:
    attempt = open_attempt(payment, key)
    if attempt is not None and attempt.pending:
        return ()
    if attempt is not None and attempt.verb is PaymentVerb.REFUND:
        return (e.PaymentRefundPending(payment_id=payment.id, key=key, amount=attempt.amount, at=at),)
    return (e.PaymentPending(payment_id=payment.id, key=key, reference=outcome.reference or payment.reference, at=at),)


def _declined(payment: Payment, outcome: Declined, *, key: str, at: datetime) -> tuple[PaymentEvent, ...]:
    attempt = open_attempt(payment, key)
    verb = PaymentVerb.START if attempt is None else attempt.verb
    reason, code = outcome.reason.value, outcome.raw_code
    if verb is PaymentVerb.START:
        return (e.PaymentDeclined(payment_id=payment.id, key=key, reason=reason, advice=outcome.advice.value, raw_code=code, at=at),)
    return (e.AttemptFailed(payment_id=payment.id, key=key, verb=verb, reason=reason, raw_code=code, at=at),)


def settle(payment: Payment, totals: Totals, *, key: str, reference: str, at: datetime) -> tuple[PaymentEvent, ...]:
    """The events that bring a payment to a provider's cumulative totals (PAY-3). Totals that lag behind change nothing."""
    more: list[PaymentEvent] = []
    id = payment.id

    def grown(new: int, old: int) -> int:
        return max(0, new - old)

    if amount := grown(totals.authorized.minor, payment.authorized):
        more.append(e.PaymentAuthorized(payment_id=id, key=key, reference=reference, amount=amount, at=at))
    if amount := grown(totals.captured.minor, payment.captured):
        more.append(e.PaymentCaptured(payment_id=id, key=key, reference=reference, amount=amount, at=at))
    if amount := grown(totals.voided.minor, payment.voided):
        more.append(e.PaymentVoided(payment_id=id, key=key, amount=amount, at=at))
    if amount := grown(totals.refunded.minor, payment.refunded):
        more.append(e.PaymentRefunded(payment_id=id, key=key, amount=amount, at=at))
    if amount := grown(totals.charged_back.minor, payment.charged_back):
        more.append(e.PaymentChargedBack(payment_id=id, amount=amount, at=at))
    if not any(getattr(event, "key", None) == key for event in more) and open_attempt(payment, key) is not None:
        more.append(e.AttemptClosed(payment_id=id, key=key, at=at))
    return tuple(more)


def open_attempt(payment: Payment, key: str) -> Attempt | None:
    """The attempt of this key, if its end is still open."""
    return next((attempt for attempt in payment.attempts if attempt.key == key), None)
