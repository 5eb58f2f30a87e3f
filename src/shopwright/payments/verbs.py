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
from shopwright.payments.states import TRANSITIONS, WAITING, PaymentState

S = PaymentState

RECORDABLE = frozenset({S.DUE, S.ON_DELIVERY, S.VOIDED})
"""States in which money that arrives outside a gateway is taken in; given up or not, it is there."""


def allowed(payment: Payment) -> tuple[str, ...]:
    """The verbs that the payment allows now. Only of a gateway can anything be asked; what it was asked for comes to an end first."""
    verbs = []
    if payment.tender.via is not Via.GATEWAY:
        if payment.state in RECORDABLE:
            verbs.append("record")
    elif payment.state is S.DUE:
        verbs.append("start")
    elif not payment.attempts:
        if payment.open_authorization:
            verbs.append("capture")
        if (payment.open_authorization or payment.state in WAITING) and not payment.captured:
            verbs.append("void")
    if payment.refundable:
        verbs.append("refund")
    return tuple(verbs)


def _ways_on(payment: Payment) -> tuple[str, ...]:
    """What to do with a payment, also when nothing can be asked of it."""
    return allowed(payment) or (("wait for its answer",) if payment.attempts else ("add another tender",))


def attempt(payment: Payment, verb: PaymentVerb, *, key: str, amount: int, at: datetime, reason: str = "", final: bool = True) -> e.PaymentAttempted:
    """Store that a gateway is about to be asked (PAY-2). Raises `IllegalTransition`, or `InvalidValue` for an amount beyond what there is."""
    if verb not in allowed(payment) or payment.tender.via is not Via.GATEWAY:
        raise IllegalTransition(verb, "a payment", payment.state, _ways_on(payment))
    limit = {
        PaymentVerb.START: payment.tender.amount,
        PaymentVerb.CAPTURE: payment.open_authorization,
        PaymentVerb.VOID: payment.open_authorization or payment.tender.amount,
        PaymentVerb.REFUND: payment.refundable,
    }[verb]
    if type(amount) is not int or not 0 < amount <= limit:
        raise InvalidValue(f"cannot {verb} {amount!r} of payment {payment.id}; expected 1 to {limit} minor units")
    return e.PaymentAttempted(payment_id=payment.id, key=key, verb=verb, amount=amount, at=at, reason=reason, final=final)


def record(payment: Payment, amount: int, *, reference: str, at: datetime) -> e.PaymentCaptured:
    """Money that arrived outside a gateway: a voucher, a transfer, cash at the door. It may be more or less than was due, and come late."""
    if "record" not in allowed(payment):
        raise IllegalTransition("record", "a payment", payment.state, _ways_on(payment))
    if type(amount) is not int or amount < 0:
        raise InvalidValue(f"a recorded amount is zero or more minor units; got {amount!r}")
    return e.PaymentCaptured(payment_id=payment.id, key="", reference=reference, amount=amount, at=at)


def answer(payment: Payment, outcome: Outcome, *, key: str, at: datetime) -> tuple[PaymentEvent, ...]:
    """What a gateway's answer to the attempt of this key means; without a key, its answer to how the payment stands.

    An answer that somebody else has taken in before changes nothing, except that totals which are news are news (PAY-4).
    """
    if isinstance(outcome, Done):
        return settle(payment, outcome.totals, key=key, reference=outcome.reference, at=at)
    asked = open_attempt(payment, key)
    if key and asked is None:
        return ()
    verb = PaymentVerb.START if asked is None else asked.verb
    match outcome:
        case ActionRequired():
            return _action(payment, outcome, asked, at=at) if verb is PaymentVerb.START else ()
        case InProgress():
            return _pending(payment, outcome, asked, at=at)
        case Declined():
            return _declined(payment, outcome, verb, key=key, at=at)


def _moves(payment: Payment, event: PaymentEvent) -> bool:
    return type(event) in TRANSITIONS[payment.state]


def _action(payment: Payment, outcome: ActionRequired, asked: Attempt | None, *, at: datetime) -> tuple[PaymentEvent, ...]:
    key, reference = ("" if asked is None else asked.key), outcome.reference or payment.reference
    told = e.PaymentActionRequired(payment_id=payment.id, key=key, reference=reference, action=outcome.action, at=at)
    known = asked is None and payment.state is S.AWAITING_BUYER and (payment.action, payment.reference) == (outcome.action, reference)
    return (told,) if _moves(payment, told) and not known else ()


def _pending(payment: Payment, outcome: InProgress, asked: Attempt | None, *, at: datetime) -> tuple[PaymentEvent, ...]:
    if asked is not None and asked.pending:
        return ()
    if asked is not None and asked.verb is PaymentVerb.REFUND:
        return (e.PaymentRefundPending(payment_id=payment.id, key=asked.key, amount=asked.amount, at=at),)
    told = e.PaymentPending(payment_id=payment.id, key="" if asked is None else asked.key, reference=outcome.reference or payment.reference, at=at)
    return (told,) if asked is not None or (payment.state is not S.PROCESSING and _moves(payment, told)) else ()


def _declined(payment: Payment, outcome: Declined, verb: PaymentVerb, *, key: str, at: datetime) -> tuple[PaymentEvent, ...]:
    reason, code = outcome.reason.value, outcome.raw_code
    if verb is PaymentVerb.START:
        return declined(payment, key=key, reason=reason, advice=outcome.advice.value, raw_code=code, at=at)
    return (e.AttemptFailed(payment_id=payment.id, key=key, verb=verb, reason=reason, raw_code=code, at=at),)


def declined(payment: Payment, *, key: str, reason: str, advice: str, raw_code: str, at: datetime) -> tuple[PaymentEvent, ...]:
    """A payment that comes to nothing; one of which money was promised or taken meanwhile stands as it is."""
    told = e.PaymentDeclined(payment_id=payment.id, key=key, reason=reason, advice=advice, raw_code=raw_code, at=at)
    if _moves(payment, told):
        return (told,)
    return (e.AttemptClosed(payment_id=payment.id, key=key, at=at),) if open_attempt(payment, key) else ()


def settle(payment: Payment, totals: Totals, *, key: str, reference: str, at: datetime, late: bool = False) -> tuple[PaymentEvent, ...]:
    """The events that bring a payment to a provider's cumulative totals (PAY-3). Totals that lag behind change nothing (PAY-4).

    `late` totals were told rather than asked for. They may be older than what is known, so what they say of refunds is passed over:
    those are told by their keys (`refund_done`, `refund_failed`). Only an answer to how the payment stands, which has no key, is
    as new as what is known, so that it may take a dispute back.
    """
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
    if not late:
        more += _refunds(payment, totals, key=key, at=at)
    more += _disputes(payment, totals, looked=not late and not key, at=at)
    asked = open_attempt(payment, key)
    by_its_key = late and _open_refund(payment, key) is not None
    if asked is not None and not by_its_key and not any(getattr(event, "key", None) == key for event in more):
        given_up = asked.verb is PaymentVerb.VOID and not totals.captured.minor
        more.append(_closed(payment, key, at) if given_up else e.AttemptClosed(payment_id=id, key=key, at=at))
    return tuple(more)


def _disputes(payment: Payment, totals: Totals, *, looked: bool, at: datetime) -> tuple[PaymentEvent, ...]:
    """What the totals say of disputes: all of it if they were looked up, else only what goes beyond every dispute that was ever heard of."""
    more = totals.charged_back.minor - payment.charged_back - (0 if looked else payment.won_back)
    if more > 0:
        return (e.PaymentChargedBack(payment_id=payment.id, amount=more, at=at),)
    return (e.ChargebackReversed(payment_id=payment.id, amount=-more, at=at),) if looked and more < 0 else ()


def _closed(payment: Payment, key: str, at: datetime) -> e.PaymentVoided:
    return e.PaymentVoided(payment_id=payment.id, key=key, amount=0, at=at)


def closed(payment: Payment, totals: Totals, *, key: str, at: datetime) -> tuple[PaymentEvent, ...]:
    """A payment was closed before the buyer has made it: nothing of it was promised, so no total tells."""
    return (_closed(payment, key, at),) if not totals.authorized.minor and payment.state in WAITING else ()


def _refunds(payment: Payment, totals: Totals, *, key: str, at: datetime) -> list[PaymentEvent]:
    """The refund that was asked for under this key, and what went back besides; what is still asked for may be in the totals or not."""
    asked = _open_refund(payment, key)
    mine = 0 if asked is None else asked.amount
    besides = totals.refunded.minor - (payment.refunded - payment.refunded_by_hand) - payment.asked(PaymentVerb.REFUND)
    more: list[PaymentEvent] = []
    if mine:
        more.append(e.PaymentRefunded(payment_id=payment.id, key=key, amount=mine, at=at))
    if besides > 0:
        more.append(e.PaymentRefunded(payment_id=payment.id, key="", amount=besides, at=at))
    return more


def refund_done(payment: Payment, amount: int, *, key: str, at: datetime) -> tuple[PaymentEvent, ...]:
    """A refund that has arrived, ours or made at the provider's own desk; each counts once (PAY-4)."""
    asked = _open_refund(payment, key)
    if asked is not None:
        return (e.PaymentRefunded(payment_id=payment.id, key=key, amount=asked.amount, at=at),)
    if not key or not amount or key in payment.failed_refunds or key in dict(payment.refunds):
        return ()
    known = min(amount, payment.refunded_without_key)
    return (e.PaymentRefunded(payment_id=payment.id, key=key, amount=amount - known, whole=amount, at=at),)


def refunds_told(payment: Payment, totals: Totals, *, key: str, at: datetime) -> tuple[PaymentEvent, ...]:
    """Refunds that are told by the sum of all of them, ours or made at the provider's own desk; an older sum changes nothing (PAY-4).

    Once a refund has failed a sum may be from before that, so that it tells nothing, and the gateway has to be asked.
    """
    return () if payment.failed_refunds else tuple(_refunds(payment, totals, key=key, at=at))


def refund_failed(payment: Payment, amount: int, *, key: str, at: datetime) -> tuple[PaymentEvent, ...]:
    """A refund under way has failed, or one that was reported done has come back. Each fails once, and for good: should it be told
    only later that it was done, that is no news (PAY-4).

    A provider that does not say which one means one of this amount; of one that is still asked about the gateway will tell.
    """
    key = key or next((done for done, whole in reversed(payment.refunds) if whole == amount), "")
    if _open_refund(payment, key) is not None:
        return (e.AttemptFailed(payment_id=payment.id, key=key, verb=PaymentVerb.REFUND, reason="refund_failed", raw_code="", at=at),)
    back = dict(payment.refunds).get(key, min(amount, payment.refunded_without_key))
    if key in payment.failed_refunds or not (back or key):
        return ()
    return (e.PaymentRefundFailed(payment_id=payment.id, key=key, amount=back, at=at),)


def won(payment: Payment, amount: int, *, totals: Totals | None, at: datetime) -> tuple[PaymentEvent, ...]:
    """A dispute was won: what was charged back is the shop's again, also where the chargeback itself is told only later."""
    known = payment.charged_back + payment.won_back
    unheard = 0 if totals is None else max(0, totals.charged_back.minor + amount - known)
    told: list[PaymentEvent] = []
    if unheard:
        told.append(e.PaymentChargedBack(payment_id=payment.id, amount=unheard, at=at))
    if back := min(amount, payment.charged_back + unheard):
        told.append(e.ChargebackReversed(payment_id=payment.id, amount=back, at=at))
    return tuple(told)


def _open_refund(payment: Payment, key: str) -> Attempt | None:
    asked = open_attempt(payment, key)
    return asked if asked is not None and asked.verb is PaymentVerb.REFUND else None


def open_attempt(payment: Payment, key: str) -> Attempt | None:
    """The attempt of this key, if its end is still open."""
    return next((attempt for attempt in payment.attempts if attempt.key == key), None)
